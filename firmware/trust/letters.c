#include "trust/letters.h"

#include "base/status.h"

#include <stddef.h>

struct alike {
    uint16_t first;
    uint8_t more; /* code points behind it that look alike */
    char like;
};

/* Ascending ranges; 0: none fits. */
static char find(const struct alike *table, size_t count, uint32_t c)
{
    for (size_t i = 0; i < count && c >= table[i].first; i++) {
        if (c - table[i].first <= table[i].more)
            return table[i].like;
    }
    return 0;
}

uint32_t sek_letter_imitated(uint32_t c)
{
    static const struct alike table[] = {
        {'!', 0, 'I'},    {'$', 0, 'S'},    {'2', 0, 'Z'},    {'3', 0, 'E'},    {'4', 0, 'A'},
        {'6', 0, 'G'},    {'7', 0, 'T'},    {'9', 0, 'G'},    {'@', 0, 'A'},    {'|', 0, 'I'},
        {0xa2, 0, 'C'},   {0xa3, 0, 'L'},   {0xa5, 0, 'Y'},   {0x3ac, 0, 'A'},  {0x3ad, 0, 'E'},
        {0x3ae, 0, 'N'},  {0x3af, 0, 'I'},  {0x3b3, 0, 'Y'},  {0x3b7, 0, 'N'},  {0x3bc, 0, 'U'},
        {0x3bd, 0, 'V'},  {0x3c0, 0, 'N'},  {0x3c3, 0, 'O'},  {0x3c5, 0, 'U'},  {0x3c9, 0, 'W'},
        {0x3ca, 0, 'I'},  {0x3cb, 0, 'U'},  {0x3cc, 0, 'O'},  {0x3cd, 0, 'U'},  {0x3ce, 0, 'W'},
        {0x433, 0, 'R'},  {0x438, 0, 'U'},  {0x43f, 0, 'N'},  {0x446, 0, 'U'},  {0x448, 1, 'W'},
        {0x44a, 0, 'B'},  {0x44c, 0, 'B'},  {0x461, 0, 'W'},  {0x475, 0, 'V'},  {0x20ac, 0, 'E'},
        {0x2102, 0, 'C'}, {0x210a, 0, 'G'}, {0x210b, 3, 'H'}, {0x2110, 1, 'I'}, {0x2112, 1, 'L'},
        {0x2115, 0, 'N'}, {0x2119, 0, 'P'}, {0x211a, 0, 'Q'}, {0x211b, 2, 'R'}, {0x2124, 0, 'Z'},
        {0x2126, 0, 'O'}, {0x212a, 0, 'K'}, {0x212b, 0, 'A'}, {0x212c, 0, 'B'}, {0x212d, 0, 'C'},
        {0x212e, 2, 'E'}, {0x2131, 0, 'F'}, {0x2133, 0, 'M'}, {0x2134, 0, 'O'}, {0x2139, 0, 'I'},
        {0x2145, 1, 'D'}, {0x2147, 0, 'E'}, {0x2148, 0, 'I'}, {0x2149, 0, 'J'}, {0x2160, 0, 'I'},
        {0x2164, 0, 'V'}, {0x2169, 0, 'X'}, {0x216c, 0, 'L'}, {0x216d, 0, 'C'}, {0x216e, 0, 'D'},
        {0x216f, 0, 'M'}, {0x2170, 0, 'I'}, {0x2174, 0, 'V'}, {0x2179, 0, 'X'}, {0x217c, 0, 'L'},
        {0x217d, 0, 'C'}, {0x217e, 0, 'D'}, {0x217f, 0, 'M'}, {0x24ea, 0, '0'},
    };
    char like;

    if (c >= 0x249c && c <= 0x24e9) /* in parentheses, capitals and small letters in circles */
        return 'A' + (c < 0x24b6 ? c - 0x249c : (c - 0x24b6) % 26);
    if (c >= 0x1d400 && c <= 0x1d6a3) /* mathematical alphabets: capitals, small letters, ... */
        return 'A' + (c - 0x1d400) % 26;
    if (c >= 0x1d7ce && c <= 0x1d7ff)
        return '0' + (c - 0x1d7ce) % 10;
    if (c >= 0x1f110 && c <= 0x1f189) /* capitals in parentheses, squares, circles */
        return (c - 0x1f110) % 32 < 26 ? 'A' + (c - 0x1f110) % 32 : c;
    like = find(table, SEK_LEN(table), c);
    return like ? (uint32_t)(unsigned char)like : c;
}

/* Marks that combine with the letter before them, and letters that only modify others. */
static bool mark(uint32_t c)
{
    return (c >= 0x2b0 && c <= 0x36f) || c == 0x559 || c == 0x640 || (c >= 0x1ab0 && c <= 0x1aff) ||
           (c >= 0x1d2c && c <= 0x1d6a) || (c >= 0x1dc0 && c <= 0x1dff) ||
           (c >= 0x20d0 && c <= 0x20ff) || (c >= 0xa700 && c <= 0xa721) ||
           (c >= 0xa788 && c <= 0xa78c) || (c >= 0xfe20 && c <= 0xfe2f);
}

static uint32_t one_of_look_alikes(uint32_t c)
{
    switch (c) {
    case '0':
        return 'O';
    case '1':
    case 'L':
        return 'I';
    case '5':
        return 'S';
    case '8':
        return 'B';
    default:
        return c;
    }
}

uint32_t sek_letter_skeleton(uint32_t c)
{
    static const struct alike table[] = {
        /* Latin with marks: Latin-1, Extended-A, Extended-B */
        {0xc0, 6, 'A'},
        {0xc7, 0, 'C'},
        {0xc8, 3, 'E'},
        {0xcc, 3, 'I'},
        {0xd0, 0, 'D'},
        {0xd1, 0, 'N'},
        {0xd2, 4, 'O'},
        {0xd8, 0, 'O'},
        {0xd9, 3, 'U'},
        {0xdd, 0, 'Y'},
        {0xdf, 0, 'B'},
        {0x100, 5, 'A'},
        {0x106, 7, 'C'},
        {0x10e, 3, 'D'},
        {0x112, 9, 'E'},
        {0x11c, 7, 'G'},
        {0x124, 3, 'H'},
        {0x128, 9, 'I'},
        {0x134, 1, 'J'},
        {0x136, 2, 'K'},
        {0x139, 9, 'L'},
        {0x143, 8, 'N'},
        {0x14c, 7, 'O'},
        {0x154, 5, 'R'},
        {0x15a, 7, 'S'},
        {0x162, 5, 'T'},
        {0x168, 11, 'U'},
        {0x174, 1, 'W'},
        {0x176, 2, 'Y'},
        {0x179, 5, 'Z'},
        {0x180, 5, 'B'},
        {0x187, 1, 'C'},
        {0x189, 3, 'D'},
        {0x18e, 2, 'E'},
        {0x191, 1, 'F'},
        {0x193, 0, 'G'},
        {0x196, 1, 'I'},
        {0x198, 1, 'K'},
        {0x19a, 0, 'L'},
        {0x19d, 1, 'N'},
        {0x19f, 2, 'O'},
        {0x1a4, 1, 'P'},
        {0x1a6, 0, 'R'},
        {0x1ab, 3, 'T'},
        {0x1af, 2, 'U'},
        {0x1b2, 0, 'V'},
        {0x1b3, 1, 'Y'},
        {0x1b5, 1, 'Z'},
        {0x1cd, 1, 'A'},
        {0x1cf, 1, 'I'},
        {0x1d1, 1, 'O'},
        {0x1d3, 9, 'U'},
        {0x1de, 3, 'A'},
        {0x1e4, 3, 'G'},
        {0x1e8, 1, 'K'},
        {0x1ea, 3, 'O'},
        {0x1f0, 0, 'J'},
        {0x1f4, 1, 'G'},
        {0x1f8, 1, 'N'},
        {0x1fa, 1, 'A'},
        {0x1fe, 1, 'O'},
        {0x200, 3, 'A'},
        {0x204, 3, 'E'},
        {0x208, 3, 'I'},
        {0x20c, 3, 'O'},
        {0x210, 3, 'R'},
        {0x214, 3, 'U'},
        {0x218, 1, 'S'},
        {0x21a, 1, 'T'},
        {0x21e, 1, 'H'},
        {0x220, 0, 'N'},
        {0x224, 1, 'Z'},
        {0x226, 1, 'A'},
        {0x228, 1, 'E'},
        {0x22a, 7, 'O'},
        {0x232, 1, 'Y'},
        {0x23a, 0, 'A'},
        {0x23b, 1, 'C'},
        {0x23d, 0, 'L'},
        {0x23e, 0, 'T'},
        {0x243, 0, 'B'},
        {0x244, 0, 'U'},
        {0x246, 1, 'E'},
        {0x248, 1, 'J'},
        {0x24c, 1, 'R'},
        {0x24e, 1, 'Y'},
        /* phonetic letters */
        {0x251, 0, 'A'},
        {0x253, 0, 'B'},
        {0x256, 1, 'D'},
        {0x25b, 0, 'E'},
        {0x260, 2, 'G'},
        {0x266, 1, 'H'},
        {0x268, 2, 'I'},
        {0x26b, 2, 'L'},
        {0x26f, 2, 'M'},
        {0x272, 2, 'N'},
        {0x275, 0, 'O'},
        {0x27c, 4, 'R'},
        {0x282, 0, 'S'},
        {0x288, 0, 'T'},
        {0x289, 1, 'U'},
        {0x28b, 0, 'V'},
        {0x28f, 0, 'Y'},
        {0x290, 1, 'Z'},
        {0x299, 0, 'B'},
        {0x29c, 0, 'H'},
        {0x29f, 0, 'L'},
        /* Greek */
        {0x37f, 0, 'J'},
        {0x386, 0, 'A'},
        {0x388, 0, 'E'},
        {0x389, 0, 'H'},
        {0x38a, 0, 'I'},
        {0x38c, 0, 'O'},
        {0x38e, 0, 'Y'},
        {0x391, 0, 'A'},
        {0x392, 0, 'B'},
        {0x395, 0, 'E'},
        {0x396, 0, 'Z'},
        {0x397, 0, 'H'},
        {0x398, 0, 'O'},
        {0x399, 0, 'I'},
        {0x39a, 0, 'K'},
        {0x39c, 0, 'M'},
        {0x39d, 0, 'N'},
        {0x39f, 0, 'O'},
        {0x3a1, 0, 'P'},
        {0x3a4, 0, 'T'},
        {0x3a5, 0, 'Y'},
        {0x3a7, 0, 'X'},
        {0x3aa, 0, 'I'},
        {0x3ab, 0, 'Y'},
        {0x3cf, 0, 'K'},
        {0x3dc, 1, 'F'},
        {0x3f2, 0, 'C'},
        {0x3f3, 0, 'J'},
        {0x3f4, 0, 'O'},
        {0x3f9, 0, 'C'},
        {0x3fa, 1, 'M'},
        /* Cyrillic */
        {0x400, 1, 'E'},
        {0x405, 0, 'S'},
        {0x406, 1, 'I'},
        {0x408, 0, 'J'},
        {0x40d, 0, 'N'},
        {0x40e, 0, 'Y'},
        {0x410, 0, 'A'},
        {0x412, 0, 'B'},
        {0x415, 0, 'E'},
        {0x417, 0, 'Z'},
        {0x418, 1, 'N'},
        {0x41a, 0, 'K'},
        {0x41c, 0, 'M'},
        {0x41d, 0, 'H'},
        {0x41e, 0, 'O'},
        {0x420, 0, 'P'},
        {0x421, 0, 'C'},
        {0x422, 0, 'T'},
        {0x423, 0, 'Y'},
        {0x425, 0, 'X'},
        {0x42f, 0, 'R'},
        {0x474, 3, 'V'},
        {0x49a, 7, 'K'},
        {0x4a2, 3, 'H'},
        {0x4aa, 1, 'C'},
        {0x4ac, 1, 'T'},
        {0x4ae, 3, 'Y'},
        {0x4b2, 1, 'X'},
        {0x4ba, 1, 'H'},
        {0x4c0, 0, 'I'},
        {0x4cf, 0, 'I'},
        {0x4d0, 5, 'A'},
        {0x4d6, 1, 'E'},
        {0x4e6, 4, 'O'},
        {0x4ee, 5, 'Y'},
        {0x500, 1, 'D'},
        {0x50c, 1, 'G'},
        {0x51a, 1, 'Q'},
        {0x51c, 1, 'W'},
        /* Armenian */
        {0x53c, 0, 'L'},
        {0x54d, 0, 'U'},
        {0x54f, 0, 'S'},
        {0x555, 0, 'O'},
        {0x570, 0, 'H'},
        {0x578, 0, 'N'},
        {0x57d, 0, 'U'},
        {0x581, 0, 'G'},
        {0x585, 0, 'O'},
        /* small capitals, Latin Extended Additional */
        {0x1d00, 1, 'A'},
        {0x1d03, 0, 'B'},
        {0x1d04, 0, 'C'},
        {0x1d05, 1, 'D'},
        {0x1d07, 0, 'E'},
        {0x1d0a, 0, 'J'},
        {0x1d0b, 0, 'K'},
        {0x1d0c, 0, 'L'},
        {0x1d0d, 0, 'M'},
        {0x1d0e, 0, 'N'},
        {0x1d0f, 2, 'O'},
        {0x1d18, 0, 'P'},
        {0x1d19, 1, 'R'},
        {0x1d1b, 0, 'T'},
        {0x1d1c, 0, 'U'},
        {0x1d20, 0, 'V'},
        {0x1d21, 0, 'W'},
        {0x1d22, 0, 'Z'},
        {0x1e00, 1, 'A'},
        {0x1e02, 5, 'B'},
        {0x1e08, 1, 'C'},
        {0x1e0a, 9, 'D'},
        {0x1e14, 9, 'E'},
        {0x1e1e, 1, 'F'},
        {0x1e20, 1, 'G'},
        {0x1e22, 9, 'H'},
        {0x1e2c, 3, 'I'},
        {0x1e30, 5, 'K'},
        {0x1e36, 7, 'L'},
        {0x1e3e, 5, 'M'},
        {0x1e44, 7, 'N'},
        {0x1e4c, 7, 'O'},
        {0x1e54, 3, 'P'},
        {0x1e58, 7, 'R'},
        {0x1e60, 9, 'S'},
        {0x1e6a, 7, 'T'},
        {0x1e72, 9, 'U'},
        {0x1e7c, 3, 'V'},
        {0x1e80, 9, 'W'},
        {0x1e8a, 3, 'X'},
        {0x1e8e, 1, 'Y'},
        {0x1e90, 5, 'Z'},
        {0x1e96, 0, 'H'},
        {0x1e97, 0, 'T'},
        {0x1e98, 0, 'W'},
        {0x1e99, 0, 'Y'},
        {0x1ea0, 23, 'A'},
        {0x1eb8, 15, 'E'},
        {0x1ec8, 3, 'I'},
        {0x1ecc, 23, 'O'},
        {0x1ee4, 13, 'U'},
        {0x1ef2, 7, 'Y'},
        {0x1efe, 1, 'Y'},
    };
    char like;

    if (mark(c))
        return 0;
    like = find(table, SEK_LEN(table), c);
    return one_of_look_alikes(like ? (uint32_t)(unsigned char)like : c);
}

bool sek_letter_foreign(uint32_t c)
{
    return sek_letter_skeleton(c) == c &&
           ((c >= 0x370 && c < 0x2e80) || (c >= 0xa000 && c < 0xac00) ||
            (c >= 0x10000 && c < 0x20000));
}
