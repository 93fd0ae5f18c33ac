/* Base64 (RFC 4648, 4), as signatures and certificates stand in text. */
#ifndef SEK_BASE_BASE64_H
#define SEK_BASE_BASE64_H

#include "base/reader.h"

/* Decodes text into out, which must hold 3 * text.len / 4 bytes; *len is set. Strict: whole groups
 * of four, padding only at the end, bits behind the last byte zero; LF may stand between groups
 * (PEM, RFC 7468), nothing else. SEK_ERR_MALFORMED. */
SEK_CHECKED enum sek_status sek_base64_decode(struct sek_bytes text, uint8_t *out, size_t *len);

/* Decodes what stands between "-----BEGIN label-----" at the start of text and its END line, which
 * must be the last thing in text but for one LF. Statuses as above. */
SEK_CHECKED enum sek_status sek_pem_decode(struct sek_bytes text, const char *label, uint8_t *out,
                                           size_t *len);

#endif
