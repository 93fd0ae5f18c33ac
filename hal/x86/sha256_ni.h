/* SHA-256 by the SHA extensions of x86 processors. */
#ifndef SEK_HAL_X86_SHA256_NI_H
#define SEK_HAL_X86_SHA256_NI_H

#include "hal/digest.h"

#include <stddef.h>

/* The hook of this processor; NULL if it lacks SHA, SSSE3 or SSE4.1 (one binary serves all), or is
 * another architecture. Sources: FIPS 180-4, 6.2.2; Intel 64 and IA-32 Architectures Software
 * Developer's Manual, volume 2, SHA256RNDS2, SHA256MSG1, SHA256MSG2. */
const struct hal_digest *hal_x86_digest(void);

/* The same, and where the processor has AVX-512 it takes many streams by that: for who has many, as
 * its test at the start costs some 20 microseconds. */
const struct hal_digest *hal_x86_digest_many(void);

#endif
