/* Any bytes as an archive of SWUpdate. Seeds: tests/data/swu. */
#include "tests/fuzz/image_fuzzer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    image_fuzz("swu", data, size);
    return 0;
}
