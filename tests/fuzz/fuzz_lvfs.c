/* Firmware metadata in XML gives only strong digests of files that have a name. */
#include "boards/bench/reference/list.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look(struct list_sink *sink, const struct list_value *value)
{
    (void)sink;
    assert(sek_digest_strong(value->alg) && value->name[0] != '\0' && value->digest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct list_sink sink = {look};
    struct sek_fault fault = {.status = SEK_OK};

    if (lvfs_read((struct sek_bytes){data, size}, &sink, &fault) != SEK_OK)
        assert(fault.why && fault.offset <= size);
    return 0;
}
