#include "trust/kin.h"

#include "base/bytes.h"
#include "trust/schema.h"

#include <libfdt.h>

static bool has(const struct sek_kin *kin, int entity)
{
    for (size_t i = 0; i < kin->count; i++) {
        if (kin->entity[i] == entity)
            return true;
    }
    return false;
}

/* The parent that an affiliation names; < 0: the node is none. */
static int parent_of(const struct sek_store *store, int node)
{
    struct sek_bytes parent = sek_store_bytes(store, node, "parent");

    if (sek_schema_child(SEK_NODE_ENTITY, sek_store_node_name(store, node)) !=
            SEK_NODE_AFFILIATION ||
        parent.len != 4)
        return -1;
    return sek_store_phandle(store, sek_get_u32be(parent.data));
}

void sek_kin_list(const struct sek_store *store, int entity, const struct sek_kin_filter *filter,
                  struct sek_kin *out)
{
    out->entity[0] = entity;
    out->count = 1;
    out->overflow = false;
    for (size_t i = 0; i < out->count; i++) {
        int node;

        fdt_for_each_subnode(node, store->dtb, out->entity[i])
        {
            int parent = parent_of(store, node);

            if (parent < 0 || has(out, parent) || (filter && !filter->follow(filter, node)))
                continue;
            if (out->count == SEK_KIN_MAX) {
                out->overflow = true;
                return;
            }
            out->entity[out->count++] = parent;
        }
    }
}

bool sek_kin_related(const struct sek_store *store, int a, int b)
{
    struct sek_kin of_a, of_b;

    sek_kin_list(store, a, NULL, &of_a);
    sek_kin_list(store, b, NULL, &of_b);
    for (size_t i = 0; i < of_a.count; i++) {
        if (has(&of_b, of_a.entity[i]))
            return true;
    }
    return false;
}
