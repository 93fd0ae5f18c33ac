/* A medium in memory that counts how often each of its bytes is read, and fails where it is told.
 */
#ifndef SEK_TESTS_UNIT_COUNTING_SOURCE_H
#define SEK_TESTS_UNIT_COUNTING_SOURCE_H

#include "base/source.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct counting_source {
    struct sek_source base;
    const uint8_t *data; /* borrowed */
    uint8_t *times;      /* owned: how often each byte was read */
    size_t calls;
    uint64_t fails_at; /* reads that touch this byte fail; beyond the end: none */
    enum sek_status failure;
};

static inline enum sek_status counting_read(struct sek_source *base, uint64_t offset, void *buf,
                                            size_t len)
{
    struct counting_source *source = (struct counting_source *)base;

    source->calls++;
    if (offset <= source->fails_at && source->fails_at - offset < len)
        return source->failure;
    memcpy(buf, source->data + offset, len);
    for (size_t i = 0; i < len; i++)
        source->times[offset + i]++;
    return SEK_OK;
}

static inline struct counting_source counting_source_make(const void *data, size_t len)
{
    struct counting_source source = {.base = {.read = counting_read, .size = len},
                                     .data = data,
                                     .times = calloc(1, len + 1),
                                     .fails_at = UINT64_MAX,
                                     .failure = SEK_ERR_IO};

    assert(source.times);
    return source;
}

static inline void counting_source_free(struct counting_source *source)
{
    free(source->times);
}

/* True if every byte was read exactly so often. */
static inline int counting_source_all(const struct counting_source *source, unsigned times)
{
    for (uint64_t i = 0; i < source->base.size; i++) {
        if (source->times[i] != times)
            return 0;
    }
    return 1;
}

#endif
