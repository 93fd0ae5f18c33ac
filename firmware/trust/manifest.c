#include "trust/manifest.h"

#include "base/bytes.h"
#include "base/text.h"
#include "trust/decide.h"

#include <libfdt.h>

#include <string.h>

/* ---- Words: "vendor=Kiso", "pci=14e4b990" ---- */

/* In the order of enum sek_kind, each with its NUL. */
static const char kinds[] =
    "vendor\0manufacturer\0product\0part-number\0serial-"
    "number\0revision\0oui24\0oui28\0oui36\0pen\0"
    "pci\0pci-subsystem\0usb\0jedec\0compatible\0midr\0gpon\0country\0acpi-hid\0pnp\0date\0mac\0";

const char *sek_manifest_kind(enum sek_kind kind)
{
    const char *name = kinds;

    for (unsigned i = SEK_KIND_VENDOR; i < (unsigned)kind && *name; i++)
        name += strlen(name) + 1;
    return kind >= SEK_KIND_VENDOR && *name ? name : NULL;
}

void sek_manifest_hex(const struct sek_observation *seen, char *out)
{
    uint8_t number[4];

    sek_put_u32be(number, seen->number);
    if (seen->type == SEK_VALUE_NUMBER)
        sek_text_hex((struct sek_bytes){number, sizeof number}, out);
    else
        sek_text_hex(
            (struct sek_bytes){seen->value.data, seen->value.len < 6 ? seen->value.len : 6}, out);
}

static bool is_kind(const char *word, size_t len, enum sek_kind kind)
{
    const char *name = sek_manifest_kind(kind);

    /* Names on certificates do not say in which field of a record they stand. */
    if ((len == 5 && memcmp(word, "maker", len) == 0 &&
         (kind == SEK_KIND_VENDOR || kind == SEK_KIND_MANUFACTURER)) ||
        (len == 5 && memcmp(word, "model", len) == 0 &&
         (kind == SEK_KIND_PRODUCT || kind == SEK_KIND_PART_NUMBER)))
        return true;
    return name && strlen(name) == len && memcmp(word, name, len) == 0;
}

/* Is it of the kind that the word names; *said: and has its value. */
static bool of_kind(const char *word, const struct sek_observation *seen, bool *said)
{
    const char *value = strchr(word, '=');
    char hex[13];

    if (!value || !is_kind(word, (size_t)(value - word), seen->kind))
        return false;
    value++;
    if (seen->type == SEK_VALUE_TEXT) {
        *said = strlen(value) == seen->value.len &&
                memcmp(value, seen->value.data, seen->value.len) == 0;
    } else {
        sek_manifest_hex(seen, hex);
        *said = strcmp(value, hex) == 0;
    }
    return true;
}

static bool some_says(const struct sek_row *row, const char *word)
{
    bool said = false;

    for (size_t i = 0; i < row->observation_count && !said; i++) {
        if (!of_kind(word, &row->observation[i], &said))
            said = false;
    }
    return said;
}

/* False: the kind is listed, and not with this value. */
static bool is_listed(struct sek_bytes list, const struct sek_observation *seen)
{
    const char *end = (const char *)list.data + list.len;
    bool named = false, said = false;

    for (const char *word = (const char *)list.data; word < end && !said; word += strlen(word) + 1)
        named = of_kind(word, seen, &said) || named;
    return said || !named;
}

static bool of_class(const struct sek_store *store, int entry, const struct sek_row *row)
{
    return !sek_store_has(store, entry, "class") ||
           sek_store_list_has(store, entry, "class", sek_class_name(row->component_class));
}

bool sek_manifest_fits(const struct sek_store *store, int entry, const struct sek_row *row,
                       bool elsewhere)
{
    struct sek_bytes list = sek_store_bytes(store, entry, "says");
    const char *end = (const char *)list.data + list.len;
    bool fits = list.len > 0 && of_class(store, entry, row);

    if (sek_store_list_has(store, entry, "says", SEK_MANIFEST_NOTHING))
        return fits && row->observation_count == 0;
    for (const char *word = (const char *)list.data; fits && word < end; word += strlen(word) + 1)
        fits = some_says(row, word);
    for (size_t i = 0; fits && !elsewhere && i < row->observation_count; i++)
        fits = is_listed(list, &row->observation[i]);
    return fits;
}

/* ---- Which manifest, which entry ---- */

static bool is_text(const struct sek_store *store, int node, const char *name,
                    struct sek_bytes value)
{
    const char *text = sek_store_string(store, node, name);

    return text && strlen(text) == value.len && memcmp(text, value.data, value.len) == 0;
}

struct sek_manifest sek_manifest_find(const struct sek_store *store, struct sek_bytes model,
                                      struct sek_bytes serial)
{
    struct sek_manifest found = {.node = -1};
    int node;

    if (!store->dtb || store->manifests < 0)
        return found;
    fdt_for_each_subnode(node, store->dtb, store->manifests)
    {
        if (!is_text(store, node, "model", model))
            continue;
        found.of_model = true;
        if (!sek_store_has(store, node, "serial-number")) {
            if (found.node < 0)
                found.node = node;
        } else if (serial.len > 0 && is_text(store, node, "serial-number", serial)) {
            found.node = node;
            return found;
        }
    }
    return found;
}

int sek_manifest_entry(const struct sek_store *store, int manifest, const char *name)
{
    const struct sek_bytes wanted = {(const uint8_t *)name, strlen(name)};
    int entry;

    if (manifest < 0)
        return -1;
    fdt_for_each_subnode(entry, store->dtb, manifest)
    {
        if (is_text(store, entry, "component", wanted))
            return entry;
    }
    return -1;
}

/* An entry without a place whose part this is. */
static bool is_elsewhere(const struct sek_store *store, int manifest, const struct sek_row *row)
{
    int entry;

    if (manifest < 0)
        return false;
    fdt_for_each_subnode(entry, store->dtb, manifest)
    {
        if (!sek_store_has(store, entry, "component") && sek_manifest_fits(store, entry, row, true))
            return true;
    }
    return false;
}

/* ---- Rows ---- */

/* Neither as listed nor worse already. */
static void unexpected(struct sek_row *row, sek_rule rule)
{
    const struct sek_finding finding = {.rule = rule,
                                        .integrity = SEK_INTEGRITY_UNEXPECTED,
                                        .supplier = row->supplier,
                                        .policy = row->policy};

    if (row->supplier != SEK_SUPPLIER_EXCLUDED)
        sek_decide_unproven(row, &finding);
}

static void absent(struct sek_row *row)
{
    const struct sek_finding finding = {.rule = SEK_RULE(RD, 3), .integrity = SEK_INTEGRITY_ABSENT};

    row->optional = false;
    sek_decide_unproven(row, &finding);
}

struct part_maker {
    struct sek_case_maker base;
    const struct sek_appraiser *appraiser;
    int entry;
};

static void make_part_case(const struct sek_case_maker *maker, unsigned round, struct sek_case *c)
{
    const struct part_maker *m = (const struct part_maker *)maker;

    (void)round;
    c->appraiser = m->appraiser;
    c->entry = m->entry;
}

static void judge_listed(const struct sek_appraiser *appraiser, int entry, struct sek_row *row)
{
    const struct part_maker maker = {{make_part_case}, appraiser, entry};

    if (!sek_manifest_fits(appraiser->store, entry, row, false))
        unexpected(row, SEK_RULE(REF, 2));
    else if (row->observation_count > 0 && !row->blank && !row->damaged &&
             (row->supplier <= SEK_SUPPLIER_UNATTRIBUTED || row->rule == SEK_RULE(VND, 6)))
        sek_decide_twice(&sek_manifest_checks, &maker.base, row);
}

void sek_manifest_row(const struct sek_appraiser *appraiser, const struct sek_manifest *manifest,
                      struct sek_row *row)
{
    const struct sek_store *store = appraiser->store;
    int entry;

    if (!manifest->of_model)
        return;
    entry = sek_manifest_entry(store, manifest->node, row->name);
    if (row->integrity == SEK_INTEGRITY_ABSENT) {
        if (entry >= 0 && !sek_store_has(store, entry, "optional"))
            absent(row);
    } else if (row->integrity == SEK_INTEGRITY_UNREADABLE) {
        return;
    } else if (row->kind != SEK_ROW_PART) {
        if (entry >= 0)
            unexpected(row, SEK_RULE(REF, 2));
    } else if (entry >= 0) {
        judge_listed(appraiser, entry, row);
    } else if (!is_elsewhere(store, manifest->node, row)) {
        unexpected(row, SEK_RULE(RD, 5));
    }
}

/* The row of an entry's place, or of a part that fits one without a place; *taken: the name that a
 * new row would have is another's. */
static bool has_row(const struct sek_store *store, int entry, const char *name,
                    const struct sek_row *row, size_t count, bool *taken)
{
    bool placed = sek_store_has(store, entry, "component"), found = false;

    *taken = false;
    for (size_t i = 0; i < count; i++) {
        bool same = strcmp(row[i].name, name) == 0;

        found = found || (placed ? same
                                 : row[i].kind == SEK_ROW_PART &&
                                       sek_manifest_fits(store, entry, &row[i], true));
        *taken = *taken || same;
    }
    return found;
}

bool sek_manifest_missing(const struct sek_appraiser *appraiser,
                          const struct sek_manifest *manifest, struct sek_row *row, size_t *count,
                          size_t cap)
{
    const struct sek_store *store = appraiser->store;
    size_t there = *count;
    int entry;

    if (manifest->node < 0)
        return true;
    fdt_for_each_subnode(entry, store->dtb, manifest->node)
    {
        const char *component = sek_store_string(store, entry, "component");
        const char *name = component ? component : sek_store_node_name(store, entry);
        struct sek_row *missing = &row[*count];
        bool taken;

        if (sek_store_has(store, entry, "optional") ||
            has_row(store, entry, name, row, *count, &taken))
            continue;
        if (*count == cap || taken || strlen(name) > SEK_ROW_NAME_MAX)
            return false;
        sek_row_init(missing);
        memcpy(missing->name, name, strlen(name) + 1);
        missing->method = there > 0 ? row[0].method : SEK_METHOD_AGENT;
        absent(missing);
        ++*count;
    }
    return true;
}

bool sek_manifest_rows(const struct sek_appraiser *appraiser, struct sek_bytes model,
                       struct sek_bytes serial, struct sek_row *row, size_t *count, size_t cap)
{
    const struct sek_manifest manifest = sek_manifest_find(appraiser->store, model, serial);

    for (size_t i = 0; i < *count; i++)
        sek_manifest_row(appraiser, &manifest, &row[i]);
    return sek_manifest_missing(appraiser, &manifest, row, count, cap);
}
