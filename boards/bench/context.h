/* Where and when a thing is judged, as the command line tells it. */
#ifndef SEK_BENCH_CONTEXT_H
#define SEK_BENCH_CONTEXT_H

#include "boards/bench/bench.h"
#include "trust/appraise.h"

/* Options that every command which judges takes; put them into its table. */
#define BENCH_CONTEXT_OPTIONS                                                                      \
    {"tier", "WORD", "system it is for; can only make the result stricter"},                       \
        {"event", "WORD", "procure, deploy or keep; can only make the result stricter"},           \
    {                                                                                              \
        "acquired", "DATE", "YYYY-MM-DD of acquisition; can only make the result stricter"         \
    }

/* Fills context from the options; today is the evaluation date. False after a message: a date that
 * is none. */
bool bench_context(const struct bench_args *args, sek_day today, struct sek_context *context);

/* "command line" if anything was typed, else "none". */
const char *bench_context_source(const struct sek_context *context);

#endif
