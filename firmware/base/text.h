/* Text from outside, made safe to show. Matching works on the decoded text, never on this. */
#ifndef SEK_BASE_TEXT_H
#define SEK_BASE_TEXT_H

#include "base/reader.h"

#include <stdbool.h>

/* Decodes one code point of UTF-8 at *pos and moves *pos behind it. Not valid there (overlong,
 * surrogate, above 10FFFF, cut): U+FFFD, and *pos moves one byte. pos must be inside. */
uint32_t sek_utf8_next(struct sek_bytes text, size_t *pos);

/* True if all of text is valid UTF-8 (RFC 3629). */
bool sek_utf8_valid(struct sek_bytes text);

/* Writes a code point as UTF-8 into out (1 to 4 bytes) and returns their number; what is no code
 * point is written as U+FFFD. */
size_t sek_utf8_put(uint32_t code_point, char out[4]);

/* Copies text into out, fit for a terminal, a log line or a document: valid UTF-8 without controls
 * (C0, DEL, C1), bidirectional and zero-width characters, line and paragraph separators, private
 * use and noncharacters; each of those becomes '?'. Cut at a character's border to fit cap, always
 * ends in NUL (cap at least 1). Returns the length without the NUL. */
size_t sek_text_clean(struct sek_bytes text, char *out, size_t cap);

/* Writes a number in decimal and a NUL; out holds 21. Returns the length without the NUL. */
size_t sek_text_decimal(uint64_t value, char *out);

/* Writes lower-case hex and a NUL; out holds 2 * bytes.len + 1. */
void sek_text_hex(struct sek_bytes bytes, char *out);

#endif
