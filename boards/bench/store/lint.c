/* The schema of a trust store as a table, and what breaks it. */
#include "boards/bench/store/store.h"

#include "base/class.h"
#include "base/date.h"
#include "crypto/verify.h"

#include <libfdt.h>

#include <string.h>

enum type { TEXT, TEXTS, U32, U32S, BYTES, DATE, PHANDLE, PHANDLES, FLAG, CLASSES };

struct rule {
    const char *node; /* path pattern: '*' is one id, "-N" a number at the end */
    const char *property;
    enum type type;
    bool required;
};

static const struct rule rules[] = {
    {"/", "compatible", TEXT, true},
    {"/", "serial", U32, true},
    {"/", "label", TEXT, true},
    {"/", "authority", TEXT, true},
    {"/", "issued", DATE, true},
    {"/", "not-after", DATE, true},
    {"/successor", "public-key", BYTES, true},
    {"/policy", "unverified-hold", CLASSES, false},
    {"/policy", "unverified-accept", CLASSES, false},
    {"/policy", "transitional", TEXT, false},
    {"/policy", "unattributed-consult", TEXTS, false},
    {"/policy", "identified-hold", TEXTS, false},
    {"/policy", "identified-reject", TEXTS, false},
    {"/policy", "release-two", TEXTS, false},
    {"/policy", "generic-name", TEXTS, false},
    {"/entities/*", "label", TEXT, true},
    {"/entities/*", "alias", TEXTS, false},
    {"/entities/*", "not-alias", TEXTS, false},
    {"/entities/*", "skeleton", TEXTS, false},
    {"/entities/*", "pen", U32S, false},
    {"/entities/*", "pci-vendor", U32S, false},
    {"/entities/*", "usb-vendor", U32S, false},
    {"/entities/*", "midr-impl", U32S, false},
    {"/entities/*", "jedec", U32S, false},
    {"/entities/*", "oui24", BYTES, false},
    {"/entities/*", "oui28", BYTES, false},
    {"/entities/*", "oui36", BYTES, false},
    {"/entities/*", "dt-prefix", TEXTS, false},
    {"/entities/*", "gpon-vid", TEXTS, false},
    {"/entities/*", "acpi-hid", TEXTS, false},
    {"/entities/*", "pnp", TEXTS, false},
    {"/entities/*/affiliation-N", "parent", PHANDLE, true},
    {"/entities/*/affiliation-N", "kind", TEXT, true},
    {"/entities/*/affiliation-N", "from", DATE, false},
    {"/entities/*/affiliation-N", "until", DATE, false},
    {"/suppliers/*", "entity", PHANDLE, false},
    {"/suppliers/*", "label", TEXT, false},
    {"/suppliers/*", "allow", CLASSES, true},
    {"/suppliers/*", "allow-component", TEXTS, false},
    {"/suppliers/*/minimum-N", "component", TEXT, false},
    {"/suppliers/*/minimum-N", "version", TEXT, false},
    {"/suppliers/*/minimum-N", "security-counter", U32, false},
    {"/suppliers/*/minimum-N", "timestamp", U32, false},
    {"/suppliers/*/*", "public-key", BYTES, false},
    {"/suppliers/*/*", "certificate", BYTES, false},
    {"/suppliers/*/*", "ignore-certificate-dates", FLAG, false},
    {"/suppliers/*/*", "algo", TEXTS, false},
    {"/suppliers/*/*", "padding", TEXT, false},
    {"/suppliers/*/*", "key-name-hint", TEXT, false},
    {"/suppliers/*/*", "not-before", DATE, false},
    {"/suppliers/*/*", "not-after", DATE, false},
    {"/suppliers/*/*", "revoked", DATE, false},
    {"/suppliers/*/*", "key-id", BYTES, false},
    {"/references/*", "supplier", PHANDLE, true},
    {"/references/*", "component", TEXTS, false},
    {"/references/*", "size", U32, false},
    {"/references/*", "sha256", BYTES, false},
    {"/references/*", "sha384", BYTES, false},
    {"/references/*", "sha512", BYTES, false},
    {"/references/*", "version", TEXT, false},
    {"/device-authorities/*", "certificate", BYTES, true},
    {"/maps/*", "model", TEXT, true},
    {"/maps/*", "description-sha256", BYTES, true},
    {"/maps/*", "independent", FLAG, false},
    {"/denied/*", "sha256", BYTES, false},
    {"/denied/*", "sha384", BYTES, false},
    {"/denied/*", "sha512", BYTES, false},
    {"/denied/*", "label", TEXT, true},
    {"/denied/*", "source", TEXT, true},
    {"/officers/*", "label", TEXT, true},
    {"/officers/*", "public-key", BYTES, true},
    {"/officers/*", "may", TEXTS, true},
    {"/determinations/*", "rule", PHANDLE, true},
    {"/determinations/*", "subject", PHANDLE, true},
    {"/determinations/*", "verdict", TEXT, true},
    {"/determinations/*", "reference", TEXT, true},
    {"/determinations/*", "date", DATE, true},
    {"/rules/*", "label", TEXT, true},
    {"/rules/*", "authority", TEXT, true},
    {"/rules/*", "clause", TEXT, true},
    {"/rules/*", "source", TEXT, true},
    {"/rules/*", "basis", TEXT, true},
    {"/rules/*", "force", TEXT, true},
    {"/rules/*", "subject", PHANDLES, false},
    {"/rules/*", "follow", TEXTS, false},
    {"/rules/*", "not-origin", TEXTS, false},
    {"/rules/*", "tier", TEXTS, false},
    {"/rules/*", "event", TEXTS, false},
    {"/rules/*", "role", CLASSES, false},
    {"/rules/*", "product-class", TEXTS, false},
    {"/rules/*", "min-evidence", U32, false},
    {"/rules/*", "effective-from", DATE, true},
    {"/rules/*", "effective-until", DATE, false},
    {"/rules/*", "verdict", TEXT, true},
    {"/rules/*/transition", "acquired-before", DATE, true},
    {"/rules/*/transition", "keep-until", DATE, false},
    {"/rules/*/exception-N", "tier", TEXTS, false},
    {"/rules/*/exception-N", "event", TEXTS, false},
    {"/rules/*/exception-N", "role", CLASSES, false},
    {"/rules/*/exception-N", "until", DATE, false},
    {"/rules/*/exception-N", "reference", TEXT, true},
};

/* Nodes that hold only other nodes, and the index that the builder writes. */
static const char *const folders[] = {
    "/entities", "/suppliers", "/references",     "/device-authorities",
    "/maps",     "/denied",    "/officers",       "/rules",
    "/policy",   "/index",     "/determinations",
};

/* Words that a property may have. */
static const struct {
    const char *node, *property;
    const char *words[7];
} choices[] = {
    {"/", "compatible", {"sekisho,store-1"}},
    {"/policy", "transitional", {"hold", "accept"}},
    {"/entities/*/affiliation-N",
     "kind",
     {"subsidiary", "affiliate", "joint-venture", "brand", "relabel", "former"}},
    {"/suppliers/*/*", "padding", {"pkcs-1.5", "pss"}},
    {"/rules/*", "basis", {"named", "criteria", "class", "case"}},
    {"/rules/*", "force", {"in-force", "draft", "proposed", "repealed"}},
    {"/rules/*", "verdict", {"excluded", "consult"}},
    {"/determinations/*", "verdict", {"excluded", "cleared"}},
    {"/officers/*", "may", {"order", "release"}},
};

struct lint {
    const char *file;
    const void *tree;
    FILE *out;
    size_t problems;
};

static void problem(struct lint *lint, const char *path, const char *property, const char *what)
{
    fprintf(lint->out, "%s: %s%s%s: %s\n", lint->file, path, property ? " " : "",
            property ? property : "", what);
    lint->problems++;
}

/* One path element against one of a pattern. */
static bool element_fits(const char *pattern, size_t pattern_len, const char *name, size_t len)
{
    if (pattern_len == 1 && pattern[0] == '*')
        return true;
    if (pattern_len > 2 && memcmp(pattern + pattern_len - 2, "-N", 2) == 0)
        return len >= pattern_len && memcmp(pattern, name, pattern_len - 1) == 0 &&
               strspn(name + pattern_len - 1, "0123456789") == len - (pattern_len - 1);
    return pattern_len == len && memcmp(pattern, name, len) == 0;
}

static bool path_fits(const char *pattern, const char *path)
{
    while (*pattern && *path) {
        size_t p = 1 + strcspn(pattern + 1, "/"), n = 1 + strcspn(path + 1, "/");

        if (!element_fits(pattern + 1, p - 1, path + 1, n - 1))
            return false;
        pattern += p;
        path += n;
    }
    return !*pattern && !*path;
}

/* The pattern that speaks for a path: the first that fits, so that "minimum-1" is no key. */
static const char *pattern_of(const char *path)
{
    for (size_t i = 0; i < SEK_LEN(rules); i++) {
        if (path_fits(rules[i].node, path))
            return rules[i].node;
    }
    return NULL;
}

static bool is_folder(const char *path)
{
    for (size_t i = 0; i < SEK_LEN(folders); i++) {
        if (strcmp(folders[i], path) == 0)
            return true;
    }
    return false;
}

static bool is_text(const char *value, int len)
{
    return len > 1 && memchr(value, 0, (size_t)len) == value + len - 1;
}

static bool are_texts(const char *value, int len)
{
    if (len < 2 || value[len - 1] != '\0' || value[0] == '\0')
        return false;
    for (int i = 1; i < len; i++) {
        if (value[i] == '\0' && value[i - 1] == '\0')
            return false;
    }
    return true;
}

static const char *type_problem(const struct lint *lint, enum type type, const void *value, int len)
{
    sek_day day;

    switch (type) {
    case TEXT:
        return is_text(value, len) ? NULL : "is not one text";
    case TEXTS:
        return are_texts(value, len) ? NULL : "is not a list of texts";
    case U32:
        return len == 4 ? NULL : "is not one number";
    case U32S:
        return len > 0 && len % 4 == 0 ? NULL : "is not a list of numbers";
    case BYTES:
        return len > 0 ? NULL : "is empty";
    case FLAG:
        return len == 0 ? NULL : "has a value; it is a flag";
    case DATE:
        return is_text(value, len) && sek_date_parse(value, (size_t)len - 1, &day) == SEK_OK
                   ? NULL
                   : "is not a date YYYY-MM-DD that exists";
    case PHANDLE:
    case PHANDLES:
        if (len == 0 || len % 4 || (type == PHANDLE && len != 4))
            return "is not a reference to a node";
        for (int i = 0; i < len; i += 4) {
            if (fdt_node_offset_by_phandle(lint->tree, fdt32_ld((const fdt32_t *)value + i / 4)) <
                0)
                return "refers to no node";
        }
        return NULL;
    case CLASSES:
        if (!are_texts(value, len))
            return "is not a list of classes";
        for (const char *word = value; word < (const char *)value + len; word += strlen(word) + 1) {
            enum sek_class found;

            if (sek_class_find(word, strlen(word), &found) != SEK_OK)
                return "names a class that does not exist";
        }
        return NULL;
    }
    return NULL;
}

static bool word_allowed(const char *pattern, const char *property, const char *word)
{
    for (size_t i = 0; i < SEK_LEN(choices); i++) {
        if (strcmp(choices[i].node, pattern) != 0 || strcmp(choices[i].property, property) != 0)
            continue;
        for (size_t w = 0; w < SEK_LEN(choices[i].words) && choices[i].words[w]; w++) {
            if (strcmp(choices[i].words[w], word) == 0)
                return true;
        }
        return false;
    }
    return true;
}

static void lint_property(struct lint *lint, const char *path, const char *pattern,
                          const char *name, const void *value, int len)
{
    if (strcmp(name, "phandle") == 0)
        return;
    for (size_t i = 0; i < SEK_LEN(rules); i++) {
        const char *what;

        if (strcmp(rules[i].node, pattern) != 0 || strcmp(rules[i].property, name) != 0)
            continue;
        what = type_problem(lint, rules[i].type, value, len);
        if (what) {
            problem(lint, path, name, what);
            return;
        }
        if (rules[i].type != TEXT && rules[i].type != TEXTS)
            return;
        for (const char *word = value; word < (const char *)value + len; word += strlen(word) + 1) {
            if (!word_allowed(pattern, name, word))
                problem(lint, path, name, "has a word that it must not have");
        }
        return;
    }
    problem(lint, path, name, "is not known here");
}

/* Never code or configuration: what an attacker would want to have overlooked. */
static void lint_policy(struct lint *lint, int node)
{
    static const enum sek_class harmless[] = {SEK_CLASS_SENSOR, SEK_CLASS_DATA};
    int len;
    const char *value = fdt_getprop(lint->tree, node, "unverified-accept", &len);

    if (!value || !are_texts(value, len))
        return;
    for (const char *word = value; word < value + len; word += strlen(word) + 1) {
        bool ok = false;

        for (size_t i = 0; i < SEK_LEN(harmless); i++)
            ok = ok || strcmp(sek_class_name(harmless[i]), word) == 0;
        if (!ok)
            problem(lint, "/policy", "unverified-accept",
                    "names a class that runs, or selects what runs");
    }
}

static bool has(const struct lint *lint, int node, const char *property)
{
    return fdt_getprop(lint->tree, node, property, NULL) != NULL;
}

static void lint_key(struct lint *lint, const char *path, int node)
{
    int len;
    const uint8_t *key = fdt_getprop(lint->tree, node, "public-key", &len);
    struct sek_sig_alg kind;

    if (!key) {
        if (!has(lint, node, "certificate") && !has(lint, node, "key-id"))
            problem(lint, path, NULL, "has no public-key, certificate or key-id");
        if (has(lint, node, "key-id") && !has(lint, node, "revoked"))
            problem(lint, path, NULL, "a key-id alone is for a revoked key");
        return;
    }
    if (!has(lint, node, "algo"))
        problem(lint, path, "algo", "is missing: it pins the algorithm");
    if (sek_key_kind((struct sek_bytes){key, (size_t)len}, &kind) != SEK_OK)
        problem(lint, path, "public-key",
                "is no SubjectPublicKeyInfo (DER) of RSA 2048 to 4096 or ECDSA P-256, P-384");
    else if ((kind.scheme == SEK_SCHEME_RSA_PKCS1) != has(lint, node, "padding"))
        problem(lint, path, "padding", "is required for RSA, and only for it");
}

static void lint_rule(struct lint *lint, const char *path, int node)
{
    int len;
    const char *basis = fdt_getprop(lint->tree, node, "basis", &len);
    const char *force = fdt_getprop(lint->tree, node, "force", NULL);

    if (basis && strcmp(basis, "named") == 0 && !has(lint, node, "subject"))
        problem(lint, path, "subject", "is required of a rule that names somebody");
    if (has(lint, node, "not-origin") && !has(lint, node, "role"))
        fprintf(lint->out,
                "%s: %s: warning: not-origin without role fits every part of unknown origin\n",
                lint->file, path);
    if (force && strcmp(force, "in-force") != 0)
        fprintf(lint->out, "%s: %s: warning: %s: it is never applied\n", lint->file, path, force);
}

static void lint_required(struct lint *lint, const char *path, const char *pattern, int node)
{
    for (size_t i = 0; i < SEK_LEN(rules); i++) {
        if (rules[i].required && strcmp(rules[i].node, pattern) == 0 &&
            !has(lint, node, rules[i].property))
            problem(lint, path, rules[i].property, "is missing");
    }
}

static bool id_ok(const char *name)
{
    return name[0] && strlen(name) <= 31 &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(name);
}

static void lint_node(struct lint *lint, int node)
{
    char path[256];
    const char *pattern;
    int property;

    if (fdt_get_path(lint->tree, node, path, sizeof path) != 0) {
        problem(lint, "/", NULL, "a path longer than 255 characters");
        return;
    }
    if (node > 0 && !id_ok(fdt_get_name(lint->tree, node, NULL)))
        problem(lint, path, NULL, "a node's name is not of a-z, 0-9 and -, 1 to 31 long");
    if (strcmp(path, "/index") == 0)
        return;
    pattern = pattern_of(path);
    if (!pattern) {
        if (!is_folder(path))
            problem(lint, path, NULL, "no such node is known here");
        return;
    }
    fdt_for_each_property_offset(property, lint->tree, node)
    {
        const char *name;
        int len;
        const void *value = fdt_getprop_by_offset(lint->tree, property, &name, &len);

        lint_property(lint, path, pattern, name, value, len);
    }
    lint_required(lint, path, pattern, node);
    if (strcmp(pattern, "/policy") == 0)
        lint_policy(lint, node);
    else if (strcmp(pattern, "/suppliers/*/*") == 0)
        lint_key(lint, path, node);
    else if (strcmp(pattern, "/rules/*") == 0)
        lint_rule(lint, path, node);
}

size_t store_lint(const char *path, const void *tree, FILE *out)
{
    struct lint lint = {.file = path, .tree = tree, .out = out};

    for (int node = 0, depth = 0; node >= 0 && depth >= 0; node = fdt_next_node(tree, node, &depth))
        lint_node(&lint, node);
    return lint.problems;
}
