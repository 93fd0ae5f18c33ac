#include "base/class.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { UNTOUCHED = 99 };

/* The numbers are on the wire and in trust stores: this list is a copy on purpose. */
static const char *const words[] = {
    "agent", "boot",        "kernel", "rootfs",  "config",   "fpga",  "cpld",    "asic",
    "phy",   "transceiver", "psu",    "fan",     "sensor",   "board", "chassis", "product",
    "nic",   "flash",       "memory", "storage", "wireless", "mcu",   "data",
};

static void each_class_has_its_number_and_its_word(void **state)
{
    (void)state;
    assert_int_equal(SEK_LEN(words), SEK_CLASS_COUNT);
    for (size_t i = 0; i < SEK_LEN(words); i++) {
        enum sek_class found = SEK_CLASS_NONE;

        assert_string_equal(sek_class_name((enum sek_class)i), words[i]);
        assert_int_equal(sek_class_find(words[i], strlen(words[i]), &found), SEK_OK);
        assert_int_equal(found, i);
    }
}

static void what_is_no_class_is_called_none(void **state)
{
    (void)state;
    assert_string_equal(sek_class_name(SEK_CLASS_NONE), "none");
    assert_string_equal(sek_class_name((enum sek_class)1000), "none");
}

static void only_the_exact_word_is_found(void **state)
{
    static const struct {
        const char *name, *word;
        size_t len;
    } rows[] = {
        {"another case", "Boot", 4},
        {"a beginning", "boo", 3},
        {"more than the word", "bootx", 5},
        {"a NUL behind it", "boot", 5},
        {"nothing", "", 0},
        {"the word for none", "none", 4},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        enum sek_class found = (enum sek_class)UNTOUCHED;

        assert_int_equal(sek_class_find(rows[i].word, rows[i].len, &found), SEK_ERR_NOT_FOUND);
        assert_int_equal(found, UNTOUCHED);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_class_has_its_number_and_its_word),
        cmocka_unit_test(what_is_no_class_is_called_none),
        cmocka_unit_test(only_the_exact_word_is_found),
    };

    return cmocka_run_group_tests_name("class", tests, NULL, NULL);
}
