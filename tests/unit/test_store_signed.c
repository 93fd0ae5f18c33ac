/* A signed store opens with the authority's key, and no change of one bit makes another of it. */
#define _DEFAULT_SOURCE
#include "boards/bench/files.h"
#include "crypto/crypto.h"
#include "tests/unit/store_source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/rows.h"

#define KEYS "build/keys/demo"

enum { SCRATCH = 64 * 1024, KEY_FILE_MAX = 4096 };

static _Alignas(8) uint8_t scratch[SCRATCH];

/* The store that all tests start from, and the keys that did and did not sign it. */
static uint8_t *itb, *authority, *other;
static size_t itb_len, authority_len, other_len;
static struct sek_store good;

static enum sek_status open_with(struct sek_store *store, const uint8_t *data, size_t len,
                                 struct sek_bytes key, uint32_t counter, sek_rule *rule)
{
    struct sek_store_fault why;
    enum sek_status status = sek_store_open(store, (struct sek_bytes){data, len}, key, counter,
                                            scratch, sizeof scratch, &why);

    *rule = why.rule;
    if (status != SEK_OK) {
        assert_null(store->dtb);
        assert_non_null(why.fault.why);
    }
    return status;
}

/* Signs the test source, with one change; the caller frees *out. */
static bool sign_source(const char *find, const char *put, uint8_t **out, size_t *out_len)
{
    char dtb[] = "/tmp/sekisho-test-XXXXXX.dtb", signed_file[] = "/tmp/sekisho-test-XXXXXX.itb";
    size_t len;
    uint8_t *payload = store_source_payload(find, put, &len);

    close(mkstemps(dtb, 4));
    close(mkstemps(signed_file, 4));
    bool ok =
        bench_write_file(dtb, payload, len, 0600) == SEK_OK &&
        store_sign(&store_seal_store, &(const struct store_keys){KEYS, NULL}, dtb, signed_file) &&
        bench_read_file(signed_file, BENCH_STORE_MAX, out, out_len) == SEK_OK;

    free(payload);
    unlink(dtb);
    unlink(signed_file);
    return ok;
}

static int set_up(void **state)
{
    sek_rule rule;

    (void)state;
    bool ok = sign_source(NULL, NULL, &itb, &itb_len) &&
              bench_read_file(KEYS "/authority.spki.der", KEY_FILE_MAX, &authority,
                              &authority_len) == SEK_OK &&
              bench_read_file(KEYS "/other-authority.spki.der", KEY_FILE_MAX, &other, &other_len) ==
                  SEK_OK;

    ok = ok && open_with(&good, itb, itb_len, (struct sek_bytes){authority, authority_len}, 0,
                         &rule) == SEK_OK;
    return ok ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    free(itb);
    free(authority);
    free(other);
    return 0;
}

static const struct row {
    const char *name;
    bool other_key;
    uint32_t counter;
    enum sek_status status;
    sek_rule rule;
} rows[] = {
    {"the authority's store opens", false, 0, SEK_OK, 0},
    {"the same serial as before opens", false, 42, SEK_OK, 0},
    {"a serial that is higher than before opens", false, 41, SEK_OK, 0},
    {"a serial lower than before is refused", false, 43, SEK_ERR_ROLLBACK, SEK_RULE(TS, 4)},
    {"another's key does not open it", true, 0, SEK_ERR_SIGNATURE, SEK_RULE(TS, 2)},
};

static void it_opens_or_not(void **state)
{
    const struct row *row = *state;
    struct sek_bytes key = row->other_key ? (struct sek_bytes){other, other_len}
                                          : (struct sek_bytes){authority, authority_len};
    struct sek_store store;
    sek_rule rule;

    assert_int_equal(open_with(&store, itb, itb_len, key, row->counter, &rule), row->status);
    assert_int_equal(rule, row->rule);
}

static void a_serial_that_jumps_too_far_is_refused(void **state)
{
    struct sek_bytes key = {authority, authority_len};
    struct sek_store store;
    uint8_t *high;
    size_t len;
    sek_rule rule;

    (void)state;
    assert_true(sign_source("serial = <42>", "serial = <65579>", &high, &len)); /* 43 + 65536 */
    assert_int_equal(open_with(&store, high, len, key, 42, &rule), SEK_ERR_MALFORMED);
    assert_int_equal(rule, SEK_RULE(TS, 5));
    assert_int_equal(open_with(&store, high, len, key, 43, &rule), SEK_OK);
    assert_int_equal(open_with(&store, high, len, key, 0, &rule), SEK_OK); /* the first ever */
    free(high);
}

static void no_key_opens_nothing(void **state)
{
    struct sek_store store;
    sek_rule rule;

    (void)state;
    assert_int_not_equal(open_with(&store, itb, itb_len, (struct sek_bytes){0}, 0, &rule), SEK_OK);
}

/* A bit that nothing covers (the hint's, a reserved field's) may be flipped: then what opens is the
 * very same payload. */
static void no_flipped_bit_opens_another_store(void **state)
{
    struct sek_store store;
    size_t opened = 0;
    sek_rule rule;
    uint8_t *copy = malloc(itb_len);

    (void)state;
    assert_non_null(copy);
    memcpy(copy, itb, itb_len);
    for (size_t bit = 0; bit < 8 * itb_len; bit++) {
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (open_with(&store, copy, itb_len, (struct sek_bytes){authority, authority_len}, 0,
                      &rule) == SEK_OK) {
            opened++;
            assert_int_equal(store.dtb_len, good.dtb_len);
            assert_memory_equal(store.dtb, good.dtb, good.dtb_len);
            assert_memory_equal(store.digest, good.digest, sizeof good.digest);
        }
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    print_message("%zu of %zu flips open the same store\n", opened, 8 * itb_len);
    free(copy);
}

static void no_truncation_and_no_byte_behind_opens(void **state)
{
    struct sek_store store;
    sek_rule rule;
    struct sek_bytes key = {authority, authority_len};
    uint8_t *longer = malloc(itb_len + 8);

    (void)state;
    assert_non_null(longer);
    for (size_t len = 0; len < itb_len; len++) {
        uint8_t *part = malloc(len ? len : 1);

        assert_non_null(part);
        memcpy(part, itb, len);
        assert_int_not_equal(open_with(&store, part, len, key, 0, &rule), SEK_OK);
        assert_int_not_equal(rule, 0);
        free(part);
    }
    for (size_t more = 1; more <= 8; more++) {
        memcpy(longer, itb, itb_len);
        memset(longer + itb_len, more % 2 ? 0 : 0xff, more);
        assert_int_not_equal(open_with(&store, longer, itb_len + more, key, 0, &rule), SEK_OK);
    }
    free(longer);
}

static void little_scratch_memory_is_said(void **state)
{
    struct sek_bytes key = {authority, authority_len}, bytes = {itb, itb_len};
    struct sek_store_fault why;
    struct sek_store store;

    (void)state;
    for (size_t len = 0; len < 1024; len += 8)
        assert_int_not_equal(sek_store_open(&store, bytes, key, 0, scratch, len, &why), SEK_OK);
}

int main(void)
{
    static const struct CMUnitTest fixed[] = {
        cmocka_unit_test(a_serial_that_jumps_too_far_is_refused),
        cmocka_unit_test(no_key_opens_nothing),
        cmocka_unit_test(no_flipped_bit_opens_another_store),
        cmocka_unit_test(no_truncation_and_no_byte_behind_opens),
        cmocka_unit_test(little_scratch_memory_is_said),
    };

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    ROWS_RUN(fixed, rows, it_opens_or_not, set_up, tear_down);
}
