#define _GNU_SOURCE
/* What two stores differ in: each tree is written out as lines "PATH PROPERTY" with a value, and
 * the sorted lines are compared. Numbers that a build gives (phandles, index) are left out. */
#include "boards/bench/store/store.h"

#include "base/bytes.h"
#include "base/text.h"
#include "trust/schema.h"

#include <libfdt.h>

#include <stdlib.h>
#include <string.h>

enum { PATH_LEN = 320, VALUE_LEN = 4096 };

struct line {
    char *name, *value; /* owned; "/rules/no-x verdict", "excluded"; of a node "" */
};

struct lines {
    struct line *line;
    size_t count, cap;
    bool lost; /* no memory */
};

static void add(struct lines *lines, const char *name, const char *value)
{
    if (lines->count == lines->cap) {
        size_t cap = lines->cap ? 2 * lines->cap : 256;
        struct line *grown = realloc(lines->line, cap * sizeof *grown);

        lines->lost = lines->lost || !grown;
        if (!grown)
            return;
        lines->line = grown;
        lines->cap = cap;
    }
    struct line line = {strdup(name), strdup(value)};

    lines->lost = lines->lost || !line.name || !line.value;
    lines->line[lines->count++] = line;
}

static void release(struct lines *lines)
{
    for (size_t i = 0; i < lines->count; i++) {
        free(lines->line[i].name);
        free(lines->line[i].value);
    }
    free(lines->line);
}

static const struct sek_schema_property *schema_of(enum sek_schema_node kind, const char *name)
{
    size_t count;
    const struct sek_schema_property *table = sek_schema_properties(&count);

    for (size_t i = 0; i < count; i++) {
        if (table[i].node == kind && strcmp(table[i].name, name) == 0)
            return &table[i];
    }
    return NULL;
}

static void write_texts(struct sek_bytes value, FILE *out)
{
    const char *text = (const char *)value.data, *end = text + value.len;

    for (const char *at = text; at < end; at += strlen(at) + 1) {
        char clean[256];

        sek_text_clean((struct sek_bytes){(const uint8_t *)at, strlen(at)}, clean, sizeof clean);
        fprintf(out, "%s\"%s\"", at > text ? ", " : "", clean);
    }
}

static void write_numbers(const void *dtb, struct sek_bytes value, bool nodes, FILE *out)
{
    for (size_t i = 0; i + 4 <= value.len; i += 4) {
        uint32_t number = sek_get_u32be(value.data + i);
        char path[PATH_LEN];

        if (i > 0)
            fputc(' ', out);
        if (nodes)
            fputs(store_path(dtb, fdt_node_offset_by_phandle(dtb, number), path, sizeof path), out);
        else
            fprintf(out, "%lu", (unsigned long)number);
    }
}

static void write_bytes(struct sek_bytes value, FILE *out)
{
    fputc('[', out);
    for (size_t i = 0; i < value.len; i++)
        fprintf(out, "%02x", value.data[i]);
    fputc(']', out);
}

/* A value as its type in the schema reads; of an unknown property as text if it is some. */
static void write_value(const void *dtb, const struct sek_schema_property *schema,
                        struct sek_bytes value, FILE *out)
{
    enum sek_schema_type type = schema                       ? schema->type
                                : sek_schema_texts_ok(value) ? SEK_TYPE_TEXTS
                                                             : SEK_TYPE_BYTES;

    switch (type) {
    case SEK_TYPE_TEXT:
    case SEK_TYPE_TEXTS:
    case SEK_TYPE_WORDS:
    case SEK_TYPE_CLASSES:
    case SEK_TYPE_DATE:
        if (sek_schema_texts_ok(value))
            write_texts(value, out);
        else
            write_bytes(value, out);
        break;
    case SEK_TYPE_U32:
    case SEK_TYPE_U32S:
        write_numbers(dtb, value, false, out);
        break;
    case SEK_TYPE_NODE:
    case SEK_TYPE_NODES:
        write_numbers(dtb, value, true, out);
        break;
    case SEK_TYPE_FLAG:
        fputs("yes", out);
        break;
    case SEK_TYPE_BYTES:
    case SEK_TYPE_OUIS:
        write_bytes(value, out);
        break;
    }
}

/* Given by a build, not by a person. */
static bool made(const char *name)
{
    return strcmp(name, "phandle") == 0 || strcmp(name, "linux,phandle") == 0;
}

static void flatten_properties(const void *dtb, int node, enum sek_schema_node kind,
                               const char *path, struct lines *lines)
{
    int at;

    fdt_for_each_property_offset(at, dtb, node)
    {
        const char *name = NULL;
        int len = 0;
        const uint8_t *data = fdt_getprop_by_offset(dtb, at, &name, &len);
        char full[PATH_LEN + 64], *text = NULL;
        size_t text_len;
        FILE *out;

        if (!data || !name || made(name))
            continue;
        out = open_memstream(&text, &text_len);
        if (!out) {
            lines->lost = true;
            return;
        }
        write_value(dtb, schema_of(kind, name), (struct sek_bytes){data, (size_t)len}, out);
        fclose(out);
        snprintf(full, sizeof full, "%s %s", path, name);
        add(lines, full, text);
        free(text);
    }
}

/* The nodes below path and what they hold. Depth is bounded: sek_schema_check_tree refuses deeper
 * trees. */
static void flatten(const void *dtb, int node, enum sek_schema_node kind, const char *path,
                    struct lines *lines)
{
    int child;

    flatten_properties(dtb, node, kind, path[0] ? path : "/", lines);
    fdt_for_each_subnode(child, dtb, node)
    {
        const char *name = fdt_get_name(dtb, child, NULL);
        enum sek_schema_node below = sek_schema_child(kind, name);
        char full[PATH_LEN];

        if (below == SEK_NODE_INDEX)
            continue;
        snprintf(full, sizeof full, "%s/%s", path, name);
        add(lines, full, "");
        flatten(dtb, child, below, full, lines);
    }
}

static int by_name(const void *a, const void *b)
{
    const struct line *x = a, *y = b;

    return strcmp(x->name, y->name);
}

/* Names are compared as a build writes them: a source equals the store that was made of it. */
static bool all_lines(const struct store_tree *tree, struct lines *lines)
{
    uint8_t *normal = store_normalise(tree->dtb.data);

    *lines = (struct lines){.lost = !normal};
    if (normal)
        flatten(normal, 0, SEK_NODE_ROOT, "", lines);
    free(normal);
    if (!lines->lost && lines->count > 0)
        qsort(lines->line, lines->count, sizeof *lines->line, by_name);
    return !lines->lost;
}

static void print_line(FILE *out, char sign, const struct line *line)
{
    fprintf(out, "%c ", sign);
    store_print(line->name, strlen(line->name), out);
    fputs(line->value[0] ? " = " : "", out);
    store_print(line->value, strlen(line->value), out);
    fputc('\n', out);
}

static size_t compare(const struct lines *a, const struct lines *b, FILE *out)
{
    size_t i = 0, k = 0, differences = 0;

    while (i < a->count || k < b->count) {
        int way = i == a->count ? 1 : k == b->count ? -1 : strcmp(a->line[i].name, b->line[k].name);

        if (way == 0 && strcmp(a->line[i].value, b->line[k].value) == 0) {
            i++;
            k++;
            continue;
        }
        differences++;
        if (way <= 0)
            print_line(out, '-', &a->line[i++]);
        if (way >= 0)
            print_line(out, '+', &b->line[k++]);
    }
    return differences;
}

bool store_diff(const struct store_tree *a, const struct store_tree *b, FILE *out,
                size_t *differences)
{
    struct lines old, new;
    bool ok_old = all_lines(a, &old), ok = all_lines(b, &new) && ok_old;

    if (ok)
        *differences = compare(&old, &new, out);
    else
        bench_fail(false, 0, 0, "store diff: out of memory");
    release(&old);
    release(&new);
    return ok;
}
