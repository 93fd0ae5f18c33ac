#define _GNU_SOURCE
#include "hal/linux/clock.h"

#include <time.h>

enum { PLAUSIBLE = 1700000000 }; /* seconds since 1970: a clock before this was never set */

static uint64_t uptime_ms(struct hal_clock *clock)
{
    struct timespec now;

    (void)clock;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static uint64_t seconds(struct hal_clock *clock, enum hal_time_source *source)
{
    struct timespec now;

    (void)clock;
    clock_gettime(CLOCK_REALTIME, &now);
    if (now.tv_sec < PLAUSIBLE) {
        *source = HAL_TIME_NONE;
        return 0;
    }
    *source = HAL_TIME_UNAUTHENTICATED;
    return (uint64_t)now.tv_sec;
}

struct hal_clock linux_clock = {uptime_ms, seconds};
