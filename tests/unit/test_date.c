#include "base/date.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { UNTOUCHED = 7777 };

static const struct {
    const char *name, *text;
    enum sek_status status;
    sek_day day; /* `date -ud TEXT +%s` / 86400 */
} rows[] = {
    {"the first day that can be said", "1970-01-02", SEK_OK, 1},
    {"the last day of the first year", "1970-12-31", SEK_OK, 364},
    {"a leap day", "2024-02-29", SEK_OK, 19782},
    {"the leap day of a century divisible by 400", "2000-02-29", SEK_OK, 11016},
    {"the day after it", "2000-03-01", SEK_OK, 11017},
    {"a day after 2038", "2038-01-20", SEK_OK, 24856},
    {"the first of a century without leap day", "2100-03-01", SEK_OK, 47541},
    {"the last day that can be said", "9999-12-31", SEK_OK, 2932896},
    {"the day that would read as unknown", "1970-01-01", SEK_ERR_MALFORMED, UNTOUCHED},
    {"before the epoch", "1969-12-31", SEK_ERR_MALFORMED, UNTOUCHED},
    {"no leap year", "2023-02-29", SEK_ERR_MALFORMED, UNTOUCHED},
    {"a century that is no leap year", "2100-02-29", SEK_ERR_MALFORMED, UNTOUCHED},
    {"a 31st that is not there", "2024-04-31", SEK_ERR_MALFORMED, UNTOUCHED},
    {"month 0", "2024-00-10", SEK_ERR_MALFORMED, UNTOUCHED},
    {"month 13", "2024-13-10", SEK_ERR_MALFORMED, UNTOUCHED},
    {"day 0", "2024-01-00", SEK_ERR_MALFORMED, UNTOUCHED},
    {"day 32", "2024-01-32", SEK_ERR_MALFORMED, UNTOUCHED},
    {"no zero before the month", "2024-1-010", SEK_ERR_MALFORMED, UNTOUCHED},
    {"another separator", "2024/01/10", SEK_ERR_MALFORMED, UNTOUCHED},
    {"a sign", "+024-01-10", SEK_ERR_MALFORMED, UNTOUCHED},
    {"a space", "2024-01- 1", SEK_ERR_MALFORMED, UNTOUCHED},
    {"too short", "2024-01-1", SEK_ERR_MALFORMED, UNTOUCHED},
    {"too long", "2024-01-100", SEK_ERR_MALFORMED, UNTOUCHED},
    {"nothing", "", SEK_ERR_MALFORMED, UNTOUCHED},
};

static void reads_days_that_exist_and_nothing_else(void **state)
{
    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        size_t len = strlen(rows[i].text);
        char *exact = malloc(len ? len : 1); /* no NUL behind it */
        sek_day day = UNTOUCHED;

        assert_non_null(exact);
        memcpy(exact, rows[i].text, len);
        assert_int_equal(sek_date_parse(exact, len, &day), rows[i].status);
        assert_int_equal(day, rows[i].day);
        free(exact);
    }
}

static void writes_what_it_read(void **state)
{
    char out[SEK_DATE_LEN + 1];

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        if (rows[i].status != SEK_OK)
            continue;
        sek_date_format(rows[i].day, out);
        assert_string_equal(out, rows[i].text);
    }
    sek_date_format(0, out);
    assert_string_equal(out, "unknown");
}

static void every_day_of_a_thousand_years_comes_back(void **state)
{
    (void)state;
    for (sek_day day = 1; day < 365243; day++) {
        char out[SEK_DATE_LEN + 1];
        sek_day again = 0;

        sek_date_format(day, out);
        assert_int_equal(sek_date_parse(out, SEK_DATE_LEN, &again), SEK_OK);
        assert_int_equal(again, day);
    }
}

static void any_day_can_be_written(void **state)
{
    static const sek_day days[] = {2932897, 4000000, INT32_MAX, UINT32_MAX};

    (void)state;
    for (size_t i = 0; i < SEK_LEN(days); i++) {
        char out[SEK_DATE_LEN + 1];

        sek_date_format(days[i], out); /* beyond 9999: no promise but ten characters */
        assert_int_equal(strlen(out), SEK_DATE_LEN);
    }
}

static void a_day_begins_at_midnight(void **state)
{
    static const struct {
        uint64_t seconds;
        sek_day day;
    } moments[] = {
        {0, 0},                   /* unknown */
        {86399, 0},               /* the last second of the first day */
        {86400, 1},               /* midnight */
        {951827696, 11016},       /* 2000-02-29T12:34:56Z */
        {UINT64_MAX, UINT32_MAX}, /* no wrap to a day of the past */
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(moments); i++)
        assert_int_equal(sek_date_from_seconds(moments[i].seconds), moments[i].day);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_days_that_exist_and_nothing_else),
        cmocka_unit_test(writes_what_it_read),
        cmocka_unit_test(every_day_of_a_thousand_years_comes_back),
        cmocka_unit_test(any_day_can_be_written),
        cmocka_unit_test(a_day_begins_at_midnight),
    };

    return cmocka_run_group_tests_name("date", tests, NULL, NULL);
}
