#include "hal/portable/region.h"

static enum sek_status region_read(struct hal_flash *base, uint64_t offset, void *buf, size_t len)
{
    const struct flash_region *region = (const struct flash_region *)base;

    return hal_flash_read(region->chip, region->offset + offset, buf, len);
}

static enum sek_status region_program(struct hal_flash *base, uint64_t offset, const void *data,
                                      size_t len)
{
    const struct flash_region *region = (const struct flash_region *)base;

    return hal_flash_program(region->chip, region->offset + offset, data, len);
}

static enum sek_status region_erase(struct hal_flash *base, uint64_t offset)
{
    const struct flash_region *region = (const struct flash_region *)base;

    return hal_flash_erase(region->chip, region->offset + offset, region->base.erase_size);
}

enum sek_status flash_region_init(struct flash_region *region, struct hal_flash *chip,
                                  uint64_t offset, uint64_t len, bool writable)
{
    static const struct hal_flash_ops ops = {region_read, region_program, region_erase};
    uint32_t unit = chip->erase_size;

    if (!hal_flash_inside(chip, offset, len) ||
        (writable && (unit == 0 || offset % unit != 0 || len % unit != 0)))
        return SEK_ERR_RANGE;
    *region = (struct flash_region){
        .base = {&ops, len, writable ? unit : 0}, .chip = chip, .offset = offset};
    return SEK_OK;
}
