#define _POSIX_C_SOURCE 200809L
#include "boards/bench/store/store.h"

#include "base/text.h"

#include <libfdt.h>

#include <string.h>

/* One text property, cleaned; "-" if it is not there. */
static void print_text(const void *tree, int node, const char *name, FILE *out)
{
    int len;
    const char *value = fdt_getprop(tree, node, name, &len);
    char clean[256];

    if (!value || len < 1) {
        fputs("-", out);
        return;
    }
    sek_text_clean((struct sek_bytes){(const uint8_t *)value, strnlen(value, (size_t)len)}, clean,
                   sizeof clean);
    fputs(clean, out);
}

/* A list of texts, separated by commas. */
static void print_texts(const void *tree, int node, const char *name, FILE *out)
{
    int len;
    const char *value = fdt_getprop(tree, node, name, &len), *separator = "";

    for (const char *word = value; value && word < value + len && word[0];
         word += strnlen(word, (size_t)(value + len - word)) + 1) {
        char clean[128];

        sek_text_clean(
            (struct sek_bytes){(const uint8_t *)word, strnlen(word, (size_t)(value + len - word))},
            clean, sizeof clean);
        fprintf(out, "%s%s", separator, clean);
        separator = ", ";
    }
    if (!separator[0])
        fputs("-", out);
}

static void print_key(const void *tree, int key, FILE *out)
{
    int len;
    const uint8_t *id = fdt_getprop(tree, key, "key-id", &len);

    fprintf(out, "    %-24s ", fdt_get_name(tree, key, NULL));
    for (int i = 0; id && i < 8 && i < len; i++)
        fprintf(out, "%s%02x", i ? ":" : "", id[i]);
    fputs("  ", out);
    print_texts(tree, key, "algo", out);
    if (fdt_getprop(tree, key, "revoked", NULL)) {
        fputs("  revoked ", out);
        print_text(tree, key, "revoked", out);
    }
    fputc('\n', out);
}

static void print_suppliers(const void *tree, FILE *out)
{
    int parent = fdt_subnode_offset(tree, 0, "suppliers"), node, key;

    if (parent < 0)
        return;
    fputs("\nsuppliers\n", out);
    fdt_for_each_subnode(node, tree, parent)
    {
        fprintf(out, "  %-26s may sign ", fdt_get_name(tree, node, NULL));
        print_texts(tree, node, "allow", out);
        fputc('\n', out);
        fdt_for_each_subnode(key, tree, node)
        {
            if (fdt_getprop(tree, key, "key-id", NULL))
                print_key(tree, key, out);
        }
    }
}

static void print_rules(const void *tree, FILE *out)
{
    int parent = fdt_subnode_offset(tree, 0, "rules"), node;

    if (parent < 0)
        return;
    fputs("\nrules\n", out);
    fdt_for_each_subnode(node, tree, parent)
    {
        fprintf(out, "  %-20s ", fdt_get_name(tree, node, NULL));
        print_text(tree, node, "verdict", out);
        fputs(" from ", out);
        print_text(tree, node, "effective-from", out);
        fputs(", ", out);
        print_text(tree, node, "force", out);
        fputs(": ", out);
        print_text(tree, node, "label", out);
        fputs("\n                       ", out);
        print_text(tree, node, "authority", out);
        fputs(", ", out);
        print_text(tree, node, "clause", out);
        fputc('\n', out);
    }
}

static void print_count(const void *tree, const char *folder, const char *words, FILE *out)
{
    int parent = fdt_subnode_offset(tree, 0, folder), node, count = 0;

    if (parent < 0)
        return;
    fdt_for_each_subnode(node, tree, parent) count++;
    fprintf(out, "%d %s\n", count, words);
}

void store_show(const char *path, const void *tree, FILE *out)
{
    int len;
    const fdt32_t *serial = fdt_getprop(tree, 0, "serial", &len);

    fprintf(out, "%s: ", path);
    print_text(tree, 0, "label", out);
    fputs("\n  authority ", out);
    print_text(tree, 0, "authority", out);
    fprintf(out, "\n  serial    %lu\n  issued    ",
            serial && len == 4 ? (unsigned long)fdt32_ld(serial) : 0ul);
    print_text(tree, 0, "issued", out);
    fputs("\n  not after ", out);
    print_text(tree, 0, "not-after", out);
    fputc('\n', out);
    print_suppliers(tree, out);
    print_rules(tree, out);
    fputc('\n', out);
    print_count(tree, "entities", "entities", out);
    print_count(tree, "references", "references", out);
    print_count(tree, "denied", "denied digests", out);
    print_count(tree, "device-authorities", "device authorities", out);
}
