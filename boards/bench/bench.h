/* The technician's command: what its parts share. */
#ifndef SEK_BENCH_BENCH_H
#define SEK_BENCH_BENCH_H

#include "trust/verdict.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEK_BENCH_VERSION "0.1.0"

/* Exit status: the first row that applies wins, in this order. */
enum bench_exit {
    BENCH_EXIT_USAGE = 2,  /* wrong usage, nothing touched */
    BENCH_EXIT_REJECT = 1, /* at least one REJECT; commands without devices: the check found
                              something */
    BENCH_EXIT_RECORD = 6, /* a verdict is not durably recorded */
    BENCH_EXIT_TRUST = 5,  /* trust or policy material unusable */
    BENCH_EXIT_REACH = 4,  /* not reached, silent, bench fault, file cannot be read */
    BENCH_EXIT_HOLD = 3,   /* HOLD, or nothing verified */
    BENCH_EXIT_OK = 0,
};

/* The worse of two exit statuses by the order above. */
int bench_exit_worse(int a, int b);

/* One option of a command: a row of its table. */
struct bench_option {
    const char *name;     /* "store", without dashes */
    const char *argument; /* "FILE"; NULL: a flag */
    const char *help;
};

enum { BENCH_OPTIONS_MAX = 24, BENCH_REPEAT_MAX = 8 };

/* A parsed command line: values by the table's index. */
struct bench_args {
    const struct bench_option *option;
    size_t option_count;
    const char *value[BENCH_OPTIONS_MAX]; /* NULL: not given; flags: "" */
    char **operand;                       /* what is left: files, targets */
    size_t operand_count;
};

struct bench_command {
    const char *name;
    const char *operands; /* "FILE..." for the usage line */
    const char *help;     /* one sentence */
    const struct bench_option *option;
    size_t option_count;
    int (*run)(const struct bench_args *args);
};

extern const struct bench_command bench_inspect, bench_check, bench_enroll, bench_release,
    bench_explain, bench_store, bench_order, bench_reference;

/* Parses argv[0..argc) (without the command's name) by the command's table. Options may stand
 * anywhere before "--"; "--name=value" and "--name value" both work. Returns false after a message
 * on standard error. --help prints the command's help and exits. */
bool bench_parse(const struct bench_command *command, int argc, char **argv,
                 struct bench_args *args);

/* Value of an option by name: NULL if not given (a flag that is given: ""). */
const char *bench_value(const struct bench_args *args, const char *name);

/* Prints "sekisho: TEXT" as one cleaned line on standard error. With json, also the error document
 * {"schema":"sekisho/error-1",...} on standard output. Returns exit_status. rule 0: none. */
int bench_fail(bool json, int exit_status, sek_rule rule, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
