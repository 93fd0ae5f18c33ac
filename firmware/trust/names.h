/* Names of makers, made comparable: what the trust store lists and what a part says go through the
 * same function. */
#ifndef SEK_TRUST_NAMES_H
#define SEK_TRUST_NAMES_H

#include "base/reader.h"

#include <stdbool.h>

enum {
    SEK_NORMAL_MAX = 512,     /* bytes of a normalised name; more is cut and marked */
    SEK_TOKENS_MAX = 128,     /* tokens of a name; more are never taken for "no match" */
    SEK_ALIAS_TOKENS = 6,     /* tokens of the longest alias */
    SEK_SKELETON_LETTERS = 6, /* an alias with fewer has no skeleton */
    SEK_SHORT_ALIAS = 4,      /* an alias with fewer letters needs a maker's field */
};

/* Normalises a text (UTF-8): full-width forms to ASCII, invisible characters dropped, upper case,
 * each run of what is neither letter nor digit to one space, none at the ends. Letters outside
 * ASCII are token characters; U+FFFD, no-break and ideographic spaces separate. Returns the length
 * (no NUL is written); *cut (may be NULL): it was longer than cap. */
size_t sek_name_normalise(struct sek_bytes text, char *out, size_t cap, bool *cut);

/* The same of a text in which characters that only imitate a Latin letter or digit (lower-case
 * Greek and Cyrillic, letters in circles, '@' for 'A', '3' for 'E', ...) were replaced by it
 * before. */
size_t sek_name_imitated(struct sek_bytes text, char *out, size_t cap, bool *cut);

/* Skeleton of a normalised name or of some of its tokens: marks stripped, letters that look like
 * Latin capitals replaced by them, {0 O}, {1 I L}, {5 S}, {8 B} one letter each, spaces removed.
 * Returns the length, at most name.len; out may not be name. The table stands in SPEC.md. */
size_t sek_name_skeleton(struct sek_bytes name, char *out, size_t cap);

/* Letters and digits of a normalised name. */
size_t sek_name_letters(struct sek_bytes name);

struct sek_token {
    uint16_t start, end; /* bytes in the normalised name */
    bool known;          /* belongs to an alias that stands there as it is */
};

struct sek_tokens {
    struct sek_token token[SEK_TOKENS_MAX];
    size_t count;
    bool overflow;
};

/* Splits a normalised name (at most SEK_NORMAL_MAX bytes) at its spaces. */
void sek_name_split(struct sek_bytes name, struct sek_tokens *tokens);

#endif
