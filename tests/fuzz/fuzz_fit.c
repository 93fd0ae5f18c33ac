/* Whatever bytes come as a FIT: no fault, each read once, nothing approved without a key. */
#include "tests/fuzz/whole.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_whole(data, size, "fit");
    return 0;
}
