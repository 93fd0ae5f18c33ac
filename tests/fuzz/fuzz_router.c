/* Any bytes as what home routers are wrapped in. Seeds: tests/data/router. */
#include "tests/fuzz/image_fuzzer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    image_fuzz("trx", data, size);
    image_fuzz("seama", data, size);
    image_fuzz("safeloader", data, size);
    return 0;
}
