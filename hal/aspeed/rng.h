/* Random numbers: the SoC's generator, watched by the health tests of NIST SP 800-90B, 4.4. */
#ifndef SEK_HAL_ASPEED_RNG_H
#define SEK_HAL_ASPEED_RNG_H

#include "hal/entropy.h"

#include <stdbool.h>
#include <stdint.h>

struct aspeed_rng {
    struct hal_entropy base;
    uintptr_t at;       /* the data register */
    uint32_t last;      /* the word before, for the repetition count */
    uint8_t repeated;   /* how often it came in a row */
    bool started;       /* last is one */
    bool broken;        /* a test has failed: no random number ever again */
    uint8_t first;      /* first byte of the window, for the adaptive proportion */
    uint16_t seen, hit; /* bytes of the window; how many of them equal the first */
};

/* Draws and tests the first words. at: the data register of this board. */
void aspeed_rng_start(struct aspeed_rng *rng, uintptr_t at);

#endif
