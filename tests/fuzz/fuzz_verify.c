/* Public keys and DER signatures from anywhere. What is taken must hold what the header promises;
 * a signature of nobody never verifies. Seeds: tests/data/verify. */
#include "crypto/spki.h"
#include "crypto/verify.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

/* True if part lies inside whole. */
static bool inside(struct sek_bytes part, struct sek_bytes whole)
{
    return part.data >= whole.data && part.data + part.len <= whole.data + whole.len;
}

static void try_key(struct sek_bytes der)
{
    struct sek_spki spki;
    struct sek_sig_alg kind;

    if (sek_spki_parse(der, &spki) != SEK_OK) {
        require(sek_key_kind(der, &kind) == SEK_ERR_KEY);
        return;
    }
    require(inside(spki.key, der));
    if (spki.rsa) {
        require(inside(spki.modulus, spki.key) && inside(spki.exponent, spki.key));
        require(spki.bits >= SEK_RSA_BITS_MIN && spki.bits <= SEK_RSA_BITS_MAX);
        require(spki.modulus.len == spki.bits / 8u && (spki.modulus.data[0] & 0x80));
    } else if (spki.edwards) {
        require(spki.key.len == 32 && spki.bits == 256);
    } else {
        require(spki.key.len == 1 + spki.bits / 4u && (spki.bits == 256 || spki.bits == 384));
    }

    enum sek_status status = sek_key_kind(der, &kind);
    require(status == SEK_OK || status == SEK_ERR_KEY);
    if (status == SEK_OK) { /* nobody signed these bytes */
        static const uint8_t digest[32] = {1};
        uint8_t signature[SEK_SIGNATURE_MAX] = {0};
        size_t len = spki.rsa ? spki.modulus.len : 2 * (size_t)spki.bits / 8;

        kind.hash = SEK_DIGEST_SHA256;
        signature[len - 1] = 2;
        require(sek_verify_digest(&kind, der, (struct sek_bytes){digest, sizeof digest},
                                  (struct sek_bytes){signature, len}) == SEK_ERR_SIGNATURE);
        kind.scheme = spki.rsa ? SEK_SCHEME_RSA_PSS : kind.scheme;
        require(sek_verify_digest(&kind, der, (struct sek_bytes){digest, sizeof digest},
                                  (struct sek_bytes){signature, len}) == SEK_ERR_SIGNATURE);
    }
}

/* A signature has one encoding: what is taken is as long as its two numbers say. */
static void try_signature(struct sek_bytes der, uint16_t bits)
{
    uint8_t raw[SEK_ECDSA_MAX];
    size_t width = bits / 8, len = 0;

    if (sek_ecdsa_from_der(der, bits, raw) != SEK_OK)
        return;
    for (size_t half = 0; half < 2; half++) {
        size_t skip = 0;

        while (skip < width && raw[half * width + skip] == 0)
            skip++;
        require(skip < width); /* never zero */
        len += 2 + width - skip + (raw[half * width + skip] >> 7);
    }
    require(der.len == len + 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool started;

    if (!started && psa_crypto_init() != PSA_SUCCESS)
        abort();
    started = true;
    try_key((struct sek_bytes){data, size});
    try_signature((struct sek_bytes){data, size}, 256);
    try_signature((struct sek_bytes){data, size}, 384);
    return 0;
}
