/* Every single-bit flip of small FITs that mkimage signed.
 *
 * An independent reader (tests/interop/fit.py) lists the bytes that nothing covers and that no
 * reader has to refuse. A flip outside that list must cost something its approval: the image whose
 * payload it hits, else at least one. A flip inside may change nothing that is reported of what
 * stays approved. */
#define _DEFAULT_SOURCE
#include "boards/bench/files.h"
#include "boards/bench/store/store.h"
#include "crypto/crypto.h"
#include "tests/unit/judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { FILE_LIMIT = 1 << 16, LINE_MAX_LEN = 256, IMAGES = 3 };

static struct fit_key stranger;
static struct judge judge;
static char folder[] = "/tmp/sekisho-test-XXXXXX";

static const struct layout {
    const char *name;
    const char *option[4]; /* mkimage's */
} layouts[] = {
    {"a FIT with its data inside", {NULL}},
    {"a FIT with its data behind it", {"-E", NULL}},
    {"a FIT with its data behind it, aligned", {"-E", "-B", "0x20", NULL}},
};

static void in_folder(char path[LINE_MAX_LEN], const char *name)
{
    int len = snprintf(path, LINE_MAX_LEN, "%s/%s", folder, name);

    assert_true(len > 0 && len < LINE_MAX_LEN);
}

static void make_payload(const char *variable, const char *name, size_t len)
{
    uint8_t data[256];
    char path[LINE_MAX_LEN];

    for (size_t i = 0; i < len; i++)
        data[i] = (uint8_t)(i * 37 + len);
    in_folder(path, name);
    assert_int_equal(bench_write_file(path, data, len, 0600), SEK_OK);
    assert_int_equal(setenv(variable, path, 1), 0);
}

/* Signs a FIT with mkimage; the caller frees *data. */
static void make_fit(const struct layout *layout, char itb[LINE_MAX_LEN], uint8_t **data,
                     size_t *len)
{
    const char *argv[16] = {
        "boards/setup/demo_images.sh", itb, "build/keys/demo", "stranger", "sha256,rsa2048", ""};
    char error[LINE_MAX_LEN] = "";

    in_folder(itb, "image.itb");
    for (size_t i = 0; layout->option[i]; i++)
        argv[6 + i] = layout->option[i];
    if (store_run((char *const *)(uintptr_t)argv, NULL, error, sizeof error) != 0)
        fail_msg("%s", error);
    assert_int_equal(bench_read_file(itb, FILE_LIMIT, data, len), SEK_OK);
}

/* Marks the bytes of the independent reader's list; returns how many they are. */
static size_t read_list(const char *itb, bool *listed, size_t len)
{
    const char *argv[] = {"python3", "tests/interop/fit.py", "uncovered", itb, "conf-1", NULL};
    char error[LINE_MAX_LEN] = "", line[LINE_MAX_LEN];
    FILE *out = tmpfile();
    size_t at, count, total = 0;

    assert_non_null(out);
    if (store_run((char *const *)(uintptr_t)argv, out, error, sizeof error) != 0)
        fail_msg("%s", error);
    rewind(out);
    while (fgets(line, sizeof line, out)) {
        assert_int_equal(sscanf(line, "%zu %zu", &at, &count), 2);
        assert_true(at < len && count <= len - at);
        memset(listed + at, true, count);
        total += count;
    }
    fclose(out);
    return total;
}

/* All that a row reports and that says what was approved. */
static bool same_row(const struct sek_row *a, const struct sek_row *b)
{
    return strcmp(a->name, b->name) == 0 && strcmp(a->version, b->version) == 0 &&
           strcmp(a->format, b->format) == 0 && a->component_class == b->component_class &&
           a->size == b->size && a->has_timestamp == b->has_timestamp &&
           a->timestamp == b->timestamp && memcmp(a->digest, b->digest, sizeof a->digest) == 0 &&
           a->has_key == b->has_key && memcmp(a->key, b->key, sizeof a->key) == 0 &&
           strcmp(a->signer, b->signer) == 0 && a->integrity == b->integrity &&
           a->supplier == b->supplier && a->rule == b->rule && a->expected.alg == b->expected.alg &&
           a->fault.status == b->fault.status;
}

struct count {
    size_t flips, outside, inside, harmless;
};

/* What one flip did; true: as it must be. */
static bool judge_flip(const struct sek_row good[IMAGES], const bool hit[IMAGES], bool listed,
                       struct count *count)
{
    size_t approved = 0;

    for (size_t i = 0; i < IMAGES; i++) {
        const struct sek_row *row = judge_row(&judge, good[i].name);

        if (!row || row->verdict != SEK_VERDICT_APPROVED)
            continue;
        approved++;
        if (hit[i] || !same_row(row, &good[i]))
            return false;
    }
    if (judge_approved(&judge) != approved) /* of another name */
        return false;
    count->flips++;
    count->harmless += approved == IMAGES;
    *(listed ? &count->inside : &count->outside) += 1;
    return listed || approved < IMAGES;
}

static void no_flip_of_a_covered_bit_is_approved(void **state)
{
    const struct layout *layout = *state;
    struct sek_row good[IMAGES];
    uint64_t from[IMAGES], to[IMAGES];
    struct count count = {0};
    char itb[LINE_MAX_LEN];
    uint8_t *data;
    bool *listed;
    size_t len;

    make_fit(layout, itb, &data, &len);
    listed = calloc(len, sizeof *listed);
    assert_non_null(listed);
    count.inside = 0;
    (void)read_list(itb, listed, len);
    judge_bytes(&judge, data, len);
    assert_int_equal(judge.outcome, SEK_OUTCOME_ACCEPT);
    assert_int_equal(judge_approved(&judge), IMAGES);
    for (size_t i = 0; i < IMAGES; i++) {
        good[i] = judge.row[i + 1];
        from[i] = judge.measure.image.claims.image[i].offset;
        to[i] = from[i] + judge.measure.image.claims.image[i].size;
    }
    for (size_t bit = 0; bit < 8 * len; bit++) {
        bool hit[IMAGES];

        for (size_t i = 0; i < IMAGES; i++)
            hit[i] = from[i] <= bit / 8 && bit / 8 < to[i];
        data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        judge_bytes(&judge, data, len);
        if (!judge_flip(good, hit, listed[bit / 8], &count))
            fail_msg("bit %zu of byte %zu, which %s", bit % 8, bit / 8,
                     listed[bit / 8] ? "nothing covers, changes what is reported"
                                     : "is covered, changes nothing");
        data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    print_message("%zu bytes: %zu flips outside the list, 0 approved; %zu inside, %zu of all "
                  "without effect\n",
                  len, count.outside, count.inside, count.harmless);
    assert_true(count.inside < count.flips / 3 && count.harmless < count.inside);
    free(listed);
    free(data);
}

static int set_up(void **state)
{
    static const struct judge_supplier supplier = {
        "stranger", &stranger, "sha256", "pkcs-1.5", "stranger", "\"kernel\", \"rootfs\"", "", ""};

    (void)state;
    fit_key_load(&stranger, "stranger");
    judge_init(&judge, &supplier, 1, "");
    if (!mkdtemp(folder))
        return -1;
    make_payload("KERNEL", "kernel", 120);
    make_payload("FDT", "fdt", 61);
    make_payload("RAMDISK", "ramdisk", 90);
    return 0;
}

static int tear_down(void **state)
{
    static const char *const files[] = {"kernel", "fdt", "ramdisk", "image.itb"};
    char path[LINE_MAX_LEN];

    (void)state;
    for (size_t i = 0; i < SEK_LEN(files); i++) {
        in_folder(path, files[i]);
        unlink(path);
    }
    rmdir(folder);
    judge_free(&judge);
    return 0;
}

int main(void)
{
    struct CMUnitTest tests[SEK_LEN(layouts)];

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    for (size_t i = 0; i < SEK_LEN(layouts); i++)
        tests[i] = (struct CMUnitTest){layouts[i].name, no_flip_of_a_covered_bit_is_approved, NULL,
                                       NULL, (void *)(uintptr_t)&layouts[i]};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
