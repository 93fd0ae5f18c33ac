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
    enum sek_kind kind; /* of the observation that hit */
};

struct sek_hits {
    struct sek_hit hit[SEK_HITS_MAX];
    size_t count;
    bool overflow;   /* more hits, or a longer name, than we hold: never taken for "no match" */
    bool attributed; /* something names a maker: a name that is not generic, an OUI, a PEN */
};

/* Looks all observations up. Hits are listed once per entity and strength, with the best evidence.
 */
void sek_match(const struct sek_store *store, const struct sek_observation *item, size_t count,
               struct sek_hits *hits);

#endif
