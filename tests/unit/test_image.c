/* Opening a medium: which format it is, and what is measured whatever it is. */
#include "image/image.h"

#include "crypto/crypto.h"
#include "tests/unit/counting_source.h"
#include "tests/unit/fit_writer.h"
#include "tests/unit/measure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct measure m;

static void opens(const void *data, size_t len, const char *forced, const char *format)
{
    struct counting_source source = counting_source_make(data, len);

    measure_source(&m, &source.base, forced);
    assert_int_equal(m.status, SEK_OK);
    assert_true(counting_source_all(&source, 1));
    if (format)
        assert_string_equal(m.image.claims.format, format);
    else
        assert_null(m.image.claims.format);
    assert_int_equal(m.image.claims.size, len);
    counting_source_free(&source);
}

static void whole_is_measured(const void *data, size_t len)
{
    const struct sek_extent *whole = m.image.claims.whole[SEK_DIGEST_SHA256];
    uint8_t want[SEK_DIGEST_MAX];

    assert_non_null(whole);
    assert_int_equal(whole->status, SEK_OK);
    assert_int_equal(sek_digest_of(SEK_DIGEST_SHA256, NULL, data, len, want), SEK_OK);
    assert_memory_equal(whole->digest, want, 32);
}

static void what_no_format_claims_is_measured_whole(void **state)
{
    static const char text[] =
        "not an image, and a few bytes more than the head of one would be long";

    (void)state;
    for (size_t len = 1; len <= sizeof text; len++) {
        opens(text, len, NULL, NULL);
        whole_is_measured(text, len);
        assert_int_equal(m.image.claims.image_count, 0);
        assert_int_equal(m.image.claims.uncovered_count, 0);
        assert_int_equal(m.image.claims.fault.status, SEK_OK);
        assert_false(m.image.claims.blank);
    }
}

static void blank_media_are_told(void **state)
{
    static uint8_t data[100000];

    (void)state;
    opens("", 0, NULL, NULL);
    assert_true(m.image.claims.blank);
    whole_is_measured("", 0);
    for (unsigned byte = 0; byte < 256; byte++) {
        memset(data, (int)byte, sizeof data);
        opens(data, sizeof data, NULL, NULL);
        assert_int_equal(m.image.claims.blank, byte == 0x00 || byte == 0xff);
    }
    for (size_t at = 0; at < sizeof data; at += 9999) {
        memset(data, 0xff, sizeof data);
        data[at] = 0xfe;
        opens(data, sizeof data, NULL, NULL);
        assert_false(m.image.claims.blank);
    }
}

static void a_format_can_be_forced(void **state)
{
    struct fit_writer w;
    struct fit_file file;

    (void)state;
    fit_sample(&w, "sha256");
    file = fit_write(&w);
    fit_free(&w);
    opens(file.data, file.len, NULL, "fit");
    assert_int_equal(m.image.claims.image_count, 3);
    assert_null(m.image.claims.whole[SEK_DIGEST_SHA256]);
    opens(file.data, file.len, "fit", "fit");
    assert_int_equal(m.image.claims.image_count, 3);
    opens(file.data, file.len, "raw", NULL);
    assert_int_equal(m.image.claims.image_count, 0);
    whole_is_measured(file.data, file.len);
    opens(file.data, file.len, "uimage", "uimage");
    assert_int_equal(m.image.claims.fault.status, SEK_ERR_MALFORMED);
    whole_is_measured(file.data, file.len);
    measure_bytes(&m, file.data, file.len, "no-such-format");
    assert_int_equal(m.status, SEK_ERR_NOT_FOUND);
    measure_bytes(&m, file.data, file.len, "");
    assert_int_equal(m.status, SEK_ERR_NOT_FOUND);
    free(file.data);
}

static void digests_of_the_whole_are_made_where_wanted(void **state)
{
    struct fit_writer w;
    struct fit_file file;

    (void)state;
    fit_sample(&w, "sha256");
    file = fit_write(&w);
    fit_free(&w);
    for (unsigned algs = 0; algs < 1u << SEK_DIGEST_COUNT; algs++) {
        struct sek_memory_source source = sek_memory_source_make(file.data, file.len);

        assert_int_equal(sek_image_open(&m.image, &source.base, NULL, NULL, algs, &m.memory),
                         SEK_OK);
        assert_int_equal(sek_image_run(&m.image), SEK_OK);
        assert_int_equal(m.image.claims.image_count, 3);
        for (unsigned alg = SEK_DIGEST_CRC32; alg < SEK_DIGEST_COUNT; alg++) {
            const struct sek_extent *whole = m.image.claims.whole[alg];
            uint8_t want[SEK_DIGEST_MAX];

            assert_int_equal(whole != NULL, algs >> alg & 1);
            if (!whole)
                continue;
            assert_int_equal(whole->status, SEK_OK);
            assert_int_equal(
                sek_digest_of((enum sek_digest_alg)alg, NULL, file.data, file.len, want), SEK_OK);
            assert_memory_equal(whole->digest, want, sek_digest_len((enum sek_digest_alg)alg));
        }
    }
    free(file.data);
}

/* Images may fill the table of extents, but not take the place of the digests over the whole. */
static void images_never_push_out_the_whole(void **state)
{
    const struct sek_image_memory all = m.memory;
    const unsigned algs = 1u << SEK_DIGEST_SHA256 | 1u << SEK_DIGEST_SHA512;
    struct fit_writer w;
    struct fit_file file;

    (void)state;
    fit_sample(&w, "sha256");
    file = fit_write(&w);
    fit_free(&w);
    for (size_t cap = 0; cap < 16; cap++) {
        struct sek_memory_source source = sek_memory_source_make(file.data, file.len);
        enum sek_status status;

        m.memory.pass.extent_cap = cap;
        status = sek_image_open(&m.image, &source.base, NULL, NULL, algs, &m.memory);
        assert_int_equal(status, cap < 2 ? SEK_ERR_NO_SPACE : SEK_OK);
        if (status != SEK_OK)
            continue;
        assert_int_equal(sek_image_run(&m.image), SEK_OK);
        whole_is_measured(file.data, file.len);
        assert_int_equal(m.image.claims.fault.status, cap < 9 ? SEK_ERR_NO_SPACE : SEK_OK);
    }
    m.memory = all;
    free(file.data);
}

static void a_medium_that_does_not_answer_is_not_opened(void **state)
{
    static const enum sek_status failures[] = {SEK_ERR_IO, SEK_ERR_ABSENT};
    uint8_t data[200] = {0};

    (void)state;
    for (size_t i = 0; i < SEK_LEN(failures); i++) {
        struct counting_source source = counting_source_make(data, sizeof data);

        source.fails_at = 10;
        source.failure = failures[i];
        measure_source(&m, &source.base, NULL);
        assert_int_equal(m.status, failures[i]);
        source.fails_at = 150;
        measure_source(&m, &source.base, NULL);
        assert_int_equal(m.status, failures[i]);
        assert_int_equal(m.image.claims.whole[SEK_DIGEST_SHA256]->status, SEK_ERR_STATE);
        assert_false(m.image.claims.blank);
        counting_source_free(&source);
    }
}

static void scratch_is_given_out_in_steps_of_eight(void **state)
{
    static _Alignas(8) uint8_t scratch[64];
    struct sek_image image = {.scratch = scratch, .scratch_len = sizeof scratch};

    (void)state;
    assert_ptr_equal(sek_image_scratch(&image, 1), scratch);
    assert_ptr_equal(sek_image_scratch(&image, 9), scratch + 8);
    assert_ptr_equal(sek_image_scratch(&image, 0), scratch + 24);
    assert_null(sek_image_scratch(&image, 41));
    assert_null(sek_image_scratch(&image, SIZE_MAX));
    assert_null(sek_image_scratch(&image, SIZE_MAX - 7));
    assert_ptr_equal(sek_image_scratch(&image, 40), scratch + 24);
    assert_null(sek_image_scratch(&image, 1));
}

static int set_up(void **state)
{
    (void)state;
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
        cmocka_unit_test(what_no_format_claims_is_measured_whole),
        cmocka_unit_test(blank_media_are_told),
        cmocka_unit_test(a_format_can_be_forced),
        cmocka_unit_test(digests_of_the_whole_are_made_where_wanted),
        cmocka_unit_test(images_never_push_out_the_whole),
        cmocka_unit_test(a_medium_that_does_not_answer_is_not_opened),
        cmocka_unit_test(scratch_is_given_out_in_steps_of_eight),
    };

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
