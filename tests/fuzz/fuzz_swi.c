/* Any bytes as a SWI of Arista. Seeds: tests/data/swi. */
#include "tests/fuzz/image_fuzzer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    image_fuzz("swi", data, size);
    return 0;
}
