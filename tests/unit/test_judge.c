/* Two answers of one device: what contradicts, and what only a running system wrote meanwhile. */
#include "boards/bench/check/judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct device_answer a, b;

static int fresh(void **state)
{
    (void)state;
    memset(&a, 0, sizeof a);
    a.row_count = 1;
    strcpy(a.row[0].name, "region");
    a.row[0].component_class = SEK_CLASS_KERNEL;
    a.row[0].verdict = a.told[0] = SEK_VERDICT_APPROVED;
    b = a;
    return 0;
}

static void equal_answers_do_not_differ(void **state)
{
    (void)state;
    assert_null(judge_difference(&a, &b));
}

static void other_bytes_of_code_contradict(void **state)
{
    (void)state;
    b.row[0].digest[0].bytes[0] = 1;
    assert_string_equal(judge_difference(&a, &b), "region");
}

static void other_bytes_of_data_do_not(void **state)
{
    (void)state;
    a.row[0].component_class = b.row[0].component_class = SEK_CLASS_DATA;
    b.row[0].digest[0].bytes[0] = 1;
    assert_null(judge_difference(&a, &b));
    b.row[0].size = 1; /* its size does not change */
    assert_string_equal(judge_difference(&a, &b), "region");
}

static void what_was_data_only_once_contradicts(void **state)
{
    (void)state;
    b.row[0].component_class = SEK_CLASS_DATA;
    b.row[0].digest[0].bytes[0] = 1;
    assert_string_equal(judge_difference(&a, &b), "region");
}

static void another_verdict_or_row_contradicts(void **state)
{
    (void)state;
    b.told[0] = SEK_VERDICT_TAMPERED;
    assert_string_equal(judge_difference(&a, &b), "region");
    b = a;
    b.row_count = 0;
    assert_string_equal(judge_difference(&a, &b), "region");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(equal_answers_do_not_differ, fresh),
        cmocka_unit_test_setup(other_bytes_of_code_contradict, fresh),
        cmocka_unit_test_setup(other_bytes_of_data_do_not, fresh),
        cmocka_unit_test_setup(what_was_data_only_once_contradicts, fresh),
        cmocka_unit_test_setup(another_verdict_or_row_contradicts, fresh),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
