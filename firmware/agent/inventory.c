#include "agent/inventory.h"

#include "base/bytes.h"

#include <libfdt.h>

#include <string.h>

enum {
    TRANSCEIVER_SIZE = 256, /* A0h */
    TRANSCEIVER_ADDRESS = 0x50,
    EEPROM_8BIT_MAX = 2048, /* 24c16: larger ones take 16-bit addresses */
};

static const char *text(const void *fdt, int node, const char *name)
{
    int len;
    const char *value = fdt_getprop(fdt, node, name, &len);

    return value && len > 1 && memchr(value, 0, (size_t)len) == value + len - 1 ? value : NULL;
}

static bool has(const void *fdt, int node, const char *name)
{
    return fdt_getprop(fdt, node, name, NULL) != NULL;
}

static uint64_t cells(const void *fdt, int node, const char *name, int index)
{
    int len;
    const uint8_t *value = fdt_getprop(fdt, node, name, &len);

    return value && len >= 4 * (index + 1) ? sek_get_u32be(value + 4 * index) : 0;
}

static bool name_ok(const char *name)
{
    size_t len = strlen(name);

    if (len == 0 || len > SEK_UNIT_NAME_MAX)
        return false;
    for (size_t i = 0; i < len; i++) {
        char c = name[i];

        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
              strchr(",._+-", c)))
            return false;
    }
    return true;
}

/* ---- Locations ---- */

struct line {
    char *text;
    size_t len, cap;
};

static void put(struct line *line, const char *text_part)
{
    for (; *text_part && line->len < line->cap; text_part++)
        line->text[line->len++] = *text_part;
    line->text[line->len] = '\0';
}

static void put_hex(struct line *line, uint64_t value, unsigned digits)
{
    char one[2] = "";

    for (unsigned i = digits; i > 0; i--) {
        one[0] = "0123456789abcdef"[value >> 4 * (i - 1) & 0xf];
        put(line, one);
    }
}

static void put_number(struct line *line, uint64_t value)
{
    char digits[21];
    size_t at = sizeof digits - 1;

    digits[at] = '\0';
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0 && at > 0);
    put(line, digits + at);
}

/* The alias that names a node ("spi0"), else the node's name up to '@'. */
static void put_bus(struct line *line, const void *fdt, int node)
{
    int aliases = fdt_subnode_offset(fdt, 0, "aliases"), property, len;
    char path[128], one[2] = "";
    const char *name;

    if (aliases >= 0 && fdt_get_path(fdt, node, path, sizeof path) == 0) {
        fdt_for_each_property_offset(property, fdt, aliases)
        {
            const char *value = fdt_getprop_by_offset(fdt, property, &name, &len);

            if (value && len > 0 && value[len - 1] == '\0' && strcmp(value, path) == 0) {
                put(line, name);
                return;
            }
        }
    }
    name = fdt_get_name(fdt, node, NULL);
    for (; name && *name && *name != '@'; name++) {
        one[0] = *name;
        put(line, one);
    }
}

/* "i2c11/77.0/76.5": the bus, then each multiplexer and its channel. node: a bus or channel. */
static void put_i2c(struct line *line, const void *fdt, int node, unsigned depth)
{
    int parent = fdt_parent_offset(fdt, node);
    const char *compatible = parent >= 0 ? text(fdt, parent, "compatible") : NULL;

    if (depth < 8 && compatible && strncmp(compatible, "nxp,pca954", 10) == 0) {
        put_i2c(line, fdt, fdt_parent_offset(fdt, parent), depth + 1);
        put(line, "/");
        put_hex(line, cells(fdt, parent, "reg", 0), 2);
        put(line, ".");
        put_number(line, cells(fdt, node, "reg", 0));
        return;
    }
    put_bus(line, fdt, node);
}

/* ---- Units ---- */

/* A partition: its chip, offset and length. False: it is none. */
static bool read_partition(const void *fdt, int node, struct sek_unit *unit, struct line *line)
{
    int table = fdt_parent_offset(fdt, node);
    const char *compatible = table >= 0 ? text(fdt, table, "compatible") : NULL;
    int chip;

    if (!compatible || strcmp(compatible, "fixed-partitions") != 0)
        return false;
    chip = fdt_parent_offset(fdt, table);
    unit->place.partition = true;
    unit->place.controller = (uint32_t)cells(fdt, fdt_parent_offset(fdt, chip), "reg", 0);
    unit->place.chip = (unsigned)cells(fdt, chip, "reg", 0);
    unit->place.offset = cells(fdt, node, "reg", 0);
    unit->place.len = cells(fdt, node, "reg", 1);
    put_bus(line, fdt, fdt_parent_offset(fdt, chip));
    put(line, ".");
    put_number(line, unit->place.chip);
    put(line, ":0x");
    put_hex(line, unit->place.offset, 8);
    return true;
}

/* The way from the bus controller to a part: node is the bus or multiplexer channel it sits on.
 * False: more multiplexers than a place holds. */
static bool read_hops(const void *fdt, int node, struct hal_media_place *place)
{
    struct hal_i2c_hop hop[HAL_I2C_HOPS]; /* from the part inwards */
    uint8_t count = 0;

    for (;;) {
        int parent = fdt_parent_offset(fdt, node);
        const char *compatible = parent >= 0 ? text(fdt, parent, "compatible") : NULL;

        if (!compatible || strncmp(compatible, "nxp,pca954", 10) != 0)
            break;
        if (count == HAL_I2C_HOPS)
            return false;
        hop[count++] = (struct hal_i2c_hop){(uint8_t)cells(fdt, parent, "reg", 0),
                                            (uint8_t)cells(fdt, node, "reg", 0)};
        node = fdt_parent_offset(fdt, parent);
    }
    place->controller = (uint32_t)cells(fdt, node, "reg", 0);
    place->hop_count = count;
    for (uint8_t i = 0; i < count; i++)
        place->hop[i] = hop[count - 1 - i];
    return true;
}

/* Bytes of an EEPROM: its size property, else by its name: "atmel,24c64" has 64 kilobits. */
static uint32_t eeprom_size(const void *fdt, int node, const char *compatible)
{
    const char *kilobits = strstr(compatible, "24c");
    uint32_t size = 0;

    if (has(fdt, node, "size"))
        return (uint32_t)cells(fdt, node, "size", 0);
    for (kilobits = kilobits ? kilobits + 3 : ""; *kilobits >= '0' && *kilobits <= '9'; kilobits++)
        size = (size * 10 + (uint32_t)(*kilobits - '0')) & 0xffff;
    return size * 1024 / 8;
}

/* A part with an identity record on an I2C bus, by the bindings at24 and sff,sfp. */
static void read_part_place(const void *fdt, int node, int bus, struct hal_media_place *place)
{
    const char *compatible = text(fdt, node, "compatible");
    bool cage = has(fdt, node, "i2c-bus");

    if (!compatible || bus < 0 || !read_hops(fdt, bus, place))
        return;
    place->size = cage ? TRANSCEIVER_SIZE : eeprom_size(fdt, node, compatible);
    place->address = cage ? TRANSCEIVER_ADDRESS : (uint8_t)cells(fdt, node, "reg", 0);
    place->address_bits = place->size > EEPROM_8BIT_MAX ? 16 : 8;
    if (has(fdt, node, "address-width"))
        place->address_bits = (uint8_t)cells(fdt, node, "address-width", 0);
    place->eeprom = place->size > 0 && (place->address_bits == 8 || place->address_bits == 16);
}

static void read_location(const void *fdt, int node, struct sek_unit *unit)
{
    struct line line = {unit->location, 0, SEK_UNIT_LOCATION_MAX};
    int bus = fdt_node_offset_by_phandle(fdt, (uint32_t)cells(fdt, node, "i2c-bus", 0));

    if (read_partition(fdt, node, unit, &line))
        return;
    if (has(fdt, node, "i2c-bus") && bus >= 0) { /* a transceiver: its address is the binding's */
        put_i2c(&line, fdt, bus, 0);
        put(&line, ":0x50");
        read_part_place(fdt, node, bus, &unit->place);
    } else if (has(fdt, node, "reg") && has(fdt, node, "compatible")) {
        put_i2c(&line, fdt, fdt_parent_offset(fdt, node), 0);
        put(&line, ":0x");
        put_hex(&line, cells(fdt, node, "reg", 0), 2);
        read_part_place(fdt, node, fdt_parent_offset(fdt, node), &unit->place);
    } else if (unit->place.path) {
        put(&line, unit->place.path);
    }
}

static const char *layout_format(const void *fdt, int node)
{
    int layout = fdt_subnode_offset(fdt, node, "nvmem-layout");
    const char *compatible = layout >= 0 ? text(fdt, layout, "compatible") : NULL;

    return compatible && strcmp(compatible, "onie,tlv-layout") == 0 ? "onie-tlv" : NULL;
}

static enum sek_status read_unit(const void *fdt, int node, struct sek_unit *unit,
                                 struct sek_fault *fault)
{
    const char *word = text(fdt, node, "sekisho,class");
    const char *bank = text(fdt, node, "sekisho,bank");

    *unit = (struct sek_unit){.name = text(fdt, node, "label")};
    if (!unit->name)
        unit->name = fdt_get_name(fdt, node, NULL);
    if (!unit->name || !name_ok(unit->name))
        return sek_fault_set(fault, SEK_ERR_MALFORMED, (uint64_t)node,
                             "a component's name is not clean, or longer than 31 characters");
    if (!word || sek_class_find(word, strlen(word), &unit->component_class) != SEK_OK)
        return sek_fault_set(fault, SEK_ERR_MALFORMED, (uint64_t)node, "no such class");
    unit->optional = has(fdt, node, "sekisho,optional");
    unit->bank = bank && strcmp(bank, "backup") == 0     ? SEK_UNIT_BACKUP
                 : bank && strcmp(bank, "recovery") == 0 ? SEK_UNIT_RECOVERY
                                                         : SEK_UNIT_ACTIVE;
    unit->format = text(fdt, node, "sekisho,format");
    if (!unit->format)
        unit->format = layout_format(fdt, node);
    unit->place.label = unit->name;
    unit->place.path = text(fdt, node, "sekisho,path");
    read_location(fdt, node, unit);
    return SEK_OK;
}

enum sek_status sek_inventory_read(struct sek_bytes description, struct sek_unit *unit, size_t cap,
                                   size_t *count, struct sek_fault *fault)
{
    const void *fdt = description.data;
    size_t found = 0;

    if (((uintptr_t)fdt & 7) != 0 || description.len > INT32_MAX ||
        fdt_check_full(fdt, description.len) != 0)
        return sek_fault_set(fault, SEK_ERR_MALFORMED, 0, "the description is no device tree");
    for (int node = 0, depth = 0; node >= 0 && depth >= 0;
         node = fdt_next_node(fdt, node, &depth)) {
        if (!has(fdt, node, "sekisho,class"))
            continue;
        if (found == cap)
            return sek_fault_set(fault, SEK_ERR_NO_SPACE, (uint64_t)node,
                                 "more components than our table");
        if (read_unit(fdt, node, &unit[found], fault) != SEK_OK)
            return fault->status;
        for (size_t i = 0; i < found; i++) {
            if (strcmp(unit[i].name, unit[found].name) == 0)
                return sek_fault_set(fault, SEK_ERR_MALFORMED, (uint64_t)node,
                                     "two components of one name");
        }
        found++;
    }
    if (found == 0)
        return sek_fault_set(fault, SEK_ERR_MALFORMED, 0, "the description lists no component");
    *count = found;
    return SEK_OK;
}

enum sek_status sek_inventory_use(struct sek_bytes description, const char *use,
                                  struct hal_media_place *place)
{
    const void *fdt = description.data;
    struct sek_unit unit = {0};
    struct line line = {unit.location, 0, SEK_UNIT_LOCATION_MAX};

    for (int node = 0, depth = 0; node >= 0 && depth >= 0;
         node = fdt_next_node(fdt, node, &depth)) {
        const char *word = text(fdt, node, "sekisho,use");

        if (!word || strcmp(word, use) != 0 || !read_partition(fdt, node, &unit, &line))
            continue;
        *place = unit.place;
        return SEK_OK;
    }
    return SEK_ERR_NOT_FOUND;
}

const char *sek_inventory_model(struct sek_bytes description)
{
    const char *model = text(description.data, 0, "model");

    return model ? model : "";
}
