/* Any bytes as an MCUboot image. Seeds: tests/data/mcuboot. */
#include "tests/fuzz/image_fuzzer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    image_fuzz("mcuboot", data, size);
    return 0;
}
