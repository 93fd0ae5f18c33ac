/* Vault in flash: a journal of records in one of two slots.
 *
 * Each start copies the newest record of every kind into the other slot and goes on there, on
 * freshly erased flash; a record that is put is appended, and the newest whole one counts. Cost:
 * one erase of a slot per start, so 200,000 starts with 100,000 erase cycles. */
#ifndef SEK_HAL_PORTABLE_FLASH_VAULT_H
#define SEK_HAL_PORTABLE_FLASH_VAULT_H

#include "hal/portable/region.h"
#include "hal/portable/slots.h"
#include "hal/vault.h"

enum {
    FLASH_VAULT_HEADER = 12,      /* bytes before a record's data */
    FLASH_VAULT_SLOT = 16 * 1024, /* holds every record at its longest */
};

struct flash_vault {
    struct hal_vault base;
    struct flash_region half[2];
    struct flash_slots slots;
    uint32_t end;                   /* where the next record goes, from the content's start */
    uint32_t at[HAL_VAULT_RECORDS]; /* newest record of each kind, + 1; 0: never written */
    bool full;                      /* the next put begins with a fresh slot */
    uint8_t record[FLASH_VAULT_HEADER + HAL_VAULT_RECORD_MAX + 2];
};

/* Opens the vault in a region that is all its own: at least two FLASH_VAULT_SLOT. An empty region
 * is an empty vault. SEK_ERR_MALFORMED: there was one, and both slots are damaged (nothing is
 * changed); if only the newer one is, the vault is that of the start before. SEK_ERR_RANGE: region
 * too small. SEK_ERR_IO. */
SEK_CHECKED enum sek_status flash_vault_open(struct flash_vault *vault, struct hal_flash *region);

#endif
