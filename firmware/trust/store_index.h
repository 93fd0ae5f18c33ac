/* The index of a trust store: checked once, when the store is opened, then searched in place. */
#ifndef SEK_TRUST_STORE_INDEX_H
#define SEK_TRUST_STORE_INDEX_H

#include "trust/store.h"
#include "trust/values.h"

enum { SEK_INDEX_RECORD_LEN = 12 }; /* u64be key, u32be node */

/* The check of the index against the values, which are handed in as the store is walked over. */
struct sek_index_check {
    struct sek_value_sink base; /* takes the values */
    const struct sek_store *store;
    size_t count[SEK_INDEX_COUNT]; /* values of the tree */
};

/* Finds the tables in the index of store->dtb and checks that they are sorted: each value has one
 * owner. store->index is set. SEK_ERR_MALFORMED: fault says where. */
SEK_CHECKED enum sek_status sek_index_load(struct sek_store *store, int index,
                                           struct sek_index_check *check, struct sek_fault *fault);

/* What is wrong with a value that check->base did not take: constant text. */
const char *sek_index_refusal(enum sek_status status);

/* When all values of all nodes were handed in: there are as many records as values, and each value
 * had one. So the index neither lies nor leaves anything out. SEK_ERR_MALFORMED. */
SEK_CHECKED enum sek_status sek_index_complete(const struct sek_index_check *check, int index,
                                               struct sek_fault *fault);

/* A node's place in the payload: bytes from its start. */
uint64_t sek_store_offset(const struct sek_store *store, int node);

#endif
