#define _GNU_SOURCE
#include "hal/linux/entropy.h"

#include <psa/crypto.h>

#include <errno.h>
#include <sys/random.h>

static enum sek_status entropy_read(struct hal_entropy *entropy, void *buf, size_t len)
{
    uint8_t *to = buf;

    (void)entropy;
    while (len > 0) {
        ssize_t n = getrandom(to, len, 0);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return SEK_ERR_IO;
        to += n;
        len -= (size_t)n;
    }
    return SEK_OK;
}

struct hal_entropy linux_entropy = {.read = entropy_read};

psa_status_t mbedtls_psa_external_get_random(mbedtls_psa_external_random_context_t *context,
                                             uint8_t *output, size_t size, size_t *len)
{
    (void)context;
    if (entropy_read(&linux_entropy, output, size) != SEK_OK)
        return PSA_ERROR_INSUFFICIENT_ENTROPY;
    *len = size;
    return PSA_SUCCESS;
}
