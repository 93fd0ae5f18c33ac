/* Any bytes as a bundle of RAUC. Seeds: tests/data/rauc. */
#include "tests/fuzz/image_fuzzer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    image_fuzz("rauc", data, size);
    return 0;
}
