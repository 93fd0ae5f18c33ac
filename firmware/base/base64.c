#include "base/base64.h"

#include <stdbool.h>
#include <string.h>

enum { NO_DIGIT = 64 };

static unsigned digit(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26u;
    if (c >= '0' && c <= '9')
        return c - '0' + 52u;
    return c == '+' ? 62 : c == '/' ? 63 : NO_DIGIT;
}

/* One group of four: the number of its bytes, 0 if it is none. */
static size_t decode_group(const uint8_t group[4], uint8_t out[3])
{
    size_t digits = 0, bytes;
    uint32_t bits = 0;

    while (digits < 4 && group[digits] != '=') {
        if (digit(group[digits]) == NO_DIGIT)
            return 0;
        bits = bits << 6 | digit(group[digits++]);
    }
    for (size_t i = digits; i < 4; i++) {
        if (group[i] != '=')
            return 0;
        bits <<= 6;
    }
    if (digits < 2)
        return 0;
    bytes = digits - 1;
    if (bits & ((UINT32_C(1) << 8 * (3 - bytes)) - 1))
        return 0;
    for (size_t i = 0; i < bytes; i++)
        out[i] = (uint8_t)(bits >> (16 - 8 * i));
    return bytes;
}

enum sek_status sek_base64_decode(struct sek_bytes text, uint8_t *out, size_t *len)
{
    size_t at = 0, done = 0;
    bool padded = false;

    while (at < text.len) {
        size_t bytes;

        if (text.data[at] == '\n') {
            at++;
            continue;
        }
        if (padded || text.len - at < 4)
            return SEK_ERR_MALFORMED;
        bytes = decode_group(text.data + at, out + done);
        if (bytes == 0)
            return SEK_ERR_MALFORMED;
        padded = bytes < 3;
        done += bytes;
        at += 4;
    }
    *len = done;
    return SEK_OK;
}

/* Takes "-----WORD label-----" and its LF (which the last line may lack) from text. */
static bool take_line(struct sek_bytes *text, const char *word, const char *label)
{
    static const char dashes[] = "-----";
    const char *part[] = {dashes, word, label, dashes};

    for (size_t i = 0; i < SEK_LEN(part); i++) {
        size_t len = strlen(part[i]);

        if (text->len < len || memcmp(text->data, part[i], len) != 0)
            return false;
        text->data += len;
        text->len -= len;
    }
    if (text->len > 0 && text->data[0] != '\n')
        return false;
    if (text->len > 0) {
        text->data++;
        text->len--;
    }
    return true;
}

enum sek_status sek_pem_decode(struct sek_bytes text, const char *label, uint8_t *out, size_t *len)
{
    struct sek_bytes body;
    const uint8_t *end;

    if (!take_line(&text, "BEGIN ", label))
        return SEK_ERR_MALFORMED;
    end = memchr(text.data, '-', text.len);
    if (!end)
        return SEK_ERR_MALFORMED;
    body = (struct sek_bytes){text.data, (size_t)(end - text.data)};
    text = (struct sek_bytes){end, text.len - body.len};
    if (!take_line(&text, "END ", label) || text.len > 0)
        return SEK_ERR_MALFORMED;
    return sek_base64_decode(body, out, len);
}
