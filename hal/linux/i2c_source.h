/* An EEPROM on an I2C bus of i2c-dev, behind multiplexers that the kernel drives: each of their
 * channels is a bus of its own. */
#ifndef SEK_HAL_LINUX_I2C_SOURCE_H
#define SEK_HAL_LINUX_I2C_SOURCE_H

#include "base/source.h"

struct linux_i2c_source {
    struct sek_source base;
    int fd; /* -1: closed */
    uint8_t address, width;
};

/* Opens bus (/dev/i2c-N) for the part at address (7 bits) whose cells have addresses of width bits
 * (8 or 16); of 8 bits, each 256 bytes answer at an address of their own, as at24 parts do. One
 * byte is read, to see if somebody answers. SEK_ERR_NOT_FOUND: no such bus. SEK_ERR_ABSENT: nobody
 * answers. SEK_ERR_RANGE: size is 0 or over what such addresses reach. SEK_ERR_IO. */
SEK_CHECKED enum sek_status linux_i2c_source_open(struct linux_i2c_source *i2c, const char *bus,
                                                  uint8_t address, uint8_t width, uint32_t size);

void linux_i2c_source_close(struct linux_i2c_source *i2c);

#endif
