/* Any bytes as a PE program. Seeds: tests/data/pe. */
#include "tests/fuzz/image_fuzzer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    image_fuzz("pe", data, size);
    return 0;
}
