#include "boards/bench/context.h"

#include "base/text.h"
#include "boards/bench/files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TREE_MAX = 32 * 1024, ORDER_MAX = 4 * 1024 * 1024, ID_MAX = 64 };

bool bench_context_read(const struct bench_args *args, sek_day today, struct bench_context *context)
{
    const char *acquired = bench_value(args, "acquired");
    struct sek_context *judged = &context->judged;

    *context = (struct bench_context){
        .judged = {.today = today,
                   .tier = bench_value(args, "tier"),
                   .event = bench_value(args, "event")},
        .without = {.today = today},
    };
    if (acquired && sek_date_parse(acquired, strlen(acquired), &judged->acquired) != SEK_OK) {
        bench_fail(false, 0, 0, "--acquired %s: not a date YYYY-MM-DD", acquired);
        return false;
    }
    if (judged->tier || judged->event || judged->acquired)
        judged->also = &context->without;
    snprintf(context->source, sizeof context->source, judged->also ? "command line" : "none");
    return true;
}

/* What the order says is judged by; what was typed stands beside it. */
static void apply(struct bench_context *context)
{
    const struct sek_order *order = &context->order;
    struct sek_context *judged = &context->judged, *without = &context->without;
    char id[ID_MAX];

    without->tier = order->tier;
    without->event = order->event;
    without->acquired = order->acquired;
    judged->tier = judged->tier ? judged->tier : order->tier;
    judged->event = judged->event ? judged->event : order->event;
    judged->acquired = judged->acquired ? judged->acquired : order->acquired;
    sek_text_clean((struct sek_bytes){(const uint8_t *)order->id, strlen(order->id)}, id,
                   sizeof id);
    snprintf(context->source, sizeof context->source, "order:%s%s", id,
             judged->also ? ", command line" : "");
}

bool bench_context_load_order(const struct bench_args *args, const struct bench_trust *trust,
                              struct bench_context *context)
{
    static _Alignas(8) uint8_t tree[TREE_MAX];
    const char *path = bench_value(args, "order");
    bool json = bench_value(args, "json") != NULL;
    struct sek_store_fault why;
    uint8_t *itb = NULL;
    size_t len;

    context->judged.today = context->without.today = trust->today;
    if (!path)
        return true;
    if (bench_read_file(path, ORDER_MAX, &itb, &len) != SEK_OK) {
        bench_fail(json, BENCH_EXIT_TRUST, SEK_RULE(TS, 6), "%s: work order: %s", path,
                   strerror(errno));
        return false;
    }
    context->memory = itb;
    if (sek_order_open(&context->order, (struct sek_bytes){itb, len}, &trust->store, trust->today,
                       tree, sizeof tree, &why) != SEK_OK) {
        bench_fail(json, BENCH_EXIT_TRUST, why.rule, "%s: work order: offset %llu: %s", path,
                   (unsigned long long)why.fault.offset,
                   why.fault.why ? why.fault.why : sek_status_text(why.fault.status));
        return false;
    }
    apply(context);
    return true;
}

void bench_context_free(struct bench_context *context)
{
    free(context->memory);
    *context = (struct bench_context){0};
}
