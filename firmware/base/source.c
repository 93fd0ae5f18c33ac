#include "base/source.h"

#include <string.h>

enum { POISON_STRIDE = 64 }; /* bytes: a cache line, which the read touches anyway */

enum sek_status sek_source_read(struct sek_source *source, uint64_t offset, void *buf, size_t len)
{
    uint8_t *bytes = buf;

    if (offset > source->size || len > source->size - offset)
        return SEK_ERR_RANGE;
    for (size_t i = 0; i < len; i += POISON_STRIDE)
        bytes[i] = (uint8_t)~bytes[i];
    return source->read(source, offset, buf, len);
}

static enum sek_status memory_read(struct sek_source *source, uint64_t offset, void *buf,
                                   size_t len)
{
    const struct sek_memory_source *memory = (const struct sek_memory_source *)source;

    if (len > 0)
        memcpy(buf, memory->data + offset, len);
    return SEK_OK;
}

struct sek_memory_source sek_memory_source_make(const void *data, size_t len)
{
    return (struct sek_memory_source){.base = {.read = memory_read, .size = len}, .data = data};
}
