/* A part of a flash chip as a flash of its own: what is handed a region cannot touch the rest. */
#ifndef SEK_HAL_PORTABLE_REGION_H
#define SEK_HAL_PORTABLE_REGION_H

#include "hal/flash.h"

#include <stdbool.h>

struct flash_region {
    struct hal_flash base;
    struct hal_flash *chip; /* borrowed */
    uint64_t offset;        /* in the chip */
};

/* SEK_ERR_RANGE: not wholly inside the chip, or, if it may be written, not whole erase units. */
SEK_CHECKED enum sek_status flash_region_init(struct flash_region *region, struct hal_flash *chip,
                                              uint64_t offset, uint64_t len, bool writable);

#endif
