#include "crypto/verify.h"

#include "crypto/spki.h"

#include <psa/crypto.h>

#include <string.h>

enum sek_status sek_key_id(struct sek_bytes spki, uint8_t out[SEK_KEY_ID_LEN])
{
    uint8_t digest[SEK_DIGEST_MAX];
    enum sek_status status = sek_digest_of(SEK_DIGEST_SHA256, NULL, spki.data, spki.len, digest);

    if (status == SEK_OK)
        memcpy(out, digest, SEK_KEY_ID_LEN);
    return status;
}

static psa_algorithm_t psa_hash(enum sek_digest_alg alg)
{
    return alg == SEK_DIGEST_SHA256   ? PSA_ALG_SHA_256
           : alg == SEK_DIGEST_SHA384 ? PSA_ALG_SHA_384
           : alg == SEK_DIGEST_SHA512 ? PSA_ALG_SHA_512
                                      : PSA_ALG_NONE;
}

static psa_algorithm_t psa_scheme(const struct sek_sig_alg *alg)
{
    psa_algorithm_t hash = psa_hash(alg->hash);

    switch (alg->scheme) {
    case SEK_SCHEME_RSA_PKCS1:
        return PSA_ALG_RSA_PKCS1V15_SIGN(hash);
    case SEK_SCHEME_RSA_PSS:
        return PSA_ALG_RSA_PSS_ANY_SALT(hash);
    case SEK_SCHEME_ECDSA:
        return PSA_ALG_ECDSA(hash);
    case SEK_SCHEME_NONE:
        break;
    }
    return PSA_ALG_NONE;
}

/* Imports a public key for one algorithm; the caller destroys it. */
static enum sek_status import(const struct sek_spki *spki, psa_algorithm_t alg, psa_key_id_t *key)
{
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    psa_status_t status;

    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_VERIFY_HASH);
    psa_set_key_algorithm(&attributes, alg);
    psa_set_key_type(&attributes, spki->scheme == SEK_SCHEME_ECDSA
                                      ? PSA_KEY_TYPE_ECC_PUBLIC_KEY(PSA_ECC_FAMILY_SECP_R1)
                                      : PSA_KEY_TYPE_RSA_PUBLIC_KEY);
    status = psa_import_key(&attributes, spki->key.data, spki->key.len, key);
    if (status == PSA_SUCCESS)
        return SEK_OK;
    return status == PSA_ERROR_INSUFFICIENT_MEMORY || status == PSA_ERROR_BAD_STATE ||
                   status == PSA_ERROR_CORRUPTION_DETECTED
               ? SEK_ERR_CRYPTO
               : SEK_ERR_KEY;
}

enum sek_status sek_key_kind(struct sek_bytes spki, struct sek_sig_alg *out)
{
    struct sek_spki found;
    psa_key_id_t key;
    enum sek_status status = sek_spki_read(spki, &found);

    if (status != SEK_OK)
        return status;
    /* The engine refuses a point that is not on its curve. */
    status = import(&found,
                    found.scheme == SEK_SCHEME_ECDSA ? PSA_ALG_ECDSA(PSA_ALG_SHA_256)
                                                     : PSA_ALG_RSA_PKCS1V15_SIGN(PSA_ALG_SHA_256),
                    &key);
    if (status != SEK_OK)
        return status;
    (void)psa_destroy_key(key);
    *out = (struct sek_sig_alg){found.scheme, SEK_DIGEST_NONE, found.bits};
    return SEK_OK;
}

/* Verifies, and asks the engine something that it must refuse: the same signature over a digest
 * with a bit flipped. */
static enum sek_status ask(psa_key_id_t key, psa_algorithm_t alg, struct sek_bytes digest,
                           struct sek_bytes signature)
{
    uint8_t other[SEK_DIGEST_MAX];
    psa_status_t status =
        psa_verify_hash(key, alg, digest.data, digest.len, signature.data, signature.len);

    if (status == PSA_ERROR_INVALID_SIGNATURE || status == PSA_ERROR_INVALID_ARGUMENT)
        return SEK_ERR_SIGNATURE;
    if (status != PSA_SUCCESS)
        return SEK_ERR_CRYPTO;
    memcpy(other, digest.data, digest.len);
    other[digest.len / 2] ^= 0x10;
    status = psa_verify_hash(key, alg, other, digest.len, signature.data, signature.len);
    return status == PSA_ERROR_INVALID_SIGNATURE ? SEK_OK : SEK_ERR_CRYPTO;
}

static size_t signature_len(const struct sek_spki *spki)
{
    return spki->scheme == SEK_SCHEME_ECDSA ? spki->bits / 4u : (spki->bits + 7u) / 8;
}

/* True if a key of this kind can make signatures of this algorithm. */
static bool fits(const struct sek_spki *spki, const struct sek_sig_alg *alg)
{
    bool rsa = alg->scheme == SEK_SCHEME_RSA_PKCS1 || alg->scheme == SEK_SCHEME_RSA_PSS;

    if (alg->key_bits && alg->key_bits != spki->bits)
        return false;
    return rsa == (spki->scheme == SEK_SCHEME_RSA_PKCS1);
}

enum sek_status sek_verify_digest(const struct sek_sig_alg *alg, struct sek_bytes spki,
                                  struct sek_bytes digest, struct sek_bytes signature)
{
    psa_algorithm_t psa = psa_scheme(alg);
    struct sek_spki found;
    psa_key_id_t key;
    enum sek_status status;

    if (psa == PSA_ALG_NONE || !sek_digest_strong(alg->hash))
        return SEK_ERR_UNSUPPORTED;
    status = sek_spki_read(spki, &found);
    if (status != SEK_OK)
        return status;
    if (!fits(&found, alg))
        return SEK_ERR_KEY;
    if (digest.len != sek_digest_len(alg->hash) || signature.len != signature_len(&found))
        return SEK_ERR_SIGNATURE;
    status = import(&found, psa, &key);
    if (status != SEK_OK)
        return status;
    status = ask(key, psa, digest, signature);
    if (psa_destroy_key(key) != PSA_SUCCESS && status == SEK_OK)
        status = SEK_ERR_CRYPTO;
    return status;
}
