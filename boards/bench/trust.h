/* The trust store and the authority's key, as the options and the search path name them. */
#ifndef SEK_BENCH_TRUST_H
#define SEK_BENCH_TRUST_H

#include "boards/bench/bench.h"
#include "trust/store.h"

/* Options that every command which judges takes; put them into its table. */
#define BENCH_TRUST_OPTIONS                                                                        \
    {"store", "FILE", "signed trust store (else store.itb of the configuration)"},                 \
        {"authority", "FILE", "public key of the authority (PEM), which signed the store"},        \
        {"determinations", "FILE", "an officer's (else determinations.itb of the configuration)"}, \
    {                                                                                              \
        "demo", NULL, "accept the demo authority's key; every result says DEMO KEYS"               \
    }

enum { BENCH_WARN_DAYS = 30 }; /* before a store ends, every use of it says so */

struct bench_trust {
    struct sek_store store; /* dtb NULL: no usable store */
    sek_rule rule; /* why not: TS-001, -002, -004, -005, -007; TS-003 where it is expired */
    char why[320]; /* one line with file, offset and cause; empty: usable */
    char soon[96]; /* one line: it ends within BENCH_WARN_DAYS; empty: it does not */
    uint32_t determinations; /* serial of those that were joined to the store */
    bool determined;
    bool demo;     /* signed by the demo authority */
    void *memory;  /* the store's bytes */
    sek_day today; /* 0: unknown, also where the clock lies before the store's issue */
};

/* Loads and checks the store. A store that cannot be used is no failure of this call: trust->rule
 * says why, nothing will be judged, and the exit status is 5. */
void bench_trust_load(struct bench_trust *trust, const struct bench_args *args);

/* Prints why the store is not, or not fully, used, or that it soon will not be: one line on
 * standard error; nothing if all is well. */
void bench_trust_warn(const struct bench_trust *trust);

void bench_trust_free(struct bench_trust *trust);

/* The evaluation date: $SOURCE_DATE_EPOCH is not looked at; the bench's clock in UTC. */
sek_day bench_today(void);

#endif
