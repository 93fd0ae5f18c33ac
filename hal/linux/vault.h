/* A vault in a folder of mode 0700: one file per record, replaced whole. */
#ifndef SEK_HAL_LINUX_VAULT_H
#define SEK_HAL_LINUX_VAULT_H

#include "hal/vault.h"

enum { LINUX_VAULT_PATH_MAX = 512 };

struct linux_vault {
    struct hal_vault base;
    char folder[LINUX_VAULT_PATH_MAX];
};

/* Uses a folder, made if it is not there. SEK_ERR_IO: cannot be made, or others may look into it,
 * its owner among them if that is not who runs this (errno tells: EPERM). SEK_ERR_RANGE: its name
 * is too long. */
SEK_CHECKED enum sek_status linux_vault_open(struct linux_vault *vault, const char *folder);

/* Replaces a file of the folder whole: written beside it, synced, renamed, the folder synced. */
SEK_CHECKED enum sek_status linux_replace_file(const char *folder, const char *name,
                                               const void *data, size_t len);

#endif
