/* ONIE TlvInfo, the system EEPROM of open switches (Open Compute Project, ONIE "Hardware
 * Requirements: Non-Volatile Board Info Storage"). */
#include "part/part.h"

#include "base/bytes.h"
#include "base/crc.h"

#include <string.h>

enum {
    HEADER_LEN = 11, /* "TlvInfo\0", version, length of what follows (big-endian) */
    TOTAL_MAX = 2048 - HEADER_LEN,
    CRC_TLV_LEN = 6, /* FE 04 and the CRC-32 */
    TLV_CRC = 0xfe,
    TLV_VENDOR_EXTENSION = 0xfd,
    TLV_MAC = 0x24,
};

static const char magic[8] = "TlvInfo";

static bool probe(struct sek_bytes record)
{
    return record.len >= sizeof magic && memcmp(record.data, magic, sizeof magic) == 0;
}

/* The text TLVs that say who made it, or what it is. */
static const struct {
    uint8_t type;
    enum sek_kind kind;
} texts[] = {
    {0x21, SEK_KIND_PRODUCT},      {0x22, SEK_KIND_PART_NUMBER}, {0x23, SEK_KIND_SERIAL_NUMBER},
    {0x25, SEK_KIND_DATE},         {0x27, SEK_KIND_REVISION},    {0x28, SEK_KIND_PRODUCT},
    {0x2b, SEK_KIND_MANUFACTURER}, {0x2c, SEK_KIND_COUNTRY},     {0x2d, SEK_KIND_VENDOR},
};

static enum sek_status add_tlv(uint8_t type, struct sek_bytes value,
                               enum sek_evidence_class evidence, struct sek_part_claims *out)
{
    if (type == TLV_MAC && value.len == 6)
        return sek_part_add_bytes(out, SEK_KIND_MAC, value, SEK_EVIDENCE_PLAIN);
    if (type == TLV_VENDOR_EXTENSION && value.len >= 4)
        return sek_part_add_number(out, SEK_KIND_PEN, sek_get_u32be(value.data), evidence);
    for (size_t i = 0; i < SEK_LEN(texts); i++) {
        if (texts[i].type == type)
            return sek_part_add_text(out, texts[i].kind, value, evidence);
    }
    return SEK_OK; /* unknown types are passed over */
}

static void damage(struct sek_part_claims *out, uint64_t offset, const char *why)
{
    out->damaged = true;
    (void)sek_fault_set(&out->fault, SEK_ERR_MALFORMED, offset, why);
}

/* The length that the header announces, cut to what there is; the CRC over it. */
static size_t check_frame(struct sek_bytes record, struct sek_part_claims *out)
{
    size_t total = sek_get_u16be(record.data + 9), end;

    if (total > TOTAL_MAX)
        damage(out, 9, "announces more than 2048 bytes");
    else if (HEADER_LEN + total > record.len)
        damage(out, 9, "announces more bytes than there are");
    if (out->damaged)
        return record.len < HEADER_LEN + TOTAL_MAX ? record.len : HEADER_LEN + TOTAL_MAX;
    end = HEADER_LEN + total;
    if (total < CRC_TLV_LEN || record.data[end - 6] != TLV_CRC || record.data[end - 5] != 4)
        damage(out, end, "has no checksum at its end");
    else if (sek_crc32(0, record.data, end - 4) != sek_get_u32be(record.data + end - 4))
        damage(out, end - 4, "its checksum is wrong");
    return end;
}

static enum sek_status parse(struct sek_bytes record, struct sek_part_claims *out)
{
    struct sek_fault fault = {0};
    struct sek_reader r;

    if (record.len < HEADER_LEN)
        return sek_fault_set(&out->fault, SEK_ERR_TRUNCATED, record.len, "ends inside the header");
    if (!probe(record))
        return SEK_ERR_NOT_THIS_FORMAT;
    if (record.data[8] != 1)
        return sek_fault_set(&out->fault, SEK_ERR_UNSUPPORTED, 8, "TlvInfo of another version");
    out->class_hint = SEK_CLASS_PRODUCT;
    r = sek_reader_make((struct sek_bytes){record.data, check_frame(record, out)}, &fault);
    (void)sek_reader_bytes(&r, HEADER_LEN);
    while (sek_reader_left(&r) > 0) {
        size_t at = r.pos;
        uint8_t type = sek_reader_u8(&r);
        size_t len = sek_reader_u8(&r);
        struct sek_bytes value;
        enum sek_status status;

        if (type == TLV_CRC && len == 4)
            break;
        if (len > sek_reader_left(&r)) {
            damage(out, at, "a field is cut");
            len = sek_reader_left(&r);
        }
        value = sek_reader_bytes(&r, len);
        status = add_tlv(type, value, SEK_EVIDENCE_CHECKED, out);
        if (status != SEK_OK)
            return sek_fault_set(&out->fault, status, at, "more fields than our table");
    }
    return SEK_OK;
}

const struct sek_part_format sek_part_onie = {
    .name = "onie-tlv",
    .has_magic = true,
    .blank_len = 8,
    .probe = probe,
    .parse = parse,
};
