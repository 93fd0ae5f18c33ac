/* cpio archives in ASCII, "newc" and "crc": headers of 110 bytes, names, bytes, all padded to 4.
 * Source: cpio(5). */
#ifndef SEK_IMAGE_CPIO_H
#define SEK_IMAGE_CPIO_H

#include "base/reader.h"

#include <stdbool.h>

enum { CPIO_HEADER = 110 };

/* The name of the entry that ends an archive. */
extern const char cpio_last_name[];

struct cpio_header {
    uint32_t mode;            /* of a plain file: 0100000 is set, and no other of its kind */
    uint32_t size, name_size; /* the name's with its NUL; it stands behind the header */
};

/* Does something begin like an entry? */
bool cpio_begins(struct sek_bytes head);

/* Reads a header of CPIO_HEADER bytes. SEK_ERR_MALFORMED. */
SEK_CHECKED enum sek_status cpio_header_read(const uint8_t *header, struct cpio_header *out);

/* Hex digits, two to a byte. False: something else. */
bool cpio_from_hex(const uint8_t *text, size_t len, uint8_t *out);

#endif
