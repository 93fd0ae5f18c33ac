/* Public keys as X.509 SubjectPublicKeyInfo (RFC 5280, 4.1; RFC 3279; RFC 5480; RFC 8410). */
#ifndef SEK_CRYPTO_SPKI_H
#define SEK_CRYPTO_SPKI_H

#include "base/reader.h"

#include <stdbool.h>

enum {
    SEK_RSA_BITS_MIN = 2048, /* NIST SP 800-131A: 112 bits of strength */
    SEK_RSA_BITS_MAX = 4096,
    SEK_RSA_EXPONENT_MAX = 32, /* bytes; FIPS 186-5, 5.1: below 2^256 */
};

/* A key as it stands in its SPKI; all bytes are borrowed from there. */
struct sek_spki {
    bool rsa;                           /* else an EC point */
    bool edwards;                       /* an Ed25519 point */
    uint16_t bits;                      /* of the modulus, or 256 (P-256, Ed25519), 384 (P-384) */
    struct sek_bytes key;               /* RSAPublicKey, or 04 || x || y, or 32 bytes */
    struct sek_bytes modulus, exponent; /* RSA only: big-endian, no leading zero */
};

/* Reads an SPKI of RSA (rsaEncryption, parameters NULL), of P-256 or P-384 (named curve, point
 * uncompressed) or of Ed25519 (no parameters); der must end where it ends. SEK_ERR_KEY: anything
 * else, or RSA outside the limits: 2048 to 4096 bits in whole bytes, modulus odd, exponent odd, at
 * least 65537 and below 2^256. Whether a point is on its curve is the importer's to say. */
SEK_CHECKED enum sek_status sek_spki_parse(struct sek_bytes der, struct sek_spki *out);

#endif
