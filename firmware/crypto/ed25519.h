/* Ed25519 (RFC 8032, 5.1.7): the signature equation over a digest that somebody else computed, so
 * that a message of any length is read once. */
#ifndef SEK_CRYPTO_ED25519_H
#define SEK_CRYPTO_ED25519_H

#include "base/reader.h"
#include "crypto/digest.h"

#include <stdbool.h>

enum {
    SEK_ED25519_KEY_LEN = 32,
    SEK_ED25519_LEN = 64,        /* of a signature: R || S */
    SEK_ED25519_PREFIX_LEN = 64, /* R || key: what is digested before the message */
};

/* False on a board without it: then no key of it can be used. */
extern const bool sek_ed25519_available;

/* What SHA-512 takes in before the message: R of the signature, then the key. */
void sek_ed25519_prefix(const uint8_t key[SEK_ED25519_KEY_LEN],
                        const uint8_t signature[SEK_ED25519_LEN],
                        uint8_t out[SEK_ED25519_PREFIX_LEN]);

/* Verifies a signature; digest is SHA-512(R || key || message).
 *
 * Strict, so that a signature has one form and nobody holds a key that signs everything: S below
 * the group's order, R and key encoded canonically and not of small order, and the equation without
 * the cofactor. SEK_ERR_KEY: the key is no such point. SEK_ERR_SIGNATURE. */
SEK_CHECKED enum sek_status sek_ed25519_verify(const uint8_t key[SEK_ED25519_KEY_LEN],
                                               const uint8_t signature[SEK_ED25519_LEN],
                                               const uint8_t digest[SEK_DIGEST_MAX]);

/* True of a key that may be used: canonical, on the curve, not of small order. */
bool sek_ed25519_key_ok(const uint8_t key[SEK_ED25519_KEY_LEN]);

#endif
