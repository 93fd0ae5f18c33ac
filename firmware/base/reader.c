#include "base/reader.h"

#include "base/bytes.h"

struct sek_reader sek_reader_make(struct sek_bytes bytes, struct sek_fault *fault)
{
    return (struct sek_reader){.data = bytes.data, .pos = 0, .end = bytes.len, .fault = fault};
}

enum sek_status sek_fault_set(struct sek_fault *fault, enum sek_status status, uint64_t offset,
                              const char *why)
{
    if (fault->status == SEK_OK)
        *fault = (struct sek_fault){.status = status, .offset = offset, .why = why};
    return fault->status;
}

enum sek_status sek_reader_fail(struct sek_reader *r, enum sek_status status, const char *why)
{
    return sek_fault_set(r->fault, status, r->pos, why);
}

size_t sek_reader_left(const struct sek_reader *r)
{
    return r->fault->status == SEK_OK ? r->end - r->pos : 0;
}

struct sek_bytes sek_reader_bytes(struct sek_reader *r, size_t len)
{
    struct sek_bytes bytes;

    if (len > r->end - r->pos) /* never pos + len: that can wrap */
        sek_reader_fail(r, SEK_ERR_TRUNCATED, "ends before what it announces");
    if (r->fault->status != SEK_OK)
        return (struct sek_bytes){0};
    bytes = (struct sek_bytes){.data = r->data ? r->data + r->pos : NULL, .len = len};
    r->pos += len;
    return bytes;
}

struct sek_reader sek_reader_sub(struct sek_reader *r, size_t len)
{
    size_t start = r->pos;
    struct sek_bytes bytes = sek_reader_bytes(r, len);

    return (struct sek_reader){
        .data = r->data, .pos = start, .end = start + bytes.len, .fault = r->fault};
}

/* The next len (at most 8) bytes, or zeroes. */
static const uint8_t *take(struct sek_reader *r, size_t len)
{
    static const uint8_t zero[8];
    struct sek_bytes bytes = sek_reader_bytes(r, len);

    return bytes.data ? bytes.data : zero;
}

uint8_t sek_reader_u8(struct sek_reader *r)
{
    return *take(r, 1);
}

uint16_t sek_reader_u16le(struct sek_reader *r)
{
    return sek_get_u16le(take(r, 2));
}

uint16_t sek_reader_u16be(struct sek_reader *r)
{
    return sek_get_u16be(take(r, 2));
}

uint32_t sek_reader_u32le(struct sek_reader *r)
{
    return sek_get_u32le(take(r, 4));
}

uint32_t sek_reader_u32be(struct sek_reader *r)
{
    return sek_get_u32be(take(r, 4));
}

uint64_t sek_reader_u64be(struct sek_reader *r)
{
    return sek_get_u64be(take(r, 8));
}
