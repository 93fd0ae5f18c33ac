#include "evidence/der_writer.h"

#include <mbedtls/asn1write.h>

struct sek_der_writer sek_der_writer_make(void *buf, size_t cap)
{
    uint8_t *start = buf;

    return (struct sek_der_writer){.start = start, .at = start + cap, .end = start + cap};
}

static void took(struct sek_der_writer *w, int written)
{
    if (written < 0)
        w->status = SEK_ERR_NO_SPACE;
}

void sek_der_put(struct sek_der_writer *w, const void *data, size_t len)
{
    if (w->status == SEK_OK && len > 0)
        took(w, mbedtls_asn1_write_raw_buffer(&w->at, w->start, data, len));
}

void sek_der_wrap(struct sek_der_writer *w, const uint8_t *end, uint8_t tag)
{
    if (w->status == SEK_OK)
        took(w, mbedtls_asn1_write_len(&w->at, w->start, (size_t)(end - w->at)));
    if (w->status == SEK_OK)
        took(w, mbedtls_asn1_write_tag(&w->at, w->start, tag));
}

void sek_der_element(struct sek_der_writer *w, uint8_t tag, const void *data, size_t len)
{
    const uint8_t *end = w->at;

    sek_der_put(w, data, len);
    sek_der_wrap(w, end, tag);
}

void sek_der_integer(struct sek_der_writer *w, const uint8_t *number, size_t len)
{
    static const uint8_t zero[1];
    const uint8_t *end = w->at;

    while (len > 1 && number[0] == 0) {
        number++;
        len--;
    }
    sek_der_put(w, number, len);
    if (number[0] & 0x80) /* would read as negative */
        sek_der_put(w, zero, sizeof zero);
    sek_der_wrap(w, end, SEK_DER_INTEGER);
}

void sek_der_signature(struct sek_der_writer *w, const uint8_t raw[64])
{
    static const uint8_t unused_bits[1];
    const uint8_t *end = w->at;

    sek_der_integer(w, raw + 32, 32);
    sek_der_integer(w, raw, 32);
    sek_der_wrap(w, end, SEK_DER_SEQUENCE);
    sek_der_put(w, unused_bits, sizeof unused_bits);
    sek_der_wrap(w, end, SEK_DER_BIT_STRING);
}

struct sek_bytes sek_der_written(const struct sek_der_writer *w)
{
    return (struct sek_bytes){.data = w->at, .len = (size_t)(w->end - w->at)};
}
