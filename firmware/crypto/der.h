/* DER (X.690, 10): the few types that keys and signatures are made of, read strictly. Each value
 * has one encoding; any other is refused, so that two readers cannot see two things. */
#ifndef SEK_CRYPTO_DER_H
#define SEK_CRYPTO_DER_H

#include "base/reader.h"

#include <stdbool.h>

enum {
    SEK_DER_BOOLEAN = 0x01,
    SEK_DER_INTEGER = 0x02,
    SEK_DER_BIT_STRING = 0x03,
    SEK_DER_OCTET_STRING = 0x04,
    SEK_DER_NULL = 0x05,
    SEK_DER_OID = 0x06,
    SEK_DER_UTF8_STRING = 0x0c,
    SEK_DER_PRINTABLE_STRING = 0x13,
    SEK_DER_UTC_TIME = 0x17,
    SEK_DER_GENERALIZED_TIME = 0x18,
    SEK_DER_SEQUENCE = 0x30,
    SEK_DER_SET = 0x31,
    SEK_DER_CONTEXT = 0xa0, /* + n: constructed, tagged [n] */
    SEK_DER_CONTEXT_PRIMITIVE = 0x80,
};

/* Takes one element of this tag as a reader of its contents. Faults: MALFORMED (another tag, a
 * length that is not in its shortest form or of more than 65,535 bytes), TRUNCATED. */
struct sek_reader sek_der_take(struct sek_reader *r, uint8_t tag);

/* The tag of what comes next, which stays where it is; 0 at the end and after a fault. */
uint8_t sek_der_peek(const struct sek_reader *r);

/* Takes one element of this tag whole, header and contents. */
struct sek_bytes sek_der_whole(struct sek_reader *r, uint8_t tag);

/* Takes one element of this tag: its contents. */
struct sek_bytes sek_der_contents(struct sek_reader *r, uint8_t tag);

/* Takes an OID and tells whether it is this one. */
bool sek_der_is_oid(struct sek_reader *r, const void *oid, size_t len);

/* Takes a positive INTEGER: its bytes, big-endian, without the leading zero of the encoding; zero
 * and negative numbers are MALFORMED. */
struct sek_bytes sek_der_positive(struct sek_reader *r);

/* Records MALFORMED if anything is left. */
void sek_der_end(struct sek_reader *r);

#endif
