#include "boards/linux/found.h"

#include <string.h>

/* The path of what a component of the description is read from, if it is one that we find, too. */
static void path_of(const struct sek_unit *unit, char *out, size_t cap)
{
    static const char bus[] = "/dev/i2c-";
    const char *path = unit->place.path;

    out[0] = '\0';
    if (path && unit->place.eeprom && strncmp(path, bus, sizeof bus - 1) == 0)
        snprintf(out, cap, "/sys/bus/i2c/devices/%s-%04x/eeprom", path + sizeof bus - 1,
                 unit->place.address);
    else if (path)
        snprintf(out, cap, "%s", path);
}

static bool is_described(const struct sek_inventory *inventory, const struct linux_part *part)
{
    static const char partition[] = "mtd-";

    for (size_t i = 0; i < inventory->unit_count; i++) {
        const struct sek_unit *unit = &inventory->unit[i];
        char path[2 * LINUX_PART_PATH_LEN];

        path_of(unit, path, sizeof path);
        if (strcmp(path, part->path) == 0)
            return true;
        if (unit->place.partition && strncmp(part->name, partition, sizeof partition - 1) == 0 &&
            strcmp(part->name + sizeof partition - 1, unit->name) == 0)
            return true;
    }
    return false;
}

static bool is_taken(const struct sek_inventory *inventory, const char *name)
{
    bool taken = false;

    for (size_t i = 0; i < inventory->unit_count; i++)
        taken = taken || strcmp(inventory->unit[i].name, name) == 0;
    for (size_t i = 0; i < inventory->chip_count; i++)
        taken = taken || strcmp(inventory->chip[i].name, name) == 0;
    return taken;
}

/* Nobody said that it must be there, so its silence is no finding; that it is damaged is one. */
static struct sek_unit unit_of(const struct linux_part *part)
{
    struct sek_unit unit = {
        .name = part->name,
        .component_class = part->component_class,
        .optional = true,
        .format = part->format,
        .place = {.label = part->name, .path = part->path},
        .found = true,
    };

    _Static_assert(sizeof unit.location >= sizeof part->location, "a location fits");
    memcpy(unit.location, part->location, sizeof part->location);
    return unit;
}

void linux_find(const struct sek_finder *finder, struct sek_inventory *inventory)
{
    const struct linux_finder *f = (const struct linux_finder *)finder;
    bool all;

    linux_parts_find(f->root, f->found);
    all = !f->found->overflow;
    inventory->found_count = 0;
    for (size_t i = 0; all && i < f->found->count; i++) {
        const struct linux_part *part = &f->found->part[i];

        if (is_described(inventory, part))
            continue;
        all = inventory->found_count < inventory->found_cap && !is_taken(inventory, part->name);
        if (all)
            inventory->found[inventory->found_count++] = unit_of(part);
    }
    if (!all)
        inventory->found_count = inventory->found_cap + 1;
}

static const struct sek_unit *unit_named(const struct sek_inventory *inventory, const char *name)
{
    for (size_t i = 0; i < inventory->unit_count; i++) {
        if (strcmp(inventory->unit[i].name, name) == 0)
            return &inventory->unit[i];
    }
    for (size_t i = 0; inventory->found_count <= inventory->found_cap && i < inventory->found_count;
         i++) {
        if (strcmp(inventory->found[i].name, name) == 0)
            return &inventory->found[i];
    }
    return NULL;
}

void linux_tell(const struct sek_agent *agent, FILE *out)
{
    if (agent->inventory.found_count > agent->inventory.found_cap)
        fputs("sekisho-agent: more parts than fit, or two of one name: there is no evidence\n",
              out);
    for (size_t i = 0; i < agent->cycle.row_count; i++) {
        const struct sek_row *row = &agent->cycle.memory.row[i];
        const struct sek_unit *unit = unit_named(&agent->inventory, row->name);
        const char *path = unit && unit->place.path ? unit->place.path : row->name;

        if (row->fault.status != SEK_ERR_DENIED)
            continue;
        fprintf(out, "sekisho-agent: cannot read %s: needs %s\n", path,
                strncmp(path, "module:", 7) == 0 ? "CAP_NET_ADMIN" : "CAP_DAC_READ_SEARCH");
    }
}
