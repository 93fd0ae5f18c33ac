/* Two slots in flash, of which one counts: a change is made in the other one and counts from the
 * moment its header is whole. Power may go at any moment, also in the recovery.
 *
 * What a power cut leaves behind may read differently from time to time. So nothing is ever added
 * to cells that were written before the last start, and the order is:
 *   open     the counting slot's header is programmed once more over itself: now it stays; that of
 *            the other one, if it is neither blank nor older, is erased: so does that;
 *   begin    the other slot is erased;
 *   content  is programmed by the caller and compared by commit;
 *   commit   programs the header. */
#ifndef SEK_HAL_PORTABLE_SLOTS_H
#define SEK_HAL_PORTABLE_SLOTS_H

#include "hal/flash.h"

#include <stdbool.h>

enum {
    FLASH_SLOT_HEADER = 32,  /* bytes at the beginning of a slot */
    FLASH_SLOT_CONTENT = 64, /* where the content begins */
    FLASH_SLOT_NONE = -1,
};

struct flash_slots {
    struct hal_flash *slot[2]; /* borrowed, alike */
    int active;                /* or FLASH_SLOT_NONE */
    int target;                /* between begin and commit */
    uint32_t generation;       /* of the active slot; 0: none */
    uint32_t len;              /* content of the active slot */
    bool damaged;              /* the newest slot's content is not what its header says */
};

/* Finds the slot that counts: the newest one whose header and content are whole. None is no
 * failure. writable false: nothing is programmed (a visit). SEK_ERR_IO: flash. */
SEK_CHECKED enum sek_status flash_slots_open(struct flash_slots *slots, struct hal_flash *first,
                                             struct hal_flash *second, bool writable);

/* Empties the other slot. Content then goes to flash_slots_target() from FLASH_SLOT_CONTENT on.
 * SEK_ERR_IO. */
SEK_CHECKED enum sek_status flash_slots_begin(struct flash_slots *slots);
struct hal_flash *flash_slots_target(const struct flash_slots *slots);

/* Makes the target count, if its content reads as len bytes with this CRC-32; else SEK_ERR_IO, and
 * the old slot still counts. SEK_ERR_RANGE: more than a slot holds. */
SEK_CHECKED enum sek_status flash_slots_commit(struct flash_slots *slots, uint32_t len,
                                               uint32_t crc);

#endif
