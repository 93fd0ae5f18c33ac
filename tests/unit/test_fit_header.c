/* The header of a FIT, its blocks and their memory: what is wrong is refused, with its place. */
#include "base/bytes.h"
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

#include "tests/unit/rows.h"

static struct measure m;

/* ---- Changes of the header ---- */

static const struct header_row {
    const char *name;
    uint32_t word;  /* offset in the header */
    uint32_t value; /* set, or added if plus */
    bool plus;
    enum sek_status status;
    uint64_t offset;
    const char *why;
} header_rows[] = {
    {"totalsize beyond the file", FIT_HEADER_TOTALSIZE, 1, true, SEK_ERR_TRUNCATED, 4,
     "more bytes"},
    {"totalsize of 2^32-1", FIT_HEADER_TOTALSIZE, 0xffffffff, false, SEK_ERR_TRUNCATED, 4, NULL},
    {"totalsize that cuts the strings", FIT_HEADER_TOTALSIZE, 0xfffffff0, true, SEK_ERR_MALFORMED,
     8, "blocks"},
    {"totalsize of 0", FIT_HEADER_TOTALSIZE, 0, false, SEK_ERR_MALFORMED, 8, "blocks"},
    {"structure at an odd place", FIT_HEADER_STRUCT, 2, true, SEK_ERR_MALFORMED, 8, "blocks"},
    {"structure over the reserve map", FIT_HEADER_STRUCT, 40, false, SEK_ERR_MALFORMED, 8,
     "blocks"},
    {"structure over the header", FIT_HEADER_STRUCT, 0, false, SEK_ERR_MALFORMED, 8, "blocks"},
    {"structure outside", FIT_HEADER_STRUCT, 0xfffffffc, false, SEK_ERR_MALFORMED, 8, "blocks"},
    {"structure one tag later", FIT_HEADER_STRUCT, 4, true, SEK_ERR_MALFORMED, 8, "blocks"},
    {"strings before the structure", FIT_HEADER_STRINGS, 40, false, SEK_ERR_MALFORMED, 8, "blocks"},
    {"strings into the structure", FIT_HEADER_STRINGS, 0xffffffff, true, SEK_ERR_MALFORMED, 8,
     "blocks"},
    {"strings outside", FIT_HEADER_STRINGS, 0xffffffff, false, SEK_ERR_MALFORMED, 8, "blocks"},
    {"strings that begin later", FIT_HEADER_STRINGS, 1, true, SEK_ERR_MALFORMED, 8, "blocks"},
    {"strings of 2^32-1 bytes", FIT_HEADER_STRINGS_SIZE, 0xffffffff, false, SEK_ERR_MALFORMED, 8,
     "blocks"},
    {"strings longer than totalsize", FIT_HEADER_STRINGS_SIZE, 1, true, SEK_ERR_MALFORMED, 8,
     "blocks"},
    {"no strings", FIT_HEADER_STRINGS_SIZE, 0, false, SEK_ERR_MALFORMED, 64, "outside the strings"},
    {"a structure of 2^32-4 bytes", FIT_HEADER_STRUCT_SIZE, 0xfffffffc, false, SEK_ERR_MALFORMED, 8,
     "blocks"},
    {"a structure that is one tag longer", FIT_HEADER_STRUCT_SIZE, 4, true, SEK_ERR_MALFORMED, 8,
     "blocks"},
    {"a structure of an odd length", FIT_HEADER_STRUCT_SIZE, 2, false, SEK_ERR_MALFORMED, 8,
     "blocks"},
    {"a structure of nothing", FIT_HEADER_STRUCT_SIZE, 0, false, SEK_ERR_MALFORMED, 36,
     "too short"},
    {"a structure that is one tag shorter", FIT_HEADER_STRUCT_SIZE, 0xfffffffc, true,
     SEK_ERR_MALFORMED, 0, "inside a tag"},
    {"a reserve map in the header", FIT_HEADER_RESERVE, 32, false, SEK_ERR_MALFORMED, 8, "blocks"},
    {"a reserve map at an odd place", FIT_HEADER_RESERVE, 41, false, SEK_ERR_MALFORMED, 8,
     "blocks"},
    {"a reserve map over the structure", FIT_HEADER_RESERVE, 48, false, SEK_ERR_MALFORMED, 8,
     "blocks"},
    {"a reserve map outside", FIT_HEADER_RESERVE, 0xfffffff8, false, SEK_ERR_MALFORMED, 8,
     "blocks"},
    {"version 16", FIT_HEADER_VERSION, 16, false, SEK_ERR_UNSUPPORTED, 20, "version"},
    {"version 3", FIT_HEADER_VERSION, 3, false, SEK_ERR_UNSUPPORTED, 20, "version"},
    {"version 18", FIT_HEADER_VERSION, 18, false, SEK_ERR_UNSUPPORTED, 20, "version"},
    {"last compatible version 17", FIT_HEADER_LAST_COMPATIBLE, 17, false, SEK_ERR_UNSUPPORTED, 20,
     "version"},
    {"another boot processor", FIT_HEADER_BOOT_CPU, 7, false, SEK_OK, 0, NULL},
    {"the header as it was", FIT_HEADER_BOOT_CPU, 0, false, SEK_OK, 0, NULL},
};

static void check_header(void **state)
{
    const struct header_row *row = *state;
    const struct sek_fault *fault = &m.image.claims.fault;
    struct fit_writer w;
    struct fit_file file;
    uint8_t *word;

    fit_sample(&w, "sha256");
    file = fit_write(&w);
    word = file.data + row->word;
    sek_put_u32be(word, row->plus ? sek_get_u32be(word) + row->value : row->value);
    measure_fit(&m, file.data, file.len, row->status);
    if (row->why && !strstr(fault->why, row->why))
        fail_msg("\"%s\", not \"%s\"", fault->why, row->why);
    if (row->status != SEK_OK && row->offset)
        assert_int_equal(fault->offset, row->offset);
    fit_free(&w);
    free(file.data);
}

/* ---- Blocks moved apart ---- */

/* The sample with room for a reserve map of some entries and gaps before and behind the structure;
 * what is in them is byte. */
static struct fit_file moved_apart(size_t before, size_t reserve, size_t behind, uint8_t byte)
{
    struct fit_writer w;
    struct fit_file file, moved;
    size_t structure, structure_len, strings_len, more = before + 16 * reserve + behind;

    fit_sample(&w, "sha256");
    file = fit_write(&w);
    fit_free(&w);
    structure = sek_get_u32be(file.data + FIT_HEADER_STRUCT);
    structure_len = sek_get_u32be(file.data + FIT_HEADER_STRUCT_SIZE);
    strings_len = sek_get_u32be(file.data + FIT_HEADER_STRINGS_SIZE);
    moved.len = file.len + more;
    moved.data = malloc(moved.len);
    assert_non_null(moved.data);
    memset(moved.data, byte, moved.len);
    memcpy(moved.data, file.data, FIT_HEADER_LEN);
    memset(moved.data + FIT_HEADER_LEN + before, 1, 16 * reserve);
    memset(moved.data + FIT_HEADER_LEN + before + 16 * reserve, 0, 16);
    structure += before + 16 * reserve;
    memcpy(moved.data + structure, file.data + structure - before - 16 * reserve, structure_len);
    memcpy(moved.data + structure + structure_len + behind, file.data + file.len - strings_len,
           strings_len);
    sek_put_u32be(moved.data + FIT_HEADER_TOTALSIZE, (uint32_t)moved.len);
    sek_put_u32be(moved.data + FIT_HEADER_RESERVE, (uint32_t)(FIT_HEADER_LEN + before));
    sek_put_u32be(moved.data + FIT_HEADER_STRUCT, (uint32_t)structure);
    sek_put_u32be(moved.data + FIT_HEADER_STRINGS, (uint32_t)(structure + structure_len + behind));
    free(file.data);
    return moved;
}

static void a_reserve_map_with_entries_is_taken(void **state)
{
    (void)state;
    for (size_t entries = 0; entries <= 20; entries++) {
        struct fit_file file = moved_apart(0, entries, 0, 0);

        measure_fit(&m, file.data, file.len, SEK_OK);
        assert_int_equal(m.image.claims.uncovered_count, 0);
        free(file.data);
    }
}

static void a_reserve_map_over_half_a_kibibyte_is_refused(void **state)
{
    struct fit_file file = moved_apart(0, 29, 0, 0); /* 40 + 30 * 16 = 520 */

    (void)state;
    measure_fit(&m, file.data, file.len, SEK_ERR_MALFORMED);
    free(file.data);
    file = moved_apart(0, 28, 0, 0);
    measure_fit(&m, file.data, file.len, SEK_OK);
    free(file.data);
}

static void a_reserve_map_without_end_is_refused(void **state)
{
    struct fit_file file = moved_apart(0, 3, 0, 0);

    (void)state;
    file.data[FIT_HEADER_LEN + 3 * 16] = 1; /* its terminator */
    measure_fit(&m, file.data, file.len, SEK_ERR_MALFORMED);
    assert_string_equal(m.image.claims.fault.why, "memory reserve map has no end");
    free(file.data);
}

static void a_reserve_map_that_is_not_aligned_is_refused(void **state)
{
    struct fit_file file = moved_apart(16, 0, 0, 0);

    (void)state;
    for (uint8_t at = 41; at < 56; at++) { /* room enough for it to end */
        file.data[FIT_HEADER_RESERVE + 3] = at;
        measure_fit(&m, file.data, file.len, at % 8 ? SEK_ERR_MALFORMED : SEK_OK);
    }
    free(file.data);
}

static void bytes_between_the_blocks_are_found_unless_blank(void **state)
{
    static const struct {
        size_t before, behind;
    } gaps[] = {{8, 0}, {0, 4}, {64, 0}, {0, 400}};

    (void)state;
    for (size_t i = 0; i < SEK_LEN(gaps); i++) {
        struct fit_file file = moved_apart(gaps[i].before, 1, gaps[i].behind, 0);

        measure_fit(&m, file.data, file.len, SEK_OK);
        assert_int_equal(m.image.claims.uncovered_count, 0);
        free(file.data);
        file = moved_apart(gaps[i].before, 1, gaps[i].behind, 'X');
        measure_fit(&m, file.data, file.len, SEK_OK);
        assert_int_equal(m.image.claims.uncovered_count, 1);
        assert_int_equal(m.image.claims.uncovered[0].len, gaps[i].before + gaps[i].behind);
        free(file.data);
    }
}

/* Bytes behind the strings, that totalsize claims for the container. */
static void check_slack(size_t slack, bool written, size_t uncovered)
{
    struct fit_writer w;
    struct fit_file file;
    size_t strings_end;

    fit_sample(&w, "sha256");
    w.slack = slack;
    file = fit_write(&w);
    strings_end = file.len - slack;
    memset(file.data + strings_end, written ? 'X' : 0, slack);
    measure_fit(&m, file.data, file.len, SEK_OK);
    assert_int_equal(m.image.claims.uncovered_count, uncovered ? 1 : 0);
    if (uncovered) {
        assert_int_equal(m.image.claims.uncovered[0].offset, strings_end + slack - uncovered);
        assert_int_equal(m.image.claims.uncovered[0].len, uncovered);
    }
    fit_free(&w);
    free(file.data);
}

static void a_page_behind_the_strings_is_the_containers_and_no_more(void **state)
{
    (void)state;
    check_slack(0, true, 0);
    check_slack(4096, true, 0);
    check_slack(4097, true, 1);
    check_slack(100000, true, 100000 - 4096);
    check_slack(100000, false, 0);
}

/* ---- Memory and media ---- */

static void no_truncation_is_taken(void **state)
{
    struct fit_writer w;
    struct fit_file file;

    (void)state;
    fit_sample(&w, "sha256");
    file = fit_write(&w);
    for (size_t len = 0; len < file.len; len++) {
        uint8_t *part = malloc(len ? len : 1);

        assert_non_null(part);
        memcpy(part, file.data, len);
        measure_bytes(&m, part, len, "fit");
        assert_int_equal(m.status, SEK_OK);
        assert_int_equal(m.image.claims.fault.status, SEK_ERR_TRUNCATED);
        assert_int_equal(m.image.claims.image_count, 0);
        free(part);
    }
    fit_free(&w);
    free(file.data);
}

static void no_flipped_bit_harms(void **state)
{
    struct fit_writer w;
    struct fit_file file;
    size_t taken = 0;

    (void)state;
    fit_sample(&w, "sha256");
    file = fit_write(&w);
    for (size_t bit = 0; bit < 8 * 700; bit++) { /* header, root, a part of the first payload */
        file.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        measure_bytes(&m, file.data, file.len, "fit");
        assert_int_equal(m.status, SEK_OK);
        assert_int_equal(m.image.pass.bytes_read, file.len);
        taken += m.image.claims.fault.status == SEK_OK;
        if (m.image.claims.fault.status == SEK_OK)
            assert_true(m.image.claims.image_count > 0);
        else
            assert_true(m.image.claims.fault.offset <= UINT32_MAX);
        file.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_true(taken > 0 && taken < 8 * 700);
    fit_free(&w);
    free(file.data);
}

static void little_memory_is_said_and_the_medium_still_read(void **state)
{
    const struct sek_image_memory all = m.memory;
    struct fit_writer w;
    struct fit_file file;
    bool fitted = false;

    (void)state;
    fit_sample(&w, "sha256");
    file = fit_write(&w);
    for (size_t len = 0; len < 8192; len += 8) {
        uint8_t *exact = aligned_alloc(8, len ? len : 8);

        assert_non_null(exact);
        m.memory.scratch = exact;
        m.memory.scratch_len = len;
        measure_bytes(&m, file.data, file.len, NULL);
        assert_int_equal(m.status, SEK_OK);
        assert_int_equal(m.image.pass.bytes_read, file.len);
        if (fitted)
            assert_int_equal(m.image.claims.fault.status, SEK_OK);
        else if (m.image.claims.fault.status != SEK_OK)
            assert_int_equal(m.image.claims.fault.status, SEK_ERR_NO_SPACE);
        fitted = m.image.claims.fault.status == SEK_OK;
        free(exact);
    }
    assert_true(fitted);
    m.memory = all;
    fit_free(&w);
    free(file.data);
}

static void small_tables_are_said_and_the_medium_still_read(void **state)
{
    const struct sek_image_memory all = m.memory;
    struct fit_writer w;
    struct fit_file file;

    (void)state;
    fit_sample(&w, "sha256");
    fit_at_last(&w, "/images/kernel-1");
    fit_begin(&w, "signature-1");
    fit_text(&w, "algo", "sha512,rsa2048");
    fit_prop(&w, "value", "value", 5);
    fit_end(&w);
    file = fit_write(&w);
    for (size_t cap = 0; cap < 12; cap++) {
        static const size_t needed[] = {3, 2, 1, 8}; /* 4 blocks and 4 digests */

        for (size_t table = 0; table < SEK_LEN(needed); table++) {
            m.memory = all;
            *(table == 0   ? &m.memory.image_cap
              : table == 1 ? &m.memory.statement_cap
              : table == 2 ? &m.memory.signature_cap
                           : &m.memory.pass.extent_cap) = cap;
            measure_bytes(&m, file.data, file.len, NULL);
            if (table == 3 && cap == 0) { /* not even one for the whole medium */
                assert_int_equal(m.status, SEK_ERR_NO_SPACE);
                continue;
            }
            assert_int_equal(m.status, SEK_OK);
            assert_int_equal(m.image.pass.bytes_read, file.len);
            assert_int_equal(m.image.claims.fault.status,
                             cap >= needed[table] ? SEK_OK : SEK_ERR_NO_SPACE);
            assert_int_equal(m.image.claims.image_count, cap >= needed[table] ? 3 : 0);
        }
    }
    m.memory = all;
    fit_free(&w);
    free(file.data);
}

static void a_medium_that_fails_on_the_way_is_told(void **state)
{
    struct fit_writer w;
    struct fit_file file;

    (void)state;
    fit_sample(&w, "sha256");
    file = fit_write(&w);
    for (size_t at = 0; at < file.len; at += 13) {
        struct counting_source source = counting_source_make(file.data, file.len);

        source.fails_at = at;
        source.failure = at % 2 ? SEK_ERR_ABSENT : SEK_ERR_IO;
        measure_source(&m, &source.base, NULL);
        assert_int_equal(m.status, source.failure);
        counting_source_free(&source);
    }
    fit_free(&w);
    free(file.data);
}

static void a_wrong_magic_is_refused_also_where_the_format_is_said(void **state)
{
    struct fit_writer w;
    struct fit_file file;

    (void)state;
    fit_sample(&w, "sha256");
    file = fit_write(&w);
    for (size_t bit = 0; bit < 32; bit++) {
        file.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        measure_bytes(&m, file.data, file.len, "fit");
        assert_int_equal(m.image.claims.fault.status, SEK_ERR_MALFORMED);
        measure_bytes(&m, file.data, file.len, NULL);
        assert_null(m.image.claims.format);
        file.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    fit_free(&w);
    free(file.data);
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
        cmocka_unit_test(a_reserve_map_with_entries_is_taken),
        cmocka_unit_test(a_reserve_map_over_half_a_kibibyte_is_refused),
        cmocka_unit_test(a_reserve_map_without_end_is_refused),
        cmocka_unit_test(a_reserve_map_that_is_not_aligned_is_refused),
        cmocka_unit_test(bytes_between_the_blocks_are_found_unless_blank),
        cmocka_unit_test(a_page_behind_the_strings_is_the_containers_and_no_more),
        cmocka_unit_test(no_truncation_is_taken),
        cmocka_unit_test(no_flipped_bit_harms),
        cmocka_unit_test(little_memory_is_said_and_the_medium_still_read),
        cmocka_unit_test(small_tables_are_said_and_the_medium_still_read),
        cmocka_unit_test(a_medium_that_fails_on_the_way_is_told),
        cmocka_unit_test(a_wrong_magic_is_refused_also_where_the_format_is_said),
    };

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    ROWS_RUN(fixed, header_rows, check_header, set_up, tear_down);
}
