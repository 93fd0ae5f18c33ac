/* Names made comparable, skeletons, tokens: the pinned rules of text matching. */
#include "base/text.h"
#include "tests/unit/locales.h"
#include "trust/letters.h"
#include "trust/names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct sek_bytes text_of(const char *text)
{
    return (struct sek_bytes){(const uint8_t *)text, strlen(text)};
}

static const struct {
    const char *text, *normal;
} normals[] = {
    {"", ""},
    {"Kiso Networks", "KISO NETWORKS"},
    {"  Kiso -- Networks, K.K. ", "KISO NETWORKS K K"},
    {"kiso\tnetworks\r\n", "KISO NETWORKS"},
    {"KISO\xc2\xa0NETWORKS", "KISO NETWORKS"},                    /* no-break space */
    {"KISO\xe3\x80\x80NETWORKS", "KISO NETWORKS"},                /* ideographic space */
    {"KISO\xe2\x80\x83NETWORKS", "KISO NETWORKS"},                /* em space */
    {"KISO\xef\xbf\xbdNETWORKS", "KISO NETWORKS"},                /* what could not be decoded */
    {"KISO\xffNETWORKS", "KISO NETWORKS"},                        /* what cannot be decoded */
    {"\xef\xbc\xab\xef\xbd\x89\xef\xbd\x93\xef\xbd\x8f", "KISO"}, /* full-width Kiso */
    {"KI\xc2\xadSO", "KISO"},                                     /* soft hyphen */
    {"KI\xe2\x80\x8bSO", "KISO"},                                 /* zero-width space */
    {"\xe2\x80\xaeKISO\xe2\x80\xac", "KISO"},                     /* right-to-left override */
    {"KI\xe2\x81\xa6SO", "KISO"},                                 /* isolate */
    {"KI\xef\xbb\xbfSO", "KISO"},                                 /* byte order mark */
    {"KI\xe3\x85\xa4SO", "KISO"},                                 /* Hangul filler */
    {"KI\xf3\xa0\x81\x81SO", "KISO"},                             /* tag */
    {"KI\xee\x80\x80SO", "KI SO"},                                /* private use */
    {"KI\xe2\x80\xa2SO", "KI SO"},                                /* bullet */
    {"KI\xe3\x83\xbbSO", "KI SO"},                                /* katakana middle dot */
    {"caf\xc3\xa9", "CAF\xc3\x89"},
    {"\xc4\xb1 \xc5\xbf", "I S"},                             /* dotless i, long s */
    {"\xc3\xbf", "\xc5\xb8"},                                 /* y with diaeresis */
    {"\xce\xb1\xcf\x89\xcf\x82", "\xce\x91\xce\xa9\xce\xa3"}, /* Greek, with final sigma */
    {"\xd0\xb0\xd1\x8f\xd1\x95", "\xd0\x90\xd0\xaf\xd0\x85"}, /* Cyrillic, with dze */
    {"\xc5\xba\xc4\xba\xd3\x82", "\xc5\xb9\xc4\xb9\xd3\x81"}, /* pairs that begin odd */
    {"\xe1\xb8\xa5", "\xe1\xb8\xa4"},                         /* h with dot below */
    {"\xe9\x96\xa2\xe6\x89\x80", "\xe9\x96\xa2\xe6\x89\x80"},
    {"1 ,2;3", "1 2 3"},
};

static void names_are_normalised(void **state)
{
    (void)state;
    for (size_t i = 0; i < SEK_LEN(normals); i++) {
        char out[64] = "";
        bool cut = true;
        size_t len = sek_name_normalise(text_of(normals[i].text), out, sizeof out - 1, &cut);

        out[len] = '\0';
        assert_string_equal(out, normals[i].normal);
        assert_false(cut);
    }
}

static void a_normalised_name_stays_as_it_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < SEK_LEN(normals); i++) {
        char out[64] = "";

        out[sek_name_normalise(text_of(normals[i].normal), out, sizeof out - 1, NULL)] = '\0';
        assert_string_equal(out, normals[i].normal);
    }
}

/* Every code point: at most one character comes out of one, in whole UTF-8, and case is gone. */
static void every_character_is_one_or_none(void **state)
{
    (void)state;
    for (uint32_t code = 0; code <= 0x10ffff; code++) {
        char in[4], out[8], again[8];
        struct sek_bytes text = {(const uint8_t *)in, sek_utf8_put(code, in)};
        size_t len = sek_name_normalise(text, out, sizeof out, NULL), pos = 0, more;

        if (len == 0)
            continue;
        (void)sek_utf8_next((struct sek_bytes){(const uint8_t *)out, len}, &pos);
        assert_int_equal(pos, len);
        assert_true(out[0] < 'a' || out[0] > 'z');
        more = sek_name_normalise((struct sek_bytes){(const uint8_t *)out, len}, again,
                                  sizeof again, NULL);
        assert_int_equal(more, len);
        assert_memory_equal(again, out, len);
    }
}

static void what_does_not_fit_is_cut_and_said(void **state)
{
    static const struct {
        const char *text;
        size_t cap;
        const char *normal;
        bool cut;
    } rows[] = {
        {"KISO NETWORKS", 13, "KISO NETWORKS", false},
        {"KISO NETWORKS", 12, "KISO NETWORK", true},
        {"KISO NETWORKS", 5, "KISO", true},
        {"KISO ", 4, "KISO", false},
        {"KISO", 0, "", true},
        {"", 0, "", false},
        {"\xe9\x96\xa2\xe6\x89\x80", 5, "\xe9\x96\xa2", true},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        char *out = malloc(rows[i].cap ? rows[i].cap : 1);
        bool cut = !rows[i].cut;
        size_t len = sek_name_normalise(text_of(rows[i].text), out, rows[i].cap, &cut);

        assert_int_equal(len, strlen(rows[i].normal));
        assert_memory_equal(out, rows[i].normal, len);
        assert_int_equal(cut, rows[i].cut);
        free(out);
    }
}

static void look_alikes_have_one_skeleton(void **state)
{
    static const struct {
        const char *name, *skeleton;
    } rows[] = {
        {"", ""},
        {"YAMABIKO OPTICS", "YAMABIKOOPTICS"},
        {"0 O", "OO"},
        {"1 I L", "III"},
        {"5 S 8 B", "SSBB"},
        {"\xd0\x90\xce\x92\xc3\x87", "ABC"}, /* Cyrillic, Greek, Latin with a mark */
        {"A\xcc\x81\xcc\x80", "A"},          /* marks that combine */
        {"A\xca\xbb\xd9\x80", "A"},          /* modifier letter, tatweel */
        {"\xe1\xb8\xa4\xc5\x9e", "HS"},      /* Latin Extended */
        {"\xe9\x96\xa2\xe6\x89\x80", "\xe9\x96\xa2\xe6\x89\x80"},
        {"2 3 4 6 7 9", "234679"},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        char out[64] = "";

        out[sek_name_skeleton(text_of(rows[i].name), out, sizeof out - 1)] = '\0';
        assert_string_equal(out, rows[i].skeleton);
        assert_int_equal(sek_name_skeleton(text_of(rows[i].name), out, 0), 0);
    }
}

static void imitations_are_read_as_what_they_imitate(void **state)
{
    static const struct {
        const char *text, *imitated;
    } rows[] = {
        {"KISO", "KISO"},
        {"K|\xe2\x82\xac$@", "KIESA"},
        {"2 3 4 6 7 9", "Z E A G T G"},
        {"\xcf\x85\xce\xbd\xce\xb7\xcf\x89\xce\xb3", "UVNWY"},        /* lower-case Greek */
        {"\xd0\xb3\xd0\xb8\xd0\xbf\xd1\x88\xd1\x8c", "RUNWB"},        /* lower-case Cyrillic */
        {"\xe2\x93\x80\xe2\x93\x98\xe2\x92\xae\xe2\x92\xaa", "KISO"}, /* circles, parentheses */
        {"\xf0\x9d\x90\x8a\xf0\x9d\x92\xbe\xf0\x9d\x9f\x93", "KI5"},  /* mathematics */
        {"\xf0\x9f\x84\xba\xf0\x9f\x85\x98\xf0\x9f\x85\xa2", "KIS"},  /* squares, filled circles */
        {"\xe2\x85\xa0\xe2\x85\xae\xe2\x84\xaa", "IDK"},              /* numerals, kelvin */
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        char out[64] = "";

        out[sek_name_imitated(text_of(rows[i].text), out, sizeof out - 1, NULL)] = '\0';
        assert_string_equal(out, rows[i].imitated);
    }
}

static void letters_are_counted_without_spaces(void **state)
{
    (void)state;
    assert_int_equal(sek_name_letters(text_of("")), 0);
    assert_int_equal(sek_name_letters(text_of("A B 1")), 3);
    assert_int_equal(sek_name_letters(text_of("\xe9\x96\xa2\xe6\x89\x80")), 2);
}

static void a_name_is_split_at_its_spaces(void **state)
{
    struct sek_tokens tokens;
    char name[2 * SEK_TOKENS_MAX + 2];

    (void)state;
    sek_name_split(text_of("KISO 1 NETWORKS"), &tokens);
    assert_int_equal(tokens.count, 3);
    assert_int_equal(tokens.token[0].start, 0);
    assert_int_equal(tokens.token[0].end, 4);
    assert_int_equal(tokens.token[2].start, 7);
    assert_int_equal(tokens.token[2].end, 15);
    assert_false(tokens.overflow || tokens.token[0].known);
    sek_name_split(text_of(""), &tokens);
    assert_int_equal(tokens.count, 0);
    for (size_t i = 0; i < sizeof name; i++)
        name[i] = i % 2 ? ' ' : 'A';
    sek_name_split((struct sek_bytes){(const uint8_t *)name, 2 * SEK_TOKENS_MAX}, &tokens);
    assert_int_equal(tokens.count, SEK_TOKENS_MAX);
    assert_false(tokens.overflow);
    sek_name_split((struct sek_bytes){(const uint8_t *)name, sizeof name}, &tokens);
    assert_int_equal(tokens.count, SEK_TOKENS_MAX);
    assert_true(tokens.overflow);
}

/* The tables of letters.c are searched as ascending ones: every block is reached. */
static void every_block_of_letters_is_reached(void **state)
{
    static const struct {
        uint32_t first, last; /* of one look */
        char like;            /* as a skeleton has it */
    } rows[] = {
        {0xc0, 0xc5, 'A'},     {0xdf, 0xdf, 'B'},     {0x179, 0x17e, 'Z'},   {0x1b5, 0x1b6, 'Z'},
        {0x1d3, 0x1dc, 'U'},   {0x24e, 0x24f, 'Y'},   {0x251, 0x251, 'A'},   {0x29f, 0x29f, 'I'},
        {0x37f, 0x37f, 'J'},   {0x391, 0x391, 'A'},   {0x3a7, 0x3a7, 'X'},   {0x3fa, 0x3fb, 'M'},
        {0x400, 0x401, 'E'},   {0x405, 0x405, 'S'},   {0x412, 0x412, 'B'},   {0x41d, 0x41d, 'H'},
        {0x421, 0x421, 'C'},   {0x42f, 0x42f, 'R'},   {0x51c, 0x51d, 'W'},   {0x53c, 0x53c, 'I'},
        {0x585, 0x585, 'O'},   {0x1d00, 0x1d01, 'A'}, {0x1d22, 0x1d22, 'Z'}, {0x1e22, 0x1e2b, 'H'},
        {0x1ec8, 0x1ecb, 'I'}, {0x1efe, 0x1eff, 'Y'},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        for (uint32_t c = rows[i].first; c <= rows[i].last; c++)
            assert_int_equal(sek_letter_skeleton(c), rows[i].like);
    }
    for (uint32_t c = 0; c <= 0x10ffff; c++) {
        uint32_t like = sek_letter_skeleton(c);

        assert_true(like == c || like == 0 || (like >= 'A' && like <= 'Z'));
        assert_int_equal(sek_letter_skeleton(like), like);
        assert_true(sek_letter_imitated(c) == c || sek_letter_imitated(c) < 0x80);
        assert_false(sek_letter_foreign(c) && c < 0x370);
    }
    assert_true(sek_letter_foreign(0x436));   /* zhe looks like no Latin letter */
    assert_true(sek_letter_foreign(0x13aa));  /* Cherokee is not compared */
    assert_false(sek_letter_foreign(0x410));  /* A is */
    assert_false(sek_letter_foreign(0x95a2)); /* a kanji is taken for no letter */
    assert_false(sek_letter_foreign('A'));
}

/* "| A | C0-C6 100 |": every code point of the row has this skeleton; how many there are. */
static unsigned check_row(const char *row)
{
    bool nothing = strncmp(row, "| nothing |", 11) == 0;
    uint32_t like = nothing ? 0 : (uint32_t)(unsigned char)row[2];
    const char *at = strchr(row + 2, '|') + 1;
    unsigned count = 0;

    for (at += strspn(at, " "); *at && *at != '|'; at += strspn(at, " ")) {
        char *end;
        uint32_t first = (uint32_t)strtoul(at, &end, 16), last = first;

        if (*end == '-')
            last = (uint32_t)strtoul(end + 1, &end, 16);
        assert_true(end > at && first <= last);
        at = end;
        for (; first <= last; first++, count++)
            assert_int_equal(sek_letter_skeleton(first), like);
    }
    return count;
}

static void the_specification_has_the_table_of_the_code(void **state)
{
    FILE *in = fopen("firmware/trust/SPEC.md", "r");
    char line[4096];
    unsigned told = 0, done = 0;

    (void)state;
    assert_non_null(in);
    while (fgets(line, sizeof line, in) && !strstr(line, "| looks like it (code points) |"))
        continue;
    while (fgets(line, sizeof line, in) && line[0] == '|') {
        if (line[1] == ' ')
            told += check_row(line);
    }
    (void)fclose(in);
    for (uint32_t c = 0x80; c <= 0x10ffff; c++)
        done += sek_letter_skeleton(c) != c;
    assert_int_equal(told, done);
}

static void all_tables(void **state)
{
    names_are_normalised(state);
    look_alikes_have_one_skeleton(state);
    imitations_are_read_as_what_they_imitate(state);
}

/* One result whatever the user's language makes of 'i' and of letters. */
static void the_language_changes_nothing(void **state)
{
    locales_each(all_tables, state);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_normalised),
        cmocka_unit_test(a_normalised_name_stays_as_it_is),
        cmocka_unit_test(every_character_is_one_or_none),
        cmocka_unit_test(what_does_not_fit_is_cut_and_said),
        cmocka_unit_test(look_alikes_have_one_skeleton),
        cmocka_unit_test(imitations_are_read_as_what_they_imitate),
        cmocka_unit_test(letters_are_counted_without_spaces),
        cmocka_unit_test(a_name_is_split_at_its_spaces),
        cmocka_unit_test(every_block_of_letters_is_reached),
        cmocka_unit_test(the_specification_has_the_table_of_the_code),
        cmocka_unit_test(the_language_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
