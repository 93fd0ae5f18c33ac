#include "tests/unit/fit_faults.h"

#include "tests/unit/measure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct measure m;

void fit_check_fault(void **state)
{
    const struct fit_fault_row *row = *state;
    const struct sek_fault *fault = &m.image.claims.fault;
    struct fit_writer w;
    struct fit_file file;

    fit_sample(&w, "sha256");
    if (row->change)
        row->change(&w);
    if (row->with)
        row->with(&w, row->text);
    if (row->times)
        row->times(&w, row->number);
    file = fit_write(&w);
    measure_fit(&m, file.data, file.len, row->status);
    if (row->why && !strstr(fault->why, row->why))
        fail_msg("\"%s\", not \"%s\"", fault->why, row->why);
    if (row->where)
        assert_int_equal(fault->offset, fit_place(&w, fit_find(&w, row->where)));
    if (row->status != SEK_OK)
        assert_true(fault->offset <= file.len);
    fit_free(&w);
    free(file.data);
}

int fit_faults_set_up(void **state)
{
    (void)state;
    measure_init(&m);
    return 0;
}

int fit_faults_tear_down(void **state)
{
    (void)state;
    measure_free(&m);
    return 0;
}
