/* Versions of firmware, compared. */
#ifndef SEK_TRUST_VERSION_H
#define SEK_TRUST_VERSION_H

#include <stdbool.h>

/* Compares two versions: *order < 0, 0, > 0. A version is a row of numbers separated by '.', which
 * may begin with 'v' and end in '-' or '+' and more, which is not compared unless it is equal;
 * "4.2" equals "4.2.0". False: one of them is not of this form, or only the endings differ; then
 * nobody can say which is newer. */
bool sek_version_compare(const char *a, const char *b, int *order);

#endif
