#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { CAP = 64, NOT_VALID = 0xfffd };

static struct sek_bytes text_of(const char *text)
{
    return (struct sek_bytes){.data = (const uint8_t *)text, .len = strlen(text)};
}

/* Sequences of the Unicode standard (3.9, table 3-7) and of RFC 3629; the bad ones are the classic
 * ways around a filter. */
static const struct {
    const char *name, *text;
    uint32_t code;
    size_t len;
    bool valid;
} sequences[] = {
    {"one byte", "A", 'A', 1, true},
    {"the last of one byte", "\x7f", 0x7f, 1, true},
    {"the first of two bytes", "\xc2\x80", 0x80, 2, true},
    {"the last of two bytes", "\xdf\xbf", 0x7ff, 2, true},
    {"the first of three bytes", "\xe0\xa0\x80", 0x800, 3, true},
    {"a kanji", "\xe9\x96\xa2", 0x95a2, 3, true},
    {"the last before the surrogates", "\xed\x9f\xbf", 0xd7ff, 3, true},
    {"the first of four bytes", "\xf0\x90\x80\x80", 0x10000, 4, true},
    {"the last code point", "\xf4\x8f\xbf\xbf", 0x10ffff, 4, true},
    {"a written replacement character", "\xef\xbf\xbd", NOT_VALID, 3, true},
    {"a continuation alone", "\x80", NOT_VALID, 1, false},
    {"a slash in two bytes", "\xc0\xaf", NOT_VALID, 1, false},
    {"a slash in three bytes", "\xe0\x80\xaf", NOT_VALID, 1, false},
    {"a slash in four bytes", "\xf0\x80\x80\xaf", NOT_VALID, 1, false},
    {"the highest overlong of two", "\xc1\xbf", NOT_VALID, 1, false},
    {"a high surrogate", "\xed\xa0\x80", NOT_VALID, 1, false},
    {"a low surrogate", "\xed\xbf\xbf", NOT_VALID, 1, false},
    {"above 10FFFF", "\xf4\x90\x80\x80", NOT_VALID, 1, false},
    {"a lead byte that cannot be", "\xf5\x80\x80\x80", NOT_VALID, 1, false},
    {"FF", "\xff", NOT_VALID, 1, false},
    {"two of three bytes", "\xe9\x96", NOT_VALID, 1, false},
    {"a lead byte before a letter",
     "\xe9"
     "A",
     NOT_VALID, 1, false},
};

static void decodes_utf8_and_moves_by_what_it_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < SEK_LEN(sequences); i++) {
        size_t len = strlen(sequences[i].text);
        uint8_t *exact = malloc(len); /* one byte too far is an error */
        size_t pos = 0;

        assert_non_null(exact);
        memcpy(exact, sequences[i].text, len);
        assert_int_equal(sek_utf8_next((struct sek_bytes){.data = exact, .len = len}, &pos),
                         sequences[i].code);
        assert_int_equal(pos, sequences[i].len);
        assert_int_equal(sek_utf8_valid((struct sek_bytes){.data = exact, .len = len}),
                         sequences[i].valid);
        free(exact);
    }
}

static void writes_what_it_would_read(void **state)
{
    (void)state;
    for (uint32_t code = 0; code <= 0x110000; code++) {
        bool good = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
        char out[4];
        size_t pos = 0, len = sek_utf8_put(code, out);

        assert_in_range(len, 1, 4);
        assert_int_equal(
            sek_utf8_next((struct sek_bytes){.data = (const uint8_t *)out, .len = len}, &pos),
            good ? code : NOT_VALID);
        assert_int_equal(pos, len);
    }
}

static void cleans_what_a_terminal_must_not_get(void **state)
{
    static const struct {
        const char *name, *from, *to;
    } rows[] = {
        {"plain text stays", "Example Optics 10G-LR", "Example Optics 10G-LR"},
        {"letters of the world stay", "\xe9\x96\xa2\xe6\x89\x80 caf\xc3\xa9",
         "\xe9\x96\xa2\xe6\x89\x80 caf\xc3\xa9"},
        {"an escape sequence", "\x1b[2Jok", "?[2Jok"},
        {"a C1 control sequence introducer",
         "\xc2\x9b"
         "2J",
         "?2J"},
        {"a raw C1 byte",
         "\x9b"
         "2J",
         "\xef\xbf\xbd"
         "2J"},
        {"line feed and carriage return", "a\r\nb", "a??b"},
        {"tab and DEL", "a\t\x7f", "a??"},
        {"right-to-left override",
         "a\xe2\x80\xae"
         "b",
         "a?b"},
        {"bidirectional isolate",
         "a\xe2\x81\xa6"
         "b",
         "a?b"},
        {"Arabic letter mark",
         "a\xd8\x9c"
         "b",
         "a?b"},
        {"zero-width space and joiner",
         "a\xe2\x80\x8b\xe2\x80\x8d"
         "b",
         "a??b"},
        {"line separator",
         "a\xe2\x80\xa8"
         "b",
         "a?b"},
        {"byte order mark",
         "\xef\xbb\xbf"
         "a",
         "?a"},
        {"soft hyphen",
         "a\xc2\xad"
         "b",
         "a?b"},
        {"private use", "\xee\x80\x80", "?"},
        {"a noncharacter", "\xef\xbf\xbf", "?"},
        {"a noncharacter of another plane", "\xf0\x9f\xbf\xbe", "?"},
        {"a tag character", "\xf3\xa0\x81\x81", "?"},
        {"what is no UTF-8",
         "a\xff"
         "b",
         "a\xef\xbf\xbd"
         "b"},
        {"nothing", "", ""},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        char out[CAP];

        assert_int_equal(sek_text_clean(text_of(rows[i].from), out, sizeof out),
                         strlen(rows[i].to));
        assert_string_equal(out, rows[i].to);
    }
}

static void a_nul_inside_does_not_end_the_text(void **state)
{
    char out[CAP];

    (void)state;
    assert_int_equal(
        sek_text_clean((struct sek_bytes){(const uint8_t *)"a\0b", 3}, out, sizeof out), 3);
    assert_string_equal(out, "a?b");
}

static void cuts_at_a_characters_border(void **state)
{
    static const char from[] = "ab\xe9\x96\xa2";               /* 1 + 1 + 3 bytes */
    static const size_t expected[] = {0, 0, 1, 2, 2, 2, 5, 5}; /* by capacity */

    (void)state;
    for (size_t cap = 1; cap < SEK_LEN(expected); cap++) {
        char *out = malloc(cap); /* one byte too far is an error */

        assert_non_null(out);
        assert_int_equal(sek_text_clean(text_of(from), out, cap), expected[cap]);
        assert_memory_equal(out, from, expected[cap]);
        assert_int_equal(out[expected[cap]], '\0');
        free(out);
    }
}

static void whatever_comes_in_valid_and_shown_text_comes_out(void **state)
{
    uint32_t seed = 1;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        uint8_t bytes[24];
        char out[CAP * 2];
        size_t len;

        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)((seed = seed * 1664525 + 1013904223) >> 24);
        len = sek_text_clean((struct sek_bytes){bytes, sizeof bytes}, out, sizeof out);
        assert_int_equal(strlen(out), len);
        assert_true(sek_utf8_valid(text_of(out)));
        for (size_t i = 0; i < len; i++)
            assert_true((uint8_t)out[i] >= 0x20 && out[i] != 0x7f);
    }
}

static void hex_is_lower_case_and_ends_in_nul(void **state)
{
    static const uint8_t bytes[] = {0x00, 0x0f, 0xa5, 0xff};
    char out[2 * sizeof bytes + 1];

    (void)state;
    sek_text_hex((struct sek_bytes){bytes, sizeof bytes}, out);
    assert_string_equal(out, "000fa5ff");
    sek_text_hex((struct sek_bytes){0}, out);
    assert_string_equal(out, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_utf8_and_moves_by_what_it_read),
        cmocka_unit_test(writes_what_it_would_read),
        cmocka_unit_test(cleans_what_a_terminal_must_not_get),
        cmocka_unit_test(a_nul_inside_does_not_end_the_text),
        cmocka_unit_test(cuts_at_a_characters_border),
        cmocka_unit_test(whatever_comes_in_valid_and_shown_text_comes_out),
        cmocka_unit_test(hex_is_lower_case_and_ends_in_nul),
    };

    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
