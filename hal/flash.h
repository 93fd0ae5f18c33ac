/* Flash: a chip or a region of one that is read anywhere, programmed from 1 to 0, erased in units.
 *
 * A driver embeds struct hal_flash first in its own struct. Callers use the functions below, which
 * check the region once for all drivers; a driver never sees a request outside its device. */
#ifndef SEK_HAL_FLASH_H
#define SEK_HAL_FLASH_H

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

struct hal_flash;

struct hal_flash_ops {
    enum sek_status (*read)(struct hal_flash *flash, uint64_t offset, void *buf, size_t len);
    enum sek_status (*program)(struct hal_flash *flash, uint64_t offset, const void *data,
                               size_t len);
    enum sek_status (*erase)(struct hal_flash *flash, uint64_t offset);
};

struct hal_flash {
    const struct hal_flash_ops *ops;
    uint64_t size;       /* bytes */
    uint32_t erase_size; /* bytes, a power of two; 0: cannot be written */
};

static inline int hal_flash_inside(const struct hal_flash *flash, uint64_t offset, uint64_t len)
{
    return offset <= flash->size && len <= flash->size - offset;
}

/* Reads len bytes at offset. SEK_ERR_RANGE: not wholly inside, buf untouched. SEK_ERR_IO: no answer
 * within the driver's time limit, buf undefined. */
SEK_CHECKED static inline enum sek_status hal_flash_read(struct hal_flash *flash, uint64_t offset,
                                                         void *buf, size_t len)
{
    if (!hal_flash_inside(flash, offset, len))
        return SEK_ERR_RANGE;
    return flash->ops->read(flash, offset, buf, len);
}

/* Programs len bytes at offset: bits go from 1 to 0, never back; pages are the driver's business.
 * If power goes, any part of it may be done, and cells may be left between 0 and 1. SEK_ERR_RANGE:
 * not wholly inside, or the flash cannot be written. SEK_ERR_IO. */
SEK_CHECKED static inline enum sek_status
hal_flash_program(struct hal_flash *flash, uint64_t offset, const void *data, size_t len)
{
    if (flash->erase_size == 0 || !hal_flash_inside(flash, offset, len))
        return SEK_ERR_RANGE;
    return flash->ops->program(flash, offset, data, len);
}

/* Erases every unit of [offset, offset + len), which must be whole units: all bytes become FF.
 * SEK_ERR_RANGE as above, or not whole units; then nothing is erased. SEK_ERR_IO. */
SEK_CHECKED static inline enum sek_status hal_flash_erase(struct hal_flash *flash, uint64_t offset,
                                                          uint64_t len)
{
    enum sek_status status = SEK_OK;

    if (flash->erase_size == 0 || !hal_flash_inside(flash, offset, len) ||
        offset % flash->erase_size != 0 || len % flash->erase_size != 0)
        return SEK_ERR_RANGE;
    for (uint64_t at = offset; status == SEK_OK && at < offset + len; at += flash->erase_size)
        status = flash->ops->erase(flash, at);
    return status;
}

#endif
