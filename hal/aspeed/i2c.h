/* I2C master of the SoC, byte by byte (old register mode). */
#ifndef SEK_HAL_ASPEED_I2C_H
#define SEK_HAL_ASPEED_I2C_H

#include "hal/clock.h"
#include "hal/i2c.h"

struct aspeed_i2c {
    struct hal_i2c base;
    struct hal_clock *clock;
    uintptr_t at; /* of the bus's registers */
};

/* timing: AC timing register for the bus clock (0: as the reset left it). */
void aspeed_i2c_start(struct aspeed_i2c *bus, struct hal_clock *clock, uintptr_t at,
                      uint32_t timing);

#endif
