/* Signatures and keys as OpenSSL makes them (tests/data/verify), and what must be refused. */
#include "crypto/crypto.h"
#include "crypto/spki.h"
#include "crypto/verify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FILE_MAX = 1024, UNTOUCHED = 0x77 };

struct file {
    size_t len;
    uint8_t data[FILE_MAX];
};

static struct file load(const char *name, const char *suffix)
{
    struct file file;
    char path[256];

    assert_true(snprintf(path, sizeof path, "tests/data/verify/%s%s", name, suffix) > 0);
    FILE *stream = fopen(path, "rb");
    assert_non_null(stream);
    file.len = fread(file.data, 1, sizeof file.data, stream);
    assert_true(file.len > 0 && file.len < sizeof file.data);
    assert_int_equal(fclose(stream), 0);
    return file;
}

static struct sek_bytes bytes(const struct file *file)
{
    return (struct sek_bytes){file->data, file->len};
}

/* A key of a block of its exact size, so that the sanitizer sees a read behind it. */
static enum sek_status kind_of(const uint8_t *data, size_t len, struct sek_sig_alg *out)
{
    uint8_t *copy = malloc(len ? len : 1);

    assert_non_null(copy);
    memcpy(copy, data, len);
    enum sek_status status = sek_key_kind((struct sek_bytes){copy, len}, out);
    free(copy);
    return status;
}

static enum sek_status verify(const struct sek_sig_alg *alg, const char *key,
                              struct sek_bytes signature)
{
    struct file message = load("message", ""), spki = load(key, ".spki");
    uint8_t digest[SEK_DIGEST_MAX];

    assert_int_equal(sek_digest_of(alg->hash, NULL, message.data, message.len, digest), SEK_OK);
    return sek_verify_digest(alg, bytes(&spki),
                             (struct sek_bytes){digest, sek_digest_len(alg->hash)}, signature);
}

static const struct {
    const char *key;
    enum sek_scheme scheme;
    uint16_t bits;
} good_keys[] = {
    {"rsa2048", SEK_SCHEME_RSA_PKCS1, 2048}, {"rsa3072", SEK_SCHEME_RSA_PKCS1, 3072},
    {"rsa4096", SEK_SCHEME_RSA_PKCS1, 4096}, {"rsa2048-wide-exponent", SEK_SCHEME_RSA_PKCS1, 2048},
    {"p256", SEK_SCHEME_ECDSA, 256},         {"p384", SEK_SCHEME_ECDSA, 384},
    {"ed25519", SEK_SCHEME_ED25519, 256},
};

static void the_kind_of_a_good_key_is_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < SEK_LEN(good_keys); i++) {
        struct file spki = load(good_keys[i].key, ".spki");
        struct sek_sig_alg kind;

        assert_int_equal(kind_of(spki.data, spki.len, &kind), SEK_OK);
        assert_int_equal(kind.scheme, good_keys[i].scheme);
        assert_int_equal(kind.key_bits, good_keys[i].bits);
        assert_int_equal(kind.hash, SEK_DIGEST_NONE);
    }
}

static void keys_that_may_not_be_used_are_refused(void **state)
{
    static const char *const bad[] = {
        "rsa1024",                                    /* too short */
        "rsa2048-e3",      "p521", "k256", "rsa-pss", /* another algorithm identifier */
        "p256-compressed",
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(bad); i++) {
        struct file spki = load(bad[i], ".spki");
        struct sek_sig_alg kind = {.key_bits = UNTOUCHED};

        assert_int_equal(kind_of(spki.data, spki.len, &kind), SEK_ERR_KEY);
        assert_int_equal(kind.key_bits, UNTOUCHED);
    }
}

static void a_key_cut_or_extended_anywhere_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < SEK_LEN(good_keys); i++) {
        struct file spki = load(good_keys[i].key, ".spki");
        struct sek_sig_alg kind = {.key_bits = UNTOUCHED};

        for (size_t len = 0; len < spki.len; len++)
            assert_int_equal(kind_of(spki.data, len, &kind), SEK_ERR_KEY);
        spki.data[spki.len] = 0;
        assert_int_equal(kind_of(spki.data, spki.len + 1, &kind), SEK_ERR_KEY);
        assert_int_equal(kind.key_bits, UNTOUCHED);
    }
}

/* Of an EC key no bit can be flipped: the structure is fixed and the point leaves its curve. Of an
 * RSA key the structure cannot be; another number is another key, of the same size. Of Ed25519
 * every other number is the start of a point. */
static void a_key_with_a_flipped_bit_is_refused_or_another_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < SEK_LEN(good_keys); i++) {
        struct file spki = load(good_keys[i].key, ".spki");
        struct sek_spki parsed;
        bool rsa = good_keys[i].scheme == SEK_SCHEME_RSA_PKCS1,
             edwards = good_keys[i].scheme == SEK_SCHEME_ED25519;

        assert_int_equal(sek_spki_parse(bytes(&spki), &parsed), SEK_OK);
        for (size_t bit = 0; bit < 8 * spki.len; bit++) {
            const uint8_t *at = spki.data + bit / 8;
            bool number = edwards && at >= parsed.key.data;

            number = number || (rsa && ((at >= parsed.modulus.data &&
                                         at < parsed.modulus.data + parsed.modulus.len) ||
                                        at >= parsed.exponent.data - 1)); /* or its leading zero */
            struct sek_sig_alg kind;

            spki.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
            enum sek_status status = kind_of(spki.data, spki.len, &kind);
            spki.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
            if (!number && status != SEK_ERR_KEY)
                fail_msg("%s is taken with bit %zu flipped", good_keys[i].key, bit);
            if (status == SEK_OK)
                assert_int_equal(kind.key_bits, good_keys[i].bits);
        }
    }
}

static void an_even_or_small_number_is_no_rsa_key(void **state)
{
    struct file spki = load("rsa2048", ".spki");
    struct sek_spki parsed, other;

    (void)state;
    assert_int_equal(sek_spki_parse(bytes(&spki), &parsed), SEK_OK);
    uint8_t *modulus_end = spki.data + (parsed.exponent.data - spki.data) - 3;
    uint8_t *exponent = spki.data + (parsed.exponent.data - spki.data);

    exponent[2] = 0; /* 65536 */
    assert_int_equal(sek_spki_parse(bytes(&spki), &other), SEK_ERR_KEY);
    exponent[2] = 2; /* 65538 */
    assert_int_equal(sek_spki_parse(bytes(&spki), &other), SEK_ERR_KEY);
    exponent[2] = 3; /* 65539: the control */
    assert_int_equal(sek_spki_parse(bytes(&spki), &other), SEK_OK);
    *modulus_end ^= 1;
    assert_int_equal(sek_spki_parse(bytes(&spki), &other), SEK_ERR_KEY);
}

static void a_signature_that_is_not_below_the_modulus_does_not_verify(void **state)
{
    static const enum sek_scheme schemes[] = {SEK_SCHEME_RSA_PKCS1, SEK_SCHEME_RSA_PSS};
    struct file spki = load("rsa2048", ".spki");
    uint8_t ones[256];
    struct sek_spki parsed;

    (void)state;
    memset(ones, 0xff, sizeof ones);
    assert_int_equal(sek_spki_parse(bytes(&spki), &parsed), SEK_OK);
    for (size_t i = 0; i < SEK_LEN(schemes); i++) {
        struct sek_sig_alg alg = {schemes[i], SEK_DIGEST_SHA256, 2048};

        assert_int_equal(verify(&alg, "rsa2048", parsed.modulus), SEK_ERR_SIGNATURE);
        assert_int_equal(verify(&alg, "rsa2048", (struct sek_bytes){ones, sizeof ones}),
                         SEK_ERR_SIGNATURE);
    }
}

static const struct {
    const char *key;
    enum sek_scheme scheme;
    enum sek_digest_alg hash;
    const char *signature;
    enum sek_status status;
} signatures[] = {
#define RSA(bits, hash, HASH)                                                                      \
    {"rsa" #bits, SEK_SCHEME_RSA_PKCS1, SEK_DIGEST_##HASH, "rsa" #bits "-pkcs1-" #hash ".sig",     \
     SEK_OK},                                                                                      \
        {"rsa" #bits, SEK_SCHEME_RSA_PSS, SEK_DIGEST_##HASH, "rsa" #bits "-pss-" #hash ".sig",     \
         SEK_OK},                                                                                  \
        {"rsa" #bits, SEK_SCHEME_RSA_PSS, SEK_DIGEST_##HASH, "rsa" #bits "-pss-" #hash "-max.sig", \
         SEK_OK},                                                                                  \
        {"rsa" #bits, SEK_SCHEME_RSA_PSS, SEK_DIGEST_##HASH, "rsa" #bits "-pkcs1-" #hash ".sig",   \
         SEK_ERR_SIGNATURE},                                                                       \
        {"rsa" #bits, SEK_SCHEME_RSA_PKCS1, SEK_DIGEST_##HASH, "rsa" #bits "-pss-" #hash ".sig",   \
         SEK_ERR_SIGNATURE},
    RSA(2048, sha256, SHA256) RSA(2048, sha384, SHA384) RSA(2048, sha512, SHA512) /* */
    RSA(3072, sha256, SHA256) RSA(3072, sha384, SHA384) RSA(3072, sha512, SHA512) /* */
    RSA(4096, sha256, SHA256) RSA(4096, sha384, SHA384) RSA(4096, sha512, SHA512) /* */
#undef RSA
    {"rsa2048-wide-exponent", SEK_SCHEME_RSA_PSS, SEK_DIGEST_SHA256,
     "rsa2048-wide-exponent-pss-sha256-max.sig", SEK_OK},
    /* salts of other lengths */
    {"rsa2048", SEK_SCHEME_RSA_PSS, SEK_DIGEST_SHA256, "rsa2048-pss-sha256-0.sig",
     SEK_ERR_SIGNATURE},
    {"rsa2048", SEK_SCHEME_RSA_PSS, SEK_DIGEST_SHA256, "rsa2048-pss-sha256-20.sig",
     SEK_ERR_SIGNATURE},
    {"rsa2048", SEK_SCHEME_RSA_PSS, SEK_DIGEST_SHA256, "rsa2048-pss-sha256-31.sig",
     SEK_ERR_SIGNATURE},
    {"rsa2048", SEK_SCHEME_RSA_PSS, SEK_DIGEST_SHA256, "rsa2048-pss-sha256-33.sig",
     SEK_ERR_SIGNATURE},
    {"rsa2048", SEK_SCHEME_RSA_PSS, SEK_DIGEST_SHA256, "rsa2048-pss-sha256-221.sig",
     SEK_ERR_SIGNATURE},
    /* another hash, another key */
    {"rsa2048", SEK_SCHEME_RSA_PKCS1, SEK_DIGEST_SHA256, "rsa2048-pkcs1-sha384.sig",
     SEK_ERR_SIGNATURE},
    {"rsa2048-wide-exponent", SEK_SCHEME_RSA_PKCS1, SEK_DIGEST_SHA256, "rsa2048-pkcs1-sha256.sig",
     SEK_ERR_SIGNATURE},
    {"rsa2048", SEK_SCHEME_RSA_PKCS1, SEK_DIGEST_SHA256, "rsa3072-pkcs1-sha256.sig",
     SEK_ERR_SIGNATURE}, /* length */
    {"p256", SEK_SCHEME_RSA_PKCS1, SEK_DIGEST_SHA256, "rsa2048-pkcs1-sha256.sig", SEK_ERR_KEY},
    {"rsa2048", SEK_SCHEME_ECDSA, SEK_DIGEST_SHA256, "rsa2048-pkcs1-sha256.sig", SEK_ERR_KEY},
    {"rsa2048-e3", SEK_SCHEME_RSA_PKCS1, SEK_DIGEST_SHA256, "rsa2048-pkcs1-sha256.sig",
     SEK_ERR_KEY},
    {"rsa2048", SEK_SCHEME_NONE, SEK_DIGEST_SHA256, "rsa2048-pkcs1-sha256.sig",
     SEK_ERR_UNSUPPORTED},
    {"rsa2048", SEK_SCHEME_RSA_PKCS1, SEK_DIGEST_CRC32, "rsa2048-pkcs1-sha256.sig",
     SEK_ERR_UNSUPPORTED},
};

static void rsa_signatures_come_out_as_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < SEK_LEN(signatures); i++) {
        struct file signature = load(signatures[i].signature, "");
        struct sek_sig_alg alg = {signatures[i].scheme, signatures[i].hash, 0};

        if (verify(&alg, signatures[i].key, bytes(&signature)) != signatures[i].status)
            fail_msg("row %zu, %s with %s", i, signatures[i].signature, signatures[i].key);
    }
}

static struct file ecdsa_raw(const char *name, uint16_t bits)
{
    struct file der = load(name, ".der"), raw = {.len = bits / 4u};

    assert_int_equal(sek_ecdsa_from_der(bytes(&der), bits, raw.data), SEK_OK);
    return raw;
}

static void ecdsa_verifies_with_every_hash_on_both_curves(void **state)
{
    static const enum sek_digest_alg hashes[] = {SEK_DIGEST_SHA256, SEK_DIGEST_SHA384,
                                                 SEK_DIGEST_SHA512};
    static const struct {
        const char *key;
        uint16_t bits;
    } curves[] = {{"p256", 256}, {"p384", 384}};

    (void)state;
    for (size_t c = 0; c < SEK_LEN(curves); c++)
        for (size_t h = 0; h < SEK_LEN(hashes); h++) {
            struct sek_sig_alg alg = {SEK_SCHEME_ECDSA, hashes[h], curves[c].bits};
            char name[32];

            assert_true(snprintf(name, sizeof name, "%s-%s", curves[c].key,
                                 sek_digest_name(hashes[h])) > 0);
            struct file raw = ecdsa_raw(name, curves[c].bits);
            assert_int_equal(verify(&alg, curves[c].key, bytes(&raw)), SEK_OK);
            alg.key_bits = 0; /* not said */
            assert_int_equal(verify(&alg, curves[c].key, bytes(&raw)), SEK_OK);
            alg.key_bits = 521; /* another size than the key's */
            assert_int_equal(verify(&alg, curves[c].key, bytes(&raw)), SEK_ERR_KEY);
        }
}

static void a_signature_with_a_flipped_bit_does_not_verify(void **state)
{
    static const struct sek_sig_alg pss = {SEK_SCHEME_RSA_PSS, SEK_DIGEST_SHA256, 2048},
                                    pkcs1 = {SEK_SCHEME_RSA_PKCS1, SEK_DIGEST_SHA256, 2048},
                                    ecdsa = {SEK_SCHEME_ECDSA, SEK_DIGEST_SHA256, 256};
    struct {
        const struct sek_sig_alg *alg;
        const char *key;
        struct file signature;
    } rows[] = {
        {&pkcs1, "rsa2048", load("rsa2048-pkcs1-sha256.sig", "")},
        {&pss, "rsa2048", load("rsa2048-pss-sha256.sig", "")},
        {&pss, "rsa2048", load("rsa2048-pss-sha256-max.sig", "")},
        {&ecdsa, "p256", ecdsa_raw("p256-sha256", 256)},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        struct file *s = &rows[i].signature;

        assert_int_equal(verify(rows[i].alg, rows[i].key, bytes(s)), SEK_OK);
        for (size_t bit = 0; bit < 8 * s->len; bit += 5) {
            s->data[bit / 8] ^= (uint8_t)(1u << bit % 8);
            assert_int_equal(verify(rows[i].alg, rows[i].key, bytes(s)), SEK_ERR_SIGNATURE);
            s->data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        for (size_t len = 0; len < s->len; len += 3)
            assert_int_equal(verify(rows[i].alg, rows[i].key, (struct sek_bytes){s->data, len}),
                             SEK_ERR_SIGNATURE);
    }
}

static void a_digest_of_another_length_is_refused(void **state)
{
    struct file spki = load("p256", ".spki"), raw = ecdsa_raw("p256-sha256", 256);
    struct sek_sig_alg alg = {SEK_SCHEME_ECDSA, SEK_DIGEST_SHA256, 256};
    uint8_t digest[SEK_DIGEST_MAX] = {0};

    (void)state;
    for (size_t len = 0; len <= sizeof digest; len++)
        assert_int_equal(
            sek_verify_digest(&alg, bytes(&spki), (struct sek_bytes){digest, len}, bytes(&raw)),
            len == 32 ? SEK_ERR_SIGNATURE : SEK_ERR_UNSUPPORTED);
}

static void der_signatures_are_read_strictly(void **state)
{
    static const struct {
        const char *name;
        uint8_t len;
        uint8_t der[16];
        enum sek_status status;
    } rows[] = {
        {"1, 2", 8, {0x30, 6, 2, 1, 1, 2, 1, 2}, SEK_OK},
        {"128 with its zero", 9, {0x30, 7, 2, 2, 0, 0x80, 2, 1, 2}, SEK_OK},
        {"zero", 8, {0x30, 6, 2, 1, 0, 2, 1, 2}, SEK_ERR_SIGNATURE},
        {"negative", 8, {0x30, 6, 2, 1, 0x80, 2, 1, 2}, SEK_ERR_SIGNATURE},
        {"a zero too many", 9, {0x30, 7, 2, 2, 0, 1, 2, 1, 2}, SEK_ERR_SIGNATURE},
        {"empty integer", 7, {0x30, 5, 2, 0, 2, 1, 2}, SEK_ERR_SIGNATURE},
        {"third integer", 11, {0x30, 9, 2, 1, 1, 2, 1, 2, 2, 1, 3}, SEK_ERR_SIGNATURE},
        {"one integer", 5, {0x30, 3, 2, 1, 1}, SEK_ERR_SIGNATURE},
        {"byte behind", 9, {0x30, 6, 2, 1, 1, 2, 1, 2, 0}, SEK_ERR_SIGNATURE},
        {"long length form", 9, {0x30, 0x81, 6, 2, 1, 1, 2, 1, 2}, SEK_ERR_SIGNATURE},
        {"longer length form", 10, {0x30, 0x82, 0, 6, 2, 1, 1, 2, 1, 2}, SEK_ERR_SIGNATURE},
        {"indefinite length", 10, {0x30, 0x80, 2, 1, 1, 2, 1, 2, 0, 0}, SEK_ERR_SIGNATURE},
        {"a set", 8, {0x31, 6, 2, 1, 1, 2, 1, 2}, SEK_ERR_SIGNATURE},
    };
    uint8_t out[SEK_ECDSA_MAX];

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        memset(out, UNTOUCHED, sizeof out);
        if (sek_ecdsa_from_der((struct sek_bytes){rows[i].der, rows[i].len}, 256, out) !=
            rows[i].status)
            fail_msg("%s", rows[i].name);
        assert_int_equal(out[63], rows[i].status == SEK_OK ? 2 : UNTOUCHED);
        assert_int_equal(out[64], UNTOUCHED);
    }
    assert_int_equal(sek_ecdsa_from_der((struct sek_bytes){rows[0].der, 8}, 521, out),
                     SEK_ERR_SIGNATURE);
}

static void the_id_of_a_key_is_the_sha256_of_its_spki(void **state)
{
    struct file spki = load("p256", ".spki");
    uint8_t id[SEK_KEY_ID_LEN], digest[SEK_DIGEST_MAX];

    (void)state;
    assert_int_equal(sek_key_id(bytes(&spki), id), SEK_OK);
    assert_int_equal(sek_digest_of(SEK_DIGEST_SHA256, NULL, spki.data, spki.len, digest), SEK_OK);
    assert_memory_equal(id, digest, sizeof id);
}

static void the_known_answers_of_signatures_come_out(void **state)
{
    (void)state;
    assert_int_equal(sek_crypto_test_signatures(), SEK_OK);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_kind_of_a_good_key_is_told),
        cmocka_unit_test(keys_that_may_not_be_used_are_refused),
        cmocka_unit_test(a_key_cut_or_extended_anywhere_is_refused),
        cmocka_unit_test(a_key_with_a_flipped_bit_is_refused_or_another_key),
        cmocka_unit_test(an_even_or_small_number_is_no_rsa_key),
        cmocka_unit_test(a_signature_that_is_not_below_the_modulus_does_not_verify),
        cmocka_unit_test(rsa_signatures_come_out_as_the_table_says),
        cmocka_unit_test(ecdsa_verifies_with_every_hash_on_both_curves),
        cmocka_unit_test(a_signature_with_a_flipped_bit_does_not_verify),
        cmocka_unit_test(a_digest_of_another_length_is_refused),
        cmocka_unit_test(der_signatures_are_read_strictly),
        cmocka_unit_test(the_known_answers_of_signatures_come_out),
        cmocka_unit_test(the_id_of_a_key_is_the_sha256_of_its_spki),
    };

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
