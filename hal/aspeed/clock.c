#include "hal/aspeed/clock.h"

#include "hal/aspeed/ast2600.h"
#include "hal/aspeed/mmio.h"

enum {
    COUNTER = 0x00, /* of timer 1: counts down */
    RELOAD = 0x04,
    CONTROL = 0x30,
    ENABLE_1MHZ = 3,
    GAUGE_US = 5000,
    GAUGE_SPINS = 20 * 1000 * 1000,
    RATE_MIN = 1000, /* ticks per ms: 1 MHz to 4 GHz are believed */
    RATE_MAX = 4000 * 1000,
};

static uint64_t ticks(void)
{
    uint32_t low, high;

    __asm__ volatile("isb\n\tmrrc p15, 0, %0, %1, c14" : "=r"(low), "=r"(high));
    return (uint64_t)high << 32 | low;
}

static uint32_t stated_rate(void)
{
    uint32_t hz;

    __asm__ volatile("mrc p15, 0, %0, c14, c0, 0" : "=r"(hz));
    return hz / 1000;
}

/* Ticks per millisecond, by a clock that is known to count microseconds. */
static uint32_t gauge(void)
{
    uint32_t begin, elapsed = 0;
    uint64_t from, rate;

    aspeed_put(AST2600_TIMER + RELOAD, 0xffffffff);
    aspeed_put(AST2600_TIMER + CONTROL, ENABLE_1MHZ);
    begin = aspeed_get(AST2600_TIMER + COUNTER);
    from = ticks();
    for (uint32_t i = 0; i < GAUGE_SPINS && elapsed < GAUGE_US; i++)
        elapsed = begin - aspeed_get(AST2600_TIMER + COUNTER);
    rate = elapsed < GAUGE_US ? stated_rate() : (ticks() - from) * 1000 / elapsed;
    return rate < RATE_MIN || rate > RATE_MAX ? stated_rate() : (uint32_t)rate;
}

static uint64_t uptime_ms(struct hal_clock *base)
{
    const struct aspeed_clock *clock = (const struct aspeed_clock *)base;

    return (ticks() - clock->start) / clock->ticks_per_ms;
}

static uint64_t seconds(struct hal_clock *base, enum hal_time_source *source)
{
    (void)base;
    *source = HAL_TIME_NONE;
    return 0;
}

void aspeed_clock_start(struct aspeed_clock *clock)
{
    clock->base = (struct hal_clock){uptime_ms, seconds};
    clock->start = ticks();
    clock->ticks_per_ms = gauge();
}

void aspeed_clock_alarm(const struct aspeed_clock *clock, uint32_t ms)
{
    uint64_t in = (uint64_t)ms * clock->ticks_per_ms;
    uint32_t value = in > INT32_MAX ? INT32_MAX : (uint32_t)in, on = ms > 0;

    __asm__ volatile("mcr p15, 0, %0, c14, c2, 0\n\t"
                     "mcr p15, 0, %1, c14, c2, 1\n\t"
                     "isb" ::"r"(value),
                     "r"(on));
}
