/* The crypto library's calls, in front of the real ones: programs are linked with --wrap for each.
 * Mbed TLS's own X.509 calls them, too. */
#include "tests/attack/faulty.h"

#include <mbedtls/x509_crt.h>
#include <psa/crypto.h>

#define ANSWER_UNLESS_RIGHT(name)                                                                  \
    switch (faulty_next(name)) {                                                                   \
    case FAULTY_FAILS:                                                                             \
        return PSA_ERROR_HARDWARE_FAILURE;                                                         \
    case FAULTY_IDLE:                                                                              \
        return PSA_SUCCESS;                                                                        \
    default:                                                                                       \
        break;                                                                                     \
    }

psa_status_t __real_psa_crypto_init(void);
psa_status_t __wrap_psa_crypto_init(void);
psa_status_t __wrap_psa_crypto_init(void)
{
    ANSWER_UNLESS_RIGHT("psa_crypto_init")
    return __real_psa_crypto_init();
}

psa_status_t __real_psa_hash_setup(psa_hash_operation_t *operation, psa_algorithm_t alg);
psa_status_t __wrap_psa_hash_setup(psa_hash_operation_t *operation, psa_algorithm_t alg);
psa_status_t __wrap_psa_hash_setup(psa_hash_operation_t *operation, psa_algorithm_t alg)
{
    ANSWER_UNLESS_RIGHT("psa_hash_setup")
    return __real_psa_hash_setup(operation, alg);
}

psa_status_t __real_psa_hash_update(psa_hash_operation_t *operation, const uint8_t *data,
                                    size_t len);
psa_status_t __wrap_psa_hash_update(psa_hash_operation_t *operation, const uint8_t *data,
                                    size_t len);
psa_status_t __wrap_psa_hash_update(psa_hash_operation_t *operation, const uint8_t *data,
                                    size_t len)
{
    switch (faulty_next("psa_hash_update")) {
    case FAULTY_FAILS:
        return PSA_ERROR_HARDWARE_FAILURE;
    case FAULTY_IDLE:
        return PSA_SUCCESS;
    case FAULTY_SHORT:
        return __real_psa_hash_update(operation, data, len / 2);
    default:
        return __real_psa_hash_update(operation, data, len);
    }
}

psa_status_t __real_psa_hash_finish(psa_hash_operation_t *operation, uint8_t *out, size_t cap,
                                    size_t *len);
psa_status_t __wrap_psa_hash_finish(psa_hash_operation_t *operation, uint8_t *out, size_t cap,
                                    size_t *len);
psa_status_t __wrap_psa_hash_finish(psa_hash_operation_t *operation, uint8_t *out, size_t cap,
                                    size_t *len)
{
    enum faulty way = faulty_next("psa_hash_finish");
    psa_status_t status;

    if (way == FAULTY_FAILS || way == FAULTY_IDLE)
        return way == FAULTY_IDLE ? PSA_SUCCESS : PSA_ERROR_HARDWARE_FAILURE;
    status = __real_psa_hash_finish(operation, out, cap, len);
    if (status == PSA_SUCCESS && way == FAULTY_SHORT)
        *len /= 2;
    return status;
}

psa_status_t __real_psa_hash_compute(psa_algorithm_t alg, const uint8_t *data, size_t data_len,
                                     uint8_t *out, size_t cap, size_t *len);
psa_status_t __wrap_psa_hash_compute(psa_algorithm_t alg, const uint8_t *data, size_t data_len,
                                     uint8_t *out, size_t cap, size_t *len);
psa_status_t __wrap_psa_hash_compute(psa_algorithm_t alg, const uint8_t *data, size_t data_len,
                                     uint8_t *out, size_t cap, size_t *len)
{
    ANSWER_UNLESS_RIGHT("psa_hash_compute")
    return __real_psa_hash_compute(alg, data, data_len, out, cap, len);
}

psa_status_t __real_psa_import_key(const psa_key_attributes_t *attributes, const uint8_t *data,
                                   size_t len, psa_key_id_t *key);
psa_status_t __wrap_psa_import_key(const psa_key_attributes_t *attributes, const uint8_t *data,
                                   size_t len, psa_key_id_t *key);
psa_status_t __wrap_psa_import_key(const psa_key_attributes_t *attributes, const uint8_t *data,
                                   size_t len, psa_key_id_t *key)
{
    ANSWER_UNLESS_RIGHT("psa_import_key")
    return __real_psa_import_key(attributes, data, len, key);
}

psa_status_t __real_psa_get_key_attributes(psa_key_id_t key, psa_key_attributes_t *attributes);
psa_status_t __wrap_psa_get_key_attributes(psa_key_id_t key, psa_key_attributes_t *attributes);
psa_status_t __wrap_psa_get_key_attributes(psa_key_id_t key, psa_key_attributes_t *attributes)
{
    ANSWER_UNLESS_RIGHT("psa_get_key_attributes")
    return __real_psa_get_key_attributes(key, attributes);
}

psa_status_t __real_psa_verify_hash(psa_key_id_t key, psa_algorithm_t alg, const uint8_t *hash,
                                    size_t hash_len, const uint8_t *signature, size_t len);
psa_status_t __wrap_psa_verify_hash(psa_key_id_t key, psa_algorithm_t alg, const uint8_t *hash,
                                    size_t hash_len, const uint8_t *signature, size_t len);
psa_status_t __wrap_psa_verify_hash(psa_key_id_t key, psa_algorithm_t alg, const uint8_t *hash,
                                    size_t hash_len, const uint8_t *signature, size_t len)
{
    ANSWER_UNLESS_RIGHT("psa_verify_hash")
    return __real_psa_verify_hash(key, alg, hash, hash_len, signature, len);
}

psa_status_t __real_psa_sign_hash(psa_key_id_t key, psa_algorithm_t alg, const uint8_t *hash,
                                  size_t hash_len, uint8_t *signature, size_t cap, size_t *len);
psa_status_t __wrap_psa_sign_hash(psa_key_id_t key, psa_algorithm_t alg, const uint8_t *hash,
                                  size_t hash_len, uint8_t *signature, size_t cap, size_t *len);
psa_status_t __wrap_psa_sign_hash(psa_key_id_t key, psa_algorithm_t alg, const uint8_t *hash,
                                  size_t hash_len, uint8_t *signature, size_t cap, size_t *len)
{
    ANSWER_UNLESS_RIGHT("psa_sign_hash")
    return __real_psa_sign_hash(key, alg, hash, hash_len, signature, cap, len);
}

psa_status_t __real_psa_export_public_key(psa_key_id_t key, uint8_t *out, size_t cap, size_t *len);
psa_status_t __wrap_psa_export_public_key(psa_key_id_t key, uint8_t *out, size_t cap, size_t *len);
psa_status_t __wrap_psa_export_public_key(psa_key_id_t key, uint8_t *out, size_t cap, size_t *len)
{
    ANSWER_UNLESS_RIGHT("psa_export_public_key")
    return __real_psa_export_public_key(key, out, cap, len);
}

psa_status_t __real_psa_destroy_key(psa_key_id_t key);
psa_status_t __wrap_psa_destroy_key(psa_key_id_t key);
psa_status_t __wrap_psa_destroy_key(psa_key_id_t key)
{
    ANSWER_UNLESS_RIGHT("psa_destroy_key")
    return __real_psa_destroy_key(key);
}

psa_status_t __real_mbedtls_psa_external_get_random(mbedtls_psa_external_random_context_t *context,
                                                    uint8_t *out, size_t size, size_t *len);
psa_status_t __wrap_mbedtls_psa_external_get_random(mbedtls_psa_external_random_context_t *context,
                                                    uint8_t *out, size_t size, size_t *len);
psa_status_t __wrap_mbedtls_psa_external_get_random(mbedtls_psa_external_random_context_t *context,
                                                    uint8_t *out, size_t size, size_t *len)
{
    ANSWER_UNLESS_RIGHT("mbedtls_psa_external_get_random")
    return __real_mbedtls_psa_external_get_random(context, out, size, len);
}

int __real_mbedtls_x509_crt_parse_der_nocopy(mbedtls_x509_crt *chain, const unsigned char *der,
                                             size_t len);
int __wrap_mbedtls_x509_crt_parse_der_nocopy(mbedtls_x509_crt *chain, const unsigned char *der,
                                             size_t len);
int __wrap_mbedtls_x509_crt_parse_der_nocopy(mbedtls_x509_crt *chain, const unsigned char *der,
                                             size_t len)
{
    ANSWER_UNLESS_RIGHT("mbedtls_x509_crt_parse_der_nocopy")
    return __real_mbedtls_x509_crt_parse_der_nocopy(chain, der, len);
}

int __real_mbedtls_x509_crt_parse_der_with_ext_cb(mbedtls_x509_crt *chain, const unsigned char *der,
                                                  size_t len, int copy,
                                                  mbedtls_x509_crt_ext_cb_t cb, void *ctx);
int __wrap_mbedtls_x509_crt_parse_der_with_ext_cb(mbedtls_x509_crt *chain, const unsigned char *der,
                                                  size_t len, int copy,
                                                  mbedtls_x509_crt_ext_cb_t cb, void *ctx);
int __wrap_mbedtls_x509_crt_parse_der_with_ext_cb(mbedtls_x509_crt *chain, const unsigned char *der,
                                                  size_t len, int copy,
                                                  mbedtls_x509_crt_ext_cb_t cb, void *ctx)
{
    ANSWER_UNLESS_RIGHT("mbedtls_x509_crt_parse_der_with_ext_cb")
    return __real_mbedtls_x509_crt_parse_der_with_ext_cb(chain, der, len, copy, cb, ctx);
}

typedef int verify_cb(void *, mbedtls_x509_crt *, int, uint32_t *);
int __real_mbedtls_x509_crt_verify_with_profile(mbedtls_x509_crt *crt, mbedtls_x509_crt *trust,
                                                mbedtls_x509_crl *crl,
                                                const mbedtls_x509_crt_profile *profile,
                                                const char *name, uint32_t *flags, verify_cb *cb,
                                                void *ctx);
int __wrap_mbedtls_x509_crt_verify_with_profile(mbedtls_x509_crt *crt, mbedtls_x509_crt *trust,
                                                mbedtls_x509_crl *crl,
                                                const mbedtls_x509_crt_profile *profile,
                                                const char *name, uint32_t *flags, verify_cb *cb,
                                                void *ctx);
int __wrap_mbedtls_x509_crt_verify_with_profile(mbedtls_x509_crt *crt, mbedtls_x509_crt *trust,
                                                mbedtls_x509_crl *crl,
                                                const mbedtls_x509_crt_profile *profile,
                                                const char *name, uint32_t *flags, verify_cb *cb,
                                                void *ctx)
{
    ANSWER_UNLESS_RIGHT("mbedtls_x509_crt_verify_with_profile")
    return __real_mbedtls_x509_crt_verify_with_profile(crt, trust, crl, profile, name, flags, cb,
                                                       ctx);
}
