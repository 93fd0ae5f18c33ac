/* Random bytes from the kernel. */
#ifndef SEK_HAL_LINUX_ENTROPY_H
#define SEK_HAL_LINUX_ENTROPY_H

#include "hal/entropy.h"

/* getrandom(2); needs no state. Also what PSA asks through mbedtls_psa_external_get_random. */
extern struct hal_entropy linux_entropy;

#endif
