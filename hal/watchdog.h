/* Watchdog: resets the board unless it is fed, and why the last reset was. */
#ifndef SEK_HAL_WATCHDOG_H
#define SEK_HAL_WATCHDOG_H

#include <stdint.h>

/* Numbers of claim -82014. */
enum hal_reset_reason {
    HAL_RESET_UNKNOWN = 0,
    HAL_RESET_POWER_ON = 1,
    HAL_RESET_REQUESTED = 2, /* we asked for it */
    HAL_RESET_WATCHDOG = 3,  /* we ran and did not say goodbye: watchdog, crash, somebody's reset */
};

struct hal_watchdog {
    /* Starts it, or feeds it: from now on the board resets after timeout_ms without another call.
     */
    void (*feed)(struct hal_watchdog *watchdog, uint32_t timeout_ms);
    /* Stops it: for the system that is started next. */
    void (*stop)(struct hal_watchdog *watchdog);
};

#endif
