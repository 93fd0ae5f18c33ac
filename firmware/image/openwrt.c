/* OpenWrt's wrapper: firmware of any kind, what it says of itself in JSON, a chain of certificates
 * with a signature over all that stands ahead. Each is a chunk that ends in a trailer. Source:
 * OpenWrt's fwtool. */
#include "image/openwrt_info.h"
#include "image/ucert.h"

#include "base/bytes.h"
#include "base/text.h"

#include <string.h>

enum {
    MAGIC = 0x46577830, /* "FWx0" */
    TRAILER_LEN = 16,
    CRC_AT = 4,
    TYPE_AT = 8,
    SIZE_AT = 12,
    TYPE_SIGNATURE = 0,
    TYPE_INFO = 1,
    INFO_HEADER_LEN = 8, /* version 0, flags */
    INFO_MAX = 30 * 1024,
    SIGNATURE_MAX = 1024,
    CANDIDATES_MAX = 2, /* keys that a message is read under where no certificate names one */
};

/* One chunk: its bytes without the trailer. */
struct chunk {
    uint64_t offset;
    size_t len;
    const uint8_t *trailer;
    const uint8_t *bytes;
};

struct openwrt {
    struct sek_image *image;
    struct sek_fault *fault;
    struct chunk info, signature; /* trailer NULL: not there */
    uint64_t payload_len, signed_len;
    struct sek_ucert *chain;
    struct sek_image_claim *bearer; /* of the chunks' checksums; then the last image added */
    char version[SEK_VERSION_MAX + 1];
};

static bool probe_end(struct sek_bytes tail)
{
    return sek_get_u32be(tail.data + tail.len - TRAILER_LEN) == MAGIC;
}

/* The chunk that ends at end, if there is one of this type. */
static enum sek_status take_chunk(struct openwrt *o, uint64_t end, uint8_t type, size_t max,
                                  struct chunk *out)
{
    struct chunk chunk = {.offset = 0};
    uint32_t size;

    if (end < TRAILER_LEN)
        return SEK_OK;
    if (sek_image_read(o->image, end - TRAILER_LEN, TRAILER_LEN, &chunk.trailer) != SEK_OK)
        return o->fault->status;
    if (sek_get_u32be(chunk.trailer) != MAGIC || chunk.trailer[TYPE_AT] != type)
        return SEK_OK;
    size = sek_get_u32be(chunk.trailer + SIZE_AT);
    if (size < TRAILER_LEN || size > end || size - TRAILER_LEN > max ||
        (sek_get_u32be(chunk.trailer + TYPE_AT) & 0xffffff) != 0)
        return sek_fault_set(o->fault, SEK_ERR_MALFORMED, end - TRAILER_LEN,
                             "a trailer that cannot be");
    chunk.offset = end - size;
    chunk.len = size - TRAILER_LEN;
    if (sek_image_read(o->image, chunk.offset, chunk.len, &chunk.bytes) != SEK_OK)
        return o->fault->status;
    *out = chunk;
    return sek_pass_plan(&o->image->pass, chunk.offset, size, SEK_DIGEST_NONE, NULL);
}

/* From the end: perhaps a signature, perhaps what the firmware says of itself, no more of either.
 */
static enum sek_status take_chunks(struct openwrt *o)
{
    uint64_t end = o->image->claims.size;
    const uint8_t *trailer;
    enum sek_status status = take_chunk(o, end, TYPE_SIGNATURE, SIGNATURE_MAX, &o->signature);

    if (status == SEK_OK && o->signature.trailer)
        end = o->signature.offset;
    o->signed_len = end;
    if (status == SEK_OK)
        status = take_chunk(o, end, TYPE_INFO, INFO_MAX, &o->info);
    if (status == SEK_OK && o->info.trailer)
        end = o->info.offset;
    o->payload_len = end;
    if (status != SEK_OK || end < TRAILER_LEN)
        return status;
    if (sek_image_read(o->image, end - TRAILER_LEN, TRAILER_LEN, &trailer) != SEK_OK)
        return o->fault->status;
    return sek_get_u32be(trailer) == MAGIC
               ? sek_fault_set(o->fault, SEK_ERR_MALFORMED, end - TRAILER_LEN,
                               "a chunk twice, of another kind or out of order")
               : SEK_OK;
}

/* ---- Claims ---- */

/* A chunk's checksum, a CRC-32 without its last inversion over all that stands ahead of the
 * trailer, goes with the image that bears it. It makes nothing belong to anything. */
static enum sek_status add_checksum(struct openwrt *o, const struct chunk *chunk)
{
    struct sek_image_claim *bearer = o->bearer;
    uint8_t *expected = sek_image_scratch(o->image, 4);
    struct sek_hash_claim *hash;
    enum sek_status status;

    if (!chunk->trailer)
        return SEK_OK;
    if (!expected || bearer->hash_count == SEK_IMAGE_HASHES)
        return sek_fault_set(o->fault, SEK_ERR_NO_SPACE, chunk->offset, "no room for a checksum");
    sek_put_u32be(expected, ~sek_get_u32be(chunk->trailer + CRC_AT));
    hash = &bearer->hash[bearer->hash_count++];
    *hash = (struct sek_hash_claim){.alg = SEK_DIGEST_CRC32, .expected = {expected, 4}};
    status = sek_pass_plan(&o->image->pass, 0, chunk->offset + chunk->len, SEK_DIGEST_CRC32,
                           &hash->measured);
    if (status == SEK_OK)
        hash->measured->covers = false;
    return status;
}

static enum sek_status add_image(struct openwrt *o, const char *name, enum sek_class hint,
                                 uint64_t offset, uint64_t size)
{
    struct sek_image_claim *claim = sek_image_add(o->image, name, offset, size);

    if (!claim)
        return o->fault->status;
    claim->class_hint = hint;
    claim->checksum_only = true;
    o->bearer = claim;
    return sek_pass_plan(&o->image->pass, offset, size, SEK_DIGEST_SHA256, &claim->extra);
}

/* What the firmware is, by its own formats or as a whole, and what it says of itself. */
static enum sek_status add_images(struct openwrt *o)
{
    struct sek_image_claims *claims = &o->image->claims;
    struct sek_fault fault = {0};
    enum sek_status status = sek_image_unwrap(o->image, o->payload_len);

    if (status == SEK_OK && claims->image_count == 0)
        status = add_image(o, "firmware", SEK_CLASS_ROOTFS, 0, o->payload_len);
    if (status != SEK_OK)
        return status;
    o->bearer = &claims->image[0];
    if (!o->info.trailer)
        return SEK_OK;
    if (o->info.len < INFO_HEADER_LEN || sek_get_u32be(o->info.bytes) != 0)
        return sek_fault_set(o->fault, SEK_ERR_MALFORMED, o->info.offset,
                             "metadata of another version");
    if (openwrt_info_read(
            (struct sek_bytes){o->info.bytes + INFO_HEADER_LEN, o->info.len - INFO_HEADER_LEN},
            o->version, &fault) != SEK_OK)
        return sek_fault_set(o->fault, fault.status,
                             o->info.offset + INFO_HEADER_LEN + fault.offset, fault.why);
    status = add_image(o, "metadata", SEK_CLASS_CONFIG, o->info.offset, o->info.len);
    for (size_t i = 0; i < claims->image_count; i++) { /* not of one that is signed without it */
        if (!claims->image[i].version[0] && claims->image[i].covered_by == 0)
            memcpy(claims->image[i].version, o->version, sizeof o->version);
    }
    return status;
}

/* All that is wrapped, where its own formats know images in it. What the signature makes belong to
 * the firmware besides them is then judged by it, whoever else signed the images. */
static enum sek_status add_wrapped(struct openwrt *o)
{
    const struct sek_image_claims *claims = &o->image->claims;
    enum sek_status status;

    if (claims->image[0].format == claims->format)
        return SEK_OK; /* no format knows it: it is an image already */
    status = add_image(o, "wrapped", SEK_CLASS_ROOTFS, 0, o->payload_len);
    if (status == SEK_OK)
        memcpy(o->bearer->version, o->version, sizeof o->version);
    return status;
}

/* One signature under one key; spki none: of nobody whom we know. */
static enum sek_status add_signature(struct openwrt *o, size_t statement, struct sek_bytes spki)
{
    static const char algo[] = "sha512,ed25519";
    const struct sek_ucert *chain = o->chain;
    struct sek_signature_claim *claim = sek_signature_add(o->image, "signature", statement);

    if (!claim)
        return o->fault->status;
    memcpy(claim->algo, algo, sizeof algo);
    claim->alg = (struct sek_sig_alg){SEK_SCHEME_ED25519_LONG, SEK_DIGEST_SHA512, 256};
    claim->value = (struct sek_bytes){chain->signature.value, sizeof chain->signature.value};
    claim->delegation = chain->delegation;
    claim->delegation_count = chain->delegation_count;
    claim->guessed = chain->delegation_count == 0;
    sek_text_hex(
        (struct sek_bytes){chain->delegation_count > 0 ? chain->by[0].hint : chain->signature.hint,
                           SEK_USIGN_HINT_LEN},
        claim->hint);
    return spki.len > 0 ? sek_image_plan_ed25519(o->image, 0, o->signed_len, spki, claim) : SEK_OK;
}

/* Under the key that the last certificate names; without certificates under keys of the store. */
static enum sek_status add_signatures(struct openwrt *o, size_t statement)
{
    const struct sek_ucert *chain = o->chain;
    size_t count = o->image->candidate_count;
    enum sek_status status = SEK_OK;

    if (chain->delegation_count > 0)
        return add_signature(o, statement, chain->delegation[chain->delegation_count - 1].spki);
    if (count == 0)
        return add_signature(o, statement, (struct sek_bytes){0});
    for (size_t i = 0; i < count && i < CANDIDATES_MAX && status == SEK_OK; i++)
        status = add_signature(o, statement, o->image->candidate[i]);
    return status;
}

/* The signature covers the bytes of all images, whatever else covers them. */
static enum sek_status sign_all(struct openwrt *o)
{
    struct sek_fault fault = {0};
    size_t statement = o->image->claims.statement_count;
    enum sek_status status;

    o->chain = sek_image_scratch(o->image, sizeof *o->chain);
    if (!o->chain)
        return sek_fault_set(o->fault, SEK_ERR_NO_SPACE, o->signature.offset, "no memory");
    if (sek_ucert_parse((struct sek_bytes){o->signature.bytes, o->signature.len}, o->chain,
                        &fault) != SEK_OK)
        return sek_fault_set(o->fault, fault.status, o->signature.offset + fault.offset, fault.why);
    status = add_wrapped(o);
    if (status != SEK_OK)
        return status;
    if (!sek_statement_add(o->image, "openwrt", SEK_STATEMENT_WHOLE))
        return o->fault->status;
    sek_image_cover_all(o->image, statement);
    return add_signatures(o, statement);
}

static enum sek_status prepare(struct sek_image *image)
{
    struct openwrt o = {.image = image, .fault = &image->claims.fault};
    enum sek_status status = take_chunks(&o);

    if (status == SEK_OK && !o.info.trailer && !o.signature.trailer)
        status = sek_fault_set(o.fault, SEK_ERR_MALFORMED, image->claims.size,
                               "no chunk of a kind that we know");
    if (status == SEK_OK)
        status = add_images(&o);
    if (status == SEK_OK)
        status = add_checksum(&o, &o.info);
    if (status == SEK_OK)
        status = add_checksum(&o, &o.signature);
    return status == SEK_OK && o.signature.trailer ? sign_all(&o) : status;
}

const struct sek_format sek_format_openwrt = {
    .name = "openwrt", .probe_end = probe_end, .prepare = prepare};
