/* Device certificates from anywhere. Nobody issued these, not even they themselves: what is a
 * device's is no CA's. Seeds: left by tests/unit/test_certificate.c. */
#include "evidence/certificate.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool started;
    const struct sek_bytes der = {data, size};
    struct sek_certificate seen = {.spki_len = 1};

    if (!started && psa_crypto_init() != PSA_SUCCESS)
        abort();
    started = true;
    if (sek_certificate_check(der, NULL, 0, 0, &seen) == SEK_OK ||
        sek_certificate_check(der, &der, 1, 0, &seen) == SEK_OK || seen.spki_len != 1)
        abort();
    return 0;
}
