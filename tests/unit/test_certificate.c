/* Device certificates made by OpenSSL: what makes one, who may issue it, and what must be refused.
 * Enrolment with certificates of our own: test_identity.c. */
#include "crypto/crypto.h"
#include "evidence/certificate.h"
#include "tests/unit/openssl_signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#define FOLDER "build/test/keys/certificates"
#define UEID   "01d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1"

/* Extensions as OpenSSL's configuration writes them. */
#define USAGE  "keyUsage=critical,digitalSignature\\n"
#define NO_CA  "basicConstraints=critical,CA:FALSE\\n"
#define ATTEST "extendedKeyUsage=1.3.6.1.4.1.32473.1.2\\n"
#define HAS_ID "1.3.6.1.4.1.32473.1.1=DER:0421" UEID "\\n"

#define P256 "ec -pkeyopt ec_paramgen_curve:P-256"
#define P384 "ec -pkeyopt ec_paramgen_curve:P-384"
#define RSA  "rsa:2048"

static const struct authority {
    const char *name, *key, *extensions;
} authorities[] = {
    {"p256", P256, "basicConstraints=critical,CA:TRUE\\nkeyUsage=critical,keyCertSign\\n"},
    {"p384", P384, "basicConstraints=critical,CA:TRUE,pathlen:0\\n"},
    {"rsa", RSA, "basicConstraints=critical,CA:TRUE\\nkeyUsage=critical,keyCertSign\\n"},
    {"no-ca", P256, "basicConstraints=critical,CA:FALSE\\n"},
    {"no-sign", P256, "basicConstraints=critical,CA:TRUE\\nkeyUsage=critical,digitalSignature\\n"},
};

static const struct row {
    const char *name, *authority, *key, *subject, *extensions;
    enum sek_status status;
} rows[] = {
    {"issued by P-256", "p256", P256, "/serialNumber=A-1", USAGE NO_CA ATTEST HAS_ID, SEK_OK},
    {"issued by P-384", "p384", P384, "/serialNumber=A-1", USAGE NO_CA ATTEST HAS_ID, SEK_OK},
    {"issued by RSA", "rsa", P256, "/serialNumber=A-1", USAGE NO_CA ATTEST HAS_ID, SEK_OK},
    {"more names and usages", "p256", P256, "/O=Lab/serialNumber=A-1/CN=x",
     "extendedKeyUsage=clientAuth,1.3.6.1.4.1.32473.1.2\\nsubjectKeyIdentifier=hash\\n" HAS_ID,
     SEK_OK},
    {"by one that is no CA", "no-ca", P256, "/serialNumber=A-1", USAGE NO_CA ATTEST HAS_ID,
     SEK_ERR_SIGNATURE},
    {"by a CA that may not issue", "no-sign", P256, "/serialNumber=A-1", USAGE NO_CA ATTEST HAS_ID,
     SEK_ERR_SIGNATURE},
    {"an RSA key", "p256", RSA, "/serialNumber=A-1", USAGE NO_CA ATTEST HAS_ID, SEK_ERR_MALFORMED},
    {"without a serial number", "p256", P256, "/CN=A-1", USAGE NO_CA ATTEST HAS_ID,
     SEK_ERR_MALFORMED},
    {"with two of them", "p256", P256, "/serialNumber=A-1/serialNumber=A-2",
     USAGE NO_CA ATTEST HAS_ID, SEK_ERR_MALFORMED},
    {"without a UEID", "p256", P256, "/serialNumber=A-1", USAGE NO_CA ATTEST, SEK_ERR_MALFORMED},
    {"with a shorter UEID", "p256", P256, "/serialNumber=A-1",
     USAGE NO_CA ATTEST "1.3.6.1.4.1.32473.1.1=DER:040401d1d1d1\\n", SEK_ERR_MALFORMED},
    {"with a byte behind the UEID", "p256", P256, "/serialNumber=A-1",
     USAGE NO_CA ATTEST "1.3.6.1.4.1.32473.1.1=DER:0421" UEID "00\\n", SEK_ERR_MALFORMED},
    {"without the usage", "p256", P256, "/serialNumber=A-1", USAGE NO_CA HAS_ID, SEK_ERR_MALFORMED},
    {"with another usage", "p256", P256, "/serialNumber=A-1",
     USAGE NO_CA "extendedKeyUsage=clientAuth\\n" HAS_ID, SEK_ERR_MALFORMED},
    {"a key that may not sign", "p256", P256, "/serialNumber=A-1",
     "keyUsage=critical,keyAgreement\\n" NO_CA ATTEST HAS_ID, SEK_ERR_MALFORMED},
    {"a CA", "p256", P256, "/serialNumber=A-1",
     USAGE "basicConstraints=critical,CA:TRUE\\n" ATTEST HAS_ID, SEK_ERR_MALFORMED},
    {"an unknown critical extension", "p256", P256, "/serialNumber=A-1",
     USAGE NO_CA ATTEST HAS_ID "1.2.3.4=critical,DER:0500\\n", SEK_ERR_MALFORMED},
};

/* Issues a certificate: by an authority, or for an authority by itself. */
static void issue(const char *out, const char *key, const char *subject, const char *extensions,
                  const char *authority)
{
    char by[256] = "";

    if (authority)
        (void)snprintf(by, sizeof by, "-CA " FOLDER "/%s.pem -CAkey " FOLDER "/%s.key", authority,
                       authority);
    openssl_run("printf '[req]\\ndistinguished_name=none\\n[none]\\n[all]\\n%s' >" FOLDER "/conf",
                extensions);
    openssl_run("openssl req -x509 -config " FOLDER "/conf -extensions all -newkey %s -nodes "
                "-keyout " FOLDER "/%s.key -subj '%s' -days 30 %s -out " FOLDER "/%s.pem "
                "2>/dev/null",
                key, out, subject, by, out);
    openssl_run("openssl x509 -in " FOLDER "/%s.pem -outform DER -out " FOLDER "/%s.der", out, out);
}

static struct sek_bytes load(const char *name)
{
    char path[128];
    size_t len;
    uint8_t *der;

    (void)snprintf(path, sizeof path, FOLDER "/%s.der", name);
    der = test_read_file(path, &len);
    return (struct sek_bytes){der, len};
}

static void drop(struct sek_bytes der)
{
    free((void *)(uintptr_t)der.data);
}

static void certificates_come_out_as_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        struct sek_certificate seen = {.spki_len = 7};
        struct sek_bytes der, authority;

        issue("device", rows[i].key, rows[i].subject, rows[i].extensions, rows[i].authority);
        der = load("device");
        authority = load(rows[i].authority);
        test_keep_seed("certificate", rows[i].name, der.data, der.len);
        if (sek_certificate_check(der, &authority, 1, 0, &seen) != rows[i].status)
            fail_msg("%s", rows[i].name);
        if (rows[i].status == SEK_OK) {
            assert_string_equal(seen.serial, "A-1");
            assert_int_equal(seen.ueid[0], 0x01);
            assert_int_equal(seen.ueid[32], 0xd1);
            assert_int_equal(seen.valid_to - seen.valid_from, 30);
        } else {
            assert_int_equal(seen.spki_len, 7);
        }
        drop(der);
        drop(authority);
    }
}

static void the_authority_that_issued_is_told_and_no_other_takes_its_place(void **state)
{
    struct sek_bytes der, authority[] = {load("p384"), load("rsa"), {(const uint8_t *)"x", 1}};
    struct sek_certificate seen;

    (void)state;
    issue("device", P256, "/serialNumber=A-1", USAGE NO_CA ATTEST HAS_ID, "rsa");
    der = load("device");
    assert_int_equal(sek_certificate_check(der, authority, 2, 0, &seen), SEK_OK);
    assert_int_equal(seen.authority, 1);
    assert_int_equal(sek_certificate_check(der, authority, 1, 0, &seen), SEK_ERR_SIGNATURE);
    assert_int_equal(sek_certificate_check(der, authority + 2, 1, 0, &seen), SEK_ERR_SIGNATURE);
    assert_int_equal(sek_certificate_check(der, authority, 2, seen.valid_to, &seen), SEK_OK);
    assert_int_equal(sek_certificate_check(der, authority, 2, seen.valid_to + 1, &seen),
                     SEK_ERR_EXPIRED);
    drop(der);
    drop(authority[0]);
    drop(authority[1]);
}

static void no_bit_and_no_byte_of_one_issued_by_rsa_may_differ(void **state)
{
    struct sek_bytes authority = load("rsa"), der;
    struct sek_certificate seen;
    uint8_t *copy;

    (void)state;
    issue("device", P256, "/serialNumber=A-1", USAGE NO_CA ATTEST HAS_ID, "rsa");
    der = load("device");
    copy = malloc(der.len);
    assert_non_null(copy);
    memcpy(copy, der.data, der.len);
    for (size_t bit = 0; bit < 8 * der.len; bit++) {
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (sek_certificate_check((struct sek_bytes){copy, der.len}, &authority, 1, 0, &seen) ==
            SEK_OK)
            fail_msg("bit %zu", bit);
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t cut = 0; cut < der.len; cut++) {
        uint8_t *exact = malloc(cut ? cut : 1);

        assert_non_null(exact);
        memcpy(exact, copy, cut);
        assert_int_equal(
            sek_certificate_check((struct sek_bytes){exact, cut}, &authority, 1, 0, &seen),
            SEK_ERR_MALFORMED);
        free(exact);
    }
    assert_int_equal(
        sek_certificate_check((struct sek_bytes){copy, der.len}, &authority, 1, 0, &seen), SEK_OK);
    free(copy);
    drop(der);
    drop(authority);
}

static int make_authorities(void **state)
{
    (void)state;
    (void)mkdir("build/test/keys", 0777);
    (void)mkdir(FOLDER, 0777);
    for (size_t i = 0; i < SEK_LEN(authorities); i++)
        issue(authorities[i].name, authorities[i].key, "/O=Lab/CN=Device authority",
              authorities[i].extensions, NULL);
    return sek_crypto_start(NULL) == SEK_OK ? 0 : -1;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(certificates_come_out_as_the_table_says),
        cmocka_unit_test(the_authority_that_issued_is_told_and_no_other_takes_its_place),
        cmocka_unit_test(no_bit_and_no_byte_of_one_issued_by_rsa_may_differ),
    };

    return cmocka_run_group_tests(tests, make_authorities, NULL);
}
