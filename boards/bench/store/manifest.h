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

/* What somebody else says of the first unit's parts; NULL: nobody does. */
struct manifest_named {
    const bool *row;                                             /* per row: this one is named */
    void (*rest)(const struct manifest_named *named, FILE *out); /* drafts what is named besides */
};

/* Drafts the manifest of one unit, or of a model of which several are at hand (count 2 and more):
 * source of `manifests` that lint refuses until its lines `unreviewed` are gone. */
void manifest_draft(const struct manifest_unit *unit, size_t count,
                    const struct manifest_named *named, FILE *out);

/* `sekisho store manifest TARGET...`: its exit status. Crypto has been started. */
int manifest_command(const struct bench_args *args);

/* A node's name from a component's, of small letters, digits and dashes; number (0: none) behind
 * it; out holds 32. */
void manifest_node(const char *name, unsigned number, char out[32]);

#endif
