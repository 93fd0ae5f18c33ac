#include "hal/aspeed/wdt.h"

#include "hal/aspeed/mmio.h"

enum {
    RELOAD = 0x04, /* microseconds */
    RESTART = 0x08,
    CONTROL = 0x0c,
    RESTART_MAGIC = 0x4755,
    CONTROL_RESET_1MHZ = 0x13, /* enabled, resets the system, counts at 1 MHz */
    CONTROL_OFF = 0,
};

/* Words that random memory will not hold. */
#define RUNNING UINT32_C(0x5e4b0a11)
#define WANTED  UINT32_C(0xa1b4f5ee)

static void feed(struct hal_watchdog *base, uint32_t timeout_ms)
{
    const struct aspeed_wdt *wdt = (const struct aspeed_wdt *)base;
    uint32_t us = timeout_ms > UINT32_MAX / 1000 ? UINT32_MAX : timeout_ms * 1000;

    aspeed_put(wdt->at + RELOAD, us);
    aspeed_put(wdt->at + RESTART, RESTART_MAGIC);
    aspeed_put(wdt->at + CONTROL, CONTROL_RESET_1MHZ);
}

static void stop(struct hal_watchdog *base)
{
    aspeed_put(((const struct aspeed_wdt *)base)->at + CONTROL, CONTROL_OFF);
}

void aspeed_wdt_start(struct aspeed_wdt *wdt, uintptr_t at)
{
    *wdt = (struct aspeed_wdt){.base = {feed, stop}, .at = at};
}

_Noreturn void aspeed_wdt_reset(struct aspeed_wdt *wdt)
{
    stop(&wdt->base);
    feed(&wdt->base, 1);
    for (;;)
        ;
}

enum hal_reset_reason aspeed_reset_reason(volatile uint32_t *state)
{
    uint32_t was = *state;

    *state = RUNNING;
    return was == RUNNING  ? HAL_RESET_WATCHDOG
           : was == WANTED ? HAL_RESET_REQUESTED
                           : HAL_RESET_POWER_ON;
}

void aspeed_reset_wanted(volatile uint32_t *state)
{
    *state = WANTED;
}
