/* Legacy uImages: parsed, their checksums told, never more than that. */
#include "base/bytes.h"
#include "base/crc.h"
#include "crypto/crypto.h"
#include "tests/unit/counting_source.h"
#include "tests/unit/measure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Offsets in the header. */
enum { MAGIC = 0, HCRC = 4, SIZE = 12, DCRC = 24, OS = 28, TYPE = 30, NAME = 32, HEADER = 64 };

enum { KERNEL = 2, RAMDISK = 3, MULTI = 4, FIRMWARE = 5, FILE_MAX = 4096 };

static struct measure m;

struct file {
    uint8_t data[FILE_MAX];
    size_t len;
};

/* Both checksums, as they should be. */
static void seal(struct file *file)
{
    uint32_t size = sek_get_u32be(file->data + SIZE);

    if (size <= file->len - HEADER)
        sek_put_u32be(file->data + DCRC, sek_crc32(0, file->data + HEADER, size));
    sek_put_u32be(file->data + HCRC, 0);
    sek_put_u32be(file->data + HCRC, sek_crc32(0, file->data, HEADER));
}

static void start(struct file *file, uint8_t type)
{
    memset(file, 0, sizeof *file);
    sek_put_u32be(file->data + MAGIC, 0x27051956);
    file->data[OS] = 5;
    file->data[OS + 1] = 2;
    file->data[TYPE] = type;
    memcpy(file->data + NAME, "sample", 6);
    file->len = HEADER;
}

static void add(struct file *file, size_t len)
{
    for (size_t i = 0; i < len; i++)
        file->data[file->len++] = (uint8_t)(i * 13 + len);
    sek_put_u32be(file->data + SIZE, (uint32_t)(file->len - HEADER));
}

static void add_u32(struct file *file, uint32_t value)
{
    sek_put_u32be(file->data + file->len, value);
    file->len += 4;
}

static void single(struct file *file)
{
    start(file, KERNEL);
    add(file, 1000);
    seal(file);
}

/* Kernel, ramdisk and device tree, laid out as in the example of the format's description. */
static void multi(struct file *file)
{
    start(file, MULTI);
    add_u32(file, 1200);
    add_u32(file, 420);
    add_u32(file, 129);
    add_u32(file, 0);
    add(file, 1200);
    add(file, 420);
    add(file, 129);
    seal(file);
}

static const struct sek_image_claims *measured(const struct file *file, const char *forced)
{
    uint8_t *exact = malloc(file->len ? file->len : 1);
    struct counting_source source;

    assert_non_null(exact);
    memcpy(exact, file->data, file->len);
    source = counting_source_make(exact, file->len);
    measure_source(&m, &source.base, forced);
    assert_int_equal(m.status, SEK_OK);
    assert_true(counting_source_all(&source, 1));
    assert_int_equal(m.image.pass.bytes_read, file->len);
    counting_source_free(&source);
    free(exact);
    return &m.image.claims;
}

static bool checksum_right(const struct sek_image_claims *claims)
{
    const struct sek_hash_claim *hash = &claims->image[0].hash[0];

    assert_int_equal(claims->image[0].hash_count, 1);
    assert_int_equal(hash->alg, SEK_DIGEST_CRC32);
    assert_int_equal(hash->expected.len, 4);
    assert_int_equal(hash->measured->status, SEK_OK);
    return memcmp(hash->expected.data, hash->measured->digest, 4) == 0;
}

static void is_digest_of(const struct sek_image_claim *image, const struct file *file)
{
    uint8_t want[SEK_DIGEST_MAX];

    assert_non_null(image->extra);
    assert_int_equal(image->extra->status, SEK_OK);
    assert_int_equal(sek_digest_of(SEK_DIGEST_SHA256, NULL, file->data + image->offset,
                                   (size_t)image->size, want),
                     SEK_OK);
    assert_memory_equal(image->extra->digest, want, 32);
}

/* ---- Single ---- */

static void one_image_with_its_checksum(void **state)
{
    const struct sek_image_claims *claims;
    struct file file;

    (void)state;
    single(&file);
    claims = measured(&file, NULL);
    assert_string_equal(claims->format, "uimage");
    assert_int_equal(claims->fault.status, SEK_OK);
    assert_int_equal(claims->image_count, 1);
    assert_int_equal(claims->statement_count + claims->signature_count, 0);
    assert_string_equal(claims->image[0].name, "image");
    assert_int_equal(claims->image[0].offset, HEADER);
    assert_int_equal(claims->image[0].size, 1000);
    assert_int_equal(claims->image[0].covered_by, 0);
    assert_true(claims->image[0].checksum_only);
    assert_true(checksum_right(claims));
    is_digest_of(&claims->image[0], &file);
    assert_int_equal(claims->uncovered_count, 0);
}

static void a_type_says_what_the_image_is(void **state)
{
    static const struct {
        uint8_t type;
        enum sek_class component_class;
    } rows[] = {
        {0, SEK_CLASS_NONE}, {1, SEK_CLASS_BOOT},   {2, SEK_CLASS_KERNEL}, {3, SEK_CLASS_ROOTFS},
        {5, SEK_CLASS_BOOT}, {6, SEK_CLASS_KERNEL}, {7, SEK_CLASS_ROOTFS}, {8, SEK_CLASS_KERNEL},
        {9, SEK_CLASS_NONE}, {64, SEK_CLASS_NONE},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        struct file file;

        start(&file, rows[i].type);
        add(&file, 10);
        seal(&file);
        assert_int_equal(measured(&file, NULL)->image[0].class_hint, rows[i].component_class);
    }
}

static void an_image_of_nothing_is_one(void **state)
{
    struct file file;

    (void)state;
    start(&file, FIRMWARE);
    add(&file, 0);
    seal(&file);
    assert_int_equal(measured(&file, NULL)->image_count, 1);
    assert_true(checksum_right(&m.image.claims));
}

static void every_flipped_bit_breaks_a_checksum(void **state)
{
    struct file file;

    (void)state;
    single(&file);
    file.len = HEADER + 100;
    sek_put_u32be(file.data + SIZE, 100);
    seal(&file);
    for (size_t bit = 0; bit < 8 * file.len; bit++) {
        const struct sek_image_claims *claims;

        file.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        claims = measured(&file, "uimage");
        if (bit / 8 < HEADER) {
            assert_int_equal(claims->fault.status, SEK_ERR_MALFORMED);
            assert_int_equal(claims->fault.offset, bit / 8 < 4 ? 0 : 4);
            assert_int_equal(claims->image_count, 0);
        } else {
            assert_int_equal(claims->fault.status, SEK_OK);
            assert_false(checksum_right(claims));
        }
        file.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

static void no_truncation_is_taken(void **state)
{
    struct file file;
    size_t whole;

    (void)state;
    single(&file);
    whole = file.len;
    for (file.len = 0; file.len < whole; file.len++) {
        const struct sek_image_claims *claims = measured(&file, "uimage");

        assert_int_equal(claims->fault.status, SEK_ERR_TRUNCATED);
        assert_int_equal(claims->fault.offset, file.len < HEADER ? file.len : SIZE);
        assert_int_equal(claims->image_count, 0);
    }
}

static void bytes_behind_the_image_are_found(void **state)
{
    struct file file;

    (void)state;
    single(&file);
    file.data[file.len + 3] = 'X';
    file.len += 10;
    assert_int_equal(measured(&file, NULL)->uncovered_count, 1);
    assert_int_equal(m.image.claims.uncovered[0].offset, HEADER + 1000);
    assert_int_equal(m.image.claims.uncovered[0].len, 10);
}

/* ---- Multi ---- */

static void the_parts_lie_where_the_example_says(void **state)
{
    static const struct {
        const char *name;
        uint64_t offset, size;
    } parts[] = {{"part-a", 0x50, 1200}, {"part-b", 0x500, 420}, {"part-c", 0x6a4, 129}};
    const struct sek_image_claims *claims;
    struct file file;

    (void)state;
    multi(&file);
    assert_int_equal(sek_get_u32be(file.data + SIZE), 0x6e5);
    claims = measured(&file, NULL);
    assert_int_equal(claims->fault.status, SEK_OK);
    assert_int_equal(claims->image_count, SEK_LEN(parts));
    for (size_t i = 0; i < SEK_LEN(parts); i++) {
        assert_string_equal(claims->image[i].name, parts[i].name);
        assert_int_equal(claims->image[i].offset, parts[i].offset);
        assert_int_equal(claims->image[i].size, parts[i].size);
        assert_true(claims->image[i].checksum_only);
        is_digest_of(&claims->image[i], &file);
    }
    assert_true(checksum_right(claims));
    assert_int_equal(claims->image[1].hash_count, 0);
    assert_int_equal(claims->uncovered_count, 0);
}

/* The part table is words[0] to words[count - 1], then payload bytes follow. */
static const struct multi_row {
    const char *name;
    uint32_t words[18];
    size_t count, payload;
    enum sek_status status;
    uint64_t offset;
    size_t parts;
} multi_rows[] = {
    {"no table", {0}, 0, 0, SEK_ERR_MALFORMED, HEADER, 0},
    {"a table that is cut", {5}, 1, 0, SEK_ERR_MALFORMED, HEADER, 0},
    {"a table of nothing", {0}, 1, 8, SEK_ERR_MALFORMED, HEADER, 0},
    {"a table without end", {1, 1, 1}, 3, 0, SEK_ERR_MALFORMED, HEADER, 0},
    {"a table that ends three bytes short", {1}, 1, 3, SEK_ERR_MALFORMED, HEADER, 0},
    {"one part", {8, 0}, 2, 8, SEK_OK, 0, 1},
    {"the last part needs no padding", {5, 7, 0}, 3, 15, SEK_OK, 0, 2},
    {"a part that is one byte too long", {5, 8, 0}, 3, 15, SEK_ERR_MALFORMED, HEADER + 4, 0},
    {"a part that begins at the end and has nothing",
     {8, 1, 0},
     3,
     8,
     SEK_ERR_MALFORMED,
     HEADER + 4,
     0},
    {"a part of 2^32-1 bytes", {0xffffffff, 0}, 2, 8, SEK_ERR_MALFORMED, HEADER, 0},
    {"parts whose sum wraps", {0xfffffffc, 8, 0}, 3, 8, SEK_ERR_MALFORMED, HEADER, 0},
    {"two parts of 2^31 bytes", {0x80000000, 0x80000000, 0}, 3, 8, SEK_ERR_MALFORMED, HEADER, 0},
    {"16 parts", {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0}, 17, 61, SEK_OK, 0, 16},
    {"17 parts",
     {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0},
     18,
     65,
     SEK_ERR_MALFORMED,
     HEADER,
     0},
};

static void part_tables_are_bounded(void **state)
{
    const struct multi_row *row = *state;
    const struct sek_image_claims *claims;
    struct file file;

    start(&file, MULTI);
    for (size_t i = 0; i < row->count; i++)
        add_u32(&file, row->words[i]);
    add(&file, row->payload);
    seal(&file);
    claims = measured(&file, NULL);
    assert_int_equal(claims->fault.status, row->status);
    assert_int_equal(claims->image_count, row->parts);
    if (row->status != SEK_OK) {
        assert_int_equal(claims->fault.offset, row->offset);
        assert_non_null(claims->whole[SEK_DIGEST_SHA256]);
    } else {
        assert_true(checksum_right(claims));
    }
}

static void every_word_of_a_part_table_may_be_anything(void **state)
{
    static const uint32_t words[] = {0, 1, 3, 4, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff};
    struct file file;

    (void)state;
    for (size_t at = 0; at < 4; at++) {
        for (size_t i = 0; i < SEK_LEN(words); i++) {
            const struct sek_image_claims *claims;

            multi(&file);
            sek_put_u32be(file.data + HEADER + 4 * at, words[i]);
            seal(&file);
            claims = measured(&file, NULL);
            for (size_t k = 0; k < claims->image_count; k++)
                assert_true(claims->image[k].offset + claims->image[k].size <= file.len);
        }
    }
}

/* ---- The header ---- */

static const struct header_row {
    const char *name;
    size_t at;
    uint32_t value;
    enum sek_status status;
    uint64_t offset;
} header_rows[] = {
    {"a size beyond the file", SIZE, 1001, SEK_ERR_TRUNCATED, SIZE},
    {"a size of 2^32-1", SIZE, 0xffffffff, SEK_ERR_TRUNCATED, SIZE},
    {"a size of 2^32-64, which would wrap", SIZE, 0xffffffc0, SEK_ERR_TRUNCATED, SIZE},
    {"a smaller size", SIZE, 999, SEK_OK, 0},
    {"an operating system out of range", OS, 41u << 24 | 2u << 16 | 2u << 8, SEK_ERR_UNSUPPORTED,
     OS},
    {"the last operating system", OS, 40u << 24 | 2u << 16 | 2u << 8, SEK_OK, 0},
    {"operating system 255", OS, 0xff020200, SEK_ERR_UNSUPPORTED, OS},
    {"a type out of range", OS, 5u << 24 | 2u << 16 | 65u << 8, SEK_ERR_UNSUPPORTED, OS},
    {"the last type", OS, 5u << 24 | 2u << 16 | 64u << 8, SEK_OK, 0},
};

static void header_words_are_bounded(void **state)
{
    const struct header_row *row = *state;
    const struct sek_image_claims *claims;
    struct file file;

    single(&file);
    sek_put_u32be(file.data + row->at, row->value);
    seal(&file);
    claims = measured(&file, NULL);
    assert_int_equal(claims->fault.status, row->status);
    assert_int_equal(claims->image_count, row->status == SEK_OK ? 1 : 0);
    if (row->status != SEK_OK)
        assert_int_equal(claims->fault.offset, row->offset);
}

static void small_tables_are_said(void **state)
{
    const struct sek_image_memory all = m.memory;
    struct file file;

    (void)state;
    multi(&file);
    for (size_t cap = 0; cap < 10; cap++) {
        m.memory.image_cap = cap;
        assert_int_equal(measured(&file, NULL)->fault.status, cap >= 3 ? SEK_OK : SEK_ERR_NO_SPACE);
        m.memory.image_cap = all.image_cap;
        m.memory.pass.extent_cap = cap + 1; /* header, table, three parts, the whole */
        assert_int_equal(measured(&file, NULL)->fault.status, cap >= 5 ? SEK_OK : SEK_ERR_NO_SPACE);
        m.memory.pass.extent_cap = all.pass.extent_cap;
    }
    for (size_t len = 0; len < 80; len += 8) {
        m.memory.scratch_len = len;
        assert_int_equal(measured(&file, NULL)->fault.status,
                         len >= 72 ? SEK_OK : SEK_ERR_NO_SPACE);
    }
    m.memory = all;
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
    static const struct CMUnitTest fixed[] = {
        cmocka_unit_test(one_image_with_its_checksum),
        cmocka_unit_test(a_type_says_what_the_image_is),
        cmocka_unit_test(an_image_of_nothing_is_one),
        cmocka_unit_test(every_flipped_bit_breaks_a_checksum),
        cmocka_unit_test(no_truncation_is_taken),
        cmocka_unit_test(bytes_behind_the_image_are_found),
        cmocka_unit_test(the_parts_lie_where_the_example_says),
        cmocka_unit_test(every_word_of_a_part_table_may_be_anything),
        cmocka_unit_test(small_tables_are_said),
    };
    static struct CMUnitTest tests[SEK_LEN(multi_rows) + SEK_LEN(header_rows) + SEK_LEN(fixed)];
    size_t count = 0;

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    for (size_t i = 0; i < SEK_LEN(multi_rows); i++)
        tests[count++] = (struct CMUnitTest){multi_rows[i].name, part_tables_are_bounded, NULL,
                                             NULL, (void *)(uintptr_t)&multi_rows[i]};
    for (size_t i = 0; i < SEK_LEN(header_rows); i++)
        tests[count++] = (struct CMUnitTest){header_rows[i].name, header_words_are_bounded, NULL,
                                             NULL, (void *)(uintptr_t)&header_rows[i]};
    memcpy(tests + count, fixed, sizeof fixed);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
