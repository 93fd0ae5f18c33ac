/* From a device's first start to its certificate: key, request, authority, check. */
#include "boards/bench/enroll/ca.h"
#include "crypto/crypto.h"
#include "evidence/identity.h"
#include "hal/linux/entropy.h"

#include <mbedtls/pk.h>
#include <mbedtls/x509_crt.h>
#include <psa/crypto.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

/* A vault in memory that can be told to fail. */
struct vault {
    struct hal_vault base;
    uint8_t data[HAL_VAULT_RECORDS][HAL_VAULT_RECORD_MAX];
    size_t len[HAL_VAULT_RECORDS]; /* 0: never written */
    enum sek_status get_fails, put_fails;
};

static enum sek_status get(struct hal_vault *base, enum hal_vault_record record, void *buf,
                           size_t cap, size_t *len)
{
    struct vault *vault = (struct vault *)base;

    if (vault->get_fails != SEK_OK)
        return vault->get_fails;
    if (vault->len[record] == 0)
        return SEK_ERR_NOT_FOUND;
    if (vault->len[record] > cap)
        return SEK_ERR_NO_SPACE;
    memcpy(buf, vault->data[record], vault->len[record]);
    *len = vault->len[record];
    return SEK_OK;
}

static enum sek_status put(struct hal_vault *base, enum hal_vault_record record, const void *data,
                           size_t len)
{
    struct vault *vault = (struct vault *)base;

    if (vault->put_fails != SEK_OK)
        return vault->put_fails;
    memcpy(vault->data[record], data, len);
    vault->len[record] = len;
    return SEK_OK;
}

static const struct hal_vault_ops ops = {get, put};

static enum sek_status no_entropy(struct hal_entropy *entropy, void *buf, size_t len)
{
    (void)entropy, (void)buf, (void)len;
    return SEK_ERR_IO;
}

static enum sek_status lazy_entropy(struct hal_entropy *entropy, void *buf, size_t len)
{
    (void)entropy, (void)buf, (void)len;
    return SEK_OK; /* claims success and does nothing */
}

/* An authority: key and self-signed certificate, made anew at each run. */
struct authority {
    struct ca *ca;
    uint8_t key[2048], certificate[2048];
    size_t key_len, certificate_len;
    const char *why;
};

static int rng(void *context, unsigned char *out, size_t len)
{
    (void)context;
    return psa_generate_random(out, len) == PSA_SUCCESS ? 0 : -1;
}

static void make_pair(unsigned bits, const char *name, bool is_ca, struct authority *out)
{
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    mbedtls_x509write_cert writer;
    mbedtls_pk_context pk;
    unsigned char serial[] = {7};
    psa_key_id_t id;

    psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
    psa_set_key_bits(&attributes, bits);
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_EXPORT);
    psa_set_key_algorithm(&attributes, PSA_ALG_ECDSA(PSA_ALG_ANY_HASH));
    assert_int_equal(psa_generate_key(&attributes, &id), PSA_SUCCESS);
    mbedtls_pk_init(&pk);
    assert_int_equal(mbedtls_pk_copy_from_psa(id, &pk), 0);
    psa_destroy_key(id);
    memset(out, 0, sizeof *out);
    assert_int_equal(mbedtls_pk_write_key_pem(&pk, out->key, sizeof out->key), 0);
    out->key_len = strlen((char *)out->key);
    mbedtls_x509write_crt_init(&writer);
    mbedtls_x509write_crt_set_version(&writer, MBEDTLS_X509_CRT_VERSION_3);
    mbedtls_x509write_crt_set_md_alg(&writer, bits == 384 ? MBEDTLS_MD_SHA384 : MBEDTLS_MD_SHA256);
    mbedtls_x509write_crt_set_subject_key(&writer, &pk);
    mbedtls_x509write_crt_set_issuer_key(&writer, &pk);
    assert_int_equal(mbedtls_x509write_crt_set_subject_name(&writer, name), 0);
    assert_int_equal(mbedtls_x509write_crt_set_issuer_name(&writer, name), 0);
    assert_int_equal(mbedtls_x509write_crt_set_serial_raw(&writer, serial, sizeof serial), 0);
    assert_int_equal(
        mbedtls_x509write_crt_set_validity(&writer, "20260101000000", "20351231235959"), 0);
    assert_int_equal(mbedtls_x509write_crt_set_basic_constraints(&writer, is_ca, -1), 0);
    assert_int_equal(
        mbedtls_x509write_crt_pem(&writer, out->certificate, sizeof out->certificate, rng, NULL),
        0);
    out->certificate_len = strlen((char *)out->certificate);
    mbedtls_x509write_crt_free(&writer);
    mbedtls_pk_free(&pk);
}

static struct sek_bytes bytes(const void *data, size_t len)
{
    return (struct sek_bytes){.data = data, .len = len};
}

static void open_authority(struct authority *a)
{
    a->ca = ca_open(bytes(a->key, a->key_len), bytes(a->certificate, a->certificate_len), &a->why);
}

static const struct sek_bytes serial = {(const uint8_t *)"FJ2026-000117", 13};
static uint8_t ueid[SEK_UEID_LEN];

static void test_a_device_key_is_made_once(void **state)
{
    static struct vault vault;
    struct hal_entropy broken = {no_entropy}, lazy = {lazy_entropy};
    struct sek_identity first = {.made = false}, second, visit;
    uint8_t digest[32] = {1}, signature[SEK_COSE_SIGNATURE_MAX];
    static const struct sek_sig_alg es256 = {SEK_SCHEME_ECDSA, SEK_DIGEST_SHA256, 256};

    (void)state;
    memset(&vault, 0, sizeof vault);
    vault.base.ops = &ops;
    assert_int_equal(sek_identity_open(&first, &vault.base, &broken), SEK_ERR_CRYPTO);
    assert_int_equal(sek_identity_open(&first, &vault.base, &lazy), SEK_ERR_CRYPTO);
    vault.put_fails = SEK_ERR_IO;
    assert_int_equal(sek_identity_open(&first, &vault.base, &linux_entropy), SEK_ERR_IO);
    assert_int_equal(vault.len[HAL_VAULT_DEVICE_KEY], 0);
    vault.put_fails = SEK_OK;
    assert_int_equal(sek_identity_open(&first, &vault.base, &linux_entropy), SEK_OK);
    assert_true(first.made);
    assert_int_equal(sek_identity_open(&second, &vault.base, &broken), SEK_OK);
    assert_false(second.made);
    assert_memory_equal(first.spki, second.spki, sizeof first.spki);
    assert_memory_equal(first.key_id, second.signer.kid, SEK_KID_LEN);
    assert_int_equal(second.signer.sign(&second.signer, bytes(digest, 32), signature), SEK_OK);
    assert_int_equal(sek_verify_digest(&es256, bytes(first.spki, sizeof first.spki),
                                       bytes(digest, 32), bytes(signature, 64)),
                     SEK_OK);
    assert_int_equal(sek_identity_open(&visit, NULL, &linux_entropy), SEK_OK);
    assert_memory_not_equal(visit.spki, first.spki, sizeof first.spki);
    sek_identity_close(&visit);
    sek_identity_close(&second);
    sek_identity_close(&first);
    /* a damaged key is never replaced in silence */
    vault.get_fails = SEK_ERR_MALFORMED;
    assert_int_equal(sek_identity_open(&first, &vault.base, &linux_entropy), SEK_ERR_MALFORMED);
    vault.get_fails = SEK_OK;
    vault.len[HAL_VAULT_DEVICE_KEY] = 31;
    assert_int_equal(sek_identity_open(&first, &vault.base, &linux_entropy), SEK_ERR_MALFORMED);
    vault.len[HAL_VAULT_DEVICE_KEY] = 33;
    assert_int_equal(sek_identity_open(&first, &vault.base, &linux_entropy), SEK_ERR_MALFORMED);
    vault.len[HAL_VAULT_DEVICE_KEY] = 32;
    memset(vault.data[HAL_VAULT_DEVICE_KEY], 0xff, 32); /* above the order */
    assert_int_equal(sek_identity_open(&first, &vault.base, &linux_entropy), SEK_ERR_MALFORMED);
}

static void test_a_ueid_is_of_chip_and_board(void **state)
{
    uint8_t a[SEK_UEID_LEN], b[SEK_UEID_LEN];

    (void)state;
    assert_int_equal(sek_ueid_make(bytes("chip", 4), serial, a), SEK_OK);
    assert_int_equal(sek_ueid_make(bytes("chop", 4), serial, b), SEK_OK);
    assert_int_equal(a[0], 1);
    assert_memory_not_equal(a, b, sizeof a);
}

/* Files for peers of ours, which must take them. */
static void leave(const char *name, struct sek_bytes content)
{
    char path[128];
    FILE *file;

    (void)mkdir("build/test/data", 0777);
    (void)mkdir("build/test/data/peer", 0777);
    (void)snprintf(path, sizeof path, "build/test/data/peer/%s", name);
    file = fopen(path, "wb");
    if (!file) /* run from elsewhere: nobody waits for them */
        return;
    assert_int_equal(fwrite(content.data, 1, content.len, file), content.len);
    assert_int_equal(fclose(file), 0);
}

/* One device, enrolled by an authority, and everything that must not do. */
static void enrol(unsigned bits)
{
    static struct vault vault;
    static struct authority lab, other, no_ca;
    struct sek_identity device, stranger;
    struct sek_certificate seen = {.spki_len = 0};
    struct ca_request request;
    uint8_t csr[512], der[SEK_CERTIFICATE_MAX], next[SEK_CERTIFICATE_MAX], changed[SEK_UEID_LEN];
    struct sek_bytes trusted[2];
    size_t csr_len, len, next_len;
    sek_day from;
    const struct sek_bytes wrong = {(const uint8_t *)"FJ2026-000118", 13};

    memset(&vault, 0, sizeof vault);
    vault.base.ops = &ops;
    assert_int_equal(sek_date_parse("2026-11-24", 10, &from), SEK_OK);
    make_pair(bits, "CN=Lab device authority,O=Example", true, &lab);
    make_pair(bits, "CN=Lab device authority,O=Example", true, &other); /* the same name */
    make_pair(bits, "CN=Some server", false, &no_ca);
    open_authority(&lab);
    open_authority(&other);
    open_authority(&no_ca);
    assert_non_null(lab.ca);
    assert_non_null(other.ca);
    assert_null(no_ca.ca);
    assert_string_equal(no_ca.why, "the device authority's certificate is not that of a CA");
    assert_null(ca_open(bytes(lab.key, lab.key_len),
                        bytes(other.certificate, other.certificate_len), &no_ca.why));
    assert_string_equal(no_ca.why, "the device authority's certificate is for another key");
    assert_null(ca_open(bytes("x", 1), bytes(lab.certificate, lab.certificate_len), &no_ca.why));

    assert_int_equal(sek_identity_open(&device, &vault.base, &linux_entropy), SEK_OK);
    assert_int_equal(sek_identity_open(&stranger, NULL, &linux_entropy), SEK_OK);
    assert_int_equal(sek_identity_request(&device, serial, ueid, csr, sizeof csr, &csr_len),
                     SEK_OK);
    assert_int_equal(ca_request_read(bytes(csr, csr_len), &request), SEK_OK);
    assert_string_equal(request.serial, "FJ2026-000117");
    assert_memory_equal(request.ueid, ueid, sizeof ueid);
    assert_int_equal(request.spki.len, sizeof device.spki);
    assert_int_equal(ca_issue(lab.ca, &request, from, der, sizeof der, &len), SEK_OK);

    trusted[0] = ca_certificate(other.ca);
    trusted[1] = ca_certificate(lab.ca);
    leave("request.der", bytes(csr, csr_len));
    leave("certificate.der", bytes(der, len));
    leave("authority.der", trusted[1]);
    assert_int_equal(sek_certificate_check(bytes(der, len), trusted, 2, from, &seen), SEK_OK);
    assert_int_equal(seen.authority, 1);
    assert_string_equal(seen.serial, "FJ2026-000117");
    assert_memory_equal(seen.ueid, ueid, sizeof ueid);
    assert_memory_equal(seen.key_id, device.key_id, sizeof seen.key_id);
    assert_int_equal(seen.spki_len, sizeof device.spki);
    assert_int_equal(seen.valid_from, from);
    assert_true(seen.valid_to > 2900000); /* 9999-12-31 */
    assert_int_equal(sek_certificate_check(bytes(der, len), trusted, 2, 0, &seen), SEK_OK);
    assert_int_equal(sek_certificate_check(bytes(der, len), trusted, 2, from - 1, &seen),
                     SEK_ERR_EXPIRED);
    assert_int_equal(sek_certificate_check(bytes(der, len), trusted, 1, from, &seen),
                     SEK_ERR_SIGNATURE);
    assert_int_equal(sek_certificate_check(bytes(der, len), NULL, 0, from, &seen),
                     SEK_ERR_SIGNATURE);
    /* an authority's own certificate is no device's */
    assert_int_equal(sek_certificate_check(trusted[1], trusted, 2, from, &seen), SEK_ERR_MALFORMED);

    memcpy(changed, ueid, sizeof changed);
    changed[5] ^= 1;
    assert_int_equal(sek_identity_accept(&stranger, &vault.base, bytes(der, len), trusted, 2, from,
                                         serial, ueid),
                     SEK_ERR_KEY);
    assert_int_equal(
        sek_identity_accept(&device, &vault.base, bytes(der, len), trusted, 2, from, wrong, ueid),
        SEK_ERR_MALFORMED);
    assert_int_equal(sek_identity_accept(&device, &vault.base, bytes(der, len), trusted, 2, from,
                                         serial, changed),
                     SEK_ERR_MALFORMED);
    assert_int_equal(
        sek_identity_accept(&device, &vault.base, bytes(der, len), trusted, 1, from, serial, ueid),
        SEK_ERR_SIGNATURE);
    assert_int_equal(vault.len[HAL_VAULT_DEVICE_CERT], 0);
    assert_int_equal(
        sek_identity_accept(&device, &vault.base, bytes(der, len), trusted, 2, from, serial, ueid),
        SEK_OK);
    assert_int_equal(vault.len[HAL_VAULT_DEVICE_CERT], len);
    vault.put_fails = SEK_ERR_IO; /* the same once more is not written */
    assert_int_equal(
        sek_identity_accept(&device, &vault.base, bytes(der, len), trusted, 2, from, serial, ueid),
        SEK_OK);
    assert_int_equal(ca_issue(lab.ca, &request, from, next, sizeof next, &next_len), SEK_OK);
    assert_int_equal(sek_identity_accept(&device, &vault.base, bytes(next, next_len), trusted, 2,
                                         from, serial, ueid),
                     SEK_ERR_IO);
    vault.put_fails = SEK_OK;

    for (size_t bit = 0; bit < 8 * len; bit += 5) { /* every byte; all bits are too slow here */
        der[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_not_equal(sek_certificate_check(bytes(der, len), trusted, 2, from, &seen),
                             SEK_OK);
        der[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t cut = 0; cut < len; cut++)
        assert_int_equal(sek_certificate_check(bytes(der, cut), trusted, 2, from, &seen),
                         SEK_ERR_MALFORMED);
    for (size_t bit = 0; bit < 8 * csr_len; bit++) {
        csr[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (ca_request_read(bytes(csr, csr_len), &request) == SEK_OK)
            fail_msg("bit %u of the request", (unsigned)bit);
        csr[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t cut = 0; cut < csr_len; cut++) {
        uint8_t *exact = malloc(cut ? cut : 1);

        memcpy(exact, csr, cut);
        assert_int_equal(ca_request_read(bytes(exact, cut), &request), SEK_ERR_MALFORMED);
        free(exact);
    }
    sek_identity_close(&device);
    sek_identity_close(&stranger);
    ca_close(lab.ca);
    ca_close(other.ca);
}

static void test_enrolment_by_an_authority_of_p256(void **state)
{
    (void)state;
    enrol(256);
}

static void test_enrolment_by_an_authority_of_p384(void **state)
{
    (void)state;
    enrol(384);
}

static void test_requests_have_limits(void **state)
{
    struct sek_identity device;
    struct ca_request request;
    uint8_t csr[512], long_serial[SEK_SERIAL_MAX + 1];
    size_t len = 0, cap;

    (void)state;
    memset(long_serial, 'x', sizeof long_serial);
    assert_int_equal(sek_identity_open(&device, NULL, &linux_entropy), SEK_OK);
    assert_int_equal(sek_identity_request(&device, bytes(long_serial, 0), ueid, csr, 512, &len),
                     SEK_ERR_RANGE);
    assert_int_equal(
        sek_identity_request(&device, bytes(long_serial, sizeof long_serial), ueid, csr, 512, &len),
        SEK_ERR_RANGE);
    long_serial[0] = '_'; /* not printable in ASN.1's sense: UTF-8 */
    assert_int_equal(
        sek_identity_request(&device, bytes(long_serial, SEK_SERIAL_MAX), ueid, csr, 512, &len),
        SEK_OK);
    assert_int_equal(ca_request_read(bytes(csr, len), &request), SEK_OK);
    for (cap = 0; cap < 300; cap += 7)
        assert_int_equal(sek_identity_request(&device, serial, ueid, csr, cap, &len),
                         SEK_ERR_NO_SPACE);
    sek_identity_close(&device);
}

static int start(void **state)
{
    (void)state;
    memset(ueid, 0xd1, sizeof ueid);
    ueid[0] = 1;
    return sek_crypto_start(NULL) == SEK_OK ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_device_key_is_made_once),
        cmocka_unit_test(test_a_ueid_is_of_chip_and_board),
        cmocka_unit_test(test_enrolment_by_an_authority_of_p256),
        cmocka_unit_test(test_enrolment_by_an_authority_of_p384),
        cmocka_unit_test(test_requests_have_limits),
    };

    return cmocka_run_group_tests(tests, start, NULL);
}
