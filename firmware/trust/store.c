/* What a store's payload must look like, and its opening. */
#include "trust/store.h"

#include "base/bytes.h"
#include "trust/values.h"

#include <libfdt.h>

#include <string.h>

enum { RECORD_LEN = 12, NODE_NAME_MAX = 31 };

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

const char *sek_store_string(const struct sek_store *store, int node, const char *name)
{
    struct sek_bytes value = sek_store_bytes(store, node, name);

    if (value.len < 2 || memchr(value.data, 0, value.len) != value.data + value.len - 1)
        return NULL;
    return (const char *)value.data;
}

bool sek_store_list_has(const struct sek_store *store, int node, const char *name, const char *word)
{
    struct sek_bytes value = sek_store_bytes(store, node, name);

    return value.len > 0 && value.data[value.len - 1] == '\0' &&
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

bool sek_store_expired(const struct sek_store *store, sek_day today)
{
    return today == 0 || today > store->not_after;
}

/* ---- Index ---- */

static uint64_t record_key(const struct sek_bytes *table, size_t i)
{
    return sek_get_u64be(table->data + i * RECORD_LEN);
}

static int record_node(const struct sek_bytes *table, size_t i)
{
    return (int)sek_get_u32be(table->data + i * RECORD_LEN + 8);
}

int sek_store_find(const struct sek_store *store, enum sek_index kind, uint64_t key, size_t *at)
{
    const struct sek_bytes *table = &store->index[kind];
    size_t low = 0, high = table->len / RECORD_LEN;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (record_key(table, middle) < key)
            low = middle + 1;
        else
            high = middle;
    }
    *at = low;
    if (low == table->len / RECORD_LEN || record_key(table, low) != key)
        return -1;
    return record_node(table, low);
}

int sek_store_next(const struct sek_store *store, enum sek_index kind, uint64_t key, size_t *at)
{
    const struct sek_bytes *table = &store->index[kind];

    ++*at;
    if (*at >= table->len / RECORD_LEN || record_key(table, *at) != key)
        return -1;
    return record_node(table, *at);
}

int sek_store_phandle(const struct sek_store *store, uint32_t phandle)
{
    size_t at;

    return sek_store_find(store, SEK_INDEX_PHANDLE, phandle, &at);
}

struct index_check {
    struct sek_value_sink base;
    const struct sek_store *store;
    size_t count[SEK_INDEX_COUNT];
};

/* Each value of the tree has its record. */
static enum sek_status value_is_indexed(struct sek_value_sink *sink, const struct sek_value *value)
{
    struct index_check *check = (struct index_check *)sink;
    size_t at;
    int node = sek_store_find(check->store, value->kind, value->key, &at);

    while (node >= 0 && node != value->node)
        node = sek_store_next(check->store, value->kind, value->key, &at);
    check->count[value->kind]++;
    return node >= 0 ? SEK_OK : SEK_ERR_MALFORMED;
}

/* Records ascend strictly; of skeletons, which may have two owners, by key and then node. */
static bool ascends(const struct sek_bytes *table, enum sek_index kind)
{
    for (size_t i = 1; i < table->len / RECORD_LEN; i++) {
        uint64_t a = record_key(table, i - 1), b = record_key(table, i);

        if (a > b || (a == b && (kind != SEK_INDEX_SKELETON ||
                                 record_node(table, i - 1) >= record_node(table, i))))
            return false;
    }
    return true;
}

/* As many records as values, each value has one, none is there twice: so the index neither lies nor
 * leaves anything out. */
static enum sek_status check_index(struct sek_store *store, struct sek_store_fault *why)
{
    struct index_check check = {.base.value = value_is_indexed, .store = store};
    int node = fdt_subnode_offset(store->dtb, 0, "index"), where = 0;

    if (node < 0)
        return fault(why, SEK_ERR_MALFORMED, 0, "no index: made by sekisho store build");
    for (unsigned kind = 0; kind < SEK_INDEX_COUNT; kind++) {
        struct sek_bytes *table = &store->index[kind];

        *table = sek_store_bytes(store, node, sek_index_name((enum sek_index)kind));
        if (table->len % RECORD_LEN != 0 || !ascends(table, (enum sek_index)kind))
            return fault(why, SEK_ERR_MALFORMED, (uint64_t)node,
                         "an index is not sorted, or a value has two owners");
    }
    if (sek_store_values(store->dtb, &check.base, &where) != SEK_OK)
        return fault(why, SEK_ERR_MALFORMED, (uint64_t)where, "a value that the index leaves out");
    for (unsigned kind = 0; kind < SEK_INDEX_COUNT; kind++) {
        if (check.count[kind] != store->index[kind].len / RECORD_LEN)
            return fault(why, SEK_ERR_MALFORMED, (uint64_t)node,
                         "an index lists a value that is not there");
    }
    return SEK_OK;
}

/* ---- Payload ---- */

static bool id_ok(const char *name)
{
    size_t len = 0;

    for (; name[len]; len++) {
        char c = name[len];

        if (len == NODE_NAME_MAX || !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
            return false;
    }
    return len > 0;
}

static bool date_ok(const struct sek_store *store, int node, const char *name)
{
    return sek_store_bytes(store, node, name).data == NULL ||
           sek_store_date(store, node, name) != 0;
}

static const char *const date_properties[] = {
    "issued", "not-after",       "not-before",     "revoked",         "from",       "until",
    "date",   "acquired-before", "effective-from", "effective-until", "keep-until",
};

static enum sek_status check_nodes(const struct sek_store *store, struct sek_store_fault *why)
{
    for (int node = 0, depth = 0; node >= 0 && depth >= 0;
         node = fdt_next_node(store->dtb, node, &depth)) {
        if (node > 0 && !id_ok(sek_store_node_name(store, node)))
            return fault(why, SEK_ERR_MALFORMED, (uint64_t)node, "a node's name is no id");
        for (size_t i = 0; i < SEK_LEN(date_properties); i++) {
            if (!date_ok(store, node, date_properties[i]))
                return fault(why, SEK_ERR_MALFORMED, (uint64_t)node, "a date that does not exist");
        }
    }
    return SEK_OK;
}

/* A key's id is that of its key. */
static enum sek_status check_keys(const struct sek_store *store, struct sek_store_fault *why)
{
    int supplier, key;

    if (store->suppliers < 0)
        return SEK_OK;
    fdt_for_each_subnode(supplier, store->dtb, store->suppliers)
    {
        fdt_for_each_subnode(key, store->dtb, supplier)
        {
            struct sek_bytes spki = sek_store_bytes(store, key, "public-key");
            struct sek_bytes told = sek_store_bytes(store, key, "key-id");
            uint8_t id[SEK_KEY_ID_LEN];

            if (!spki.data)
                continue;
            if (told.len != sizeof id || sek_key_id(spki, id) != SEK_OK ||
                memcmp(id, told.data, sizeof id) != 0)
                return fault(why, SEK_ERR_MALFORMED, (uint64_t)key, "a key id is not its key's");
        }
    }
    return SEK_OK;
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
    store->rules = fdt_subnode_offset(store->dtb, 0, "rules");
    store->suppliers = fdt_subnode_offset(store->dtb, 0, "suppliers");
    store->entities = fdt_subnode_offset(store->dtb, 0, "entities");
    store->policy = fdt_subnode_offset(store->dtb, 0, "policy");
    store->references = fdt_subnode_offset(store->dtb, 0, "references");
    store->denied = fdt_subnode_offset(store->dtb, 0, "denied");
    store->maps = fdt_subnode_offset(store->dtb, 0, "maps");
    store->determinations = fdt_subnode_offset(store->dtb, 0, "determinations");
    store->device_authorities = fdt_subnode_offset(store->dtb, 0, "device-authorities");
    return SEK_OK;
}

enum sek_status sek_store_open_payload(struct sek_store *out, struct sek_bytes dtb,
                                       struct sek_store_fault *why)
{
    struct sek_store store = {.dtb = dtb.data, .dtb_len = dtb.len};
    uint8_t digest[SEK_DIGEST_MAX];
    enum sek_status status;

    *out = (struct sek_store){0};
    *why = (struct sek_store_fault){0};
    if (((uintptr_t)dtb.data & 7) != 0 || dtb.len > INT32_MAX ||
        fdt_check_full(dtb.data, dtb.len) != 0 || fdt_totalsize(dtb.data) != dtb.len)
        return fault(why, SEK_ERR_MALFORMED, 0, "the payload is no device tree");
    status = read_head(&store, why);
    if (status == SEK_OK)
        status = check_nodes(&store, why);
    if (status == SEK_OK)
        status = check_index(&store, why);
    if (status == SEK_OK)
        status = check_keys(&store, why);
    if (status == SEK_OK &&
        sek_digest_of(SEK_DIGEST_SHA256, NULL, dtb.data, dtb.len, digest) != SEK_OK)
        status = fault(why, SEK_ERR_CRYPTO, 0, "the payload cannot be digested");
    if (status != SEK_OK)
        return status;
    memcpy(store.digest, digest, sizeof store.digest);
    *out = store;
    return SEK_OK;
}

unsigned sek_store_reference_algs(const struct sek_store *store)
{
    static const char *const names[] = {"sha256", "sha384", "sha512"};
    const int folders[] = {store->references, store->denied};
    unsigned algs = 0;

    for (size_t f = 0; f < SEK_LEN(folders); f++) {
        int node;

        if (folders[f] < 0)
            continue;
        fdt_for_each_subnode(node, store->dtb, folders[f])
        {
            for (size_t i = 0; i < SEK_LEN(names); i++) {
                if (sek_store_bytes(store, node, names[i]).data)
                    algs |= 1u << (SEK_DIGEST_SHA256 + i);
            }
        }
    }
    return algs;
}
