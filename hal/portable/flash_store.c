#include "hal/portable/flash_store.h"

#include "base/crc.h"

enum sek_status flash_store_load(struct flash_slots *slots, uint8_t *buf, size_t cap, size_t *len)
{
    enum sek_status status;

    if (slots->active == FLASH_SLOT_NONE)
        return SEK_ERR_NOT_FOUND;
    if (slots->len > cap)
        return SEK_ERR_NO_SPACE;
    status = hal_flash_read(slots->slot[slots->active], FLASH_SLOT_CONTENT, buf, slots->len);
    if (status == SEK_OK)
        *len = slots->len;
    return status;
}

enum sek_status flash_store_save(struct flash_slots *slots, const uint8_t *data, size_t len)
{
    enum sek_status status;

    if (slots->slot[0]->size < FLASH_SLOT_CONTENT ||
        len > slots->slot[0]->size - FLASH_SLOT_CONTENT)
        return SEK_ERR_RANGE;
    status = flash_slots_begin(slots);
    if (status == SEK_OK)
        status = hal_flash_program(flash_slots_target(slots), FLASH_SLOT_CONTENT, data, len);
    if (status == SEK_OK)
        status = flash_slots_commit(slots, (uint32_t)len, sek_crc32(0, data, len));
    return status;
}
