/* Media: how the bytes behind a component of the board description are reached. */
#ifndef SEK_HAL_MEDIA_H
#define SEK_HAL_MEDIA_H

#include "base/source.h"

#include <stdbool.h>

enum { HAL_I2C_HOPS = 4, HAL_CHIP_NAME_LEN = 16 };

/* A multiplexer on the way to a part: the bus goes on behind this channel of it. */
struct hal_i2c_hop {
    uint8_t address, channel;
};

/* Where a component lies, as its board description says; borrowed, NULL: not said. */
struct hal_media_place {
    const char *label;    /* of the partition or part */
    const char *path;     /* sekisho,path */
    uint32_t controller;  /* first cell of the controller's or bus's reg: says which one */
    bool partition;       /* on a flash chip */
    unsigned chip;        /* which one: its chip select */
    uint64_t offset, len; /* of a partition */
    char chip_name[HAL_CHIP_NAME_LEN]; /* its chip as people call it: "spi0.0" */
    bool eeprom;                       /* on an I2C bus */
    uint8_t address;                   /* 7 bits */
    uint8_t address_bits;              /* of a byte in it: 8 or 16 */
    uint32_t size;                     /* bytes of an EEPROM; 0: not said */
    uint8_t hop_count;                 /* from the bus to the part */
    struct hal_i2c_hop hop[HAL_I2C_HOPS];
};

struct hal_media {
    /* Opens a medium; one at a time. SEK_ERR_NOT_FOUND: there is no such thing. SEK_ERR_ABSENT: it
     * does not answer. SEK_ERR_DENIED: we may not. SEK_ERR_IO. On success *source is valid until
     * close. */
    enum sek_status (*open)(struct hal_media *media, const struct hal_media_place *place,
                            struct sek_source **source);
    void (*close)(struct hal_media *media);
    /* Bytes that the flash chip of a partition holds by its own word: JEDEC id, SFDP.
     * SEK_ERR_UNSUPPORTED: it does not say. SEK_ERR_NOT_FOUND, SEK_ERR_IO. NULL: no chip of this
     * board says. */
    enum sek_status (*chip_size)(struct hal_media *media, const struct hal_media_place *place,
                                 uint64_t *size);
};

#endif
