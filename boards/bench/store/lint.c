/* What breaks the schema, and what a person who writes a store should know of it. */
#include "boards/bench/store/store.h"
#include "boards/bench/store/weak_keys.h"
#include "boards/bench/trust.h"

#include "base/bytes.h"
#include "crypto/x509.h"
#include "base/class.h"
#include "base/date.h"
#include "base/text.h"
#include "trust/manifest.h"
#include "trust/names.h"
#include "trust/schema.h"
#include "trust/values.h"

#include <libfdt.h>

#include <stdlib.h>
#include <string.h>

enum {
    PATH_LEN = 320,   /* eight names and their slashes */
    EVIDENCE_MAX = 5, /* classes of evidence */
};

struct lint {
    struct sek_schema_sink base;
    char file[256]; /* its name, cleaned */
    FILE *out;
    sek_day today;
    const struct sek_schema_place *place; /* of the node that is looked at */
    struct store_record *phandle;         /* key: the number; sorted */
    size_t phandle_count;
    unsigned digests; /* bit set: kinds that references and denied use */
    size_t problems;
};

static void put(const struct lint *lint, const char *text)
{
    store_print(text, strlen(text), lint->out);
}

static void print(const struct lint *lint, const struct sek_schema_place *place, const char *kind,
                  const char *why)
{
    fprintf(lint->out, "%s: %s", lint->file, kind);
    for (unsigned i = 1; i <= place->depth; i++) {
        fputc('/', lint->out);
        put(lint, place->name[i]);
    }
    if (place->depth == 0)
        fputc('/', lint->out);
    if (place->property) {
        fputc(' ', lint->out);
        put(lint, place->property);
    }
    fprintf(lint->out, ": %s\n", why);
}

static bool problem(struct sek_schema_sink *sink, const struct sek_schema_place *place,
                    const char *why)
{
    struct lint *lint = (struct lint *)sink;

    print(lint, place, "", why);
    lint->problems++;
    return true;
}

static bool unknown(struct sek_schema_sink *sink, const struct sek_schema_place *place)
{
    if (place->property && strcmp(place->property, "unreviewed") == 0)
        return problem(sink, place, "is a draft: read it, then delete this line");
    return problem(sink, place,
                   place->property ? "no such property is known here"
                                   : "no such node is known here");
}

/* A problem or a warning of a property of the present node. */
static void bad(struct lint *lint, const char *property, const char *why)
{
    struct sek_schema_place place = *lint->place;

    place.property = property;
    problem(&lint->base, &place, why);
}

static void warn(const struct lint *lint, const char *property, const char *why)
{
    struct sek_schema_place place = *lint->place;

    place.property = property;
    print(lint, &place, "warning: ", why);
}

static struct sek_bytes value(const struct lint *lint, const char *name)
{
    int len;
    const uint8_t *data = fdt_getprop(lint->place->dtb, lint->place->node, name, &len);

    return data ? (struct sek_bytes){data, (size_t)len} : (struct sek_bytes){0};
}

static bool has(const struct lint *lint, const char *name)
{
    return value(lint, name).data != NULL;
}

/* A date property; 0: none, or none that can be read. */
static sek_day date(const struct lint *lint, const char *name)
{
    struct sek_bytes text = value(lint, name);
    sek_day day = 0;

    if (!sek_schema_text_ok(text) ||
        sek_date_parse((const char *)text.data, text.len - 1, &day) != SEK_OK)
        return 0;
    return day;
}

static void order(struct lint *lint, const char *first, const char *last)
{
    sek_day from = date(lint, first), until = date(lint, last);

    if (from && until && from > until)
        bad(lint, last, "lies before what it follows");
}

/* The next text of a list, or NULL; at starts NULL. */
static const char *next_text(struct sek_bytes list, const char *at)
{
    if (!sek_schema_texts_ok(list))
        return NULL;
    if (!at)
        return (const char *)list.data;
    at += strlen(at) + 1;
    return at < (const char *)list.data + list.len ? at : NULL;
}

/* ---- One function per kind of node ---- */

static void lint_root(struct lint *lint)
{
    sek_day until = date(lint, "not-after");

    order(lint, "issued", "not-after");
    if (until && lint->today > until)
        warn(lint, "not-after", "is past: the store rejects, but approves nothing");
    else if (until && lint->today + BENCH_WARN_DAYS > until)
        warn(lint, "not-after", "is less than 30 days away");
}

/* What runs, or selects what runs: overlooking it is what an attacker wants. */
static bool is_code(enum sek_class component_class)
{
    static const enum sek_class code[] = {
        SEK_CLASS_AGENT, SEK_CLASS_BOOT,     SEK_CLASS_KERNEL, SEK_CLASS_ROOTFS, SEK_CLASS_CONFIG,
        SEK_CLASS_FPGA,  SEK_CLASS_CPLD,     SEK_CLASS_ASIC,   SEK_CLASS_PHY,    SEK_CLASS_NIC,
        SEK_CLASS_FLASH, SEK_CLASS_WIRELESS, SEK_CLASS_MCU,    SEK_CLASS_MEMORY, SEK_CLASS_STORAGE,
    };

    for (size_t i = 0; i < SEK_LEN(code); i++) {
        if (code[i] == component_class)
            return true;
    }
    return false;
}

static void lint_policy(struct lint *lint)
{
    struct sek_bytes list = value(lint, "unverified-accept");

    for (const char *word = next_text(list, NULL); word; word = next_text(list, word)) {
        enum sek_class found;

        if (sek_class_find(word, strlen(word), &found) == SEK_OK && is_code(found))
            bad(lint, "unverified-accept", "names a class that runs, or selects what runs");
    }
}

/* Words of the trade and corporate forms: alone, they are nobody's name. */
static bool is_common(struct sek_bytes name)
{
    static const char *const words[] = {
        "COMMUNICATION", "COMMUNICATIONS",
        "COMPANY",       "COMPUTER",
        "CORP",          "CORPORATION",
        "DATA",          "DEVICE",
        "DEVICES",       "DIGITAL",
        "ELECTRIC",      "ELECTRONIC",
        "ELECTRONICS",   "GLOBAL",
        "GMBH",          "GROUP",
        "INC",           "INDUSTRIES",
        "INDUSTRY",      "INTERNATIONAL",
        "LIMITED",       "LTD",
        "NETWORK",       "NETWORKS",
        "OPTICAL",       "OPTICS",
        "POWER",         "SEMICONDUCTOR",
        "SOFTWARE",      "SYSTEM",
        "SYSTEMS",       "TECH",
        "TECHNOLOGIES",  "TECHNOLOGY",
        "TELECOM",       "WIRELESS",
    };

    for (size_t i = 0; i < SEK_LEN(words); i++) {
        if (strlen(words[i]) == name.len && memcmp(words[i], name.data, name.len) == 0)
            return true;
    }
    return false;
}

static size_t tokens(struct sek_bytes name)
{
    size_t count = name.len > 0;

    for (size_t i = 0; i < name.len; i++)
        count += name.data[i] == ' ';
    return count;
}

static void lint_entity(struct lint *lint)
{
    struct sek_bytes list = value(lint, "alias");

    for (const char *word = next_text(list, NULL); word; word = next_text(list, word)) {
        char out[SEK_NORMAL_MAX];
        struct sek_bytes text = {(const uint8_t *)word, strlen(word)};
        bool cut = false;
        struct sek_bytes name = {(const uint8_t *)out,
                                 sek_name_normalise(text, out, sizeof out, &cut)};

        if (name.len == 0 || cut || tokens(name) > SEK_ALIAS_TOKENS)
            bad(lint, "alias",
                "has a name of no letter, or of more than 6 words: it never matches");
        else if (is_common(name))
            warn(lint, "alias",
                 "has a name that is a common word: it will hit many who are not meant");
        else if (sek_name_letters(name) < SEK_SHORT_ALIAS)
            warn(lint, "alias", "has a name of fewer than 4 letters: alone it only gives consult");
    }
}

/* The key in the node; its algorithms have to be ones that it can make. */
static void lint_algo(struct lint *lint, const struct sek_sig_alg *kind)
{
    static const char *const rsa[] = {"rsa2048", "rsa3072", "rsa4096"};
    struct sek_bytes list = value(lint, "algo");
    char ecdsa[16];
    const char *name = ecdsa;

    if (kind->scheme == SEK_SCHEME_ED25519)
        name = "ed25519";
    else if (kind->scheme == SEK_SCHEME_ECDSA)
        snprintf(ecdsa, sizeof ecdsa, "ecdsa%u", (unsigned)kind->key_bits);
    else
        name = kind->key_bits % 1024 == 0 ? rsa[kind->key_bits / 1024 - 2] : "";
    for (const char *word = next_text(list, NULL); word; word = next_text(list, word)) {
        const char *comma = strchr(word, ',');

        if (!comma || strcmp(comma + 1, name) != 0)
            bad(lint, "algo", "is none that this key can make");
    }
}

static bool is_der(struct sek_bytes der)
{
    size_t len;

    if (der.len < 4 || der.data[0] != 0x30) /* SEQUENCE */
        return false;
    if (der.data[1] < 0x80)
        return der.len == 2 + (size_t)der.data[1];
    len = der.data[1] == 0x81 ? 3 + (size_t)der.data[2] : 4 + (size_t)sek_get_u16be(der.data + 2);
    return der.data[1] <= 0x82 && der.len == len;
}

static void lint_public_key(struct lint *lint, struct sek_sig_alg *kind)
{
    const char *known = store_known_key(value(lint, "public-key"));

    if (!known)
        known = store_weak_key(value(lint, "public-key"));
    if (sek_key_kind(value(lint, "public-key"), kind) != SEK_OK)
        bad(lint, "public-key",
            "is no SubjectPublicKeyInfo (DER) of RSA 2048 to 4096, ECDSA P-256, P-384 or Ed25519");
    else if (known && !has(lint, "revoked"))
        bad(lint, "public-key", known);
}

/* A CA whose signers a supplier stands for: what they sign with shows only in what they sign. */
static void lint_anchor(struct lint *lint)
{
    struct sek_bytes list = value(lint, "algo");
    struct sek_x509 crt;
    bool rsa = false;

    if (sek_x509_parse(value(lint, "certificate"), &crt) != SEK_OK) {
        bad(lint, "certificate", "is no certificate (DER)");
        return;
    }
    if (!crt.is_ca)
        warn(lint, "certificate", "is of no CA: it stands for its own key alone");
    if (store_weak_key(crt.spki))
        bad(lint, "certificate", store_weak_key(crt.spki));
    for (const char *word = next_text(list, NULL); word; word = next_text(list, word))
        rsa = rsa || strstr(word, ",rsa");
    if (rsa != has(lint, "padding"))
        bad(lint, "padding", "is required for RSA, and only for it");
}

static void lint_key(struct lint *lint)
{
    struct sek_bytes told = value(lint, "key-id");
    struct sek_sig_alg kind = {SEK_SCHEME_NONE, SEK_DIGEST_NONE, 0};
    uint8_t id[SEK_KEY_ID_LEN];

    order(lint, "not-before", "not-after");
    if (has(lint, "certificate"))
        lint_anchor(lint);
    if (!has(lint, "public-key")) {
        if (!has(lint, "certificate") && told.data && !has(lint, "revoked"))
            bad(lint, "key-id", "alone is for a key that is revoked");
        return;
    }
    lint_public_key(lint, &kind);
    if (kind.scheme == SEK_SCHEME_NONE)
        return;
    lint_algo(lint, &kind);
    if ((kind.scheme == SEK_SCHEME_RSA_PKCS1) != has(lint, "padding"))
        bad(lint, "padding", "is required for RSA, and only for it");
    if (told.len == sizeof id && (sek_key_id(value(lint, "public-key"), id) != SEK_OK ||
                                  memcmp(id, told.data, sizeof id) != 0))
        bad(lint, "key-id", "is not that of the key beside it");
}

/* References and denied: devices compute two digests of a component. */
static void lint_digests(struct lint *lint)
{
    static const char *const kinds[] = {"sha256", "sha384", "sha512"};
    const unsigned before = lint->digests, all = (1u << SEK_LEN(kinds)) - 1;

    for (size_t i = 0; i < SEK_LEN(kinds); i++)
        lint->digests |= (has(lint, kinds[i]) ? 1u : 0u) << i;
    if (lint->digests == all && before != all)
        bad(lint, NULL, "has a third kind of digest: devices compute two");
}

/* A supplier whose keys are all revoked vouches for nothing any more: meant, or a mistake. */
static void lint_supplier(struct lint *lint)
{
    const void *dtb = lint->place->dtb;
    unsigned keys = 0, revoked = 0;
    int key;

    fdt_for_each_subnode(key, dtb, lint->place->node)
    {
        if (sek_schema_child(SEK_NODE_SUPPLIER, fdt_get_name(dtb, key, NULL)) != SEK_NODE_KEY)
            continue;
        keys++;
        revoked += fdt_getprop(dtb, key, "revoked", NULL) != NULL;
    }
    if (keys > 0 && keys == revoked)
        warn(lint, NULL, "has no key that is not revoked: nothing of this supplier is approved");
}

/* Two officers are two persons: one person under two names would release alone. */
static void lint_officer(struct lint *lint)
{
    static const char *const same[] = {"public-key", "label"};
    const void *dtb = lint->place->dtb;
    int folder = fdt_subnode_offset(dtb, 0, "officers"), other;

    fdt_for_each_subnode(other, dtb, folder)
    {
        for (size_t i = 0; other < lint->place->node && i < SEK_LEN(same); i++) {
            struct sek_bytes ours = value(lint, same[i]);
            int len;
            const void *theirs = fdt_getprop(dtb, other, same[i], &len);

            if (theirs && ours.data && ours.len == (size_t)len &&
                memcmp(ours.data, theirs, ours.len) == 0)
                bad(lint, same[i], "is that of another officer, too: one person, one key");
        }
    }
}

static void lint_reference(struct lint *lint)
{
    sek_day until = date(lint, "not-after");

    if (until && lint->today > until)
        warn(lint, "not-after", "is past: the value vouches for nothing");
    lint_digests(lint);
}

static void lint_rule(struct lint *lint)
{
    const char *force = next_text(value(lint, "force"), NULL);
    struct sek_bytes least = value(lint, "min-evidence");

    order(lint, "effective-from", "effective-until");
    if (least.len == 4 &&
        (sek_get_u32be(least.data) < 1 || sek_get_u32be(least.data) > EVIDENCE_MAX))
        bad(lint, "min-evidence", "is not 1 to 5");
    if (has(lint, "not-origin") && !has(lint, "role"))
        warn(lint, "not-origin", "without role fits every part whose origin is unknown");
    if (force && strcmp(force, "in-force") != 0)
        warn(lint, "force", "is not in-force: the rule is shown and never applied");
    if (store_shadow(lint->place->dtb, lint->place->node) >= 0)
        warn(lint, NULL, "never speaks: another rule finds all that it would, without relief");
}

/* ---- Manifests ---- */

static void lint_part(struct lint *lint)
{
    struct sek_bytes list = value(lint, "says"), component = value(lint, "component");

    if (component.data && !store_component_ok(component))
        bad(lint, "component", "is no name that a component can have");
    if (!sek_schema_texts_ok(list))
        return; /* said by the schema */
    for (const char *word = next_text(list, NULL); word; word = next_text(list, word)) {
        const char *why = store_says_problem(word);

        if (why)
            bad(lint, "says", why);
        if (strcmp(word, SEK_MANIFEST_NOTHING) == 0 && strlen(word) + 1 != list.len)
            bad(lint, "says", "says nothing, and something besides");
    }
    if (!component.data &&
        fdt_stringlist_contains((const char *)list.data, (int)list.len, SEK_MANIFEST_NOTHING))
        bad(lint, "component",
            "is missing: a part that says nothing can only be known by its place");
}

static bool same_value(const void *dtb, int a, int b, const char *name)
{
    int a_len = 0, b_len = 0;
    const void *x = fdt_getprop(dtb, a, name, &a_len), *y = fdt_getprop(dtb, b, name, &b_len);

    return (!x && !y) || (x && y && a_len == b_len && memcmp(x, y, (size_t)a_len) == 0);
}

/* Only the first of two manifests of one device would count, and of two parts in one place. */
static void lint_manifest(struct lint *lint)
{
    const void *dtb = lint->place->dtb;
    int own = lint->place->node, a, b;

    for (b = fdt_next_subnode(dtb, own); b >= 0; b = fdt_next_subnode(dtb, b)) {
        if (same_value(dtb, own, b, "model") && same_value(dtb, own, b, "serial-number"))
            bad(lint, "serial-number", "is that of another manifest, too: the first one counts");
    }
    fdt_for_each_subnode(a, dtb, own)
    {
        if (!fdt_getprop(dtb, a, "component", NULL))
            continue;
        for (b = fdt_next_subnode(dtb, a); b >= 0; b = fdt_next_subnode(dtb, b)) {
            if (same_value(dtb, a, b, "component"))
                bad(lint, fdt_get_name(dtb, b, NULL), "is a second part in one place");
        }
    }
}

static bool lint_node(struct sek_schema_sink *sink, const struct sek_schema_place *place)
{
    static const struct {
        enum sek_schema_node kind;
        void (*check)(struct lint *lint);
    } checks[] = {
        {SEK_NODE_ROOT, lint_root},
        {SEK_NODE_POLICY, lint_policy},
        {SEK_NODE_ENTITY, lint_entity},
        {SEK_NODE_KEY, lint_key},
        {SEK_NODE_RULE, lint_rule},
        {SEK_NODE_REFERENCE, lint_reference},
        {SEK_NODE_SUPPLIER, lint_supplier},
        {SEK_NODE_OFFICER, lint_officer},
        {SEK_NODE_DENIED_DIGEST, lint_digests},
        {SEK_NODE_MANIFEST, lint_manifest},
        {SEK_NODE_MANIFEST_PART, lint_part},
    };
    struct lint *lint = (struct lint *)sink;
    struct sek_sig_alg kind;

    lint->place = place;
    for (size_t i = 0; i < SEK_LEN(checks); i++) {
        if (checks[i].kind == place->kind)
            checks[i].check(lint);
    }
    if (place->kind == SEK_NODE_AFFILIATION)
        order(lint, "from", "until");
    if (place->kind == SEK_NODE_TRANSITION)
        order(lint, "acquired-before", "keep-until");
    if (place->kind == SEK_NODE_SUCCESSOR || place->kind == SEK_NODE_OFFICER)
        lint_public_key(lint, &kind);
    if (place->kind == SEK_NODE_DEVICE_AUTHORITY && !is_der(value(lint, "certificate")))
        bad(lint, "certificate", "is no certificate (DER)");
    return true;
}

/* ---- The tree as a whole ---- */

static int by_key(const void *a, const void *b)
{
    const struct store_record *x = a, *y = b;

    return x->key < y->key ? -1 : x->key > y->key;
}

static int find_phandle(struct sek_schema_sink *sink, uint32_t phandle)
{
    const struct lint *lint = (const struct lint *)sink;
    const struct store_record key = {.key = phandle}, *found = NULL;

    if (lint->phandle && lint->phandle_count > 0)
        found = bsearch(&key, lint->phandle, lint->phandle_count, sizeof key, by_key);
    return found ? (int)found->node : -1;
}

/* The phandles of a tree that has no index yet. */
static void collect_phandles(struct lint *lint, const void *dtb)
{
    size_t cap = fdt_totalsize(dtb) / 16; /* a node with one takes more bytes */

    lint->phandle = calloc(cap + 1, sizeof *lint->phandle);
    for (int node = 0, depth = 0; lint->phandle && node >= 0 && depth >= 0;
         node = fdt_next_node(dtb, node, &depth)) {
        uint32_t phandle = fdt_get_phandle(dtb, node);

        if (phandle && lint->phandle_count < cap)
            lint->phandle[lint->phandle_count++] = (struct store_record){phandle, (uint32_t)node};
    }
    if (lint->phandle && lint->phandle_count > 0)
        qsort(lint->phandle, lint->phandle_count, sizeof *lint->phandle, by_key);
}

/* One value, two owners: compared as they will stand in the index, so after normalising. */
static void lint_owners(struct lint *lint, const void *dtb)
{
    uint8_t *tree = store_normalise(dtb);
    struct store_values values;
    char first[PATH_LEN], second[PATH_LEN];
    int node = 0;

    if (!tree || store_values_collect(tree, &values, &node) != SEK_OK) {
        fprintf(lint->out, "%s: %s: has one value twice\n", lint->file,
                tree ? store_path(tree, node, first, sizeof first) : "/");
        lint->problems++;
        free(tree);
        return;
    }
    for (unsigned kind = 0; kind < SEK_INDEX_COUNT; kind++) {
        const struct store_record *record = values.record[kind];
        size_t at = 0;

        if (kind == SEK_INDEX_SKELETON) /* may have several */
            continue;
        while (store_values_clash(&values, (enum sek_index)kind, &at)) {
            fprintf(lint->out, "%s: %s and %s: both have the same %s\n", lint->file,
                    store_path(tree, (int)record[at - 1].node, first, sizeof first),
                    store_path(tree, (int)record[at].node, second, sizeof second),
                    sek_index_name((enum sek_index)kind));
            lint->problems++;
        }
    }
    store_values_free(&values);
    free(tree);
}

size_t store_lint(const char *path, const void *dtb, sek_day today, FILE *out)
{
    struct lint lint = {
        .base = {.problem = problem,
                 .unknown = unknown,
                 .node = lint_node,
                 .phandle = find_phandle},
        .out = out,
        .today = today,
    };

    sek_text_clean((struct sek_bytes){(const uint8_t *)path, strlen(path)}, lint.file,
                   sizeof lint.file);
    collect_phandles(&lint, dtb);
    (void)sek_schema_walk(dtb, &lint.base);
    free(lint.phandle);
    lint.problems += store_shared_primes(lint.file, dtb, out);
    if (lint.problems == 0)
        lint_owners(&lint, dtb);
    return lint.problems;
}
