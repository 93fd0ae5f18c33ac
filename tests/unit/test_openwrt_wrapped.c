/* Signed images that somebody wraps again as OpenWrt's firmware. */
#include "crypto/crypto.h"
#include "tests/unit/judge.h"
#include "tests/unit/openwrt_writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ALLOW   "\"kernel\", \"rootfs\", \"config\", \"boot\""
#define ROOT    "ed25519"
#define BUILDER "ed25519-other"

static struct fit_key root, builder;
static struct openwrt_writer w;

static void end_signed(const char *key)
{
    openwrt_sign(&w, key);
    openwrt_chunk_end(&w, OPENWRT_SIGNATURE);
}

static void run_bytes(struct judge *by, const void *data, size_t len)
{
    uint8_t *exact = malloc(len ? len : 1);

    assert_non_null(exact);
    memcpy(exact, data, len);
    judge_bytes(by, exact, len);
    free(exact);
}

/* A FIT under its own key, with a configuration that nobody signed (second) and what may be wrapped
 * with it, appended. */
static void wrap_fit(const struct fit_key *key, bool second, const char *appended)
{
    static uint8_t inside[OPENWRT_MAX / 2];
    struct fit_writer fit;
    struct fit_file file;

    fit_init(&fit);
    fit_signed_sample(&fit, key, "key");
    if (second) {
        fit_at_last(&fit, "/configurations");
        fit_copy(&fit, "/configurations/conf-1", "conf-2");
        fit_remove(&fit, "/configurations/conf-2/signature-1");
    }
    file = fit_write(&fit);
    assert_true(file.len + strlen(appended) <= sizeof inside);
    memcpy(inside, file.data, file.len);
    memcpy(inside + file.len, appended, strlen(appended));
    openwrt_begin(&w, inside, file.len + strlen(appended));
    free(file.data);
    fit_free(&fit);
}

/* Whoever wraps an image that is signed covers nothing by that: neither what he appends, nor the
 * configurations that the image's own maker did not sign. */
static void a_wrapper_of_nobody_covers_nothing(void **state)
{
    struct fit_key kernel;
    struct judge_supplier supplier[] = {
        {"fit-maker", &kernel, "sha256", NULL, NULL, ALLOW, "", ""},
        {"maker", &root, "sha512", NULL, NULL, ALLOW, "revoked = \"2026-06-01\";", ""},
    };
    static const struct openwrt_certificate certificate = {BUILDER,    ROOT,       1,
                                                           1767225600, 2082758399, 0};
    struct judge both;

    (void)state;
    fit_key_make(&kernel, 256);
    judge_init(&both, supplier, 2, "");
    wrap_fit(&kernel, false, "");
    run_bytes(&both, w.data, w.len);
    assert_int_equal(both.outcome, SEK_OUTCOME_ACCEPT); /* the control: nothing around it */
    wrap_fit(&kernel, false, "a root file system of somebody else");
    end_signed(BUILDER); /* a stranger */
    run_bytes(&both, w.data, w.len);
    assert_int_equal(both.outcome, SEK_OUTCOME_REJECT);
    assert_int_equal(judge_row(&both, "file/wrapped")->rule, SEK_RULE(SIG, 5));
    assert_int_equal(judge_row(&both, "file/kernel-1")->rule, SEK_RULE(SIG, 1));
    wrap_fit(&kernel, true, "a root file system of somebody else");
    openwrt_certify(&w, &certificate);
    end_signed(BUILDER); /* under a key that is revoked */
    run_bytes(&both, w.data, w.len);
    assert_int_equal(both.outcome, SEK_OUTCOME_REJECT);
    assert_int_equal(judge_row(&both, "file/wrapped")->rule, SEK_RULE(SIG, 8));
    wrap_fit(&kernel, false, "a root file system of somebody else");
    openwrt_info(&w, "{\"version\":{\"version\":\"99\"}}"); /* a checksum covers nothing either */
    run_bytes(&both, w.data, w.len);
    assert_int_equal(both.outcome, SEK_OUTCOME_REJECT);
    assert_int_equal(judge_row(&both, "file")->rule, SEK_RULE(SIG, 12));
    assert_string_equal(judge_row(&both, "file/kernel-1")->version, ""); /* nobody signed it with */
    judge_free(&both);
    fit_key_drop(&kernel);
}

/* As many digests as there can be at one place: four of an image, the wrapper's two checksums, a
 * signature under two keys, all that is wrapped, and three of the medium. */
static void all_digests_can_run_at_one_place(void **state)
{
    static const char *const more[][2] = {
        {"hash-2", "crc32"}, {"hash-3", "sha384"}, {"hash-4", "sha512"}};
    struct sek_bytes candidate[] = {{builder.spki, builder.spki_len}, {root.spki, root.spki_len}};
    struct sek_memory_source source;
    struct measure m;
    struct fit_writer fit;
    struct fit_file file;

    (void)state;
    fit_init(&fit);
    fit_sample(&fit, "sha256");
    for (size_t i = 0; i < SEK_LEN(more); i++) {
        const struct fit_token *data = &fit.token[fit_find(&fit, "/images/kernel-1:data")];

        fit_at_last(&fit, "/images/kernel-1");
        fit_hash(&fit, more[i][0], more[i][1], data->value, data->len);
    }
    file = fit_write(&fit);
    openwrt_begin(&w, file.data, file.len);
    openwrt_info(&w, "{}");
    end_signed(ROOT);
    measure_init(&m);
    m.memory.candidate = candidate;
    m.memory.candidate_count = SEK_LEN(candidate);
    source = sek_memory_source_make(w.data, w.len);
    assert_int_equal(
        sek_image_open(&m.image, &source.base, NULL, NULL,
                       1u << SEK_DIGEST_SHA256 | 1u << SEK_DIGEST_SHA384 | 1u << SEK_DIGEST_SHA512,
                       &m.memory),
        SEK_OK);
    assert_int_equal(m.image.claims.image[0].hash_count, 4);
    assert_int_equal(sek_image_run(&m.image), SEK_OK);
    measure_free(&m);
    free(file.data);
    fit_free(&fit);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wrapper_of_nobody_covers_nothing),
        cmocka_unit_test(all_digests_can_run_at_one_place),
    };

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    openssl_keys();
    openssl_key_load(&root, ROOT);
    openssl_key_load(&builder, BUILDER);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
