/* Watchdog of the SoC, and the reason of the last reset. */
#ifndef SEK_HAL_ASPEED_WDT_H
#define SEK_HAL_ASPEED_WDT_H

#include "hal/watchdog.h"

struct aspeed_wdt {
    struct hal_watchdog base;
    uintptr_t at;
};

void aspeed_wdt_start(struct aspeed_wdt *wdt, uintptr_t at);

/* Resets the board now; does not return. */
_Noreturn void aspeed_wdt_reset(struct aspeed_wdt *wdt);

/* Why we run: from a word in memory that a reset keeps and power loss does not. state belongs to
 * this function; from now on it says "running". */
enum hal_reset_reason aspeed_reset_reason(volatile uint32_t *state);

/* Says in state that the next reset is wanted. */
void aspeed_reset_wanted(volatile uint32_t *state);

#endif
