/* Regions of a dump, as a board description divides its chip. */
#include "boards/bench/reference/reference.h"

#include "boards/bench/files.h"
#include "boards/bench/hook.h"
#include "hal/linux/file_source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { DESCRIPTION_MAX = 1024 * 1024, CHUNK = 64 * 1024 };

bool regions_read(const char *path, const char *chip, struct regions *regions)
{
    struct sek_chip chips[REFERENCE_CHIPS];
    struct sek_inventory inventory = {.unit = regions->unit,
                                      .unit_cap = REFERENCE_REGIONS,
                                      .chip = chips,
                                      .chip_cap = REFERENCE_CHIPS};
    struct sek_fault fault = {0};
    size_t len, kept = 0;

    *regions = (struct regions){0};
    if (!path)
        return true;
    if (bench_read_file(path, DESCRIPTION_MAX, &regions->description, &len) != SEK_OK) {
        bench_fail(false, 0, SEK_RULE(BN, 5), "%s: %s", path, strerror(errno));
        return false;
    }
    if (sek_inventory_read((struct sek_bytes){regions->description, len}, &inventory, &fault) !=
        SEK_OK) {
        bench_fail(false, 0, SEK_RULE(BN, 5), "%s: offset %llu: board description: %s", path,
                   (unsigned long long)fault.offset, fault.why);
        regions_free(regions);
        return false;
    }
    for (size_t i = 0; i < inventory.unit_count; i++) {
        const struct hal_media_place *place = &regions->unit[i].place;

        if (place->partition && strcmp(place->chip_name, chip) == 0)
            regions->unit[kept++] = regions->unit[i];
    }
    regions->count = kept;
    if (kept > 0)
        return true;
    bench_fail(false, 0, SEK_RULE(BN, 5), "%s: no component on the flash chip %s", path, chip);
    regions_free(regions);
    return false;
}

void regions_free(struct regions *regions)
{
    free(regions->description);
    *regions = (struct regions){0};
}

bool regions_place(const struct regions *regions, size_t i, uint64_t size, uint64_t *offset,
                   uint64_t *len)
{
    const struct hal_media_place *place = &regions->unit[i].place;

    if (regions->count == 0) {
        *offset = 0;
        *len = size;
        return size > 0;
    }
    if (place->offset >= size)
        return false;
    *offset = place->offset;
    *len = place->len < size - place->offset ? place->len : size - place->offset;
    return true;
}

static bool open_dump(const char *path, struct linux_file_source *file)
{
    if (linux_file_source_open(file, path) == SEK_OK)
        return true;
    bench_fail(false, 0, SEK_RULE(BN, 5), "%s: %s", path, strerror(errno));
    return false;
}

bool region_size(const char *path, uint64_t *size)
{
    struct linux_file_source file;

    if (!open_dump(path, &file))
        return false;
    *size = file.base.size;
    linux_file_source_close(&file);
    return true;
}

bool region_digest(const char *path, uint64_t offset, uint64_t len, enum sek_digest_alg alg,
                   uint8_t out[SEK_DIGEST_MAX])
{
    static _Alignas(64) uint8_t chunk[CHUNK];
    struct linux_file_source file;
    struct sek_digest running;
    enum sek_status status = SEK_OK;

    if (!open_dump(path, &file))
        return false;
    if (sek_digest_start(&running, alg, bench_digest_hook()) != SEK_OK)
        status = SEK_ERR_CRYPTO;
    while (status == SEK_OK && len > 0) {
        size_t n = len < sizeof chunk ? (size_t)len : sizeof chunk;

        status = sek_source_read(&file.base, offset, chunk, n);
        if (status == SEK_OK)
            sek_digest_update(&running, chunk, n);
        offset += n;
        len -= n;
    }
    linux_file_source_close(&file);
    if (status == SEK_OK)
        status = sek_digest_finish(&running, out);
    else
        sek_digest_abort(&running);
    if (status != SEK_OK) {
        bench_fail(false, 0, SEK_RULE(BN, 5), "%s: offset %llu: %s", path,
                   (unsigned long long)offset, sek_status_text(status));
        return false;
    }
    return true;
}
