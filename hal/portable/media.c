#include "hal/portable/media.h"

#include <string.h>

enum {
    EEPROM_READ = 256, /* bytes in one transfer: a hung part costs no more */
    BLOCK = 256,       /* of an EEPROM with 8-bit addresses: the next one has the next address */
};

static struct board_media *of_source(struct sek_source *source)
{
    return (struct board_media *)((char *)source - offsetof(struct board_media, source));
}

static enum sek_status read_flash(struct sek_source *source, uint64_t offset, void *buf, size_t len)
{
    struct board_media *media = of_source(source);
    enum sek_status status = hal_flash_read(media->flash, media->place.offset + offset, buf, len);

    if (status == SEK_OK && media->kept)
        memcpy(media->keep + offset, buf, len);
    return status;
}

static enum sek_status read_eeprom(struct sek_source *source, uint64_t offset, void *buf,
                                   size_t len)
{
    struct board_media *media = of_source(source);
    const struct hal_media_place *place = &media->place;
    uint8_t *out = buf;
    enum sek_status status = SEK_OK;

    while (status == SEK_OK && len > 0) {
        size_t room = EEPROM_READ - (size_t)(offset % EEPROM_READ), part = len < room ? len : room;
        uint8_t at[2] = {(uint8_t)(offset >> 8), (uint8_t)offset};

        if (place->address_bits == 16)
            status = media->wire->transfer(media->wire, place->address, at, 2, out, part);
        else
            status = media->wire->transfer(media->wire, (uint8_t)(place->address + offset / BLOCK),
                                           at + 1, 1, out, part);
        offset += part;
        out += part;
        len -= part;
    }
    return status;
}

/* Opens the way: each multiplexer in turn, from the bus outwards. */
static enum sek_status select_hops(struct board_media *media)
{
    enum sek_status status = SEK_OK;

    for (unsigned i = 0; status == SEK_OK && i < media->place.hop_count; i++) {
        const struct hal_i2c_hop *hop = &media->place.hop[i];
        uint8_t channel = (uint8_t)(1u << (hop->channel & 7));

        status = media->wire->transfer(media->wire, hop->address, &channel, 1, NULL, 0);
    }
    return status;
}

/* Closes it again, from the far end: another part behind another channel has the same address. */
static void release_hops(struct board_media *media)
{
    static const uint8_t none = 0;

    for (unsigned i = media->place.hop_count; i > 0; i--)
        (void)!media->wire->transfer(media->wire, media->place.hop[i - 1].address, &none, 1, NULL,
                                     0);
}

static const struct board_chip *find_chip(const struct board_media *media,
                                          const struct hal_media_place *place)
{
    for (size_t i = 0; i < media->chip_count; i++) {
        if (media->chip[i].controller == place->controller && media->chip[i].chip == place->chip)
            return &media->chip[i];
    }
    return NULL;
}

static enum sek_status open_flash(struct board_media *media, const struct hal_media_place *place)
{
    const struct board_chip *chip = find_chip(media, place);

    if (!chip)
        return SEK_ERR_NOT_FOUND;
    if (!chip->flash)
        return SEK_ERR_ABSENT;
    if (!hal_flash_inside(chip->flash, place->offset, place->len))
        return SEK_ERR_IO; /* the chip ends before the region does */
    media->flash = chip->flash;
    media->kept = media->keep_label && place->label &&
                  strcmp(media->keep_label, place->label) == 0 && place->len <= media->keep_cap;
    media->source = (struct sek_source){read_flash, place->len};
    return SEK_OK;
}

static enum sek_status open_eeprom(struct board_media *media, const struct hal_media_place *place)
{
    uint8_t byte;
    enum sek_status status;

    for (size_t i = 0; i < media->bus_count && !media->wire; i++) {
        if (media->bus[i].controller == place->controller)
            media->wire = media->bus[i].bus;
    }
    if (!media->wire)
        return SEK_ERR_NOT_FOUND;
    media->source = (struct sek_source){read_eeprom, place->size};
    status = select_hops(media);
    if (status == SEK_OK)
        status = read_eeprom(&media->source, 0, &byte, 1); /* an empty bay shows here */
    if (status != SEK_OK)
        release_hops(media);
    return status;
}

static enum sek_status media_open(struct hal_media *base, const struct hal_media_place *place,
                                  struct sek_source **source)
{
    struct board_media *media = (struct board_media *)base;
    enum sek_status status = SEK_ERR_NOT_FOUND;

    media->place = *place;
    media->flash = NULL;
    media->wire = NULL;
    media->kept = false;
    if (place->partition)
        status = open_flash(media, place);
    else if (place->eeprom)
        status = open_eeprom(media, place);
    if (status == SEK_OK)
        *source = &media->source;
    return status;
}

static void media_close(struct hal_media *base)
{
    struct board_media *media = (struct board_media *)base;

    if (media->wire)
        release_hops(media);
    media->wire = NULL;
    media->flash = NULL;
}

static enum sek_status chip_size(struct hal_media *base, const struct hal_media_place *place,
                                 uint64_t *size)
{
    const struct board_chip *chip = find_chip((struct board_media *)base, place);

    if (!chip)
        return SEK_ERR_NOT_FOUND;
    if (!chip->flash)
        return SEK_ERR_IO;
    *size = chip->flash->size;
    return SEK_OK;
}

void board_media_init(struct board_media *media)
{
    media->base = (struct hal_media){media_open, media_close, chip_size};
    media->flash = NULL;
    media->wire = NULL;
    media->kept = false;
}
