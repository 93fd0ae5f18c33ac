#include "boards/bench/context.h"

#include <string.h>

bool bench_context(const struct bench_args *args, sek_day today, struct sek_context *context)
{
    const char *acquired = bench_value(args, "acquired");

    *context = (struct sek_context){
        .today = today,
        .tier = bench_value(args, "tier"),
        .event = bench_value(args, "event"),
    };
    if (acquired && sek_date_parse(acquired, strlen(acquired), &context->acquired) != SEK_OK) {
        bench_fail(false, 0, 0, "--acquired %s: not a date YYYY-MM-DD", acquired);
        return false;
    }
    context->typed = context->tier || context->event || context->acquired;
    return true;
}

const char *bench_context_source(const struct sek_context *context)
{
    return context->typed ? "command line" : "none";
}
