/* Entropy: random bytes for keys, nonces and PSA. */
#ifndef SEK_HAL_ENTROPY_H
#define SEK_HAL_ENTROPY_H

#include "base/status.h"

#include <stddef.h>

struct hal_entropy {
    /* Fills buf with len random bytes, or fails: SEK_ERR_CRYPTO (health test), SEK_ERR_IO. Bytes of
     * a failed call are not to be used. */
    enum sek_status (*read)(struct hal_entropy *entropy, void *buf, size_t len);
};

#endif
