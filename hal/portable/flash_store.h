/* Two slots for one file in flash: the trust store as received, always whole. */
#ifndef SEK_HAL_PORTABLE_FLASH_STORE_H
#define SEK_HAL_PORTABLE_FLASH_STORE_H

#include "hal/portable/slots.h"

/* Reads the content of the active slot. SEK_ERR_NOT_FOUND: there is none. SEK_ERR_NO_SPACE: longer
 * than cap. SEK_ERR_IO. */
SEK_CHECKED enum sek_status flash_store_load(struct flash_slots *slots, uint8_t *buf, size_t cap,
                                             size_t *len);

/* Puts new content into the other slot and makes it count: after SEK_OK it survives power loss, on
 * failure, or if power goes, the old one counts. SEK_ERR_RANGE, SEK_ERR_IO. */
SEK_CHECKED enum sek_status flash_store_save(struct flash_slots *slots, const uint8_t *data,
                                             size_t len);

#endif
