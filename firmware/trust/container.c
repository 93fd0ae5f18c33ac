#include "trust/container.h"

#include "base/source.h"
#include "image/image.h"

#include <libfdt.h>

#include <string.h>

enum { CHUNK = 1024, IMAGES = 2, STATEMENTS = 2, SIGNATURES = 4, EXTENTS = 16 };

static enum sek_status fault(struct sek_store_fault *why, sek_rule rule, enum sek_status status,
                             uint64_t offset, const char *text)
{
    why->rule = rule;
    return sek_fault_set(&why->fault, status, offset, text);
}

static enum sek_status shape_fault(struct sek_store_fault *why, uint64_t offset, const char *text)
{
    return fault(why, SEK_RULE(TS, 5), SEK_ERR_MALFORMED, offset, text);
}

static int subnodes(const void *tree, int node)
{
    int count = 0, at;

    fdt_for_each_subnode(at, tree, node) count++;
    return count;
}

/* One image, one configuration of the same name over it, nothing else, nothing behind. */
static enum sek_status check_shape(const struct sek_image_claims *claims, const char *name,
                                   struct sek_store_fault *why)
{
    const struct sek_image_claim *image = &claims->image[0];
    const struct sek_hash_claim *hash = &image->hash[0];

    if (claims->fault.status != SEK_OK)
        return fault(why, SEK_RULE(TS, 5), claims->fault.status, claims->fault.offset,
                     claims->fault.why);
    if (!claims->format || !claims->tree)
        return shape_fault(why, 0, "not a FIT");
    if (claims->image_count != 1 || strcmp(image->name, name) != 0 ||
        claims->statement_count != 1 || strcmp(claims->statement[0].name, name) != 0 ||
        subnodes(claims->tree, 0) != 2)
        return shape_fault(why, 0, "not one image and one configuration of the right name");
    if (claims->statement[0].kind != SEK_STATEMENT_CONFIGURATION ||
        claims->statement[0].fault.status != SEK_OK || image->covered_by != 1 ||
        image->fault.status != SEK_OK)
        return shape_fault(why, 0, "the configuration does not cover the payload");
    if (image->offset % 8 != 0 || image->offset + image->size != claims->size ||
        claims->uncovered_count != 0)
        return shape_fault(why, image->offset,
                           "payload not aligned to 8, or bytes behind it (mkimage -E -B 8)");
    if (image->hash_count != 1 || !sek_digest_strong(hash->alg) || !hash->measured ||
        hash->measured->status != SEK_OK)
        return shape_fault(why, image->offset, "no hash of SHA-256 or better");
    if (hash->expected.len != sek_digest_len(hash->alg) ||
        memcmp(hash->expected.data, hash->measured->digest, hash->expected.len) != 0)
        return shape_fault(why, image->offset, "the payload's hash is wrong");
    return SEK_OK;
}

static bool verifies(const struct sek_signature_claim *signature, struct sek_bytes spki)
{
    struct sek_bytes digest = {signature->digest, sek_digest_len(signature->alg.hash)};

    /* Twice: one wrong answer of the engine makes nothing good. */
    return signature->digest_status == SEK_OK && !signature->partial &&
           sek_verify_digest(&signature->alg, spki, digest, signature->value) == SEK_OK &&
           sek_verify_digest(&signature->alg, spki, digest, signature->value) == SEK_OK;
}

/* One of the keys, and no other, has to verify one of the signatures. */
static enum sek_status check_signature(const struct sek_image_claims *claims,
                                       struct sek_container *keys, struct sek_store_fault *why)
{
    for (size_t i = 0; i < claims->signature_count; i++) {
        for (size_t k = 0; k < keys->count; k++) {
            if (!verifies(&claims->signature[i], keys->spki[k]))
                continue;
            keys->signer = k;
            return SEK_OK;
        }
    }
    return fault(why, SEK_RULE(TS, 2), SEK_ERR_SIGNATURE, 0, "not signed by the authority");
}

static enum sek_status measure(struct sek_image *image, struct sek_memory_source *source,
                               const struct sek_image_memory *memory)
{
    enum sek_status status = sek_image_open(image, &source->base, NULL, "fit", 0, memory);

    return status == SEK_OK ? sek_image_run(image) : status;
}

enum sek_status sek_container_open(struct sek_container *container, struct sek_bytes itb,
                                   const char *name, void *scratch, size_t scratch_len,
                                   struct sek_store_fault *why)
{
    uint8_t chunk[CHUNK];
    struct sek_extent extent[EXTENTS];
    struct sek_image_claim images[IMAGES];
    struct sek_statement_claim statements[STATEMENTS];
    struct sek_signature_claim signatures[SIGNATURES];
    const struct sek_image_memory memory = {
        .pass = {chunk, sizeof chunk, extent, EXTENTS},
        .scratch = scratch,
        .scratch_len = scratch_len,
        .image = images,
        .image_cap = IMAGES,
        .statement = statements,
        .statement_cap = STATEMENTS,
        .signature = signatures,
        .signature_cap = SIGNATURES,
    };
    struct sek_memory_source source = sek_memory_source_make(itb.data, itb.len);
    struct sek_image image;
    enum sek_status status;

    *why = (struct sek_store_fault){0};
    if (((uintptr_t)itb.data & 7) != 0)
        return shape_fault(why, 0, "not aligned to 8 in memory");
    status = measure(&image, &source, &memory);
    if (status != SEK_OK)
        return fault(why, SEK_RULE(TS, 5), status, 0, "cannot be read");
    status = check_shape(&image.claims, name, why);
    if (status == SEK_OK)
        status = check_signature(&image.claims, container, why);
    if (status != SEK_OK)
        return status;
    container->payload = (struct sek_bytes){itb.data + images[0].offset, (size_t)images[0].size};
    container->digested = images[0].hash[0].alg == SEK_DIGEST_SHA256;
    if (container->digested)
        memcpy(container->sha256, images[0].hash[0].measured->digest, sizeof container->sha256);
    return SEK_OK;
}

enum sek_status sek_store_open_one(struct sek_store *store, struct sek_bytes itb,
                                   struct sek_bytes authority, uint32_t counter, void *scratch,
                                   size_t scratch_len, struct sek_store_fault *why)
{
    struct sek_container container = {.spki = &authority, .count = 1};
    enum sek_status status;

    *store = (struct sek_store){0};
    status = sek_container_open(&container, itb, "store", scratch, scratch_len, why);
    if (status == SEK_OK) {
        status = container.digested
                     ? sek_store_open_digested(store, container.payload, container.sha256, why)
                     : sek_store_open_payload(store, container.payload, why);
        if (status != SEK_OK)
            why->fault.offset += (uint64_t)(container.payload.data - itb.data);
    }
    if (status == SEK_OK && store->serial < counter)
        status = fault(why, SEK_RULE(TS, 4), SEK_ERR_ROLLBACK, 0,
                       "its serial is lower than one seen before");
    else if (status == SEK_OK && counter > 0 && store->serial - counter > SEK_STORE_SERIAL_JUMP)
        status = shape_fault(why, 0, "its serial jumps by more than 65536");
    if (status == SEK_OK && sek_key_id(authority, store->authority_key) != SEK_OK)
        status = fault(why, SEK_RULE(TS, 5), SEK_ERR_CRYPTO, 0, "the authority's key id");
    if (status != SEK_OK)
        store->dtb = NULL;
    return status;
}
