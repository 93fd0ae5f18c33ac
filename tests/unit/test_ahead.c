/* A large file by two threads: its digests are those of the same bytes in one piece, however many
 * they are, each byte is read once, and a file that ends early is told where. */
#define _DEFAULT_SOURCE
#include "boards/bench/inspect/ahead.h"
#include "crypto/crypto.h"
#include "hal/x86/sha256_ni.h"
#include "tests/unit/openssl_signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { FILE_LEN = 3 * 1024 * 1024 + 17 };

static uint8_t bytes[FILE_LEN];
static char path[] = "/tmp/sekisho-test-XXXXXX";

/* Opens the file for digests of the whole of it, as bits of enum sek_digest_alg. */
static void open_slot(struct slot *slot, struct slot_setup *setup, unsigned algs)
{
    memset(slot, 0, sizeof *slot);
    *setup = (struct slot_setup){.hook = hal_x86_digest_many(), .whole_algs = algs};
    test_write_file(path, bytes, sizeof bytes);
    assert_true(slot_init(slot, setup, 1));
    assert_true(slot_open(slot, 0, path));
}

static void close_slot(struct slot *slot)
{
    linux_file_source_close(&slot->file);
    slot_free(slot);
}

/* The last step, which is the slot's own. */
static void end(struct slot *slot)
{
    struct sek_digest_job job[SEK_PASS_ACTIVE];
    size_t jobs = 0;

    assert_false(slot_step(slot, job, &jobs));
    assert_int_equal(jobs, 0);
    sek_pass_end(&slot->image.pass);
}

static void digests_are_those_of_one_thread_however_many_there_are(void **state)
{
    enum { SHA256 = 1u << SEK_DIGEST_SHA256, SHA384 = 1u << SEK_DIGEST_SHA384 };
    enum { SHA512 = 1u << SEK_DIGEST_SHA512, CRC32 = 1u << SEK_DIGEST_CRC32 };
    static const unsigned rows[] = {SHA256, SHA384, SHA256 | SHA384, SHA256 | SHA384 | SHA512,
                                    SHA256 | SHA384 | SHA512 | CRC32};
    static struct slot slot;
    struct slot_setup setup;

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        open_slot(&slot, &setup, rows[i]);
        ahead_measure(&slot);
        assert_true(slot.image.pass.pos == FILE_LEN);
        end(&slot);
        assert_int_equal(slot.image.pass.fault.status, SEK_OK);
        assert_true(slot.image.pass.bytes_read == FILE_LEN);
        for (unsigned alg = SEK_DIGEST_CRC32; alg < SEK_DIGEST_COUNT; alg++) {
            const struct sek_extent *whole = slot.image.claims.whole[alg];
            uint8_t digest[SEK_DIGEST_MAX];

            assert_true(!(rows[i] & 1u << alg) || whole);
            if (!whole)
                continue;
            assert_int_equal(whole->status, SEK_OK);
            assert_int_equal(
                sek_digest_of((enum sek_digest_alg)alg, NULL, bytes, sizeof bytes, digest), SEK_OK);
            assert_memory_equal(whole->digest, digest, sek_digest_len((enum sek_digest_alg)alg));
        }
        close_slot(&slot);
    }
}

static void a_file_that_ends_early_has_no_digest(void **state)
{
    static struct slot slot;
    struct slot_setup setup;

    (void)state;
    open_slot(&slot, &setup, 0);
    assert_int_equal(truncate(path, FILE_LEN / 2), 0);
    ahead_measure(&slot);
    end(&slot);
    assert_int_equal(slot.image.pass.fault.status, SEK_ERR_IO);
    assert_true(slot.image.pass.fault.offset <= FILE_LEN / 2);
    assert_int_not_equal(slot.image.claims.whole[SEK_DIGEST_SHA256]->status, SEK_OK);
    close_slot(&slot);
}

static int set_up(void **state)
{
    int fd = mkstemp(path);

    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 37 >> 7);
    return fd >= 0 ? close(fd) : -1;
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_are_those_of_one_thread_however_many_there_are),
        cmocka_unit_test(a_file_that_ends_early_has_no_digest),
    };

    return sek_crypto_start(NULL) == SEK_OK ? cmocka_run_group_tests(tests, set_up, tear_down) : 1;
}
