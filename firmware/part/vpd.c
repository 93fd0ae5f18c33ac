/* PCI vital product data: maker, part and serial number of a card (PCI Local Bus 3.0, appendix I).
 * Without a magic: read only where the board or user says so. */
#include "part/part.h"

#include "base/bytes.h"
#include "base/crc.h"

#include <string.h>

enum {
    LARGE = 0x80, /* tags with a length of two bytes; others have it in three bits */
    TAG_NAME = 0x82,
    TAG_READ_ONLY = 0x90,
    TAG_END = 0x78,
    FIELD_HEAD = 3, /* keyword and length */
};

static const struct {
    char keyword[3];
    enum sek_kind kind;
} keywords[] = {
    {"MN", SEK_KIND_MANUFACTURER},
    {"PN", SEK_KIND_PART_NUMBER},
    {"SN", SEK_KIND_SERIAL_NUMBER},
    {"EC", SEK_KIND_REVISION},
};

static bool never(struct sek_bytes record)
{
    (void)record;
    return false;
}

/* The one checksum of a record. */
enum sum { SUM_NONE, SUM_WRONG, SUM_RIGHT };

/* The checksum at this place, over all before it: the first one counts, and it is the only one. */
static void check_sum(struct sek_reader *r, size_t at, struct sek_part_claims *out, enum sum *sum)
{
    if (*sum != SUM_NONE)
        sek_part_damage(out, SEK_ERR_MALFORMED, at, "two checksums");
    else
        *sum = sek_sum8(r->data, at + FIELD_HEAD + 1) == 0 ? SUM_RIGHT : SUM_WRONG;
}

/* Fields of the read-only part, which begins at r. */
static enum sek_status read_fields(struct sek_reader *r, struct sek_part_claims *out, enum sum *sum)
{
    enum sek_status status = SEK_OK;

    while (sek_reader_left(r) > 0 && status == SEK_OK) {
        size_t at = r->pos, left;
        struct sek_bytes head = sek_reader_bytes(r, FIELD_HEAD), value;

        if (!head.data) {
            sek_part_damage(out, SEK_ERR_TRUNCATED, at, "a field is cut");
            return SEK_OK;
        }
        left = sek_reader_left(r);
        value = sek_reader_bytes(r, head.data[2] < left ? head.data[2] : left);
        if (value.len < head.data[2])
            sek_part_damage(out, SEK_ERR_TRUNCATED, at, "a field is cut");
        if (memcmp(head.data, "RV", 2) == 0 && value.len > 0)
            check_sum(r, at, out, sum);
        for (size_t i = 0; i < SEK_LEN(keywords) && status == SEK_OK; i++) {
            if (memcmp(head.data, keywords[i].keyword, 2) == 0)
                status = sek_part_add_text(out, keywords[i].kind, value, SEK_EVIDENCE_CHECKED);
        }
        if (status != SEK_OK)
            (void)sek_fault_set(&out->fault, status, at, "more fields than our table");
    }
    return status;
}

/* One resource. *more: another one follows. */
static enum sek_status read_resource(struct sek_reader *r, struct sek_part_claims *out,
                                     enum sum *sum, bool *more)
{
    size_t at = r->pos, left, len;
    uint8_t tag = sek_reader_u8(r);
    struct sek_fault own = {0}; /* a cut field hides no resource behind it */
    struct sek_reader inside;

    left = sek_reader_left(r);
    *more = tag != TAG_END && left > 0;
    if (tag == TAG_END)
        return SEK_OK;
    len = !(tag & LARGE) ? tag & 7u : left >= 2 ? sek_reader_u16le(r) : left + 1;
    left = sek_reader_left(r);
    if (len > left) {
        sek_part_damage(out, SEK_ERR_TRUNCATED, at, "a resource is cut");
        len = left;
        *more = false;
    }
    inside = sek_reader_sub(r, len);
    inside.fault = &own;
    if (tag == TAG_NAME)
        return sek_part_add_text(out, SEK_KIND_PRODUCT, sek_reader_bytes(&inside, len),
                                 SEK_EVIDENCE_CHECKED);
    return tag == TAG_READ_ONLY ? read_fields(&inside, out, sum) : SEK_OK;
}

static enum sek_status parse(struct sek_bytes record, struct sek_part_claims *out)
{
    struct sek_fault fault = {0};
    struct sek_reader r = sek_reader_make(record, &fault);
    enum sek_status status = SEK_OK;
    enum sum sum = SUM_NONE;
    bool more = true;

    if (record.len == 0)
        return sek_fault_set(&out->fault, SEK_ERR_TRUNCATED, 0, "an empty record");
    while (more && status == SEK_OK)
        status = read_resource(&r, out, &sum, &more);
    if (sum != SUM_RIGHT)
        sek_part_damage(out, SEK_ERR_MALFORMED, 0, "its checksum is wrong or missing");
    return status;
}

const struct sek_part_format sek_part_vpd = {
    .name = "pci-vpd",
    .component_class = SEK_CLASS_NONE,
    .blank_len = SEK_PART_MAX, /* a resource of no length hides none behind it */
    .probe = never,
    .parse = parse,
};
