/* Certificates and chains made by OpenSSL: which lead to an anchor, which do not and why. */
#include "crypto/crypto.h"
#include "crypto/x509.h"
#include "tests/unit/openssl_signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { OTHERS_MAX = 4 };

static struct sek_bytes load(const char *name)
{
    char path[128];
    size_t len;
    uint8_t *der;

    (void)snprintf(path, sizeof path, "build/test/keys/%s.der", name);
    der = test_read_file(path, &len);
    return (struct sek_bytes){der, len};
}

static void drop(struct sek_bytes der)
{
    free((void *)(uintptr_t)der.data);
}

static enum sek_status chain(const char *signer, const char *const *others, const char *anchor,
                             sek_day *from, sek_day *until)
{
    struct sek_bytes leaf = load(signer), top = load(anchor), list[OTHERS_MAX];
    size_t count = 0;
    enum sek_status status;

    for (; count < OTHERS_MAX && others[count]; count++)
        list[count] = load(others[count]);
    status = sek_x509_chain(leaf, list, count, top, from, until);
    for (size_t i = 0; i < count; i++)
        drop(list[i]);
    drop(leaf);
    drop(top);
    return status;
}

static const struct row {
    const char *name, *signer, *others[OTHERS_MAX], *anchor;
    enum sek_status status;
} rows[] = {
    {"issued by the anchor", "signer", {NULL}, "ca", SEK_OK},
    {"over an intermediate", "signer-ec", {"signer", "sub-ca"}, "ca", SEK_OK},
    {"without usages at all", "signer-plain", {NULL}, "ca", SEK_OK},
    {"the signer itself is the anchor", "self", {NULL}, "self", SEK_OK},
    {"the intermediate is the anchor", "signer-ec", {NULL}, "sub-ca", SEK_OK},
    {"the intermediate is missing", "signer-ec", {"signer"}, "ca", SEK_ERR_KEY},
    {"of another CA", "signer-other", {"other-ca"}, "ca", SEK_ERR_KEY},
    {"of another CA with a name of ours", "signer", {NULL}, "other-ca", SEK_ERR_KEY},
    {"for servers only", "signer-server", {NULL}, "ca", SEK_ERR_KEY},
    {"for key agreement only", "signer-agree", {NULL}, "ca", SEK_ERR_KEY},
    {"issued by one who is no CA", "signer-by-leaf", {"signer"}, "ca", SEK_ERR_KEY},
    {"below a CA that allows no CA below it",
     "signer-deep",
     {"deep-ca", "sub-ca"},
     "ca",
     SEK_ERR_KEY},
    {"below a CA for code", "signer-by-code", {"code-ca"}, "ca", SEK_OK},
    {"below a CA for servers only", "signer-by-server", {"server-ca"}, "ca", SEK_ERR_KEY},
    {"for objects, as Netscape says it", "signer-netscape", {NULL}, "ca", SEK_OK},
    {"for servers, as Netscape says it", "signer-netscape-server", {NULL}, "ca", SEK_ERR_KEY},
    {"with a critical extension that nobody knows", "signer-odd", {NULL}, "ca", SEK_ERR_MALFORMED},
    {"a CA that signs itself", "ca", {NULL}, "other-ca", SEK_ERR_KEY},
};

static void a_chain_leads_to_the_anchor_or_it_does_not(void **state)
{
    const struct row *row = *state;
    sek_day from = 7, until = 7;

    assert_int_equal(chain(row->signer, row->others, row->anchor, &from, &until), row->status);
    if (row->status != SEK_OK)
        assert_true(from == 7 && until == 7);
    else
        assert_true(from == 20454 && until >= 24105); /* 2026-01-01, 2035-12-31 */
}

static void the_shortest_of_all_dates_counts(void **state)
{
    static const char *const none[] = {NULL};
    sek_day from, until;

    (void)state;
    assert_int_equal(chain("signer-expired", none, "ca", &from, &until), SEK_OK);
    assert_int_equal(from, 20454);
    assert_int_equal(until, 20605); /* 2026-06-01 */
}

static void no_bit_of_a_signer_can_be_flipped(void **state)
{
    struct sek_bytes leaf = load("signer"), top = load("ca");
    uint8_t *copy = malloc(leaf.len);
    sek_day from, until;

    (void)state;
    assert_non_null(copy);
    memcpy(copy, leaf.data, leaf.len);
    for (size_t bit = 0; bit < 8 * leaf.len; bit += 5) {
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (sek_x509_chain((struct sek_bytes){copy, leaf.len}, NULL, 0, top, &from, &until) ==
            SEK_OK)
            fail_msg("bit %zu", bit);
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_int_equal(
        sek_x509_chain((struct sek_bytes){copy, leaf.len}, NULL, 0, top, &from, &until), SEK_OK);
    free(copy);
    drop(leaf);
    drop(top);
}

static void a_cut_or_longer_certificate_is_malformed(void **state)
{
    struct sek_bytes der = load("sub-ca");
    struct sek_x509 crt;

    (void)state;
    assert_int_equal(sek_x509_parse(der, &crt), SEK_OK);
    assert_true(crt.is_ca);
    assert_int_equal(crt.path_len, 0);
    for (size_t len = 0; len < der.len; len++) {
        uint8_t *exact = malloc(len ? len : 1);

        assert_non_null(exact);
        memcpy(exact, der.data, len);
        assert_int_equal(sek_x509_parse((struct sek_bytes){exact, len}, &crt), SEK_ERR_MALFORMED);
        free(exact);
    }
    uint8_t *longer = malloc(der.len + 1);

    assert_non_null(longer);
    memcpy(longer, der.data, der.len);
    longer[der.len] = 0;
    assert_int_equal(sek_x509_parse((struct sek_bytes){longer, der.len + 1}, &crt),
                     SEK_ERR_MALFORMED);
    free(longer);
    drop(der);
}

/* Impostors of the issuer's name, with a key of their own: each costs a verification, so a few are
 * borne, and not many. */
static void impostors_cost_no_more_than_some_verifications(void **state)
{
    struct sek_bytes leaf = load("signer-ec"), sub = load("sub-ca"), top = load("ca"),
                     key = load("sub-key.spki"), other = load("p384.spki"),
                     list[SEK_X509_LOOKS_MAX + 1];
    uint8_t *impostor = malloc(sub.len);
    sek_day from, until;
    size_t at = 0;

    (void)state;
    assert_non_null(impostor);
    assert_int_equal(key.len, other.len);
    memcpy(impostor, sub.data, sub.len);
    while (memcmp(impostor + at, key.data, key.len) != 0)
        at++;
    memcpy(impostor + at, other.data, other.len);
    for (size_t count = 0; count <= SEK_X509_LOOKS_MAX; count++) {
        list[count] = sub;
        assert_int_equal(sek_x509_chain(leaf, list, count + 1, top, &from, &until),
                         count < SEK_X509_LOOKS_MAX ? SEK_OK : SEK_ERR_KEY);
        list[count] = (struct sek_bytes){impostor, sub.len};
    }
    free(impostor);
    drop(leaf);
    drop(sub);
    drop(top);
    drop(key);
    drop(other);
}

/* What a newer parser would read otherwise than an older one. */
static void odd_encodings_are_malformed(void **state)
{
    static const uint8_t critical[] = {0x01, 0x01, 0xff, 0x04, 0x02, 0x05, 0x00},
                         of_no_length[] = {0x01, 0x00, 0x04, 0x03, 0x05, 0x00, 0x00};
    struct sek_bytes odd = load("signer-odd"), der = load("signer");
    uint8_t *copy = malloc(odd.len), *first = malloc(der.len);
    enum { VERSION_AT = 8, VERSION_LEN = 5 };
    struct sek_x509 crt;
    size_t at = 0;

    (void)state;
    assert_non_null(copy);
    memcpy(copy, odd.data, odd.len);
    while (at < odd.len && memcmp(copy + at, critical, sizeof critical) != 0)
        at++;
    assert_true(at < odd.len);
    memcpy(copy + at, of_no_length, sizeof of_no_length); /* a critical extension, or not */
    assert_int_equal(sek_x509_parse((struct sek_bytes){copy, odd.len}, &crt), SEK_ERR_MALFORMED);
    memcpy(copy + at, critical, sizeof critical);
    copy[at + 2] = 0x00; /* FALSE, which is not written */
    assert_int_equal(sek_x509_parse((struct sek_bytes){copy, odd.len}, &crt), SEK_ERR_MALFORMED);

    assert_non_null(first); /* extensions in a certificate of version 1 */
    memcpy(first, der.data, VERSION_AT);
    assert_int_equal(der.data[VERSION_AT], 0xa0);
    memcpy(first + VERSION_AT, der.data + VERSION_AT + VERSION_LEN,
           der.len - VERSION_AT - VERSION_LEN);
    first[3] = (uint8_t)(der.data[3] - VERSION_LEN);
    first[7] = (uint8_t)(der.data[7] - VERSION_LEN);
    assert_true(first[3] < der.data[3] && first[7] < der.data[7]);
    assert_int_equal(sek_x509_parse((struct sek_bytes){first, der.len - VERSION_LEN}, &crt),
                     SEK_ERR_MALFORMED);
    free(copy);
    free(first);
    drop(odd);
    drop(der);
}

/* Identifiers are read to their end: what stands there and says nothing may not stand there. */
static void an_algorithm_has_only_its_own_parameters(void **state)
{
#define RSA_ID   "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b" /* sha256WithRSAEncryption */
#define ECDSA_ID "\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02"     /* ecdsa-with-SHA256 */
    static const struct {
        const char *name, *der;
        size_t len;
        enum sek_scheme scheme;
    } ids[] = {
        {"RSA", "\x30\x0d" RSA_ID "\x05\x00", 15, SEK_SCHEME_RSA_PKCS1},
        {"RSA without its NULL", "\x30\x0b" RSA_ID, 13, SEK_SCHEME_RSA_PKCS1},
        {"ECDSA", "\x30\x0a" ECDSA_ID, 12, SEK_SCHEME_ECDSA},
        {"RSA with something else", "\x30\x0d" RSA_ID "\x04\x00", 15, SEK_SCHEME_NONE},
        {"RSA with two NULLs", "\x30\x0f" RSA_ID "\x05\x00\x05\x00", 17, SEK_SCHEME_NONE},
        {"RSA with a NULL of a byte", "\x30\x0e" RSA_ID "\x05\x01\x00", 16, SEK_SCHEME_NONE},
        {"ECDSA with a NULL of a byte", "\x30\x0d" ECDSA_ID "\x05\x01\x00", 15, SEK_SCHEME_NONE},
        {"ECDSA with a curve", "\x30\x0c" ECDSA_ID "\x06\x00", 14, SEK_SCHEME_NONE},
        {"bytes behind it", "\x30\x0a" ECDSA_ID "\x00", 13, SEK_SCHEME_NONE},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(ids); i++) {
        const struct sek_bytes der = {(const uint8_t *)ids[i].der, ids[i].len};

        if (sek_x509_algorithm(der, SEK_DIGEST_SHA256).scheme != ids[i].scheme)
            fail_msg("%s", ids[i].name);
    }
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(an_algorithm_has_only_its_own_parameters),
        cmocka_unit_test(the_shortest_of_all_dates_counts),
        cmocka_unit_test(no_bit_of_a_signer_can_be_flipped),
        cmocka_unit_test(a_cut_or_longer_certificate_is_malformed),
        cmocka_unit_test(odd_encodings_are_malformed),
        cmocka_unit_test(impostors_cost_no_more_than_some_verifications),
    };
    struct CMUnitTest tests[SEK_LEN(rows) + SEK_LEN(others)];

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    openssl_keys();
    for (size_t i = 0; i < SEK_LEN(rows); i++)
        tests[i] = (struct CMUnitTest){rows[i].name, a_chain_leads_to_the_anchor_or_it_does_not,
                                       NULL, NULL, (void *)(uintptr_t)&rows[i]};
    memcpy(tests + SEK_LEN(rows), others, sizeof others);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
