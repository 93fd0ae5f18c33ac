#include "base/reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t bytes[] = {1, 2, 3, 4, 5, 6, 7, 8};

enum { LAST = sizeof bytes };

/* A copy of the first len bytes in a heap block of just that size: one byte too far is an error. */
static struct sek_reader reader_over(uint8_t **heap, size_t len, struct sek_fault *fault)
{
    *heap = malloc(len ? len : 1);
    assert_non_null(*heap);
    memcpy(*heap, bytes, len);
    *fault = (struct sek_fault){0};
    return sek_reader_make((struct sek_bytes){.data = *heap, .len = len}, fault);
}

static uint64_t read_u8(struct sek_reader *r)
{
    return sek_reader_u8(r);
}

static uint64_t read_u16le(struct sek_reader *r)
{
    return sek_reader_u16le(r);
}

static uint64_t read_u16be(struct sek_reader *r)
{
    return sek_reader_u16be(r);
}

static uint64_t read_u32le(struct sek_reader *r)
{
    return sek_reader_u32le(r);
}

static uint64_t read_u32be(struct sek_reader *r)
{
    return sek_reader_u32be(r);
}

static const struct {
    const char *name;
    uint64_t (*read)(struct sek_reader *r);
    size_t width;
    uint64_t value;
} integers[] = {
    {"u8", read_u8, 1, 0x01},
    {"u16le", read_u16le, 2, 0x0201},
    {"u16be", read_u16be, 2, 0x0102},
    {"u32le", read_u32le, 4, 0x04030201},
    {"u32be", read_u32be, 4, 0x01020304},
    {"u64be", sek_reader_u64be, 8, 0x0102030405060708},
};

static void reads_integers_of_each_width_and_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < SEK_LEN(integers); i++) {
        struct sek_fault fault;
        uint8_t *heap;
        struct sek_reader r = reader_over(&heap, integers[i].width, &fault);

        assert_int_equal(integers[i].read(&r), integers[i].value);
        assert_int_equal(fault.status, SEK_OK);
        assert_int_equal(sek_reader_left(&r), 0);
        free(heap);
    }
}

static void gives_zero_and_moves_nothing_where_an_integer_does_not_fit(void **state)
{
    (void)state;
    for (size_t i = 0; i < SEK_LEN(integers); i++) {
        for (size_t len = 0; len < integers[i].width; len++) {
            struct sek_fault fault;
            uint8_t *heap;
            struct sek_reader r = reader_over(&heap, len, &fault);

            assert_int_equal(integers[i].read(&r), 0);
            assert_int_equal(fault.status, SEK_ERR_TRUNCATED);
            assert_int_equal(fault.offset, 0);
            assert_non_null(fault.why);
            assert_int_equal(r.pos, 0);
            assert_int_equal(sek_reader_left(&r), 0);
            free(heap);
        }
    }
}

static void borrows_all_of_the_bytes_or_none(void **state)
{
    static const struct {
        const char *name;
        size_t skip, len;
        enum sek_status status;
    } rows[] = {
        {"none", 0, 0, SEK_OK},
        {"all", 0, LAST, SEK_OK},
        {"the last", LAST - 1, 1, SEK_OK},
        {"none at the end", LAST, 0, SEK_OK},
        {"one more than all", 0, LAST + 1, SEK_ERR_TRUNCATED},
        {"one behind the end", LAST, 1, SEK_ERR_TRUNCATED},
        {"a length that would wrap", 1, SIZE_MAX, SEK_ERR_TRUNCATED},
        {"a length that would wrap to the start", LAST, SIZE_MAX - LAST + 1, SEK_ERR_TRUNCATED},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        struct sek_fault fault;
        uint8_t *heap;
        struct sek_reader r = reader_over(&heap, LAST, &fault);
        struct sek_bytes got;

        assert_int_equal(sek_reader_bytes(&r, rows[i].skip).len, rows[i].skip);
        got = sek_reader_bytes(&r, rows[i].len);
        assert_int_equal(fault.status, rows[i].status);
        if (rows[i].status == SEK_OK) {
            assert_int_equal(got.len, rows[i].len);
            assert_ptr_equal(got.data, heap + rows[i].skip);
        } else {
            assert_null(got.data);
            assert_int_equal(got.len, 0);
            assert_int_equal(fault.offset, rows[i].skip);
        }
        free(heap);
    }
}

static void a_sub_reader_cannot_see_beyond_its_bytes(void **state)
{
    struct sek_fault fault;
    uint8_t *heap;
    struct sek_reader r = reader_over(&heap, LAST, &fault);
    struct sek_reader sub;

    (void)state;
    assert_int_equal(sek_reader_u8(&r), 1);
    sub = sek_reader_sub(&r, 2);
    assert_int_equal(sek_reader_left(&sub), 2);
    assert_int_equal(sek_reader_left(&r), LAST - 3);
    assert_int_equal(sek_reader_u16be(&sub), 0x0203);
    assert_int_equal(sek_reader_u8(&r), 4); /* the outer one goes on behind it */
    assert_int_equal(sek_reader_u8(&sub), 0);
    assert_int_equal(fault.status, SEK_ERR_TRUNCATED);
    assert_int_equal(fault.offset, 3); /* from the start of the input, not of the sub-reader */
    free(heap);
}

static void a_fault_stops_every_reader_of_the_parse(void **state)
{
    struct sek_fault fault;
    uint8_t *heap;
    struct sek_reader r = reader_over(&heap, LAST, &fault);
    struct sek_reader sub = sek_reader_sub(&r, 4);

    (void)state;
    assert_int_equal(sek_reader_fail(&sub, SEK_ERR_MALFORMED, "first"), SEK_ERR_MALFORMED);
    assert_int_equal(sek_reader_u8(&r), 0);
    assert_int_equal(sek_reader_left(&r), 0);
    assert_int_equal(sek_reader_left(&sub), 0);
    assert_null(sek_reader_bytes(&r, 1).data);
    assert_int_equal(sek_reader_left(&(struct sek_reader){.end = 4, .fault = &fault}), 0);
    free(heap);
}

static void the_first_fault_is_the_one_that_is_kept(void **state)
{
    struct sek_fault fault;
    uint8_t *heap;
    struct sek_reader r = reader_over(&heap, LAST, &fault);

    (void)state;
    sek_reader_bytes(&r, 5);
    assert_int_equal(sek_reader_fail(&r, SEK_ERR_UNSUPPORTED, "first"), SEK_ERR_UNSUPPORTED);
    assert_int_equal(sek_reader_fail(&r, SEK_ERR_MALFORMED, "second"), SEK_ERR_UNSUPPORTED);
    sek_reader_bytes(&r, 100);
    assert_int_equal(fault.status, SEK_ERR_UNSUPPORTED);
    assert_int_equal(fault.offset, 5);
    assert_string_equal(fault.why, "first");
    free(heap);
}

static void a_sub_reader_that_does_not_fit_is_empty(void **state)
{
    struct sek_fault fault;
    uint8_t *heap;
    struct sek_reader r = reader_over(&heap, 3, &fault);
    struct sek_reader sub = sek_reader_sub(&r, 4);

    (void)state;
    assert_int_equal(fault.status, SEK_ERR_TRUNCATED);
    assert_int_equal(sub.pos, sub.end);
    assert_int_equal(sek_reader_u8(&sub), 0);
    free(heap);
}

static void no_bytes_at_all_are_read_as_truncated(void **state)
{
    struct sek_fault fault = {0};
    struct sek_reader r = sek_reader_make((struct sek_bytes){0}, &fault);

    (void)state;
    assert_int_equal(sek_reader_left(&r), 0);
    assert_int_equal(sek_reader_bytes(&r, 0).len, 0);
    assert_int_equal(fault.status, SEK_OK);
    assert_int_equal(sek_reader_u8(&r), 0);
    assert_int_equal(fault.status, SEK_ERR_TRUNCATED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_integers_of_each_width_and_order),
        cmocka_unit_test(gives_zero_and_moves_nothing_where_an_integer_does_not_fit),
        cmocka_unit_test(borrows_all_of_the_bytes_or_none),
        cmocka_unit_test(a_sub_reader_cannot_see_beyond_its_bytes),
        cmocka_unit_test(a_fault_stops_every_reader_of_the_parse),
        cmocka_unit_test(the_first_fault_is_the_one_that_is_kept),
        cmocka_unit_test(a_sub_reader_that_does_not_fit_is_empty),
        cmocka_unit_test(no_bytes_at_all_are_read_as_truncated),
    };

    return cmocka_run_group_tests_name("reader", tests, NULL, NULL);
}
