#include "trust/values.h"

#include "base/bytes.h"

#include <libfdt.h>

#include <string.h>

/* How a property's values are laid out. */
enum shape { TEXTS, NUMBERS, OUI };

static const struct kind {
    enum sek_index index;
    const char *property; /* of an entity */
    enum shape shape;
    unsigned width; /* bytes of one value; 0: texts */
} kinds[] = {
    {SEK_INDEX_ALIAS, "alias", TEXTS, 0},         {SEK_INDEX_SKELETON, "skeleton", TEXTS, 0},
    {SEK_INDEX_OUI24, "oui24", OUI, 3},           {SEK_INDEX_OUI28, "oui28", OUI, 4},
    {SEK_INDEX_OUI36, "oui36", OUI, 5},           {SEK_INDEX_PEN, "pen", NUMBERS, 4},
    {SEK_INDEX_PCI, "pci-vendor", NUMBERS, 4},    {SEK_INDEX_USB, "usb-vendor", NUMBERS, 4},
    {SEK_INDEX_MIDR, "midr-impl", NUMBERS, 4},    {SEK_INDEX_JEDEC, "jedec", NUMBERS, 4},
    {SEK_INDEX_DT_PREFIX, "dt-prefix", TEXTS, 0}, {SEK_INDEX_GPON, "gpon-vid", TEXTS, 0},
    {SEK_INDEX_ACPI_HID, "acpi-hid", TEXTS, 0},   {SEK_INDEX_PNP, "pnp", TEXTS, 0},
};

const char *sek_index_name(enum sek_index kind)
{
    for (size_t i = 0; i < SEK_LEN(kinds); i++) {
        if (kinds[i].index == kind)
            return kinds[i].property;
    }
    return kind == SEK_INDEX_KEY ? "key" : kind == SEK_INDEX_DIGEST ? "digest" : "phandle";
}

static enum sek_status give(struct sek_value_sink *sink, enum sek_index kind, uint64_t key,
                            int node)
{
    const struct sek_value value = {kind, key, node};

    return sink->value(sink, &value);
}

static enum sek_status texts(const struct kind *kind, struct sek_bytes value, int node,
                             struct sek_value_sink *sink)
{
    const char *first = (const char *)value.data;
    unsigned count = 0;

    if (!sek_schema_texts_ok(value))
        return SEK_ERR_MALFORMED;
    for (const char *word = first; word < first + value.len; word += strlen(word) + 1) {
        enum sek_status status;

        if (++count > SEK_VALUES_MAX ||
            (word > first && fdt_stringlist_contains(first, (int)(word - first), word)))
            return SEK_ERR_MALFORMED;
        status = give(sink, kind->index,
                      sek_fnv1a((struct sek_bytes){(const uint8_t *)word, strlen(word)}), node);
        if (status != SEK_OK)
            return status;
    }
    return SEK_OK;
}

/* True if a number stands before `at` already. Prefixes ascend: the last one before tells. */
static bool doubled(const struct kind *kind, const uint8_t *value, const uint8_t *at)
{
    if (kind->shape == OUI)
        return at > value && memcmp(at - kind->width, at, kind->width) >= 0;
    for (; value < at; value += kind->width) {
        if (memcmp(value, at, kind->width) == 0)
            return true;
    }
    return false;
}

static enum sek_status numbers(const struct kind *kind, struct sek_bytes value, int node,
                               struct sek_value_sink *sink)
{
    if (value.len == 0 || value.len % kind->width != 0 || value.len / kind->width > SEK_VALUES_MAX)
        return SEK_ERR_MALFORMED;
    for (const uint8_t *at = value.data; at < value.data + value.len; at += kind->width) {
        enum sek_status status;
        uint64_t key = 0;

        if (doubled(kind, value.data, at))
            return SEK_ERR_MALFORMED;
        for (unsigned i = 0; i < kind->width; i++)
            key = key << 8 | at[i];
        status = give(sink, kind->index, key, node);
        if (status != SEK_OK)
            return status;
    }
    return SEK_OK;
}

static enum sek_status entity(const struct sek_tree_tag *property, int node,
                              struct sek_value_sink *sink)
{
    for (size_t i = 0; i < SEK_LEN(kinds); i++) {
        if (kinds[i].property[0] != property->name[0] ||
            strcmp(kinds[i].property, property->name) != 0)
            continue;
        return kinds[i].shape == TEXTS ? texts(&kinds[i], property->value, node, sink)
                                       : numbers(&kinds[i], property->value, node, sink);
    }
    return SEK_OK;
}

/* Key ids and digests: their first eight bytes. */
static enum sek_status prefix(const struct sek_tree_tag *property, const char *name, size_t len,
                              enum sek_index kind, int node, struct sek_value_sink *sink)
{
    if (strcmp(property->name, name) != 0)
        return SEK_OK;
    if (property->value.len != len)
        return SEK_ERR_MALFORMED;
    return give(sink, kind, sek_get_u64be(property->value.data), node);
}

static enum sek_status digests(const struct sek_tree_tag *property, int node,
                               struct sek_value_sink *sink)
{
    enum sek_status status = prefix(property, "sha256", 32, SEK_INDEX_DIGEST, node, sink);

    if (status == SEK_OK)
        status = prefix(property, "sha384", 48, SEK_INDEX_DIGEST, node, sink);
    if (status == SEK_OK)
        status = prefix(property, "sha512", 64, SEK_INDEX_DIGEST, node, sink);
    return status;
}

static enum sek_status phandle(const struct sek_schema_place *place, struct sek_value_sink *sink)
{
    struct sek_bytes value = sek_schema_value(place, "phandle");
    uint32_t number;

    if (value.len != 4)
        value = sek_schema_value(place, "linux,phandle");
    number = value.len == 4 ? sek_get_u32be(value.data) : 0;
    return number ? give(sink, SEK_INDEX_PHANDLE, number, place->node) : SEK_OK;
}

enum sek_status sek_store_node_values(const struct sek_schema_place *place,
                                      struct sek_value_sink *sink)
{
    enum sek_status status = phandle(place, sink);

    for (unsigned i = 0; i < place->value_count && status == SEK_OK; i++) {
        const struct sek_tree_tag *property = &place->value[i];

        if (place->kind == SEK_NODE_ENTITY)
            status = entity(property, place->node, sink);
        else if (place->kind == SEK_NODE_KEY)
            status = prefix(property, "key-id", SEK_KEY_ID_LEN, SEK_INDEX_KEY, place->node, sink);
        else if (place->kind == SEK_NODE_REFERENCE || place->kind == SEK_NODE_DENIED_DIGEST)
            status = digests(property, place->node, sink);
    }
    return status;
}

/* ---- All nodes ---- */

struct all {
    struct sek_schema_sink base;
    struct sek_value_sink *sink;
    enum sek_status status;
    int node;
};

static bool pass_over(struct sek_schema_sink *sink, const struct sek_schema_place *place,
                      const char *why)
{
    (void)sink, (void)place, (void)why;
    return true;
}

static int nowhere(struct sek_schema_sink *sink, uint32_t number)
{
    (void)sink, (void)number;
    return -1;
}

static bool values_of(struct sek_schema_sink *sink, const struct sek_schema_place *place)
{
    struct all *all = (struct all *)sink;

    all->node = place->node;
    all->status = sek_store_node_values(place, all->sink);
    return all->status == SEK_OK;
}

enum sek_status sek_store_values(const void *dtb, struct sek_value_sink *sink, int *node)
{
    struct all all = {.base = {.problem = pass_over, .node = values_of, .phandle = nowhere},
                      .sink = sink,
                      .status = SEK_OK};

    (void)sek_schema_walk(dtb, &all.base);
    *node = all.node;
    return all.status;
}
