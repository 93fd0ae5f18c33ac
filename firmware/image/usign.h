/* Keys and signatures of usign and signify: a line that nobody signs, a line of base64. Source:
 * OpenBSD, signify(1); OpenWrt's usign writes the same. */
#ifndef SEK_IMAGE_USIGN_H
#define SEK_IMAGE_USIGN_H

#include "base/reader.h"
#include "crypto/ed25519.h"

enum {
    SEK_USIGN_HINT_LEN = 8,    /* a random number that a key and its signatures share */
    SEK_USIGN_SPKI_LEN = 44,   /* RFC 8410, 4 */
    SEK_USIGN_TEXT_MAX = 1400, /* signify's comment, 1024, and its base64 */
};

struct sek_usign_signature {
    uint8_t hint[SEK_USIGN_HINT_LEN]; /* of the key; a look-up hint only */
    uint8_t value[SEK_ED25519_LEN];
};

/* Reads the text of a signature. Strict: a comment line of printable text, one line of base64, and
 * nothing else but its LF. SEK_ERR_MALFORMED: *out untouched. */
SEK_CHECKED enum sek_status sek_usign_signature(struct sek_bytes text,
                                                struct sek_usign_signature *out);

/* Reads the text of a public key as a SubjectPublicKeyInfo. Statuses as above. */
SEK_CHECKED enum sek_status sek_usign_key(struct sek_bytes text, uint8_t spki[SEK_USIGN_SPKI_LEN]);

#endif
