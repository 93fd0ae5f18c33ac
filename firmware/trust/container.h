/* The signed container of a trust store or a work order: a FIT of one image under one
 * configuration. Source: trust/SPEC.md 1. */
#ifndef SEK_TRUST_CONTAINER_H
#define SEK_TRUST_CONTAINER_H

#include "trust/store.h"

/* Who may have signed it, and who did. */
struct sek_container_keys {
    const struct sek_bytes *spki; /* SubjectPublicKeyInfo (DER) each; any of them suffices */
    size_t count;
    size_t signer; /* out: which one it was */
};

/* Opens a container that lies in memory, 8-aligned, and stays there: its image and its
 * configuration are called name. *payload borrows from itb. scratch: 8-aligned memory for the
 * container's tree (32 KiB is enough). SEK_ERR_SIGNATURE: by none of the keys (why: TS-002); all
 * else: why TS-005, with the place. */
SEK_CHECKED enum sek_status sek_container_open(struct sek_bytes itb, const char *name,
                                               struct sek_container_keys *keys, void *scratch,
                                               size_t scratch_len, struct sek_bytes *payload,
                                               struct sek_store_fault *why);

#endif
