/* What a store's payload must look like, and its opening. */
#include "trust/store.h"

#include "base/bytes.h"
#include "crypto/spki.h"
#include "crypto/x509.h"
#include "trust/schema.h"
#include "trust/store_index.h"

#include <libfdt.h>

#include <string.h>

enum { FOLDERS = 11 };

static enum sek_status fault(struct sek_store_fault *why, enum sek_status status, uint64_t offset,
                             const char *text)
{
    why->rule = status == SEK_ERR_SIGNATURE  ? SEK_RULE(TS, 2)
                : status == SEK_ERR_ROLLBACK ? SEK_RULE(TS, 4)
                                             : SEK_RULE(TS, 5);
    return sek_fault_set(&why->fault, status, offset, text);
}

struct sek_bytes sek_store_bytes(const struct sek_store *store, int node, const char *name)
{
    int len;
    const uint8_t *value = node < 0 ? NULL : fdt_getprop(store->dtb, node, name, &len);

    return value ? (struct sek_bytes){value, (size_t)len} : (struct sek_bytes){0};
}

bool sek_store_has(const struct sek_store *store, int node, const char *name)
{
    return node >= 0 && fdt_getprop(store->dtb, node, name, NULL) != NULL;
}

const char *sek_store_string(const struct sek_store *store, int node, const char *name)
{
    struct sek_bytes value = sek_store_bytes(store, node, name);

    return sek_schema_text_ok(value) ? (const char *)value.data : NULL;
}

bool sek_store_list_has(const struct sek_store *store, int node, const char *name, const char *word)
{
    struct sek_bytes value = sek_store_bytes(store, node, name);

    return sek_schema_texts_ok(value) &&
           fdt_stringlist_contains((const char *)value.data, (int)value.len, word) != 0;
}

sek_day sek_store_date(const struct sek_store *store, int node, const char *name)
{
    const char *text = sek_store_string(store, node, name);
    sek_day day = 0;

    if (!text || sek_date_parse(text, strlen(text), &day) != SEK_OK)
        return 0;
    return day;
}

const char *sek_store_node_name(const struct sek_store *store, int node)
{
    const char *name = node < 0 ? NULL : fdt_get_name(store->dtb, node, NULL);

    return name ? name : "";
}

sek_day sek_store_day(const struct sek_store *store, sek_day today)
{
    return store->dtb && today + 1 < store->issued ? 0 : today;
}

bool sek_store_expired(const struct sek_store *store, sek_day today)
{
    return today == 0 || today > store->not_after;
}

/* ---- Payload ---- */

struct sek_bytes sek_store_spki(const struct sek_store *store, int key)
{
    struct sek_bytes spki = sek_store_bytes(store, key, "public-key");
    struct sek_bytes certificate = sek_store_bytes(store, key, "certificate");
    struct sek_x509 crt;

    if (spki.data || !certificate.data)
        return spki;
    return sek_x509_parse(certificate, &crt) == SEK_OK ? crt.spki : (struct sek_bytes){0};
}

/* What the device does with the nodes: the first problem ends it, what is unknown is ignored. */
struct node_check {
    struct sek_schema_sink base;
    struct sek_index_check index;
    struct sek_store *store;
    struct sek_store_fault *why;
};

static bool schema_problem(struct sek_schema_sink *sink, const struct sek_schema_place *place,
                           const char *text)
{
    struct node_check *check = (struct node_check *)sink;

    fault(check->why, SEK_ERR_MALFORMED, sek_store_offset(check->store, place->node), text);
    return false;
}

static int schema_phandle(struct sek_schema_sink *sink, uint32_t phandle)
{
    return sek_store_phandle(((struct node_check *)sink)->store, phandle);
}

/* A key's id is that of its key. */
static bool key_ok(const struct sek_schema_place *place)
{
    struct sek_bytes spki = sek_schema_value(place, "public-key"),
                     certificate = sek_schema_value(place, "certificate"),
                     told = sek_schema_value(place, "key-id");
    uint8_t id[SEK_KEY_ID_LEN];
    struct sek_x509 crt;

    if (!spki.data && !certificate.data)
        return true;
    if (!spki.data && sek_x509_parse(certificate, &crt) == SEK_OK)
        spki = crt.spki;
    return told.len == sizeof id && sek_key_id(spki, id) == SEK_OK &&
           memcmp(id, told.data, sizeof id) == 0;
}

/* Notes which digests a reference or a denied one uses: a row has room for two. */
static bool digests_ok(struct sek_store *store, const struct sek_schema_place *place)
{
    if (place->kind == SEK_NODE_REFERENCE || place->kind == SEK_NODE_DENIED_DIGEST) {
        for (unsigned alg = SEK_DIGEST_SHA256; alg <= SEK_DIGEST_SHA512; alg++)
            if (sek_schema_value(place, sek_digest_name((enum sek_digest_alg)alg)).data)
                store->reference_algs |= 1u << alg;
    }
    return store->reference_algs !=
           (1u << SEK_DIGEST_SHA256 | 1u << SEK_DIGEST_SHA384 | 1u << SEK_DIGEST_SHA512);
}

static bool node_ok(struct sek_schema_sink *sink, const struct sek_schema_place *place)
{
    struct node_check *check = (struct node_check *)sink;
    enum sek_status status = sek_store_node_values(place, &check->index.base);

    if (status != SEK_OK)
        return schema_problem(sink, place, sek_index_refusal(status));
    if (!digests_ok(check->store, place))
        return schema_problem(sink, place, "a third kind of digest: devices compute two");
    return place->kind != SEK_NODE_KEY || key_ok(place) ||
           schema_problem(sink, place, "a key id is not its key's");
}

/* The nodes below the root that are looked into: that of the index first. */
static void find_folders(struct sek_store *store, struct sek_tree_folder folder[FOLDERS])
{
    static const char *const names[FOLDERS] = {
        "index",  "rules", "suppliers",      "entities",           "policy",   "references",
        "denied", "maps",  "determinations", "device-authorities", "manifests"};
    int *const node[FOLDERS] = {NULL,
                                &store->rules,
                                &store->suppliers,
                                &store->entities,
                                &store->policy,
                                &store->references,
                                &store->denied,
                                &store->maps,
                                &store->determinations,
                                &store->device_authorities,
                                &store->manifests};

    for (size_t i = 0; i < FOLDERS; i++)
        folder[i].name = names[i];
    sek_tree_folders(store->dtb, folder, FOLDERS);
    for (size_t i = 1; i < FOLDERS; i++)
        *node[i] = folder[i].start;
}

/* One walk for all that a node must be. */
static enum sek_status check_nodes(struct sek_store *store, struct sek_store_fault *why)
{
    struct sek_tree_folder folder[FOLDERS];
    struct node_check check = {
        .base = {.problem = schema_problem,
                 .node = node_ok,
                 .phandle = schema_phandle,
                 .folder = folder,
                 .folder_count = FOLDERS},
        .store = store,
        .why = why,
    };
    enum sek_status status;

    find_folders(store, folder);
    status = sek_index_load(store, folder[0].start, &check.index, &why->fault);
    if (status == SEK_OK && !sek_schema_walk(store->dtb, &check.base))
        status = SEK_ERR_MALFORMED; /* why is set */
    if (status == SEK_OK)
        status = sek_index_complete(&check.index, folder[0].start, &why->fault);
    if (status != SEK_OK)
        why->rule = SEK_RULE(TS, 5);
    return status;
}

static enum sek_status read_head(struct sek_store *store, struct sek_store_fault *why)
{
    const char *compatible = sek_store_string(store, 0, "compatible");
    struct sek_bytes serial = sek_store_bytes(store, 0, "serial");

    if (!compatible || strcmp(compatible, "sekisho,store-1") != 0)
        return fault(why, SEK_ERR_UNSUPPORTED, 0, "not a trust store of version 1");
    if (serial.len != 4)
        return fault(why, SEK_ERR_MALFORMED, 0, "no serial");
    store->serial = sek_get_u32be(serial.data);
    store->label = sek_store_string(store, 0, "label");
    store->authority = sek_store_string(store, 0, "authority");
    store->issued = sek_store_date(store, 0, "issued");
    store->not_after = sek_store_date(store, 0, "not-after");
    if (!store->label || !store->authority || !store->issued || !store->not_after)
        return fault(why, SEK_ERR_MALFORMED, 0, "label, authority, issued or not-after is missing");
    if (store->issued > store->not_after)
        return fault(why, SEK_ERR_MALFORMED, 0, "it ends before it is issued");
    return SEK_OK;
}

bool sek_store_rule_read(const struct sek_store *store, int node, struct sek_store_rule *out)
{
    const char *force = sek_store_string(store, node, "force");
    const char *basis = sek_store_string(store, node, "basis");

    if (!force || strcmp(force, "in-force") != 0)
        return false;
    *out = (struct sek_store_rule){
        .node = node,
        .has_subject = sek_store_bytes(store, node, "subject").data != NULL,
        .excludes = basis && strcmp(basis, "named") == 0,
    };
    return true;
}

static void list_rules(struct sek_store *store)
{
    int node = store->rules < 0 ? -1 : fdt_first_subnode(store->dtb, store->rules);

    for (; node >= 0 && store->rule_count < SEK_STORE_RULES;
         node = fdt_next_subnode(store->dtb, node)) {
        if (sek_store_rule_read(store, node, &store->rule[store->rule_count]))
            store->rule_count++;
    }
    store->unlisted = node;
}

enum sek_status sek_store_open_digested(struct sek_store *out, struct sek_bytes dtb,
                                        const uint8_t sha256[32], struct sek_store_fault *why)
{
    struct sek_store store = {.dtb = dtb.data, .dtb_len = dtb.len};
    struct sek_fault form = {0};
    enum sek_status status;

    *out = (struct sek_store){0};
    *why = (struct sek_store_fault){0};
    status = sek_schema_check_tree(dtb, &form);
    if (status != SEK_OK)
        return fault(why, status, form.offset, form.why);
    status = read_head(&store, why);
    if (status == SEK_OK)
        status = check_nodes(&store, why);
    if (status != SEK_OK)
        return status;
    memcpy(store.digest, sha256, sizeof store.digest);
    list_rules(&store);
    *out = store;
    return SEK_OK;
}

enum sek_status sek_store_open_payload(struct sek_store *out, struct sek_bytes dtb,
                                       struct sek_store_fault *why)
{
    uint8_t digest[SEK_DIGEST_MAX];

    *out = (struct sek_store){0};
    *why = (struct sek_store_fault){0};
    if (sek_digest_of(SEK_DIGEST_SHA256, NULL, dtb.data, dtb.len, digest) != SEK_OK)
        return fault(why, SEK_ERR_CRYPTO, 0, "the payload cannot be digested");
    return sek_store_open_digested(out, dtb, digest, why);
}

size_t sek_store_candidates(const struct sek_store *store, struct sek_bytes *out, size_t cap)
{
    size_t count = 0;
    int supplier, key;

    if (!store->dtb || store->suppliers < 0)
        return 0;
    fdt_for_each_subnode(supplier, store->dtb, store->suppliers)
    {
        fdt_for_each_subnode(key, store->dtb, supplier)
        {
            struct sek_bytes spki = sek_store_bytes(store, key, "public-key");
            struct sek_spki parsed;

            if (count < cap && sek_spki_parse(spki, &parsed) == SEK_OK && parsed.edwards)
                out[count++] = spki;
        }
    }
    return count;
}
