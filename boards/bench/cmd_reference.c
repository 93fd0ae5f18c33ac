/* sekisho reference: drafts of known-good values, and where two dumps differ. */
#include "boards/bench/hook.h"
#include "boards/bench/reference/reference.h"
#include "boards/bench/reference/signature.h"
#include "boards/bench/trust.h"
#include "crypto/crypto.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct bench_option options[] = {
    {"supplier", "NAME", "learn, import: whose bytes these are: a supplier of the store"},
    {"component", "NAME", "learn, import: the component's name (else the file's)"},
    {"release", "VERSION", "learn, import: version of the component"},
    {"board", "FILE", "learn, diff: board description (.dtb) that divides the dump"},
    {"chip", "NAME", "learn, diff: the flash chip that was read (else spi0.0)"},
    {"usign", "FILE", "import: signature of the list by usign or signify; with --key"},
    {"openpgp", "FILE", "import: detached OpenPGP signature of the list; with --key"},
    {"cms", "FILE", "import: detached CMS signature of the list (DER or PEM); with --key"},
    {"jcat", "FILE", "import: the list's Jcat file (LVFS), its PKCS#7 signature; with --key"},
    {"key", "FILE", "import: public key, keyring or CA certificate for the signature"},
    {"source", "TEXT", "learn, import: where the values come from (else the file's name)"},
    {"not-after", "DATE", "learn, import: YYYY-MM-DD, last day on which the values are good"},
    BENCH_TRUST_OPTIONS,
    {"output", "FILE", "file to write (also -o FILE); else standard output"},
};

static bool read_origin(const struct bench_args *args, struct reference_origin *origin)
{
    const char *end = bench_value(args, "not-after");

    *origin = (struct reference_origin){
        .supplier = bench_value(args, "supplier"),
        .component = bench_value(args, "component"),
        .version = bench_value(args, "release"),
        .source = bench_value(args, "source"),
    };
    if (end && sek_date_parse(end, strlen(end), &origin->not_after) != SEK_OK) {
        bench_fail(false, 0, 0, "--not-after %s: not a date YYYY-MM-DD", end);
        return false;
    }
    if (origin->supplier)
        return true;
    bench_fail(false, 0, 0, "reference: --supplier NAME is needed");
    return false;
}

/* diff of one dump: against what the store knows. */
static int against_store(const struct bench_args *args, const struct regions *regions, FILE *out)
{
    struct bench_trust trust;
    int status = BENCH_EXIT_TRUST;

    bench_trust_load(&trust, args);
    bench_trust_warn(&trust);
    if (trust.store.dtb)
        status = reference_against(regions, args->operand[1], &trust.store, trust.today, out);
    bench_trust_free(&trust);
    return status;
}

/* learn, diff: over the regions of a dump. */
static int over_regions(const struct bench_args *args, bool learn, FILE *out)
{
    struct reference_origin origin;
    struct regions regions;
    const char *chip = bench_value(args, "chip");
    bool store = !learn && args->operand_count == 2;
    int status;

    if (learn && !read_origin(args, &origin))
        return BENCH_EXIT_USAGE;
    if (!learn && !store && args->operand_count != 3)
        return bench_fail(false, BENCH_EXIT_USAGE, 0,
                          "reference diff: two dumps are needed, or one and --store");
    if (!regions_read(bench_value(args, "board"), chip ? chip : "spi0.0", &regions))
        return BENCH_EXIT_REACH;
    if (learn)
        status =
            reference_learn(&origin, &regions, args->operand + 1, args->operand_count - 1, out);
    else if (store)
        status = against_store(args, &regions, out);
    else
        status = reference_diff(&regions, args->operand[1], args->operand[2], out);
    regions_free(&regions);
    return status;
}

/* import: whoever signed the list is asked first; an unsigned list says so in the draft. */
static int import(const struct bench_args *args, FILE *out)
{
    struct reference_origin origin;
    const struct list_signature signature = {
        .usign = bench_value(args, "usign"),
        .openpgp = bench_value(args, "openpgp"),
        .cms = bench_value(args, "cms"),
        .jcat = bench_value(args, "jcat"),
        .key = bench_value(args, "key"),
    };
    enum list_signed found;

    if (!read_origin(args, &origin))
        return BENCH_EXIT_USAGE;
    if (args->operand_count < 2)
        return bench_fail(false, BENCH_EXIT_USAGE, 0, "reference import: a list is needed");
    found = list_signature_check(&signature, args->operand[1], out);
    if (found == LIST_USAGE || found == LIST_BAD)
        return found == LIST_USAGE ? BENCH_EXIT_USAGE : BENCH_EXIT_REJECT;
    return reference_import(&origin, args->operand[1], found == LIST_INSIDE ? signature.key : NULL,
                            args->operand + 2, args->operand_count - 2, out);
}

static int dispatch(const struct bench_args *args, FILE *out)
{
    const char *verb = args->operand_count > 0 ? args->operand[0] : "";

    if (strcmp(verb, "learn") == 0 || strcmp(verb, "diff") == 0)
        return over_regions(args, verb[0] == 'l', out);
    if (strcmp(verb, "import") == 0)
        return import(args, out);
    return bench_fail(false, BENCH_EXIT_USAGE, 0, "reference: import, learn or diff, and files");
}

static int run(const struct bench_args *args)
{
    const char *path = bench_value(args, "output");
    FILE *out = stdout;
    bool written;
    int status;

    if (sek_crypto_start(bench_digest_hook()) != SEK_OK)
        return bench_fail(false, BENCH_EXIT_TRUST, 0,
                          "the crypto library fails its known-answer tests");
    if (path && !(out = fopen(path, "we")))
        return bench_fail(false, BENCH_EXIT_REACH, 0, "%s: %s", path, strerror(errno));
    status = dispatch(args, out);
    written = !ferror(out) && fflush(out) == 0;
    if (path)
        written = fclose(out) == 0 && written;
    if (!written)
        return bench_fail(false, BENCH_EXIT_REACH, 0, "%s: cannot be written",
                          path ? path : "standard output");
    return status;
}

const struct bench_command bench_reference = {
    .name = "reference",
    .operands = "learn DUMP DUMP... | diff DUMP [DUMP] | import LIST [FILE]...",
    .help = "Drafts known-good values for the authority to read; compares dumps, and with a store.",
    .option = options,
    .option_count = SEK_LEN(options),
    .run = run,
};
