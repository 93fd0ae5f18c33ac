/* Signatures beside a file: every kind, by OpenSSL and usign's writer, and what is none. */
#include "crypto/crypto.h"
#include "image/detached.h"
#include "tests/unit/judge.h"
#include "tests/unit/openwrt_writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define WORK  "build/test/detached"
#define KEYS  "build/test/keys"
#define ALLOW "\"kernel\""

enum { KINDS = 10, STORED = 5, STEP = 13 };

/* How a signature over the file `in` is made, to `sig`; the key of the store that pins it. */
static const struct kind {
    const char *name, *command;
    bool der; /* of CMS: not every bit counts */
} kinds[KINDS] = {
    {"RSA, PKCS#1", "openssl dgst -sha256 -sign " KEYS "/rsa2048.pem -out sig in", false},
    {"RSA, PSS",
     "openssl dgst -sha256 -sign " KEYS "/rsa3072.pem -sigopt rsa_padding_mode:pss "
     "-sigopt rsa_pss_saltlen:digest -out sig in",
     false},
    {"ECDSA P-256", "openssl dgst -sha256 -sign " KEYS "/p256.pem -out sig in", false},
    {"ECDSA P-384", "openssl dgst -sha384 -sign " KEYS "/p384.pem -out sig in", false},
    {"Ed25519", "openssl pkeyutl -sign -rawin -inkey " KEYS "/ed25519.pem -in in -out sig", false},
    {"usign", NULL, false},
    {"CMS, DER",
     "openssl cms -sign -binary -nosmimecap -signer " KEYS "/signer.crt -inkey " KEYS
     "/signer.key -outform DER -in in -out sig",
     true},
    {"CMS, PEM",
     "openssl cms -sign -binary -nosmimecap -signer " KEYS "/signer.crt -inkey " KEYS
     "/signer.key -outform PEM -in in -out sig",
     true},
    {"CMS, ECDSA",
     "openssl cms -sign -binary -nosmimecap -signer " KEYS "/signer-ec.crt -inkey " KEYS
     "/signer-ec.key -certfile " KEYS "/sub-ca.crt -outform DER -in in -out sig",
     true},
    {"two numbers of ECDSA", "openssl dgst -sha256 -sign " KEYS "/p256.pem -out der in", false},
};

static struct fit_key key[STORED];
static struct judge judge;
static struct sek_bytes candidate[SEK_CANDIDATES_MAX];
static uint8_t *file, *signature;
static size_t file_len, signature_len;

struct sink {
    struct sek_row_sink base;
    const struct sek_appraiser *appraiser;
    struct sek_tally tally;
};

static void keep(struct sek_row_sink *base, const struct sek_row *row)
{
    struct sink *sink = (struct sink *)base;

    judge.row[judge.row_count++] = *row;
    sek_tally_row(&sink->tally, sink->appraiser, row);
}

/* What the file is worth with a signature beside it. */
static enum sek_outcome outcome(const uint8_t *value, size_t len)
{
    const struct sek_appraiser appraiser = {&judge.store, judge.context};
    struct sink sink = {.base.row = keep, .appraiser = &appraiser};
    struct sek_memory_source source = sek_memory_source_make(file, file_len);
    struct sek_image_memory memory = judge.measure.memory;
    struct sek_image *image = &judge.measure.image;
    uint8_t *exact = malloc(len ? len : 1);

    assert_non_null(exact);
    memcpy(exact, value, len);
    memory.scratch_len -= SEK_DETACHED_SCRATCH;
    judge.row_count = 0;
    sek_tally_start(&sink.tally);
    assert_int_equal(sek_image_open(image, &source.base, NULL, NULL, 0, &memory), SEK_OK);
    image->scratch_len += SEK_DETACHED_SCRATCH;
    if (sek_detached_add(image, (struct sek_bytes){exact, len}) != SEK_OK)
        assert_int_not_equal(image->claims.fault.status, SEK_OK);
    assert_int_equal(sek_image_run(image), SEK_OK);
    assert_int_equal(image->pass.bytes_read, file_len);
    sek_appraise_images(&appraiser, &judge.component, &image->claims, SEK_OK, &sink.base);
    free(exact);
    return sek_tally_end(&sink.tally);
}

static void make(const struct kind *kind)
{
    free(signature);
    test_write_file(WORK "/in", file, file_len);
    if (kind->command)
        openssl_run("cd " WORK " && ln -sfn ../../../build build && %s 2>/dev/null", kind->command);
    if (!kind->command) {
        char text[OPENWRT_TEXT_MAX];
        size_t len = openwrt_signature_text("ed25519", file, file_len, text);

        test_write_file(WORK "/sig", text, len);
    }
    if (kind == &kinds[KINDS - 1]) {
        uint8_t raw[SEK_ECDSA_MAX], *der = test_read_file(WORK "/der", &signature_len);
        enum sek_status status =
            sek_ecdsa_from_der((struct sek_bytes){der, signature_len}, 256, raw);

        assert_int_equal(status, SEK_OK);
        test_write_file(WORK "/sig", raw, 64);
        free(der);
    }
    signature = test_read_file(WORK "/sig", &signature_len);
    test_keep_seed("detached", kind->name, signature, signature_len);
}

static void set_file(const char *path)
{
    free(file);
    file = test_read_file(path, &file_len);
}

static void each_kind_is_taken_and_no_other_bytes(void **state)
{
    const struct kind *kind = *state;
    size_t flips = 0, taken = 0;

    set_file("tests/data/part/onie.bin"); /* of no format of images */
    make(kind);
    assert_int_equal(outcome(signature, signature_len), SEK_OUTCOME_ACCEPT);
    assert_string_equal(judge.row[1].name, "file/content");
    for (size_t bit = 0; bit < 8 * file_len; bit += STEP) {
        file[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_not_equal(outcome(signature, signature_len), SEK_OUTCOME_ACCEPT);
        file[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t len = 0; len + 1 < signature_len; len += kind->der ? STEP : 1)
        assert_int_not_equal(outcome(signature, len), SEK_OUTCOME_ACCEPT);
    for (size_t bit = 0; bit < 8 * signature_len; bit += kind->der ? 8 * STEP + 1 : 3, flips++) {
        signature[bit / 8] ^= (uint8_t)(1u << bit % 8);
        taken += outcome(signature, signature_len) == SEK_OUTCOME_ACCEPT;
        signature[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    if (kind->command && !kind->der)
        assert_int_equal(taken, 0);
    else /* a comment, a key's number; certificates that CMS carries and does not need */
        assert_in_range(taken, 0, flips - 1);
}

static void a_signed_file_of_any_format_is_covered(void **state)
{
    static const char *const files[] = {"tests/data/uimage/multi.img", "tests/data/fit/hash.itb",
                                        "tests/data/router/trx"};

    (void)state;
    for (size_t i = 0; i < SEK_LEN(files); i++) {
        for (size_t k = 0; k < KINDS; k++) {
            set_file(files[i]);
            make(&kinds[k]);
            (void)outcome(signature, signature_len);
            for (size_t r = 0; r < judge.row_count; r++) {
                const struct sek_row *row = &judge.row[r];

                if (!row->container && row->verdict != SEK_VERDICT_APPROVED)
                    fail_msg("%s, %s, %s: rule %x", files[i], kinds[k].name, row->name,
                             (unsigned)row->rule);
            }
        }
    }
}

static void what_is_no_signature_is_malformed(void **state)
{
    static const char *const texts[] = {"x", "untrusted comment: \nnone\n", "-----BEGIN CMS-----\n",
                                        "-----BEGIN RSA PUBLIC KEY-----\n", "0\202"};

    (void)state;
    set_file("tests/data/part/onie.bin");
    for (size_t i = 0; i < SEK_LEN(texts); i++) {
        assert_int_equal(outcome((const uint8_t *)texts[i], strlen(texts[i])), SEK_OUTCOME_REJECT);
        assert_int_equal(judge.row[0].rule, SEK_RULE(FMT, 1));
        assert_int_equal(judge_approved(&judge), 0);
    }
}

static int set_up(void **state)
{
    static const char *const names[STORED] = {"rsa2048", "rsa3072", "p256", "p384", "ed25519"};
    static const char *const pins[STORED] = {"sha256", "sha256", "sha256", "sha384", "sha512"};
    struct judge_supplier supplier[STORED];
    char *anchor;

    (void)state;
    openssl_keys();
    openssl_run("mkdir -p " WORK);
    anchor = openssl_anchor("ca", "");
    for (size_t i = 0; i < STORED; i++) {
        openssl_key_load(&key[i], names[i]);
        supplier[i] = (struct judge_supplier){
            names[i], &key[i], pins[i], i == 0 ? "pkcs-1.5" : i == 1 ? "pss" : NULL,
            NULL,     ALLOW,   "",      i == 4 ? anchor : ""};
    }
    judge_init(&judge, supplier, STORED, "");
    free(anchor);
    judge.component.component_class = SEK_CLASS_KERNEL;
    judge.measure.memory.candidate = candidate;
    judge.measure.memory.candidate_count =
        sek_store_candidates(&judge.store, candidate, SEK_LEN(candidate));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    judge_free(&judge);
    free(file);
    free(signature);
    return 0;
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(a_signed_file_of_any_format_is_covered),
        cmocka_unit_test(what_is_no_signature_is_malformed),
    };
    struct CMUnitTest tests[KINDS + SEK_LEN(others)];

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    for (size_t i = 0; i < KINDS; i++)
        tests[i] = (struct CMUnitTest){kinds[i].name, each_kind_is_taken_and_no_other_bytes, NULL,
                                       NULL, (void *)(uintptr_t)&kinds[i]};
    memcpy(tests + KINDS, others, sizeof others);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
