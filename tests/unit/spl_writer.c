#include "tests/unit/spl_writer.h"

#include "base/bytes.h"
#include "crypto/verify.h"

#include <assert.h>
#include <string.h>

const struct spl_way spl_ways[SPL_WAYS] = {
    {"RSA-2048, big end first", "rsa2048", OPENSSL_PKCS1_BARE, false, SEK_DIGEST_SHA256},
    {"RSA-2048, little end first", "rsa2048", OPENSSL_PKCS1_BARE, true, SEK_DIGEST_SHA256},
    {"RSA-3072, PSS", "rsa3072", OPENSSL_PSS_SHA384_20, false, SEK_DIGEST_SHA384},
    {"P-384", "p384", OPENSSL_ECDSA, false, SEK_DIGEST_SHA384},
};

static void put_word(struct spl *spl, size_t index, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        spl->data[SPL_HEADER + 4 * index + i] = (uint8_t)(value >> 8 * i);
}

/* The words add up to zero. */
static void put_checksum(struct spl *spl)
{
    uint32_t sum = 0;

    for (size_t i = 0; i < 7; i++)
        sum += sek_get_u32le(spl->data + SPL_HEADER + 4 * i);
    put_word(spl, 7, 0 - sum);
}

void spl_set(struct spl *spl, size_t word, uint32_t value)
{
    put_word(spl, word, value);
    put_checksum(spl);
}

void spl_begin(struct spl *spl)
{
    memset(spl, 0, sizeof *spl);
    for (size_t i = 0; i < SPL_SIGNED; i++)
        spl->data[i] = (uint8_t)(i * 5 + 1);
    memset(spl->data + SPL_HEADER, 0, 32);
    put_word(spl, 2, SPL_SIGNED);
    put_word(spl, 3, SPL_SIGNED);
    put_word(spl, 4, 3);
    put_checksum(spl);
    spl->len = SPL_SIZE;
}

static void reverse(uint8_t *data, size_t len)
{
    for (size_t i = 0; i < len / 2; i++) {
        uint8_t byte = data[i];

        data[i] = data[len - 1 - i];
        data[len - 1 - i] = byte;
    }
}

void spl_sign(struct spl *spl, const struct spl_way *way)
{
    uint8_t digest[SEK_DIGEST_MAX], signature[OPENSSL_SIGNATURE_MAX];
    size_t len = sek_digest_len(way->hash);
    enum sek_status status = sek_digest_of(way->hash, NULL, spl->data, SPL_SIGNED, digest);

    assert(status == SEK_OK);
    if (way->little)
        reverse(digest, len);
    len = openssl_sign(way->key, way->way, digest, len, signature);
    if (way->way == OPENSSL_ECDSA) {
        status = sek_ecdsa_from_der((struct sek_bytes){signature, len}, 384, signature);
        assert(status == SEK_OK);
        len = 96;
    }
    if (way->little)
        reverse(signature, len);
    memset(spl->data + SPL_SIGNED, 0, SPL_SLOT);
    memcpy(spl->data + SPL_SIGNED, signature, len);
}
