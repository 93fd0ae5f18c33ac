#include "evidence/identity.h"

#include "crypto/x509.h"
#include "evidence/request.h"

#include <mbedtls/platform_util.h>

#include <string.h>

enum {
    SCALAR_LEN = 32,
    POINT_LEN = 65, /* 04, x, y */
    MAKE_TRIES = 4, /* a random scalar is out of range once in 2^32 */
};

/* SubjectPublicKeyInfo of P-256 up to the point (RFC 5480): id-ecPublicKey, prime256v1. */
static const uint8_t spki_head[SEK_SPKI_P256_LEN - POINT_LEN] = {
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
    0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};

static enum sek_status sign(struct sek_signer *signer, struct sek_bytes digest,
                            uint8_t signature[SEK_COSE_SIGNATURE_MAX])
{
    struct sek_identity *identity = (struct sek_identity *)signer; /* first in it */
    size_t len = 0;

    if (psa_sign_hash(identity->key, PSA_ALG_ECDSA(PSA_ALG_SHA_256), digest.data, digest.len,
                      signature, SEK_COSE_SIGNATURE_MAX, &len) != PSA_SUCCESS ||
        len != 64)
        return SEK_ERR_CRYPTO;
    return SEK_OK;
}

/* Imports a scalar; SEK_ERR_MALFORMED: it is no P-256 private key. */
static enum sek_status import(const uint8_t scalar[SCALAR_LEN], psa_key_id_t *key)
{
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    psa_status_t status;

    psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
    psa_set_key_bits(&attributes, 256);
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_SIGN_HASH);
    psa_set_key_algorithm(&attributes, PSA_ALG_ECDSA(PSA_ALG_SHA_256));
    status = psa_import_key(&attributes, scalar, SCALAR_LEN, key);
    if (status == PSA_ERROR_INVALID_ARGUMENT)
        return SEK_ERR_MALFORMED;
    return status == PSA_SUCCESS ? SEK_OK : SEK_ERR_CRYPTO;
}

/* A new key: random bytes until they are a scalar, then into the vault before it is used. */
static enum sek_status make(struct hal_vault *vault, struct hal_entropy *entropy,
                            uint8_t scalar[SCALAR_LEN], psa_key_id_t *key)
{
    enum sek_status status = SEK_ERR_CRYPTO;

    for (unsigned i = 0; i < MAKE_TRIES; i++) {
        memset(scalar, 0, SCALAR_LEN); /* a source that does nothing gives no key */
        if (entropy->read(entropy, scalar, SCALAR_LEN) != SEK_OK)
            return SEK_ERR_CRYPTO;
        status = import(scalar, key);
        if (status != SEK_ERR_MALFORMED)
            break;
    }
    if (status != SEK_OK)
        return SEK_ERR_CRYPTO;
    if (vault)
        status = hal_vault_put(vault, HAL_VAULT_DEVICE_KEY, scalar, SCALAR_LEN);
    if (status != SEK_OK)
        (void)psa_destroy_key(*key);
    return status;
}

static enum sek_status describe(struct sek_identity *identity)
{
    struct sek_bytes spki = {.data = identity->spki, .len = sizeof identity->spki};
    size_t len = 0;
    enum sek_status status;

    memcpy(identity->spki, spki_head, sizeof spki_head);
    if (psa_export_public_key(identity->key, identity->spki + sizeof spki_head, POINT_LEN, &len) !=
            PSA_SUCCESS ||
        len != POINT_LEN)
        return SEK_ERR_CRYPTO;
    status = sek_key_id(spki, identity->key_id);
    memcpy(identity->signer.kid, identity->key_id, sizeof identity->signer.kid);
    return status;
}

enum sek_status sek_identity_open(struct sek_identity *out, struct hal_vault *vault,
                                  struct hal_entropy *entropy)
{
    struct sek_identity identity = {.signer = {.sign = sign, .alg = SEK_COSE_ES256}};
    uint8_t scalar[SCALAR_LEN];
    size_t len = 0;
    enum sek_status status = SEK_ERR_NOT_FOUND;

    if (vault)
        status = hal_vault_get(vault, HAL_VAULT_DEVICE_KEY, scalar, sizeof scalar, &len);
    if (status == SEK_ERR_NOT_FOUND) {
        identity.made = true;
        status = make(vault, entropy, scalar, &identity.key);
    } else if (status == SEK_ERR_NO_SPACE || (status == SEK_OK && len != sizeof scalar)) {
        status = SEK_ERR_MALFORMED;
    } else if (status == SEK_OK) {
        status = import(scalar, &identity.key);
    }
    mbedtls_platform_zeroize(scalar, sizeof scalar);
    if (status != SEK_OK)
        return status;
    status = describe(&identity);
    if (status == SEK_OK)
        *out = identity;
    else
        sek_identity_close(&identity);
    return status;
}

void sek_identity_close(struct sek_identity *identity)
{
    (void)psa_destroy_key(identity->key);
    identity->key = PSA_KEY_ID_NULL;
}

enum sek_status sek_ueid_make(struct sek_bytes chip_id, struct sek_bytes serial,
                              uint8_t out[SEK_UEID_LEN])
{
    static const char label[] = "sekisho-ueid/1";
    uint8_t hash[SEK_DIGEST_MAX];
    struct sek_digest digest;
    enum sek_status status = sek_digest_start(&digest, SEK_DIGEST_SHA256, NULL);

    if (status != SEK_OK)
        return status;
    sek_digest_update(&digest, label, sizeof label - 1);
    sek_digest_update(&digest, chip_id.data, chip_id.len);
    sek_digest_update(&digest, serial.data, serial.len);
    status = sek_digest_finish(&digest, hash);
    if (status != SEK_OK)
        return status;
    out[0] = 0x01; /* RAND */
    memcpy(out + 1, hash, SEK_UEID_LEN - 1);
    return SEK_OK;
}

static enum sek_status sign_request(struct sek_identity *identity, struct sek_bytes info,
                                    uint8_t raw[SEK_COSE_SIGNATURE_MAX])
{
    uint8_t digest[SEK_DIGEST_MAX];
    enum sek_status status = sek_digest_of(SEK_DIGEST_SHA256, NULL, info.data, info.len, digest);

    if (status != SEK_OK)
        return status;
    return sign(&identity->signer, (struct sek_bytes){.data = digest, .len = 32}, raw);
}

enum sek_status sek_identity_request(struct sek_identity *identity, struct sek_bytes serial,
                                     const uint8_t ueid[SEK_UEID_LEN], uint8_t *buf, size_t cap,
                                     size_t *len)
{
    uint8_t raw[SEK_COSE_SIGNATURE_MAX], info[SEK_REQUEST_INFO_MAX];
    struct sek_der_writer inner = sek_der_writer_make(info, sizeof info);
    struct sek_der_writer w = sek_der_writer_make(buf, cap);
    struct sek_bytes written;
    const uint8_t *end = w.at;
    enum sek_status status;

    if (serial.len == 0 || serial.len > SEK_SERIAL_MAX)
        return SEK_ERR_RANGE;
    sek_request_info(&inner, serial, ueid,
                     (struct sek_bytes){.data = identity->spki, .len = sizeof identity->spki});
    if (inner.status != SEK_OK)
        return inner.status;
    written = sek_der_written(&inner);
    status = sign_request(identity, written, raw);
    if (status != SEK_OK)
        return status;
    sek_der_signature(&w, raw);
    sek_der_ecdsa_sha256(&w);
    sek_der_put(&w, written.data, written.len);
    sek_der_wrap(&w, end, SEK_DER_SEQUENCE);
    if (w.status != SEK_OK)
        return w.status;
    written = sek_der_written(&w);
    memmove(buf, written.data, written.len);
    *len = written.len;
    return SEK_OK;
}

/* True if the vault has a good certificate of the same content: the signature over it may be
 * another. */
static bool is_kept(struct hal_vault *vault, struct sek_bytes der,
                    const struct sek_bytes *authority, size_t count, sek_day today)
{
    uint8_t bytes[SEK_CERTIFICATE_MAX];
    struct sek_bytes old = {.data = bytes};
    struct sek_certificate certificate;
    struct sek_x509 kept, crt;

    return hal_vault_get(vault, HAL_VAULT_DEVICE_CERT, bytes, sizeof bytes, &old.len) == SEK_OK &&
           sek_x509_parse(old, &kept) == SEK_OK && sek_x509_parse(der, &crt) == SEK_OK &&
           kept.tbs.len == crt.tbs.len && memcmp(kept.tbs.data, crt.tbs.data, crt.tbs.len) == 0 &&
           sek_certificate_check(old, authority, count, today, &certificate) == SEK_OK;
}

enum sek_status sek_identity_accept(const struct sek_identity *identity, struct hal_vault *vault,
                                    struct sek_bytes der, const struct sek_bytes *authority,
                                    size_t count, sek_day today, struct sek_bytes serial,
                                    const uint8_t ueid[SEK_UEID_LEN])
{
    struct sek_certificate certificate;
    enum sek_status status = sek_certificate_check(der, authority, count, today, &certificate);

    if (status != SEK_OK)
        return status;
    if (certificate.spki_len != sizeof identity->spki ||
        memcmp(certificate.spki, identity->spki, sizeof identity->spki) != 0)
        return SEK_ERR_KEY;
    if (strlen(certificate.serial) != serial.len ||
        memcmp(certificate.serial, serial.data, serial.len) != 0 ||
        memcmp(certificate.ueid, ueid, SEK_UEID_LEN) != 0)
        return SEK_ERR_MALFORMED;
    if (is_kept(vault, der, authority, count,
                today)) /* anybody may send it again: that must wear no flash */
        return SEK_OK;
    return hal_vault_put(vault, HAL_VAULT_DEVICE_CERT, der.data, der.len);
}
