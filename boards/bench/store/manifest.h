/* sekisho store manifest: the parts that a device should have, drafted from devices that are. */
#ifndef SEK_BENCH_STORE_MANIFEST_H
#define SEK_BENCH_STORE_MANIFEST_H

#include "boards/bench/report/report.h"

#include <stdio.h>

/* One device, as it was judged. All borrowed. */
struct manifest_unit {
    const char *model, *serial;
    const struct sek_row *row;
    size_t row_count;
};

/* Drafts the manifest of one unit, or of a model of which several are at hand (count 2 and more):
 * source of `manifests` that lint refuses until its lines `unreviewed` are gone. */
void manifest_draft(const struct manifest_unit *unit, size_t count, FILE *out);

/* `sekisho store manifest TARGET...`: its exit status. Crypto has been started. */
int manifest_command(const struct bench_args *args);

#endif
