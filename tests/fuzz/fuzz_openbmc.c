/* Any bytes as an update archive of OpenBMC. Seeds: tests/data/openbmc. */
#include "tests/fuzz/image_fuzzer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    image_fuzz("openbmc", data, size);
    return 0;
}
