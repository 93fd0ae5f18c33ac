/* DER writer for certificate requests and certificates: from the end to the beginning, as DER's
 * lengths want it, over Mbed TLS's ASN.1 writer. The first failure stops all further writing. */
#ifndef SEK_EVIDENCE_DER_WRITER_H
#define SEK_EVIDENCE_DER_WRITER_H

#include "crypto/der.h"

struct sek_der_writer {
    uint8_t *start; /* caller's buffer */
    uint8_t *at;    /* what was written begins here; begins at the buffer's end */
    uint8_t *end;
    enum sek_status status; /* SEK_OK or SEK_ERR_NO_SPACE */
};

struct sek_der_writer sek_der_writer_make(void *buf, size_t cap);

/* Bytes as they are, before what was written. */
void sek_der_put(struct sek_der_writer *w, const void *data, size_t len);

/* Tag and length around all that was written since end (a value of w->at kept from before). */
void sek_der_wrap(struct sek_der_writer *w, const uint8_t *end, uint8_t tag);

/* A whole element of a tag around bytes. */
void sek_der_element(struct sek_der_writer *w, uint8_t tag, const void *data, size_t len);

/* An unsigned big-endian number as an INTEGER: minimal, positive. */
void sek_der_integer(struct sek_der_writer *w, const uint8_t *number, size_t len);

/* An ECDSA signature r || s (64 bytes) as SEQUENCE { INTEGER, INTEGER }, inside a BIT STRING. */
void sek_der_signature(struct sek_der_writer *w, const uint8_t raw[64]);

/* What was written. */
struct sek_bytes sek_der_written(const struct sek_der_writer *w);

#endif
