/* The values of a tree, collected for an index. */
#include "boards/bench/store/store.h"

#include "trust/values.h"

#include <libfdt.h>

#include <stdlib.h>

struct collect {
    struct sek_value_sink base;
    struct store_values *values;
};

static enum sek_status keep(struct sek_value_sink *sink, const struct sek_value *value)
{
    struct store_values *values = ((struct collect *)sink)->values;
    size_t *count = &values->count[value->kind], *cap = &values->cap[value->kind];
    struct store_record **record = &values->record[value->kind];

    if (*count == *cap) {
        size_t grown_cap = *cap ? 2 * *cap : 64;
        struct store_record *grown = realloc(*record, grown_cap * sizeof *grown);

        if (!grown)
            return SEK_ERR_NO_SPACE;
        *record = grown;
        *cap = grown_cap;
    }
    (*record)[(*count)++] = (struct store_record){value->key, (uint32_t)value->node};
    return SEK_OK;
}

static int by_key(const void *a, const void *b)
{
    const struct store_record *x = a, *y = b;

    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return x->node < y->node ? -1 : x->node > y->node;
}

enum sek_status store_values_collect(const void *dtb, struct store_values *values, int *node)
{
    struct collect collect = {.base.value = keep, .values = values};
    enum sek_status status;

    *values = (struct store_values){0};
    *node = 0;
    status = sek_store_values(dtb, &collect.base, node);
    if (status != SEK_OK) {
        store_values_free(values);
        return status;
    }
    for (unsigned kind = 0; kind < SEK_INDEX_COUNT; kind++) {
        if (values->count[kind] > 0)
            qsort(values->record[kind], values->count[kind], sizeof(struct store_record), by_key);
    }
    return SEK_OK;
}

void store_values_free(struct store_values *values)
{
    for (unsigned kind = 0; kind < SEK_INDEX_COUNT; kind++)
        free(values->record[kind]);
    *values = (struct store_values){0};
}

bool store_values_clash(const struct store_values *values, enum sek_index kind, size_t *at)
{
    while (++*at < values->count[kind]) {
        if (values->record[kind][*at - 1].key == values->record[kind][*at].key)
            return true;
    }
    return false;
}

const char *store_path(const void *dtb, int node, char *out, int cap)
{
    return fdt_get_path(dtb, node, out, cap) == 0 ? out : "?";
}
