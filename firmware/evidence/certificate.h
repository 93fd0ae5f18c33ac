/* Device certificates: X.509, issued by a device authority that the trust store names. */
#ifndef SEK_EVIDENCE_CERTIFICATE_H
#define SEK_EVIDENCE_CERTIFICATE_H

#include "base/date.h"
#include "crypto/verify.h"
#include "evidence/token.h"

enum {
    SEK_CERTIFICATE_MAX = 2048, /* bytes of DER */
    SEK_SERIAL_MAX = 64,        /* bytes of a serial number, as X.520 has it */
    SEK_SPKI_P256_LEN = 91,
    SEK_SPKI_MAX = 120, /* P-384 */
};

/* OIDs under the documentation arc 1.3.6.1.4.1.32473, DER without tag and length. */
#define SEK_OID_UEID                                                                               \
    {                                                                                              \
        0x2b, 0x06, 0x01, 0x04, 0x01, 0x81, 0xfd, 0x59, 0x01, 0x01                                 \
    } /* .1.1: the UEID, an OCTET STRING */
#define SEK_OID_ATTEST                                                                             \
    {                                                                                              \
        0x2b, 0x06, 0x01, 0x04, 0x01, 0x81, 0xfd, 0x59, 0x01, 0x02                                 \
    } /* .1.2: extended key usage "sekisho attest" */

/* What a device certificate says; copies. */
struct sek_certificate {
    uint8_t spki[SEK_SPKI_MAX];
    size_t spki_len;
    uint8_t key_id[SEK_KEY_ID_LEN];
    char serial[SEK_SERIAL_MAX + 1]; /* subject serialNumber */
    uint8_t ueid[SEK_UEID_LEN];
    sek_day valid_from, valid_to; /* both inclusive */
    size_t authority;             /* which of them issued it */
};

/* Checks a certificate (one DER) against the authorities (DER each): signature, issuer, that the
 * authority is a CA and this is none, extended key usage "sekisho attest", a UEID of 33 bytes,
 * exactly one serialNumber, a P-256 or P-384 key that may sign, no critical extension that is not
 * known. today 0 (no trusted clock): dates are not judged; valid_from and valid_to tell. The
 * signature is asked for twice. An authority's own dates are not judged: the store names it.
 *
 * SEK_ERR_MALFORMED: not such a certificate, or over SEK_CERTIFICATE_MAX. SEK_ERR_SIGNATURE: issued
 * by none of them. SEK_ERR_EXPIRED: today is outside its validity. SEK_ERR_CRYPTO. *out untouched
 * then. */
SEK_CHECKED enum sek_status sek_certificate_check(struct sek_bytes der,
                                                  const struct sek_bytes *authority, size_t count,
                                                  sek_day today, struct sek_certificate *out);

#endif
