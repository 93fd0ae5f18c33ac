/* Any bytes as an ONIE installer. Seeds: tests/data/sharch. */
#include "tests/fuzz/image_fuzzer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    image_fuzz("onie-installer", data, size);
    return 0;
}
