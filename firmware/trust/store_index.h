/* The index of a trust store: checked once, when the store is opened, then searched in place. */
#ifndef SEK_TRUST_STORE_INDEX_H
#define SEK_TRUST_STORE_INDEX_H

#include "trust/store.h"

enum { SEK_INDEX_RECORD_LEN = 12 }; /* u64be key, u32be node */

/* Finds the tables of store->dtb and checks them against its values: sorted, each value has its
 * record, there are as many records as values, and no node has a value twice. So the index neither
 * lies nor leaves anything out. store->index is set. SEK_ERR_MALFORMED: fault says where. */
SEK_CHECKED enum sek_status sek_index_load(struct sek_store *store, struct sek_fault *fault);

/* A node's place in the payload: bytes from its start. */
uint64_t sek_store_offset(const struct sek_store *store, int node);

#endif
