#include "tests/unit/measure.h"

#include "tests/unit/counting_source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void *block(size_t size)
{
    void *memory = aligned_alloc(64, (size + 63) / 64 * 64);

    assert_non_null(memory);
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
    m->status = sek_image_open(&m->image, source, m->hook, forced, m->whole, &m->memory);
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

void measure_fit(struct measure *m, const void *data, size_t len, enum sek_status status)
{
    struct counting_source source = counting_source_make(data, len);
    const struct sek_image_claims *claims = &m->image.claims;

    measure_source(m, &source.base, NULL);
    assert_int_equal(m->status, SEK_OK);
    assert_true(counting_source_all(&source, 1));
    assert_int_equal(m->image.pass.bytes_read, len);
    assert_string_equal(claims->format, "fit");
    assert_int_equal(claims->fault.status, status);
    if (status != SEK_OK) {
        assert_non_null(claims->fault.why);
        assert_int_equal(claims->image_count, 0);
        assert_int_equal(claims->statement_count, 0);
        assert_int_equal(claims->signature_count, 0);
        assert_non_null(claims->whole[SEK_DIGEST_SHA256]);
        assert_int_equal(claims->whole[SEK_DIGEST_SHA256]->status, SEK_OK);
    }
    counting_source_free(&source);
}

void measure_writer(struct measure *m, const struct fit_writer *w)
{
    struct fit_file file = fit_write(w);

    measure_fit(m, file.data, file.len, SEK_OK);
    free(file.data);
}

void measure_is_digest(const struct measure *m, const uint8_t *bytes, size_t len)
{
    const struct sek_signature_claim *signature = &m->image.claims.signature[0];
    uint8_t want[SEK_DIGEST_MAX];

    assert_int_equal(m->image.claims.signature_count, 1);
    assert_int_equal(signature->digest_status, SEK_OK);
    assert_int_equal(sek_digest_of(signature->alg.hash, NULL, bytes, len, want), SEK_OK);
    assert_memory_equal(signature->digest, want, sek_digest_len(signature->alg.hash));
}
