/* The devices that a manifest is drafted from. */
#include "boards/bench/check/device.h"
#include "boards/bench/store/manifest.h"
#include "boards/bench/trust.h"
#include "crypto/crypto.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MANIFEST_UNITS = 8 };

/* A device that is to be taken for good: enrolled, and nothing of it rejected. */
static int ask_unit(struct device *device, const char *target)
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
    manifest_draft(unit, count, out);
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
        status = ask_unit(&device[i], args->operand[i + 1]);
        unit[i] =
            (struct manifest_unit){device[i].self.told.model, device[i].self.certificate.serial,
                                   device[i].subject.row, device[i].subject.row_count};
    }
    if (status == BENCH_EXIT_OK)
        status = compare_units(unit, count);
    return status == BENCH_EXIT_OK ? write_manifest(args, unit, count) : status;
}

int manifest_command(const struct bench_args *args)
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
    if (count < 1 || count > MANIFEST_UNITS)
        return bench_fail(false, BENCH_EXIT_USAGE, 0, "store manifest: 1 to %d devices",
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
