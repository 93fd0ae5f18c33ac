#include "base/text.h"

enum { REPLACEMENT = 0xfffd };

uint32_t sek_utf8_next(struct sek_bytes text, size_t *pos)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000}; /* by length: no overlong forms */
    uint8_t first = text.data[(*pos)++];
    size_t len = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    uint32_t code;

    if (len == 1)
        return first;
    if (first < 0xc2 || first > 0xf4 || len - 1 > text.len - *pos)
        return REPLACEMENT;
    code = first & (0x7fu >> len);
    for (size_t i = 0; i < len - 1; i++) {
        uint8_t next = text.data[*pos + i];

        if ((next & 0xc0) != 0x80)
            return REPLACEMENT;
        code = code << 6 | (next & 0x3f);
    }
    if (code < least[len] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        return REPLACEMENT;
    *pos += len - 1;
    return code;
}

bool sek_utf8_valid(struct sek_bytes text)
{
    for (size_t pos = 0; pos < text.len;) {
        size_t start = pos;

        /* A written U+FFFD takes three bytes; one byte means "not valid here". */
        if (sek_utf8_next(text, &pos) == REPLACEMENT && pos - start == 1)
            return false;
    }
    return true;
}

size_t sek_utf8_put(uint32_t code_point, char out[4])
{
    if (code_point > 0x10ffff || (code_point >= 0xd800 && code_point <= 0xdfff))
        code_point = REPLACEMENT;
    if (code_point < 0x80) {
        out[0] = (char)code_point;
        return 1;
    }
    if (code_point < 0x800) {
        out[0] = (char)(0xc0 | code_point >> 6);
        out[1] = (char)(0x80 | (code_point & 0x3f));
        return 2;
    }
    if (code_point < 0x10000) {
        out[0] = (char)(0xe0 | code_point >> 12);
        out[1] = (char)(0x80 | (code_point >> 6 & 0x3f));
        out[2] = (char)(0x80 | (code_point & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | code_point >> 18);
    out[1] = (char)(0x80 | (code_point >> 12 & 0x3f));
    out[2] = (char)(0x80 | (code_point >> 6 & 0x3f));
    out[3] = (char)(0x80 | (code_point & 0x3f));
    return 4;
}

/* May a terminal or a document be shown this character? Ranges that may not, ascending: controls,
 * soft hyphen, Arabic letter mark, Mongolian vowel separator, zero-width and bidirectional marks,
 * separators, invisible operators, surrogates, private use, variation selectors, byte order mark,
 * interlinear marks, tags. Source: Unicode 15, general categories Cc, Cf, Zl, Zp, Co, Cn. */
static bool showable(uint32_t code)
{
    static const struct {
        uint32_t first, last;
    } hidden[] = {
        {0x0000, 0x001f},   {0x007f, 0x009f},   {0x00ad, 0x00ad},    {0x034f, 0x034f},
        {0x0600, 0x0605},   {0x061c, 0x061c},   {0x06dd, 0x06dd},    {0x070f, 0x070f},
        {0x08e2, 0x08e2},   {0x115f, 0x1160},   {0x17b4, 0x17b5},    {0x180b, 0x180f},
        {0x200b, 0x200f},   {0x2028, 0x202e},   {0x2060, 0x206f},    {0x3164, 0x3164},
        {0xd800, 0xf8ff},   {0xfdd0, 0xfdef},   {0xfe00, 0xfe0f},    {0xfeff, 0xfeff},
        {0xffa0, 0xffa0},   {0xfff0, 0xfffb},   {0x110bd, 0x110bd},  {0x13430, 0x1343f},
        {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0x10ffff},
    };

    if ((code & 0xfffe) == 0xfffe) /* the last two of each plane are noncharacters */
        return false;
    for (size_t i = 0; i < SEK_LEN(hidden) && code >= hidden[i].first; i++) {
        if (code <= hidden[i].last)
            return false;
    }
    return true;
}

size_t sek_text_clean(struct sek_bytes text, char *out, size_t cap)
{
    size_t len = 0;

    for (size_t pos = 0; pos < text.len;) {
        char utf8[4];
        uint32_t code = sek_utf8_next(text, &pos);
        size_t n = sek_utf8_put(showable(code) ? code : '?', utf8);

        if (n > cap - 1 - len)
            break;
        for (size_t i = 0; i < n; i++)
            out[len++] = utf8[i];
    }
    out[len] = '\0';
    return len;
}

void sek_text_hex(struct sek_bytes bytes, char *out)
{
    static const char digit[] = "0123456789abcdef";

    for (size_t i = 0; i < bytes.len; i++) {
        out[2 * i] = digit[bytes.data[i] >> 4];
        out[2 * i + 1] = digit[bytes.data[i] & 15];
    }
    out[2 * bytes.len] = '\0';
}

size_t sek_text_decimal(uint64_t value, char *out)
{
    char digits[20];
    size_t count = 0, len = 0;

    do {
        digits[count++] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    while (count > 0)
        out[len++] = digits[--count];
    out[len] = '\0';
    return len;
}
