/* A medium that can be read: flash region, EEPROM, file, memory. Parsers see media only as this.
 *
 * An implementation embeds struct sek_source first in its own struct. Callers use sek_source_read,
 * which checks the range once for all. */
#ifndef SEK_BASE_SOURCE_H
#define SEK_BASE_SOURCE_H

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

struct sek_source {
    /* Fills buf with len bytes from offset, all of them, or fails: SEK_ERR_IO (error, or the medium
     * ends early), SEK_ERR_ABSENT (nobody answers). The range is inside size. */
    enum sek_status (*read)(struct sek_source *source, uint64_t offset, void *buf, size_t len);
    uint64_t size; /* bytes */
};

/* Reads len bytes at offset, all or nothing. Before the device is asked, one byte in each 64 of buf
 * is inverted: a driver that claims success and does nothing cannot pass old content off as new.
 * SEK_ERR_RANGE: not wholly inside. SEK_ERR_IO, SEK_ERR_ABSENT: buf undefined. */
SEK_CHECKED enum sek_status sek_source_read(struct sek_source *source, uint64_t offset, void *buf,
                                            size_t len);

/* Bytes in memory as a source; bytes are borrowed. */
struct sek_memory_source {
    struct sek_source base;
    const uint8_t *data;
};

struct sek_memory_source sek_memory_source_make(const void *data, size_t len);

#endif
