/* U-Boot's legacy image: a 64-byte header and checksums. It has no signature: whatever it holds is
 * at most unaltered by accident. */
#include "image/image.h"

#include "base/bytes.h"
#include "base/crc.h"
#include "base/text.h"

#include <string.h>

enum {
    MAGIC = 0x27051956,
    HEADER_LEN = 64,
    TYPE_MULTI = 4,
    PARTS_MAX = 16,
    OS_MAX = 40, /* numbers of U-Boot's lists, with room for some that are still to come */
    TYPE_MAX = 64,
};

static bool probe(struct sek_bytes head)
{
    return head.len >= 4 && sek_get_u32be(head.data) == MAGIC;
}

static enum sek_class class_of_type(uint8_t type)
{
    switch (type) {
    case 2: /* kernel */
    case 6: /* script */
    case 8: /* flat device tree */
        return SEK_CLASS_KERNEL;
    case 3: /* ramdisk */
    case 7: /* filesystem */
        return SEK_CLASS_ROOTFS;
    case 1: /* standalone */
    case 5: /* firmware */
        return SEK_CLASS_BOOT;
    default:
        return SEK_CLASS_NONE;
    }
}

/* One image with a digest for the report, and the header's checksum over all of it. */
static enum sek_status add_image(struct sek_image *image, const char *name, uint8_t type,
                                 uint64_t offset, uint64_t size)
{
    struct sek_image_claim *claim = sek_image_add(image, name, offset, size);

    if (!claim)
        return image->claims.fault.status;
    claim->class_hint = class_of_type(type);
    claim->checksum_only = true;
    return sek_pass_plan(&image->pass, offset, size, SEK_DIGEST_SHA256, &claim->extra);
}

/* What a part of a multi-part image is, by its place: kernel, ramdisk, device tree. */
static uint8_t type_of_part(size_t i)
{
    return i == 1 ? 3 : i == 2 ? 8 : 2;
}

/* The table of a multi-part image: sizes ended by 0, then the parts, each padded to 4. */
static enum sek_status add_parts(struct sek_image *image, uint64_t size)
{
    uint8_t *table = sek_image_scratch(image, 4 * (PARTS_MAX + 1));
    size_t want = size < 4 * (PARTS_MAX + 1) ? (size_t)size & ~(size_t)3 : 4 * (PARTS_MAX + 1);
    struct sek_fault *fault = &image->claims.fault;
    char name[] = "part-0";
    size_t count = 0;
    uint64_t at;
    enum sek_status status;

    if (!table)
        return sek_fault_set(fault, SEK_ERR_NO_SPACE, HEADER_LEN, "no memory for the part table");
    status = sek_image_read_into(image, HEADER_LEN, table, want);
    if (status != SEK_OK)
        return sek_fault_set(fault, status, HEADER_LEN, "the part table cannot be read");
    while (4 * count < want && sek_get_u32be(table + 4 * count) != 0)
        count++;
    if (4 * count >= want || count == 0)
        return sek_fault_set(fault, SEK_ERR_MALFORMED, HEADER_LEN,
                             "the part table is empty, too long or has no end");
    at = HEADER_LEN + 4 * ((uint64_t)count + 1);
    status = sek_pass_plan(&image->pass, HEADER_LEN, at - HEADER_LEN, SEK_DIGEST_NONE, NULL);
    for (size_t i = 0; i < count && status == SEK_OK; i++) {
        uint32_t len = sek_get_u32be(table + 4 * i);

        if (at + len > HEADER_LEN + size)
            return sek_fault_set(fault, SEK_ERR_MALFORMED, HEADER_LEN + 4 * i,
                                 "the parts are longer than the image");
        name[5] = (char)('a' + i);
        status = add_image(image, name, type_of_part(i), at, len);
        at += ((uint64_t)len + 3) & ~(uint64_t)3;
    }
    return status;
}

static enum sek_status prepare(struct sek_image *image)
{
    const uint8_t *head = image->head;
    struct sek_image_claims *claims = &image->claims;
    uint8_t zeroed[HEADER_LEN];
    uint64_t size;
    enum sek_status status;

    if (image->head_len < HEADER_LEN)
        return sek_fault_set(&claims->fault, SEK_ERR_TRUNCATED, image->head_len,
                             "ends inside the header");
    if (sek_get_u32be(head) != MAGIC)
        return sek_fault_set(&claims->fault, SEK_ERR_MALFORMED, 0, "not a uImage");
    memcpy(zeroed, head, sizeof zeroed);
    memset(zeroed + 4, 0, 4);
    if (sek_crc32(0, zeroed, sizeof zeroed) != sek_get_u32be(head + 4))
        return sek_fault_set(&claims->fault, SEK_ERR_MALFORMED, 4, "header checksum is wrong");
    if (head[28] > OS_MAX || head[30] > TYPE_MAX)
        return sek_fault_set(&claims->fault, SEK_ERR_UNSUPPORTED, 28,
                             "operating system or type out of range");
    size = sek_get_u32be(head + 12);
    if (size > claims->size - HEADER_LEN)
        return sek_fault_set(&claims->fault, SEK_ERR_TRUNCATED, 12,
                             "announces more bytes than there are");
    status = sek_pass_plan(&image->pass, 0, HEADER_LEN, SEK_DIGEST_NONE, NULL);
    if (status == SEK_OK)
        status = head[30] == TYPE_MULTI ? add_parts(image, size)
                                        : add_image(image, "image", head[30], HEADER_LEN, size);
    if (status != SEK_OK)
        return status;
    /* The checksum of the header covers all parts: it stands with the first. */
    claims->image[0].hash[0] =
        (struct sek_hash_claim){.alg = SEK_DIGEST_CRC32, .expected = {head + 24, 4}};
    claims->image[0].hash_count = 1;
    return sek_pass_plan(&image->pass, HEADER_LEN, size, SEK_DIGEST_CRC32,
                         &claims->image[0].hash[0].measured);
}

const struct sek_format sek_format_uimage = {
    .name = "uimage", .sized = true, .probe = probe, .prepare = prepare};
