/* Where and when a thing is judged: as a signed work order says, and as the command line tells. */
#ifndef SEK_BENCH_CONTEXT_H
#define SEK_BENCH_CONTEXT_H

#include "boards/bench/bench.h"
#include "boards/bench/trust.h"
#include "trust/appraise.h"
#include "trust/order.h"

/* Options that every command which judges takes; put them into its table. */
#define BENCH_CONTEXT_OPTIONS                                                                      \
    {"order", "FILE", "work order that an officer signed: tier, event, acquisition, devices"},     \
        {"tier", "WORD", "system it is for; can only make the result stricter"},                   \
        {"event", "WORD", "procure, deploy or keep; can only make the result stricter"},           \
    {                                                                                              \
        "acquired", "DATE", "YYYY-MM-DD of acquisition; can only make the result stricter"         \
    }

/* judged points into the struct: it is filled in place and not copied. */
struct bench_context {
    struct sek_context judged;  /* what verdicts are made with */
    struct sek_context without; /* the same without what was typed: the order's, or unknown */
    struct sek_order order;     /* dtb NULL: none */
    char source[96];            /* "none", "command line", "order:ID", "order:ID, command line" */
    void *memory;               /* the order's bytes */
};

/* Reads what the command line tells; today is the evaluation date. False after a message: a date
 * that is none (wrong usage). */
bool bench_context_read(const struct bench_args *args, sek_day today,
                        struct bench_context *context);

/* Takes the trust store's date, which counts, and the order that the options name, if any. False
 * after a message (TS-006): an order that cannot be used; nothing may be judged, exit status 5. */
bool bench_context_load_order(const struct bench_args *args, const struct bench_trust *trust,
                              struct bench_context *context);

void bench_context_free(struct bench_context *context);

#endif
