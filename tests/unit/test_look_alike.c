/* U10: an exclusion is not evaded by spelling. From each alias evasions are made by rule; each is
 * excluded or consulted. Names that are only near an alias stay what they are. */
#include "base/text.h"
#include "crypto/crypto.h"
#include "tests/unit/locales.h"
#include "tests/unit/policy.h"
#include "trust/look_alike.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Of 3 to 31 letters, of 1 to 6 words, of letters and digits that look alike. */
static const char *const aliases[] = {
    "YBK",
    "TENGU",
    "O5LIB",
    "B8S",
    "YAMABIKO",
    "SILLIBOO",
    "HIKARI 800",
    "YAMABIKO OPTICS",
    "CAVE TRADES",
    "N8 LIGHTS",
    "KITSUNE LIGHT AND POWER WORKS LTD",
};

enum { LONG_ALIAS = 6, TEXT = 2048 }; /* letters from which spaces do not matter */

struct corpus {
    struct policy policy;
    const char *alias;
    const char *rule;
    unsigned made, excluded, consulted;
};

static void expect_caught(struct corpus *corpus, const char *text)
{
    static const char *const fields[] = {"vendor=", "maker="};
    const struct sek_context context = {.today = policy_day("2026-11-23")};
    char says[TEXT + 8];

    for (size_t i = 0; i < SEK_LEN(fields); i++) {
        const char *verdict;

        (void)snprintf(says, sizeof says, "%s%s", fields[i], text);
        verdict = policy_judge(&corpus->policy, &context, SEK_CLASS_NONE, says);
        if (strcmp(verdict, "excluded VND-002 r") == 0)
            corpus->excluded++;
        else if (strcmp(verdict, "consult VND-008 r") == 0)
            corpus->consulted++;
        else
            fail_msg("%s, %s: \"%s\" is %s", corpus->alias, corpus->rule, text, verdict);
    }
    corpus->made++;
}

/* ---- One letter, or every one, written otherwise ---- */

struct letter {
    char plain;
    const char *other;
};

static const struct letter cyrillic[] = {
    {'A', "\xd0\x90"}, {'B', "\xd0\x92"}, {'C', "\xd0\xa1"}, {'D', "\xd4\x80"}, {'E', "\xd0\x95"},
    {'G', "\xd4\x8c"}, {'H', "\xd0\x9d"}, {'I', "\xd0\x86"}, {'K', "\xd0\x9a"}, {'M', "\xd0\x9c"},
    {'O', "\xd0\x9e"}, {'P', "\xd0\xa0"}, {'R', "\xd0\xaf"}, {'S', "\xd0\x85"}, {'T', "\xd0\xa2"},
    {'V', "\xd1\xb4"}, {'W', "\xd4\x9c"}, {'Y', "\xd2\xae"}, {'N', "\xd0\x98"}, {'U', NULL},
};
static const struct letter cyrillic_small[] = {
    {'A', "\xd0\xb0"}, {'B', "\xd1\x8c"}, {'C', "\xd1\x81"}, {'D', "\xd4\x81"},
    {'E', "\xd0\xb5"}, {'I', "\xd1\x96"}, {'J', "\xd1\x98"}, {'K', "\xd0\xba"},
    {'N', "\xd0\xbf"}, {'O', "\xd0\xbe"}, {'P', "\xd1\x80"}, {'R', "\xd0\xb3"},
    {'S', "\xd1\x95"}, {'U', "\xd0\xb8"}, {'W', "\xd1\x88"}, {'Y', "\xd1\x83"},
};
static const struct letter greek[] = {
    {'A', "\xce\x91"}, {'B', "\xce\x92"}, {'E', "\xce\x95"}, {'H', "\xce\x97"}, {'I', "\xce\x99"},
    {'K', "\xce\x9a"}, {'M', "\xce\x9c"}, {'N', "\xce\x9d"}, {'O', "\xce\x9f"}, {'P', "\xce\xa1"},
    {'T', "\xce\xa4"}, {'Y', "\xce\xa5"}, {'C', "\xcf\xb9"},
};
static const struct letter greek_small[] = {
    {'A', "\xce\xb1"}, {'E', "\xce\xb5"}, {'I', "\xce\xb9"}, {'K', "\xce\xba"},
    {'N', "\xce\xb7"}, {'O', "\xce\xbf"}, {'P', "\xcf\x81"}, {'T', "\xcf\x84"},
    {'U', "\xcf\x85"}, {'V', "\xce\xbd"}, {'W', "\xcf\x89"}, {'Y', "\xce\xb3"},
};
static const struct letter digits[] = {
    {'O', "0"}, {'I', "1"}, {'L', "1"}, {'S', "5"}, {'B', "8"},
    {'0', "O"}, {'1', "l"}, {'5', "S"}, {'8', "B"},
};
static const struct letter strokes[] = {
    {'I', "l"},
    {'L', "I"},
    {'1', "I"},
};
static const struct letter signs[] = {
    {'A', "@"}, {'A', "4"}, {'E', "3"},        {'E', "\xe2\x82\xac"},
    {'S', "$"}, {'I', "|"}, {'I', "!"},        {'L', "\xc2\xa3"},
    {'T', "7"}, {'G', "9"}, {'Y', "\xc2\xa5"},
};
static const struct letter marked[] = {
    {'A', "\xc3\x85"},     {'C', "\xc3\xa7"},     {'D', "\xc4\x8f"}, {'E', "\xc3\xab"},
    {'G', "\xc4\x9f"},     {'H', "\xe1\xb8\xa4"}, {'I', "\xc4\xb0"}, {'K', "\xc7\xa9"},
    {'L', "\xc5\x82"},     {'M', "\xe1\xb9\x80"}, {'N', "\xc3\xb1"}, {'O', "\xc3\xb8"},
    {'P', "\xe1\xb9\x96"}, {'R', "\xc5\x99"},     {'S', "\xc5\x9f"}, {'T', "\xc8\x9b"},
    {'U', "\xc5\xaf"},     {'V', "\xe1\xb9\xbf"}, {'W', "\xc5\xb5"}, {'Y', "\xc3\xbf"},
    {'B', "\xe1\xb8\x83"},
};
static const struct letter phonetic[] = {
    {'A', "\xe1\xb4\x80"}, {'B', "\xca\x99"},     {'H', "\xca\x9c"},     {'I', "\xc9\xaa"},
    {'K', "\xe1\xb4\x8b"}, {'L', "\xca\x9f"},     {'N', "\xc9\xb4"},     {'O', "\xe1\xb4\x8f"},
    {'R', "\xca\x80"},     {'T', "\xe1\xb4\x9b"}, {'U', "\xe1\xb4\x9c"}, {'Y', "\xca\x8f"},
};

static const char *other_of(const struct letter *table, size_t count, char plain)
{
    for (size_t i = 0; i < count; i++) {
        if (table[i].plain == plain)
            return table[i].other;
    }
    return NULL;
}

/* Puts the alias down with the letters of the table from index from on, one or all of them. */
static bool put_letters(const char *alias, const struct letter *table, size_t count, size_t from,
                        bool all, char *out)
{
    bool changed = false;

    *out = '\0';
    for (size_t i = 0; alias[i]; i++) {
        const char *other =
            i == from || (all && i >= from) ? other_of(table, count, alias[i]) : NULL;
        const char plain[2] = {alias[i], '\0'};

        changed = changed || other;
        strcat(out, other ? other : plain);
    }
    return changed;
}

static void exchange(struct corpus *corpus, const struct letter *table, size_t count)
{
    char text[TEXT];

    if (put_letters(corpus->alias, table, count, 0, true, text))
        expect_caught(corpus, text);
    for (size_t i = 0; corpus->alias[i]; i++) {
        if (put_letters(corpus->alias, table, count, i, false, text))
            expect_caught(corpus, text);
    }
}

static void each_letter_otherwise(struct corpus *corpus)
{
    static const struct {
        const char *rule;
        const struct letter *table;
        size_t count;
    } tables[] = {
        {"Cyrillic", cyrillic, SEK_LEN(cyrillic)},
        {"small Cyrillic", cyrillic_small, SEK_LEN(cyrillic_small)},
        {"Greek", greek, SEK_LEN(greek)},
        {"small Greek", greek_small, SEK_LEN(greek_small)},
        {"digits", digits, SEK_LEN(digits)},
        {"I for l", strokes, SEK_LEN(strokes)},
        {"signs", signs, SEK_LEN(signs)},
        {"marks", marked, SEK_LEN(marked)},
        {"phonetic", phonetic, SEK_LEN(phonetic)},
    };

    for (size_t i = 0; i < SEK_LEN(tables); i++) {
        corpus->rule = tables[i].rule;
        exchange(corpus, tables[i].table, tables[i].count);
    }
}

/* ---- Other alphabets of the same letters ---- */

static void put_from(const char *alias, uint32_t capital_a, char *out)
{
    for (; *alias; alias++) {
        char bytes[4];
        bool letter = *alias >= 'A' && *alias <= 'Z';
        size_t n = sek_utf8_put(
            letter ? capital_a + (uint32_t)(*alias - 'A') : (uint32_t)(unsigned char)*alias, bytes);

        memcpy(out, bytes, n);
        out += n;
    }
    *out = '\0';
}

static void whole_alphabets(struct corpus *corpus)
{
    static const uint32_t capitals[] = {'a',    0xff21, 0xff41,  0x1d400, 0x1d41a, 0x1d670, 0x24b6,
                                        0x24d0, 0x249c, 0x1f110, 0x1f130, 0x1f150, 0x1f170};
    char text[TEXT];

    corpus->rule = "another alphabet";
    for (size_t i = 0; i < SEK_LEN(capitals); i++) {
        put_from(corpus->alias, capitals[i], text);
        expect_caught(corpus, text);
    }
}

/* ---- Something between the letters ---- */

static void put_between(const char *alias, const char *between, size_t every, char *out)
{
    *out = '\0';
    for (size_t i = 0; alias[i]; i++) {
        const char plain[2] = {alias[i], '\0'};

        if (i > 0 && i % every == 0 && alias[i] != ' ' && alias[i - 1] != ' ')
            strcat(out, between);
        strcat(out, plain);
    }
}

static size_t letters(const char *alias)
{
    return sek_name_letters((struct sek_bytes){(const uint8_t *)alias, strlen(alias)});
}

static void something_between(struct corpus *corpus)
{
    static const struct {
        const char *rule, *between;
        bool spaces; /* leaves a space: of short aliases only single letters are joined */
    } signs_between[] = {
        {"soft hyphen", "\xc2\xad", false},
        {"zero-width space", "\xe2\x80\x8b", false},
        {"word joiner", "\xe2\x81\xa0", false},
        {"Hangul filler", "\xe3\x85\xa4", false},
        {"variation selector", "\xef\xb8\x8f", false},
        {"tag", "\xf3\xa0\x81\x81", false},
        {"acute", "\xcc\x81", false},
        {"modifier letter", "\xca\xbc", false},
        {"hyphen", "-", true},
        {"full stop", ".", true},
        {"space", " ", true},
        {"underscore", "_", true},
        {"middle dot", "\xc2\xb7", true},
        {"no-break space", "\xc2\xa0", true},
        {"ideographic space", "\xe3\x80\x80", true},
        {"what is no UTF-8", "\xff", true},
        {"private use", "\xee\x80\x80", true},
        {"bullet", " \xe2\x80\xa2 ", true},
    };
    char text[TEXT];

    for (size_t i = 0; i < SEK_LEN(signs_between); i++) {
        size_t most = signs_between[i].spaces && letters(corpus->alias) < LONG_ALIAS ? 1 : 4;

        corpus->rule = signs_between[i].rule;
        for (size_t every = 1; every <= most; every++) {
            put_between(corpus->alias, signs_between[i].between, every, text);
            expect_caught(corpus, text);
        }
    }
}

/* ---- Something around it ---- */

static void something_around(struct corpus *corpus)
{
    static const struct {
        const char *before;
        unsigned times;
        const char *after;
    } around[] = {
        {"", 0, " Co., Ltd."},   {"The ", 1, ""},           {"new ", 16, ""},
        {"x ", 17, ""},          {"of the ", 50, " Works"}, {"ab ", 127, ""},
        {"ab ", 128, ""},        {"ab ", 300, ""},          {"(", 1, ")"},
        {"\xe2\x80\xae", 1, ""},
    };
    char text[TEXT];

    corpus->rule = "around it";
    for (size_t i = 0; i < SEK_LEN(around); i++) {
        *text = '\0';
        for (unsigned n = 0; n < around[i].times; n++)
            strcat(text, around[i].before);
        strcat(text, corpus->alias);
        strcat(text, around[i].after);
        expect_caught(corpus, text);
    }
}

/* ---- Words glued, and a letter that only looks like one ---- */

static void glued(struct corpus *corpus)
{
    char text[TEXT];
    size_t n = 0;

    corpus->rule = "glued";
    for (const char *at = corpus->alias; *at; at++) {
        if (*at != ' ')
            text[n++] = *at;
    }
    text[n] = '\0';
    expect_caught(corpus, text);
}

static void one_of_an_alphabet_that_we_do_not_compare(struct corpus *corpus)
{
    static const struct letter cherokee[] = {
        {'A', "\xe1\x8e\xaa"}, {'D', "\xe1\x8e\xa0"}, {'E', "\xe1\x8e\xac"}, {'H', "\xe1\x8e\xbb"},
        {'K', "\xe1\x8f\xa6"}, {'L', "\xe1\x8f\x9e"}, {'M', "\xe1\x8e\xb7"}, {'T', "\xe1\x8e\xa2"},
    };
    char text[TEXT];

    corpus->rule = "a Cherokee letter";
    for (size_t i = 0; corpus->alias[i]; i++) {
        const char *word = corpus->alias + i;

        while (word > corpus->alias && word[-1] != ' ')
            word--;
        if (strcspn(word, " ") > 1 &&
            put_letters(corpus->alias, cherokee, SEK_LEN(cherokee), i, false, text))
            expect_caught(corpus, text);
    }
}

static void corpus_of(const char *alias, struct corpus *corpus)
{
    char body[512];

    corpus->alias = alias;
    (void)snprintf(body, sizeof body,
                   "entities { e: e { label = \"l\"; alias = \"%s\"; }; }; rules { %s };", alias,
                   RULE("r", "subject = <&e>;"));
    policy_open(&corpus->policy, body);
    each_letter_otherwise(corpus);
    whole_alphabets(corpus);
    something_between(corpus);
    something_around(corpus);
    one_of_an_alphabet_that_we_do_not_compare(corpus);
    if (strchr(alias, ' '))
        glued(corpus);
    policy_close(&corpus->policy);
}

static void no_spelling_evades_an_exclusion(void **state)
{
    struct corpus corpus = {.made = 0};

    (void)state;
    for (size_t i = 0; i < SEK_LEN(aliases); i++)
        corpus_of(aliases[i], &corpus);
    print_message("  %u evasions of %zu aliases, in two fields: %u excluded, %u consulted\n",
                  corpus.made, SEK_LEN(aliases), corpus.excluded, corpus.consulted);
    assert_true(corpus.made >= 500 && corpus.excluded > 0 && corpus.consulted > 0);
}

/* What the libraries of a user's language make of letters has no part in it. */
static void in_no_language_either(void **state)
{
    locales_each(no_spelling_evades_an_exclusion, state);
}

/* ---- What is near, and another name ---- */

/* Writes the values of all lines of a kind as a list of strings. */
static void put_list(FILE *in, const char *kind, char *out, size_t cap)
{
    char line[256];
    size_t len = strlen(kind);

    rewind(in);
    *out = '\0';
    while (fgets(line, sizeof line, in)) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, kind, len) != 0 || line[len] != ' ')
            continue;
        (void)snprintf(out + strlen(out), cap - strlen(out), "%s\"%s\"", *out ? ", " : "",
                       line + len + 1);
    }
}

static void names_that_are_only_near_match_nothing(void **state)
{
    const struct sek_context context = {.today = policy_day("2026-11-23")};
    FILE *in = fopen("tests/data/look_alike/near.txt", "r");
    char alias[1024], not_alias[1024], body[4096], line[256], says[300];
    struct policy policy;
    unsigned names = 0;

    (void)state;
    assert_non_null(in);
    put_list(in, "alias", alias, sizeof alias);
    put_list(in, "not-alias", not_alias, sizeof not_alias);
    (void)snprintf(
        body, sizeof body,
        "entities { e: e { label = \"l\"; alias = %s; not-alias = %s; }; }; rules { %s };", alias,
        not_alias, RULE("r", "subject = <&e>;"));
    policy_open(&policy, body);
    rewind(in);
    while (fgets(line, sizeof line, in)) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "name ", 5) != 0)
            continue;
        (void)snprintf(says, sizeof says, "vendor=%s", line + 5);
        assert_string_equal(policy_judge(&policy, &context, SEK_CLASS_NONE, says),
                            "identified VND-001");
        names++;
    }
    assert_true(names >= 10);
    policy_close(&policy);
    (void)fclose(in);
}

/* ---- The cost ---- */

/* A name that has as many spellings as can be ends in time, and says that it was not compared. */
static void a_name_of_many_spellings_ends(void **state)
{
    const struct sek_context context = {.today = policy_day("2026-11-23")};
    char says[TEXT] = "vendor=";
    struct policy policy;

    (void)state;
    policy_open(&policy, "entities { e: e { label = \"l\"; alias = \"TENGU\"; }; }; rules { " RULE(
                             "r", "subject = <&e>;") " };");
    assert_string_equal(policy_judge(&policy, &context, SEK_CLASS_NONE, "vendor=I1LI1"),
                        "identified VND-001");
    for (unsigned i = 0; i < 20; i++)
        strcat(says, "I1LI1 ");
    assert_string_equal(policy_judge(&policy, &context, SEK_CLASS_NONE, says), "consult VND-008 r");
    policy_close(&policy);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_spelling_evades_an_exclusion),
        cmocka_unit_test(in_no_language_either),
        cmocka_unit_test(names_that_are_only_near_match_nothing),
        cmocka_unit_test(a_name_of_many_spellings_ends),
    };

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
