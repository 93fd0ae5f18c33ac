/* Letters that look like others. The tables stand in SPEC.md, too. */
#ifndef SEK_TRUST_LETTERS_H
#define SEK_TRUST_LETTERS_H

#include <stdbool.h>
#include <stdint.h>

/* The Latin capital or digit that a character as it was written (before upper case) imitates: a
 * lower-case letter that looks like another one than its capital does, a letter in a circle or of
 * mathematics, a sign. Any other character is returned as it is. */
uint32_t sek_letter_imitated(uint32_t c);

/* What a skeleton has for a character of a normalised name: the Latin capital that it looks like,
 * with {0 O}, {1 I L}, {5 S}, {8 B} as one letter each; 0 for a mark, which leaves nothing; any
 * other character as it is. */
uint32_t sek_letter_skeleton(uint32_t c);

/* A letter of an alphabet that we do not compare with Latin: in one word with Latin letters it may
 * be meant to look like one. */
bool sek_letter_foreign(uint32_t c);

#endif
