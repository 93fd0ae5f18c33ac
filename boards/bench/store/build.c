/* From a tree to a payload: the index is added. */
#include "boards/bench/store/store.h"

#include "base/bytes.h"
#include "trust/store_index.h"
#include "trust/values.h"

#include <libfdt.h>

#include <stdlib.h>
#include <string.h>

enum { PAYLOAD_ALIGN = 8, INDEX_NODE = 1024 }; /* bytes: of the node without its tables */

/* Writes the records of one kind: zeros first, since node offsets move while the tree grows. */
static bool put_table(void *tree, enum sek_index kind, const struct store_values *values, bool fill)
{
    size_t count = values->count[kind], len = count * SEK_INDEX_RECORD_LEN;
    uint8_t *bytes = calloc(1, len + 1);
    int index = fdt_subnode_offset(tree, 0, "index"), status;
    const char *name = sek_index_name(kind);

    if (!bytes)
        return false;
    for (size_t i = 0; fill && i < count; i++) {
        sek_put_u64be(bytes + i * SEK_INDEX_RECORD_LEN, values->record[kind][i].key);
        sek_put_u32be(bytes + i * SEK_INDEX_RECORD_LEN + 8, values->record[kind][i].node);
    }
    status = fill ? fdt_setprop_inplace(tree, index, name, bytes, (int)len)
                  : fdt_setprop(tree, index, name, bytes, (int)len);
    free(bytes);
    return status == 0;
}

static bool put_tables(void *tree, bool fill)
{
    struct store_values values;
    int node;
    bool ok = store_values_collect(tree, &values, &node) == SEK_OK;

    if (!ok)
        return false;
    for (unsigned kind = 0; ok && kind < SEK_INDEX_COUNT; kind++)
        ok = put_table(tree, (enum sek_index)kind, &values, fill);
    store_values_free(&values);
    return ok;
}

/* Bytes that the tables will take. */
static bool index_room(const void *tree, size_t *room)
{
    struct store_values values;
    int node;

    if (store_values_collect(tree, &values, &node) != SEK_OK)
        return false;
    *room = INDEX_NODE;
    for (unsigned kind = 0; kind < SEK_INDEX_COUNT; kind++)
        *room += values.count[kind] * SEK_INDEX_RECORD_LEN;
    store_values_free(&values);
    return true;
}

/* Grows a tree to a multiple of 8 bytes: else mkimage -B 8 puts bytes behind it. */
static size_t pad(uint8_t *tree)
{
    size_t len = fdt_totalsize(tree),
           padded = (len + PAYLOAD_ALIGN - 1) & ~(size_t)(PAYLOAD_ALIGN - 1);

    memset(tree + len, 0, padded - len);
    fdt_set_totalsize(tree, (uint32_t)padded);
    return padded;
}

/* The tree with an index of the final size, packed, then filled in place. The caller frees. */
static uint8_t *add_index(const uint8_t *tree, size_t *len)
{
    size_t room, total;
    uint8_t *out;

    if (!index_room(tree, &room))
        return NULL;
    total = fdt_totalsize(tree) + room + PAYLOAD_ALIGN;
    out = total <= INT32_MAX ? malloc(total) : NULL;
    if (!out)
        return NULL;
    if (fdt_open_into(tree, out, (int)(total - PAYLOAD_ALIGN)) != 0 ||
        fdt_add_subnode(out, 0, "index") < 0 || !put_tables(out, false) || fdt_pack(out) != 0 ||
        !put_tables(out, true)) {
        free(out);
        return NULL;
    }
    *len = pad(out);
    return out;
}

bool store_build(const char *path, const void *dtb, uint8_t **out, size_t *len)
{
    uint8_t *normalised = store_normalise(dtb), *built = NULL;
    struct sek_store store;
    struct sek_store_fault why;

    if (normalised)
        built = add_index(normalised, len);
    free(normalised);
    if (!built) {
        bench_fail(false, 0, SEK_RULE(TS, 5), "%s: the index cannot be built", path);
        return false;
    }
    if (sek_store_open_payload(&store, (struct sek_bytes){built, *len}, &why) != SEK_OK) {
        bench_fail(false, 0, why.rule, "%s: offset %llu of what was built: %s", path,
                   (unsigned long long)why.fault.offset, why.fault.why);
        free(built);
        return false;
    }
    *out = built;
    return true;
}
