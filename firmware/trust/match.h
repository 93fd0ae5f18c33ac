/* Who a part says it is: from observations to entities of the trust store. */
#ifndef SEK_TRUST_MATCH_H
#define SEK_TRUST_MATCH_H

#include "part/part.h"
#include "trust/store.h"

enum { SEK_HITS_MAX = 32 };

enum sek_hit_strength {
    SEK_HIT_EXACT,      /* an alias, number or prefix of the entity */
    SEK_HIT_SHORT,      /* an alias of few letters, in a field that is no maker's name: a hint */
    SEK_HIT_LOOK_ALIKE, /* written like an alias, and no exact hit */
};

struct sek_hit {
    int entity; /* node */
    enum sek_hit_strength strength;
    enum sek_evidence_class evidence;
    bool by_name;   /* exactly, in a vendor's or manufacturer's field */
    bool by_number; /* by OUI, PEN, PCI, USB or JEDEC number */
};

struct sek_hits {
    struct sek_hit hit[SEK_HITS_MAX];
    size_t count;
    bool overflow; /* more hits, a longer name or stranger letters than we compare: never taken for
                    * "no match" */
    bool attributed; /* something names a maker: a name that is not generic, an OUI, a PEN */
    bool stranger;   /* a maker's name that is not generic and of no entity of the store */
};

/* Looks all observations up. Hits are listed once per entity and strength, with the best evidence;
 * an entity that is hit exactly is no look-alike of itself. */
void sek_match(const struct sek_store *store, const struct sek_observation *item, size_t count,
               struct sek_hits *hits);

/* For the matchers: adds a hit; adds the entities that own a text of an index kind. */
void sek_hits_add(struct sek_hits *hits, int entity, enum sek_hit_strength strength,
                  const struct sek_observation *seen, enum sek_evidence_class evidence);
void sek_hits_find(const struct sek_store *store, enum sek_index kind, struct sek_bytes text,
                   enum sek_hit_strength strength, const struct sek_observation *seen,
                   struct sek_hits *hits);

#endif
