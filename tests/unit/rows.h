/* Tables of cases: each row runs under its own name, which is its first member. Include behind
 * <cmocka.h>. */
#ifndef SEK_TESTS_UNIT_ROWS_H
#define SEK_TESTS_UNIT_ROWS_H

#include "base/bytes.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline void rows_put(struct CMUnitTest *out, const void *row, size_t size, size_t count,
                            CMUnitTestFunction test)
{
    for (size_t i = 0; i < count; i++) {
        const uint8_t *at = (const uint8_t *)row + i * size;
        const char *name;

        memcpy(&name, at, sizeof name);
        out[i] = (struct CMUnitTest){name, test, NULL, NULL, (void *)(uintptr_t)at};
    }
}

/* Runs the tests of the array `fixed`, then `test` with each row of the array `rows` as state. */
#define ROWS_RUN(fixed, rows, test, set_up, tear_down)                                             \
    do {                                                                                           \
        static struct CMUnitTest all_[SEK_LEN(fixed) + SEK_LEN(rows)];                             \
                                                                                                   \
        memcpy(all_, fixed, sizeof(fixed));                                                        \
        rows_put(all_ + SEK_LEN(fixed), rows, sizeof(rows)[0], SEK_LEN(rows), test);               \
        return cmocka_run_group_tests(all_, set_up, tear_down);                                    \
    } while (0)

#endif
