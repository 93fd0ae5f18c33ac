/* SHA-256 of many streams at once in the vectors of AVX-512, one stream a column. */
#ifndef SEK_HAL_X86_SHA256_AVX512_H
#define SEK_HAL_X86_SHA256_AVX512_H

#include "hal/digest.h"

#include <stdbool.h>

/* True if this processor and this system offer AVX-512 F and BW. */
bool x86_has_avx512(void);

/* Runs the first blocks blocks of count streams (1 to HAL_SHA256_MANY), each of which has as many.
 * Costs the same for one stream as for all: from eleven on it beats the SHA extensions. Source:
 * FIPS 180-4, 6.2.2. */
void x86_sha256_columns(const struct hal_sha256_lane *lane, size_t count, size_t blocks);

#endif
