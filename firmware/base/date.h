/* Calendar days in UTC. A day is a count of days since 1970-01-01; 0 means "unknown", which never
 * makes a verdict better. */
#ifndef SEK_BASE_DATE_H
#define SEK_BASE_DATE_H

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

typedef uint32_t sek_day; /* days since 1970-01-01; 0: unknown */

enum { SEK_DATE_LEN = 10 }; /* "YYYY-MM-DD" */

/* Reads exactly "YYYY-MM-DD" of a day that exists, 1970-01-02 to 9999-12-31. SEK_ERR_MALFORMED. */
SEK_CHECKED enum sek_status sek_date_parse(const char *text, size_t len, sek_day *out);

/* Writes "YYYY-MM-DD" and a NUL; a day of 0 gives "unknown". */
void sek_date_format(sek_day day, char out[SEK_DATE_LEN + 1]);

/* The day of a count of seconds since 1970-01-01T00:00:00Z. */
sek_day sek_date_from_seconds(uint64_t seconds);

#endif
