#include "agent/inventory.h"

#include "agent/inventory_parts.h"

#include <libfdt.h>

#include <string.h>

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

static const char *layout_format(const void *fdt, int node)
{
    int layout = fdt_subnode_offset(fdt, node, "nvmem-layout");
    const char *compatible = layout >= 0 ? sek_dt_text(fdt, layout, "compatible") : NULL;

    return compatible && strcmp(compatible, "onie,tlv-layout") == 0 ? "onie-tlv" : NULL;
}

static bool read_bank(const void *fdt, int node, enum sek_unit_bank *bank)
{
    static const char *const words[] = {
        [SEK_UNIT_ACTIVE] = "active",
        [SEK_UNIT_BACKUP] = "backup",
        [SEK_UNIT_RECOVERY] = "recovery",
    };
    const char *word = sek_dt_text(fdt, node, "sekisho,bank");

    *bank = SEK_UNIT_ACTIVE;
    if (!word)
        return !sek_dt_has(fdt, node, "sekisho,bank");
    for (unsigned i = 0; i < SEK_LEN(words); i++) {
        if (strcmp(words[i], word) != 0)
            continue;
        *bank = (enum sek_unit_bank)i;
        return true;
    }
    return false;
}

static enum sek_status read_unit(const void *fdt, int node, struct sek_unit *unit,
                                 struct sek_fault *fault)
{
    const char *word = sek_dt_text(fdt, node, "sekisho,class");

    *unit = (struct sek_unit){.name = sek_dt_text(fdt, node, "label")};
    if (!unit->name)
        unit->name = fdt_get_name(fdt, node, NULL);
    if (!unit->name || !name_ok(unit->name))
        return sek_fault_set(fault, SEK_ERR_MALFORMED, (uint64_t)node,
                             "a component's name is not clean, or longer than 31 characters");
    if (!word || sek_class_find(word, strlen(word), &unit->component_class) != SEK_OK)
        return sek_fault_set(fault, SEK_ERR_MALFORMED, (uint64_t)node, "no such class");
    if (!read_bank(fdt, node, &unit->bank))
        return sek_fault_set(fault, SEK_ERR_MALFORMED, (uint64_t)node, "no such bank");
    unit->optional = sek_dt_has(fdt, node, "sekisho,optional");
    unit->format = sek_dt_text(fdt, node, "sekisho,format");
    if (!unit->format)
        unit->format = layout_format(fdt, node);
    unit->place.label = unit->name;
    unit->place.path = sek_dt_text(fdt, node, "sekisho,path");
    unit->shared = sek_inventory_overlaps(fdt, node);
    return sek_inventory_place(fdt, node, unit, fault);
}

/* A repeated name would hide one of two; the same bytes under two names are marked. */
static enum sek_status compare(struct sek_unit *unit, size_t count, int node,
                               struct sek_fault *fault)
{
    struct sek_unit *last = &unit[count];

    for (size_t i = 0; i < count; i++) {
        if (strcmp(unit[i].name, last->name) == 0)
            return sek_fault_set(fault, SEK_ERR_MALFORMED, (uint64_t)node,
                                 "two components of one name");
        if (sek_inventory_same_bytes(&unit[i].place, &last->place))
            unit[i].shared = last->shared = true;
    }
    return SEK_OK;
}

/* A chip's row must not be taken for a component's, or another chip's. */
static enum sek_status name_chips(const struct sek_inventory *inventory, struct sek_fault *fault)
{
    for (size_t c = 0; c < inventory->chip_count; c++) {
        const char *name = inventory->chip[c].name;
        bool taken = !name_ok(name);

        for (size_t i = 0; i < inventory->unit_count; i++)
            taken = taken || strcmp(inventory->unit[i].name, name) == 0;
        for (size_t i = 0; i < c; i++)
            taken = taken || strcmp(inventory->chip[i].name, name) == 0;
        if (taken)
            return sek_fault_set(fault, SEK_ERR_MALFORMED, 0,
                                 "a chip's name is not clean, or taken");
    }
    return SEK_OK;
}

static bool known_use(const void *fdt, int node)
{
    static const char *const words[] = {"vault", "store-a",       "store-b",
                                        "log",   "store-factory", "store-factory-backup"};
    const char *word = sek_dt_text(fdt, node, "sekisho,use");

    for (size_t i = 0; word && i < SEK_LEN(words); i++) {
        if (strcmp(words[i], word) == 0)
            return true;
    }
    return !sek_dt_has(fdt, node, "sekisho,use");
}

static enum sek_status read_units(const void *fdt, struct sek_inventory *inventory,
                                  struct sek_fault *fault)
{
    inventory->unit_count = 0;
    for (int node = 0, depth = 0; node >= 0 && depth >= 0;
         node = fdt_next_node(fdt, node, &depth)) {
        if (!known_use(fdt, node))
            return sek_fault_set(fault, SEK_ERR_MALFORMED, (uint64_t)node, "no such use");
        if (!sek_dt_has(fdt, node, "sekisho,class"))
            continue;
        if (inventory->unit_count == inventory->unit_cap)
            return sek_fault_set(fault, SEK_ERR_NO_SPACE, (uint64_t)node,
                                 "more components than our table");
        if (read_unit(fdt, node, &inventory->unit[inventory->unit_count], fault) != SEK_OK ||
            compare(inventory->unit, inventory->unit_count, node, fault) != SEK_OK)
            return fault->status;
        inventory->unit_count++;
    }
    if (inventory->unit_count == 0 && !sek_dt_has(fdt, 0, "sekisho,find"))
        return sek_fault_set(fault, SEK_ERR_MALFORMED, 0, "the description lists no component");
    return SEK_OK;
}

/* libfdt reads cells where the header says that structure and reservations are. */
static bool is_tree(struct sek_bytes description)
{
    return ((uintptr_t)description.data & 7) == 0 && description.len <= INT32_MAX &&
           description.len >= sizeof(struct fdt_header) &&
           fdt_off_dt_struct(description.data) % 4 == 0 &&
           fdt_off_mem_rsvmap(description.data) % 8 == 0 &&
           fdt_check_full(description.data, description.len) == 0;
}

enum sek_status sek_inventory_read(struct sek_bytes description, struct sek_inventory *inventory,
                                   struct sek_fault *fault)
{
    const void *fdt = description.data;
    struct sek_inventory found = *inventory;

    if (!is_tree(description))
        return sek_fault_set(fault, SEK_ERR_MALFORMED, 0, "the description is no device tree");
    if (read_units(fdt, &found, fault) != SEK_OK ||
        sek_inventory_chips(fdt, &found, fault) != SEK_OK || name_chips(&found, fault) != SEK_OK)
        return fault->status;
    *inventory = found;
    return SEK_OK;
}

enum sek_status sek_inventory_use(struct sek_bytes description, const char *use,
                                  struct hal_media_place *place)
{
    const void *fdt = description.data;
    struct hal_media_place found = {0};

    for (int node = 0, depth = 0; node >= 0 && depth >= 0;
         node = fdt_next_node(fdt, node, &depth)) {
        const char *word = sek_dt_text(fdt, node, "sekisho,use");

        if (!word || strcmp(word, use) != 0)
            continue;
        if (sek_inventory_partition(fdt, node, &found) != SEK_OK)
            return SEK_ERR_MALFORMED;
        *place = found;
        return SEK_OK;
    }
    return SEK_ERR_NOT_FOUND;
}

const char *sek_inventory_model(struct sek_bytes description)
{
    const char *model = sek_dt_text(description.data, 0, "model");

    return model ? model : "";
}

bool sek_inventory_finds(struct sek_bytes description)
{
    return sek_dt_has(description.data, 0, "sekisho,find");
}

bool sek_inventory_signed_only(struct sek_bytes description)
{
    return sek_dt_has(description.data, 0, "sekisho,signed-challenge");
}
