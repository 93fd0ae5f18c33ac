/* For a board without Ed25519 (its SIGNATURES do not name it): no key of it can be used. */
#include "crypto/ed25519.h"

const bool sek_ed25519_available = false;

void sek_ed25519_prefix(const uint8_t key[SEK_ED25519_KEY_LEN],
                        const uint8_t signature[SEK_ED25519_LEN],
                        uint8_t out[SEK_ED25519_PREFIX_LEN])
{
    (void)key;
    (void)signature;
    for (unsigned i = 0; i < SEK_ED25519_PREFIX_LEN; i++)
        out[i] = 0;
}

enum sek_status sek_ed25519_verify(const uint8_t key[SEK_ED25519_KEY_LEN],
                                   const uint8_t signature[SEK_ED25519_LEN],
                                   const uint8_t digest[SEK_DIGEST_MAX])
{
    (void)key;
    (void)signature;
    (void)digest;
    return SEK_ERR_KEY;
}

bool sek_ed25519_key_ok(const uint8_t key[SEK_ED25519_KEY_LEN])
{
    (void)key;
    return false;
}
