/* SPI NOR chip at a static memory controller (FMC, SPI1): read, program and erase in user mode.
 *
 * All commands carry 4-byte addresses, so the chip keeps the mode that the boot ROM expects. The
 * code must not run from the chip that it programs. */
#ifndef SEK_HAL_ASPEED_SPI_FLASH_H
#define SEK_HAL_ASPEED_SPI_FLASH_H

#include "hal/clock.h"
#include "hal/flash.h"

struct aspeed_spi_flash {
    struct hal_flash base;
    struct hal_clock *clock; /* for the limits of waiting */
    uintptr_t at;            /* of the controller's registers */
    uintptr_t window;        /* where this chip select is mapped; only its first word is used */
    unsigned cs;
    uint8_t id[3]; /* JEDEC: maker, type, capacity */
};

/* Finds the chip and its size, by SFDP (JESD216), else by its JEDEC id. SEK_ERR_ABSENT: no chip
 * answers; SEK_ERR_UNSUPPORTED: its size is not told in a way that we know. */
SEK_CHECKED enum sek_status aspeed_spi_flash_start(struct aspeed_spi_flash *flash,
                                                   struct hal_clock *clock, uintptr_t at,
                                                   uintptr_t window, unsigned cs);

#endif
