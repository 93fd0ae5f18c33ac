/* Tables of FITs that are refused, or not: a change, and where and why it is a fault of the
 * container. */
#ifndef SEK_TESTS_UNIT_FIT_FAULTS_H
#define SEK_TESTS_UNIT_FIT_FAULTS_H

#include "base/status.h"
#include "tests/unit/fit_writer.h"

struct fit_fault_row {
    const char *name;
    enum sek_status status;
    const char *where; /* node or property at whose place the fault is; NULL: not asked */
    const char *why;
    /* What is changed: by one of these. */
    void (*change)(struct fit_writer *w);
    void (*with)(struct fit_writer *w, const char *text);
    const char *text;
    void (*times)(struct fit_writer *w, size_t number);
    size_t number;
};

/* Test functions: state is a row; it changes fit_sample. */
void fit_check_fault(void **state);
int fit_faults_set_up(void **state);
int fit_faults_tear_down(void **state);

#endif
