/* Vault: small named records that survive power loss, and a counter that only grows.
 *
 * A driver embeds struct hal_vault first in its own struct. Callers use the functions below. */
#ifndef SEK_HAL_VAULT_H
#define SEK_HAL_VAULT_H

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

enum hal_vault_record {
    HAL_VAULT_DEVICE_KEY,    /* P-256 private scalar, 32 bytes */
    HAL_VAULT_DEVICE_CERT,   /* X.509 DER, at most HAL_VAULT_RECORD_MAX */
    HAL_VAULT_STORE_COUNTER, /* u32be: highest store serial accepted */
    HAL_VAULT_BOOT_COUNT,    /* u32be */
    HAL_VAULT_TIME_FLOOR,    /* u64be seconds since 1970 */
    HAL_VAULT_LOG_HEAD,      /* 32 bytes */
    HAL_VAULT_RECORDS,
};

enum { HAL_VAULT_RECORD_MAX = 2048 }; /* bytes */

/* How the device key is kept: numbers of claim -82013. */
enum hal_key_protection {
    HAL_KEY_FILE,
    HAL_KEY_FLASH,
    HAL_KEY_DICE,
    HAL_KEY_SECURE_ELEMENT,
    HAL_KEY_TPM,
};

struct hal_vault;

struct hal_vault_ops {
    enum sek_status (*get)(struct hal_vault *vault, enum hal_vault_record record, void *buf,
                           size_t cap, size_t *len);
    enum sek_status (*put)(struct hal_vault *vault, enum hal_vault_record record, const void *data,
                           size_t len);
};

struct hal_vault {
    const struct hal_vault_ops *ops;
    enum hal_key_protection protection;
};

/* Reads a record whole. SEK_ERR_NOT_FOUND: never written. SEK_ERR_NO_SPACE: longer than cap.
 * SEK_ERR_MALFORMED: damaged. SEK_ERR_IO. */
SEK_CHECKED static inline enum sek_status hal_vault_get(struct hal_vault *vault,
                                                        enum hal_vault_record record, void *buf,
                                                        size_t cap, size_t *len)
{
    return vault->ops->get(vault, record, buf, cap, len);
}

/* Writes a record: after SEK_OK it survives power loss; on failure, or if power goes, the old one
 * is still there whole. SEK_ERR_RANGE: over HAL_VAULT_RECORD_MAX. SEK_ERR_IO. */
SEK_CHECKED static inline enum sek_status
hal_vault_put(struct hal_vault *vault, enum hal_vault_record record, const void *data, size_t len)
{
    if (len > HAL_VAULT_RECORD_MAX)
        return SEK_ERR_RANGE;
    return vault->ops->put(vault, record, data, len);
}

#endif
