/* Bounded reader: the only way a parser looks at foreign bytes in memory.
 *
 * A read that does not fit returns zero, moves nothing and records a fault; from then on every read
 * of this parse returns zero. So a parser reads straight through and asks once, before it acts. */
#ifndef SEK_BASE_READER_H
#define SEK_BASE_READER_H

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

/* Borrowed bytes; data NULL and len 0: none. */
struct sek_bytes {
    const uint8_t *data;
    size_t len;
};

/* The first thing that went wrong; zeroed by the caller. Prints as "file: offset N: why". */
struct sek_fault {
    enum sek_status status;
    uint64_t offset; /* bytes from the start of the input */
    const char *why; /* constant text, never bytes of the input */
};

/* Records a fault unless one is there already; returns the first one's status. */
enum sek_status sek_fault_set(struct sek_fault *fault, enum sek_status status, uint64_t offset,
                              const char *why);

struct sek_reader {
    const uint8_t *data;     /* borrowed */
    size_t pos, end;         /* from data[0]; pos <= end, always */
    struct sek_fault *fault; /* shared with every sub-reader: the first fault stops them all */
};

/* A reader over bytes; fault is the caller's and must be zeroed. */
struct sek_reader sek_reader_make(struct sek_bytes bytes, struct sek_fault *fault);

/* Records a fault at the reader's position unless one is there already; returns the first one's
 * status, so that a parser can `return sek_reader_fail(...)`. */
enum sek_status sek_reader_fail(struct sek_reader *r, enum sek_status status, const char *why);

/* Bytes left; 0 once a fault is recorded. */
size_t sek_reader_left(const struct sek_reader *r);

/* Takes the next len bytes as a reader of its own, which cannot see beyond them. */
struct sek_reader sek_reader_sub(struct sek_reader *r, size_t len);

/* Borrows the next len bytes: all of them, or data NULL and len 0. */
struct sek_bytes sek_reader_bytes(struct sek_reader *r, size_t len);

/* Width and byte order are in the name. */
uint8_t sek_reader_u8(struct sek_reader *r);
uint16_t sek_reader_u16le(struct sek_reader *r);
uint16_t sek_reader_u16be(struct sek_reader *r);
uint32_t sek_reader_u32le(struct sek_reader *r);
uint32_t sek_reader_u32be(struct sek_reader *r);
uint64_t sek_reader_u64be(struct sek_reader *r);

#endif
