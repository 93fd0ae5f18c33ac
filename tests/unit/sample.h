/* A device of eight components as its agent would describe it: for tests and for seeds. */
#ifndef SEK_TESTS_UNIT_SAMPLE_H
#define SEK_TESTS_UNIT_SAMPLE_H

#include "evidence/token.h"

enum { SAMPLE_ROWS = 16, SAMPLE_OBSERVATIONS = 12 };

struct sample {
    struct sek_token token;
    struct sek_row row[SAMPLE_ROWS];
    struct sek_observation observation[SAMPLE_OBSERVATIONS];
    size_t row_count;
};

/* 8 components: 2 FITs of 3 images each (one of them tampered, with the row of its configuration),
 * 2 regions that references vouch for, 1 region without anything, 3 parts; observations point into
 * the sample. */
void sample_make(struct sample *sample);

#endif
