/* Digests against NIST's examples, against themselves in every division, hook against portable
 * path, and hooks that do not do their work. What PSA does wrong: test_engine.c. */
#include "crypto/crypto.h"
#include "crypto/digest.h"
#include "hal/x86/sha256_ni.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LENGTHS = 300, LONG = 5000 };

static uint8_t pattern[LONG];

static void unhex(const char *text, uint8_t *out)
{
    for (size_t i = 0; text[2 * i]; i++) {
        char pair[3] = {text[2 * i], text[2 * i + 1], 0};
        out[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
}

#define TWO_BLOCKS_512                                                                             \
    "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"                                     \
    "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu"

/* NIST, Examples with Intermediate Values (SHA256.pdf, SHA384.pdf, SHA512.pdf); zlib's check. */
static const struct {
    const char *name;
    enum sek_digest_alg alg;
    const char *message, *digest;
} known[] = {
    {"SHA-256 of abc", SEK_DIGEST_SHA256, "abc",
     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"SHA-256 of two blocks", SEK_DIGEST_SHA256,
     "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {"SHA-256 of nothing", SEK_DIGEST_SHA256, "",
     "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"SHA-384 of abc", SEK_DIGEST_SHA384, "abc",
     "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
     "8086072ba1e7cc2358baeca134c825a7"},
    {"SHA-384 of two blocks", SEK_DIGEST_SHA384, TWO_BLOCKS_512,
     "09330c33f71147e83d192fc782cd1b4753111b173b3b05d22fa08086e3b0f712"
     "fcc7c71a557e2db966c3e9fa91746039"},
    {"SHA-512 of abc", SEK_DIGEST_SHA512, "abc",
     "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
     "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
    {"SHA-512 of two blocks", SEK_DIGEST_SHA512, TWO_BLOCKS_512,
     "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018"
     "501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909"},
    {"CRC-32 of the check string", SEK_DIGEST_CRC32, "123456789", "cbf43926"},
    {"CRC-32 of nothing", SEK_DIGEST_CRC32, "", "00000000"},
};

static void known_messages_have_their_digests_with_and_without_hook(void **state)
{
    const struct hal_digest *hooks[] = {NULL, hal_x86_digest()};
    uint8_t expected[SEK_DIGEST_MAX], got[SEK_DIGEST_MAX];

    (void)state;
    for (size_t h = 0; h < SEK_LEN(hooks); h++)
        for (size_t i = 0; i < SEK_LEN(known); i++) {
            unhex(known[i].digest, expected);
            assert_int_equal(sek_digest_of(known[i].alg, hooks[h], known[i].message,
                                           strlen(known[i].message), got),
                             SEK_OK);
            assert_memory_equal(got, expected, strlen(known[i].digest) / 2);
        }
}

static void names_and_lengths_belong_together(void **state)
{
    static const struct {
        enum sek_digest_alg alg;
        const char *name;
        size_t len;
        bool strong;
    } rows[] = {
        {SEK_DIGEST_NONE, "none", 0, false},     {SEK_DIGEST_CRC32, "crc32", 4, false},
        {SEK_DIGEST_SHA256, "sha256", 32, true}, {SEK_DIGEST_SHA384, "sha384", 48, true},
        {SEK_DIGEST_SHA512, "sha512", 64, true},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        assert_string_equal(sek_digest_name(rows[i].alg), rows[i].name);
        assert_int_equal(sek_digest_len(rows[i].alg), rows[i].len);
        assert_int_equal(sek_digest_strong(rows[i].alg), rows[i].strong);
        assert_int_equal(sek_digest_find(rows[i].name, strlen(rows[i].name)), rows[i].alg);
    }
    assert_int_equal(sek_digest_find("sha1", 4), SEK_DIGEST_NONE);
    assert_int_equal(sek_digest_find("sha256x", 7), SEK_DIGEST_NONE);
    assert_int_equal(sek_digest_find("sha256", 5), SEK_DIGEST_NONE);
    assert_int_equal(sek_digest_find("SHA256", 6), SEK_DIGEST_NONE);
    assert_int_equal(sek_digest_len(SEK_DIGEST_COUNT), 0);
    assert_string_equal(sek_digest_name(SEK_DIGEST_COUNT), "none");
}

static void a_digest_that_is_none_cannot_start(void **state)
{
    static const enum sek_digest_alg bad[] = {SEK_DIGEST_NONE, SEK_DIGEST_COUNT};
    uint8_t out[SEK_DIGEST_MAX];

    (void)state;
    for (size_t i = 0; i < SEK_LEN(bad); i++) {
        struct sek_digest digest;

        assert_int_equal(sek_digest_start(&digest, bad[i], NULL), SEK_ERR_UNSUPPORTED);
        sek_digest_update(&digest, "abc", 3);
        assert_int_equal(sek_digest_finish(&digest, out), SEK_ERR_UNSUPPORTED);
        assert_int_equal(sek_digest_of(bad[i], NULL, "abc", 3, out), SEK_ERR_UNSUPPORTED);
    }
}

/* Feeds len bytes in three pieces. */
static void divided(enum sek_digest_alg alg, const struct hal_digest *hook, size_t len, size_t cut1,
                    size_t cut2, uint8_t out[SEK_DIGEST_MAX])
{
    struct sek_digest digest;

    assert_int_equal(sek_digest_start(&digest, alg, hook), SEK_OK);
    sek_digest_update(&digest, pattern, cut1);
    sek_digest_update(&digest, pattern + cut1, cut2 - cut1);
    sek_digest_update(&digest, pattern + cut2, len - cut2);
    assert_int_equal(sek_digest_finish(&digest, out), SEK_OK);
}

static void every_length_in_every_division_is_the_portable_digest(void **state)
{
    const struct hal_digest *hook = hal_x86_digest();
    uint8_t expected[SEK_DIGEST_MAX], got[SEK_DIGEST_MAX];

    (void)state;
    for (size_t len = 0; len <= LENGTHS; len++) {
        assert_int_equal(sek_digest_of(SEK_DIGEST_SHA256, NULL, pattern, len, expected), SEK_OK);
        for (size_t cut = 0; cut <= len; cut++) {
            divided(SEK_DIGEST_SHA256, hook, len, cut, cut + (len - cut) / 2, got);
            assert_memory_equal(got, expected, 32);
        }
        for (size_t step = 1; step <= len; step += 7) { /* pieces of one size */
            struct sek_digest digest;

            assert_int_equal(sek_digest_start(&digest, SEK_DIGEST_SHA256, hook), SEK_OK);
            for (size_t pos = 0; pos < len; pos += step)
                sek_digest_update(&digest, pattern + pos, len - pos < step ? len - pos : step);
            assert_int_equal(sek_digest_finish(&digest, got), SEK_OK);
            assert_memory_equal(got, expected, 32);
        }
    }
}

static void pieces_through_psa_and_crc_equal_the_whole(void **state)
{
    static const enum sek_digest_alg all[] = {SEK_DIGEST_CRC32, SEK_DIGEST_SHA256,
                                              SEK_DIGEST_SHA384, SEK_DIGEST_SHA512};
    uint8_t expected[SEK_DIGEST_MAX], got[SEK_DIGEST_MAX];

    (void)state;
    for (size_t a = 0; a < SEK_LEN(all); a++)
        for (size_t len = 0; len <= LENGTHS; len += 13) {
            assert_int_equal(sek_digest_of(all[a], NULL, pattern, len, expected), SEK_OK);
            for (size_t cut = 0; cut <= len; cut += 3) {
                divided(all[a], NULL, len, cut, cut + (len - cut) / 3, got);
                assert_memory_equal(got, expected, sek_digest_len(all[a]));
            }
        }
}

static void pairs_of_any_two_lengths_equal_the_portable_digests(void **state)
{
    static const size_t lens[] = {0,   1,   55,  56,  63,  64,   65,  127,
                                  128, 129, 191, 192, 640, 1000, LONG};
    const struct hal_digest *hook = hal_x86_digest();

    (void)state;
    for (size_t i = 0; i < SEK_LEN(lens); i++)
        for (size_t j = 0; j < SEK_LEN(lens); j++)
            for (size_t head = 0; head < 70; head += 23) {
                size_t begin = head < lens[i] ? head : lens[i];
                uint8_t expected_a[SEK_DIGEST_MAX], expected_b[SEK_DIGEST_MAX];
                uint8_t a[SEK_DIGEST_MAX], b[SEK_DIGEST_MAX];
                struct sek_digest one, two;

                assert_int_equal(
                    sek_digest_of(SEK_DIGEST_SHA256, NULL, pattern, lens[i], expected_a), SEK_OK);
                assert_int_equal(
                    sek_digest_of(SEK_DIGEST_SHA256, NULL, pattern, lens[j], expected_b), SEK_OK);
                assert_int_equal(sek_digest_start(&one, SEK_DIGEST_SHA256, hook), SEK_OK);
                assert_int_equal(sek_digest_start(&two, SEK_DIGEST_SHA256, hook), SEK_OK);
                sek_digest_update(&one, pattern, begin); /* one starts inside a block */
                sek_digest_run((struct sek_digest_job[]){{&one, pattern + begin, lens[i] - begin},
                                                         {&two, pattern, lens[j]}},
                               2);
                assert_int_equal(sek_digest_finish(&one, a), SEK_OK);
                assert_int_equal(sek_digest_finish(&two, b), SEK_OK);
                assert_memory_equal(a, expected_a, 32);
                assert_memory_equal(b, expected_b, 32);
            }
}

/* Streams of lengths that differ, some of them begun inside a block, on hooks with and without
 * columns: of a few streams, of as many as fit, of more. */
static void many_streams_equal_the_portable_digests(void **state)
{
    enum { STREAMS = 2 * HAL_SHA256_MANY + 3 };
    struct hal_digest pairs, columns;
    const struct hal_digest *hooks[] = {&pairs, &columns};
    struct sek_digest digest[STREAMS];
    struct sek_digest_job job[STREAMS];
    uint8_t expected[SEK_DIGEST_MAX], got[SEK_DIGEST_MAX];

    (void)state;
    if (!hal_x86_digest_many() || !hal_x86_digest_many()->sha256_many)
        skip();
    pairs = columns = *hal_x86_digest_many();
    pairs.sha256_many = NULL;
    for (size_t h = 0; h < SEK_LEN(hooks); h++)
        for (size_t count = 1; count <= STREAMS; count++) {
            for (size_t i = 0; i < count; i++) {
                size_t len = i % 5 == 4 ? i : 64 * 11 + 37 * i * i % 1000, begun = i * 7 % len;

                assert_int_equal(sek_digest_start(&digest[i], SEK_DIGEST_SHA256, hooks[h]), SEK_OK);
                sek_digest_update(&digest[i], pattern + i, begun);
                job[i] = (struct sek_digest_job){&digest[i], pattern + i + begun, len - begun};
            }
            sek_digest_run(job, count);
            for (size_t i = 0; i < count; i++) {
                const uint8_t *begin = pattern + i;

                assert_int_equal(sek_digest_finish(&digest[i], got), SEK_OK);
                assert_int_equal(sek_digest_of(SEK_DIGEST_SHA256, NULL, begin,
                                               (size_t)(job[i].data - begin) + job[i].len,
                                               expected),
                                 SEK_OK);
                assert_memory_equal(got, expected, 32);
            }
        }
}

static void jobs_of_all_kinds_run_together(void **state)
{
    static const struct {
        enum sek_digest_alg alg;
        size_t len;
        bool hooked;
    } rows[] = {
        {SEK_DIGEST_SHA256, 700, true},  {SEK_DIGEST_SHA512, 700, true},
        {SEK_DIGEST_SHA256, 10, true},   {SEK_DIGEST_CRC32, 700, true},
        {SEK_DIGEST_SHA256, 300, false}, {SEK_DIGEST_SHA256, 4096, true},
        {SEK_DIGEST_SHA256, 0, true},    {SEK_DIGEST_SHA384, 64, false},
        {SEK_DIGEST_SHA256, 129, true},
    };
    struct sek_digest digest[SEK_LEN(rows)];
    struct sek_digest_job job[SEK_LEN(rows)];
    uint8_t expected[SEK_DIGEST_MAX], got[SEK_DIGEST_MAX];

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        assert_int_equal(
            sek_digest_start(&digest[i], rows[i].alg, rows[i].hooked ? hal_x86_digest() : NULL),
            SEK_OK);
        job[i] = (struct sek_digest_job){&digest[i], pattern + i, rows[i].len};
    }
    sek_digest_run(job, SEK_LEN(rows));
    sek_digest_run(job, 0);
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        assert_int_equal(sek_digest_finish(&digest[i], got), SEK_OK);
        assert_int_equal(sek_digest_of(rows[i].alg, NULL, pattern + i, rows[i].len, expected),
                         SEK_OK);
        assert_memory_equal(got, expected, sek_digest_len(rows[i].alg));
    }
}

static void dead_block(const struct hal_sha256_lane *lane)
{
    (void)lane;
}

static void dead_pair(const struct hal_sha256_lane *a, const struct hal_sha256_lane *b)
{
    (void)a;
    (void)b;
}

/* Hashes the first stream and forgets the second. */
static void half_pair(const struct hal_sha256_lane *a, const struct hal_sha256_lane *b)
{
    (void)b;
    hal_x86_digest()->sha256(a);
}

/* Hashes all streams but the last. */
static void all_but_one(const struct hal_sha256_lane *lane, size_t count)
{
    for (size_t i = 0; i + 1 < count; i++)
        hal_x86_digest()->sha256(&lane[i]);
}

/* Takes the first stream for the second, too. */
static void one_twice(const struct hal_sha256_lane *lane, size_t count)
{
    all_but_one(lane, count + 1);
    memcpy(lane[1].state, lane[0].state, 32);
}

/* Changes the state, but not to what SHA-256 says. */
static void wrong_block(const struct hal_sha256_lane *lane)
{
    lane->state[0] += (uint32_t)lane->blocks;
}

static void a_hook_that_does_nothing_gives_no_digest(void **state)
{
    static const struct hal_digest dead = {
        .name = "dead", .sha256 = dead_block, .sha256_pair = dead_pair};
    uint8_t out[SEK_DIGEST_MAX], before[SEK_DIGEST_MAX];

    (void)state;
    assert_int_equal(sek_digest_of(SEK_DIGEST_SHA256, &dead, pattern, 1000, out), SEK_ERR_CRYPTO);
    memcpy(before, out, sizeof before);
    assert_int_equal(sek_digest_of(SEK_DIGEST_SHA256, &dead, "", 0, out), SEK_ERR_CRYPTO);
    assert_memory_equal(out, before, 32); /* the pattern, not a state */
}

static void a_pair_that_forgets_a_stream_fails_that_stream_alone(void **state)
{
    struct hal_digest half;
    struct sek_digest one, two;
    uint8_t out[SEK_DIGEST_MAX], expected[SEK_DIGEST_MAX];

    (void)state;
    if (!hal_x86_digest())
        skip();
    half = (struct hal_digest){
        .name = "half", .sha256 = hal_x86_digest()->sha256, .sha256_pair = half_pair};
    assert_int_equal(sek_digest_start(&one, SEK_DIGEST_SHA256, &half), SEK_OK);
    assert_int_equal(sek_digest_start(&two, SEK_DIGEST_SHA256, &half), SEK_OK);
    sek_digest_run((struct sek_digest_job[]){{&one, pattern, 500}, {&two, pattern, 500}}, 2);
    sek_digest_update(&two, pattern, 500); /* the failure sticks */
    assert_int_equal(sek_digest_finish(&one, out), SEK_OK);
    assert_int_equal(sek_digest_of(SEK_DIGEST_SHA256, NULL, pattern, 500, expected), SEK_OK);
    assert_memory_equal(out, expected, 32);
    assert_int_equal(sek_digest_finish(&two, out), SEK_ERR_CRYPTO);
}

static void columns_that_forget_a_stream_fail_that_stream_alone(void **state)
{
    struct hal_digest hook;
    struct sek_digest digest[3];
    uint8_t out[SEK_DIGEST_MAX];

    (void)state;
    if (!hal_x86_digest())
        skip();
    hook = (struct hal_digest){
        .name = "short",
        .sha256 = hal_x86_digest()->sha256,
        .sha256_many = all_but_one,
        .many_from = SEK_LEN(digest),
    };
    for (size_t i = 0; i < SEK_LEN(digest); i++)
        assert_int_equal(sek_digest_start(&digest[i], SEK_DIGEST_SHA256, &hook), SEK_OK);
    sek_digest_run((struct sek_digest_job[]){{&digest[0], pattern, 500},
                                             {&digest[1], pattern, 500},
                                             {&digest[2], pattern, 500}},
                   3);
    assert_int_equal(sek_digest_finish(&digest[0], out), SEK_OK);
    assert_int_equal(sek_digest_finish(&digest[1], out), SEK_OK);
    assert_int_equal(sek_digest_finish(&digest[2], out), SEK_ERR_CRYPTO);
}

static void the_start_refuses_a_hook_that_is_wrong_and_takes_a_good_one(void **state)
{
    struct hal_digest hook = {.name = "wrong", .sha256 = wrong_block};

    (void)state;
    assert_int_equal(sek_crypto_start(&hook), SEK_ERR_CRYPTO);
    hook.sha256 = dead_block;
    assert_int_equal(sek_crypto_start(&hook), SEK_ERR_CRYPTO);
    if (hal_x86_digest()) {
        hook = *hal_x86_digest();
        hook.sha256_pair = half_pair; /* only the pair is broken */
        assert_int_equal(sek_crypto_start(&hook), SEK_ERR_CRYPTO);
        hook.sha256_pair = NULL; /* a hook may have no pair */
        assert_int_equal(sek_crypto_start(&hook), SEK_OK);
        hook.many_from = 3;
        hook.sha256_many = all_but_one;
        assert_int_equal(sek_crypto_start(&hook), SEK_ERR_CRYPTO);
        hook.sha256_many = one_twice;
        assert_int_equal(sek_crypto_start(&hook), SEK_ERR_CRYPTO);
    }
    assert_int_equal(sek_crypto_start(hal_x86_digest()), SEK_OK);
    assert_int_equal(sek_crypto_start(hal_x86_digest_many()), SEK_OK);
    assert_int_equal(sek_crypto_start(NULL), SEK_OK);
}

static void a_digest_that_is_finished_or_aborted_is_over(void **state)
{
    struct sek_digest digest;
    uint8_t out[SEK_DIGEST_MAX];

    (void)state;
    assert_int_equal(sek_digest_start(&digest, SEK_DIGEST_SHA384, NULL), SEK_OK);
    sek_digest_abort(&digest);
    sek_digest_update(&digest, "abc", 3);
    assert_int_equal(sek_digest_finish(&digest, out), SEK_ERR_STATE);
    assert_int_equal(sek_digest_start(&digest, SEK_DIGEST_SHA256, hal_x86_digest()), SEK_OK);
    assert_int_equal(sek_digest_finish(&digest, out), SEK_OK);
    assert_int_equal(sek_digest_finish(&digest, out), SEK_ERR_STATE);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_messages_have_their_digests_with_and_without_hook),
        cmocka_unit_test(names_and_lengths_belong_together),
        cmocka_unit_test(a_digest_that_is_none_cannot_start),
        cmocka_unit_test(every_length_in_every_division_is_the_portable_digest),
        cmocka_unit_test(pieces_through_psa_and_crc_equal_the_whole),
        cmocka_unit_test(pairs_of_any_two_lengths_equal_the_portable_digests),
        cmocka_unit_test(many_streams_equal_the_portable_digests),
        cmocka_unit_test(jobs_of_all_kinds_run_together),
        cmocka_unit_test(a_hook_that_does_nothing_gives_no_digest),
        cmocka_unit_test(a_pair_that_forgets_a_stream_fails_that_stream_alone),
        cmocka_unit_test(columns_that_forget_a_stream_fail_that_stream_alone),
        cmocka_unit_test(the_start_refuses_a_hook_that_is_wrong_and_takes_a_good_one),
        cmocka_unit_test(a_digest_that_is_finished_or_aborted_is_over),
    };

    for (size_t i = 0; i < sizeof pattern; i++)
        pattern[i] = (uint8_t)(i * 7 + (i >> 8));
    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
