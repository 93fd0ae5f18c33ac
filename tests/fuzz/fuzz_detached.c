/* Any bytes as a signature beside a file. Seeds: tests/data/detached. */
#include "image/detached.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CHUNK = 512, SCRATCH = 384 * 1024, EXTENTS = 64, TABLE = 32 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t file[] = "some bytes that somebody signed";
    static _Alignas(64) uint8_t chunk[CHUNK], scratch[SCRATCH];
    static struct sek_extent extent[EXTENTS];
    static struct sek_image_claim claim[TABLE];
    static struct sek_statement_claim statement[TABLE];
    static struct sek_signature_claim signature[TABLE];
    static struct sek_image image;
    const struct sek_image_memory memory = {.pass = {chunk, CHUNK, extent, EXTENTS},
                                            .scratch = scratch,
                                            .scratch_len = SCRATCH,
                                            .image = claim,
                                            .image_cap = TABLE,
                                            .statement = statement,
                                            .statement_cap = TABLE,
                                            .signature = signature,
                                            .signature_cap = TABLE};
    struct sek_memory_source source = sek_memory_source_make(file, sizeof file);
    uint8_t *exact = malloc(size ? size : 1);

    if (!exact || psa_crypto_init() != PSA_SUCCESS)
        abort();
    if (size > 0)
        memcpy(exact, data, size);
    if (sek_image_open(&image, &source.base, NULL, NULL, 0, &memory) != SEK_OK)
        abort();
    if (sek_detached_add(&image, (struct sek_bytes){exact, size}) == SEK_OK &&
        image.claims.signature_count == 0)
        abort();
    if (sek_image_run(&image) != SEK_OK || image.pass.bytes_read != sizeof file)
        abort();
    for (size_t i = 0; i < image.claims.signature_count; i++) {
        if (image.claims.signature[i].statement >= image.claims.statement_count)
            abort();
    }
    free(exact);
    return 0;
}
