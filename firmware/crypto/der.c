#include "crypto/der.h"

#include <string.h>

enum { LONG_FORM = 0x80, SHORT_MAX = 0x7f, SIGN_BIT = 0x80 };

/* X.690, 8.1.3 and 10.1: the definite form with the fewest bytes. */
static size_t take_length(struct sek_reader *r)
{
    uint8_t first = sek_reader_u8(r);
    size_t len = first;
    size_t least = 0;

    if (first == (LONG_FORM | 1)) {
        len = sek_reader_u8(r);
        least = SHORT_MAX + 1;
    } else if (first == (LONG_FORM | 2)) {
        len = sek_reader_u16be(r);
        least = UINT8_MAX + 1;
    } else if (first > SHORT_MAX) {
        sek_reader_fail(r, SEK_ERR_MALFORMED, "DER length is indefinite or too long");
    }
    if (len < least)
        sek_reader_fail(r, SEK_ERR_MALFORMED, "DER length is not in its shortest form");
    return len;
}

struct sek_reader sek_der_take(struct sek_reader *r, uint8_t tag)
{
    if (sek_reader_u8(r) != tag)
        sek_reader_fail(r, SEK_ERR_MALFORMED, "another DER type than expected");
    size_t len = take_length(r);
    return sek_reader_sub(r, len);
}

uint8_t sek_der_peek(const struct sek_reader *r)
{
    return sek_reader_left(r) > 0 ? r->data[r->pos] : 0;
}

struct sek_bytes sek_der_whole(struct sek_reader *r, uint8_t tag)
{
    size_t start = r->pos;

    (void)sek_der_take(r, tag);
    if (r->fault->status != SEK_OK)
        return (struct sek_bytes){0};
    return (struct sek_bytes){r->data + start, r->pos - start};
}

struct sek_bytes sek_der_contents(struct sek_reader *r, uint8_t tag)
{
    struct sek_reader in = sek_der_take(r, tag);

    return sek_reader_bytes(&in, sek_reader_left(&in));
}

bool sek_der_is_oid(struct sek_reader *r, const void *oid, size_t len)
{
    struct sek_bytes found = sek_der_contents(r, SEK_DER_OID);

    return found.data && found.len == len && memcmp(found.data, oid, len) == 0;
}

struct sek_bytes sek_der_positive(struct sek_reader *r)
{
    struct sek_reader in = sek_der_take(r, SEK_DER_INTEGER);
    struct sek_bytes value = sek_reader_bytes(&in, sek_reader_left(&in));

    if (r->fault->status != SEK_OK)
        return (struct sek_bytes){0};
    if (value.len == 0 || (value.data[0] & SIGN_BIT)) {
        sek_reader_fail(r, SEK_ERR_MALFORMED, "DER integer is empty or negative");
        return (struct sek_bytes){0};
    }
    if (value.data[0] != 0)
        return value;
    if (value.len == 1 || !(value.data[1] & SIGN_BIT)) {
        sek_reader_fail(r, SEK_ERR_MALFORMED, "DER integer is zero or not in its shortest form");
        return (struct sek_bytes){0};
    }
    return (struct sek_bytes){.data = value.data + 1, .len = value.len - 1};
}

void sek_der_end(struct sek_reader *r)
{
    if (sek_reader_left(r) > 0)
        sek_reader_fail(r, SEK_ERR_MALFORMED, "bytes behind the end of a DER value");
}
