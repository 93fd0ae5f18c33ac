/* What is said of keys that sign nothing: their private halves are published. */
#include "boards/bench/store/store.h"

#include "trust/published.h"

/* In the order of trust/published.c. */
static const char *const known[] = {
    "is MCUboot's root-rsa-2048: everybody has its private half (GHSA-gcxh-546h-phg4)",
    "is MCUboot's root-rsa-3072: everybody has its private half (GHSA-gcxh-546h-phg4)",
    "is MCUboot's root-ec-p256: everybody has its private half (GHSA-gcxh-546h-phg4)",
    "is MCUboot's root-ec-p384: everybody has its private half (GHSA-gcxh-546h-phg4)",
    "is MCUboot's root-ed25519: everybody has its private half (GHSA-gcxh-546h-phg4)",
};

const char *store_known_key(struct sek_bytes spki)
{
    uint8_t id[SEK_KEY_ID_LEN];
    int at;

    if (sek_key_id(spki, id) != SEK_OK)
        return NULL;
    at = sek_key_published(id);
    return at >= 0 && (size_t)at < SEK_LEN(known) ? known[at] : NULL;
}
