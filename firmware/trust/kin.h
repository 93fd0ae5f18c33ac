/* Kin: whom an entity of the store belongs to. */
#ifndef SEK_TRUST_KIN_H
#define SEK_TRUST_KIN_H

#include "trust/store.h"

enum { SEK_KIN_MAX = 64 }; /* entities of one kinship; more are never taken for "no relation" */

/* Which affiliations are followed: true for a node `affiliation-N`. */
struct sek_kin_filter {
    bool (*follow)(const struct sek_kin_filter *filter, int affiliation);
};

struct sek_kin {
    int entity[SEK_KIN_MAX]; /* nodes: the entity itself, then those it belongs to */
    size_t count;
    bool overflow; /* there are more */
};

/* Lists an entity and all that it belongs to, directly or through others, by affiliations that the
 * filter follows (NULL: all). A circle ends where it closes. */
void sek_kin_list(const struct sek_store *store, int entity, const struct sek_kin_filter *filter,
                  struct sek_kin *out);

/* True if two entities are one, or belong to one, by affiliations of any kind and time. More kin
 * than we can follow: false. */
bool sek_kin_related(const struct sek_store *store, int a, int b);

#endif
