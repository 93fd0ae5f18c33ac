#include "tests/unit/measure.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void *block(size_t size)
{
    void *memory = aligned_alloc(64, (size + 63) / 64 * 64);

    assert(memory);
    memset(memory, 0xa5, size); /* what is not written shows */
    return memory;
}

void measure_init(struct measure *m)
{
    memset(m, 0, sizeof *m);
    m->memory = (struct sek_image_memory){
        .pass = {block(MEASURE_CHUNK), MEASURE_CHUNK,
                 block(MEASURE_EXTENTS * sizeof(struct sek_extent)), MEASURE_EXTENTS},
        .scratch = block(MEASURE_SCRATCH),
        .scratch_len = MEASURE_SCRATCH,
        .image = block(MEASURE_IMAGES * sizeof(struct sek_image_claim)),
        .image_cap = MEASURE_IMAGES,
        .statement = block(SEK_STATEMENTS_MAX * sizeof(struct sek_statement_claim)),
        .statement_cap = SEK_STATEMENTS_MAX,
        .signature = block(MEASURE_SIGNATURES * sizeof(struct sek_signature_claim)),
        .signature_cap = MEASURE_SIGNATURES,
    };
}

void measure_free(struct measure *m)
{
    free(m->memory.pass.chunk);
    free(m->memory.pass.extent);
    free(m->memory.scratch);
    free(m->memory.image);
    free(m->memory.statement);
    free(m->memory.signature);
}

void measure_source(struct measure *m, struct sek_source *source, const char *forced)
{
    m->status = sek_image_open(&m->image, source, NULL, forced, 0, &m->memory);
    if (m->status == SEK_OK)
        m->status = sek_image_run(&m->image);
}

void measure_bytes(struct measure *m, const void *data, size_t len, const char *forced)
{
    struct sek_memory_source source = sek_memory_source_make(data, len);

    measure_source(m, &source.base, forced);
}

struct sek_image_claim *measure_image(struct measure *m, const char *name)
{
    for (size_t i = 0; i < m->image.claims.image_count; i++) {
        if (strcmp(m->image.claims.image[i].name, name) == 0)
            return &m->image.claims.image[i];
    }
    return NULL;
}
