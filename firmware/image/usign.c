#include "image/usign.h"

#include "base/base64.h"

#include <string.h>

static const char comment[] = "untrusted comment: ";
static const uint8_t algorithm[] = {'E', 'd'};

enum {
    HINT_AT = sizeof algorithm,
    VALUE_AT = HINT_AT + SEK_USIGN_HINT_LEN,
    KEY_LEN = VALUE_AT + SEK_ED25519_KEY_LEN,
    SIGNATURE_LEN = VALUE_AT + SEK_ED25519_LEN,
    BYTES_MAX = SIGNATURE_LEN + 1, /* what whole groups of base64 decode to at most */
};

/* Length of the comment line with its LF; 0: it is none. */
static size_t comment_len(struct sek_bytes text)
{
    size_t at = sizeof comment - 1;

    if (text.len < at || memcmp(text.data, comment, at) != 0)
        return 0;
    while (at < text.len && text.data[at] >= ' ' && text.data[at] != 0x7f)
        at++;
    return at < text.len && text.data[at] == '\n' ? at + 1 : 0;
}

/* Decodes a text to exactly len bytes that begin with the algorithm. */
static enum sek_status decode(struct sek_bytes text, uint8_t bytes[BYTES_MAX], size_t len)
{
    size_t skip = comment_len(text), found = 0;

    if (skip == 0 || text.len > SEK_USIGN_TEXT_MAX)
        return SEK_ERR_MALFORMED;
    text.data += skip;
    text.len -= skip;
    if (text.len > 0 && text.data[text.len - 1] == '\n')
        text.len--;
    if (text.len != (len + 2) / 3 * 4 || memchr(text.data, '\n', text.len) ||
        sek_base64_decode(text, bytes, &found) != SEK_OK || found != len)
        return SEK_ERR_MALFORMED;
    return memcmp(bytes, algorithm, sizeof algorithm) == 0 ? SEK_OK : SEK_ERR_MALFORMED;
}

enum sek_status sek_usign_signature(struct sek_bytes text, struct sek_usign_signature *out)
{
    uint8_t bytes[BYTES_MAX];
    enum sek_status status = decode(text, bytes, SIGNATURE_LEN);

    if (status != SEK_OK)
        return status;
    memcpy(out->hint, bytes + HINT_AT, sizeof out->hint);
    memcpy(out->value, bytes + VALUE_AT, sizeof out->value);
    return SEK_OK;
}

enum sek_status sek_usign_key(struct sek_bytes text, uint8_t spki[SEK_USIGN_SPKI_LEN])
{
    /* SEQUENCE { SEQUENCE { OID 1.3.101.112 } BIT STRING }, RFC 8410, 4 */
    static const uint8_t head[] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                   0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};
    uint8_t bytes[BYTES_MAX];
    enum sek_status status = decode(text, bytes, KEY_LEN);

    if (status != SEK_OK)
        return status;
    memcpy(spki, head, sizeof head);
    memcpy(spki + sizeof head, bytes + VALUE_AT, SEK_ED25519_KEY_LEN);
    return SEK_OK;
}
