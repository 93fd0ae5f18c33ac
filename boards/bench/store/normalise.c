/* A source's tree made ready for its index: names normalised, skeletons and key ids added.
 *
 * The tree is written anew from front to back, so that the time grows with its size only. */
#include "boards/bench/store/store.h"

#include "base/bytes.h"
#include "crypto/x509.h"
#include "trust/names.h"
#include "trust/schema.h"

#include <libfdt.h>

#include <stdlib.h>
#include <string.h>

/* What a tree may grow by: a skeleton beside each alias, 44 bytes for each key id. */
enum { GROW_FACTOR = 4, GROW = 64 * 1024 };

struct copy {
    const void *from;
    void *to;
    enum sek_schema_node kind[SEK_SCHEMA_DEPTH];
    bool failed;
};

typedef size_t convert(struct sek_bytes word, char *out, size_t cap);

static size_t normal(struct sek_bytes word, char *out, size_t cap)
{
    return sek_name_normalise(word, out, cap, NULL);
}

/* Skeleton of an alias; short ones have none. */
static size_t skeleton(struct sek_bytes word, char *out, size_t cap)
{
    char name[SEK_NORMAL_MAX];
    struct sek_bytes normalised = {(const uint8_t *)name,
                                   sek_name_normalise(word, name, sizeof name, NULL)};

    if (sek_name_letters(normalised) < SEK_SKELETON_LETTERS)
        return 0;
    return sek_name_skeleton(normalised, out, cap);
}

static void put(struct copy *copy, const char *name, const void *value, size_t len)
{
    copy->failed = copy->failed || fdt_property(copy->to, name, value, (int)len) != 0;
}

/* Writes a list of names, each replaced by what it is converted to; equal ones once. */
static void put_names(struct copy *copy, const char *name, struct sek_bytes list, convert *how)
{
    size_t len = 0; /* never more than a letter of the longest kind for each byte of the list */
    char *out = malloc(list.len * GROW_FACTOR + SEK_NORMAL_MAX + 1);

    copy->failed = copy->failed || !out;
    for (size_t at = 0; out && at < list.len;) {
        struct sek_bytes word = {list.data + at, strlen((const char *)list.data + at)};
        size_t n = how(word, out + len, SEK_NORMAL_MAX);

        at += word.len + 1;
        out[len + n] = '\0';
        if (n > 0 && (len == 0 || !fdt_stringlist_contains(out, (int)len, out + len)))
            len += n + 1;
    }
    if (out && len > 0)
        put(copy, name, out, len);
    free(out);
}

/* Writes one property, and what belongs beside it. False: it is to be copied as it is. */
static bool converted(struct copy *copy, int node, enum sek_schema_node kind, const char *name,
                      struct sek_bytes value)
{
    bool names = sek_schema_texts_ok(value);
    uint8_t id[SEK_KEY_ID_LEN];
    struct sek_x509 crt;

    if (kind == SEK_NODE_POLICY && names && strcmp(name, "generic-name") == 0) {
        put_names(copy, name, value, normal);
        return true;
    }
    if (kind == SEK_NODE_ENTITY && strcmp(name, "skeleton") == 0)
        return true; /* comes with alias */
    if (kind == SEK_NODE_ENTITY && names && strcmp(name, "not-alias") == 0) {
        put_names(copy, name, value, normal);
        return true;
    }
    if (kind == SEK_NODE_ENTITY && names && strcmp(name, "alias") == 0) {
        put_names(copy, name, value, normal);
        put_names(copy, "skeleton", value, skeleton);
        return true;
    }
    if (kind == SEK_NODE_KEY && strcmp(name, "key-id") == 0)
        return fdt_getprop(copy->from, node, "public-key", NULL) != NULL ||
               fdt_getprop(copy->from, node, "certificate", NULL) != NULL; /* comes with it */
    if (kind == SEK_NODE_KEY && strcmp(name, "certificate") == 0) {
        copy->failed = copy->failed || sek_x509_parse(value, &crt) != SEK_OK ||
                       sek_key_id(crt.spki, id) != SEK_OK;
        put(copy, name, value.data, value.len);
        put(copy, "key-id", id, sizeof id);
        return true;
    }
    if (kind == SEK_NODE_KEY && strcmp(name, "public-key") == 0) {
        copy->failed = copy->failed || sek_key_id(value, id) != SEK_OK;
        put(copy, name, value.data, value.len);
        put(copy, "key-id", id, sizeof id);
        return true;
    }
    return false;
}

static void copy_properties(struct copy *copy, int node, enum sek_schema_node kind)
{
    int property;

    fdt_for_each_property_offset(property, copy->from, node)
    {
        const char *name;
        int len;
        const uint8_t *data = fdt_getprop_by_offset(copy->from, property, &name, &len);

        if (!data) {
            copy->failed = true;
            return;
        }
        if (!converted(copy, node, kind, name, (struct sek_bytes){data, (size_t)len}))
            put(copy, name, data, (size_t)len);
    }
}

static void end_nodes(struct copy *copy, int *open, int depth)
{
    for (; *open > depth; --*open)
        copy->failed = copy->failed || fdt_end_node(copy->to) != 0;
}

static void copy_tree(struct copy *copy)
{
    int open = 0, skip = -1; /* skip: depth of the old index */

    for (int node = 0, depth = 0; node >= 0 && depth >= 0 && !copy->failed;
         node = fdt_next_node(copy->from, node, &depth)) {
        const char *name = fdt_get_name(copy->from, node, NULL);
        enum sek_schema_node kind = SEK_NODE_ROOT;

        if (skip >= 0 && depth > skip)
            continue;
        if (depth >= SEK_SCHEMA_DEPTH) {
            copy->failed = true;
            return;
        }
        if (depth > 0)
            kind = sek_schema_child(copy->kind[depth - 1], name);
        copy->kind[depth] = kind;
        skip = kind == SEK_NODE_INDEX ? depth : -1;
        if (skip >= 0)
            continue;
        end_nodes(copy, &open, depth);
        copy->failed = copy->failed || fdt_begin_node(copy->to, name) != 0;
        open = depth + 1;
        copy_properties(copy, node, kind);
    }
    end_nodes(copy, &open, 0);
}

uint8_t *store_normalise(const void *dtb)
{
    size_t room = (size_t)fdt_totalsize(dtb) * GROW_FACTOR + GROW;
    uint8_t *out = room <= INT32_MAX ? malloc(room) : NULL;
    struct copy copy = {.from = dtb, .to = out};

    if (!out)
        return NULL;
    copy.failed = fdt_create(out, (int)room) != 0 || fdt_finish_reservemap(out) != 0;
    if (!copy.failed)
        copy_tree(&copy);
    if (copy.failed || fdt_finish(out) != 0) {
        free(out);
        return NULL;
    }
    return out;
}
