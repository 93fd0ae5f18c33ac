/* What the files of the inventory share. */
#ifndef SEK_AGENT_INVENTORY_PARTS_H
#define SEK_AGENT_INVENTORY_PARTS_H

#include "agent/inventory.h"

/* A property that is one string, or NULL. */
const char *sek_dt_text(const void *fdt, int node, const char *name);

/* The number in 32-bit cell index of a property; 0 if it is shorter. */
uint32_t sek_dt_cell(const void *fdt, int node, const char *name, int index);

/* Is there such a property? */
bool sek_dt_has(const void *fdt, int node, const char *name);

/* A partition's place. SEK_ERR_NOT_FOUND: the node is none. SEK_ERR_MALFORMED: without a range, or
 * with one beyond 64 bits. */
SEK_CHECKED enum sek_status sek_inventory_partition(const void *fdt, int node,
                                                    struct hal_media_place *place);

/* Fills place and location of a unit. SEK_ERR_MALFORMED: fault says why. */
SEK_CHECKED enum sek_status sek_inventory_place(const void *fdt, int node, struct sek_unit *unit,
                                                struct sek_fault *fault);

/* Fills the chips. Statuses of sek_inventory_read. */
SEK_CHECKED enum sek_status sek_inventory_chips(const void *fdt, struct sek_inventory *inventory,
                                                struct sek_fault *fault);

/* Does another partition of the same table name bytes of this one? */
bool sek_inventory_overlaps(const void *fdt, int node);

/* Do two places name the same bytes? */
bool sek_inventory_same_bytes(const struct hal_media_place *a, const struct hal_media_place *b);

#endif
