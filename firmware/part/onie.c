/* ONIE TlvInfo, the system EEPROM of open switches (Open Compute Project, ONIE "Hardware
 * Requirements: Non-Volatile Board Info Storage"). */
#include "part/part.h"

#include "base/bytes.h"
#include "base/crc.h"

#include <string.h>

enum {
    HEADER_LEN = 11, /* "TlvInfo\0", version, length of what follows (big-endian) */
    TOTAL_MAX = 2048 - HEADER_LEN,
    CRC_LEN = 4,
    TLV_CRC = 0xfe, /* CRC-32 of all before its value, big-endian; the last field */
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

/* A field of fixed form that does not have it says nothing, and the record is damaged. */
static enum sek_status add_tlv(uint8_t type, struct sek_bytes value, size_t at,
                               struct sek_part_claims *out)
{
    if (type == TLV_MAC && value.len == 6)
        return sek_part_add_bytes(out, SEK_KIND_MAC, value, SEK_EVIDENCE_PLAIN);
    if (type == TLV_VENDOR_EXTENSION && value.len >= 4)
        return sek_part_add_number(out, SEK_KIND_PEN, sek_get_u32be(value.data),
                                   SEK_EVIDENCE_CHECKED);
    if (type == TLV_MAC || type == TLV_VENDOR_EXTENSION || type == 0x00 || type == 0xff)
        sek_part_damage(out, SEK_ERR_MALFORMED, at, "a field that cannot be");
    for (size_t i = 0; i < SEK_LEN(texts); i++) {
        if (texts[i].type == type)
            return sek_part_add_text(out, texts[i].kind, value, SEK_EVIDENCE_CHECKED);
    }
    return SEK_OK; /* unknown types are passed over by their length */
}

/* Where the fields end: as the header announces, cut to what there is. */
static size_t end_of(struct sek_bytes record, struct sek_part_claims *out)
{
    size_t total = sek_get_u16be(record.data + 9), most = HEADER_LEN + TOTAL_MAX;

    if (total <= TOTAL_MAX && total <= record.len - HEADER_LEN)
        return HEADER_LEN + total;
    sek_part_damage(out, SEK_ERR_MALFORMED, 9,
                    total > TOTAL_MAX ? "announces more than 2048 bytes"
                                      : "announces more bytes than there are");
    return record.len < most ? record.len : most;
}

/* Lists all fields, also those behind a checksum that is not last. *closed: the last one is one. */
static enum sek_status walk(struct sek_reader *r, struct sek_part_claims *out, bool *closed)
{
    enum sek_status status = SEK_OK;

    while (sek_reader_left(r) > 0 && status == SEK_OK) {
        size_t at = r->pos;
        uint8_t type = sek_reader_u8(r);
        size_t len = sek_reader_left(r) > 0 ? sek_reader_u8(r) : 0, left = sek_reader_left(r);
        struct sek_bytes value = sek_reader_bytes(r, len < left ? len : left);

        *closed = type == TLV_CRC && len == CRC_LEN && left == CRC_LEN;
        if (len > left || r->pos - at < 2)
            sek_part_damage(out, SEK_ERR_TRUNCATED, at, "a field is cut");
        if (type == TLV_CRC && !*closed)
            sek_part_damage(out, SEK_ERR_MALFORMED, at, "a checksum that is not the last field");
        else if (type != TLV_CRC)
            status = add_tlv(type, value, at, out);
        if (status != SEK_OK)
            (void)sek_fault_set(&out->fault, status, at, "more fields than our table");
    }
    return status;
}

static enum sek_status parse(struct sek_bytes record, struct sek_part_claims *out)
{
    struct sek_fault fault = {0};
    struct sek_reader r;
    enum sek_status status;
    bool closed = false;
    size_t end;

    if (!probe(record))
        return sek_fault_set(&out->fault, SEK_ERR_NOT_THIS_FORMAT, 0, "no TlvInfo magic");
    if (record.len < HEADER_LEN)
        return sek_fault_set(&out->fault, SEK_ERR_TRUNCATED, record.len, "ends inside the header");
    if (record.data[8] != 1)
        sek_part_damage(out, SEK_ERR_UNSUPPORTED, 8, "TlvInfo of another version");
    end = end_of(record, out);
    r = sek_reader_make((struct sek_bytes){record.data, end}, &fault);
    (void)sek_reader_bytes(&r, HEADER_LEN);
    status = walk(&r, out, &closed);
    if (!closed)
        sek_part_damage(out, SEK_ERR_MALFORMED, end, "has no checksum at its end");
    else if (sek_crc32(0, record.data, end - CRC_LEN) != sek_get_u32be(record.data + end - CRC_LEN))
        sek_part_damage(out, SEK_ERR_MALFORMED, end - CRC_LEN, "its checksum is wrong");
    return status;
}

const struct sek_part_format sek_part_onie = {
    .name = "onie-tlv",
    .component_class = SEK_CLASS_PRODUCT,
    .blank_len = 8,
    .probe = probe,
    .parse = parse,
};
