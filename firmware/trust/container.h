/* The signed container of a trust store or a work order: a FIT of one image under one
 * configuration. Source: trust/SPEC.md 1. */
#ifndef SEK_TRUST_CONTAINER_H
#define SEK_TRUST_CONTAINER_H

#include "trust/store.h"

struct sek_container {
    const struct sek_bytes *spki; /* who may have signed it: SubjectPublicKeyInfo (DER) each */
    size_t count;                 /* of them; any of them suffices */
    size_t signer;                /* out: which one it was */
    struct sek_bytes payload;     /* out: borrowed from the container's bytes */
    bool digested;                /* out: sha256 is the payload's, read as it was checked */
    uint8_t sha256[32];
};

/* Opens a container that lies in memory, 8-aligned, and stays there: its image and its
 * configuration are called name. scratch: 8-aligned memory for the container's tree (32 KiB is
 * enough). SEK_ERR_SIGNATURE: by none of the keys (why: TS-002); all else: why TS-005, with the
 * place. */
SEK_CHECKED enum sek_status sek_container_open(struct sek_container *container,
                                               struct sek_bytes itb, const char *name,
                                               void *scratch, size_t scratch_len,
                                               struct sek_store_fault *why);

/* Opens a store that the authority's own key signed: sek_store_open without chains. */
SEK_CHECKED enum sek_status sek_store_open_one(struct sek_store *store, struct sek_bytes itb,
                                               struct sek_bytes authority, uint32_t counter,
                                               void *scratch, size_t scratch_len,
                                               struct sek_store_fault *why);

/* The store of a chain, unchecked, for showing it; of anything else all of it; of a chain that is
 * cut nothing. */
struct sek_bytes sek_store_last_part(struct sek_bytes itb);

#endif
