/* Engines that fail or lie: PSA's calls, one by one, return an error, or success without having
 * done anything. The two modules are compiled into this test, on top of calls that do so. */
#include <psa/crypto.h>

#include <stdbool.h>

static psa_status_t lying_setup(psa_hash_operation_t *operation, psa_algorithm_t alg);
static psa_status_t lying_update(psa_hash_operation_t *operation, const uint8_t *data, size_t len);
static psa_status_t lying_finish(psa_hash_operation_t *operation, uint8_t *out, size_t cap,
                                 size_t *len);
static psa_status_t lying_import(const psa_key_attributes_t *attributes, const uint8_t *data,
                                 size_t len, psa_key_id_t *key);
static psa_status_t lying_attributes(psa_key_id_t key, psa_key_attributes_t *attributes);
static psa_status_t lying_verify(psa_key_id_t key, psa_algorithm_t alg, const uint8_t *hash,
                                 size_t hash_len, const uint8_t *signature, size_t signature_len);
static psa_status_t lying_destroy(psa_key_id_t key);

#define psa_hash_setup         lying_setup
#define psa_hash_update        lying_update
#define psa_hash_finish        lying_finish
#define psa_import_key         lying_import
#define psa_get_key_attributes lying_attributes
#define psa_verify_hash        lying_verify
#define psa_destroy_key        lying_destroy
#include "crypto/digest.c"
#include "crypto/verify.c"
#undef psa_hash_setup
#undef psa_hash_update
#undef psa_hash_finish
#undef psa_import_key
#undef psa_get_key_attributes
#undef psa_verify_hash
#undef psa_destroy_key

#include "crypto/known.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

enum lie {
    ERROR,         /* an error, nothing done */
    NOTHING,       /* success, nothing done */
    BAD_SIGNATURE, /* an answer that is always at hand */
    LIES,
};

static struct {
    enum lie lie;
    unsigned calls, from, to; /* the calls from <= number < to are not made, but answered */
} plan;

static bool lies(psa_status_t *answer)
{
    static const psa_status_t answers[LIES] = {PSA_ERROR_HARDWARE_FAILURE, PSA_SUCCESS,
                                               PSA_ERROR_INVALID_SIGNATURE};
    unsigned number = plan.calls++;

    *answer = answers[plan.lie];
    return number >= plan.from && number < plan.to;
}

static void lie_from_to(enum lie lie, unsigned from, unsigned to)
{
    plan.lie = lie;
    plan.calls = 0;
    plan.from = from;
    plan.to = to;
}

static psa_status_t lying_setup(psa_hash_operation_t *operation, psa_algorithm_t alg)
{
    psa_status_t answer;
    return lies(&answer) ? answer : psa_hash_setup(operation, alg);
}

static psa_status_t lying_update(psa_hash_operation_t *operation, const uint8_t *data, size_t len)
{
    psa_status_t answer;
    return lies(&answer) ? answer : psa_hash_update(operation, data, len);
}

static psa_status_t lying_finish(psa_hash_operation_t *operation, uint8_t *out, size_t cap,
                                 size_t *len)
{
    psa_status_t answer;
    return lies(&answer) ? answer : psa_hash_finish(operation, out, cap, len);
}

static psa_status_t lying_import(const psa_key_attributes_t *attributes, const uint8_t *data,
                                 size_t len, psa_key_id_t *key)
{
    psa_status_t answer;
    return lies(&answer) ? answer : psa_import_key(attributes, data, len, key);
}

static psa_status_t lying_attributes(psa_key_id_t key, psa_key_attributes_t *attributes)
{
    psa_status_t answer;
    return lies(&answer) ? answer : psa_get_key_attributes(key, attributes);
}

static psa_status_t lying_verify(psa_key_id_t key, psa_algorithm_t alg, const uint8_t *hash,
                                 size_t hash_len, const uint8_t *signature, size_t signature_len)
{
    psa_status_t answer;
    return lies(&answer) ? answer
                         : psa_verify_hash(key, alg, hash, hash_len, signature, signature_len);
}

/* The key goes in any case: a test must not leak. */
static psa_status_t lying_destroy(psa_key_id_t key)
{
    psa_status_t answer, real = psa_destroy_key(key);
    return lies(&answer) ? answer : real;
}

/* What asks the engine: ECDSA for the signature, PSS for its digests. PKCS#1 v1.5 asks nobody. */
enum { ECDSA, PSS, SIGNED };

static struct {
    const char *name;
    unsigned calls; /* that a refusal takes */
    struct sek_sig_alg alg;
    struct sek_bytes key, signature, digest;
} signed_rows[SIGNED] = {
    [ECDSA] = {"ECDSA",
               4,
               {SEK_SCHEME_ECDSA, SEK_DIGEST_SHA256, 256},
               {known_ec_key, sizeof known_ec_key},
               {known_ec_signature, sizeof known_ec_signature},
               {known_signed, sizeof known_signed}},
    [PSS] = {"PSS", 4, {SEK_SCHEME_RSA_PSS, SEK_DIGEST_SHA256, 2048}, {0}, {0}, {0}},
};

static struct sek_bytes load(const char *path, uint8_t *buf, size_t cap)
{
    FILE *file = fopen(path, "rb");
    struct sek_bytes bytes = {buf, file ? fread(buf, 1, cap, file) : 0};

    if (file)
        (void)fclose(file);
    return bytes;
}

/* The PSS row is a file's: OpenSSL's signature over tests/data/verify/message. */
static bool load_pss(void)
{
    static uint8_t key[512], signature[256], message[512], digest[SEK_DIGEST_MAX];
    struct sek_bytes text = load("tests/data/verify/message", message, sizeof message);

    signed_rows[PSS].key = load("tests/data/verify/rsa2048.spki", key, sizeof key);
    signed_rows[PSS].signature =
        load("tests/data/verify/rsa2048-pss-sha256.sig", signature, sizeof signature);
    signed_rows[PSS].digest = (struct sek_bytes){digest, 32};
    return text.len > 0 &&
           sek_digest_of(SEK_DIGEST_SHA256, NULL, text.data, text.len, digest) == SEK_OK;
}

static enum sek_status verify_row(size_t i, bool good)
{
    uint8_t digest[SEK_DIGEST_MAX];

    memcpy(digest, signed_rows[i].digest.data, signed_rows[i].digest.len);
    digest[31] ^= good ? 0 : 1;
    return sek_verify_digest(&signed_rows[i].alg, signed_rows[i].key,
                             (struct sek_bytes){digest, signed_rows[i].digest.len},
                             signed_rows[i].signature);
}

/* One yes to the first question is not noticed within a verification, as the control is then
 * refused in earnest: that is why the appraisal verifies everything twice. */
static void no_lie_of_one_call_makes_a_bad_signature_good_twice(void **state)
{
    (void)state;
    for (size_t i = 0; i < SEK_LEN(signed_rows); i++) {
        lie_from_to(ERROR, 0, 0);
        assert_int_equal(verify_row(i, false), SEK_ERR_SIGNATURE);
        unsigned calls = plan.calls;
        assert_true(calls >= signed_rows[i].calls);
        for (int lie = 0; lie < LIES; lie++)
            for (unsigned call = 0; call < 2 * calls + 2; call++) {
                lie_from_to((enum lie)lie, call, call + 1);
                enum sek_status first = verify_row(i, false);
                enum sek_status second = verify_row(i, false);
                if (first == SEK_OK && second == SEK_OK)
                    fail_msg("%s: lie %d at call %u", signed_rows[i].name, lie, call);
                if (first == SEK_OK && lie != NOTHING)
                    fail_msg("%s: an error at call %u is a yes", signed_rows[i].name, call);
            }
    }
}

/* Up to the control question, that is: what was honest until then has verified. */
static void no_lie_from_any_call_on_makes_a_signature_good(void **state)
{
    (void)state;
    for (size_t i = 0; i < SEK_LEN(signed_rows); i++)
        for (int good = 0; good < 2; good++)
            for (int lie = 0; lie < LIES; lie++)
                for (unsigned call = 0; call < 3; call++) {
                    lie_from_to((enum lie)lie, call, UINT_MAX);
                    if (verify_row(i, good != 0) == SEK_OK)
                        fail_msg("%s: lie %d from call %u", signed_rows[i].name, lie, call);
                }
}

/* The calls of one good verification by ECDSA: import, attributes, question, control, destroy. */
static void each_lie_about_a_good_signature_is_noticed(void **state)
{
    static const struct {
        unsigned call;
        enum lie lie;
        enum sek_status status;
    } rows[] = {
        {0, ERROR, SEK_ERR_CRYPTO}, {0, NOTHING, SEK_ERR_CRYPTO},
        {1, ERROR, SEK_ERR_CRYPTO}, {1, NOTHING, SEK_ERR_CRYPTO},
        {2, ERROR, SEK_ERR_CRYPTO}, {2, BAD_SIGNATURE, SEK_ERR_SIGNATURE},
        {2, NOTHING, SEK_OK}, /* a yes that was right */
        {3, ERROR, SEK_ERR_CRYPTO}, {3, NOTHING, SEK_ERR_CRYPTO},
        {3, BAD_SIGNATURE, SEK_OK}, /* a no that was right */
        {4, ERROR, SEK_ERR_CRYPTO}, {4, BAD_SIGNATURE, SEK_ERR_CRYPTO},
    };

    (void)state;
    for (size_t r = 0; r < SEK_LEN(rows); r++) {
        lie_from_to(rows[r].lie, rows[r].call, rows[r].call + 1);
        if (verify_row(ECDSA, true) != rows[r].status)
            fail_msg("row %zu", r);
    }
    for (size_t i = 0; i < SEK_LEN(signed_rows); i++) { /* the control */
        lie_from_to(ERROR, 0, 0);
        assert_int_equal(verify_row(i, true), SEK_OK);
    }
}

static void a_kind_is_not_told_by_an_engine_that_lies(void **state)
{
    struct sek_sig_alg kind = {.key_bits = 7};

    (void)state;
    for (unsigned call = 0; call < 2; call++)
        for (int lie = ERROR; lie <= NOTHING; lie++) {
            lie_from_to((enum lie)lie, call, call + 1);
            assert_int_equal(sek_key_kind(signed_rows[ECDSA].key, &kind), SEK_ERR_CRYPTO);
            assert_int_equal(kind.key_bits, 7);
        }
    lie_from_to(ERROR, 2, 3);
    assert_int_equal(sek_key_kind(signed_rows[ECDSA].key, &kind), SEK_ERR_CRYPTO);
    lie_from_to(ERROR, 0, 0);
    assert_int_equal(sek_key_kind(signed_rows[ECDSA].key, &kind), SEK_OK);
}

/* The calls of one digest: setup, update, finish. An update that is claimed but not done cannot be
 * noticed here: it gives the digest of other bytes, never the one that was expected. */
static void a_digest_is_not_made_by_an_engine_that_lies(void **state)
{
    static const enum sek_digest_alg algs_of_psa[] = {SEK_DIGEST_SHA256, SEK_DIGEST_SHA384,
                                                      SEK_DIGEST_SHA512};
    uint8_t out[SEK_DIGEST_MAX], right[SEK_DIGEST_MAX];

    (void)state;
    for (size_t a = 0; a < SEK_LEN(algs_of_psa); a++) {
        lie_from_to(ERROR, 0, 0);
        assert_int_equal(sek_digest_of(algs_of_psa[a], NULL, "abc", 3, right), SEK_OK);
        for (unsigned call = 0; call < 3; call++) {
            memcpy(out, right, sizeof out); /* old bytes that would please */
            lie_from_to(ERROR, call, call + 1);
            assert_int_equal(sek_digest_of(algs_of_psa[a], NULL, "abc", 3, out), SEK_ERR_CRYPTO);
            if (call > 0)
                assert_memory_not_equal(out, right, sek_digest_len(algs_of_psa[a]));

            memcpy(out, right, sizeof out);
            lie_from_to(NOTHING, call, call + 1);
            if (sek_digest_of(algs_of_psa[a], NULL, "abc", 3, out) == SEK_OK) {
                assert_int_equal(call, 1);
                assert_memory_not_equal(out, right, sek_digest_len(algs_of_psa[a]));
            }
        }
        lie_from_to(NOTHING, 0, UINT_MAX);
        assert_int_equal(sek_digest_of(algs_of_psa[a], NULL, "abc", 3, out), SEK_ERR_CRYPTO);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_lie_of_one_call_makes_a_bad_signature_good_twice),
        cmocka_unit_test(no_lie_from_any_call_on_makes_a_signature_good),
        cmocka_unit_test(each_lie_about_a_good_signature_is_noticed),
        cmocka_unit_test(a_kind_is_not_told_by_an_engine_that_lies),
        cmocka_unit_test(a_digest_is_not_made_by_an_engine_that_lies),
    };

    if (psa_crypto_init() != PSA_SUCCESS || !load_pss())
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
