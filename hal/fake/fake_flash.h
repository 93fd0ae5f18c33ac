/* Fake flash: a chip in memory whose power goes when the test says so.
 *
 * Programming a byte is one step, erasing a unit is four. When the steps are used up the present
 * one is left half done and every further call fails. What was half done has unstable bits: each
 * reads at random, every time, until it is programmed to 0 or wholly erased. That is worse than
 * silicon, where they settle. */
#ifndef SEK_HAL_FAKE_FLASH_H
#define SEK_HAL_FAKE_FLASH_H

#include "hal/flash.h"

#include <stdbool.h>

enum { FAKE_FLASH_ERASE_STEPS = 4 };

struct fake_flash {
    struct hal_flash base;
    uint8_t *bytes;      /* base.size of them, the test's */
    uint8_t *unstable;   /* base.size of them, the test's: bits that read at random */
    uint64_t steps_left; /* until power fails; UINT64_MAX: never */
    uint64_t steps;      /* done so far */
    uint64_t bytes_read; /* proves "each byte once" */
    uint64_t fail_at;    /* the program or erase with this number, from 1, fails; 0: none */
    uint64_t operations; /* programs and erases so far */
    bool off;            /* power is gone */
    bool lazy;           /* programs and erases succeed without doing anything */
    uint32_t random;     /* state of the fake's own generator */
};

/* A blank chip. size is a multiple of erase_size. */
void fake_flash_init(struct fake_flash *flash, uint8_t *bytes, uint8_t *unstable, uint64_t size,
                     uint32_t erase_size);

/* Power comes back; the bytes are as they were left. */
void fake_flash_power_on(struct fake_flash *flash);

#endif
