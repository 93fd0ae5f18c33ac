/* sekisho check: devices are challenged, and what they answer is judged on this machine. */
#include "boards/bench/check/device.h"
#include "boards/bench/context.h"
#include "boards/bench/hook.h"
#include "crypto/crypto.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct bench_option options[] = {
    BENCH_TRUST_OPTIONS,
    BENCH_CONTEXT_OPTIONS,
    {"state", "FOLDER", "where boot counts are kept (else ~/.local/state/sekisho)"},
    {"json", NULL, "one JSON document on standard output"},
    {"save", "FILE", "also write the JSON document to this file"},
    {"quiet", NULL, "one line per device"},
    {"wire", NULL, "also print how many bytes went over the wire"},
};

/* A target that is none is wrong usage: found before any device is asked. */
static bool targets_ok(const struct bench_args *args)
{
    static const char *const kinds[] = {"serial:", "unix:", "tcp://", "coap://"};

    if (args->operand_count == 0) {
        bench_fail(false, 0, 0, "check: no target given; see sekisho check --help");
        return false;
    }
    for (size_t i = 0; i < args->operand_count; i++) {
        bool known = false;

        for (size_t k = 0; k < SEK_LEN(kinds); k++)
            known = known || strncmp(args->operand[i], kinds[k], strlen(kinds[k])) == 0;
        if (!known) {
            bench_fail(false, 0, 0,
                       "check %s: not serial:PATH[,BAUD], unix:PATH, tcp://HOST:PORT or "
                       "coap://HOST[:PORT]",
                       args->operand[i]);
            return false;
        }
    }
    return true;
}

static void progress(const char *target)
{
    if (isatty(STDERR_FILENO))
        fprintf(stderr, "sekisho: asking %s ...\n", target);
}

/* Where the results go: the screen, and a file of JSON if one is asked for. */
struct output {
    FILE *screen; /* NULL: JSON takes standard output */
    FILE *json;   /* NULL: none */
    struct report_style style;
};

static bool open_output(const struct bench_args *args, struct output *out)
{
    const char *save = bench_value(args, "save");

    out->style = report_style_of(stdout, bench_value(args, "quiet") != NULL);
    out->screen = bench_value(args, "json") ? NULL : stdout;
    out->json = bench_value(args, "json") ? stdout : NULL;
    if (!save)
        return true;
    if (out->json) {
        bench_fail(false, 0, 0, "check: --json or --save, not both");
        return false;
    }
    out->json = fopen(save, "we");
    if (!out->json)
        bench_fail(false, 0, 0, "%s: %s", save, strerror(errno));
    return out->json != NULL;
}

static bool close_output(const struct output *out)
{
    bool ok = fflush(stdout) == 0;

    if (out->json && out->json != stdout)
        ok = fclose(out->json) == 0 && ok;
    return ok;
}

static void print_head(const struct output *out, const struct report_head *head)
{
    if (out->json)
        report_json_begin(out->json, head);
    if (out->screen)
        report_table_head(out->screen, head, out->style);
}

static void print_subject(const struct output *out, const struct report_head *head,
                          const struct device *device, bool wire, bool first)
{
    if (out->json)
        report_json_subject(out->json, head, &device->subject, first);
    if (out->screen)
        report_table_subject(out->screen, head, &device->subject, out->style);
    if (out->screen && wire)
        fprintf(out->screen, "wire  token %zu bytes, %llu bytes out, %llu bytes in\n",
                device->token_len, (unsigned long long)device->bytes_out,
                (unsigned long long)device->bytes_in);
    fflush(stdout);
}

static int check(const struct bench_args *args, const struct bench_trust *trust,
                 const struct bench_context *context)
{
    const struct sek_appraiser appraiser = {.store = &trust->store, .context = context->judged};
    const struct report_head head = {
        .trust = trust, .context = &context->judged, .context_source = context->source};
    struct device *device = calloc(1, sizeof *device);
    enum sek_outcome outcome = SEK_OUTCOME_ACCEPT;
    int status =
        trust->store.dtb && trust->rule != SEK_RULE(TS, 3) ? BENCH_EXIT_OK : BENCH_EXIT_TRUST;

    struct output out;

    if (!device)
        return bench_fail(false, BENCH_EXIT_REACH, 0, "out of memory");
    if (!open_output(args, &out)) {
        free(device);
        return BENCH_EXIT_USAGE;
    }
    print_head(&out, &head);
    for (size_t i = 0; i < args->operand_count; i++) {
        device->trust = trust;
        device->appraiser = &appraiser;
        device->order = &context->order;
        device->state_dir = bench_value(args, "state");
        progress(args->operand[i]);
        device_check(device, args->operand[i]);
        print_subject(&out, &head, device, bench_value(args, "wire") != NULL, i == 0);
        outcome = report_worse(outcome, device->subject.outcome);
        status = bench_exit_worse(status, device->subject.exit_status);
    }
    if (out.json)
        report_json_end(out.json, outcome, status);
    free(device);
    return close_output(&out)
               ? status
               : bench_fail(false, BENCH_EXIT_REACH, 0, "the result cannot be written");
}

static int run(const struct bench_args *args)
{
    struct bench_context context;
    struct bench_trust trust;
    int status;

    if (!targets_ok(args) || !bench_context_read(args, bench_today(), &context))
        return BENCH_EXIT_USAGE;
    if (sek_crypto_start(bench_digest_hook()) != SEK_OK || sek_crypto_test_signatures() != SEK_OK)
        return bench_fail(bench_value(args, "json") != NULL, BENCH_EXIT_REACH, 0,
                          "the crypto library fails its known-answer tests");
    bench_trust_load(&trust, args);
    if (!trust.store.dtb || trust.rule == SEK_RULE(TS, 3))
        bench_trust_warn(&trust);
    status = bench_context_load_order(args, &trust, &context) ? check(args, &trust, &context)
                                                              : BENCH_EXIT_TRUST;
    bench_context_free(&context);
    bench_trust_free(&trust);
    return status;
}

const struct bench_command bench_check = {
    .name = "check",
    .operands = "TARGET...",
    .help = "Challenges devices and judges their evidence.",
    .option = options,
    .option_count = SEK_LEN(options),
    .run = run,
};
