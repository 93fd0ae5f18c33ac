/* Media of a bare-metal board: partitions on flash chips, EEPROMs on I2C buses. */
#ifndef SEK_HAL_PORTABLE_MEDIA_H
#define SEK_HAL_PORTABLE_MEDIA_H

#include "hal/flash.h"
#include "hal/i2c.h"
#include "hal/media.h"

#include <stddef.h>

/* A chip or bus that the board has; controller and chip as the board description numbers them. */
struct board_chip {
    uint32_t controller;
    unsigned chip;
    struct hal_flash *flash; /* NULL: it did not answer at the start */
};

struct board_bus {
    uint32_t controller;
    struct hal_i2c *bus;
};

struct board_media {
    struct hal_media base;
    const struct board_chip *chip; /* borrowed tables */
    size_t chip_count;
    const struct board_bus *bus;
    size_t bus_count;
    /* What is read of the partition of this name is kept here at the same offset: what was checked
     * is what starts. keep_label NULL: nothing is kept. */
    const char *keep_label;
    uint8_t *keep;
    size_t keep_cap;

    /* The open medium. */
    struct sek_source source;
    struct hal_flash *flash;
    struct hal_i2c *wire;
    struct hal_media_place place;
    bool kept;
};

/* Tables and memory are set by the caller before; all are borrowed. */
void board_media_init(struct board_media *media);

#endif
