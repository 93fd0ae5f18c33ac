/* Whatever bytes come as a uImage: no fault, each read once, nothing approved. Its header's
 * checksum is made right, so that the fuzzer gets behind it. */
#include "base/bytes.h"
#include "base/crc.h"
#include "tests/fuzz/whole.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEADER = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size + 1);

    if (!copy)
        return 0;
    memcpy(copy, data, size);
    fuzz_whole(copy, size, "uimage");
    if (size >= HEADER) {
        memset(copy + 4, 0, 4);
        sek_put_u32be(copy + 4, sek_crc32(0, copy, HEADER));
        fuzz_whole(copy, size, "uimage");
    }
    free(copy);
    return 0;
}
