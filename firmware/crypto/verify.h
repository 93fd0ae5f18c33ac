/* Signature verification over a digest, with public keys as X.509 SubjectPublicKeyInfo. */
#ifndef SEK_CRYPTO_VERIFY_H
#define SEK_CRYPTO_VERIFY_H

#include "base/reader.h"
#include "crypto/digest.h"

enum sek_scheme {
    SEK_SCHEME_NONE,
    SEK_SCHEME_RSA_PKCS1, /* RSASSA-PKCS1-v1_5, RFC 8017, 8.2 */
    SEK_SCHEME_RSA_PSS, /* RSASSA-PSS, MGF1 with the same hash, salt of any length (signers differ)
                         */
    SEK_SCHEME_ECDSA,   /* P-256 or P-384, signature r || s, big-endian, fixed width */
};

/* What a signature claims to be made with; key_bits 0: not said. */
struct sek_sig_alg {
    enum sek_scheme scheme;
    enum sek_digest_alg hash;
    uint16_t key_bits; /* 2048, 3072, 4096; 256, 384 */
};

enum {
    SEK_KEY_ID_LEN = 32,    /* SHA-256 of the SubjectPublicKeyInfo */
    SEK_KID_LEN = 8,        /* its first bytes: the short id of reports and tokens */
    SEK_SIGNATURE_MAX = 512 /* bytes: RSA-4096 */
};

/* SHA-256 over a SubjectPublicKeyInfo. SEK_ERR_CRYPTO. */
SEK_CHECKED enum sek_status sek_key_id(struct sek_bytes spki, uint8_t out[SEK_KEY_ID_LEN]);

/* Reads which kind of key an SPKI holds: scheme (SEK_SCHEME_RSA_PKCS1 stands for RSA of either
 * padding) and size. Refuses RSA below 2048 or above 4096 bits or with an exponent below 65537 or
 * even, curves other than P-256 and P-384, points off the curve, trailing bytes. SEK_ERR_KEY. */
SEK_CHECKED enum sek_status sek_key_kind(struct sek_bytes spki, struct sek_sig_alg *out);

/* Verifies one signature over a digest with the key in spki (DER).
 *
 * The engine is asked twice: for this digest, and for one with a bit flipped, which it must refuse
 * as a bad signature: an engine that always says yes verifies nothing. Against a fault in one call
 * the appraisal verifies everything twice.
 *
 * SEK_OK: verifies. SEK_ERR_SIGNATURE: does not (also: wrong length). SEK_ERR_KEY: the key cannot
 * be used or is of another kind or size than alg says. SEK_ERR_UNSUPPORTED: scheme or hash.
 * SEK_ERR_CRYPTO: the engine contradicts itself or fails otherwise. */
SEK_CHECKED enum sek_status sek_verify_digest(const struct sek_sig_alg *alg, struct sek_bytes spki,
                                              struct sek_bytes digest, struct sek_bytes signature);

#endif
