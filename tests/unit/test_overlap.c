/* Media on which two formats stand, tried for every pair: one that both read is two truths and so
 * malformed; one that only begins like the second is of the first. The samples are files that the
 * writers of tests/unit made. */
#include "crypto/crypto.h"
#include "tests/unit/judge.h"
#include "tests/unit/openssl_signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

extern const struct sek_format sek_format_fit, sek_format_mcuboot, sek_format_openbmc,
    sek_format_pe, sek_format_rauc, sek_format_safeloader, sek_format_seama, sek_format_sharch,
    sek_format_swi, sek_format_swu, sek_format_trx, sek_format_uimage;

static const struct {
    const struct sek_format *format;
    const char *sample;
} formats[] = {
    {&sek_format_fit, "fit/conf.itb"},
    {&sek_format_mcuboot, "mcuboot/p256"},
    {&sek_format_openbmc, "openbmc/whole.tar"},
    {&sek_format_pe, "pe/version"},
    {&sek_format_rauc, "rauc/plain"},
    {&sek_format_safeloader, "router/safeloader"},
    {&sek_format_seama, "router/seama"},
    {&sek_format_sharch, "sharch/rsa"},
    {&sek_format_swi, "swi/signer"},
    {&sek_format_swu, "swu/cms"},
    {&sek_format_trx, "router/trx"},
    {&sek_format_uimage, "uimage/single.img"},
};

/* The formats of this program: two places, which tests fill. */
static struct sek_format place[2];
const struct sek_format *const sek_formats[] = {&place[0], &place[1], NULL};

static struct measure m;
static struct fit_key unused;

static bool yes(struct sek_bytes head)
{
    (void)head;
    return true;
}

static bool no(struct sek_bytes head)
{
    (void)head;
    return false;
}

/* A format that is asked, or not, whatever the medium begins with. */
static struct sek_format asked(size_t i, bool is)
{
    struct sek_format format = *formats[i].format;

    format.probe = is ? yes : no;
    return format;
}

static void open_sample(const struct fit_file *sample)
{
    measure_bytes(&m, sample->data, sample->len, NULL);
    assert_int_equal(m.status, SEK_OK);
}

static struct fit_file sample_of(size_t i)
{
    char path[64] = "tests/data/";
    struct fit_file file;

    file.data = test_read_file(strcat(path, formats[i].sample), &file.len);
    return file;
}

/* Is the medium claimed by a format that is asked alone? A fault of its own is a claim, too. */
static bool claims_alone(size_t i, const struct fit_file *sample)
{
    place[0] = asked(i, true);
    place[1] = asked(i, false);
    open_sample(sample);
    return m.image.claims.format != NULL;
}

static void is_malformed(size_t own, size_t other)
{
    const struct sek_image_claims *claims = &m.image.claims;

    if (claims->fault.status != SEK_ERR_MALFORMED ||
        strcmp(claims->fault.why, "two formats claim the same bytes") != 0)
        fail_msg("%s and %s: %s", formats[own].sample, formats[other].sample,
                 claims->fault.why ? claims->fault.why : "no fault");
    assert_int_equal(claims->image_count + claims->statement_count + claims->signature_count, 0);
    assert_int_equal(claims->content_count, 0);
}

static void is_of(size_t own, size_t other, size_t images)
{
    const struct sek_image_claims *claims = &m.image.claims;

    if (claims->fault.status != SEK_OK || !claims->format ||
        strcmp(claims->format, formats[own].format->name) != 0)
        fail_msg("%s and %s: %s", formats[own].sample, formats[other].sample,
                 claims->fault.why ? claims->fault.why : "of another format");
    assert_int_equal(claims->image_count, images);
}

static void every_pair_of_formats_is_one_or_malformed(void **state)
{
    size_t overlaps = 0, singles = 0;

    (void)state;
    for (size_t own = 0; own < SEK_LEN(formats); own++) {
        struct fit_file sample = sample_of(own);
        size_t images;

        assert_true(claims_alone(own, &sample));
        assert_int_equal(m.image.claims.fault.status, SEK_OK);
        images = m.image.claims.image_count;
        for (size_t other = 0; other < SEK_LEN(formats); other++) {
            bool overlap = other != own && claims_alone(other, &sample);

            for (size_t turn = 0; other != own && turn < 2; turn++) { /* in either order */
                place[turn] = *formats[own].format;
                place[1 - turn] = asked(other, true);
                open_sample(&sample);
                if (overlap)
                    is_malformed(own, other);
                else
                    is_of(own, other, images);
                overlaps += overlap;
                singles += !overlap;
            }
        }
        free(sample.data);
    }
    print_message("%zu malformed, %zu of one format\n", overlaps, singles);
    assert_true(overlaps > 0 && singles > 0);
}

static void an_overlap_is_refused_by_name(void **state)
{
    const struct judge_supplier supplier = {"maker", &unused,    "sha512", NULL,
                                            NULL,    "\"boot\"", "",       ""};
    struct fit_file sample = sample_of(0);
    struct judge judge;

    (void)state;
    place[0] = asked(0, true);
    place[1] = asked(1, true);
    judge_init(&judge, &supplier, 1, "");
    judge_bytes(&judge, sample.data, sample.len);
    assert_int_equal(judge_row(&judge, "file")->rule, SEK_RULE(FMT, 1));
    assert_int_equal(judge.outcome, SEK_OUTCOME_REJECT);
    judge_free(&judge);
    free(sample.data);
}

/* No sample begins like a second format: a good file is never refused for that. */
static void no_good_file_begins_like_two_formats(void **state)
{
    (void)state;
    for (size_t own = 0; own < SEK_LEN(formats); own++) {
        struct fit_file sample = sample_of(own);

        for (size_t other = 0; other < SEK_LEN(formats); other++) {
            size_t head = sample.len < SEK_HEAD_LEN ? sample.len : SEK_HEAD_LEN;
            bool begins = formats[other].format->probe((struct sek_bytes){sample.data, head});

            if (begins != (own == other))
                fail_msg("%s begins like %s", formats[own].sample, formats[other].sample);
        }
        free(sample.data);
    }
}

static int set_up(void **state)
{
    (void)state;
    openssl_keys();
    openssl_key_load(&unused, "ed25519-other");
    measure_init(&m);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    measure_free(&m);
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_of_formats_is_one_or_malformed),
        cmocka_unit_test(an_overlap_is_refused_by_name),
        cmocka_unit_test(no_good_file_begins_like_two_formats),
    };

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
