/* A whole measurement and appraisal of any bytes, with what must hold whatever they are. */
#ifndef SEK_TESTS_FUZZ_WHOLE_H
#define SEK_TESTS_FUZZ_WHOLE_H

#include <stddef.h>
#include <stdint.h>

/* Measures data as this format (NULL: as what it looks like), with ample memory and then with
 * little and odd memory that the data's own bytes choose, and appraises it under a store that has
 * no key: every byte is read once, every range lies inside, and nothing is approved. */
void fuzz_whole(const uint8_t *data, size_t size, const char *format);

#endif
