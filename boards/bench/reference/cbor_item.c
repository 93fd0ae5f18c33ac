#include "boards/bench/reference/cbor_item.h"

enum { INFO_U8 = 24, INFO_U64 = 27, INFO_MASK = 0x1f, MAJOR_SHIFT = 5 };

struct cbor_item cbor_item_take(struct sek_reader *r)
{
    static const struct cbor_item none = {.type = SEK_CBOR_SIMPLE};
    struct sek_reader start = *r;
    uint8_t first = sek_reader_u8(r), info = first & INFO_MASK;
    struct cbor_item item = {.type = (enum sek_cbor_type)(first >> MAJOR_SHIFT), .value = info};

    if (info > INFO_U64) {
        sek_reader_fail(&start, SEK_ERR_UNSUPPORTED, "CBOR: indefinite or reserved length");
        return none;
    }
    if (info >= INFO_U8) {
        item.value = 0;
        for (size_t i = 0; i < (size_t)1 << (info - INFO_U8); i++)
            item.value = item.value << 8 | sek_reader_u8(r);
    }
    switch (item.type) {
    case SEK_CBOR_BYTES:
    case SEK_CBOR_TEXT:
    case SEK_CBOR_ARRAY: /* each element takes a byte at least */
    case SEK_CBOR_MAP:
        if (item.value > sek_reader_left(r) / (item.type == SEK_CBOR_MAP ? 2 : 1))
            sek_reader_fail(&start, SEK_ERR_TRUNCATED, "CBOR: ends before what it announces");
        else if (item.type == SEK_CBOR_BYTES || item.type == SEK_CBOR_TEXT)
            item.bytes = sek_reader_bytes(r, (size_t)item.value);
        break;
    case SEK_CBOR_UINT:
    case SEK_CBOR_NINT:
    case SEK_CBOR_TAG:
    case SEK_CBOR_SIMPLE:
        break;
    }
    return r->fault->status == SEK_OK ? item : none;
}

uint64_t cbor_item_tags(struct sek_reader *r)
{
    uint64_t tag = 0;

    while (sek_reader_left(r) > 0 && sek_cbor_peek(r) == SEK_CBOR_TAG)
        tag = cbor_item_take(r).value;
    return tag;
}

void cbor_item_skip(struct sek_reader *r)
{
    uint64_t left = 1; /* items; never more than bytes that are there */

    for (; left > 0 && r->fault->status == SEK_OK; left--) {
        struct cbor_item item = cbor_item_take(r);

        if (item.type == SEK_CBOR_ARRAY)
            left += item.value;
        else if (item.type == SEK_CBOR_MAP)
            left += 2 * item.value;
        else if (item.type == SEK_CBOR_TAG)
            left++;
    }
}

bool cbor_item_find(struct sek_reader r, uint64_t key, struct sek_reader *out)
{
    struct cbor_item map = cbor_item_take(&r);
    bool found = false;

    if (map.type != SEK_CBOR_MAP)
        return false;
    for (uint64_t i = 0; i < map.value && r.fault->status == SEK_OK; i++) {
        struct sek_reader at = r;

        if (sek_cbor_peek(&r) == SEK_CBOR_UINT && cbor_item_take(&at).value == key) {
            if (found)
                sek_reader_fail(&r, SEK_ERR_MALFORMED, "CBOR: a key stands twice in its map");
            found = true;
            *out = at;
        }
        cbor_item_skip(&r);
        cbor_item_skip(&r);
    }
    return found && r.fault->status == SEK_OK;
}

size_t cbor_item_elements(struct sek_reader *r)
{
    if (sek_cbor_peek(r) == SEK_CBOR_ARRAY)
        return (size_t)cbor_item_take(r).value;
    return sek_reader_left(r) > 0 ? 1 : 0;
}
