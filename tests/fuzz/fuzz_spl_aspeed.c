/* Any bytes as the SPL of an AST2600 and of an AST1030. Seeds: tests/data/spl_aspeed. */
#include "tests/fuzz/image_fuzzer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    image_fuzz("spl-ast2600", data, size);
    image_fuzz("spl-ast1030", data, size);
    return 0;
}
