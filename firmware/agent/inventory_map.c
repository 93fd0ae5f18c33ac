/* The map as a whole: does it name every byte of a chip, and each but once? */
#include "agent/inventory_parts.h"

#include "base/bytes.h"

#include <libfdt.h>

#include <string.h>

static bool meet(const struct hal_media_place *a, const struct hal_media_place *b)
{
    return a->offset < b->offset + b->len && b->offset < a->offset + a->len;
}

bool sek_inventory_overlaps(const void *fdt, int node)
{
    struct hal_media_place own = {0}, other = {0};
    int sibling;

    if (sek_inventory_partition(fdt, node, &own) != SEK_OK)
        return false;
    fdt_for_each_subnode(sibling, fdt, fdt_parent_offset(fdt, node))
    {
        if (sibling != node && sek_inventory_partition(fdt, sibling, &other) == SEK_OK &&
            meet(&own, &other))
            return true;
    }
    return false;
}

static bool same_part(const struct hal_media_place *a, const struct hal_media_place *b)
{
    return a->controller == b->controller && a->address == b->address &&
           a->hop_count == b->hop_count &&
           memcmp(a->hop, b->hop, a->hop_count * sizeof a->hop[0]) == 0;
}

bool sek_inventory_same_bytes(const struct hal_media_place *a, const struct hal_media_place *b)
{
    if (a->path && b->path && strcmp(a->path, b->path) == 0)
        return true;
    if (a->partition && b->partition)
        return a->controller == b->controller && a->chip == b->chip && meet(a, b);
    return a->eeprom && b->eeprom && same_part(a, b);
}

/* The end of the partition that reaches furthest among those that begin at or before from; from if
 * none goes beyond it. */
static uint64_t furthest(const void *fdt, int table, uint64_t from)
{
    uint64_t end = from;
    int node;

    fdt_for_each_subnode(node, fdt, table)
    {
        struct hal_media_place place = {0};

        if (sek_inventory_partition(fdt, node, &place) == SEK_OK && place.offset <= from &&
            place.offset + place.len > end)
            end = place.offset + place.len;
    }
    return end;
}

static const char *label_of(const void *fdt, int node)
{
    const char *label = sek_dt_text(fdt, node, "label");

    return label ? label : fdt_get_name(fdt, node, NULL);
}

static enum sek_status read_chip(const void *fdt, int table, struct sek_chip *chip,
                                 struct sek_fault *fault)
{
    bool by_component = false;
    int node;

    *chip = (struct sek_chip){.name = sek_dt_text(fdt, fdt_parent_offset(fdt, table), "label")};
    fdt_for_each_subnode(node, fdt, table)
    {
        struct hal_media_place place = {0};

        if (sek_inventory_partition(fdt, node, &place) != SEK_OK)
            return sek_fault_set(fault, SEK_ERR_MALFORMED, (uint64_t)node,
                                 "a partition without a range");
        if (chip->end == 0 || (!by_component && sek_dt_has(fdt, node, "sekisho,class"))) {
            chip->place = place;
            chip->place.label = label_of(fdt, node);
            by_component = sek_dt_has(fdt, node, "sekisho,class");
        }
        if (place.offset + place.len > chip->end)
            chip->end = place.offset + place.len;
    }
    if (!chip->name)
        chip->name = chip->place.chip_name;
    for (uint64_t at = 0; at < chip->end;) {
        uint64_t next = furthest(fdt, table, at);

        if (next == at) {
            chip->has_gap = true;
            chip->gap = at;
            break;
        }
        at = next;
    }
    return SEK_OK;
}

enum sek_status sek_inventory_chips(const void *fdt, struct sek_inventory *inventory,
                                    struct sek_fault *fault)
{
    int table = fdt_node_offset_by_compatible(fdt, -1, "fixed-partitions");

    inventory->chip_count = 0;
    for (; table >= 0; table = fdt_node_offset_by_compatible(fdt, table, "fixed-partitions")) {
        if (inventory->chip_count == inventory->chip_cap)
            return sek_fault_set(fault, SEK_ERR_NO_SPACE, (uint64_t)table,
                                 "more chips than our table");
        if (read_chip(fdt, table, &inventory->chip[inventory->chip_count], fault) != SEK_OK)
            return fault->status;
        if (inventory->chip[inventory->chip_count].end > 0)
            inventory->chip_count++;
    }
    return SEK_OK;
}

static size_t read_triples(struct sek_bytes description, const char *name,
                           struct sek_closed_register *triple, size_t cap)
{
    int len = 0;
    const uint8_t *at = fdt_getprop(description.data, 0, name, &len);
    size_t count = at && len > 0 && len % 12 == 0 ? (size_t)len / 12 : 0;

    for (size_t i = 0; i < count && i < cap; i++, at += 12)
        triple[i] = (struct sek_closed_register){sek_get_u32be(at), sek_get_u32be(at + 4),
                                                 sek_get_u32be(at + 8)};
    return count;
}

size_t sek_inventory_closed(struct sek_bytes description, struct sek_closed_register *closed,
                            size_t cap)
{
    return read_triples(description, "sekisho,closed", closed, cap);
}

bool sek_inventory_secure_boot(struct sek_bytes description, struct sek_closed_register *on)
{
    return read_triples(description, "sekisho,secure-boot", on, 1) == 1 && on->mask != 0;
}

size_t sek_inventory_chip_id(struct sek_bytes description, uint32_t *address, size_t cap)
{
    int len = 0;
    const uint8_t *at = fdt_getprop(description.data, 0, "sekisho,chip-id", &len);
    size_t count = at && len > 0 && len % 4 == 0 ? (size_t)len / 4 : 0;

    for (size_t i = 0; i < count && i < cap; i++, at += 4)
        address[i] = sek_get_u32be(at);
    return count;
}
