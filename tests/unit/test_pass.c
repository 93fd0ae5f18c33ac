#include "image/pass.h"

#include "crypto/crypto.h"
#include "tests/unit/counting_source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/unit/rows.h"

enum { SIZE = 1000, EXTENTS = 200, UNTOUCHED = 0x5a };

static uint8_t medium[SIZE];
static struct sek_extent extents[EXTENTS];

static void fill_medium(void)
{
    uint32_t x = 1;

    for (size_t i = 0; i < SIZE; i++) {
        x = x * 1664525 + 1013904223;
        medium[i] = (uint8_t)(x >> 24);
    }
}

static void start(struct sek_pass *pass, struct counting_source *source, uint8_t *chunk,
                  size_t chunk_len)
{
    const struct sek_pass_memory memory = {chunk, chunk_len, extents, EXTENTS};

    memset(extents, UNTOUCHED, sizeof extents);
    sek_pass_init(pass, &source->base, NULL, &memory);
}

static void is_digest_of(const struct sek_extent *extent, const uint8_t *data)
{
    uint8_t want[SEK_DIGEST_MAX];

    assert_int_equal(extent->status, SEK_OK);
    assert_int_equal(
        sek_digest_of(extent->alg, NULL, data + extent->offset, (size_t)extent->len, want), SEK_OK);
    assert_memory_equal(extent->digest, want, sek_digest_len(extent->alg));
}

/* ---- Once ---- */

struct piece {
    uint64_t offset;
    size_t len;
};

/* What is read ahead, in this order, and what is planned, in each of the rows below. */
static const struct layout {
    const char *name;
    struct piece ahead[6];
    struct {
        uint64_t offset, len;
        enum sek_digest_alg alg;
    } extent[9];
} layouts[] = {
    {"nothing read ahead, the whole medium digested", {{0, 0}}, {{0, SIZE, SEK_DIGEST_SHA256}}},
    {"a head and a tail read ahead",
     {{0, 64}, {SIZE - 10, 10}},
     {{0, SIZE, SEK_DIGEST_SHA256}, {64, SIZE - 74, SEK_DIGEST_SHA512}}},
    {"pieces read from behind forward, touching",
     {{300, 50}, {250, 50}, {200, 50}, {0, 1}, {999, 1}},
     {{190, 170, SEK_DIGEST_SHA256}, {0, SIZE, SEK_DIGEST_CRC32}}},
    {"extents that overlap, lie in each other and share their ends",
     {{10, 10}, {500, 100}},
     {{0, 600, SEK_DIGEST_SHA256},
      {5, 500, SEK_DIGEST_SHA384},
      {100, 100, SEK_DIGEST_SHA512},
      {100, 100, SEK_DIGEST_CRC32},
      {199, 1, SEK_DIGEST_SHA256},
      {505, 95, SEK_DIGEST_SHA256},
      {999, 1, SEK_DIGEST_SHA256},
      {0, SIZE, SEK_DIGEST_SHA512}}},
    {"an extent of nothing, and one that is only covered",
     {{0, 0}},
     {{0, 0, SEK_DIGEST_SHA256}, {SIZE, 0, SEK_DIGEST_SHA384}, {0, SIZE, SEK_DIGEST_NONE}}},
};

static void run_layout(const struct layout *layout, size_t chunk_len)
{
    struct counting_source source = counting_source_make(medium, SIZE);
    uint8_t *chunk = malloc(chunk_len), ahead[SEK_LEN(layout->ahead)][200];
    struct sek_pass pass;
    size_t count = 0;

    assert_non_null(chunk);
    start(&pass, &source, chunk, chunk_len);
    for (size_t i = 0; i < SEK_LEN(layout->ahead); i++) {
        const struct piece *piece = &layout->ahead[i];

        assert_int_equal(sek_pass_read(&pass, piece->offset, ahead[i], piece->len), SEK_OK);
        assert_memory_equal(ahead[i], medium + piece->offset, piece->len);
    }
    for (; count < SEK_LEN(layout->extent) && layout->extent[count].alg + layout->extent[count].len;
         count++)
        assert_int_equal(sek_pass_plan(&pass, layout->extent[count].offset,
                                       layout->extent[count].len, layout->extent[count].alg, NULL),
                         SEK_OK);
    assert_int_equal(sek_pass_run(&pass), SEK_OK);
    assert_int_equal(pass.bytes_read, SIZE);
    assert_true(counting_source_all(&source, 1));
    for (size_t i = 0; i < count; i++) {
        if (extents[i].alg != SEK_DIGEST_NONE)
            is_digest_of(&extents[i], medium);
    }
    assert_false(pass.blank);
    counting_source_free(&source);
    free(chunk);
}

static void every_byte_is_read_once_whatever_the_chunk(void **state)
{
    (void)state;
    for (size_t i = 0; i < SEK_LEN(layouts); i++) {
        for (size_t chunk_len = 1; chunk_len <= 130; chunk_len++)
            run_layout(&layouts[i], chunk_len);
        run_layout(&layouts[i], SIZE);
        run_layout(&layouts[i], 10 * SIZE);
    }
}

static void pieces_that_go_on_in_memory_become_one(void **state)
{
    struct counting_source source = counting_source_make(medium, SIZE);
    uint8_t chunk[64], ahead[SIZE];
    struct sek_pass pass;

    (void)state;
    start(&pass, &source, chunk, sizeof chunk);
    for (size_t at = 0; at < 900; at += 3)
        assert_int_equal(sek_pass_read(&pass, at, ahead + at, 3), SEK_OK);
    assert_int_equal(pass.piece_count, 1);
    assert_int_equal(sek_pass_plan_whole(&pass, SEK_DIGEST_SHA256, NULL), SEK_OK);
    assert_int_equal(sek_pass_run(&pass), SEK_OK);
    assert_true(counting_source_all(&source, 1));
    is_digest_of(&extents[0], medium);
    counting_source_free(&source);
}

static void hundreds_of_extents_in_one_chunk_are_all_digested(void **state)
{
    struct counting_source source = counting_source_make(medium, SIZE);
    uint8_t chunk[SIZE];
    struct sek_pass pass;

    (void)state;
    start(&pass, &source, chunk, sizeof chunk);
    for (size_t i = 0; i < EXTENTS; i++) /* planned from behind forward, each touching the next */
        assert_int_equal(sek_pass_plan(&pass, (EXTENTS - 1 - i) * 5, 5, SEK_DIGEST_SHA256, NULL),
                         SEK_OK);
    assert_int_equal(sek_pass_run(&pass), SEK_OK);
    for (size_t i = 0; i < EXTENTS; i++)
        is_digest_of(&extents[i], medium);
    assert_true(counting_source_all(&source, 1));
    assert_true(source.calls <= EXTENTS / SEK_PASS_ACTIVE + 1);
    counting_source_free(&source);
}

static void as_many_digests_as_can_run_may_stand_at_one_place(void **state)
{
    struct counting_source source = counting_source_make(medium, SIZE);
    uint8_t chunk[64];
    struct sek_pass pass;

    (void)state;
    start(&pass, &source, chunk, sizeof chunk);
    for (size_t i = 0; i < SEK_PASS_ACTIVE; i++)
        assert_int_equal(sek_pass_plan(&pass, 100 - i, 2 * i + 1, SEK_DIGEST_SHA256, NULL), SEK_OK);
    assert_int_equal(sek_pass_run(&pass), SEK_OK);
    for (size_t i = 0; i < SEK_PASS_ACTIVE; i++)
        is_digest_of(&extents[i], medium);
    assert_true(counting_source_all(&source, 1));
    counting_source_free(&source);
}

static void one_digest_more_is_refused_where_it_stands(void **state)
{
    struct counting_source source = counting_source_make(medium, SIZE);
    uint8_t chunk[64];
    struct sek_pass pass;

    (void)state;
    start(&pass, &source, chunk, sizeof chunk);
    for (size_t i = 0; i <= SEK_PASS_ACTIVE; i++)
        assert_int_equal(sek_pass_plan(&pass, 100 + i, 20 - i, SEK_DIGEST_SHA256, NULL), SEK_OK);
    assert_int_equal(sek_pass_run(&pass), SEK_ERR_NO_SPACE);
    assert_int_equal(pass.fault.offset, 100 + SEK_PASS_ACTIVE);
    for (size_t i = 0; i <= SEK_PASS_ACTIVE; i++)
        assert_int_equal(extents[i].status, SEK_ERR_STATE);
    counting_source_free(&source);
}

/* ---- What nothing covers ---- */

static const struct gap_row {
    const char *name;
    struct {
        size_t offset, len;
        uint8_t byte;
    } fill[4]; /* over a medium of zeros */
    struct sek_range covered[3];
    size_t count; /* uncovered ranges */
    struct sek_range uncovered[2];
    bool blank;
} gap_rows[] = {
    {"zeros that nothing covers", {{0, 0, 0}}, {{0, 0}}, 0, {{0, 0}}, true},
    {"ones that nothing covers", {{0, SIZE, 0xff}}, {{0, 0}}, 0, {{0, 0}}, true},
    {"one byte that is not blank", {{999, 1, 1}}, {{0, 0}}, 1, {{0, SIZE}}, false},
    {"zeros and then ones", {{500, 500, 0xff}}, {{0, 0}}, 0, {{0, 0}}, false},
    {"ones and then zeros", {{0, 500, 0xff}}, {{0, 0}}, 1, {{0, SIZE}}, false},
    {"a byte, and ones behind it",
     {{0, 1, 7}, {1, SIZE - 1, 0xff}},
     {{0, 0}},
     1,
     {{0, SIZE}},
     false},
    {"a byte, and zeros behind it", {{0, 1, 7}}, {{0, 0}}, 1, {{0, SIZE}}, false},
    {"zeros, ones and zeros again", {{300, 300, 0xff}}, {{0, 0}}, 1, {{0, SIZE}}, false},
    {"a blank rest behind what is covered",
     {{0, 100, 7}, {100, 900, 0xff}},
     {{0, 100}},
     0,
     {{0, 0}},
     false},
    {"a rest that is not blank", {{0, 101, 7}}, {{0, 100}}, 1, {{100, 900}}, false},
    {"bytes before what is covered", {{0, 101, 7}}, {{50, 950}}, 1, {{0, 50}}, false},
    {"between two that are covered, and behind",
     {{400, 1, 7}, {999, 1, 1}},
     {{500, 100}, {0, 400}},
     2,
     {{400, 100}, {600, 400}},
     false},
    {"one byte that two leave over", {{0, SIZE, 7}}, {{0, 500}, {501, 499}}, 1, {{500, 1}}, false},
    {"ranges that overlap leave nothing",
     {{0, SIZE, 7}},
     {{0, 600}, {500, 500}},
     0,
     {{0, 0}},
     false},
    {"a blank medium that something covers", {{0, 0, 0}}, {{10, 1}}, 0, {{0, 0}}, false},
    {"each gap is blank for itself: ones, then zeros",
     {{0, 400, 0xff}},
     {{400, 100}},
     0,
     {{0, 0}},
     false},
    {"a range of nothing covers nothing", {{0, 0, 0}}, {{0, 0}}, 0, {{0, 0}}, true},
};

static void what_nothing_covers_is_found(void **state)
{
    const struct gap_row *row = *state;
    static const size_t chunks[] = {1, 3, 7, 8, 64, 333, SIZE};

    for (size_t c = 0; c < SEK_LEN(chunks); c++) {
        uint8_t data[SIZE] = {0}, chunk[SIZE];
        struct counting_source source;
        struct sek_pass pass;

        for (size_t i = 0; i < SEK_LEN(row->fill); i++)
            memset(data + row->fill[i].offset, row->fill[i].byte, row->fill[i].len);
        source = counting_source_make(data, SIZE);
        start(&pass, &source, chunk, chunks[c]);
        for (size_t i = 0; i < SEK_LEN(row->covered); i++)
            assert_int_equal(sek_pass_plan(&pass, row->covered[i].offset, row->covered[i].len,
                                           SEK_DIGEST_NONE, NULL),
                             SEK_OK);
        assert_int_equal(sek_pass_plan_whole(&pass, SEK_DIGEST_CRC32, NULL), SEK_OK);
        assert_int_equal(sek_pass_run(&pass), SEK_OK);
        assert_int_equal(pass.uncovered_count, row->count);
        for (size_t i = 0; i < row->count; i++) {
            assert_int_equal(pass.uncovered[i].offset, row->uncovered[i].offset);
            assert_int_equal(pass.uncovered[i].len, row->uncovered[i].len);
        }
        assert_int_equal(pass.blank, row->blank);
        counting_source_free(&source);
    }
}

static void more_gaps_than_the_table_are_counted(void **state)
{
    uint8_t data[SIZE], chunk[16];
    struct counting_source source;
    struct sek_pass pass;

    (void)state;
    memset(data, 1, sizeof data);
    source = counting_source_make(data, SIZE);
    start(&pass, &source, chunk, sizeof chunk);
    for (size_t at = 0; at < SIZE; at += 100)
        assert_int_equal(sek_pass_plan(&pass, at, 99, SEK_DIGEST_NONE, NULL), SEK_OK);
    assert_int_equal(sek_pass_run(&pass), SEK_OK);
    assert_int_equal(pass.uncovered_count, 10);
    for (size_t i = 0; i < SEK_PASS_UNCOVERED; i++)
        assert_int_equal(pass.uncovered[i].offset, 100 * i + 99);
    counting_source_free(&source);
}

static void an_empty_medium_is_blank(void **state)
{
    struct counting_source source = counting_source_make("", 0);
    uint8_t chunk[16];
    struct sek_pass pass;

    (void)state;
    start(&pass, &source, chunk, sizeof chunk);
    assert_int_equal(sek_pass_plan_whole(&pass, SEK_DIGEST_SHA256, NULL), SEK_OK);
    assert_int_equal(sek_pass_run(&pass), SEK_OK);
    assert_true(pass.blank);
    is_digest_of(&extents[0], (const uint8_t *)"");
    assert_int_equal(source.calls, 0);
    counting_source_free(&source);
}

/* ---- What is refused ---- */

static void pieces_lie_inside_apart_and_in_the_table(void **state)
{
    struct counting_source source = counting_source_make(medium, SIZE);
    uint8_t chunk[16], buf[SIZE];
    struct sek_pass pass;

    (void)state;
    start(&pass, &source, chunk, sizeof chunk);
    assert_int_equal(sek_pass_read(&pass, SIZE, buf, 0), SEK_OK);
    assert_int_equal(sek_pass_read(&pass, SIZE, buf, 1), SEK_ERR_RANGE);
    assert_int_equal(sek_pass_read(&pass, 0, buf, SIZE + 1), SEK_ERR_RANGE);
    assert_int_equal(sek_pass_read(&pass, UINT64_MAX, buf, 2), SEK_ERR_RANGE);
    assert_int_equal(sek_pass_read(&pass, 100, buf, 10), SEK_OK);
    assert_int_equal(sek_pass_read(&pass, 100, buf + 20, 10), SEK_ERR_STATE);
    assert_int_equal(sek_pass_read(&pass, 99, buf + 20, 2), SEK_ERR_STATE);
    assert_int_equal(sek_pass_read(&pass, 109, buf + 20, 2), SEK_ERR_STATE);
    assert_int_equal(sek_pass_read(&pass, 105, buf + 20, 1), SEK_ERR_STATE);
    assert_int_equal(sek_pass_read(&pass, 50, buf + 20, 100), SEK_ERR_STATE);
    assert_int_equal(source.calls, 1);
    for (size_t i = 1; i < SEK_PASS_PIECES; i++)
        assert_int_equal(sek_pass_read(&pass, 200 + 2 * i, buf + 200 + 2 * i, 1), SEK_OK);
    assert_int_equal(sek_pass_read(&pass, 0, buf, 1), SEK_ERR_NO_SPACE);
    assert_int_equal(pass.piece_count, SEK_PASS_PIECES);
    assert_int_equal(pass.bytes_read, 10 + SEK_PASS_PIECES - 1);
    counting_source_free(&source);
}

static void extents_lie_inside_and_in_the_table(void **state)
{
    struct counting_source source = counting_source_make(medium, SIZE);
    struct sek_extent *out = extents;
    uint8_t chunk[16];
    struct sek_pass pass;

    (void)state;
    start(&pass, &source, chunk, sizeof chunk);
    assert_int_equal(sek_pass_plan(&pass, 0, SIZE + 1, SEK_DIGEST_SHA256, &out), SEK_ERR_RANGE);
    assert_int_equal(sek_pass_plan(&pass, SIZE, 1, SEK_DIGEST_SHA256, &out), SEK_ERR_RANGE);
    assert_int_equal(sek_pass_plan(&pass, UINT64_MAX, 1, SEK_DIGEST_SHA256, &out), SEK_ERR_RANGE);
    assert_int_equal(sek_pass_plan(&pass, 1, UINT64_MAX, SEK_DIGEST_SHA256, &out), SEK_ERR_RANGE);
    assert_int_equal(pass.extent_count, 0);
    for (size_t i = 0; i < EXTENTS; i++) {
        assert_int_equal(sek_pass_plan(&pass, i, 1, SEK_DIGEST_NONE, &out), SEK_OK);
        assert_ptr_equal(out, &extents[i]);
        assert_int_equal(out->status, SEK_ERR_STATE);
    }
    out = NULL;
    assert_int_equal(sek_pass_plan(&pass, 0, 1, SEK_DIGEST_NONE, &out), SEK_ERR_NO_SPACE);
    assert_int_equal(sek_pass_plan_whole(&pass, SEK_DIGEST_SHA256, &out), SEK_ERR_NO_SPACE);
    assert_null(out);
    counting_source_free(&source);
}

static void a_read_error_ends_the_pass_and_leaves_no_digest(void **state)
{
    static const enum sek_status failures[] = {SEK_ERR_IO, SEK_ERR_ABSENT};

    (void)state;
    for (uint64_t at = 0; at < SIZE; at += 37) {
        struct counting_source source = counting_source_make(medium, SIZE);
        uint8_t chunk[50], ahead[20];
        struct sek_pass pass;
        enum sek_status failure = failures[at % 2], status;

        start(&pass, &source, chunk, sizeof chunk);
        assert_int_equal(sek_pass_read(&pass, 0, ahead, sizeof ahead), SEK_OK);
        source.fails_at = at;
        source.failure = failure;
        assert_int_equal(sek_pass_plan_whole(&pass, SEK_DIGEST_SHA256, NULL), SEK_OK);
        assert_int_equal(sek_pass_plan(&pass, 0, 20, SEK_DIGEST_SHA512, NULL), SEK_OK);
        status = sek_pass_run(&pass);
        if (at < sizeof ahead) { /* it was read before */
            assert_int_equal(status, SEK_OK);
            is_digest_of(&extents[0], medium);
        } else {
            assert_int_equal(status, failure);
            assert_int_equal(pass.fault.status, failure);
            assert_true(pass.fault.offset <= at && at < pass.fault.offset + sizeof chunk);
            assert_int_equal(extents[0].status, SEK_ERR_STATE);
            if (at >= sizeof chunk)
                is_digest_of(&extents[1], medium);
            assert_false(pass.blank);
        }
        counting_source_free(&source);
    }
}

static void a_read_ahead_that_fails_can_be_tried_again(void **state)
{
    struct counting_source source = counting_source_make(medium, SIZE);
    uint8_t chunk[50], ahead[20];
    struct sek_pass pass;

    (void)state;
    start(&pass, &source, chunk, sizeof chunk);
    source.fails_at = 5;
    source.failure = SEK_ERR_ABSENT;
    assert_int_equal(sek_pass_read(&pass, 0, ahead, sizeof ahead), SEK_ERR_ABSENT);
    assert_int_equal(pass.piece_count, 0);
    assert_int_equal(pass.bytes_read, 0);
    source.fails_at = UINT64_MAX;
    assert_int_equal(sek_pass_read(&pass, 0, ahead, sizeof ahead), SEK_OK);
    counting_source_free(&source);
}

/* ---- Interleaved ---- */

static void steps_of_two_passes_can_be_interleaved(void **state)
{
    struct counting_source source[2] = {counting_source_make(medium, SIZE),
                                        counting_source_make(medium, SIZE / 2)};
    struct sek_extent table[2][1];
    uint8_t chunk[2][48];
    struct sek_pass pass[2];
    bool done[2] = {false, false};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const struct sek_pass_memory memory = {chunk[i], sizeof chunk[i], table[i], 1};

        sek_pass_init(&pass[i], &source[i].base, NULL, &memory);
        assert_int_equal(sek_pass_plan_whole(&pass[i], SEK_DIGEST_SHA256, NULL), SEK_OK);
    }
    while (!done[0] || !done[1]) {
        struct sek_digest_job job[2 * SEK_PASS_ACTIVE];
        size_t count = 0;

        for (size_t i = 0; i < 2; i++)
            assert_int_equal(sek_pass_step(&pass[i], job, &count, &done[i]), SEK_OK);
        sek_digest_run(job, count);
    }
    for (size_t i = 0; i < 2; i++) {
        sek_pass_end(&pass[i]);
        is_digest_of(&table[i][0], medium);
        assert_true(counting_source_all(&source[i], 1));
        counting_source_free(&source[i]);
    }
}

int main(void)
{
    static const struct CMUnitTest fixed[] = {
        cmocka_unit_test(every_byte_is_read_once_whatever_the_chunk),
        cmocka_unit_test(pieces_that_go_on_in_memory_become_one),
        cmocka_unit_test(hundreds_of_extents_in_one_chunk_are_all_digested),
        cmocka_unit_test(as_many_digests_as_can_run_may_stand_at_one_place),
        cmocka_unit_test(one_digest_more_is_refused_where_it_stands),
        cmocka_unit_test(more_gaps_than_the_table_are_counted),
        cmocka_unit_test(an_empty_medium_is_blank),
        cmocka_unit_test(pieces_lie_inside_apart_and_in_the_table),
        cmocka_unit_test(extents_lie_inside_and_in_the_table),
        cmocka_unit_test(a_read_error_ends_the_pass_and_leaves_no_digest),
        cmocka_unit_test(a_read_ahead_that_fails_can_be_tried_again),
        cmocka_unit_test(steps_of_two_passes_can_be_interleaved),
    };

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    fill_medium();
    ROWS_RUN(fixed, gap_rows, what_nothing_covers_is_found, NULL, NULL);
}
