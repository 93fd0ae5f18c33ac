/* An image chooses how many images and signatures it has; how often a signature is verified stays
 * bounded. */
/* link: -Wl,--wrap=sek_verify_digest */
#include "crypto/crypto.h"
#include "tests/unit/judge.h"
#include "trust/signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { KEYS = 4, SIGNATURES = 8 };

static struct fit_key key[KEYS + 1];
static struct judge judge;
static size_t verified;

enum sek_status __real_sek_verify_digest(const struct sek_sig_alg *alg, struct sek_bytes spki,
                                         struct sek_bytes digest, struct sek_bytes signature);
enum sek_status __wrap_sek_verify_digest(const struct sek_sig_alg *alg, struct sek_bytes spki,
                                         struct sek_bytes digest, struct sek_bytes signature);

enum sek_status __wrap_sek_verify_digest(const struct sek_sig_alg *alg, struct sek_bytes spki,
                                         struct sek_bytes digest, struct sek_bytes signature)
{
    verified++;
    return __real_sek_verify_digest(alg, spki, digest, signature);
}

/* Images and configurations over all of them, each signed by somebody whom nobody knows. */
static void write_fit(struct fit_writer *w, size_t images, size_t configurations)
{
    static char list[64 * 16];
    char name[32];
    size_t len = 0;

    fit_init(w);
    fit_begin(w, "");
    fit_begin(w, "images");
    for (size_t i = 0; i < images; i++) {
        (void)snprintf(name, sizeof name, "i%zu", i);
        fit_image(w, name, "kernel", name, strlen(name), "sha256");
        memcpy(list + len, name, strlen(name) + 1);
        len += strlen(name) + 1;
    }
    fit_end(w);
    fit_begin(w, "configurations");
    for (size_t i = 0; i < configurations; i++) {
        (void)snprintf(name, sizeof name, "c%zu", i);
        fit_begin(w, name);
        fit_prop(w, "loadables", list, len);
        for (size_t k = 0; k < SIGNATURES; k++) {
            (void)snprintf(name, sizeof name, "signature-%zu", k);
            fit_begin(w, name);
            fit_text(w, "algo", "sha256,ecdsa256");
            fit_prop(w, "value", "0123456789012345678901234567890101234567890123456789012345678901",
                     64);
            fit_prop(w, "hashed-strings", "\0\0\0\0\0\0\0\0", 8);
            fit_end(w);
        }
        fit_end(w);
    }
    fit_end(w);
    fit_end(w);
    for (size_t i = 0; i < w->count; i++) { /* all strings are signed */
        if (strcmp(w->token[i].name, "hashed-strings") == 0)
            w->token[i].value[7] = (uint8_t)w->strings_len;
    }
}

static size_t verifications(size_t images, size_t configurations)
{
    struct fit_writer w;

    write_fit(&w, images, configurations);
    verified = 0;
    judge_writer(&judge, &w);
    assert_int_equal(judge.measure.image.claims.signature_count, configurations * SIGNATURES);
    assert_int_equal(judge_row(&judge, "file/i0")->rule, SEK_RULE(SIG, 5));
    assert_int_equal(judge_approved(&judge), 0);
    fit_free(&w);
    return verified;
}

static void images_share_what_was_found_of_their_signer(void **state)
{
    (void)state;
    assert_int_equal(verifications(1, 1), 2 * SIGNATURES * KEYS); /* judged twice */
    assert_int_equal(verifications(60, 1), 2 * SIGNATURES * KEYS);
    assert_int_equal(verifications(60, 4), 4 * 2 * SIGNATURES * KEYS);
}

static void no_more_keys_are_tried_than_allowed(void **state)
{
    (void)state;
    assert_true(16 * SIGNATURES * KEYS > SEK_SIGNER_TRIES);
    assert_int_equal(verifications(60, 16), 2 * SEK_SIGNER_TRIES);
}

/* What is tried first decides nothing: a good signature that comes in time is found. */
static void a_hint_finds_the_key_at_once(void **state)
{
    struct fit_writer w;

    (void)state;
    fit_signed_sample(&w, &key[KEYS - 1], "three");
    verified = 0;
    judge_writer(&judge, &w);
    assert_int_equal(judge_approved(&judge), 3);
    assert_int_equal(verified, 2);
    fit_free(&w);
}

static void more_than_eight_signatures_of_one_thing_are_refused(void **state)
{
    struct fit_writer w;
    char name[] = "signature-a";

    (void)state;
    fit_sample(&w, "sha256");
    for (; name[10] < 'a' + SIGNATURES + 1; name[10]++)
        fit_add_signature(&w, "/configurations/conf-1", name, "sha256", &key[0], NULL, "zero");
    for (name[10] = 'a'; name[10] < 'a' + SIGNATURES + 1; name[10]++) {
        char path[64] = "/configurations/conf-1/";

        fit_sign(&w, strcat(path, name), &key[0]);
    }
    judge_writer(&judge, &w);
    assert_int_equal(judge_approved(&judge), 0);
    assert_int_equal(judge_row(&judge, "file/conf-1")->rule, SEK_RULE(FMT, 1));
    fit_free(&w);
}

static int set_up(void **state)
{
    static const char *const names[KEYS] = {"zero", "one", "two", "three"};
    struct judge_supplier supplier[KEYS];

    (void)state;
    for (size_t i = 0; i < KEYS; i++) {
        fit_key_make(&key[i], 256);
        supplier[i] = (struct judge_supplier){
            names[i], &key[i], "sha256", NULL, names[i], "\"kernel\", \"rootfs\"", "", ""};
    }
    judge_init(&judge, supplier, KEYS, "");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    judge_free(&judge);
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(images_share_what_was_found_of_their_signer),
        cmocka_unit_test(no_more_keys_are_tried_than_allowed),
        cmocka_unit_test(a_hint_finds_the_key_at_once),
        cmocka_unit_test(more_than_eight_signatures_of_one_thing_are_refused),
    };

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
