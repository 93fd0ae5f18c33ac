/* Clock: time since start, which only grows, and what the device knows of the calendar. */
#ifndef SEK_HAL_CLOCK_H
#define SEK_HAL_CLOCK_H

#include <stdint.h>

/* Where the calendar time comes from: numbers of claim -82002. */
enum hal_time_source {
    HAL_TIME_NONE = 0,
    HAL_TIME_FLOOR = 1,           /* only "not before": build, store, last accepted */
    HAL_TIME_UNAUTHENTICATED = 2, /* SNTP, an RTC that anybody can set */
    HAL_TIME_CHALLENGE = 3,       /* signed challenge, not bound to a device nonce */
    HAL_TIME_CHALLENGE_BOUND = 4,
    HAL_TIME_AUTHENTICATED = 5,
    HAL_TIME_RTC_SET = 6,
};

struct hal_clock {
    /* Milliseconds since start; 64 bits, so that no wrap is ever seen. */
    uint64_t (*uptime_ms)(struct hal_clock *clock);
    /* Seconds since 1970, or 0 if the device has no calendar; *source says how it knows. */
    uint64_t (*seconds)(struct hal_clock *clock, enum hal_time_source *source);
};

#endif
