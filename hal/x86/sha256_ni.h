/* SHA-256 with the SHA extensions of x86-64 processors. */
#ifndef SEK_HAL_X86_SHA256_NI_H
#define SEK_HAL_X86_SHA256_NI_H

#include "hal/digest.h"

/* The hook, or NULL where the processor has no SHA extensions (asked by CPUID), or none at all on
 * other architectures. */
const struct hal_digest *hal_x86_digest(void);

#endif
