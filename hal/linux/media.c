#define _GNU_SOURCE
#include "hal/linux/media.h"

#include "hal/linux/module.h"
#include "hal/linux/sysfs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum {
    PATH_LEN = 512,
    LINE_LEN = 256,
    SFDP_MAX = 256,        /* bytes of a chip's parameters that are looked at */
    I2C_MAJOR = 89,        /* /dev/i2c-N */
    JEDEC_LOG2_MIN = 0x10, /* third byte of a JEDEC id: 2^n bytes, by the custom of the makers */
    JEDEC_LOG2_MAX = 0x1f,
};

/* The number that a file of sysfs begins with. */
static bool read_number(const char *path, int base, uint64_t *value)
{
    char line[LINE_LEN], *end = line;
    FILE *file = fopen(path, "re");

    if (!file)
        return false;
    if (fgets(line, sizeof line, file))
        *value = strtoull(line, &end, base);
    fclose(file);
    return end != line;
}

/* ---- Chips ---- */

/* Density of the Basic Flash Parameter Table (JESD216): bits less one, or 2^n bits. */
static bool sfdp_size(const uint8_t *sfdp, size_t len, uint64_t *size)
{
    size_t table;
    uint32_t density;

    if (len < 16 || memcmp(sfdp, "SFDP", 4) != 0 || sfdp[8] != 0x00)
        return false;
    table = (size_t)sfdp[12] | (size_t)sfdp[13] << 8 | (size_t)sfdp[14] << 16;
    if (table > len || len - table < 8)
        return false;
    density = (uint32_t)sfdp[table + 4] | (uint32_t)sfdp[table + 5] << 8 |
              (uint32_t)sfdp[table + 6] << 16 | (uint32_t)sfdp[table + 7] << 24;
    if (density >> 31 && (density & 0x7fffffff) >= 3 && (density & 0x7fffffff) < 64)
        *size = UINT64_C(1) << ((density & 0x7fffffff) - 3);
    else if (!(density >> 31))
        *size = ((uint64_t)density + 1) / 8;
    else
        return false;
    return true;
}

/* Bytes of the chip under an MTD device, by the chip's own word. */
static enum sek_status size_of_chip(const char *root, const char *name, uint64_t *size)
{
    uint8_t sfdp[SFDP_MAX];
    char path[PATH_LEN];
    uint64_t jedec = 0;
    size_t len = 0;
    FILE *file;

    snprintf(path, sizeof path, "%s/sys/class/mtd/%s/device/spi-nor/sfdp", root, name);
    file = fopen(path, "re");
    if (file) {
        len = fread(sfdp, 1, sizeof sfdp, file);
        fclose(file);
    }
    if (sfdp_size(sfdp, len, size))
        return SEK_OK;
    snprintf(path, sizeof path, "%s/sys/class/mtd/%s/device/spi-nor/jedec_id", root, name);
    if (!read_number(path, 16, &jedec))
        return SEK_ERR_UNSUPPORTED;
    jedec &= 0xff;
    if (jedec < JEDEC_LOG2_MIN || jedec > JEDEC_LOG2_MAX)
        return SEK_ERR_UNSUPPORTED;
    *size = UINT64_C(1) << jedec;
    return SEK_OK;
}

/* The chip of an MTD device, as a folder of sysfs whose last number is the chip select
 * (".../spi0.1"); false: it is on another. */
static bool on_chip(const char *root, const char *name, unsigned chip)
{
    char path[PATH_LEN], link[PATH_LEN];
    const char *dot;
    ssize_t len;

    snprintf(path, sizeof path, "%s/sys/class/mtd/%s/device", root, name);
    len = readlink(path, link, sizeof link - 1);
    if (len <= 0)
        return false;
    link[len] = '\0';
    dot = strrchr(link, '.');
    return dot && strtoul(dot + 1, NULL, 10) == chip;
}

/* ---- MTD ---- */

/* Is an MTD device, by its name ("mtd3") and label, the one that is looked for? */
typedef bool mtd_wanted(const char *root, const struct hal_media_place *place, const char *name,
                        const char *label);

static bool has_label(const char *root, const struct hal_media_place *place, const char *name,
                      const char *label)
{
    (void)root;
    (void)name;
    return place->label && strcmp(label, place->label) == 0;
}

/* All that the place's chip says that it holds. */
static bool is_whole_chip(const char *root, const struct hal_media_place *place, const char *name,
                          const char *label)
{
    char path[PATH_LEN];
    uint64_t offset = 0, size = 0, chip = 0;

    (void)label;
    if (!place->partition || !on_chip(root, name, place->chip))
        return false;
    snprintf(path, sizeof path, "%s/sys/class/mtd/%s/offset", root, name);
    if (read_number(path, 10, &offset) && offset != 0) /* only partitions have this file */
        return false;
    snprintf(path, sizeof path, "%s/sys/class/mtd/%s/size", root, name);
    return read_number(path, 10, &size) && size_of_chip(root, name, &chip) == SEK_OK &&
           size == chip;
}

/* The one MTD device that is wanted: /proc/mtd has lines `mtd3: 07700000 00001000 "fit"`. Two of
 * them: neither can be meant. */
static enum sek_status find_mtd(const char *root, const struct hal_media_place *place,
                                mtd_wanted *wanted, char name[16])
{
    char path[PATH_LEN], line[LINE_LEN];
    unsigned found = 0;
    FILE *table;

    snprintf(path, sizeof path, "%s/proc/mtd", root);
    table = fopen(path, "re");
    if (!table)
        return SEK_ERR_NOT_FOUND;
    while (fgets(line, sizeof line, table)) {
        char *colon = strchr(line, ':'), *open_quote = strchr(line, '"');
        char *close_quote = open_quote ? strrchr(open_quote + 1, '"') : NULL;

        if (strncmp(line, "mtd", 3) != 0 || !colon || !close_quote || colon - line > 15)
            continue;
        *colon = '\0';
        *close_quote = '\0';
        if (!wanted(root, place, line, open_quote + 1))
            continue;
        memcpy(name, line, (size_t)(colon - line) + 1);
        found++;
    }
    fclose(table);
    return found == 0 ? SEK_ERR_NOT_FOUND : found == 1 ? SEK_OK : SEK_ERR_IO;
}

static enum sek_status open_device(struct linux_media *media, const char *name)
{
    char path[PATH_LEN];

    snprintf(path, sizeof path, "%s/dev/%s", media->root, name);
    return linux_file_source_open(&media->file, path);
}

/* A partition of another chip, place or size than the description's is not what it means: somebody
 * else says where the kernel's partitions lie. */
static enum sek_status open_partition(struct linux_media *media,
                                      const struct hal_media_place *place)
{
    char name[16], path[PATH_LEN];
    uint64_t offset = 0;
    enum sek_status status = find_mtd(media->root, place, has_label, name);

    if (status != SEK_OK)
        return status;
    snprintf(path, sizeof path, "%s/sys/class/mtd/%s/offset", media->root, name);
    if (place->partition && (!on_chip(media->root, name, place->chip) ||
                             !read_number(path, 10, &offset) || offset != place->offset))
        return SEK_ERR_IO;
    status = open_device(media, name);
    if (status == SEK_OK && place->partition && media->file.base.size != place->len) {
        linux_file_source_close(&media->file);
        return SEK_ERR_IO;
    }
    return status;
}

/* The description's partition out of the device that is the whole chip. */
static enum sek_status open_region(struct linux_media *media, const struct hal_media_place *place)
{
    char name[16];
    enum sek_status status = find_mtd(media->root, place, is_whole_chip, name);

    if (status == SEK_OK)
        status = open_device(media, name);
    if (status != SEK_OK)
        return status;
    if (place->offset > media->file.base.size ||
        place->len > media->file.base.size - place->offset) {
        linux_file_source_close(&media->file);
        return SEK_ERR_IO;
    }
    media->file.from = place->offset;
    media->file.base.size = place->len;
    return SEK_OK;
}

static enum sek_status open_mtd(struct linux_media *media, const struct hal_media_place *place)
{
    enum sek_status status = open_partition(media, place);

    return status == SEK_OK || open_region(media, place) != SEK_OK ? status : SEK_OK;
}

static enum sek_status media_chip_size(struct hal_media *base, const struct hal_media_place *place,
                                       uint64_t *size)
{
    const struct linux_media *media = (const struct linux_media *)base;
    char name[16];
    enum sek_status status = find_mtd(media->root, place, has_label, name);

    if (status != SEK_OK && find_mtd(media->root, place, is_whole_chip, name) != SEK_OK)
        return status;
    return size_of_chip(media->root, name, size);
}

/* ---- Records that are made ---- */

/* The rest of a path behind this word, or NULL. */
static const char *behind(const char *path, const char *word)
{
    size_t len = strlen(word);

    return strncmp(path, word, len) == 0 ? path + len : NULL;
}

/* Makes the record of "sysfs:GROUP:FOLDER" or "module:INTERFACE"; false: another path. */
static bool make_record(struct linux_media *media, const char *path, enum sek_status *status)
{
    const char *interface = behind(path, "module:"), *group = behind(path, "sysfs:");
    const char *colon = group ? strchr(group, ':') : NULL;
    char name[16];
    size_t len = 0;

    if (interface) {
        *status = linux_module_read(interface, media->record, sizeof media->record, &len);
    } else if (colon && (size_t)(colon - group) < sizeof name) {
        memcpy(name, group, (size_t)(colon - group));
        name[colon - group] = '\0';
        *status = linux_sysfs_record(media->root, name, colon + 1, (char *)media->record,
                                     sizeof media->record, &len);
    } else {
        return false;
    }
    media->made = sek_memory_source_make(media->record, len);
    return true;
}

/* ---- All media ---- */

static bool is_i2c_bus(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISCHR(st.st_mode) && major(st.st_rdev) == I2C_MAJOR;
}

static enum sek_status media_open(struct hal_media *base, const struct hal_media_place *place,
                                  struct sek_source **source)
{
    struct linux_media *media = (struct linux_media *)base;
    char path[PATH_LEN];
    enum sek_status status;

    if (!place->path) {
        status = open_mtd(media, place);
    } else if (make_record(media, place->path, &status)) {
        if (status == SEK_OK)
            *source = &media->made.base;
        return status;
    } else if ((size_t)snprintf(path, sizeof path, "%s%s", media->root, place->path) >=
               sizeof path) {
        status = SEK_ERR_NOT_FOUND;
    } else if (place->eeprom && is_i2c_bus(path)) {
        status = linux_i2c_source_open(&media->i2c, path, place->address, place->address_bits,
                                       place->size);
        if (status == SEK_OK)
            *source = &media->i2c.base;
        return status;
    } else {
        status = linux_file_source_open(&media->file, path);
    }
    if (status == SEK_OK)
        *source = &media->file.base;
    else
        media->file.fd = -1;
    return status;
}

static void media_close(struct hal_media *base)
{
    struct linux_media *media = (struct linux_media *)base;

    linux_file_source_close(&media->file);
    linux_i2c_source_close(&media->i2c);
}

void linux_media_init(struct linux_media *media, const char *root)
{
    *media = (struct linux_media){.base = {media_open, media_close, media_chip_size},
                                  .file = {.fd = -1},
                                  .i2c = {.fd = -1},
                                  .root = root};
}
