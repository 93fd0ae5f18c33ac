/* Identifiers that hardware and kernels give as a few bytes: PCI configuration space, USB device
 * descriptors, a device tree's `compatible`, a flash chip's JEDEC id, an Arm core's implementer, a
 * network address, an optical network unit's vendor. None has a magic: each is read only where the
 * board or user says so. Hexadecimal text, as Linux' files have it, is read like the bytes. */
#include "part/part.h"

#include "base/bytes.h"

#include <string.h>

static bool never(struct sek_bytes record)
{
    (void)record;
    return false;
}

static enum sek_status too_short(struct sek_part_claims *out, struct sek_bytes record)
{
    return sek_fault_set(&out->fault, SEK_ERR_TRUNCATED, record.len, "ends before its fields");
}

/* Records that the table is full, if it is. */
static enum sek_status full(struct sek_part_claims *out, enum sek_status status)
{
    if (status != SEK_OK)
        (void)sek_fault_set(&out->fault, status, 0, "more fields than our table");
    return status;
}

/* ---- Numbers in binary form ---- */

/* PCI Local Bus 3.0, 6.1: vendor and device are the chip's, the subsystem is the card maker's. */
static enum sek_status parse_pci(struct sek_bytes record, struct sek_part_claims *out)
{
    enum { VENDOR = 0x00, HEADER_TYPE = 0x0e, SUBSYSTEM = 0x2c, LEN = 64 };
    enum sek_status status;

    if (record.len < 4)
        return too_short(out, record);
    status = sek_part_add_number(out, SEK_KIND_PCI,
                                 (uint32_t)sek_get_u16le(record.data + VENDOR) << 16 |
                                     sek_get_u16le(record.data + VENDOR + 2),
                                 SEK_EVIDENCE_SILICON);
    if (record.len < LEN)
        sek_part_damage(out, SEK_ERR_TRUNCATED, record.len, "shorter than a device's head");
    if (status == SEK_OK && record.len >= SUBSYSTEM + 4 && (record.data[HEADER_TYPE] & 0x7f) == 0)
        status = sek_part_add_number(out, SEK_KIND_PCI_SUBSYSTEM,
                                     (uint32_t)sek_get_u16le(record.data + SUBSYSTEM) << 16 |
                                         sek_get_u16le(record.data + SUBSYSTEM + 2),
                                     SEK_EVIDENCE_PLAIN);
    return full(out, status);
}

/* USB 2.0, 9.6.1. */
static enum sek_status parse_usb(struct sek_bytes record, struct sek_part_claims *out)
{
    enum { LEN = 18, DEVICE = 1, VENDOR = 8 };

    if (record.len < VENDOR + 4)
        return too_short(out, record);
    if (record.len < LEN || record.data[0] != LEN || record.data[1] != DEVICE)
        sek_part_damage(out, SEK_ERR_MALFORMED, 0, "no device descriptor");
    return full(out, sek_part_add_number(out, SEK_KIND_USB,
                                         (uint32_t)sek_get_u16le(record.data + VENDOR) << 16 |
                                             sek_get_u16le(record.data + VENDOR + 2),
                                         SEK_EVIDENCE_PLAIN));
}

/* ---- Texts ---- */

/* Devicetree Specification 0.4, 2.3.1: texts, each ends in NUL. */
static enum sek_status parse_compatible(struct sek_bytes record, struct sek_part_claims *out)
{
    enum sek_status status = SEK_OK;

    if (record.len == 0)
        return too_short(out, record);
    if (record.data[record.len - 1] != 0)
        sek_part_damage(out, SEK_ERR_TRUNCATED, record.len, "a text is cut");
    while (record.len > 0 && status == SEK_OK) {
        const uint8_t *end = memchr(record.data, 0, record.len);
        size_t len = end ? (size_t)(end - record.data) : record.len;

        status = sek_part_add_text(out, SEK_KIND_COMPATIBLE, (struct sek_bytes){record.data, len},
                                   SEK_EVIDENCE_PLAIN);
        len = end ? len + 1 : len;
        record = (struct sek_bytes){record.data + len, record.len - len};
    }
    return full(out, status);
}

/* ITU-T G.984.3: four letters. */
static enum sek_status parse_gpon(struct sek_bytes record, struct sek_part_claims *out)
{
    if (record.len < 4)
        return too_short(out, record);
    return full(out, sek_part_add_text(out, SEK_KIND_GPON, (struct sek_bytes){record.data, 4},
                                       SEK_EVIDENCE_PLAIN));
}

/* ---- Numbers as bytes, or as hexadecimal text ---- */

/* JESD216 and JEP106: manufacturer and two bytes of device. */
static enum sek_status parse_jedec(struct sek_bytes record, struct sek_part_claims *out)
{
    uint8_t id[6];
    size_t len = 0;

    if (!sek_part_hex(record, id, sizeof id, &len)) {
        len = record.len < sizeof id ? record.len : sizeof id;
        memcpy(id, record.data, len);
    }
    if (len < 3)
        return too_short(out, record);
    return full(out, sek_part_add_number(out, SEK_KIND_JEDEC,
                                         (uint32_t)id[0] << 16 | (uint32_t)id[1] << 8 | id[2],
                                         SEK_EVIDENCE_SILICON));
}

/* Arm architecture, MIDR_EL1: the implementer is the byte of bits 24 to 31. */
static enum sek_status parse_midr(struct sek_bytes record, struct sek_part_claims *out)
{
    uint8_t id[8];
    size_t len = 0;

    if (!sek_part_hex(record, id, sizeof id, &len) || len < 4)
        return too_short(out, record);
    return full(out, sek_part_add_number(out, SEK_KIND_MIDR, id[len - 4], SEK_EVIDENCE_SILICON));
}

static enum sek_status parse_mac(struct sek_bytes record, struct sek_part_claims *out)
{
    uint8_t address[6];
    size_t len = 0, start = out->text_used;

    if (record.len == sizeof address)
        return full(out, sek_part_add_bytes(out, SEK_KIND_MAC, record, SEK_EVIDENCE_PLAIN));
    if (!sek_part_hex(record, address, sizeof address, &len) || len != sizeof address)
        return too_short(out, record);
    if (out->text_cap - start < len)
        return full(out, SEK_ERR_NO_SPACE);
    memcpy(out->text + start, address, len);
    out->text_used += len;
    return full(out,
                sek_part_add_bytes(out, SEK_KIND_MAC, (struct sek_bytes){out->text + start, len},
                                   SEK_EVIDENCE_PLAIN));
}

const struct sek_part_format sek_part_pci = {
    "pci-config", SEK_CLASS_NONE, 4, never, parse_pci,
};
const struct sek_part_format sek_part_usb = {
    "usb-device", SEK_CLASS_NONE, 12, never, parse_usb,
};
const struct sek_part_format sek_part_compatible = {
    "dt-compatible", SEK_CLASS_NONE, SEK_PART_MAX, never, parse_compatible,
};
const struct sek_part_format sek_part_gpon = {
    "gpon-vendor", SEK_CLASS_NONE, 4, never, parse_gpon,
};
const struct sek_part_format sek_part_jedec = {
    "jedec-id", SEK_CLASS_FLASH, 3, never, parse_jedec,
};
const struct sek_part_format sek_part_midr = {
    "arm-midr", SEK_CLASS_NONE, 8, never, parse_midr,
};
const struct sek_part_format sek_part_mac = {
    "mac-address", SEK_CLASS_NONE, 6, never, parse_mac,
};
