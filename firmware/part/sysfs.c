/* What Linux' drivers say of a device in small files: numbers read from its silicon, texts that it
 * tells. Whoever reads them puts them into one record:
 *
 *   linux-sysfs GROUP LF, then KEY=VALUE LF for each, then LF
 *
 * GROUP is the kind of device and decides what its keys mean; keys that are not below say nothing.
 * Source: Documentation/ABI of Linux (sysfs-bus-pci, sysfs-bus-usb, sysfs-bus-spi-devices-spi-nor,
 * sysfs-class-nvme, sysfs-bus-mmc, sysfs-devices-soc, sysfs-class-net), IPMI's driver. */
#include "part/part.h"

#include "base/bytes.h"

#include <string.h>

/* How a value is read. */
enum how {
    TEXT,
    NUMBER, /* all of it */
    UPPER,  /* the upper 16 bits of a number whose lower ones come next */
    LOWER,
    MIDR, /* MIDR_EL1: the implementer is the byte of bits 24 to 31; a single byte is it already */
    MAC,
    PHY, /* IEEE 802.3, 22.2.4.3.1: bits 3 to 24 of an OUI stand above 10 bits of model */
    HID, /* ACPI 6.5, 6.1.5: three letters and a number, or four letters */
};

static const struct field {
    const char *group, *key;
    enum how how;
    enum sek_kind kind;
    enum sek_evidence_class evidence;
} fields[] = {
    {"pci", "vendor", UPPER, SEK_KIND_PCI, SEK_EVIDENCE_SILICON},
    {"pci", "device", LOWER, SEK_KIND_PCI, SEK_EVIDENCE_SILICON},
    {"pci", "subsystem_vendor", UPPER, SEK_KIND_PCI_SUBSYSTEM, SEK_EVIDENCE_PLAIN},
    {"pci", "subsystem_device", LOWER, SEK_KIND_PCI_SUBSYSTEM, SEK_EVIDENCE_PLAIN},
    {"usb", "idVendor", UPPER, SEK_KIND_USB, SEK_EVIDENCE_PLAIN},
    {"usb", "idProduct", LOWER, SEK_KIND_USB, SEK_EVIDENCE_PLAIN},
    {"usb", "manufacturer", TEXT, SEK_KIND_MANUFACTURER, SEK_EVIDENCE_PLAIN},
    {"usb", "product", TEXT, SEK_KIND_PRODUCT, SEK_EVIDENCE_PLAIN},
    {"usb", "serial", TEXT, SEK_KIND_SERIAL_NUMBER, SEK_EVIDENCE_PLAIN},
    {"spi-nor", "jedec_id", NUMBER, SEK_KIND_JEDEC, SEK_EVIDENCE_SILICON},
    {"spi-nor", "manufacturer", TEXT, SEK_KIND_MANUFACTURER, SEK_EVIDENCE_PLAIN},
    {"spi-nor", "partname", TEXT, SEK_KIND_PART_NUMBER, SEK_EVIDENCE_PLAIN},
    {"nvme", "model", TEXT, SEK_KIND_PRODUCT, SEK_EVIDENCE_PLAIN},
    {"nvme", "serial", TEXT, SEK_KIND_SERIAL_NUMBER, SEK_EVIDENCE_PLAIN},
    {"nvme", "firmware_rev", TEXT, SEK_KIND_REVISION, SEK_EVIDENCE_PLAIN},
    {"mmc", "name", TEXT, SEK_KIND_PRODUCT, SEK_EVIDENCE_SILICON},
    {"mmc", "serial", TEXT, SEK_KIND_SERIAL_NUMBER, SEK_EVIDENCE_SILICON},
    {"mmc", "fwrev", TEXT, SEK_KIND_REVISION, SEK_EVIDENCE_PLAIN},
    {"scsi", "vendor", TEXT, SEK_KIND_VENDOR, SEK_EVIDENCE_PLAIN},
    {"scsi", "model", TEXT, SEK_KIND_PRODUCT, SEK_EVIDENCE_PLAIN},
    {"scsi", "rev", TEXT, SEK_KIND_REVISION, SEK_EVIDENCE_PLAIN},
    {"phy", "phy_id", PHY, SEK_KIND_OUI24, SEK_EVIDENCE_SILICON},
    {"ipmi", "manufacturer_id", NUMBER, SEK_KIND_PEN, SEK_EVIDENCE_PLAIN},
    {"ipmi", "firmware_revision", TEXT, SEK_KIND_REVISION, SEK_EVIDENCE_PLAIN},
    {"soc", "machine", TEXT, SEK_KIND_PRODUCT, SEK_EVIDENCE_PLAIN},
    {"soc", "family", TEXT, SEK_KIND_PRODUCT, SEK_EVIDENCE_SILICON},
    {"soc", "soc_id", TEXT, SEK_KIND_PART_NUMBER, SEK_EVIDENCE_SILICON},
    {"soc", "revision", TEXT, SEK_KIND_REVISION, SEK_EVIDENCE_SILICON},
    {"soc", "serial_number", TEXT, SEK_KIND_SERIAL_NUMBER, SEK_EVIDENCE_SILICON},
    {"cpu", "midr_el1", MIDR, SEK_KIND_MIDR, SEK_EVIDENCE_SILICON},
    {"cpu", "CPU implementer", MIDR, SEK_KIND_MIDR, SEK_EVIDENCE_SILICON},
    {"cpu", "vendor_id", TEXT, SEK_KIND_MANUFACTURER, SEK_EVIDENCE_SILICON},
    {"cpu", "model name", TEXT, SEK_KIND_PRODUCT, SEK_EVIDENCE_PLAIN},
    {"net", "vendor", UPPER, SEK_KIND_PCI, SEK_EVIDENCE_SILICON}, /* of the chip behind it */
    {"net", "device", LOWER, SEK_KIND_PCI, SEK_EVIDENCE_SILICON},
    {"net", "address", MAC, SEK_KIND_MAC, SEK_EVIDENCE_PLAIN},
    {"acpi", "hid", HID, SEK_KIND_ACPI_HID, SEK_EVIDENCE_PLAIN},
};

static const char magic[] = "linux-sysfs ";

enum { MAGIC_LEN = sizeof magic - 1, HID_PNP_LEN = 7, PNP_LETTERS = 3 };

static bool probe(struct sek_bytes record)
{
    return record.len >= MAGIC_LEN && memcmp(record.data, magic, MAGIC_LEN) == 0;
}

static bool is(struct sek_bytes text, const char *word)
{
    return text.len == strlen(word) && memcmp(text.data, word, text.len) == 0;
}

/* The number of a hexadecimal value of at most 8 bytes; false: it is none. */
static bool number_of(struct sek_bytes value, uint64_t *number)
{
    uint8_t bytes[8];
    size_t len = 0;

    if (!sek_part_hex(value, bytes, sizeof bytes, &len))
        return false;
    *number = 0;
    for (size_t i = 0; i < len; i++)
        *number = *number << 8 | bytes[i];
    return true;
}

/* Bytes that are not in the record as they are. */
static enum sek_status add_decoded(struct sek_part_claims *out, const struct field *field,
                                   const uint8_t *bytes, size_t len)
{
    uint8_t *to = out->text + out->text_used;

    if (len > out->text_cap - out->text_used)
        return SEK_ERR_NO_SPACE;
    memcpy(to, bytes, len);
    out->text_used += len;
    return sek_part_add_bytes(out, field->kind, (struct sek_bytes){to, len}, field->evidence);
}

static enum sek_status add_mac(struct sek_part_claims *out, const struct field *field,
                               struct sek_bytes value, bool *read)
{
    uint8_t mac[6];
    size_t len = 0;

    *read = sek_part_hex(value, mac, sizeof mac, &len) && len == sizeof mac;
    return *read ? add_decoded(out, field, mac, len) : SEK_OK;
}

static enum sek_status add_hid(struct sek_part_claims *out, const struct field *field,
                               struct sek_bytes value)
{
    if (value.len != HID_PNP_LEN)
        return sek_part_add_text(out, field->kind, value, field->evidence);
    return sek_part_add_text(out, SEK_KIND_PNP, (struct sek_bytes){value.data, PNP_LETTERS},
                             field->evidence);
}

/* The lower half of the number that was added last. */
static bool complete(struct sek_part_claims *out, const struct field *field, uint64_t number)
{
    struct sek_observation *last = out->count > 0 ? &out->item[out->count - 1] : NULL;

    if (!last || last->kind != field->kind || (last->number & 0xffff) != 0 || number > 0xffff)
        return false;
    last->number |= (uint32_t)number;
    return true;
}

static enum sek_status add_number(struct sek_part_claims *out, const struct field *field,
                                  uint64_t number, bool *read)
{
    uint8_t oui[4];

    *read = number <= (field->how == UPPER ? 0xffff : UINT32_MAX) || field->how == MIDR;
    if (!*read)
        return SEK_OK;
    switch (field->how) {
    case UPPER:
        number <<= 16;
        break;
    case LOWER:
        *read = complete(out, field, number);
        return SEK_OK;
    case MIDR:
        number = number > 0xff ? number >> 24 & 0xff : number;
        break;
    case PHY:
        sek_put_u32be(oui, (uint32_t)(number >> 10));
        return add_decoded(out, field, oui + 1, 3);
    case TEXT:
    case NUMBER:
    case MAC:
    case HID:
        break;
    }
    return sek_part_add_number(out, field->kind, (uint32_t)number, field->evidence);
}

static enum sek_status add_value(struct sek_part_claims *out, const struct field *field,
                                 struct sek_bytes value, size_t at)
{
    enum sek_status status;
    uint64_t number = 0;
    bool read = true;

    if (field->how == TEXT)
        status = sek_part_add_text(out, field->kind, value, field->evidence);
    else if (field->how == MAC)
        status = add_mac(out, field, value, &read);
    else if (field->how == HID)
        status = add_hid(out, field, value);
    else if (number_of(value, &number))
        status = add_number(out, field, number, &read);
    else {
        status = SEK_OK;
        read = false;
    }
    if (!read)
        sek_part_damage(out, SEK_ERR_MALFORMED, at, "a number that is none");
    if (status != SEK_OK)
        (void)sek_fault_set(&out->fault, status, at, "more fields than our table");
    return status;
}

/* The next line, without its end. False: the record ends before one does. */
static bool take_line(struct sek_bytes *rest, struct sek_bytes *line)
{
    const uint8_t *end = rest->len > 0 ? memchr(rest->data, '\n', rest->len) : NULL;
    size_t len = end ? (size_t)(end - rest->data) : rest->len;

    *line = (struct sek_bytes){rest->data, len};
    len += end ? 1 : 0;
    *rest = (struct sek_bytes){rest->data + len, rest->len - len};
    return end != NULL;
}

static enum sek_status read_line(struct sek_part_claims *out, struct sek_bytes group,
                                 struct sek_bytes line, size_t at)
{
    const uint8_t *equals = memchr(line.data, '=', line.len);
    size_t len = equals ? (size_t)(equals - line.data) : line.len;
    struct sek_bytes key = {line.data, len};

    if (!equals) {
        sek_part_damage(out, SEK_ERR_MALFORMED, at, "a line without a value");
        return SEK_OK;
    }
    for (size_t i = 0; i < SEK_LEN(fields); i++) {
        if (is(group, fields[i].group) && is(key, fields[i].key))
            return add_value(out, &fields[i], (struct sek_bytes){equals + 1, line.len - len - 1},
                             at);
    }
    return SEK_OK;
}

static enum sek_status parse(struct sek_bytes record, struct sek_part_claims *out)
{
    struct sek_bytes rest = record, line = {NULL, 0}, group;
    enum sek_status status = SEK_OK;
    bool whole = true;

    if (!probe(record))
        return sek_fault_set(&out->fault, SEK_ERR_NOT_THIS_FORMAT, 0, "no linux-sysfs");
    whole = take_line(&rest, &group);
    group = (struct sek_bytes){group.data + MAGIC_LEN, group.len - MAGIC_LEN};
    while (status == SEK_OK && whole) {
        size_t at = record.len - rest.len;

        whole = take_line(&rest, &line);
        if (whole && line.len == 0)
            break; /* its end */
        if (line.len > 0)
            status = read_line(out, group, line, at);
    }
    if (status == SEK_OK && !whole)
        sek_part_damage(out, SEK_ERR_TRUNCATED, record.len, "ends before its last line");
    else if (status == SEK_OK && rest.len > 0)
        sek_part_damage(out, SEK_ERR_MALFORMED, record.len - rest.len, "goes on behind its end");
    return status;
}

const struct sek_part_format sek_part_sysfs = {
    .name = "linux-sysfs",
    .component_class = SEK_CLASS_NONE,
    .blank_len = 8,
    .probe = probe,
    .parse = parse,
};
