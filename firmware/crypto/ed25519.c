#include "crypto/ed25519.h"

#include <sodium/private/ed25519_ref10.h>
#include <sodium/utils.h>

#include <string.h>

enum { HALF = 32 }; /* bytes: of R, of S, of a key */

const bool sek_ed25519_available = true;

/* The one function that the group's file wants of the rest of libsodium. */
int sodium_is_zero(const unsigned char *n, const size_t nlen)
{
    unsigned char any = 0;

    for (size_t i = 0; i < nlen; i++)
        any |= n[i];
    return any == 0;
}

void sek_ed25519_prefix(const uint8_t key[SEK_ED25519_KEY_LEN],
                        const uint8_t signature[SEK_ED25519_LEN],
                        uint8_t out[SEK_ED25519_PREFIX_LEN])
{
    memcpy(out, signature, HALF);
    memcpy(out + HALF, key, HALF);
}

/* A point in its one encoding, and not one of the eight whose multiples are few. */
static bool good_point(const uint8_t point[HALF])
{
    return ge25519_is_canonical(point) != 0 && ge25519_has_small_order(point) == 0;
}

/* The key's point with its sign changed, as the equation wants it. */
static bool load_key(const uint8_t key[SEK_ED25519_KEY_LEN], ge25519_p3 *out)
{
    return good_point(key) && ge25519_frombytes_negate_vartime(out, key) == 0;
}

bool sek_ed25519_key_ok(const uint8_t key[SEK_ED25519_KEY_LEN])
{
    ge25519_p3 point;

    return load_key(key, &point);
}

enum sek_status sek_ed25519_verify(const uint8_t key[SEK_ED25519_KEY_LEN],
                                   const uint8_t signature[SEK_ED25519_LEN],
                                   const uint8_t digest[SEK_DIGEST_MAX])
{
    const uint8_t *s = signature + HALF;
    uint8_t k[SEK_DIGEST_MAX], r[HALF];
    ge25519_p3 minus_a;
    ge25519_p2 point;

    if (!load_key(key, &minus_a))
        return SEK_ERR_KEY;
    if (sc25519_is_canonical(s) == 0 || !good_point(signature))
        return SEK_ERR_SIGNATURE;
    memcpy(k, digest, sizeof k);
    sc25519_reduce(k);
    ge25519_double_scalarmult_vartime(&point, k, &minus_a, s); /* S B - k A */
    ge25519_tobytes(r, &point);
    return memcmp(r, signature, sizeof r) == 0 ? SEK_OK : SEK_ERR_SIGNATURE;
}
