#include "trust/names.h"

#include "base/text.h"

#include <string.h>

/* Soft hyphen, zero-width and bidirectional characters, and marks that combine with the letter
 * before them leave nothing. */
static bool invisible(uint32_t c)
{
    return c == 0xad || (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) ||
           (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || c == 0x180e || c == 0x34f || c == 0x61c ||
           (c >= 0xfe00 && c <= 0xfe0f);
}

static bool mark(uint32_t c)
{
    return (c >= 0x300 && c <= 0x36f) || (c >= 0x1ab0 && c <= 0x1aff) ||
           (c >= 0x20d0 && c <= 0x20ff) || (c >= 0xfe20 && c <= 0xfe2f);
}

static bool separates(uint32_t c)
{
    if (c < 0x80)
        return !((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'));
    return c == 0xfffd || (c >= 0x80 && c <= 0xbf && c != 0xaa && c != 0xb5 && c != 0xba) ||
           c == 0xd7 || c == 0xf7 || (c >= 0x2000 && c <= 0x206f) || (c >= 0x2190 && c <= 0x2bff) ||
           (c >= 0x3000 && c <= 0x3003) || (c >= 0x3008 && c <= 0x3020) || c == 0x30fb ||
           c == 0x1680 || c == 0xff65;
}

/* Upper case of the scripts that names on parts are written in. */
static uint32_t upper(uint32_t c)
{
    if ((c >= 'a' && c <= 'z') || (c >= 0xe0 && c <= 0xfe && c != 0xf7) ||
        (c >= 0x3b1 && c <= 0x3c9 && c != 0x3c2) || (c >= 0x430 && c <= 0x44f))
        return c - 0x20;
    if (c == 0x3c2) /* final sigma */
        return 0x3a3;
    if (c == 0xff)
        return 0x178;
    if (c == 0x131) /* dotless i */
        return 'I';
    if (c == 0x17f) /* long s */
        return 'S';
    if (c >= 0x450 && c <= 0x45f)
        return c - 0x50;
    if ((c >= 0x100 && c <= 0x137) || (c >= 0x14a && c <= 0x177) || (c >= 0x460 && c <= 0x481) ||
        (c >= 0x48a && c <= 0x4bf) || (c >= 0x4d0 && c <= 0x52f) || (c >= 0x1e00 && c <= 0x1eff))
        return c & ~(uint32_t)1;
    if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e) || (c >= 0x4c1 && c <= 0x4ce))
        return c & 1 ? c : c - 1;
    return c;
}

size_t sek_name_normalise(struct sek_bytes text, char *out, size_t cap, bool *cut)
{
    size_t len = 0;
    bool space = false, too_long = false;

    for (size_t pos = 0; pos < text.len;) {
        uint32_t c = sek_utf8_next(text, &pos);
        char bytes[4];
        size_t n;

        if (c >= 0xff01 && c <= 0xff5e)
            c -= 0xfee0;
        if (invisible(c))
            continue;
        c = upper(c);
        if (separates(c)) {
            space = len > 0;
            continue;
        }
        n = sek_utf8_put(c, bytes);
        if (len + n + (space ? 1 : 0) > cap) {
            too_long = true;
            break;
        }
        if (space)
            out[len++] = ' ';
        space = false;
        memcpy(out + len, bytes, n);
        len += n;
    }
    if (cut)
        *cut = too_long;
    return len;
}

/* The Latin capital that a capital letter looks like, or 0. The table stands in SPEC.md. */
static char latin(uint32_t c)
{
    static const struct {
        uint16_t from, to;
        char like;
    } ranges[] = {
        {0xc0, 0xc6, 'A'},   {0xc7, 0xc7, 'C'},   {0xc8, 0xcb, 'E'},   {0xcc, 0xcf, 'I'},
        {0xd0, 0xd0, 'D'},   {0xd1, 0xd1, 'N'},   {0xd2, 0xd6, 'O'},   {0xd8, 0xd8, 'O'},
        {0xd9, 0xdc, 'U'},   {0xdd, 0xdd, 'Y'},   {0x100, 0x105, 'A'}, {0x106, 0x10d, 'C'},
        {0x10e, 0x111, 'D'}, {0x112, 0x11b, 'E'}, {0x11c, 0x123, 'G'}, {0x124, 0x127, 'H'},
        {0x128, 0x131, 'I'}, {0x134, 0x135, 'J'}, {0x136, 0x138, 'K'}, {0x139, 0x142, 'L'},
        {0x143, 0x14b, 'N'}, {0x14c, 0x153, 'O'}, {0x154, 0x159, 'R'}, {0x15a, 0x161, 'S'},
        {0x162, 0x167, 'T'}, {0x168, 0x173, 'U'}, {0x174, 0x175, 'W'}, {0x176, 0x178, 'Y'},
        {0x179, 0x17e, 'Z'}, {0x391, 0x391, 'A'}, {0x392, 0x392, 'B'}, {0x395, 0x395, 'E'},
        {0x396, 0x396, 'Z'}, {0x397, 0x397, 'H'}, {0x399, 0x399, 'I'}, {0x39a, 0x39a, 'K'},
        {0x39c, 0x39c, 'M'}, {0x39d, 0x39d, 'N'}, {0x39f, 0x39f, 'O'}, {0x3a1, 0x3a1, 'P'},
        {0x3a4, 0x3a4, 'T'}, {0x3a5, 0x3a5, 'Y'}, {0x3a7, 0x3a7, 'X'}, {0x3f9, 0x3f9, 'C'},
        {0x401, 0x401, 'E'}, {0x405, 0x405, 'S'}, {0x406, 0x407, 'I'}, {0x408, 0x408, 'J'},
        {0x410, 0x410, 'A'}, {0x412, 0x412, 'B'}, {0x415, 0x415, 'E'}, {0x417, 0x417, 'Z'},
        {0x41a, 0x41a, 'K'}, {0x41c, 0x41c, 'M'}, {0x41d, 0x41d, 'H'}, {0x41e, 0x41e, 'O'},
        {0x420, 0x420, 'P'}, {0x421, 0x421, 'C'}, {0x422, 0x422, 'T'}, {0x423, 0x423, 'Y'},
        {0x425, 0x425, 'X'}, {0x4ae, 0x4b0, 'Y'}, {0x4ba, 0x4ba, 'H'}, {0x4c0, 0x4c0, 'I'},
        {0x50c, 0x50c, 'G'}, {0x51a, 0x51a, 'Q'}, {0x51c, 0x51c, 'W'},
    };

    if (c < 0x80)
        return (char)c;
    for (size_t i = 0; i < SEK_LEN(ranges); i++) {
        if (c >= ranges[i].from && c <= ranges[i].to)
            return ranges[i].like;
    }
    return 0;
}

static char one_of_look_alikes(char c)
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

size_t sek_name_skeleton(struct sek_bytes name, char *out, size_t cap)
{
    size_t len = 0;

    for (size_t pos = 0; pos < name.len;) {
        uint32_t c = sek_utf8_next(name, &pos);
        char like = latin(c), bytes[4];
        size_t n = 1;

        if (c == ' ' || mark(c))
            continue;
        if (like)
            bytes[0] = one_of_look_alikes(like);
        else
            n = sek_utf8_put(c, bytes);
        if (len + n > cap)
            break;
        memcpy(out + len, bytes, n);
        len += n;
    }
    return len;
}

size_t sek_name_letters(struct sek_bytes name)
{
    size_t count = 0;

    for (size_t pos = 0; pos < name.len;)
        count += sek_utf8_next(name, &pos) != ' ';
    return count;
}
