/* Whatever bytes come as a payload or as a signed store: no fault, and what opens finds its own
 * values. Every signature verifies here, so that the fuzzer gets behind it. */
#include "trust/store.h"
#include "trust/values.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SCRATCH = 64 * 1024 };

enum sek_status sek_verify_digest(const struct sek_sig_alg *alg, struct sek_bytes spki,
                                  struct sek_bytes digest, struct sek_bytes signature)
{
    (void)alg;
    (void)spki;
    (void)digest;
    (void)signature;
    return SEK_OK;
}

struct search {
    struct sek_value_sink base;
    const struct sek_store *store;
};

static enum sek_status is_found(struct sek_value_sink *sink, const struct sek_value *value)
{
    const struct sek_store *store = ((struct search *)sink)->store;
    size_t at;
    int node = sek_store_find(store, value->kind, value->key, &at);

    while (node >= 0 && node != value->node)
        node = sek_store_next(store, value->kind, value->key, &at);
    assert(node == value->node);
    return SEK_OK;
}

static void look_around(const struct sek_store *store)
{
    struct search search = {.base.value = is_found, .store = store};
    int node;

    assert(sek_store_values(store->dtb, &search.base, &node) == SEK_OK);
    assert(store->label && store->authority && store->issued <= store->not_after);
    (void)sek_store_list_has(store, store->policy, "unverified-hold", "psu");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static _Alignas(8) uint8_t scratch[SCRATCH];
    uint8_t *copy = malloc(size + 1); /* aligned to 16, of exact size but for one */
    struct sek_bytes bytes = {copy, size}, key = {(const uint8_t *)"key", 3};
    struct sek_store_fault why;
    struct sek_store store;

    if (!copy)
        return 0;
    memcpy(copy, data, size);
    if (sek_store_open_payload(&store, bytes, &why) == SEK_OK)
        look_around(&store);
    else
        assert(!store.dtb && why.fault.why && why.rule);
    if (sek_store_open(&store, bytes, key, 0, scratch, sizeof scratch, &why) == SEK_OK)
        look_around(&store);
    else
        assert(!store.dtb && why.fault.why && why.rule);
    free(copy);
    return 0;
}
