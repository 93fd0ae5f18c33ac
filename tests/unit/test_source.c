#include "base/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { SIZE = 200, STRIDE = 64 };

static void reads_inside_the_medium_and_nowhere_else(void **state)
{
    static const struct {
        const char *name;
        uint64_t offset;
        size_t len;
        enum sek_status status;
    } rows[] = {
        {"all", 0, SIZE, SEK_OK},
        {"the last byte", SIZE - 1, 1, SEK_OK},
        {"nothing at the start", 0, 0, SEK_OK},
        {"nothing at the end", SIZE, 0, SEK_OK},
        {"one more than all", 0, SIZE + 1, SEK_ERR_RANGE},
        {"one behind the end", SIZE, 1, SEK_ERR_RANGE},
        {"nothing, but behind the end", SIZE + 1, 0, SEK_ERR_RANGE},
        {"an end that wraps", UINT64_MAX, 2, SEK_ERR_RANGE},
        {"a length that wraps", 1, SIZE_MAX, SEK_ERR_RANGE},
    };
    uint8_t medium[SIZE] = {0}, buf[SIZE + 1];
    struct sek_memory_source memory = sek_memory_source_make(medium, sizeof medium);

    (void)state;
    for (size_t i = 0; i < sizeof medium; i++)
        medium[i] = (uint8_t)i;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        memset(buf, 0xee, sizeof buf);
        assert_int_equal(sek_source_read(&memory.base, rows[i].offset, buf, rows[i].len),
                         rows[i].status);
        if (rows[i].status == SEK_OK)
            assert_memory_equal(buf, medium + rows[i].offset, rows[i].len);
        for (size_t at = rows[i].status == SEK_OK ? rows[i].len : 0; at < sizeof buf; at++)
            assert_int_equal(buf[at], 0xee);
    }
}

static enum sek_status claims_success(struct sek_source *source, uint64_t offset, void *buf,
                                      size_t len)
{
    (void)source;
    (void)offset;
    (void)buf;
    (void)len;
    return SEK_OK;
}

static void a_driver_that_does_nothing_cannot_pass_old_bytes_off(void **state)
{
    struct sek_source idle = {.read = claims_success, .size = SIZE};
    uint8_t good[SIZE] = {0}, buf[SIZE] = {0};

    (void)state;
    for (size_t len = 1; len <= SIZE; len++) {
        memcpy(buf, good, sizeof buf);
        assert_int_equal(sek_source_read(&idle, 0, buf, len), SEK_OK);
        for (size_t at = 0; at < len; at += STRIDE)
            assert_int_not_equal(buf[at], good[at]);
    }
}

static enum sek_status fails(struct sek_source *source, uint64_t offset, void *buf, size_t len)
{
    (void)source;
    (void)offset;
    (void)buf;
    (void)len;
    return SEK_ERR_ABSENT;
}

static void the_drivers_failure_is_handed_on(void **state)
{
    struct sek_source absent = {.read = fails, .size = SIZE};
    uint8_t buf[4];

    (void)state;
    assert_int_equal(sek_source_read(&absent, 0, buf, sizeof buf), SEK_ERR_ABSENT);
}

static void an_empty_memory_can_be_read(void **state)
{
    struct sek_memory_source none = sek_memory_source_make(NULL, 0);
    uint8_t byte = 1;

    (void)state;
    assert_int_equal(sek_source_read(&none.base, 0, &byte, 0), SEK_OK);
    assert_int_equal(sek_source_read(&none.base, 0, &byte, 1), SEK_ERR_RANGE);
    assert_int_equal(byte, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_inside_the_medium_and_nowhere_else),
        cmocka_unit_test(a_driver_that_does_nothing_cannot_pass_old_bytes_off),
        cmocka_unit_test(the_drivers_failure_is_handed_on),
        cmocka_unit_test(an_empty_memory_can_be_read),
    };

    return cmocka_run_group_tests_name("source", tests, NULL, NULL);
}
