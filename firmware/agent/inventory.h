/* Inventory: the components that a board description lists. Knows where things are and what they
 * are to us; measures and judges nothing. */
#ifndef SEK_AGENT_INVENTORY_H
#define SEK_AGENT_INVENTORY_H

#include "base/class.h"
#include "base/reader.h"
#include "hal/media.h"

enum {
    SEK_UNIT_NAME_MAX = 31, /* so that "UNIT/IMAGE" fits into 63 characters */
    SEK_UNIT_LOCATION_MAX = 47,
};

enum sek_unit_bank { SEK_UNIT_ACTIVE, SEK_UNIT_BACKUP, SEK_UNIT_RECOVERY };

/* One component. Text is borrowed from the description. */
struct sek_unit {
    const char *name; /* label, else the node's name */
    enum sek_class component_class;
    bool optional;
    enum sek_unit_bank bank;
    const char *format; /* sekisho,format or what nvmem-layout says; NULL: by content */
    char location[SEK_UNIT_LOCATION_MAX + 1]; /* "spi0.0:0x00100000", "i2c9/70.0:0x56" */
    struct hal_media_place place;
};

/* Lists the components of a description (8-aligned device tree that stays in memory).
 * SEK_ERR_MALFORMED: no device tree, an unclean or repeated name, a class that does not exist, a
 * partition beyond 64 bits; fault says why, its offset is the node's. SEK_ERR_NO_SPACE: more than
 * cap. */
SEK_CHECKED enum sek_status sek_inventory_read(struct sek_bytes description, struct sek_unit *unit,
                                               size_t cap, size_t *count, struct sek_fault *fault);

/* The partition that is ours for this use (sekisho,use: "vault", "store-a", ...); no component.
 * SEK_ERR_NOT_FOUND: there is none. */
SEK_CHECKED enum sek_status sek_inventory_use(struct sek_bytes description, const char *use,
                                              struct hal_media_place *place);

/* The description's `model`, or "". */
const char *sek_inventory_model(struct sek_bytes description);

#endif
