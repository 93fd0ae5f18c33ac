/* What a device says of itself as a whole, held against its certificate, the store and the past. */
#ifndef SEK_BENCH_CHECK_CLAIMS_H
#define SEK_BENCH_CHECK_CLAIMS_H

#include "boards/bench/check/device.h"

/* Fills what the report shows of a party, by its certificate and its evidence. */
void claims_describe(struct device_party *party, const struct device_answer *answer);

/* Identity, debug access, starts, store and board description; what is wrong is found. */
void claims_check(struct device *device, const struct device_party *party,
                  const struct device_answer *answer);

#endif
