/* sekisho check: devices are challenged, and what they answer is judged on this machine. */
#define _POSIX_C_SOURCE 200809L
#include "boards/bench/check/device.h"
#include "boards/bench/context.h"
#include "boards/bench/hook.h"
#include "crypto/crypto.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct bench_option options[] = {
    BENCH_TRUST_OPTIONS,
    BENCH_CONTEXT_OPTIONS,
    {"serial-number", "TEXT", "the number on the label: another one is a finding (ID-001)"},
    {"timeout", "SECONDS", "give a device up after this time (120 at most)"},
    {"state", "FOLDER", "where boot counts are kept (else ~/.local/state/sekisho)"},
    {"json", NULL, "one JSON document on standard output"},
    {"save", "FILE", "also write the JSON document to this file"},
    {"quiet", NULL, "one line per device"},
    {"wire", NULL, "also print how many bytes went over the wire"},
};

static volatile sig_atomic_t stopped; /* the signal that came, or 0 */

static void on_signal(int number)
{
    stopped = number;
}

/* Waits end when a signal comes: what was checked until then is still printed. */
static void watch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static bool read_timeout(const struct bench_args *args, unsigned *seconds)
{
    const char *text = bench_value(args, "timeout");
    char *end = NULL;
    unsigned long value = text ? strtoul(text, &end, 10) : 0;

    if (text && (*end || end == text || value < 1 || value > SESSION_SECONDS)) {
        bench_fail(bench_value(args, "json") != NULL, BENCH_EXIT_USAGE, 0,
                   "--timeout %s: not 1 to %d seconds", text, SESSION_SECONDS);
        return false;
    }
    *seconds = (unsigned)value;
    return true;
}

/* Wrong usage is found before any device is asked. */
static bool targets_ok(const struct bench_args *args)
{
    bool json = bench_value(args, "json") != NULL;

    if (args->operand_count == 0) {
        bench_fail(json, BENCH_EXIT_USAGE, 0, "check: no target given; see sekisho check --help");
        return false;
    }
    if (bench_value(args, "serial-number") && args->operand_count > 1) {
        bench_fail(json, BENCH_EXIT_USAGE, 0, "check: one label is of one device");
        return false;
    }
    for (size_t i = 0; i < args->operand_count; i++) {
        if (bench_link_is_target(args->operand[i]))
            continue;
        bench_fail(json, BENCH_EXIT_USAGE, 0,
                   "check %s: not serial:PATH[,BAUD], unix:PATH, tcp://HOST:PORT or "
                   "coap://HOST[:PORT]",
                   args->operand[i]);
        return false;
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
        bench_fail(true, BENCH_EXIT_USAGE, 0, "check: --json or --save, not both");
        return false;
    }
    out->json = fopen(save, "we");
    if (!out->json)
        bench_fail(false, 0, 0, "%s: %s", save, strerror(errno));
    return out->json != NULL;
}

/* All of it, not only what was written last: an earlier part may have been lost. */
static bool written(FILE *out)
{
    return fflush(out) == 0 && !ferror(out);
}

/* 0, or the exit status of a result that is not where it should be. */
static int close_output(const struct output *out)
{
    int status = written(stdout) ? BENCH_EXIT_OK : BENCH_EXIT_REACH;

    if (out->json && out->json != stdout) {
        bool kept = written(out->json) && fsync(fileno(out->json)) == 0;

        if (fclose(out->json) != 0 || !kept)
            status = BENCH_EXIT_RECORD;
    }
    if (status != BENCH_EXIT_OK)
        bench_fail(false, 0, 0, "the result could not be written whole");
    return status;
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
        fprintf(
            out->screen,
            "wire  token %zu bytes, %llu bytes for it both ways; in all %llu bytes out, %llu in\n",
            device->answer[0].token_len, (unsigned long long)device->answer[0].wire,
            (unsigned long long)device->bytes_out, (unsigned long long)device->bytes_in);
    fflush(stdout);
}

/* All targets, one after the other; how it ended is in *outcome and the return. */
static int check_all(const struct bench_args *args, const struct report_head *head,
                     const struct output *out, struct device *device, enum sek_outcome *outcome)
{
    int status = head->trust->store.dtb && head->trust->rule != SEK_RULE(TS, 3) ? BENCH_EXIT_OK
                                                                                : BENCH_EXIT_TRUST;

    *outcome = SEK_OUTCOME_ACCEPT;
    for (size_t i = 0; i < args->operand_count && !stopped; i++) {
        progress(args->operand[i]);
        device_check(device, args->operand[i]);
        print_subject(out, head, device, bench_value(args, "wire") != NULL, i == 0);
        *outcome = report_worse(*outcome, device->subject.outcome);
        status = bench_exit_worse(status, device->subject.exit_status);
    }
    return stopped ? 128 + stopped : status;
}

static int check(const struct bench_args *args, const struct bench_trust *trust,
                 const struct bench_context *context, unsigned seconds)
{
    const struct sek_appraiser appraiser = {.store = &trust->store, .context = context->judged};
    const struct report_head head = {
        .trust = trust, .context = &context->judged, .context_source = context->source};
    struct device *device = calloc(1, sizeof *device);
    enum sek_outcome outcome;
    struct output out;
    int status, kept;

    if (!device)
        return bench_fail(false, BENCH_EXIT_REACH, 0, "out of memory");
    if (!open_output(args, &out)) {
        free(device);
        return BENCH_EXIT_USAGE;
    }
    device->trust = trust;
    device->appraiser = &appraiser;
    device->order = &context->order;
    device->state_dir = bench_value(args, "state");
    device->label = bench_value(args, "serial-number");
    device->seconds = seconds;
    print_head(&out, &head);
    status = check_all(args, &head, &out, device, &outcome);
    if (out.json)
        report_json_end(out.json, outcome, status);
    free(device);
    kept = close_output(&out);
    return stopped ? status : bench_exit_worse(status, kept);
}

static int run(const struct bench_args *args)
{
    struct bench_context context;
    struct bench_trust trust;
    unsigned seconds;
    int status;

    if (!targets_ok(args) || !read_timeout(args, &seconds) ||
        !bench_context_read(args, bench_today(), &context))
        return BENCH_EXIT_USAGE;
    if (sek_crypto_start(bench_digest_hook()) != SEK_OK || sek_crypto_test_signatures() != SEK_OK)
        return bench_fail(bench_value(args, "json") != NULL, BENCH_EXIT_REACH, 0,
                          "the crypto library fails its known-answer tests");
    bench_trust_load(&trust, args);
    bench_trust_warn(&trust);
    watch_signals();
    status = bench_context_load_order(args, &trust, &context)
                 ? check(args, &trust, &context, seconds)
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
