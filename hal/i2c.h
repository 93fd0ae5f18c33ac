/* I2C: one transfer on one bus. */
#ifndef SEK_HAL_I2C_H
#define SEK_HAL_I2C_H

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

struct hal_i2c {
    /* Writes out_len bytes to the 7-bit address, then, after a repeated start, reads in_len; either
     * may be 0. Ends with a stop whatever happens. SEK_ERR_ABSENT: nobody acknowledges the address.
     * SEK_ERR_IO: a byte is refused, or the bus hangs beyond the driver's time limit. */
    enum sek_status (*transfer)(struct hal_i2c *bus, uint8_t address, const void *out,
                                size_t out_len, void *in, size_t in_len);
};

#endif
