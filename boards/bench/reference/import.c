#define _POSIX_C_SOURCE 200809L
/* Vendors' lists of digests: sha256sums and CycloneDX. Who signed the list is asked before. */
#include "boards/bench/reference/reference.h"

#include "boards/bench/files.h"

#include <jansson.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LIST_MAX = 16 * 1024 * 1024, FILE_NAME_MAX = 255 };

struct import {
    const struct reference_origin *origin;
    const char *list;
    char *const *names;
    size_t name_count;
    FILE *out;
    size_t drafted;
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

/* Hexadecimal of exactly the digest's length; nothing shorter is a digest. */
static bool unhex(const char *text, size_t len, uint8_t *out)
{
    if (len % 2 != 0 || len / 2 > SEK_DIGEST_MAX)
        return false;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        int nibble = c >= '0' && c <= '9'   ? c - '0'
                     : c >= 'a' && c <= 'f' ? c - 'a' + 10
                     : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                            : -1;

        if (nibble < 0)
            return false;
        out[i / 2] = (uint8_t)(i % 2 == 0 ? nibble << 4 : out[i / 2] | nibble);
    }
    return true;
}

static enum sek_digest_alg by_len(size_t hex)
{
    static const enum sek_digest_alg algs[] = {SEK_DIGEST_SHA256, SEK_DIGEST_SHA384,
                                               SEK_DIGEST_SHA512};

    for (size_t i = 0; i < SEK_LEN(algs); i++) {
        if (2 * sek_digest_len(algs[i]) == hex)
            return algs[i];
    }
    return SEK_DIGEST_NONE;
}

static void draft(struct import *import, const char *name, const char *hex)
{
    enum sek_digest_alg alg = by_len(strlen(hex));
    uint8_t digest[SEK_DIGEST_MAX];
    char what[FILE_NAME_MAX + 64];
    const char *component = import->origin->component ? import->origin->component : name;

    if (alg == SEK_DIGEST_NONE || !unhex(hex, strlen(hex), digest) || !wanted(import, name))
        return;
    snprintf(what, sizeof what, "imported from %.100s: %.100s", import->list, name);
    reference_draft(import->origin, component, alg, digest, 0, what, import->out);
    import->drafted++;
}

/* ---- sha256sums: "HEX  NAME" or "HEX *NAME", a line each ---- */

static bool import_line(struct import *import, char *line, size_t number)
{
    size_t hex = strspn(line, "0123456789abcdefABCDEF");
    char *name = line + hex;

    if (line[0] == '\0' || line[0] == '#')
        return true;
    if (by_len(hex) == SEK_DIGEST_NONE || name[0] != ' ' || (name[1] != ' ' && name[1] != '*') ||
        name[2] == '\0' || strlen(name + 2) > FILE_NAME_MAX) {
        bench_fail(false, 0, 0,
                   "%s: line %zu: not a digest of SHA-256 or better, two spaces, a name",
                   import->list, number);
        return false;
    }
    *name = '\0';
    draft(import, name + 2, line);
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

        if (content && by_len(strlen(content)) != SEK_DIGEST_NONE &&
            (!best || strlen(content) < strlen(best)))
            best = content; /* SHA-256 where there is one: what devices compute anyway */
    }
    if (name && best && strlen(name) <= FILE_NAME_MAX)
        draft(import, name, best);
}

static bool import_cyclonedx(struct import *import, const json_t *document)
{
    const char *format = json_string_value(json_object_get(document, "bomFormat"));
    const json_t *components = json_object_get(document, "components");

    if (!format || strcmp(format, "CycloneDX") != 0 || !json_is_array(components)) {
        bench_fail(false, 0, 0, "%s: JSON, but no CycloneDX list of components", import->list);
        return false;
    }
    for (size_t i = 0; i < json_array_size(components); i++)
        import_component(import, json_array_get(components, i));
    return true;
}

/* Which of both it is shows in its first character. */
static bool import_text(struct import *import, char *text, size_t len)
{
    json_error_t error;
    json_t *document;
    bool ok;

    if (text[strspn(text, " \t\r\n")] != '{')
        return import_sums(import, text);
    document = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
    if (!document) {
        bench_fail(false, 0, 0, "%s: line %d: %s", import->list, error.line, error.text);
        return false;
    }
    ok = import_cyclonedx(import, document);
    json_decref(document);
    return ok;
}

int reference_import(const struct reference_origin *origin, const char *list, char *const *names,
                     size_t count, FILE *out)
{
    struct import import = {origin, list, names, count, out, 0};
    uint8_t *data;
    size_t len;
    char *text;
    bool ok = false;

    if (bench_read_file(list, LIST_MAX, &data, &len) != SEK_OK)
        return bench_fail(false, BENCH_EXIT_REACH, SEK_RULE(BN, 5), "%s: %s", list,
                          strerror(errno));
    text = malloc(len + 1);
    if (text && !memchr(data, 0, len)) {
        memcpy(text, data, len);
        text[len] = '\0';
        reference_begin(origin, out);
        ok = import_text(&import, text, len);
        reference_end(out);
    } else {
        bench_fail(false, 0, 0, "%s: not a text", list);
    }
    free(text);
    free(data);
    if (ok && import.drafted == 0)
        return bench_fail(false, BENCH_EXIT_REJECT, 0,
                          "%s: nothing in it of these names with SHA-256 or better", list);
    return ok ? BENCH_EXIT_OK : BENCH_EXIT_REACH;
}
