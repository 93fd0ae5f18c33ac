/* Who signed: the key that verifies, whatever the image says of it; a bad one is not forgotten. */
#include "crypto/crypto.h"
#include "tests/unit/policy.h"
#include "tests/unit/signer.h"
#include "trust/signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/rows.h"

enum { SIGNATURES = 4 };

static struct test_signer known, other, stranger;
static struct policy policy;
static uint8_t digest[32] = {1, 2, 3};

static void put_key(char *out, size_t cap, const char *name, const struct test_signer *signer,
                    const char *more)
{
    size_t len = strlen(out);

    len += (size_t)snprintf(out + len, cap - len, "%s { public-key = [", name);
    for (size_t i = 0; i < signer->spki_len; i++)
        len += (size_t)snprintf(out + len, cap - len, "%02x ", signer->spki[i]);
    (void)snprintf(out + len, cap - len, "]; algo = \"sha256,ecdsa256\"; %s }; ", more);
}

struct claimed {
    struct sek_signature_claim signature[SIGNATURES];
    uint8_t value[SIGNATURES][SEK_COSE_SIGNATURE_MAX];
    struct sek_image_claims claims;
};

/* Adds a signature of statement 0, made by signer, with a hint; wrong: one of its bits is. */
static void add_signature(struct claimed *c, struct test_signer *signer, const char *hint,
                          bool wrong)
{
    size_t n = c->claims.signature_count++;
    struct sek_signature_claim *signature = &c->signature[n];

    *signature = (struct sek_signature_claim){
        .alg = {SEK_SCHEME_ECDSA, SEK_DIGEST_SHA256, 256},
        .algo = "sha256,ecdsa256",
        .value = {c->value[n], 64},
    };
    strcpy(signature->hint, hint);
    memcpy(signature->digest, digest, sizeof digest);
    assert_int_equal(
        signer->base.sign(&signer->base, (struct sek_bytes){digest, sizeof digest}, c->value[n]),
        SEK_OK);
    c->value[n][10] ^= wrong ? 1 : 0;
    c->claims.signature = c->signature;
}

static const char *found(const struct claimed *c, size_t statement)
{
    static char told[64];
    struct sek_signed_by by;
    unsigned tries = 0;
    const char *state = "?";

    memset(&by, 0xa5, sizeof by);
    sek_signer_find(&policy.store, &c->claims, statement, &tries, &by);
    switch (by.state) {
    case SEK_SIGNER_NONE:
        state = "none";
        break;
    case SEK_SIGNER_UNKNOWN:
        state = "unknown";
        break;
    case SEK_SIGNER_WEAK:
        state = "weak";
        break;
    case SEK_SIGNER_BAD:
        state = "bad";
        break;
    case SEK_SIGNER_GOOD:
        state = "good";
        break;
    }
    (void)snprintf(told, sizeof told, "%s%s%s%s%s", state, by.key >= 0 ? " " : "",
                   by.key >= 0 ? sek_store_node_name(&policy.store, by.supplier) : "",
                   by.key >= 0 ? "/" : "",
                   by.key >= 0 ? sek_store_node_name(&policy.store, by.key) : "");
    return told;
}

struct one {
    struct test_signer *signer;
    const char *hint;
    bool wrong;
};

static const struct row {
    const char *name;
    struct one first, second; /* signer NULL: no such signature */
    const char *found;
} rows[] = {
    {"no signature", {0}, {0}, "none"},
    {"a key of the store", {&known, "known", false}, {0}, "good kiso/release"},
    {"whatever the hint says", {&known, "nobody", false}, {0}, "good kiso/release"},
    {"without a hint", {&known, "", false}, {0}, "good kiso/release"},
    {"also with the hint of another key", {&known, "other", false}, {0}, "good kiso/release"},
    {"a key of the second supplier", {&other, "", false}, {0}, "good hakone/boot"},
    {"nobody's key", {&stranger, "", false}, {0}, "unknown"},
    {"nobody's key under a known hint", {&stranger, "known", false}, {0}, "bad kiso/release"},
    {"a wrong bit under a known hint", {&known, "known", true}, {0}, "bad kiso/release"},
    {"a wrong bit without a hint", {&known, "", true}, {0}, "unknown"},
    {"a good one behind an unknown one",
     {&stranger, "", false},
     {&known, "", false},
     "good kiso/release"},
    {"a good one before an unknown one",
     {&known, "", false},
     {&stranger, "", false},
     "good kiso/release"},
    {"a bad one behind a good one",
     {&known, "", false},
     {&other, "other", true},
     "bad hakone/boot"},
    {"a bad one before a good one",
     {&other, "other", true},
     {&known, "", false},
     "bad hakone/boot"},
};

static void it_is_found(void **state)
{
    const struct row *row = *state;
    struct claimed c = {.claims = {.signature_count = 0}};

    if (row->first.signer)
        add_signature(&c, row->first.signer, row->first.hint, row->first.wrong);
    if (row->second.signer)
        add_signature(&c, row->second.signer, row->second.hint, row->second.wrong);
    assert_string_equal(found(&c, 0), row->found);
    assert_string_equal(found(&c, 1), "none"); /* another statement's are not its own */
}

static void a_weak_algorithm_is_not_tried(void **state)
{
    struct claimed c = {.claims = {.signature_count = 0}};

    (void)state;
    add_signature(&c, &known, "known", false);
    c.signature[0].alg.hash = SEK_DIGEST_NONE;
    assert_string_equal(found(&c, 0), "weak");
    c.signature[0].alg.hash = SEK_DIGEST_SHA256;
    c.signature[0].alg.scheme = SEK_SCHEME_NONE;
    assert_string_equal(found(&c, 0), "weak");
    add_signature(&c, &stranger, "", false);
    assert_string_equal(found(&c, 0), "unknown");
    add_signature(&c, &known, "", false);
    assert_string_equal(found(&c, 0), "good kiso/release");
}

static void a_digest_that_was_not_made_verifies_nothing(void **state)
{
    struct claimed c = {.claims = {.signature_count = 0}};

    (void)state;
    add_signature(&c, &known, "", false);
    c.signature[0].digest_status = SEK_ERR_SIGNATURE;
    assert_string_equal(found(&c, 0), "unknown");
}

static void every_bit_of_signature_and_digest_counts(void **state)
{
    struct claimed c = {.claims = {.signature_count = 0}};

    (void)state;
    add_signature(&c, &known, "", false);
    for (size_t bit = 0; bit < 8 * 64; bit += 7) {
        c.value[0][bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_string_equal(found(&c, 0), "unknown");
        c.value[0][bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t bit = 0; bit < 8 * sizeof digest; bit += 7) {
        c.signature[0].digest[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_string_equal(found(&c, 0), "unknown");
        c.signature[0].digest[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_string_equal(found(&c, 0), "good kiso/release");
}

static void a_key_id_is_compared_in_full(void **state)
{
    uint8_t id[SEK_KEY_ID_LEN];

    (void)state;
    assert_int_equal(sek_key_id(test_signer_spki(&known), id), SEK_OK);
    assert_string_equal(sek_store_node_name(&policy.store, sek_signer_key(&policy.store, id)),
                        "release");
    for (size_t bit = 0; bit < 8 * sizeof id; bit++) {
        id[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_true(sek_signer_key(&policy.store, id) < 0);
        id[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

static void a_store_without_suppliers_knows_nobody(void **state)
{
    struct claimed c = {.claims = {.signature_count = 0}};
    struct policy kept = policy;

    (void)state;
    add_signature(&c, &known, "known", false);
    policy_open(&policy, "");
    assert_string_equal(found(&c, 0), "unknown");
    policy_close(&policy);
    policy = kept;
}

static int open_store(void **state)
{
    char body[4096] = "suppliers { kiso { allow = \"kernel\"; ";

    (void)state;
    test_signer_make(&known, SEK_COSE_ES256);
    test_signer_make(&other, SEK_COSE_ES256);
    test_signer_make(&stranger, SEK_COSE_ES256);
    put_key(body, sizeof body, "release", &known, "key-name-hint = \"known\";");
    strcat(body, "}; hakone { allow = \"boot\"; ");
    put_key(body, sizeof body, "boot", &other, "key-name-hint = \"other\";");
    strcat(body, "}; };");
    policy_open(&policy, body);
    return 0;
}

static int close_store(void **state)
{
    (void)state;
    policy_close(&policy);
    test_signer_drop(&known);
    test_signer_drop(&other);
    test_signer_drop(&stranger);
    return 0;
}

int main(void)
{
    static const struct CMUnitTest fixed[] = {
        cmocka_unit_test(a_weak_algorithm_is_not_tried),
        cmocka_unit_test(a_digest_that_was_not_made_verifies_nothing),
        cmocka_unit_test(every_bit_of_signature_and_digest_counts),
        cmocka_unit_test(a_key_id_is_compared_in_full),
        cmocka_unit_test(a_store_without_suppliers_knows_nobody),
    };

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    ROWS_RUN(fixed, rows, it_is_found, open_store, close_store);
}
