/* Wrappers of home routers' firmware that have a checksum and no signature: TRX (Broadcom), SEAMA,
 * TP-Link's safeloader. They are named, so that a report says what a file is, and that nobody
 * signed it. Source: OpenWrt's firmware-utils (trx.c, seama.h, tplink-safeloader.c). */
#include "image/image.h"

#include "base/bytes.h"

#include <string.h>

enum {
    TRX_MAGIC = 0x30524448, /* "HDR0" */
    TRX_HEADER = 28,
    TRX_CHECKED_FROM = 12,
    TRX_PARTS = 3,
    SEAMA_MAGIC = 0x5ea3a417,
    SEAMA_HEADER = 12,
    SEAMA_MD5 = 16,
    SEAMA_ENTITIES = 8,
    SAFELOADER_HEADER = 0x1014,
    SAFELOADER_LOOK = 9,
};

static enum sek_status add(struct sek_image *image, const char *name, uint64_t offset,
                           uint64_t size)
{
    struct sek_image_claim *claim = sek_image_add(image, name, offset, size);

    if (!claim)
        return image->claims.fault.status;
    claim->class_hint = SEK_CLASS_ROOTFS;
    claim->checksum_only = true;
    return sek_pass_plan(&image->pass, offset, size, SEK_DIGEST_SHA256, &claim->extra);
}

/* ---- TRX: magic, length, CRC-32, flags and version, offsets of the parts; little-endian ---- */

static bool probe_trx(struct sek_bytes head)
{
    return head.len >= TRX_HEADER && sek_get_u32le(head.data) == TRX_MAGIC;
}

/* The checksum is a CRC-32 without its last inversion, from the flags to the end. */
static enum sek_status add_trx_checksum(struct sek_image *image, uint64_t len)
{
    struct sek_hash_claim *hash = &image->claims.image[0].hash[0];
    uint8_t *expected = sek_image_scratch(image, 4);

    if (!expected)
        return sek_fault_set(&image->claims.fault, SEK_ERR_NO_SPACE, 8, "no memory for a checksum");
    sek_put_u32be(expected, ~sek_get_u32le(image->head + 8));
    *hash = (struct sek_hash_claim){.alg = SEK_DIGEST_CRC32, .expected = {expected, 4}};
    image->claims.image[0].hash_count = 1;
    return sek_pass_plan(&image->pass, TRX_CHECKED_FROM, len - TRX_CHECKED_FROM, SEK_DIGEST_CRC32,
                         &hash->measured);
}

static enum sek_status prepare_trx(struct sek_image *image)
{
    const uint8_t *head = image->head;
    struct sek_fault *fault = &image->claims.fault;
    uint64_t len = sek_get_u32le(head + 4), from = 0;
    char name[] = "part-a";
    enum sek_status status = SEK_OK;

    if (len < TRX_HEADER || len > image->claims.size)
        return sek_fault_set(fault, len < TRX_HEADER ? SEK_ERR_MALFORMED : SEK_ERR_TRUNCATED, 4,
                             "a length that cannot be");
    for (size_t i = 0; i <= TRX_PARTS && status == SEK_OK; i++) {
        uint64_t next = i < TRX_PARTS ? sek_get_u32le(head + 16 + 4 * i) : len;

        if (next == 0) /* a part that is not there */
            continue;
        if (next > len || (from == 0 ? next < TRX_HEADER && next != len : next < from))
            return sek_fault_set(fault, SEK_ERR_MALFORMED, 16 + 4 * i,
                                 "parts that do not follow each other");
        if (from > 0) {
            status = add(image, name, from, next - from);
            name[5]++;
        }
        from = next;
    }
    if (status == SEK_OK && image->claims.image_count == 0)
        return sek_fault_set(fault, SEK_ERR_MALFORMED, 16, "no part at all");
    if (status == SEK_OK)
        status = sek_pass_plan(&image->pass, 0, TRX_HEADER, SEK_DIGEST_NONE, NULL);
    return status == SEK_OK ? add_trx_checksum(image, len) : status;
}

/* ---- SEAMA: entities of a header, an MD5 unless they are empty, text, data; big-endian ---- */

static bool probe_seama(struct sek_bytes head)
{
    return head.len >= SEAMA_HEADER && sek_get_u32be(head.data) == SEAMA_MAGIC;
}

static enum sek_status prepare_seama(struct sek_image *image)
{
    struct sek_fault *fault = &image->claims.fault;
    char name[] = "image-a";
    uint64_t at = 0;

    for (size_t i = 0; i < SEAMA_ENTITIES && at + SEAMA_HEADER <= image->claims.size; i++) {
        uint64_t size, ahead;
        const uint8_t *header;
        enum sek_status status;

        if (sek_image_read(image, at, SEAMA_HEADER, &header) != SEK_OK)
            return fault->status;
        if (sek_get_u32be(header) != SEAMA_MAGIC)
            break;
        size = sek_get_u32be(header + 8);
        ahead = (uint64_t)(size > 0 ? SEAMA_HEADER + SEAMA_MD5 : SEAMA_HEADER) +
                sek_get_u16be(header + 6);
        if (ahead + size > image->claims.size - at)
            return sek_fault_set(fault, SEK_ERR_TRUNCATED, at,
                                 "announces more bytes than there are");
        status = sek_pass_plan(&image->pass, at, ahead, SEK_DIGEST_NONE, NULL);
        if (status == SEK_OK && size > 0) {
            status = add(image, name, at + ahead, size);
            name[6]++;
        }
        if (status != SEK_OK)
            return status;
        at += ahead + size;
    }
    return image->claims.image_count > 0
               ? SEK_OK
               : sek_fault_set(fault, SEK_ERR_MALFORMED, at, "no image in it");
}

/* ---- Safeloader: size, MD5, a vendor's header, a table in text ---- */

/* No magic: a size of less than 256 MiB, and then what stands 4 KiB further on. */
static bool probe_safeloader(struct sek_bytes head)
{
    return head.len >= 4 && head.data[0] < 0x10 && sek_get_u32be(head.data) > SAFELOADER_HEADER;
}

static enum sek_status prepare_safeloader(struct sek_image *image)
{
    uint64_t size = image->claims.size;
    enum sek_status status;
    const uint8_t *table;

    if (sek_get_u32be(image->head) != size || size < SAFELOADER_HEADER + SAFELOADER_LOOK)
        return SEK_ERR_NOT_THIS_FORMAT;
    if (sek_image_read(image, SAFELOADER_HEADER, SAFELOADER_LOOK, &table) != SEK_OK)
        return image->claims.fault.status;
    if (memcmp(table, "fwup-ptn ", SAFELOADER_LOOK) != 0)
        return SEK_ERR_NOT_THIS_FORMAT;
    status = sek_pass_plan(&image->pass, 0, SAFELOADER_HEADER, SEK_DIGEST_NONE, NULL);
    return status == SEK_OK ? add(image, "firmware", SAFELOADER_HEADER, size - SAFELOADER_HEADER)
                            : status;
}

const struct sek_format sek_format_trx = {
    .name = "trx", .sized = true, .probe = probe_trx, .prepare = prepare_trx};
const struct sek_format sek_format_seama = {
    .name = "seama", .sized = true, .probe = probe_seama, .prepare = prepare_seama};
const struct sek_format sek_format_safeloader = {
    .name = "safeloader", .probe = probe_safeloader, .prepare = prepare_safeloader};
