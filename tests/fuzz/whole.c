#include "tests/fuzz/whole.h"

#include "image/image.h"
#include "trust/appraise.h"

#include <libfdt.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { IMAGES = 64, SIGNATURES = 32, EXTENTS = 256, CHUNK = 512, SCRATCH = 256 * 1024 };

/* A row that approves would be a key of nobody's that vouches. */
struct sink {
    struct sek_row_sink base;
    size_t count;
};

static void look_at(struct sek_row_sink *base, const struct sek_row *row)
{
    struct sink *sink = (struct sink *)base;

    assert(row->verdict != SEK_VERDICT_APPROVED && !row->has_key && !row->signer);
    assert(memchr(row->name, 0, sizeof row->name) && memchr(row->version, 0, sizeof row->version));
    sink->count++;
}

static void appraise(const struct sek_image_claims *claims, enum sek_status status)
{
    static _Alignas(8) uint8_t tree[256];
    const struct sek_store store = {.dtb = tree,
                                    .unlisted = -1,
                                    .rules = -1,
                                    .suppliers = -1,
                                    .entities = -1,
                                    .policy = -1,
                                    .references = -1,
                                    .denied = -1,
                                    .maps = -1,
                                    .determinations = -1,
                                    .device_authorities = -1};
    const struct sek_appraiser appraiser = {&store, {.today = 20788}};
    const struct sek_component component = {
        .name = "file", .component_class = SEK_CLASS_NONE, .location = ""};
    struct sink sink = {.base.row = look_at};
    int failed = fdt_create_empty_tree(tree, sizeof tree);

    assert(!failed);
    sek_appraise_images(&appraiser, &component, claims, status, &sink.base);
    assert(sink.count > 0);
}

static void check_image(const struct sek_image_claims *claims, const struct sek_image_claim *image)
{
    assert(image->size <= claims->size && image->offset <= claims->size - image->size);
    assert(image->hash_count <= SEK_IMAGE_HASHES);
    assert(memchr(image->name, 0, sizeof image->name));
    for (size_t i = 0; i < image->hash_count; i++) {
        const struct sek_hash_claim *hash = &image->hash[i];

        assert(!hash->measured || hash->measured->status == SEK_OK);
        assert(hash->measured || hash->alg == SEK_DIGEST_NONE);
    }
    if (image->extra)
        assert(image->extra->status == SEK_OK);
    assert((image->covered_by | image->data_only_by) >> claims->statement_count == 0 ||
           claims->statement_count == 32);
}

static void check_claims(const struct sek_image *image)
{
    const struct sek_image_claims *claims = &image->claims;
    size_t listed = claims->uncovered_count;

    assert(claims->image_count <= claims->image_cap);
    assert(claims->statement_count <= claims->statement_cap);
    assert(claims->signature_count <= claims->signature_cap);
    assert(claims->fault.status == SEK_OK || (claims->fault.why && claims->image_count == 0));
    for (size_t i = 0; i < claims->image_count; i++)
        check_image(claims, &claims->image[i]);
    for (size_t i = 0; i < claims->signature_count; i++)
        assert(claims->signature[i].statement < claims->statement_count);
    if (listed > SEK_PASS_UNCOVERED)
        listed = SEK_PASS_UNCOVERED;
    for (size_t i = 0; i < listed; i++) {
        const struct sek_range *range = &claims->uncovered[i];

        assert(range->len > 0 && range->len <= claims->size &&
               range->offset <= claims->size - range->len);
    }
}

/* Memory in heap blocks of exact size, so that one byte too far is seen. */
static void *block(size_t count, size_t size)
{
    void *memory = aligned_alloc(8, (count * size + 8) & ~(size_t)7);

    assert(memory);
    return memory;
}

static void measure(const uint8_t *data, size_t size, const char *format,
                    struct sek_image_memory memory)
{
    struct sek_memory_source source = sek_memory_source_make(data, size);
    static struct sek_image image;
    enum sek_status status;

    memory.pass.chunk = block(memory.pass.chunk_len, 1);
    memory.pass.extent = block(memory.pass.extent_cap, sizeof(struct sek_extent));
    memory.scratch = block(memory.scratch_len, 1);
    memory.image = block(memory.image_cap, sizeof *memory.image);
    memory.statement = block(memory.statement_cap, sizeof *memory.statement);
    memory.signature = block(memory.signature_cap, sizeof *memory.signature);
    status = sek_image_open(&image, &source.base, NULL, format, 1u << SEK_DIGEST_SHA512, &memory);
    if (status == SEK_OK)
        status = sek_image_run(&image);
    assert(status == SEK_OK); /* whatever is wrong is the claims' fault, the medium answers */
    assert(image.pass.bytes_read == size);
    check_claims(&image);
    appraise(&image.claims, status);
    free(memory.pass.chunk);
    free(memory.pass.extent);
    free(memory.scratch);
    free(memory.image);
    free(memory.statement);
    free(memory.signature);
}

void fuzz_whole(const uint8_t *data, size_t size, const char *format)
{
    static bool started;
    uint32_t x = (uint32_t)size;
    struct sek_image_memory memory = {.pass = {.chunk_len = CHUNK, .extent_cap = EXTENTS},
                                      .scratch_len = SCRATCH,
                                      .image_cap = IMAGES,
                                      .statement_cap = SEK_STATEMENTS_MAX,
                                      .signature_cap = SIGNATURES};

    if (!started && psa_crypto_init() != PSA_SUCCESS)
        abort();
    started = true;
    measure(data, size, format, memory);
    for (size_t i = 0; i < size; i += size / 16 + 1)
        x = x * 31 + data[i];
    memory.pass.chunk_len = 1 + x % 97;
    memory.pass.extent_cap = 2 + x / 97 % 24; /* two digests of the whole always fit */
    memory.scratch_len = x / 7 % 12288;
    memory.image_cap = x / 11 % 4;
    memory.statement_cap = x / 13 % 4;
    memory.signature_cap = x / 17 % 4;
    measure(data, size, format, memory);
}
