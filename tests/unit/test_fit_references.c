/* Images of a FIT that references vouch for: what the FIT says of them has to be signed all the
 * same, or a reference has to vouch for all of it. */
#include "crypto/crypto.h"
#include "tests/unit/judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SOURCE = 4096 };

static struct fit_key maker;
static struct judge judge;

static size_t put_reference(char *source, size_t len, const void *data, size_t data_len)
{
    uint8_t digest[SEK_DIGEST_MAX];

    assert_int_equal(sek_digest_of(SEK_DIGEST_SHA256, NULL, data, data_len, digest), SEK_OK);
    len += (size_t)snprintf(source + len, SOURCE - len,
                            "r%zu { supplier = <&{/suppliers/maker}>; sha256 = [", len);
    for (size_t i = 0; i < 32; i++)
        len += (size_t)snprintf(source + len, SOURCE - len, "%02x", digest[i]);
    return len + (size_t)snprintf(source + len, SOURCE - len, "]; };");
}

/* A store that vouches for each image of the sample, and for the whole file if there is one. */
static void open_store(const struct fit_writer *w, const struct fit_file *whole)
{
    static const char *const images[] = {"/images/kernel-1:data", "/images/fdt-1:data",
                                         "/images/ramdisk-1:data"};
    const struct judge_supplier supplier = {
        "maker", &maker, "sha256", NULL, "maker", "\"kernel\", \"rootfs\"", NULL, NULL};
    char source[SOURCE] = "references {";
    size_t len = strlen(source);

    for (size_t i = 0; i < SEK_LEN(images); i++) {
        const struct fit_token *data = &w->token[fit_find(w, images[i])];

        len = put_reference(source, len, data->value, data->len);
    }
    if (whole)
        len = put_reference(source, len, whole->data, whole->len);
    (void)snprintf(source + len, sizeof source - len, "};");
    judge_init(&judge, &supplier, 1, source);
}

static void as_it_is(struct fit_writer *w)
{
    (void)w;
}

static void another_entry(struct fit_writer *w)
{
    fit_set_u32(w, "/images/kernel-1:entry", 0x66666666);
}

static void no_ramdisk(struct fit_writer *w)
{
    fit_remove(w, "/configurations/conf-1:ramdisk");
}

static void no_configuration(struct fit_writer *w)
{
    fit_remove(w, "/configurations");
}

static void good_signature(struct fit_writer *w)
{
    fit_add_signature(w, "/configurations/conf-1", "signature-1", "sha256", &maker, NULL, "maker");
    fit_sign(w, "/configurations/conf-1/signature-1", &maker);
}

static void what_is_around_images_is_not_vouched_for_with_them(void **state)
{
    static const struct {
        const char *name;
        void (*change)(struct fit_writer *w);
        enum sek_outcome outcome;
        sek_rule rule; /* of the region; 0: its images speak for it */
    } rows[] = {
        {"unsigned", as_it_is, SEK_OUTCOME_REJECT, SEK_RULE(SIG, 6)},
        {"another entry", another_entry, SEK_OUTCOME_REJECT, SEK_RULE(SIG, 6)},
        {"an image left out", no_ramdisk, SEK_OUTCOME_REJECT, SEK_RULE(SIG, 6)},
        {"no configuration", no_configuration, SEK_OUTCOME_REJECT, SEK_RULE(SIG, 6)},
        {"signed", good_signature, SEK_OUTCOME_ACCEPT, 0},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        struct fit_writer w;

        print_message("%s\n", rows[i].name);
        fit_sample(&w, "sha256");
        open_store(&w, NULL);
        judge.component.component_class = SEK_CLASS_KERNEL;
        rows[i].change(&w);
        judge_writer(&judge, &w);
        assert_int_equal(judge.outcome, rows[i].outcome);
        assert_int_equal(judge_row(&judge, "file")->rule, rows[i].rule);
        assert_int_equal(judge_row(&judge, "file/kernel-1")->rule, SEK_RULE(REF, 1));
        fit_free(&w);
        judge_free(&judge);
    }
}

static void a_reference_for_the_whole_file_suffices(void **state)
{
    struct fit_writer w;
    struct fit_file file;

    (void)state;
    fit_sample(&w, "sha256");
    file = fit_write(&w);
    open_store(&w, &file);
    judge.measure.whole = 1u << SEK_DIGEST_SHA256;
    judge.component.component_class = SEK_CLASS_KERNEL;
    judge_bytes(&judge, file.data, file.len);
    assert_int_equal(judge.outcome, SEK_OUTCOME_ACCEPT);
    assert_int_equal(judge_row(&judge, "file")->rule, SEK_RULE(REF, 1));
    free(file.data);
    fit_free(&w);
    judge_free(&judge);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_around_images_is_not_vouched_for_with_them),
        cmocka_unit_test(a_reference_for_the_whole_file_suffices),
    };
    int failed;

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    fit_key_make(&maker, 256);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    fit_key_drop(&maker);
    return failed;
}
