/* Clock: the core's generic timer, whose real rate is found with the SoC's 1 MHz timer. */
#ifndef SEK_HAL_ASPEED_CLOCK_H
#define SEK_HAL_ASPEED_CLOCK_H

#include "hal/clock.h"

struct aspeed_clock {
    struct hal_clock base;
    uint64_t start;        /* ticks */
    uint32_t ticks_per_ms; /* CNTFRQ is not believed: an emulator states 1.125 GHz and counts 1 */
};

void aspeed_clock_start(struct aspeed_clock *clock);

/* The timer's interrupt comes after ms, once; 0: never. */
void aspeed_clock_alarm(const struct aspeed_clock *clock, uint32_t ms);

#endif
