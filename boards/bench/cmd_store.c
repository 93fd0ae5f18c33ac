/* sekisho store: build, sign, show and lint trust stores; draft manifests. */
#include "boards/bench/check/device.h"
#include "boards/bench/files.h"
#include "boards/bench/hook.h"
#include "boards/bench/store/manifest.h"
#include "boards/bench/store/store.h"
#include "boards/bench/trust.h"
#include "crypto/crypto.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct bench_option options[] = {
    {"output", "FILE", "build, sign, manifest: file to write (also -o FILE)"},
    {"keys", "FOLDER", "sign: folder with authority.pem (EC) or authority.key (RSA) (also -k)"},
    {"include", "FOLDER", "where a source's files are that lie not beside it"},
    {"date", "DATE", "revoke: YYYY-MM-DD from which on the key counts no more (else today)"},
    {"store", "FILE", "manifest: the store that the devices are judged by"},
    {"authority", "FILE", "revoke, manifest: public key of the authority (PEM); never revoked"},
    {"demo", NULL, "manifest: accept the demo authority's key"},
};

static int build(const struct bench_args *args)
{
    const char *out = bench_value(args, "output"), *path = args->operand[1];
    struct store_tree tree;
    uint8_t *built;
    size_t len;
    int status = BENCH_EXIT_OK;

    if (!out)
        return bench_fail(false, BENCH_EXIT_USAGE, 0, "store build: -o FILE is needed");
    if (!store_tree_read(path, bench_value(args, "include"), &tree))
        return BENCH_EXIT_TRUST;
    if (store_lint(path, tree.dtb.data, bench_today(), stderr) > 0)
        status = BENCH_EXIT_REJECT;
    else if (!store_build(path, tree.dtb.data, &built, &len))
        status = BENCH_EXIT_TRUST;
    else {
        if (bench_write_file(out, built, len, 0644) != SEK_OK)
            status = bench_fail(false, BENCH_EXIT_TRUST, 0, "%s: %s", out, strerror(errno));
        free(built);
    }
    store_tree_free(&tree);
    return status;
}

static int sign(const struct bench_args *args)
{
    const char *out = bench_value(args, "output"), *keys = bench_value(args, "keys");

    if (!out || !keys)
        return bench_fail(false, BENCH_EXIT_USAGE, 0,
                          "store sign: -k FOLDER and -o FILE are needed");
    return store_sign(&store_seal_store, keys, args->operand[1], out) ? BENCH_EXIT_OK
                                                                      : BENCH_EXIT_TRUST;
}

static int look(const struct bench_args *args, bool lint)
{
    int status = BENCH_EXIT_OK;

    for (size_t i = 1; i < args->operand_count; i++) {
        const char *path = args->operand[i];
        struct store_tree tree;

        if (!store_tree_read(path, bench_value(args, "include"), &tree)) {
            status = bench_exit_worse(status, BENCH_EXIT_TRUST);
            continue;
        }
        if (!lint)
            store_show(path, &tree, stdout);
        else if (store_lint(path, tree.dtb.data, bench_today(), stdout) > 0)
            status = bench_exit_worse(status, BENCH_EXIT_REJECT);
        store_tree_free(&tree);
    }
    return status;
}

static int diff(const struct bench_args *args)
{
    struct store_tree a, b = {0};
    size_t differences = 0;
    int status = BENCH_EXIT_TRUST;

    if (!store_tree_read(args->operand[1], bench_value(args, "include"), &a))
        return BENCH_EXIT_TRUST;
    if (store_tree_read(args->operand[2], bench_value(args, "include"), &b) &&
        store_diff(&a, &b, stdout, &differences))
        status = differences > 0 ? BENCH_EXIT_REJECT : BENCH_EXIT_OK;
    store_tree_free(&b);
    store_tree_free(&a);
    return status;
}

static int revoke(const struct bench_args *args)
{
    const char *date = bench_value(args, "date"), *key = bench_value(args, "authority");
    struct store_tree tree;
    uint8_t *authority = NULL;
    size_t authority_len = 0;
    sek_day day = bench_today();
    bool ok;

    if (date && sek_date_parse(date, strlen(date), &day) != SEK_OK)
        return bench_fail(false, BENCH_EXIT_USAGE, 0, "--date %s: not a date YYYY-MM-DD", date);
    if (key && bench_read_public_key(key, &authority, &authority_len) != SEK_OK)
        return bench_fail(false, BENCH_EXIT_TRUST, 0, "%s: not a public key", key);
    ok = store_tree_read(args->operand[1], bench_value(args, "include"), &tree);
    if (ok) {
        ok = store_revoke(args->operand[1], &tree, args->operand[2], day,
                          (struct sek_bytes){authority, authority_len}, stdout);
        store_tree_free(&tree);
    }
    free(authority);
    return ok ? BENCH_EXIT_OK : BENCH_EXIT_TRUST;
}

/* ---- Manifests ---- */

enum { MANIFEST_UNITS = 8 };

/* A device that is to be taken for good: enrolled, and nothing of it rejected. */
static int ask_unit(struct device *device, const char *target, struct manifest_unit *unit)
{
    const char *why = NULL;

    device_check(device, target);
    if (device->subject.outcome == SEK_OUTCOME_ERROR)
        return bench_fail(false, BENCH_EXIT_REACH, 0, "%s",
                          device->subject.finding_count ? device->subject.finding[0].detail
                                                        : target);
    if (!device->self.have_certificate)
        why = "not enrolled: nobody knows whose word it is (sekisho enroll)";
    else if (device->subject.outcome == SEK_OUTCOME_REJECT)
        why = "REJECT: what it is must not be learned (sekisho check says why)";
    else if (device->subject.row_count == 0)
        why = "it lists nothing";
    if (why)
        return bench_fail(false, BENCH_EXIT_REJECT, 0, "%s: %s", target, why);
    *unit = (struct manifest_unit){device->self.told.model, device->self.certificate.serial,
                                   device->subject.row, device->subject.row_count};
    return BENCH_EXIT_OK;
}

/* Two units are two devices, of one model. */
static int compare_units(const struct manifest_unit *unit, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (strcmp(unit[0].model, unit[i].model) != 0)
            return bench_fail(false, BENCH_EXIT_REJECT, 0,
                              "store manifest: these are devices of different models");
        for (size_t k = 0; k < i; k++) {
            if (strcmp(unit[i].serial, unit[k].serial) == 0)
                return bench_fail(false, BENCH_EXIT_REJECT, 0,
                                  "store manifest: one device twice is one device");
        }
    }
    return BENCH_EXIT_OK;
}

static int write_manifest(const struct bench_args *args, const struct manifest_unit *unit,
                          size_t count)
{
    const char *path = bench_value(args, "output");
    FILE *out = path ? fopen(path, "we") : stdout;
    bool written;

    if (!out)
        return bench_fail(false, BENCH_EXIT_REACH, 0, "%s: %s", path, strerror(errno));
    manifest_draft(unit, count, NULL, out);
    written = !ferror(out) && fflush(out) == 0;
    if (path)
        written = fclose(out) == 0 && written;
    return written ? BENCH_EXIT_OK
                   : bench_fail(false, BENCH_EXIT_REACH, 0, "%s: cannot be written",
                                path ? path : "standard output");
}

static int ask_units(const struct bench_args *args, const struct bench_trust *trust,
                     struct device *device, size_t count)
{
    const struct sek_appraiser appraiser = {.store = &trust->store,
                                            .context = {.today = trust->today}};
    const struct sek_order none = {0};
    struct manifest_unit unit[MANIFEST_UNITS];
    int status = BENCH_EXIT_OK;

    for (size_t i = 0; i < count && status == BENCH_EXIT_OK; i++) {
        device[i].trust = trust;
        device[i].appraiser = &appraiser;
        device[i].order = &none;
        status = ask_unit(&device[i], args->operand[i + 1], &unit[i]);
    }
    if (status == BENCH_EXIT_OK)
        status = compare_units(unit, count);
    return status == BENCH_EXIT_OK ? write_manifest(args, unit, count) : status;
}

static int manifest(const struct bench_args *args)
{
    size_t count = args->operand_count - 1;
    struct device *device;
    struct bench_trust trust;
    int status;

    for (size_t i = 1; i <= count; i++) {
        if (!bench_link_is_target(args->operand[i]))
            return bench_fail(false, BENCH_EXIT_USAGE, 0, "store manifest %s: not a target",
                              args->operand[i]);
    }
    if (count > MANIFEST_UNITS)
        return bench_fail(false, BENCH_EXIT_USAGE, 0, "store manifest: at most %d devices",
                          MANIFEST_UNITS);
    bench_trust_load(&trust, args);
    device = calloc(count, sizeof *device);
    if (!trust.store.dtb) {
        bench_trust_warn(&trust);
        status = BENCH_EXIT_TRUST;
    } else if (!device || sek_crypto_test_signatures() != SEK_OK) {
        status = bench_fail(false, BENCH_EXIT_REACH, 0, "no memory, or the crypto library fails");
    } else {
        status = ask_units(args, &trust, device, count);
    }
    free(device);
    bench_trust_free(&trust);
    return status;
}

static int run(const struct bench_args *args)
{
    const char *verb = args->operand_count > 0 ? args->operand[0] : "";

    if (args->operand_count < 2)
        return bench_fail(false, BENCH_EXIT_USAGE, 0,
                          "store: build, sign, show, lint, diff, revoke or manifest, and FILE...");
    if (sek_crypto_start(bench_digest_hook()) != SEK_OK)
        return bench_fail(false, BENCH_EXIT_TRUST, 0,
                          "the crypto library fails its known-answer tests");
    if (strcmp(verb, "build") == 0 && args->operand_count == 2)
        return build(args);
    if (strcmp(verb, "sign") == 0 && args->operand_count == 2)
        return sign(args);
    if (strcmp(verb, "show") == 0 || strcmp(verb, "lint") == 0)
        return look(args, verb[0] == 'l');
    if (strcmp(verb, "diff") == 0 && args->operand_count == 3)
        return diff(args);
    if (strcmp(verb, "revoke") == 0 && args->operand_count == 3)
        return revoke(args);
    if (strcmp(verb, "manifest") == 0)
        return manifest(args);
    return bench_fail(false, BENCH_EXIT_USAGE, 0,
                      "store %s: not build, sign, show, lint, diff, revoke or manifest, or not so "
                      "many files",
                      verb);
}

const struct bench_command bench_store = {
    .name = "store",
    .operands = "build|sign|show|lint FILE... | diff OLD NEW | revoke FILE SUPPLIER/KEY | manifest "
                "TARGET...",
    .help = "Makes and reads trust stores; drafts the list of a device's parts.",
    .option = options,
    .option_count = SEK_LEN(options),
    .run = run,
};
