/* sekisho inspect: images and identity records in files, judged on this machine. */
#include "boards/bench/context.h"
#include "boards/bench/hook.h"
#include "boards/bench/inspect/run.h"
#include "boards/bench/files.h"
#include "crypto/crypto.h"
#include "image/detached.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const struct bench_option options[] = {
    BENCH_TRUST_OPTIONS,
    BENCH_CONTEXT_OPTIONS,
    {"class", "CLASS", "what the files are: kernel, boot, transceiver, ..."},
    {"format", "FORMAT", "take the files for this format, whatever their first bytes say"},
    {"board", "FILE", "the files are dumps of a chip of the board that this describes"},
    {"chip", "NAME", "which chip of the board: spi0.0, ... (default: the first)"},
    {"detached", "SIG", "a signature over the file, in a file of its own"},
    {"json", NULL, "one JSON document on standard output"},
    {"quiet", NULL, "one line per file"},
};

struct printer {
    struct inspect_printer base;
    struct report_head head;
    struct report_style style;
    bool json;
};

static void print(struct inspect_printer *base, FILE *out, const struct report_subject *subject,
                  bool first)
{
    const struct printer *printer = (const struct printer *)base;

    if (printer->json)
        report_json_subject(out, &printer->head, subject, first);
    else
        report_table_subject(out, &printer->head, subject, printer->style);
}

static bool known_format(const char *name)
{
    if (strcmp(name, "raw") == 0)
        return true;
    for (const struct sek_format *const *format = sek_formats; *format; format++) {
        if (strcmp((*format)->name, name) == 0)
            return true;
    }
    for (const struct sek_part_format *const *format = sek_parts; *format; format++) {
        if (strcmp((*format)->name, name) == 0)
            return true;
    }
    return false;
}

static bool read_setup(const struct bench_args *args, struct slot_setup *setup)
{
    const char *word = bench_value(args, "class");

    setup->format = bench_value(args, "format");
    setup->class_word = SEK_CLASS_NONE;
    if (word && sek_class_find(word, strlen(word), &setup->class_word) != SEK_OK) {
        bench_fail(false, 0, 0, "--class %s: no such class", word);
        return false;
    }
    if (setup->format && !known_format(setup->format)) {
        bench_fail(false, 0, 0, "--format %s: no such format", setup->format);
        return false;
    }
    if (bench_value(args, "board") && (word || setup->format)) {
        bench_fail(false, 0, 0, "--board says what things are; --class and --format cannot");
        return false;
    }
    if (bench_value(args, "detached") && (args->operand_count != 1 || bench_value(args, "board"))) {
        bench_fail(false, 0, 0, "--detached is of one file, and not of a dump");
        return false;
    }
    if (bench_value(args, "chip") && !bench_value(args, "board")) {
        bench_fail(false, 0, 0, "--chip needs --board");
        return false;
    }
    if (args->operand_count == 0) {
        bench_fail(false, 0, 0, "inspect: no file given; see sekisho inspect --help");
        return false;
    }
    return true;
}

/* Runs over the files with a loaded store. */
static int inspect(const struct bench_args *args, const struct bench_trust *trust,
                   const struct bench_context *context, struct slot_setup *setup)
{
    const struct sek_appraiser appraiser = {.store = &trust->store, .context = context->judged};
    struct printer printer = {
        .base.print = print,
        .head = {.trust = trust, .context = &context->judged, .context_source = context->source},
        .style = report_style_of(stdout, bench_value(args, "quiet") != NULL),
        .json = bench_value(args, "json") != NULL,
    };
    struct sek_bytes candidate[SEK_CANDIDATES_MAX];
    struct inspect_result result;

    setup->appraiser = &appraiser;
    setup->candidate = candidate;
    setup->candidate_count = sek_store_candidates(&trust->store, candidate, SEK_LEN(candidate));
    setup->whole_algs = trust->store.dtb ? trust->store.reference_algs : 0;
    if (printer.json)
        report_json_begin(stdout, &printer.head);
    else
        report_table_head(stdout, &printer.head, printer.style);
    if (!inspect_run(setup, args->operand, args->operand_count, stdout, &printer.base, &result))
        return bench_fail(false, BENCH_EXIT_REACH, SEK_RULE(BN, 5),
                          "inspect: out of memory, or standard output cannot be written");
    if (!trust->store.dtb) {
        result.outcome = report_worse(result.outcome, SEK_OUTCOME_HOLD);
        result.exit_status = bench_exit_worse(result.exit_status, BENCH_EXIT_TRUST);
    } else if (trust->rule == SEK_RULE(TS, 3)) {
        result.exit_status = bench_exit_worse(result.exit_status, BENCH_EXIT_TRUST);
    }
    if (printer.json)
        report_json_end(stdout, result.outcome, result.exit_status);
    if (fflush(stdout) != 0 || ferror(stdout))
        return bench_fail(false, BENCH_EXIT_REACH, SEK_RULE(BN, 5),
                          "standard output: cannot write");
    return result.exit_status;
}

/* Reads the signature; false after a message. The caller frees. */
static bool read_detached(const struct bench_args *args, struct sek_bytes *out)
{
    const char *path = bench_value(args, "detached");
    uint8_t *data = NULL;

    if (bench_read_file(path, SEK_DETACHED_MAX, &data, &out->len) != SEK_OK || out->len == 0) {
        bench_fail(bench_value(args, "json") != NULL, BENCH_EXIT_REACH, SEK_RULE(BN, 5), "%s: %s",
                   path, out->len == 0 && data ? "an empty file" : strerror(errno));
        free(data);
        return false;
    }
    out->data = data;
    return true;
}

/* Many files, or a large one: worth a hook whose test at the start takes longer. */
static bool much_to_digest(const struct bench_args *args)
{
    struct stat st;

    return args->operand_count > 1 ||
           (args->operand_count == 1 && stat(args->operand[0], &st) == 0 &&
            st.st_size >= SLOT_LARGE);
}

static int run(const struct bench_args *args)
{
    struct slot_setup setup = {.hook = much_to_digest(args) ? bench_digest_hook_many()
                                                            : bench_digest_hook()};
    const char *description = bench_value(args, "board");
    struct bench_context context;
    struct bench_trust trust;
    struct board *board = NULL;
    int status;

    if (!read_setup(args, &setup) || !bench_context_read(args, bench_today(), &context))
        return BENCH_EXIT_USAGE;
    if (description) {
        board = malloc(sizeof *board);
        if (!board || !board_read(board, description, bench_value(args, "chip"))) {
            free(board);
            return BENCH_EXIT_USAGE;
        }
        setup.board = board;
    }
    if (sek_crypto_start(setup.hook) != SEK_OK)
        return bench_fail(bench_value(args, "json") != NULL, BENCH_EXIT_REACH, 0,
                          "the crypto library fails its known-answer tests");
    if (bench_value(args, "detached") && !read_detached(args, &setup.detached))
        return BENCH_EXIT_REACH;
    bench_trust_load(&trust, args);
    bench_trust_warn(&trust);
    status = bench_context_load_order(args, &trust, &context)
                 ? inspect(args, &trust, &context, &setup)
                 : BENCH_EXIT_TRUST;
    bench_context_free(&context);
    bench_trust_free(&trust);
    if (board)
        board_free(board);
    free(board);
    free((void *)(uintptr_t)setup.detached.data);
    return status;
}

const struct bench_command bench_inspect = {
    .name = "inspect",
    .operands = "FILE...",
    .help = "Judges firmware images and identity records that lie in files.",
    .option = options,
    .option_count = SEK_LEN(options),
    .run = run,
};
