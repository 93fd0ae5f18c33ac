/* The small functions of hal/bare answer as the host's library and processor do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define strcmp       bare_strcmp
#define strlen       bare_strlen
#define strchr       bare_strchr
#define memchr       bare_memchr
#define memcpy       bare_memcpy
#define __udivmoddi4 bare_udivmod
int bare_strcmp(const char *a, const char *b);
size_t bare_strlen(const char *text);
char *bare_strchr(const char *text, int c);
void *bare_memchr(const void *bytes, int c, size_t len);
void *bare_memcpy(void *restrict out, const void *restrict from, size_t len);
#include "hal/bare/divide.c"
#include "hal/bare/string.c"
#undef strcmp
#undef strlen
#undef strchr
#undef memchr
#undef memcpy

static const char *const texts[] = {"", "a", "b", "ab", "abc", "abd", "\x80", "a\xff", "zz"};

static int sign(int n)
{
    return (n > 0) - (n < 0);
}

static void texts_are_compared_and_searched_as_by_the_host(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_int_equal(bare_strlen(texts[i]), strlen(texts[i]));
        for (size_t k = 0; k < sizeof texts / sizeof texts[0]; k++)
            assert_int_equal(sign(bare_strcmp(texts[i], texts[k])),
                             sign(strcmp(texts[i], texts[k])));
        for (int c = 0; c < 256; c++) {
            assert_ptr_equal(bare_strchr(texts[i], c), strchr(texts[i], c));
            assert_ptr_equal(bare_memchr(texts[i], c, strlen(texts[i])),
                             memchr(texts[i], c, strlen(texts[i])));
        }
    }
}

static void exactly_the_bytes_are_copied_from_and_to_anywhere(void **state)
{
    uint8_t from[24], out[24], expected[24];

    (void)state;
    for (size_t i = 0; i < sizeof from; i++)
        from[i] = (uint8_t)(0x80 + i);
    for (size_t to = 0; to < 5; to++) {
        for (size_t at = 0; at < 5; at++) {
            for (size_t len = 0; len < 19; len++) {
                memset(out, 0, sizeof out);
                memset(expected, 0, sizeof expected);
                memcpy(expected + to, from + at, len);
                assert_ptr_equal(bare_memcpy(out + to, from + at, len), out + to);
                assert_memory_equal(out, expected, sizeof out);
            }
        }
    }
}

static void numbers_are_divided_as_by_the_host(void **state)
{
    static const uint64_t numbers[] = {0,
                                       1,
                                       2,
                                       3,
                                       10,
                                       999,
                                       1000,
                                       UINT32_MAX,
                                       1ULL << 32,
                                       1ULL << 63,
                                       UINT64_MAX,
                                       UINT64_MAX - 1,
                                       0x123456789abcdef0};

    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        for (size_t k = 1; k < sizeof numbers / sizeof numbers[0]; k++) {
            uint64_t rest = 0;

            assert_true(bare_udivmod(numbers[i], numbers[k], &rest) == numbers[i] / numbers[k]);
            assert_true(rest == numbers[i] % numbers[k]);
            assert_true(bare_udivmod(numbers[i], numbers[k], NULL) == numbers[i] / numbers[k]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_compared_and_searched_as_by_the_host),
        cmocka_unit_test(exactly_the_bytes_are_copied_from_and_to_anywhere),
        cmocka_unit_test(numbers_are_divided_as_by_the_host),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
