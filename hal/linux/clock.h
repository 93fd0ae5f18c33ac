/* Linux clocks. */
#ifndef SEK_HAL_LINUX_CLOCK_H
#define SEK_HAL_LINUX_CLOCK_H

#include "hal/clock.h"

/* Uptime from CLOCK_BOOTTIME. The calendar is the system's: unauthenticated (source 2), or none
 * where it stands before the build. */
extern struct hal_clock linux_clock;

#endif
