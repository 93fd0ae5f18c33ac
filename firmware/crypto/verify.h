/* Signature verification over a digest, with public keys as X.509 SubjectPublicKeyInfo. */
#ifndef SEK_CRYPTO_VERIFY_H
#define SEK_CRYPTO_VERIFY_H

#include "base/reader.h"
#include "crypto/digest.h"

enum sek_scheme {
    SEK_SCHEME_NONE,
    SEK_SCHEME_RSA_PKCS1, /* RSASSA-PKCS1-v1_5, RFC 8017, 8.2 */
    SEK_SCHEME_RSA_PSS, /* RSASSA-PSS, MGF1 with the same hash; salt as long as the hash, or maximal
                         */
    SEK_SCHEME_ECDSA,   /* P-256 or P-384, signature r || s, big-endian, fixed width */
    SEK_SCHEME_RSA_PKCS1_BARE, /* padding of type 1 around the digest alone, without DigestInfo */
    SEK_SCHEME_RSA_PSS_20, /* RSASSA-PSS with a salt of 20 bytes, as boot ROMs of ASPEED take it */
    SEK_SCHEME_ED25519,    /* RFC 8032, 5.1: the digest is the message */
    SEK_SCHEME_ED25519_LONG, /* the digest is SHA-512 of R, the key and a message of any length */
};

/* What a signature claims to be made with; key_bits 0: not said. */
struct sek_sig_alg {
    enum sek_scheme scheme;
    enum sek_digest_alg hash;
    uint16_t key_bits; /* 2048, 3072, 4096; 256 (also Ed25519), 384 */
};

enum {
    SEK_KEY_ID_LEN = 32,     /* SHA-256 of the SubjectPublicKeyInfo */
    SEK_KID_LEN = 8,         /* its first bytes: the short id of reports and tokens */
    SEK_SIGNATURE_MAX = 512, /* bytes: RSA-4096 */
    SEK_ECDSA_MAX = 96       /* bytes of r || s: P-384 */
};

/* SHA-256 over a SubjectPublicKeyInfo. SEK_ERR_CRYPTO. */
SEK_CHECKED enum sek_status sek_key_id(struct sek_bytes spki, uint8_t out[SEK_KEY_ID_LEN]);

/* Reads which kind of key an SPKI holds: scheme (SEK_SCHEME_RSA_PKCS1 stands for RSA of any
 * padding, SEK_SCHEME_ED25519 for both of its schemes) and size. Refuses RSA below 2048 or above
 * 4096 bits or with an exponent below 65537, even or of 2^256 and more (FIPS 186-5, 5.1), curves
 * other than P-256, P-384 and edwards25519, points off the curve, of small order or not in their
 * one encoding, trailing bytes. SEK_ERR_KEY. SEK_ERR_CRYPTO: the engine fails. */
SEK_CHECKED enum sek_status sek_key_kind(struct sek_bytes spki, struct sek_sig_alg *out);

/* Verifies one signature over a digest with the key in spki (DER).
 *
 * ECDSA is the engine's, RSA our own (rsa.h). Each is asked twice: for this digest, and for one
 * with a bit flipped, which it must refuse as a bad signature: what always says yes verifies
 * nothing. Against a fault in one call the appraisal verifies everything twice.
 *
 * SEK_OK: verifies. SEK_ERR_SIGNATURE: does not (also: wrong length, a PSS salt of another length
 * than the hash's or the maximum). SEK_ERR_KEY: the key cannot be used or is of another kind or
 * size than alg says. SEK_ERR_UNSUPPORTED: scheme or hash, a weak hash, a digest of another length
 * than the hash's. SEK_ERR_CRYPTO: the engine contradicts itself or fails otherwise. */
SEK_CHECKED enum sek_status sek_verify_digest(const struct sek_sig_alg *alg, struct sek_bytes spki,
                                              struct sek_bytes digest, struct sek_bytes signature);

/* The same over a short message in memory, which is digested as the scheme wants it. */
SEK_CHECKED enum sek_status sek_verify_message(const struct sek_sig_alg *alg, struct sek_bytes spki,
                                               struct sek_bytes message,
                                               struct sek_bytes signature);

/* Turns an ECDSA signature in DER (RFC 3279, 2.2.3), as some formats carry it, into the r || s that
 * sek_verify_digest takes: 2 * key_bits / 8 bytes. der must end where it ends. SEK_ERR_SIGNATURE:
 * not strict DER, zero, or a number wider than the curve's. */
SEK_CHECKED enum sek_status sek_ecdsa_from_der(struct sek_bytes der, uint16_t key_bits,
                                               uint8_t out[SEK_ECDSA_MAX]);

#endif
