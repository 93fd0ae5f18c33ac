#define _DEFAULT_SOURCE
#include "tests/fuzz/image_fuzzer.h"

#include "base/text.h"
#include "image/image.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 512, SCRATCH = 256 * 1024, EXTENTS = 128, IMAGES = 64, SIGNATURES = 32 };

static void require(bool holds)
{
    if (!holds)
        abort();
}

static bool inside(uint64_t offset, uint64_t len, uint64_t size)
{
    return offset <= size && len <= size - offset;
}

static void require_name(const char *name)
{
    size_t len = strnlen(name, SEK_NAME_MAX + 1);

    require(len > 0 && len <= SEK_NAME_MAX);
    for (size_t i = 0; i < len; i++)
        require(strchr("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz,._+-/",
                       name[i]) != NULL);
}

static void require_image(const struct sek_image_claims *claims,
                          const struct sek_image_claim *image)
{
    uint32_t statements =
        claims->statement_count == 32 ? UINT32_MAX : (UINT32_C(1) << claims->statement_count) - 1;

    require_name(image->name);
    require(strnlen(image->version, sizeof image->version) < sizeof image->version);
    require(inside(image->offset, image->size, claims->size));
    require(image->hash_count <= SEK_IMAGE_HASHES);
    require((image->covered_by & ~statements) == 0 && (image->data_only_by & ~statements) == 0);
    for (size_t i = 0; i < image->hash_count; i++) {
        const struct sek_hash_claim *hash = &image->hash[i];
        volatile uint8_t sum = 0;

        require(!hash->measured || hash->measured->status == SEK_OK);
        for (size_t k = 0; k < hash->expected.len; k++)
            sum = (uint8_t)(sum + hash->expected.data[k]); /* ours to read */
    }
}

static void require_signature(const struct sek_image_claims *claims,
                              const struct sek_signature_claim *signature)
{
    volatile uint8_t sum = 0;

    require(signature->statement < claims->statement_count);
    require(strnlen(signature->algo, sizeof signature->algo) < sizeof signature->algo);
    require(strnlen(signature->hint, sizeof signature->hint) < sizeof signature->hint);
    for (size_t k = 0; k < signature->value.len; k++)
        sum = (uint8_t)(sum + signature->value.data[k]);
    for (size_t k = 0; k < signature->message.len; k++)
        sum = (uint8_t)(sum + signature->message.data[k]);
}

static void measure(const char *format, const uint8_t *data, size_t size)
{
    static _Alignas(64) uint8_t chunk[CHUNK], scratch[SCRATCH];
    static struct sek_extent extent[EXTENTS];
    static struct sek_image_claim image_claim[IMAGES];
    static struct sek_statement_claim statement[SEK_STATEMENTS_MAX];
    static struct sek_signature_claim signature[SIGNATURES];
    static const uint8_t
        spki[44] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
                    0xec, 0x17, 0x2b, 0x93, 0xad, 0x5e, 0x56, 0x3b, 0xf4, 0x93, 0x2c, 0x70,
                    0xe1, 0x24, 0x50, 0x34, 0xc3, 0x54, 0x67, 0xef, 0x2e, 0xfd, 0x4d, 0x64,
                    0xeb, 0xf8, 0x19, 0x68, 0x34, 0x67, 0xe2, 0xbf}; /* RFC 8032, TEST SHA(abc) */
    static const struct sek_bytes candidate = {spki, sizeof spki};
    const struct sek_image_memory memory = {.candidate = &candidate,
                                            .candidate_count = 1,
                                            .pass = {chunk, CHUNK, extent, EXTENTS},
                                            .scratch = scratch,
                                            .scratch_len = SCRATCH,
                                            .image = image_claim,
                                            .image_cap = IMAGES,
                                            .statement = statement,
                                            .statement_cap = SEK_STATEMENTS_MAX,
                                            .signature = signature,
                                            .signature_cap = SIGNATURES};
    static struct sek_image image;
    struct sek_memory_source source = sek_memory_source_make(data, size);
    const struct sek_image_claims *claims = &image.claims;

    require(sek_image_open(&image, &source.base, NULL, format, 0, &memory) == SEK_OK);
    require(claims->fault.status == SEK_OK || claims->image_count == 0);
    if (sek_image_run(&image) != SEK_OK) { /* more digests at one place than can run at once */
        require(image.pass.fault.status == SEK_ERR_NO_SPACE);
        return;
    }
    require(image.pass.bytes_read == size);
    require(claims->fault.status == SEK_OK || claims->fault.why);
    for (size_t i = 0; i < claims->image_count; i++)
        require_image(claims, &claims->image[i]);
    for (size_t i = 0; i < claims->statement_count; i++)
        require_name(claims->statement[i].name);
    for (size_t i = 0; i < claims->signature_count; i++)
        require_signature(claims, &claims->signature[i]);
}

void image_fuzz(const char *format, const uint8_t *data, size_t size)
{
    static bool started;
    uint8_t *exact = malloc(size ? size : 1);

    if (!started)
        require(psa_crypto_init() == PSA_SUCCESS);
    started = true;
    require(exact != NULL);
    if (size > 0)
        memcpy(exact, data, size);
    measure(format, exact, size);
    measure(NULL, exact, size);
    free(exact);
}
