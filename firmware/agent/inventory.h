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
    bool shared; /* another component or use of the description names the same bytes */
    bool found;  /* by the system, not named by the description: always a part */
};

/* One flash chip of the description. */
struct sek_chip {
    const char *name;             /* label, else place.chip_name */
    struct hal_media_place place; /* of its first component, else of its first partition */
    uint64_t end;                 /* first byte behind its last partition */
    bool has_gap;                 /* bytes before end that no partition names */
    uint64_t gap;                 /* the first of them */
};

/* A register that closes a way in: closed if its bits under mask are value. */
struct sek_closed_register {
    uint32_t address, mask, value;
};

/* What a description lists, and what the system found besides; the tables are the caller's. */
struct sek_inventory {
    struct sek_unit *unit;
    size_t unit_cap, unit_count;
    struct sek_chip *chip;
    size_t chip_cap, chip_count;
    struct sek_unit *found;
    size_t found_cap, found_count; /* more than found_cap: the table is not to be used */
};

/* Lists the components and chips of a description (8-aligned device tree that stays in memory).
 * A map that shares bytes or leaves some out is listed, marked: whoever measures must tell it.
 *
 * SEK_ERR_MALFORMED: no device tree, an unclean or repeated name, a class, bank or use that does
 * not exist, a partition or address that is none; fault says why, its offset is the node's.
 * SEK_ERR_NO_SPACE: more than a table holds. On failure *inventory is untouched. */
SEK_CHECKED enum sek_status sek_inventory_read(struct sek_bytes description,
                                               struct sek_inventory *inventory,
                                               struct sek_fault *fault);

/* The registers under which the description calls the board closed (`sekisho,closed` of the root:
 * triples of address, mask, value), at most cap; returns how many there are, 0 if it says nothing
 * or not in triples, and then nobody can say that the board is closed. */
size_t sek_inventory_closed(struct sek_bytes description, struct sek_closed_register *closed,
                            size_t cap);

/* The register in which the chip's own secure boot is seen to be on (`sekisho,secure-boot` of the
 * root: one such triple). False: the description names none, or asks for no bit. */
bool sek_inventory_secure_boot(struct sek_bytes description, struct sek_closed_register *on);

/* The registers that together are the chip's unique id (`sekisho,chip-id` of the root: addresses),
 * at most cap; returns how many there are, 0: the chip has none that can be read. */
size_t sek_inventory_chip_id(struct sek_bytes description, uint32_t *address, size_t cap);

/* The partition that is ours for this use (sekisho,use: "vault", "store-a", ...); no component.
 * SEK_ERR_NOT_FOUND: there is none. SEK_ERR_MALFORMED: it is no partition. */
SEK_CHECKED enum sek_status sek_inventory_use(struct sek_bytes description, const char *use,
                                              struct hal_media_place *place);

/* Does the description ask for the parts that the system finds by itself (`sekisho,find` of the
 * root)? Only then may it list no component. */
bool sek_inventory_finds(struct sek_bytes description);

/* Does the description ask that the inventory be kept from whoever asks over the network without a
 * signature (`sekisho,signed-challenge` of the root)? */
bool sek_inventory_signed_only(struct sek_bytes description);

/* The description's `model`, or "". */
const char *sek_inventory_model(struct sek_bytes description);

#endif
