#include "crypto/crypto.h"

#include "crypto/ed25519.h"
#include "crypto/known.h"
#include "crypto/verify.h"

#include <string.h>

enum { MESSAGE_LEN = sizeof known_message - 1 };

static const struct {
    enum sek_digest_alg alg;
    const uint8_t *expected;
} digests[] = {
    {SEK_DIGEST_SHA256, known_sha256}, /* */
    {SEK_DIGEST_SHA384, known_sha384}, /* */
    {SEK_DIGEST_SHA512, known_sha512}, /* */
};

static const struct {
    struct sek_sig_alg alg;
    struct sek_bytes key, signature;
} signatures[] = {
    {{SEK_SCHEME_RSA_PKCS1, SEK_DIGEST_SHA256, 2048},
     {known_rsa_key, sizeof known_rsa_key},
     {known_rsa_signature, sizeof known_rsa_signature}},
    {{SEK_SCHEME_ECDSA, SEK_DIGEST_SHA256, 256},
     {known_ec_key, sizeof known_ec_key},
     {known_ec_signature, sizeof known_ec_signature}},
    {{SEK_SCHEME_ED25519, SEK_DIGEST_SHA256, 256},
     {known_ed25519_key, sizeof known_ed25519_key},
     {known_ed25519_signature, sizeof known_ed25519_signature}},
};

/* Two streams, fed in pieces that differ: message, and its first byte left out (the control: such a
 * message must not have the known digest). They go through the hook as a pair where it can. */
static enum sek_status test_digest(enum sek_digest_alg alg, const struct hal_digest *hook,
                                   const uint8_t *expected)
{
    const uint8_t *message = (const uint8_t *)known_message;
    size_t len = sek_digest_len(alg);
    uint8_t right[SEK_DIGEST_MAX], control[SEK_DIGEST_MAX];
    struct sek_digest a, b;

    if (sek_digest_start(&a, alg, hook) != SEK_OK)
        return SEK_ERR_CRYPTO;
    if (sek_digest_start(&b, alg, hook) != SEK_OK) {
        sek_digest_abort(&a);
        return SEK_ERR_CRYPTO;
    }
    sek_digest_run((const struct sek_digest_job[]){{&a, message, MESSAGE_LEN},
                                                   {&b, message + 1, MESSAGE_LEN - 1}},
                   2);
    enum sek_status status_a = sek_digest_finish(&a, right);
    enum sek_status status_b = sek_digest_finish(&b, control);
    if (status_a != SEK_OK || status_b != SEK_OK || memcmp(right, expected, len) != 0 ||
        memcmp(control, expected, len) == 0)
        return SEK_ERR_CRYPTO;
    return SEK_OK;
}

/* As many streams as the hook takes at once, each the message without its first bytes: each must be
 * what the hook makes of it alone. */
static enum sek_status test_many(const struct hal_digest *hook)
{
    const uint8_t *message = (const uint8_t *)known_message;
    struct sek_digest digest[HAL_SHA256_MANY];
    struct sek_digest_job job[HAL_SHA256_MANY];
    uint8_t out[SEK_DIGEST_MAX], alone[SEK_DIGEST_MAX];
    enum sek_status status = SEK_OK;

    for (size_t i = 0; i < HAL_SHA256_MANY; i++) {
        if (sek_digest_start(&digest[i], SEK_DIGEST_SHA256, hook) != SEK_OK)
            status = SEK_ERR_CRYPTO;
        job[i] = (struct sek_digest_job){&digest[i], message + i, MESSAGE_LEN - i};
    }
    sek_digest_run(job, HAL_SHA256_MANY);
    for (size_t i = 0; i < HAL_SHA256_MANY; i++) {
        if (sek_digest_finish(&digest[i], out) != SEK_OK ||
            sek_digest_of(SEK_DIGEST_SHA256, hook, job[i].data, job[i].len, alone) != SEK_OK ||
            memcmp(out, alone, sek_digest_len(SEK_DIGEST_SHA256)) != 0)
            status = SEK_ERR_CRYPTO;
    }
    return status;
}

static enum sek_status test_signature(size_t i)
{
    static const struct sek_bytes digest = {known_signed, sizeof known_signed};
    uint8_t changed[sizeof known_rsa_signature];
    struct sek_bytes control = {changed, signatures[i].signature.len};

    if (signatures[i].alg.scheme == SEK_SCHEME_ED25519 && !sek_ed25519_available)
        return SEK_OK;
    memcpy(changed, signatures[i].signature.data, control.len);
    changed[control.len - 1] ^= 0x01;
    if (sek_verify_digest(&signatures[i].alg, signatures[i].key, digest, control) !=
        SEK_ERR_SIGNATURE)
        return SEK_ERR_CRYPTO;
    return sek_verify_digest(&signatures[i].alg, signatures[i].key, digest,
                             signatures[i].signature) == SEK_OK
               ? SEK_OK
               : SEK_ERR_CRYPTO;
}

enum sek_status sek_crypto_start(const struct hal_digest *hook)
{
    if (psa_crypto_init() != PSA_SUCCESS)
        return SEK_ERR_CRYPTO;
    for (size_t i = 0; i < SEK_LEN(digests); i++)
        if (test_digest(digests[i].alg, NULL, digests[i].expected) != SEK_OK)
            return SEK_ERR_CRYPTO;
    if (hook && test_digest(SEK_DIGEST_SHA256, hook, known_sha256) != SEK_OK)
        return SEK_ERR_CRYPTO;
    return hook && hook->sha256_many ? test_many(hook) : SEK_OK;
}

enum sek_status sek_crypto_test_signatures(void)
{
    for (size_t i = 0; i < SEK_LEN(signatures); i++)
        if (test_signature(i) != SEK_OK)
            return SEK_ERR_CRYPTO;
    return SEK_OK;
}
