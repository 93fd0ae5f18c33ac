/* Many files, a few at a time in each of a few threads, printed in the order given. */
#ifndef SEK_BENCH_INSPECT_RUN_H
#define SEK_BENCH_INSPECT_RUN_H

#include "boards/bench/inspect/slot.h"

/* How results are printed: called in the files' order, one at a time. */
struct inspect_printer {
    void (*print)(struct inspect_printer *printer, FILE *out, const struct report_subject *subject,
                  bool first);
};

struct inspect_result {
    enum sek_outcome outcome; /* worst of the subjects */
    int exit_status;
};

/* Inspects files and prints each to out. False: no memory or no thread; result untouched. */
bool inspect_run(const struct slot_setup *setup, char *const *path, size_t count, FILE *out,
                 struct inspect_printer *printer, struct inspect_result *result);

#endif
