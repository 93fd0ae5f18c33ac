#include "image/cpio.h"

#include <string.h>

/* Numbers of 8 hex digits behind 6 characters of magic. */
enum { MODE_AT = 6 + 1 * 8, SIZE_AT = 6 + 6 * 8, NAME_SIZE_AT = 6 + 11 * 8 };

const char cpio_last_name[] = "TRAILER!!!";

bool cpio_begins(struct sek_bytes head)
{
    return head.len >= 6 &&
           (memcmp(head.data, "070701", 6) == 0 || memcmp(head.data, "070702", 6) == 0);
}

static unsigned digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)c - '0';
    if (c >= 'a' && c <= 'f')
        return (unsigned)c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? (unsigned)c - 'A' + 10 : 16;
}

bool cpio_from_hex(const uint8_t *text, size_t len, uint8_t *out)
{
    for (size_t i = 0; i < len; i++) {
        unsigned value = digit(text[i]);

        if (value == 16)
            return false;
        out[i / 2] = (uint8_t)(i % 2 ? out[i / 2] | value : value << 4);
    }
    return true;
}

static bool number_at(const uint8_t *header, size_t at, uint32_t *out)
{
    uint8_t bytes[4];

    if (!cpio_from_hex(header + at, 8, bytes))
        return false;
    *out = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
    return true;
}

enum sek_status cpio_header_read(const uint8_t *header, struct cpio_header *out)
{
    if (!cpio_begins((struct sek_bytes){header, CPIO_HEADER}) ||
        !number_at(header, MODE_AT, &out->mode) || !number_at(header, SIZE_AT, &out->size) ||
        !number_at(header, NAME_SIZE_AT, &out->name_size))
        return SEK_ERR_MALFORMED;
    return SEK_OK;
}
