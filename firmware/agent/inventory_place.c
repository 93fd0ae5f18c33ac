/* Where things are, and how that is told. */
#include "agent/inventory_parts.h"
#include "base/bytes.h"

#include <libfdt.h>

#include <string.h>

enum {
    SFP_ADDRESS = 0x50, /* A0h: SFF-8472, the binding of sff,sfp */
    SFP_SIZE = 256,
    WIDE_EEPROM = 32, /* kbit: from 24c32 on two bytes of address */
};

const char *sek_dt_text(const void *fdt, int node, const char *name)
{
    int len;
    const char *value = fdt_getprop(fdt, node, name, &len);

    return value && len > 1 && memchr(value, 0, (size_t)len) == value + len - 1 ? value : NULL;
}

bool sek_dt_has(const void *fdt, int node, const char *name)
{
    return fdt_getprop(fdt, node, name, NULL) != NULL;
}

uint32_t sek_dt_cell(const void *fdt, int node, const char *name, int index)
{
    int len;
    const uint8_t *value = fdt_getprop(fdt, node, name, &len);

    return value && len / 4 > index ? sek_get_u32be(value + 4 * index) : 0;
}

/* ---- Text ---- */

struct line {
    char *text;
    size_t len, cap;
};

static void put(struct line *line, const char *text)
{
    for (; *text && line->len < line->cap; text++)
        line->text[line->len++] = *text;
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

/* The alias that names a node ("spi0"), or NULL. */
static const char *alias_of(const void *fdt, int node)
{
    int aliases = fdt_subnode_offset(fdt, 0, "aliases"), property, len;
    char path[128];

    if (aliases < 0 || fdt_get_path(fdt, node, path, sizeof path) != 0)
        return NULL;
    fdt_for_each_property_offset(property, fdt, aliases)
    {
        const char *name;
        const char *value = fdt_getprop_by_offset(fdt, property, &name, &len);

        if (value && len > 0 && value[len - 1] == '\0' && strcmp(value, path) == 0)
            return name;
    }
    return NULL;
}

/* The alias of a bus, else the node's name up to '@'. */
static void put_bus(struct line *line, const void *fdt, int node)
{
    const char *name = alias_of(fdt, node);
    char one[2] = "";

    for (name = name ? name : fdt_get_name(fdt, node, NULL); name && *name && *name != '@';
         name++) {
        one[0] = *name;
        put(line, one);
    }
}

/* ---- Partitions ---- */

/* A number of one or two cells at *at, which moves on. */
static uint64_t take_cells(const uint8_t **at, int count)
{
    uint64_t value = 0;

    for (; count > 0; count--, *at += 4)
        value = value << 32 | sek_get_u32be(*at);
    return value;
}

enum sek_status sek_inventory_partition(const void *fdt, int node, struct hal_media_place *place)
{
    int table = fdt_parent_offset(fdt, node), len = 0, chip, address, size;
    const char *compatible = table >= 0 ? sek_dt_text(fdt, table, "compatible") : NULL;
    const uint8_t *reg = fdt_getprop(fdt, node, "reg", &len);
    struct line line = {place->chip_name, 0, HAL_CHIP_NAME_LEN - 1};

    if (!compatible || strcmp(compatible, "fixed-partitions") != 0)
        return SEK_ERR_NOT_FOUND;
    chip = fdt_parent_offset(fdt, table);
    address = fdt_address_cells(fdt, table);
    size = fdt_size_cells(fdt, table);
    if (chip <= 0 || !reg || address < 1 || address > 2 || size < 1 || size > 2 ||
        len != 4 * (address + size))
        return SEK_ERR_MALFORMED;
    place->partition = true;
    place->controller = sek_dt_cell(fdt, fdt_parent_offset(fdt, chip), "reg", 0);
    place->chip = sek_dt_cell(fdt, chip, "reg", 0);
    place->offset = take_cells(&reg, address);
    place->len = take_cells(&reg, size);
    if (place->len == 0 || place->len > UINT64_MAX - place->offset)
        return SEK_ERR_MALFORMED;
    put_bus(&line, fdt, fdt_parent_offset(fdt, chip));
    put(&line, ".");
    put_number(&line, place->chip);
    return SEK_OK;
}

/* ---- I2C ---- */

/* From a bus or a multiplexer's channel to the adapter: the way is noted in place, from the adapter
 * on. False: more multiplexers than HAL_I2C_HOPS, or numbers that no bus has. */
static bool find_bus(const void *fdt, int node, struct hal_media_place *place, struct line *line)
{
    int way[HAL_I2C_HOPS], hops = 0;

    for (;;) {
        int parent = fdt_parent_offset(fdt, node);
        const char *compatible = parent >= 0 ? sek_dt_text(fdt, parent, "compatible") : NULL;

        if (!compatible || strncmp(compatible, "nxp,pca9", 8) != 0)
            break;
        if (hops == HAL_I2C_HOPS)
            return false;
        way[hops++] = node;
        node = fdt_parent_offset(fdt, parent);
    }
    if (node < 0)
        return false;
    place->controller = sek_dt_cell(fdt, node, "reg", 0);
    put_bus(line, fdt, node);
    while (hops > 0) {
        int channel = way[--hops];
        uint32_t address = sek_dt_cell(fdt, fdt_parent_offset(fdt, channel), "reg", 0);
        uint32_t number = sek_dt_cell(fdt, channel, "reg", 0);

        if (address > 0x7f || number > 7)
            return false;
        place->hop[place->hop_count++] = (struct hal_i2c_hop){(uint8_t)address, (uint8_t)number};
        put(line, "/");
        put_hex(line, address, 2);
        put(line, ".");
        put_number(line, number);
    }
    return true;
}

/* Kilobits of an "atmel,24cNN", or 0. */
static uint32_t eeprom_kbit(const char *compatible)
{
    const char *at = compatible ? strchr(compatible, ',') : NULL;
    uint32_t kbit = 0;

    at = at && strncmp(at, ",24c", 4) == 0 ? at + 4 : "";
    for (; *at >= '0' && *at <= '9' && kbit < 10000; at++)
        kbit = 10 * kbit + (uint32_t)(*at - '0');
    return kbit;
}

/* Size and address width: what the node says, else what its kind has. */
static bool read_geometry(const void *fdt, int node, bool transceiver,
                          struct hal_media_place *place)
{
    uint32_t kbit = eeprom_kbit(sek_dt_text(fdt, node, "compatible"));
    uint32_t width = kbit >= WIDE_EEPROM ? 16 : 8;

    if (sek_dt_has(fdt, node, "address-width"))
        width = sek_dt_cell(fdt, node, "address-width", 0);
    place->size = sek_dt_has(fdt, node, "size") ? sek_dt_cell(fdt, node, "size", 0)
                  : transceiver                 ? SFP_SIZE
                                                : kbit * 128;
    place->address_bits = (uint8_t)width;
    place->eeprom = true;
    return width == 8 || width == 16;
}

/* An I2C part stands below a bus or a channel, which the bindings call i2c or i2c@N. */
static bool is_on_i2c(const void *fdt, int node)
{
    const char *name = fdt_get_name(fdt, fdt_parent_offset(fdt, node), NULL);

    return name && strncmp(name, "i2c", 3) == 0 && sek_dt_has(fdt, node, "reg");
}

static enum sek_status place_part(const void *fdt, int node, bool transceiver,
                                  struct sek_unit *unit, struct line *line, struct sek_fault *fault)
{
    int bus = transceiver ? fdt_node_offset_by_phandle(fdt, sek_dt_cell(fdt, node, "i2c-bus", 0))
                          : fdt_parent_offset(fdt, node);
    uint32_t address = transceiver ? SFP_ADDRESS : sek_dt_cell(fdt, node, "reg", 0);

    if (bus < 0 || address > 0x7f || !find_bus(fdt, bus, &unit->place, line) ||
        !read_geometry(fdt, node, transceiver, &unit->place))
        return sek_fault_set(fault, SEK_ERR_MALFORMED, (uint64_t)node,
                             "no bus, address or address width that a part can have");
    unit->place.address = (uint8_t)address;
    put(line, ":0x");
    put_hex(line, address, 2);
    return SEK_OK;
}

enum sek_status sek_inventory_place(const void *fdt, int node, struct sek_unit *unit,
                                    struct sek_fault *fault)
{
    struct line line = {unit->location, 0, SEK_UNIT_LOCATION_MAX};
    enum sek_status status = sek_inventory_partition(fdt, node, &unit->place);

    if (status == SEK_ERR_MALFORMED)
        return sek_fault_set(fault, status, (uint64_t)node, "a partition without a range");
    if (status == SEK_OK) {
        put(&line, unit->place.chip_name);
        put(&line, ":0x");
        put_hex(&line, unit->place.offset, unit->place.offset >> 32 ? 16 : 8);
        return SEK_OK;
    }
    if (sek_dt_has(fdt, node, "i2c-bus"))
        return place_part(fdt, node, true, unit, &line, fault);
    if (is_on_i2c(fdt, node))
        return place_part(fdt, node, false, unit, &line, fault);
    if (!unit->place.path)
        return sek_fault_set(fault, SEK_ERR_MALFORMED, (uint64_t)node,
                             "nothing says where this component is");
    put(&line, unit->place.path);
    return SEK_OK;
}
