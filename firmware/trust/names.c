#include "trust/names.h"

#include "base/text.h"
#include "trust/letters.h"

#include <string.h>

/* Soft hyphen, fillers, zero-width and bidirectional characters, variation selectors, tags: they
 * leave nothing. Ascending. Source: Unicode 15, property Default_Ignorable_Code_Point, and Cf. */
static bool invisible(uint32_t c)
{
    static const struct {
        uint32_t first, last;
    } ranges[] = {
        {0x00ad, 0x00ad},   {0x034f, 0x034f}, {0x061c, 0x061c},   {0x115f, 0x1160},
        {0x17b4, 0x17b5},   {0x180b, 0x180f}, {0x200b, 0x200f},   {0x202a, 0x202e},
        {0x2060, 0x206f},   {0x3164, 0x3164}, {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},
        {0xffa0, 0xffa0},   {0xfff0, 0xfffb}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a},
        {0xe0000, 0xe0fff},
    };

    for (size_t i = 0; i < SEK_LEN(ranges) && c >= ranges[i].first; i++) {
        if (c <= ranges[i].last)
            return true;
    }
    return false;
}

static bool separates(uint32_t c)
{
    if (c < 0x80)
        return !((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'));
    return c == 0xfffd || (c >= 0x80 && c <= 0xbf && c != 0xaa && c != 0xb5 && c != 0xba) ||
           c == 0xd7 || c == 0xf7 || (c >= 0x2000 && c <= 0x206f) || (c >= 0x2190 && c <= 0x2bff) ||
           (c >= 0x3000 && c <= 0x3003) || (c >= 0x3008 && c <= 0x3020) || c == 0x30fb ||
           c == 0x1680 || c == 0xff65 || (c >= 0xe000 && c <= 0xf8ff) || c == 0xfffc;
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
        (c >= 0x48a && c <= 0x4bf) || (c >= 0x4d0 && c <= 0x52f) || (c >= 0x1e00 && c <= 0x1e95) ||
        (c >= 0x1ea0 && c <= 0x1eff))
        return c & ~(uint32_t)1;
    if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e) || (c >= 0x4c1 && c <= 0x4ce))
        return c & 1 ? c : c - 1;
    return c;
}

static size_t normalise(struct sek_bytes text, uint32_t (*map)(uint32_t), char *out, size_t cap,
                        bool *cut)
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
        c = upper(map ? map(c) : c);
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

size_t sek_name_normalise(struct sek_bytes text, char *out, size_t cap, bool *cut)
{
    return normalise(text, NULL, out, cap, cut);
}

size_t sek_name_imitated(struct sek_bytes text, char *out, size_t cap, bool *cut)
{
    return normalise(text, sek_letter_imitated, out, cap, cut);
}

size_t sek_name_letters(struct sek_bytes name)
{
    size_t count = 0;

    for (size_t pos = 0; pos < name.len;)
        count += sek_utf8_next(name, &pos) != ' ';
    return count;
}

size_t sek_name_skeleton(struct sek_bytes name, char *out, size_t cap)
{
    size_t len = 0;

    for (size_t pos = 0; pos < name.len;) {
        uint32_t c = sek_letter_skeleton(sek_utf8_next(name, &pos));
        char bytes[4];
        size_t n;

        if (c == ' ' || c == 0)
            continue;
        n = sek_utf8_put(c, bytes);
        if (len + n > cap)
            break;
        memcpy(out + len, bytes, n);
        len += n;
    }
    return len;
}

void sek_name_split(struct sek_bytes name, struct sek_tokens *tokens)
{
    size_t start = 0;

    tokens->count = 0;
    tokens->overflow = false;
    for (size_t i = 0; i <= name.len; i++) {
        if (i < name.len && name.data[i] != ' ')
            continue;
        if (i > start) {
            if (tokens->count == SEK_TOKENS_MAX) {
                tokens->overflow = true;
                return;
            }
            tokens->token[tokens->count++] =
                (struct sek_token){(uint16_t)start, (uint16_t)i, false};
        }
        start = i + 1;
    }
}
