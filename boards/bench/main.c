/* sekisho: the technician's command. Names the commands; no logic lives here. */
#include "boards/bench/bench.h"

#include "base/status.h"

#include <stdio.h>
#include <string.h>

static const struct bench_command *const commands[] = {
    &bench_check,     /* devices */
    &bench_inspect,   /* files */
    &bench_enroll,    /* give a device its certificate */
    &bench_release,   /* an officer starts what a gate holds */
    &bench_store,     /* trust stores */
    &bench_order,     /* work orders */
    &bench_reference, /* known-good values */
    &bench_explain,   /* rule ids */
};

static void usage(FILE *out)
{
    fprintf(out, "usage: sekisho COMMAND [OPTION]...\n\n");
    for (size_t i = 0; i < SEK_LEN(commands); i++)
        fprintf(out, "  %-10s %s\n", commands[i]->name, commands[i]->help);
    fprintf(out, "\nsekisho COMMAND --help shows a command's options.\n"
                 "Exit status: 0 every device or file accepted, 1 REJECT, 2 usage, 3 HOLD,\n"
                 "4 not reached or not readable, 5 trust store unusable, 6 not recorded.\n");
}

int main(int argc, char **argv)
{
    struct bench_args args;

    if (argc < 2) {
        usage(stderr);
        return BENCH_EXIT_USAGE;
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("sekisho %s\n", SEK_BENCH_VERSION);
        return BENCH_EXIT_OK;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        usage(stdout);
        return BENCH_EXIT_OK;
    }
    for (size_t i = 0; i < SEK_LEN(commands); i++) {
        if (strcmp(argv[1], commands[i]->name) != 0)
            continue;
        if (!bench_parse(commands[i], argc - 2, argv + 2, &args))
            return BENCH_EXIT_USAGE;
        return commands[i]->run(&args);
    }
    return bench_fail(false, BENCH_EXIT_USAGE, 0, "no command \"%s\"; see sekisho --help", argv[1]);
}
