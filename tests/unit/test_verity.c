/* The hash tree over data in every division and with every hook of this processor, against blocks
 * that are digested one by one without a hook; test_rauc.c holds those against a tree that is
 * reckoned apart. */
#include "crypto/crypto.h"
#include "hal/x86/sha256_ni.h"
#include "image/verity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { BLOCKS_MAX = 300, SALT_LEN = 32, STATE_MAX = 2048 };

static uint8_t data[BLOCKS_MAX * SEK_VERITY_BLOCK];
static const uint8_t salt[SALT_LEN] = {1, 2, 3};

/* Feeds blocks of data, len bytes at a time. */
static void reckon(struct sek_verity *v, const struct hal_digest *hook, size_t blocks, size_t len)
{
    size_t end = blocks * SEK_VERITY_BLOCK;

    assert_int_equal(sek_verity_init(v, hook, 0, end, (struct sek_bytes){salt, sizeof salt}),
                     SEK_OK);
    for (size_t at = 0; at < end; at += len)
        v->tap.bytes(&v->tap, data + at, len < end - at ? len : end - at);
    v->tap.end(&v->tap);
}

static void a_tree_is_the_same_in_every_division_and_with_every_hook(void **state)
{
    static const size_t blocks[] = {1, 2, 11, 15, 16, 17, 33, 127, 128, 129, 256, BLOCKS_MAX};
    static const size_t lens[] = {1000, 4095, 4096, 4097, 45056, 65535, 65536, 200000};
    const struct hal_digest *hook[] = {NULL, hal_x86_digest(), hal_x86_digest_many()};

    (void)state;
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 37 >> 5);
    for (size_t b = 0; b < SEK_LEN(blocks); b++) {
        struct sek_verity want, got;

        reckon(&want, NULL, blocks[b], SEK_VERITY_BLOCK);
        assert_int_equal(want.root.status, SEK_OK);
        for (size_t h = 0; h < SEK_LEN(hook); h++) {
            for (size_t n = 0; n < SEK_LEN(lens); n++) {
                reckon(&got, hook[h], blocks[b], lens[n]);
                assert_int_equal(got.root.status, SEK_OK);
                assert_memory_equal(got.root.digest, want.root.digest, 32);
                for (unsigned i = 0; i < want.levels; i++)
                    assert_memory_equal(got.level[i].u.stored, want.level[i].u.stored, 32);
            }
        }
    }
}

static void every_block_counts(void **state)
{
    struct sek_verity want, got;

    (void)state;
    reckon(&want, hal_x86_digest_many(), 40, 65536);
    for (size_t block = 0; block < 40; block++) {
        data[block * SEK_VERITY_BLOCK + block] ^= 1;
        reckon(&got, hal_x86_digest_many(), 40, 65536);
        assert_memory_not_equal(got.root.digest, want.root.digest, 32);
        data[block * SEK_VERITY_BLOCK + block] ^= 1;
    }
}

static void a_block_that_is_not_whole_gives_no_root(void **state)
{
    struct sek_verity v;

    (void)state;
    assert_int_equal(
        sek_verity_init(&v, NULL, 0, 2 * SEK_VERITY_BLOCK, (struct sek_bytes){salt, sizeof salt}),
        SEK_OK);
    v.tap.bytes(&v.tap, data, 2 * SEK_VERITY_BLOCK - 1);
    v.tap.end(&v.tap);
    assert_int_equal(v.root.status, SEK_ERR_STATE);
}

static void what_cannot_be_a_tree_is_refused(void **state)
{
    static const struct {
        const char *name;
        uint64_t len;
        size_t salt_len;
    } rows[] = {
        {"no data", 0, SALT_LEN},
        {"half a block", 2048, SALT_LEN},
        {"a block and a byte", 4097, SALT_LEN},
        {"four levels", 128ull * 128 * 128 * 4096 + 4096, SALT_LEN},
        {"a salt of 65 bytes", 4096, SEK_VERITY_SALT_MAX + 1},
    };
    struct sek_verity v;

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++)
        if (sek_verity_init(&v, NULL, 0, rows[i].len, (struct sek_bytes){data, rows[i].salt_len}) !=
            SEK_ERR_RANGE)
            fail_msg("%s", rows[i].name);
    assert_int_equal(sek_verity_init(&v, NULL, 0, 128ull * 128 * 128 * 4096,
                                     (struct sek_bytes){data, SEK_VERITY_SALT_MAX}),
                     SEK_OK);
    assert_int_equal(v.levels, 3);
}

/* It does not grow with the image, nor with the blocks that are digested together. */
static void the_state_of_a_tree_is_small(void **state)
{
    (void)state;
    assert_true(sizeof(struct sek_verity) <= STATE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tree_is_the_same_in_every_division_and_with_every_hook),
        cmocka_unit_test(every_block_counts),
        cmocka_unit_test(a_block_that_is_not_whole_gives_no_root),
        cmocka_unit_test(what_cannot_be_a_tree_is_refused),
        cmocka_unit_test(the_state_of_a_tree_is_small),
    };

    return sek_crypto_start(NULL) == SEK_OK ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
