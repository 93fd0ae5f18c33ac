#define _POSIX_C_SOURCE 200809L
/* Vendors' lists of digests, in whatever form they come. Who signed a list is asked before, but for
 * manifests that carry their signature. */
#include "boards/bench/reference/reference.h"

#include "boards/bench/files.h"
#include "boards/bench/packed.h"
#include "boards/bench/reference/rim.h"

#include <jansson.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LIST_MAX = 64 * 1024 * 1024 };

struct import {
    struct list_sink base;
    const struct reference_origin *origin;
    const char *list;
    char *const *names;
    size_t name_count;
    FILE *out;
    size_t drafted;
    sek_day not_after; /* what the list says of itself; 0: nothing */
    int status;        /* exit status where the list is not taken */
};

static bool wanted(const struct import *import, const char *name)
{
    if (import->name_count == 0)
        return true;
    for (size_t i = 0; i < import->name_count; i++) {
        if (strcmp(import->names[i], name) == 0)
            return true;
    }
    return false;
}

/* The earlier of two last days; 0: none. */
static sek_day earlier(sek_day a, sek_day b)
{
    return a == 0 || (b != 0 && b < a) ? b : a;
}

static void draft(struct list_sink *sink, const struct list_value *value)
{
    struct import *import = (struct import *)sink;
    const struct reference_origin *origin = import->origin;
    const char *file = strncmp(value->name, "./", 2) == 0 ? value->name + 2 : value->name;
    char source[2 * LIST_NAME_MAX];
    struct reference_value drafted = {
        .component = origin->component ? origin->component : file,
        .version = value->version,
        .source = source,
        .alg = value->alg,
        .digest = value->digest,
        .size = value->size,
        .not_after = earlier(origin->not_after, import->not_after),
    };

    if (!wanted(import, value->name))
        return;
    snprintf(source, sizeof source, "%.200s: %.200s",
             origin->source ? origin->source : import->list, file);
    reference_draft(origin, &drafted, import->out);
    import->drafted++;
}

static void draft_hex(struct import *import, const char *name, const char *hex, size_t len)
{
    uint8_t digest[SEK_DIGEST_MAX];
    struct list_value value = {.name = name, .digest = digest};

    if (list_unhex(hex, len, &value.alg, digest))
        draft(&import->base, &value);
}

/* ---- sha256sums: "HEX  NAME" or "HEX *NAME", a line each ---- */

static bool import_line(struct import *import, char *line, size_t number)
{
    size_t hex = strspn(line, "0123456789abcdefABCDEF");
    char *name = line + hex;

    if (line[0] == '\0' || line[0] == '#')
        return true;
    if (hex % 2 != 0 || list_digest_by_len(hex / 2) == SEK_DIGEST_NONE || name[0] != ' ' ||
        (name[1] != ' ' && name[1] != '*') || name[2] == '\0' || strlen(name + 2) > LIST_NAME_MAX) {
        bench_fail(false, 0, 0,
                   "%s: line %zu: not a digest of SHA-256 or better, two spaces, a name",
                   import->list, number);
        return false;
    }
    draft_hex(import, name + 2, line, hex);
    return true;
}

static bool import_sums(struct import *import, char *text)
{
    size_t number = 0;
    bool ok = true;

    for (char *line = text; ok && line;) {
        char *end = strchr(line, '\n');

        if (end)
            *end = '\0';
        line[strcspn(line, "\r")] = '\0';
        ok = import_line(import, line, ++number);
        line = end ? end + 1 : NULL;
    }
    return ok;
}

/* ---- CycloneDX: components[].hashes[] {alg, content} ---- */

static void import_component(struct import *import, const json_t *component)
{
    const char *name = json_string_value(json_object_get(component, "name"));
    const json_t *hashes = json_object_get(component, "hashes");
    const char *best = NULL;

    for (size_t i = 0; i < json_array_size(hashes); i++) {
        const json_t *hash = json_array_get(hashes, i);
        const char *content = json_string_value(json_object_get(hash, "content"));

        if (content && list_digest_by_len(strlen(content) / 2) != SEK_DIGEST_NONE &&
            (!best || strlen(content) < strlen(best)))
            best = content; /* SHA-256 where there is one: what devices compute anyway */
    }
    if (name && best && strlen(name) <= LIST_NAME_MAX)
        draft_hex(import, name, best, strlen(best));
}

static bool import_cyclonedx(struct import *import, const char *text, size_t len)
{
    json_error_t error;
    json_t *document = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
    const char *format = json_string_value(json_object_get(document, "bomFormat"));
    const json_t *components = json_object_get(document, "components");
    bool ok = format && strcmp(format, "CycloneDX") == 0 && json_is_array(components);

    if (!document)
        bench_fail(false, 0, 0, "%s: line %d: %s", import->list, error.line, error.text);
    else if (!ok)
        bench_fail(false, 0, 0, "%s: JSON, but no CycloneDX list of components", import->list);
    for (size_t i = 0; ok && i < json_array_size(components); i++)
        import_component(import, json_array_get(components, i));
    json_decref(document);
    return ok;
}

/* ---- The other forms ---- */

static bool told(const struct import *import, const struct sek_fault *fault)
{
    if (fault->status != SEK_OK)
        bench_fail(false, 0, 0, "%s: offset %llu: %s", import->list,
                   (unsigned long long)fault->offset, fault->why);
    return fault->status == SEK_OK;
}

static void count_only(struct list_sink *sink, const struct list_value *value)
{
    (void)sink, (void)value;
}

/* The signature inside, if there is one: then a key has to be given, else none. */
static bool verified(struct import *import, const struct rim *rim, const char *key)
{
    uint8_t *spki;
    size_t len;
    enum sek_status status;

    if (!rim->is_signed) {
        if (key)
            bench_fail(false, 0, 0, "%s: is not signed, and --key is given", import->list);
        else
            fputs("/* The list was NOT signed: nothing says that it is the supplier's. */\n",
                  import->out);
        import->status = BENCH_EXIT_REJECT;
        return !key;
    }
    import->status = BENCH_EXIT_USAGE;
    if (!key || bench_read_public_key(key, &spki, &len) != SEK_OK) {
        bench_fail(false, 0, 0, "%s: is signed: --key FILE has to be the signer's public key",
                   import->list);
        return false;
    }
    status = rim_verify(rim, (struct sek_bytes){spki, len});
    free(spki);
    import->status = BENCH_EXIT_REJECT;
    if (status != SEK_OK)
        bench_fail(false, 0, 0, "%s: COSE: its signature does not verify: %s", import->list,
                   sek_status_text(status));
    else
        fputs("/* The list was signed: COSE verified it. */\n", import->out);
    return status == SEK_OK;
}

static bool import_rim(struct import *import, struct sek_bytes bytes, const char *key)
{
    struct list_sink nobody = {count_only};
    struct sek_fault fault = {0};
    struct rim rim;
    bool ok;

    if (rim_open(bytes, &rim, &fault) != SEK_OK ||
        rim_read(rim.payload, &nobody, &import->not_after, &fault) != SEK_OK)
        return told(import, &fault); /* before anything of it is drafted */
    if (!verified(import, &rim, key))
        return false;
    reference_begin(import->origin, import->out);
    import->status = BENCH_EXIT_REACH;
    ok = rim_read(rim.payload, &import->base, &import->not_after, &fault) == SEK_OK ||
         told(import, &fault);
    reference_end(import->out);
    return ok;
}

static bool import_text(struct import *import, char *text, size_t len)
{
    char first = text[strspn(text, " \t\r\n")];
    struct sek_fault fault = {0};
    bool ok;

    reference_begin(import->origin, import->out);
    if (first == '{')
        ok = import_cyclonedx(import, text, len);
    else if (first == '<')
        ok = lvfs_read((struct sek_bytes){(const uint8_t *)text, len}, &import->base, &fault) ==
                 SEK_OK ||
             told(import, &fault);
    else
        ok = import_sums(import, text);
    reference_end(import->out);
    return ok;
}

/* What kind of list it is shows in its first bytes. */
static bool import_bytes(struct import *import, uint8_t *data, size_t len, const char *key)
{
    char *text;
    bool ok = false;

    if (rim_probe((struct sek_bytes){data, len}))
        return import_rim(import, (struct sek_bytes){data, len}, key);
    text = malloc(len + 1);
    if (text && !memchr(data, 0, len)) {
        memcpy(text, data, len);
        text[len] = '\0';
        ok = import_text(import, text, len);
    } else {
        bench_fail(false, 0, 0, "%s: not a text", import->list);
    }
    free(text);
    return ok;
}

int reference_import(const struct reference_origin *origin, const char *list, const char *key,
                     char *const *names, size_t count, FILE *out)
{
    struct import import = {{draft}, origin, list, names, count, out, 0, 0, BENCH_EXIT_REACH};
    uint8_t *data;
    size_t len;
    bool ok;

    if (bench_read_packed(list, LIST_MAX, &data, &len) != SEK_OK)
        return bench_fail(false, BENCH_EXIT_REACH, SEK_RULE(BN, 5), "%s: %s", list,
                          strerror(errno));
    ok = import_bytes(&import, data, len, key);
    free(data);
    if (ok && import.drafted == 0)
        return bench_fail(false, BENCH_EXIT_REJECT, 0,
                          "%s: nothing in it of these names with SHA-256 or better", list);
    return ok ? BENCH_EXIT_OK : import.status;
}
