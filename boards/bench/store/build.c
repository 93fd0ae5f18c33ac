/* From a tree to a payload: aliases normalised, key ids, skeletons and the index added. */
#include "boards/bench/store/store.h"

#include "base/bytes.h"
#include "trust/names.h"
#include "trust/values.h"

#include <libfdt.h>

#include <stdlib.h>
#include <string.h>

enum { RECORD_LEN = 12, GROW = 256 * 1024, LIST_MAX = 64 * 1024 };

struct record {
    uint64_t key;
    uint32_t node;
};

struct table {
    struct record *record;
    size_t count, cap;
};

struct collect {
    struct sek_value_sink base;
    struct table table[SEK_INDEX_COUNT];
};

static enum sek_status keep(struct sek_value_sink *sink, const struct sek_value *value)
{
    struct table *table = &((struct collect *)sink)->table[value->kind];

    if (table->count == table->cap) {
        size_t cap = table->cap ? 2 * table->cap : 64;
        struct record *grown = realloc(table->record, cap * sizeof *grown);

        if (!grown)
            return SEK_ERR_NO_SPACE;
        table->record = grown;
        table->cap = cap;
    }
    table->record[table->count++] = (struct record){value->key, (uint32_t)value->node};
    return SEK_OK;
}

static int by_key(const void *a, const void *b)
{
    const struct record *x = a, *y = b;

    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->node < y->node ? -1 : x->node > y->node;
}

static void free_tables(struct collect *collect)
{
    for (unsigned kind = 0; kind < SEK_INDEX_COUNT; kind++)
        free(collect->table[kind].record);
}

/* The path of a node, for messages. */
static const char *path_of(const void *tree, uint32_t node, char *out, int cap)
{
    return fdt_get_path(tree, (int)node, out, cap) == 0 ? out : "?";
}

static bool one_owner(const char *file, const void *tree, unsigned kind, const struct table *table)
{
    for (size_t i = 1; i < table->count; i++) {
        const struct record *a = &table->record[i - 1], *b = &table->record[i];
        char first[256], second[256];

        if (a->key != b->key || kind == SEK_INDEX_SKELETON)
            continue;
        bench_fail(false, 0, 0, "%s: %s and %s have the same value of %s", file,
                   path_of(tree, a->node, first, sizeof first),
                   path_of(tree, b->node, second, sizeof second),
                   sek_index_name((enum sek_index)kind));
        return false;
    }
    return true;
}

/* Writes the sorted records of one kind, as zeros first: node offsets move while the index grows.
 */
static bool put_table(void *tree, unsigned kind, const struct table *table, bool in_place)
{
    size_t len = table->count * RECORD_LEN;
    uint8_t *bytes = calloc(1, len + 1);
    int index = fdt_subnode_offset(tree, 0, "index"), status;

    if (!bytes)
        return false;
    for (size_t i = 0; in_place && i < table->count; i++) {
        sek_put_u64be(bytes + i * RECORD_LEN, table->record[i].key);
        sek_put_u32be(bytes + i * RECORD_LEN + 8, table->record[i].node);
    }
    status = in_place
                 ? fdt_setprop_inplace(tree, index, sek_index_name((enum sek_index)kind), bytes,
                                       (int)len)
                 : fdt_setprop(tree, index, sek_index_name((enum sek_index)kind), bytes, (int)len);
    free(bytes);
    return status == 0;
}

static bool collect_all(const void *tree, struct collect *collect)
{
    int node = 0;

    *collect = (struct collect){.base.value = keep};
    if (sek_store_values(tree, &collect->base, &node) != SEK_OK)
        return false;
    for (unsigned kind = 0; kind < SEK_INDEX_COUNT; kind++)
        qsort(collect->table[kind].record, collect->table[kind].count, sizeof(struct record),
              by_key);
    return true;
}

/* The index: tables of the final size, packed, then filled in place. */
static bool add_index(const char *file, uint8_t *tree)
{
    struct collect collect;
    int old = fdt_subnode_offset(tree, 0, "index");
    bool ok = old < 0 || fdt_del_node(tree, old) == 0;

    ok = ok && collect_all(tree, &collect) && fdt_add_subnode(tree, 0, "index") >= 0;
    for (unsigned kind = 0; ok && kind < SEK_INDEX_COUNT; kind++)
        ok = put_table(tree, kind, &collect.table[kind], false);
    free_tables(&collect);
    ok = ok && fdt_pack(tree) == 0 && collect_all(tree, &collect);
    for (unsigned kind = 0; ok && kind < SEK_INDEX_COUNT; kind++)
        ok = one_owner(file, tree, kind, &collect.table[kind]) &&
             put_table(tree, kind, &collect.table[kind], true);
    free_tables(&collect);
    return ok;
}

/* One list of names, each replaced by what convert makes of it; equal ones once. */
static bool convert_names(uint8_t *tree, int node, const char *from, const char *to,
                          size_t (*convert)(const char *, char *, size_t))
{
    char *list = malloc(LIST_MAX);
    size_t len = 0;
    int old_len;
    const char *old = fdt_getprop(tree, node, from, &old_len);
    bool ok = list != NULL;

    for (const char *word = old; ok && word && word < old + old_len; word += strlen(word) + 1) {
        char name[SEK_NORMAL_MAX + 1];
        size_t n = convert(word, name, SEK_NORMAL_MAX);

        name[n] = '\0';
        if (n == 0 || (len > 0 && fdt_stringlist_contains(list, (int)len, name)))
            continue;
        ok = len + n + 1 <= LIST_MAX;
        if (ok)
            memcpy(list + len, name, n + 1);
        len += n + 1;
    }
    if (ok && len > 0)
        ok = fdt_setprop(tree, node, to, list, (int)len) == 0;
    free(list);
    return ok;
}

static size_t normal(const char *word, char *out, size_t cap)
{
    return sek_name_normalise((struct sek_bytes){(const uint8_t *)word, strlen(word)}, out, cap,
                              NULL);
}

/* Skeleton of an alias that is already normalised; short ones have none. */
static size_t skeleton(const char *word, char *out, size_t cap)
{
    struct sek_bytes name = {(const uint8_t *)word, strlen(word)};

    return sek_name_letters(name) < SEK_SKELETON_LETTERS ? 0 : sek_name_skeleton(name, out, cap);
}

static int entity_at(const void *tree, int n)
{
    int parent = fdt_subnode_offset(tree, 0, "entities"), node;

    if (parent < 0)
        return -1;
    fdt_for_each_subnode(node, tree, parent)
    {
        if (n-- == 0)
            return node;
    }
    return -1;
}

static bool convert_entities(uint8_t *tree)
{
    for (int n = 0; entity_at(tree, n) >= 0; n++) { /* offsets move with every change */
        if (!convert_names(tree, entity_at(tree, n), "alias", "alias", normal) ||
            !convert_names(tree, entity_at(tree, n), "not-alias", "not-alias", normal) ||
            !convert_names(tree, entity_at(tree, n), "alias", "skeleton", skeleton))
            return false;
    }
    return true;
}

/* A key id beside each public key that has none; false: no room. */
static bool add_key_ids(uint8_t *tree)
{
    int suppliers = fdt_subnode_offset(tree, 0, "suppliers"), supplier, key;

    if (suppliers < 0)
        return true;
    fdt_for_each_subnode(supplier, tree, suppliers)
    {
        fdt_for_each_subnode(key, tree, supplier)
        {
            int len;
            const uint8_t *spki = fdt_getprop(tree, key, "public-key", &len);
            uint8_t id[SEK_KEY_ID_LEN];

            if (!spki || fdt_getprop(tree, key, "key-id", NULL))
                continue;
            if (sek_key_id((struct sek_bytes){spki, (size_t)len}, id) != SEK_OK ||
                fdt_setprop(tree, key, "key-id", id, sizeof id) != 0)
                return false;
            return add_key_ids(tree); /* offsets have moved: from the start */
        }
    }
    return true;
}

/* Grows the tree to a multiple of 8 bytes: mkimage -B 8 would put the bytes behind it otherwise. */
static size_t pad(uint8_t *tree)
{
    size_t len = fdt_totalsize(tree), padded = (len + 7) & ~(size_t)7;

    memset(tree + len, 0, padded - len);
    fdt_set_totalsize(tree, (uint32_t)padded);
    return padded;
}

bool store_build(const char *path, const void *tree, size_t tree_len, uint8_t **out, size_t *len)
{
    size_t room = 3 * tree_len + GROW;
    uint8_t *built = malloc(room);
    struct sek_store store;
    struct sek_store_fault why;

    if (!built || fdt_open_into(tree, built, (int)room) != 0 || !convert_entities(built) ||
        !add_key_ids(built) || !add_index(path, built)) {
        free(built);
        bench_fail(false, 0, 0, "%s: the index cannot be built", path);
        return false;
    }
    *len = pad(built);
    if (sek_store_open_payload(&store, (struct sek_bytes){built, *len}, &why) != SEK_OK) {
        bench_fail(false, 0, why.rule, "%s: %s", path, why.fault.why);
        free(built);
        return false;
    }
    *out = built;
    return true;
}
