/* U09: versions of firmware. What cannot be compared is never "new enough". */
#include "base/status.h"
#include "trust/version.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { NOBODY_KNOWS = 99 };

static const struct {
    const char *a, *b;
    int order; /* of a before b: -1, 0, 1, NOBODY_KNOWS */
} pairs[] = {
    /* numbers, not letters */
    {"1.9", "1.10", -1},
    {"1.09", "1.9", 0},
    {"1.2", "1.12", -1},
    {"2", "10", -1},
    {"9.99.999", "10", -1},
    {"0.9", "0.10.1", -1},
    {"2026.05", "2026.11", -1},
    {"20261123", "20261122", 1},
    /* parts that are missing are 0 */
    {"4.2", "4.2.0", 0},
    {"4", "4.0.0.0.0.0.0.0", 0},
    {"4.2", "4.2.1", -1},
    {"4.2.0.1", "4.2", 1},
    {"0", "0.0", 0},
    {"1.0.0.0.0.0.0.1", "1", 1},
    /* leading v, leading zeros */
    {"v1.2", "1.2", 0},
    {"V1.2", "v1.2", 0},
    {"v1.2", "v1.3", -1},
    {"001.002", "1.2", 0},
    {"00000000000000000001", "1", 0},
    /* endings are told apart, not ordered */
    {"1.2-rc1", "1.2-rc1", 0},
    {"1.2-rc1", "1.2", NOBODY_KNOWS},
    {"1.2-rc1", "1.2-rc2", NOBODY_KNOWS},
    {"1.2+build5", "1.2", NOBODY_KNOWS},
    {"1.2+build5", "1.2+build5", 0},
    {"1.2-", "1.2", NOBODY_KNOWS},
    {"1.2-rc1", "1.3", -1},
    {"1.3-rc1", "1.2", 1},
    {"1.3-rc1", "1.3-rc1.1", NOBODY_KNOWS},
    {"1.2.0-rc1", "1.2-rc1", 0},
    {"v2-beta", "2-beta", 0},
    /* the borders of u32 */
    {"4294967295", "4294967294", 1},
    {"4294967295", "0", 1},
    {"2147483647", "2147483648", -1},
    {"1.4294967295", "1.4294967295", 0},
    {"4294967296", "1", NOBODY_KNOWS},
    {"1", "4294967296", NOBODY_KNOWS},
    {"1.99999999999999999999", "1", NOBODY_KNOWS},
    {"18446744073709551616", "1", NOBODY_KNOWS},
    {"18446744073709551617", "1", NOBODY_KNOWS},
    /* what is no version */
    {"", "1", NOBODY_KNOWS},
    {"1", "", NOBODY_KNOWS},
    {"", "", NOBODY_KNOWS},
    {"v", "1", NOBODY_KNOWS},
    {"vv1", "1", NOBODY_KNOWS},
    {".", "1", NOBODY_KNOWS},
    {".1", "1", NOBODY_KNOWS},
    {"1.", "1", NOBODY_KNOWS},
    {"1..2", "1", NOBODY_KNOWS},
    {"1.2.", "1.2", NOBODY_KNOWS},
    {" 1.2", "1.2", NOBODY_KNOWS},
    {"1.2 ", "1.2", NOBODY_KNOWS},
    {"1.2\n", "1.2", NOBODY_KNOWS},
    {"-1", "0", NOBODY_KNOWS},
    {"+1", "1", NOBODY_KNOWS},
    {"1.2a", "1.2", NOBODY_KNOWS},
    {"1,2", "1.2", NOBODY_KNOWS},
    {"1.x", "1.0", NOBODY_KNOWS},
    {"0x10", "16", NOBODY_KNOWS},
    {"1e3", "1000", NOBODY_KNOWS},
    {"r1", "1", NOBODY_KNOWS},
    {"latest", "1", NOBODY_KNOWS},
    {"9999-rc", "latest", NOBODY_KNOWS},
    {"\xef\xbc\x91", "1", NOBODY_KNOWS}, /* full-width 1 */
    {"1.2.3.4.5.6.7.8", "1.2.3.4.5.6.7.8", 0},
    {"1.2.3.4.5.6.7.8.9", "1", NOBODY_KNOWS},
};

static void expect(const char *a, const char *b, int order)
{
    int seen = NOBODY_KNOWS;
    bool known = sek_version_compare(a, b, &seen);

    if (known != (order != NOBODY_KNOWS) || (known ? seen : NOBODY_KNOWS) != order)
        fail_msg("\"%s\" and \"%s\": %d", a, b, known ? seen : NOBODY_KNOWS);
}

static void sixty_pairs_compare_both_ways(void **state)
{
    (void)state;
    assert_true(SEK_LEN(pairs) >= 60);
    for (size_t i = 0; i < SEK_LEN(pairs); i++) {
        expect(pairs[i].a, pairs[i].b, pairs[i].order);
        expect(pairs[i].b, pairs[i].a,
               pairs[i].order == NOBODY_KNOWS ? NOBODY_KNOWS : -pairs[i].order);
    }
}

/* Numbers at the borders of signed and unsigned types, all against all. */
static void borders_compare_as_numbers(void **state)
{
    static const char *const ascending[] = {
        "0",          "1",          "2",          "126",        "127",
        "128",        "254",        "255",        "256",        "32767",
        "32768",      "65535",      "65536",      "16777215",   "2147483646",
        "2147483647", "2147483648", "2147483649", "4294967294", "4294967295",
    };

    (void)state;
    assert_int_equal(SEK_LEN(ascending), 20);
    for (size_t i = 0; i < SEK_LEN(ascending); i++) {
        for (size_t k = 0; k < SEK_LEN(ascending); k++)
            expect(ascending[i], ascending[k], i < k ? -1 : i > k);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(sixty_pairs_compare_both_ways),
        cmocka_unit_test(borders_compare_as_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
