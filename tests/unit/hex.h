/* Hex strings of test tables as bytes; blanks between digits are passed over. */
#ifndef SEK_TESTS_UNIT_HEX_H
#define SEK_TESTS_UNIT_HEX_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline size_t from_hex(const char *hex, uint8_t *out, size_t cap)
{
    static const char digits[] = "0123456789abcdef";
    size_t nibbles = 0;

    for (; *hex; hex++) {
        const char *digit = strchr(digits, *hex);

        if (*hex == ' ')
            continue;
        assert(digit && nibbles / 2 < cap);
        if (nibbles % 2 == 0)
            out[nibbles / 2] = (uint8_t)((digit - digits) << 4);
        else
            out[nibbles / 2] |= (uint8_t)(digit - digits);
        nibbles++;
    }
    assert(nibbles % 2 == 0);
    return nibbles / 2;
}

#endif
