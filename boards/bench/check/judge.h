/* Rows of an answer: judged again by this bench, counted, held against another answer. */
#ifndef SEK_BENCH_CHECK_JUDGE_H
#define SEK_BENCH_CHECK_JUDGE_H

#include "boards/bench/check/device.h"

/* Judges every row by this bench's store, clock and context; rows that leave all to their images
 * fall out. Without a certificate nothing is approved, without a store nothing is judged. */
void judge_rows(const struct device *device, const struct device_party *party,
                struct device_answer *answer);

/* Where party and bench differ it is found (EV-004); one that thinks better of a part than we do is
 * held. Adds the answer's rows to the device's outcome. */
void judge_count(struct device *device, const struct device_party *party,
                 const struct device_answer *answer);

/* Other bytes of one component: of class data they are no contradiction. */
bool judge_same_bytes(const struct sek_row *a, const struct sek_row *b);

/* The first component that two answers tell differently, or NULL; what data holds may change. */
const char *judge_difference(const struct device_answer *a, const struct device_answer *b);

#endif
