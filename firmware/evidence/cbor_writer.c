#include "evidence/cbor_writer.h"

#include "base/text.h"
#include "evidence/cbor.h"

#include <string.h>

enum {
    INFO_U8 = 24, /* the argument follows in 1, 2, 4 or 8 bytes: 24 to 27 */
    HEAD_MAX = 9,
};

struct sek_cbor_writer sek_cbor_writer_make(void *buf, size_t cap)
{
    return (struct sek_cbor_writer){.buf = buf, .cap = cap, .status = SEK_OK};
}

void sek_cbor_fail(struct sek_cbor_writer *w, enum sek_status status)
{
    if (w->status == SEK_OK)
        w->status = status;
}

static void put_raw(struct sek_cbor_writer *w, const void *data, size_t len)
{
    if (len > w->cap - w->len)
        sek_cbor_fail(w, SEK_ERR_NO_SPACE);
    if (w->status != SEK_OK || len == 0)
        return;
    memcpy(w->buf + w->len, data, len);
    w->len += len;
}

static size_t make_head(enum sek_cbor_type type, uint64_t value, uint8_t head[HEAD_MAX])
{
    unsigned info = INFO_U8;
    size_t width = 1;

    if (value < INFO_U8) {
        head[0] = (uint8_t)((unsigned)type << 5 | (unsigned)value);
        return 1;
    }
    while (width < 8 && value >> (8 * width) != 0) {
        width *= 2;
        info++;
    }
    head[0] = (uint8_t)((unsigned)type << 5 | info);
    for (size_t i = 0; i < width; i++)
        head[1 + i] = (uint8_t)(value >> (8 * (width - 1 - i)));
    return 1 + width;
}

static void put_head(struct sek_cbor_writer *w, enum sek_cbor_type type, uint64_t value)
{
    uint8_t head[HEAD_MAX];

    put_raw(w, head, make_head(type, value, head));
}

void sek_cbor_put_uint(struct sek_cbor_writer *w, uint64_t value)
{
    put_head(w, SEK_CBOR_UINT, value);
}

void sek_cbor_put_int(struct sek_cbor_writer *w, int64_t value)
{
    if (value < 0)
        put_head(w, SEK_CBOR_NINT, (uint64_t)(-1 - value));
    else
        put_head(w, SEK_CBOR_UINT, (uint64_t)value);
}

void sek_cbor_put_bool(struct sek_cbor_writer *w, bool value)
{
    put_head(w, SEK_CBOR_SIMPLE, value ? SEK_CBOR_TRUE : SEK_CBOR_FALSE);
}

void sek_cbor_put_null(struct sek_cbor_writer *w)
{
    put_head(w, SEK_CBOR_SIMPLE, SEK_CBOR_NULL);
}

void sek_cbor_put_bytes_head(struct sek_cbor_writer *w, size_t len)
{
    put_head(w, SEK_CBOR_BYTES, len);
}

void sek_cbor_put_bytes(struct sek_cbor_writer *w, const void *data, size_t len)
{
    put_head(w, SEK_CBOR_BYTES, len);
    put_raw(w, data, len);
}

void sek_cbor_put_text_bytes(struct sek_cbor_writer *w, struct sek_bytes text)
{
    if (!sek_utf8_valid(text))
        sek_cbor_fail(w, SEK_ERR_MALFORMED);
    put_head(w, SEK_CBOR_TEXT, text.len);
    put_raw(w, text.data, text.len);
}

void sek_cbor_put_text(struct sek_cbor_writer *w, const char *text)
{
    sek_cbor_put_text_bytes(w,
                            (struct sek_bytes){.data = (const uint8_t *)text, .len = strlen(text)});
}

void sek_cbor_put_tag(struct sek_cbor_writer *w, uint64_t tag)
{
    put_head(w, SEK_CBOR_TAG, tag);
}

void sek_cbor_put_array(struct sek_cbor_writer *w, size_t count)
{
    put_head(w, SEK_CBOR_ARRAY, count);
}

void sek_cbor_put_map(struct sek_cbor_writer *w, size_t count)
{
    put_head(w, SEK_CBOR_MAP, count);
}

size_t sek_cbor_begin(const struct sek_cbor_writer *w)
{
    return w->len;
}

/* Moves what was written since begin up, and puts a head before it. */
static void insert_head(struct sek_cbor_writer *w, size_t begin, enum sek_cbor_type type,
                        uint64_t value)
{
    uint8_t head[HEAD_MAX];
    size_t head_len = make_head(type, value, head);

    if (w->status == SEK_OK && head_len > w->cap - w->len)
        sek_cbor_fail(w, SEK_ERR_NO_SPACE);
    if (w->status != SEK_OK)
        return;
    memmove(w->buf + begin + head_len, w->buf + begin, w->len - begin);
    memcpy(w->buf + begin, head, head_len);
    w->len += head_len;
}

void sek_cbor_end_bytes(struct sek_cbor_writer *w, size_t begin)
{
    insert_head(w, begin, SEK_CBOR_BYTES, w->len - begin);
}

void sek_cbor_end_array(struct sek_cbor_writer *w, size_t begin, size_t count)
{
    insert_head(w, begin, SEK_CBOR_ARRAY, count);
}

void sek_cbor_end_map(struct sek_cbor_writer *w, size_t begin, size_t pairs)
{
    insert_head(w, begin, SEK_CBOR_MAP, pairs);
}
