/* Wrappers that nobody signs: TRX, SEAMA, safeloader. Whatever is in them, they are named and
 * refused.
 */
#include "base/bytes.h"
#include "base/crc.h"
#include "crypto/crypto.h"
#include "tests/unit/judge.h"
#include "tests/unit/openssl_signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { FILE_MAX = 8192 };

static struct fit_key unused;
static struct judge judge;
static uint8_t file[FILE_MAX];
static size_t file_len;

static void put32le(uint8_t *p, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        p[i] = (uint8_t)(value >> 8 * i);
}

static void fill(size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        file[i] = (uint8_t)(i * 13 + 7);
    file_len = to;
}

static void make_trx(void)
{
    fill(0, 700);
    memcpy(file, "HDR0", 4);
    put32le(file + 4, 700);
    put32le(file + 12, 0x00010000); /* version 1 */
    put32le(file + 16, 28);
    put32le(file + 20, 300);
    put32le(file + 24, 0);
    put32le(file + 8, ~sek_crc32(0, file + 12, 700 - 12));
}

static void make_seama(void)
{
    fill(0, 500);
    memcpy(file, "\x5e\xa3\xa4\x17\x00\x00\x00\x20\x00\x00\x00\x00", 12); /* a seal: text alone */
    memcpy(file + 44, "\x5e\xa3\xa4\x17\x00\x00\x00\x04", 8);
    sek_put_u32be(file + 52, 500 - 44 - 12 - 16 - 4);
}

static void make_safeloader(void)
{
    fill(0, 6000);
    sek_put_u32be(file, 6000);
    memcpy(file + 0x1014, "fwup-ptn fs-uboot base 0x0", 26);
}

static void run(size_t len)
{
    uint8_t *exact = malloc(len ? len : 1);

    assert_non_null(exact);
    memcpy(exact, file, len);
    judge_bytes(&judge, exact, len);
    free(exact);
    assert_int_equal(judge.outcome, SEK_OUTCOME_REJECT);
    assert_int_equal(judge_approved(&judge), 0);
}

static const struct row {
    const char *format, *image;
    void (*make)(void);
    size_t offset, size, images;
} rows[] = {
    {"trx", "file/part-a", make_trx, 28, 272, 2},
    {"seama", "file/image-a", make_seama, 76, 424, 1},
    {"safeloader", "file/firmware", make_safeloader, 0x1014, 6000 - 0x1014, 1},
};

static void each_is_named_and_unsigned(void **state)
{
    const struct row *row = *state;
    const struct sek_row *found;

    row->make();
    run(file_len);
    found = judge_row(&judge, row->image);
    assert_non_null(found);
    assert_string_equal(found->format, row->format);
    assert_int_equal(found->rule, SEK_RULE(FMT, 4));
    assert_int_equal(found->size, row->size);
    assert_int_equal(judge.measure.image.claims.image[0].offset, row->offset);
    assert_int_equal(judge.measure.image.claims.image_count, row->images);
    assert_int_equal(judge.measure.image.claims.uncovered_count, 0);
    assert_int_equal(judge.measure.image.pass.bytes_read, file_len);
    test_keep_seed("router", row->format, file, file_len);
}

static void every_cut_and_flip_is_refused(void **state)
{
    const struct row *row = *state;

    row->make();
    for (size_t len = 0; len < file_len; len += len < 128 ? 1 : 37)
        run(len);
    for (size_t bit = 0; bit < 8 * (size_t)128; bit++) {
        file[bit / 8] ^= (uint8_t)(1u << bit % 8);
        run(file_len);
        file[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

static void the_checksum_of_a_trx_is_compared(void **state)
{
    const struct sek_hash_claim *hash = &judge.measure.image.claims.image[0].hash[0];

    (void)state;
    make_trx();
    run(file_len);
    assert_memory_equal(hash->expected.data, hash->measured->digest, 4);
    file[600] ^= 1;
    run(file_len);
    assert_memory_not_equal(hash->expected.data, hash->measured->digest, 4);
}

static void headers_that_cannot_be_are_malformed(void **state)
{
    static const struct {
        const char *name;
        void (*make)(void);
        size_t at;
        uint8_t bytes[4];
        enum sek_status status;
    } bad[] = {
        {"a trx shorter than its header", make_trx, 4, {27, 0, 0, 0}, SEK_ERR_MALFORMED},
        {"a trx longer than the file", make_trx, 4, {0xff, 0xff, 0, 0}, SEK_ERR_TRUNCATED},
        {"a part inside the header", make_trx, 16, {20, 0, 0, 0}, SEK_ERR_MALFORMED},
        {"parts in another order", make_trx, 20, {27, 0, 0, 0}, SEK_ERR_MALFORMED},
        {"a part behind the end", make_trx, 20, {0, 0xff, 0, 0}, SEK_ERR_MALFORMED},
        {"a seama longer than the file", make_seama, 52, {0, 0, 0xff, 0}, SEK_ERR_TRUNCATED},
        {"a seama of text alone", make_seama, 44, {0, 0, 0, 0}, SEK_ERR_MALFORMED},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(bad); i++) {
        bad[i].make();
        memcpy(file + bad[i].at, bad[i].bytes, 4);
        run(file_len);
        if (judge.measure.image.claims.fault.status != bad[i].status)
            fail_msg("%s: %s", bad[i].name,
                     sek_status_text(judge.measure.image.claims.fault.status));
    }
}

/* What only begins like a safeloader is something else. */
static void a_size_alone_makes_no_safeloader(void **state)
{
    (void)state;
    make_safeloader();
    file[0x1014] ^= 1;
    run(file_len);
    assert_string_equal(judge_row(&judge, "file")->format, "raw");
}

static int set_up(void **state)
{
    struct judge_supplier supplier = {"maker", &unused, "sha512", NULL, NULL, "\"rootfs\"", "", ""};

    (void)state;
    openssl_keys();
    openssl_key_load(&unused, "ed25519-other");
    judge_init(&judge, &supplier, 1, "");
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
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(the_checksum_of_a_trx_is_compared),
        cmocka_unit_test(headers_that_cannot_be_are_malformed),
        cmocka_unit_test(a_size_alone_makes_no_safeloader),
    };
    struct CMUnitTest tests[2 * SEK_LEN(rows) + SEK_LEN(others)];
    size_t count = 0;

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        void *row = (void *)(uintptr_t)&rows[i];

        tests[count++] =
            (struct CMUnitTest){rows[i].format, each_is_named_and_unsigned, NULL, NULL, row};
        tests[count++] =
            (struct CMUnitTest){rows[i].image, every_cut_and_flip_is_refused, NULL, NULL, row};
    }
    memcpy(tests + count, others, sizeof others);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
