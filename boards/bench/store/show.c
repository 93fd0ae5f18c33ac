#define _POSIX_C_SOURCE 200809L
/* A store as people read it. All text is cleaned: nobody has checked a signature here. */
#include "boards/bench/store/store.h"
#include "boards/bench/trust.h"

#include "base/bytes.h"
#include "base/text.h"

#include <libfdt.h>

#include <string.h>

enum { TEXT_LEN = 256 };

void store_print(const char *text, size_t len, FILE *out)
{
    const struct sek_bytes all = {(const uint8_t *)text, len};

    for (size_t pos = 0; pos < len;) {
        size_t start = pos;
        char clean[8]; /* of one character */

        (void)sek_utf8_next(all, &pos);
        sek_text_clean((struct sek_bytes){all.data + start, pos - start}, clean, sizeof clean);
        fputs(clean, out);
    }
}

static void print_name(const void *tree, int node, int width, FILE *out)
{
    char clean[TEXT_LEN];
    const char *name = fdt_get_name(tree, node, NULL);

    sek_text_clean((struct sek_bytes){(const uint8_t *)name, strlen(name)}, clean, sizeof clean);
    fprintf(out, "  %-*s ", width, clean);
}

static bool has(const void *tree, int node, const char *name)
{
    return fdt_getprop(tree, node, name, NULL) != NULL;
}

/* Texts of a property, separated by commas; "-" if it is not there. */
static void print_texts(const void *tree, int node, const char *name, FILE *out)
{
    int len;
    const char *value = fdt_getprop(tree, node, name, &len), *end = value ? value + len : NULL;

    if (!value || len < 2)
        fputs("-", out);
    for (const char *word = value; word && word < end;) {
        size_t n = strnlen(word, (size_t)(end - word));

        if (word > value)
            fputs(", ", out);
        store_print(word, n, out);
        word += n < (size_t)(end - word) ? n + 1 : n;
    }
}

/* "words TEXTS" if the property is there. */
static void print_if(const void *tree, int node, const char *name, const char *words, FILE *out)
{
    if (!has(tree, node, name))
        return;
    fputs(words, out);
    print_texts(tree, node, name, out);
}

static void print_key(const void *tree, int key, FILE *out)
{
    int len, spki_len;
    const uint8_t *told = fdt_getprop(tree, key, "key-id", &len);
    const uint8_t *spki = fdt_getprop(tree, key, "public-key", &spki_len);
    uint8_t id[SEK_KEY_ID_LEN] = {0};

    if (told && len == SEK_KEY_ID_LEN)
        memcpy(id, told, sizeof id);
    else if (!spki || sek_key_id((struct sek_bytes){spki, (size_t)spki_len}, id) != SEK_OK)
        return; /* a minimum, or a certificate: no key to show */
    fputs("  ", out);
    print_name(tree, key, 22, out);
    for (int i = 0; i < SEK_KID_LEN; i++)
        fprintf(out, "%s%02x", i ? ":" : "", id[i]);
    fputs("  ", out);
    print_texts(tree, key, "algo", out);
    print_if(tree, key, "padding", " ", out);
    print_if(tree, key, "not-before", "  from ", out);
    print_if(tree, key, "not-after", "  until ", out);
    print_if(tree, key, "revoked", "  revoked ", out);
    fputc('\n', out);
}

static void print_supplier(const void *tree, int node, FILE *out)
{
    int key;

    print_name(tree, node, 24, out);
    fputs("may sign ", out);
    print_texts(tree, node, "allow", out);
    print_if(tree, node, "allow-component", "; only ", out);
    fputc('\n', out);
    fdt_for_each_subnode(key, tree, node)
    {
        print_key(tree, key, out);
    }
}

static void print_relief(const void *tree, int node, FILE *out)
{
    if (has(tree, node, "acquired-before")) {
        print_if(tree, node, "acquired-before", "      kept if acquired before ", out);
        print_if(tree, node, "keep-until", ", until ", out);
    } else {
        print_if(tree, node, "reference", "      except by ", out);
        print_if(tree, node, "tier", "; tier ", out);
        print_if(tree, node, "event", "; event ", out);
        print_if(tree, node, "role", "; role ", out);
        print_if(tree, node, "until", "; until ", out);
    }
    fputc('\n', out);
}

static void print_rule(const void *tree, int node, FILE *out)
{
    int relief;

    print_name(tree, node, 24, out);
    print_texts(tree, node, "verdict", out);
    print_if(tree, node, "effective-from", " from ", out);
    print_if(tree, node, "effective-until", " until ", out);
    print_if(tree, node, "force", ", ", out);
    print_if(tree, node, "basis", ", ", out);
    print_if(tree, node, "label", "\n      ", out);
    print_if(tree, node, "authority", "\n      ", out);
    print_if(tree, node, "clause", ", ", out);
    print_if(tree, node, "source", "\n      ", out);
    print_if(tree, node, "confidence", ", ", out);
    print_if(tree, node, "tier", "\n      tier ", out);
    print_if(tree, node, "event", "\n      event ", out);
    print_if(tree, node, "role", "\n      role ", out);
    fputc('\n', out);
    fdt_for_each_subnode(relief, tree, node)
    {
        print_relief(tree, relief, out);
    }
}

static void print_pack(const void *tree, int node, FILE *out)
{
    print_name(tree, node, 24, out);
    print_texts(tree, node, "label", out);
    print_if(tree, node, "as-of", ", as of ", out);
    print_if(tree, node, "notice", "\n      ", out);
    fputc('\n', out);
}

static void print_folder(const void *tree, const char *folder,
                         void (*print)(const void *, int, FILE *), FILE *out)
{
    int parent = fdt_subnode_offset(tree, 0, folder), node;

    if (parent < 0)
        return;
    fprintf(out, "\n%s\n", folder);
    fdt_for_each_subnode(node, tree, parent)
    {
        print(tree, node, out);
    }
}

static void print_policy(const void *tree, FILE *out)
{
    int policy = fdt_subnode_offset(tree, 0, "policy"), property;

    if (policy < 0)
        return;
    fputs("\npolicy\n", out);
    fdt_for_each_property_offset(property, tree, policy)
    {
        const char *name = NULL;

        if (!fdt_getprop_by_offset(tree, property, &name, NULL) || !name)
            continue;
        fputs("  ", out);
        store_print(name, strlen(name), out);
        print_if(tree, policy, name, ": ", out);
        fputc('\n', out);
    }
}

static void print_count(const void *tree, const char *folder, FILE *out)
{
    int parent = fdt_subnode_offset(tree, 0, folder), node, count = 0;

    if (parent < 0)
        return;
    fdt_for_each_subnode(node, tree, parent)
    {
        count++;
    }
    fprintf(out, "%s: %d\n", folder, count);
}

/* How long it is to a store's end, if that is near. */
static void print_left(const void *dtb, sek_day today, FILE *out)
{
    int len;
    const char *text = fdt_getprop(dtb, 0, "not-after", &len);
    sek_day until = 0;

    if (!text || len != SEK_DATE_LEN + 1 || sek_date_parse(text, SEK_DATE_LEN, &until) != SEK_OK)
        return;
    if (today > until)
        fputs(" (past: it approves nothing)", out);
    else if (until - today < BENCH_WARN_DAYS)
        fprintf(out, " (in %lu days: make the next)", (unsigned long)(until - today));
}

void store_show(const char *path, const struct store_tree *tree, sek_day today, FILE *out)
{
    static const char *const counted[] = {
        "entities",       "references",        "denied", "maps", "officers",
        "determinations", "device-authorities"};
    const void *dtb = tree->dtb.data;
    int len;
    const uint8_t *serial = fdt_getprop(dtb, 0, "serial", &len);

    store_print(path, strlen(path), out);
    fputs(": ", out);
    print_texts(dtb, 0, "label", out);
    if (tree->wrapped)
        fputs("\n  signature  not looked at here", out);
    print_if(dtb, 0, "authority", "\n  authority  ", out);
    if (serial && len == 4)
        fprintf(out, "\n  serial     %lu", (unsigned long)sek_get_u32be(serial));
    print_if(dtb, 0, "issued", "\n  issued     ", out);
    print_if(dtb, 0, "not-after", "\n  not after  ", out);
    print_left(dtb, today, out);
    fputc('\n', out);
    print_policy(dtb, out);
    print_folder(dtb, "packs", print_pack, out);
    print_folder(dtb, "suppliers", print_supplier, out);
    print_folder(dtb, "rules", print_rule, out);
    fputc('\n', out);
    for (size_t i = 0; i < SEK_LEN(counted); i++)
        print_count(dtb, counted[i], out);
}
