#include "crypto/verify.h"

#include "crypto/der.h"
#include "crypto/ed25519.h"
#include "crypto/rsa.h"
#include "crypto/spki.h"

#include <string.h>

static const psa_algorithm_t hashes[SEK_DIGEST_COUNT] = {
    [SEK_DIGEST_SHA256] = PSA_ALG_SHA_256,
    [SEK_DIGEST_SHA384] = PSA_ALG_SHA_384,
    [SEK_DIGEST_SHA512] = PSA_ALG_SHA_512,
};

enum sek_status sek_key_id(struct sek_bytes spki, uint8_t out[SEK_KEY_ID_LEN])
{
    uint8_t digest[SEK_DIGEST_MAX];
    enum sek_status status = sek_digest_of(SEK_DIGEST_SHA256, NULL, spki.data, spki.len, digest);

    if (status == SEK_OK)
        memcpy(out, digest, SEK_KEY_ID_LEN);
    return status;
}

/* Hands the point to the engine and asks whether it took it as that key. */
static enum sek_status import(const struct sek_spki *spki, psa_algorithm_t alg, psa_key_id_t *out)
{
    psa_key_attributes_t attributes = psa_key_attributes_init();
    psa_key_type_t type = PSA_KEY_TYPE_ECC_PUBLIC_KEY(PSA_ECC_FAMILY_SECP_R1);
    psa_key_id_t id = PSA_KEY_ID_NULL;

    psa_set_key_type(&attributes, type);
    psa_set_key_algorithm(&attributes, alg);
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_VERIFY_HASH);
    psa_status_t status = psa_import_key(&attributes, spki->key.data, spki->key.len, &id);
    if (status == PSA_ERROR_INVALID_ARGUMENT || status == PSA_ERROR_NOT_SUPPORTED)
        return SEK_ERR_KEY;
    if (status != PSA_SUCCESS)
        return SEK_ERR_CRYPTO;

    attributes = psa_key_attributes_init();
    status = psa_get_key_attributes(id, &attributes);
    bool taken = status == PSA_SUCCESS && psa_get_key_type(&attributes) == type &&
                 psa_get_key_bits(&attributes) == spki->bits;
    psa_reset_key_attributes(&attributes);
    if (!taken) {
        (void)psa_destroy_key(id);
        return SEK_ERR_CRYPTO;
    }
    *out = id;
    return SEK_OK;
}

enum sek_status sek_key_kind(struct sek_bytes spki, struct sek_sig_alg *out)
{
    struct sek_spki key;
    psa_key_id_t id = PSA_KEY_ID_NULL;
    enum sek_status status = sek_spki_parse(spki, &key);

    if (status != SEK_OK)
        return status;
    if (key.edwards) {
        if (!sek_ed25519_key_ok(key.key.data))
            return SEK_ERR_KEY;
        *out = (struct sek_sig_alg){SEK_SCHEME_ED25519, SEK_DIGEST_NONE, key.bits};
        return SEK_OK;
    }
    if (!key.rsa) {
        status = import(&key, PSA_ALG_ECDSA(PSA_ALG_SHA_256), &id);
        if (status != SEK_OK)
            return status;
        if (psa_destroy_key(id) != PSA_SUCCESS)
            return SEK_ERR_CRYPTO;
    }
    *out = (struct sek_sig_alg){
        .scheme = key.rsa ? SEK_SCHEME_RSA_PKCS1 : SEK_SCHEME_ECDSA,
        .hash = SEK_DIGEST_NONE,
        .key_bits = key.bits,
    };
    return SEK_OK;
}

/* What has to fit a digest. */
struct question {
    const struct sek_sig_alg *alg;
    const struct sek_spki *spki;
    psa_key_id_t key;       /* ECDSA: the engine's */
    struct sek_bytes value; /* the signature; of RSA its encoded message */
};

/* Key, algorithm and lengths were looked at before, so an argument that is called invalid is the
 * signature. */
static enum sek_status ask_ecdsa(const struct question *q, struct sek_bytes digest)
{
    psa_status_t answer = psa_verify_hash(q->key, PSA_ALG_ECDSA(hashes[q->alg->hash]), digest.data,
                                          digest.len, q->value.data, q->value.len);

    if (answer == PSA_ERROR_INVALID_SIGNATURE || answer == PSA_ERROR_INVALID_ARGUMENT)
        return SEK_ERR_SIGNATURE;
    return answer == PSA_SUCCESS ? SEK_OK : SEK_ERR_CRYPTO;
}

/* Ed25519 over the digest as the message. */
static enum sek_status ask_edwards(const struct question *q, struct sek_bytes digest)
{
    uint8_t prefix[SEK_ED25519_PREFIX_LEN], k[SEK_DIGEST_MAX];
    struct sek_digest hash;
    enum sek_status status;

    sek_ed25519_prefix(q->spki->key.data, q->value.data, prefix);
    status = sek_digest_start(&hash, SEK_DIGEST_SHA512, NULL);
    if (status != SEK_OK)
        return status;
    sek_digest_update(&hash, prefix, sizeof prefix);
    sek_digest_update(&hash, digest.data, digest.len);
    status = sek_digest_finish(&hash, k);
    return status == SEK_OK ? sek_ed25519_verify(q->spki->key.data, q->value.data, k) : status;
}

static enum sek_status ask(const struct question *q, struct sek_bytes digest)
{
    switch (q->alg->scheme) {
    case SEK_SCHEME_NONE:
        break;
    case SEK_SCHEME_RSA_PKCS1:
        return sek_rsa_is_pkcs1(q->value, q->alg->hash, digest);
    case SEK_SCHEME_RSA_PKCS1_BARE:
        return sek_rsa_is_pkcs1_bare(q->value, digest);
    case SEK_SCHEME_RSA_PSS:
        return sek_rsa_is_pss(q->value, q->alg->hash, digest);
    case SEK_SCHEME_RSA_PSS_20:
        return sek_rsa_is_pss_salted(q->value, q->alg->hash, digest, 20);
    case SEK_SCHEME_ECDSA:
        return ask_ecdsa(q, digest);
    case SEK_SCHEME_ED25519:
        return ask_edwards(q, digest);
    case SEK_SCHEME_ED25519_LONG: /* the digest is what SHA-512 made of the message */
        return sek_ed25519_verify(q->spki->key.data, q->value.data, digest.data);
    }
    return SEK_ERR_UNSUPPORTED;
}

/* The digest, and the digest with a bit flipped, which must be refused. The bit is in the first
 * byte: of a digest that is longer than the curve, ECDSA takes only the first bytes. */
static enum sek_status ask_twice(const struct question *q, struct sek_bytes digest)
{
    uint8_t flipped[SEK_DIGEST_MAX];
    enum sek_status status = ask(q, digest);

    if (status != SEK_OK)
        return status;
    memcpy(flipped, digest.data, digest.len);
    flipped[0] ^= 0x01;
    return ask(q, (struct sek_bytes){flipped, digest.len}) == SEK_ERR_SIGNATURE ? SEK_OK
                                                                                : SEK_ERR_CRYPTO;
}

static enum sek_status verify_ecdsa(const struct sek_spki *key, const struct sek_sig_alg *alg,
                                    struct sek_bytes digest, struct sek_bytes signature)
{
    struct question q = {.alg = alg, .spki = key, .value = signature};
    enum sek_status status = import(key, PSA_ALG_ECDSA(hashes[alg->hash]), &q.key);

    if (status != SEK_OK)
        return status;
    status = ask_twice(&q, digest);
    if (psa_destroy_key(q.key) != PSA_SUCCESS)
        return SEK_ERR_CRYPTO;
    return status;
}

static enum sek_status verify_rsa(const struct sek_spki *key, const struct sek_sig_alg *alg,
                                  struct sek_bytes digest, struct sek_bytes signature)
{
    uint8_t em[SEK_RSA_LEN_MAX];
    const struct question q = {.alg = alg, .spki = key, .value = {em, signature.len}};

    sek_rsa_recover(key, signature, em);
    return ask_twice(&q, digest);
}

static enum sek_status verify_edwards(const struct sek_spki *key, const struct sek_sig_alg *alg,
                                      struct sek_bytes digest, struct sek_bytes signature)
{
    const struct question q = {.alg = alg, .spki = key, .value = signature};

    return ask_twice(&q, digest);
}

/* Is the key of the scheme's family? A switch without default: a new scheme has to say. */
static bool key_fits(const struct sek_spki *key, enum sek_scheme scheme)
{
    switch (scheme) {
    case SEK_SCHEME_NONE:
        break;
    case SEK_SCHEME_RSA_PKCS1:
    case SEK_SCHEME_RSA_PSS:
    case SEK_SCHEME_RSA_PKCS1_BARE:
    case SEK_SCHEME_RSA_PSS_20:
        return key->rsa;
    case SEK_SCHEME_ECDSA:
        return !key->rsa && !key->edwards;
    case SEK_SCHEME_ED25519:
    case SEK_SCHEME_ED25519_LONG:
        return key->edwards;
    }
    return false;
}

static bool good_signature_length(const struct sek_spki *key, struct sek_bytes signature)
{
    if (!key->rsa) /* r || s, R || S */
        return signature.len == 2 * (size_t)key->bits / 8;
    /* RFC 8017, 5.2.2: a representative out of range is no signature, whatever an engine says */
    return signature.len == key->modulus.len &&
           memcmp(signature.data, key->modulus.data, signature.len) < 0;
}

/* A scheme of the list, with the one hash that it takes where it takes only one. */
static bool known_scheme(const struct sek_sig_alg *alg)
{
    if (alg->scheme == SEK_SCHEME_ED25519_LONG)
        return alg->hash == SEK_DIGEST_SHA512;
    return alg->scheme > SEK_SCHEME_NONE && alg->scheme < SEK_SCHEME_ED25519_LONG;
}

enum sek_status sek_verify_digest(const struct sek_sig_alg *alg, struct sek_bytes spki,
                                  struct sek_bytes digest, struct sek_bytes signature)
{
    struct sek_spki key;

    if (!sek_digest_strong(alg->hash) || digest.len != sek_digest_len(alg->hash))
        return SEK_ERR_UNSUPPORTED;
    if (!known_scheme(alg))
        return SEK_ERR_UNSUPPORTED;
    if (sek_spki_parse(spki, &key) != SEK_OK || !key_fits(&key, alg->scheme) ||
        (alg->key_bits != 0 && alg->key_bits != key.bits))
        return SEK_ERR_KEY;
    if (!good_signature_length(&key, signature))
        return SEK_ERR_SIGNATURE;

    if (key.rsa)
        return verify_rsa(&key, alg, digest, signature);
    if (key.edwards)
        return verify_edwards(&key, alg, digest, signature);
    return verify_ecdsa(&key, alg, digest, signature);
}

enum sek_status sek_verify_message(const struct sek_sig_alg *alg, struct sek_bytes spki,
                                   struct sek_bytes message, struct sek_bytes signature)
{
    bool prefixed = alg->scheme == SEK_SCHEME_ED25519_LONG;
    uint8_t prefix[SEK_ED25519_PREFIX_LEN], out[SEK_DIGEST_MAX];
    struct sek_digest digest;
    struct sek_spki key;
    enum sek_status status;

    if (sek_spki_parse(spki, &key) != SEK_OK || (prefixed && !key.edwards))
        return SEK_ERR_KEY;
    if (prefixed && signature.len != SEK_ED25519_LEN)
        return SEK_ERR_SIGNATURE;
    status = sek_digest_start(&digest, alg->hash, NULL);
    if (status != SEK_OK)
        return status;
    if (prefixed) {
        sek_ed25519_prefix(key.key.data, signature.data, prefix);
        sek_digest_update(&digest, prefix, sizeof prefix);
    }
    sek_digest_update(&digest, message.data, message.len);
    status = sek_digest_finish(&digest, out);
    if (status != SEK_OK)
        return status;
    return sek_verify_digest(alg, spki, (struct sek_bytes){out, sek_digest_len(alg->hash)},
                             signature);
}

/* Writes a number right-aligned into width bytes. */
static bool put_number(struct sek_bytes number, uint8_t *out, size_t width)
{
    if (number.len > width)
        return false;
    memset(out, 0, width - number.len);
    memcpy(out + width - number.len, number.data, number.len);
    return true;
}

enum sek_status sek_ecdsa_from_der(struct sek_bytes der, uint16_t key_bits,
                                   uint8_t out[SEK_ECDSA_MAX])
{
    struct sek_fault fault = {0};
    struct sek_reader in = sek_reader_make(der, &fault);
    struct sek_reader pair = sek_der_take(&in, SEK_DER_SEQUENCE);
    struct sek_bytes r = sek_der_positive(&pair);
    struct sek_bytes s = sek_der_positive(&pair);
    uint8_t raw[SEK_ECDSA_MAX];
    size_t width = key_bits / 8;

    sek_der_end(&pair);
    sek_der_end(&in);
    if (fault.status != SEK_OK || 2 * width > sizeof raw || !put_number(r, raw, width) ||
        !put_number(s, raw + width, width))
        return SEK_ERR_SIGNATURE;
    memcpy(out, raw, 2 * width);
    return SEK_OK;
}
