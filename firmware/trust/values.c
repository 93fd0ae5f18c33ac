#include "trust/values.h"

#include "base/bytes.h"
#include "trust/schema.h"

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

uint64_t sek_fnv1a(struct sek_bytes bytes)
{
    uint64_t hash = 0xcbf29ce484222325u;

    for (size_t i = 0; i < bytes.len; i++)
        hash = (hash ^ bytes.data[i]) * 0x100000001b3u;
    return hash;
}

static enum sek_status give(struct sek_value_sink *sink, enum sek_index kind, uint64_t key,
                            int node)
{
    const struct sek_value value = {kind, key, node};

    return sink->value(sink, &value);
}

static enum sek_status texts(const struct kind *kind, const char *value, int len, int node,
                             struct sek_value_sink *sink)
{
    unsigned count = 0;

    if (!sek_schema_texts_ok((struct sek_bytes){(const uint8_t *)value, (size_t)len}))
        return SEK_ERR_MALFORMED;
    for (const char *word = value; word < value + len; word += strlen(word) + 1) {
        enum sek_status status;

        if (++count > SEK_VALUES_MAX ||
            (word > value && fdt_stringlist_contains(value, (int)(word - value), word)))
            return SEK_ERR_MALFORMED;
        status = give(sink, kind->index,
                      sek_fnv1a((struct sek_bytes){(const uint8_t *)word, strlen(word)}), node);
        if (status != SEK_OK)
            return status;
    }
    return SEK_OK;
}

static enum sek_status numbers(const struct kind *kind, const uint8_t *value, int len, int node,
                               struct sek_value_sink *sink)
{
    if (len == 0 || (unsigned)len % kind->width != 0 ||
        (unsigned)len / kind->width > SEK_VALUES_MAX)
        return SEK_ERR_MALFORMED;
    for (const uint8_t *at = value; at < value + len; at += kind->width) {
        enum sek_status status;
        uint64_t key = 0;

        for (const uint8_t *before = value; before < at; before += kind->width) {
            if (memcmp(before, at, kind->width) == 0)
                return SEK_ERR_MALFORMED;
        }
        for (unsigned i = 0; i < kind->width; i++)
            key = key << 8 | at[i];
        status = give(sink, kind->index, key, node);
        if (status != SEK_OK)
            return status;
    }
    return SEK_OK;
}

static enum sek_status entity(const void *dtb, int node, struct sek_value_sink *sink)
{
    for (size_t i = 0; i < SEK_LEN(kinds); i++) {
        int len;
        const void *value = fdt_getprop(dtb, node, kinds[i].property, &len);
        enum sek_status status;

        if (!value)
            continue;
        status = kinds[i].shape == TEXTS ? texts(&kinds[i], value, len, node, sink)
                                         : numbers(&kinds[i], value, len, node, sink);
        if (status != SEK_OK)
            return status;
    }
    return SEK_OK;
}

/* The first eight bytes of a key id or digest. */
static enum sek_status prefix(const void *dtb, int node, const char *name, int want,
                              enum sek_index kind, struct sek_value_sink *sink)
{
    int len;
    const uint8_t *value = fdt_getprop(dtb, node, name, &len);

    if (!value)
        return SEK_OK;
    if (len != want)
        return SEK_ERR_MALFORMED;
    return give(sink, kind, sek_get_u64be(value), node);
}

static enum sek_status digests(const void *dtb, int node, struct sek_value_sink *sink)
{
    enum sek_status status = prefix(dtb, node, "sha256", 32, SEK_INDEX_DIGEST, sink);

    if (status == SEK_OK)
        status = prefix(dtb, node, "sha384", 48, SEK_INDEX_DIGEST, sink);
    if (status == SEK_OK)
        status = prefix(dtb, node, "sha512", 64, SEK_INDEX_DIGEST, sink);
    return status;
}

static enum sek_status keys(const void *dtb, int supplier, struct sek_value_sink *sink)
{
    int key;

    fdt_for_each_subnode(key, dtb, supplier)
    {
        enum sek_status status = prefix(dtb, key, "key-id", SEK_KEY_ID_LEN, SEK_INDEX_KEY, sink);

        if (status != SEK_OK)
            return status;
    }
    return SEK_OK;
}

static enum sek_status each(const void *dtb, const char *folder,
                            enum sek_status (*visit)(const void *, int, struct sek_value_sink *),
                            struct sek_value_sink *sink, int *where)
{
    int parent = fdt_subnode_offset(dtb, 0, folder), node;

    if (parent < 0)
        return SEK_OK;
    fdt_for_each_subnode(node, dtb, parent)
    {
        enum sek_status status = visit(dtb, node, sink);

        if (status != SEK_OK) {
            *where = node;
            return status;
        }
    }
    return SEK_OK;
}

static enum sek_status phandles(const void *dtb, struct sek_value_sink *sink, int *where)
{
    for (int node = 0, depth = 0; node >= 0; node = fdt_next_node(dtb, node, &depth)) {
        uint32_t phandle = fdt_get_phandle(dtb, node);
        enum sek_status status = phandle ? give(sink, SEK_INDEX_PHANDLE, phandle, node) : SEK_OK;

        if (status != SEK_OK) {
            *where = node;
            return status;
        }
    }
    return SEK_OK;
}

enum sek_status sek_store_values(const void *dtb, struct sek_value_sink *sink, int *node)
{
    enum sek_status status = each(dtb, "entities", entity, sink, node);

    if (status == SEK_OK)
        status = each(dtb, "suppliers", keys, sink, node);
    if (status == SEK_OK)
        status = each(dtb, "references", digests, sink, node);
    if (status == SEK_OK)
        status = each(dtb, "denied", digests, sink, node);
    if (status == SEK_OK)
        status = phandles(dtb, sink, node);
    return status;
}
