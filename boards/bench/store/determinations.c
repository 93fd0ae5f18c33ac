/* Determinations in a file of their own: where a rule names nobody, an officer of the store says of
 * whom it speaks, or whom it leaves alone. They are joined to the store as if they stood in it. */
#include "boards/bench/store/determinations.h"

#include "base/bytes.h"
#include "boards/bench/trust.h"
#include "trust/container.h"
#include "trust/schema.h"

#include <libfdt.h>

#include <stdlib.h>
#include <string.h>

enum { OFFICERS_MAX = 16, TREE_MAX = 64 * 1024, GROW = 512 };

static bool refuse(struct sek_store_fault *why, enum sek_status status, const char *text)
{
    why->rule = SEK_RULE(TS, 7);
    sek_fault_set(&why->fault, status, 0, text);
    return false;
}

/* ---- Who signed it, and may it be used ---- */

static size_t list_officers(const struct sek_store *store, struct sek_bytes spki[OFFICERS_MAX])
{
    int folder = fdt_subnode_offset(store->dtb, 0, "officers"), officer;
    size_t count = 0;

    if (folder < 0)
        return 0;
    fdt_for_each_subnode(officer, store->dtb, folder)
    {
        if (count < OFFICERS_MAX && sek_store_list_has(store, officer, "may", "determine"))
            spki[count++] = sek_store_bytes(store, officer, "public-key");
    }
    return count;
}

static bool open_signed(struct sek_bytes itb, const struct sek_store *store, sek_day today,
                        struct store_determinations *d, struct sek_store_fault *why)
{
    static _Alignas(8) uint8_t tree[TREE_MAX];
    struct sek_bytes spki[OFFICERS_MAX],
        least = sek_store_bytes(store, store->policy, "determinations-serial");
    struct sek_container container = {.spki = spki};

    container.count = list_officers(store, spki);
    if (sek_container_open(&container, itb, "determinations", tree, sizeof tree, why) != SEK_OK) {
        why->rule = SEK_RULE(TS, 7);
        if (why->fault.status == SEK_ERR_SIGNATURE)
            why->fault.why = "not signed by an officer of the store who may determine";
        return false;
    }
    if (!store_determinations_open(container.payload, d, why))
        return false;
    if (today == 0 || today < d->issued || today > d->not_after)
        return refuse(why, SEK_ERR_EXPIRED, "not valid today");
    if (d->store_serial > store->serial)
        return refuse(why, SEK_ERR_ROLLBACK, "it wants a newer trust store");
    if (least.len == 4 && d->serial < sek_get_u32be(least.data))
        return refuse(why, SEK_ERR_ROLLBACK, "older than the store allows");
    return true;
}

/* ---- Joining ---- */

/* The phandle of a node, which gets one if it has none. 0: no such node, or no room. */
static uint32_t phandle_of(void *dtb, const char *folder, const char *name)
{
    int node = fdt_subnode_offset(dtb, fdt_subnode_offset(dtb, 0, folder), name);
    uint32_t phandle = node < 0 ? 0 : fdt_get_phandle(dtb, node);

    if (node < 0 || phandle != 0)
        return phandle;
    if (fdt_generate_phandle(dtb, &phandle) != 0 ||
        fdt_setprop_u32(dtb, node, "phandle", phandle) != 0)
        return 0;
    return phandle;
}

/* Rules that name somebody are the store's alone. */
static bool is_open(const void *dtb, const char *rule)
{
    int node = fdt_subnode_offset(dtb, fdt_subnode_offset(dtb, 0, "rules"), rule);
    const char *basis = node < 0 ? NULL : store_determinations_text(dtb, node, "basis");

    return basis && strcmp(basis, "named") != 0;
}

static bool join_one(void *dtb, const struct store_determinations *d, int from, unsigned number,
                     struct sek_store_fault *why)
{
    static const char *const copied[] = {"verdict", "reference", "date"};
    const char *rule = store_determinations_text(d->dtb, from, "rule");
    uint32_t rule_phandle, subject_phandle;
    char name[32];
    int folder, node;
    bool ok;

    if (!is_open(dtb, rule))
        return refuse(why, SEK_ERR_NOT_FOUND,
                      "no such rule in the store, or one that names somebody itself");
    rule_phandle = phandle_of(dtb, "rules", rule);
    subject_phandle =
        phandle_of(dtb, "entities", store_determinations_text(d->dtb, from, "subject"));
    if (rule_phandle == 0 || subject_phandle == 0)
        return refuse(why, SEK_ERR_NOT_FOUND, "no such entity in the store");
    folder = fdt_subnode_offset(dtb, 0, "determinations");
    if (folder < 0)
        folder = fdt_add_subnode(dtb, 0, "determinations");
    (void)snprintf(name, sizeof name, "signed-%u", number);
    node = fdt_add_subnode(dtb, folder, name);
    ok = node >= 0 && fdt_setprop_u32(dtb, node, "rule", rule_phandle) == 0 &&
         fdt_setprop_u32(dtb, node, "subject", subject_phandle) == 0;
    for (size_t i = 0; ok && i < SEK_LEN(copied); i++) {
        int len;
        const void *text = fdt_getprop(d->dtb, from, copied[i], &len);

        ok = fdt_setprop(dtb, node, copied[i], text, len) == 0;
    }
    return ok || refuse(why, SEK_ERR_NO_SPACE, "the store has a node of its name already");
}

static bool join(const struct sek_store *store, const struct store_determinations *d, void *dtb,
                 int cap, struct sek_store_fault *why)
{
    unsigned number = 0;
    int node;

    if (fdt_open_into(store->dtb, dtb, cap) != 0 ||
        fdt_del_node(dtb, fdt_subnode_offset(dtb, 0, "index")) != 0)
        return refuse(why, SEK_ERR_NO_SPACE, "no room to join it to the store");
    fdt_for_each_subnode(node, d->dtb, d->folder)
    {
        if (!join_one(dtb, d, node, ++number, why))
            return false;
    }
    return fdt_pack(dtb) == 0 || refuse(why, SEK_ERR_NO_SPACE, "no room to join it to the store");
}

bool store_determinations_join(const char *path, struct sek_bytes itb, struct sek_store *store,
                               sek_day today, struct store_determinations *d, uint8_t **payload,
                               struct sek_store_fault *why)
{
    size_t cap = store->dtb_len + itb.len + GROW, len;
    const struct sek_store before = *store;
    uint8_t *dtb = NULL, *built = NULL;
    bool ok;

    *why = (struct sek_store_fault){0};
    if (!open_signed(itb, store, today, d, why))
        return false;
    for (int node = fdt_first_subnode(d->dtb, d->folder); node >= 0;
         node = fdt_next_subnode(d->dtb, node))
        cap += GROW + 3 * STORE_DETERMINATION_TEXT;
    dtb = cap <= INT32_MAX ? malloc(cap) : NULL;
    ok = dtb ? join(store, d, dtb, (int)cap, why) : refuse(why, SEK_ERR_NO_SPACE, "no memory");
    ok = ok && store_build(path, dtb, &built, &len);
    free(dtb);
    if (!ok)
        return false;
    if (sek_store_open_payload(store, (struct sek_bytes){built, len}, why) != SEK_OK) {
        free(built);
        return false;
    }
    /* It stays the store that was signed: only what it says is more. */
    memcpy(store->digest, before.digest, sizeof store->digest);
    memcpy(store->authority_key, before.authority_key, sizeof store->authority_key);
    store->not_after = before.not_after;
    *payload = built;
    return true;
}
