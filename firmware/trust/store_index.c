#include "trust/store_index.h"

#include "base/bytes.h"

#include <libfdt.h>

uint64_t sek_fnv1a(struct sek_bytes bytes)
{
    uint64_t hash = 0xcbf29ce484222325u;

    for (size_t i = 0; i < bytes.len; i++)
        hash = (hash ^ bytes.data[i]) * 0x100000001b3u;
    return hash;
}

static size_t records(const struct sek_bytes *table)
{
    return table->len / SEK_INDEX_RECORD_LEN;
}

static uint64_t record_key(const struct sek_bytes *table, size_t i)
{
    return sek_get_u64be(table->data + i * SEK_INDEX_RECORD_LEN);
}

static uint32_t record_node(const struct sek_bytes *table, size_t i)
{
    return sek_get_u32be(table->data + i * SEK_INDEX_RECORD_LEN + 8);
}

int sek_store_find(const struct sek_store *store, enum sek_index kind, uint64_t key, size_t *at)
{
    const struct sek_bytes *table = &store->index[kind];
    size_t low = 0, len = records(table);

    /* Without a jump that depends on the key: half of them would be guessed wrong. */
    while (len > 0) {
        size_t half = (len + 1) / 2;

        low += record_key(table, low + half - 1) < key ? half : 0;
        len -= half;
    }
    *at = low;
    if (low == records(table) || record_key(table, low) != key)
        return -1;
    return (int)record_node(table, low); /* a checked record's node is one of the tree's */
}

int sek_store_next(const struct sek_store *store, enum sek_index kind, uint64_t key, size_t *at)
{
    const struct sek_bytes *table = &store->index[kind];

    if (*at >= records(table) || ++*at == records(table) || record_key(table, *at) != key)
        return -1;
    return (int)record_node(table, *at);
}

int sek_store_phandle(const struct sek_store *store, uint32_t phandle)
{
    size_t at;

    return sek_store_find(store, SEK_INDEX_PHANDLE, phandle, &at);
}

uint64_t sek_store_offset(const struct sek_store *store, int node)
{
    return (uint64_t)fdt_off_dt_struct(store->dtb) + (uint64_t)node;
}

/* ---- The one check ---- */

/* Numbers that were given one after the other stand behind each other: looked at there first. */
static enum sek_status value_is_indexed(struct sek_value_sink *sink, const struct sek_value *value)
{
    struct sek_index_check *check = (struct sek_index_check *)sink;
    const struct sek_bytes *table = &check->store->index[value->kind];
    size_t at = check->behind[value->kind];
    int node = value->node;

    if (at >= records(table) || record_key(table, at) != value->key ||
        record_node(table, at) != (uint32_t)node) {
        node = sek_store_find(check->store, value->kind, value->key, &at);
        while (node >= 0 && node != value->node)
            node = sek_store_next(check->store, value->kind, value->key, &at);
    }
    check->behind[value->kind] = at + 1;
    check->count[value->kind]++;
    return node >= 0 ? SEK_OK : SEK_ERR_NOT_FOUND;
}

/* Keys ascend strictly; of skeletons, which may have several owners, keys and then nodes. */
static bool ascends(const struct sek_bytes *table, enum sek_index kind)
{
    for (size_t i = 1; i < records(table); i++) {
        uint64_t a = record_key(table, i - 1), b = record_key(table, i);

        if (a < b)
            continue;
        if (a > b || kind != SEK_INDEX_SKELETON ||
            record_node(table, i - 1) >= record_node(table, i))
            return false;
    }
    return true;
}

enum sek_status sek_index_load(struct sek_store *store, int index, struct sek_index_check *check,
                               struct sek_fault *fault)
{
    *check = (struct sek_index_check){.base.value = value_is_indexed, .store = store};
    if (index < 0)
        return sek_fault_set(fault, SEK_ERR_MALFORMED, fdt_off_dt_struct(store->dtb),
                             "no index: sekisho store build makes it");
    for (unsigned kind = 0; kind < SEK_INDEX_COUNT; kind++) {
        struct sek_bytes *table = &store->index[kind];

        *table = sek_store_bytes(store, index, sek_index_name((enum sek_index)kind));
        if (table->len % SEK_INDEX_RECORD_LEN != 0 || !ascends(table, (enum sek_index)kind))
            return sek_fault_set(fault, SEK_ERR_MALFORMED, sek_store_offset(store, index),
                                 "an index is not sorted, or a value has two owners");
    }
    return SEK_OK;
}

const char *sek_index_refusal(enum sek_status status)
{
    return status == SEK_ERR_NOT_FOUND ? "a value that the index leaves out"
                                       : "a value that is malformed or doubled";
}

enum sek_status sek_index_complete(const struct sek_index_check *check, int index,
                                   struct sek_fault *fault)
{
    for (unsigned kind = 0; kind < SEK_INDEX_COUNT; kind++) {
        if (check->count[kind] != records(&check->store->index[kind]))
            return sek_fault_set(fault, SEK_ERR_MALFORMED, sek_store_offset(check->store, index),
                                 "an index lists a value that is not there");
    }
    return SEK_OK;
}
