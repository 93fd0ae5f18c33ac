#include "evidence/claim_map.h"

#include <string.h>

enum { KEY_BEYOND = 0 }; /* no claim of ours */

/* An integer key of 64 bits, or KEY_BEYOND for any other, which a profile may add. */
static int64_t take_key(struct sek_reader *r)
{
    struct sek_fault fault = {.status = SEK_OK};
    struct sek_reader attempt = *r;
    int64_t key;

    attempt.fault = &fault;
    key = sek_cbor_int(&attempt);
    sek_cbor_skip(r);
    return fault.status == SEK_OK ? key : KEY_BEYOND;
}

static const struct sek_claim_row *find(const struct sek_claim_row *rows, size_t count, int64_t key)
{
    for (size_t i = 0; i < count; i++)
        if (rows[i].key == key)
            return &rows[i];
    return NULL;
}

void sek_claim_map_read(struct sek_reader *r, const struct sek_claim_row *rows, size_t count,
                        void (*unknown)(void *context, int64_t key, uint64_t offset), void *context)
{
    struct sek_reader start = *r;
    uint32_t seen = 0;
    size_t pairs = sek_cbor_map(r);

    for (size_t i = 0; i < pairs && r->fault->status == SEK_OK; i++) {
        uint64_t offset = r->pos;
        int64_t key = take_key(r);
        const struct sek_claim_row *row = find(rows, count, key);

        if (row) {
            seen |= UINT32_C(1) << (row - rows);
            row->read(r, context);
        } else {
            sek_cbor_skip(r);
            unknown(context, key, offset);
        }
    }
    for (size_t i = 0; i < count; i++)
        if (rows[i].missing && !(seen & UINT32_C(1) << i))
            sek_reader_fail(&start, SEK_ERR_MALFORMED, rows[i].missing);
}

void sek_claim_text(struct sek_reader *r, size_t min, char *out, size_t cap)
{
    struct sek_reader start = *r;
    struct sek_bytes text = sek_cbor_text(r, min, cap - 1);

    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] < 0x20 || text.data[i] == 0x7f)
            sek_reader_fail(&start, SEK_ERR_MALFORMED, "control character in a text");
    if (r->fault->status != SEK_OK)
        return;
    if (text.len > 0)
        memcpy(out, text.data, text.len);
    out[text.len] = '\0';
}

void sek_claim_bytes(struct sek_reader *r, uint8_t *out, size_t len)
{
    struct sek_bytes bytes = sek_cbor_bytes(r, len, len);

    if (r->fault->status == SEK_OK)
        memcpy(out, bytes.data, len);
}
