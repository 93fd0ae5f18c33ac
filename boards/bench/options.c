#include "boards/bench/bench.h"

#include "base/status.h"
#include "base/text.h"

#include <jansson.h>

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_help(const struct bench_command *command)
{
    printf("usage: sekisho %s [OPTION]... %s\n%s\n\n", command->name, command->operands,
           command->help);
    for (size_t i = 0; i < command->option_count; i++) {
        const struct bench_option *option = &command->option[i];
        char left[40];

        snprintf(left, sizeof left, "--%s%s%s", option->name, option->argument ? " " : "",
                 option->argument ? option->argument : "");
        printf("  %-26s %s\n", left, option->help);
    }
    printf("  %-26s %s\n", "--help", "show this");
}

/* The row of an option named by the first len characters of name, or -1. */
static int find(const struct bench_command *command, const char *name, size_t len)
{
    for (size_t i = 0; i < command->option_count; i++) {
        if (strlen(command->option[i].name) == len &&
            memcmp(command->option[i].name, name, len) == 0)
            return (int)i;
    }
    return -1;
}

/* Takes one "--..." word; *at stands on it and moves on over a value. */
static bool take_option(const struct bench_command *command, int argc, char **argv, int *at,
                        struct bench_args *args)
{
    const char *name = argv[*at] + 2;
    const char *equals = strchr(name, '=');
    size_t len = equals ? (size_t)(equals - name) : strlen(name);
    int row = find(command, name, len);

    if (row < 0) {
        bench_fail(false, 0, 0, "%s: no option --%.*s; see sekisho %s --help", command->name,
                   (int)len, name, command->name);
        return false;
    }
    if (!command->option[row].argument) {
        if (equals) {
            bench_fail(false, 0, 0, "%s: --%.*s takes no value", command->name, (int)len, name);
            return false;
        }
        args->value[row] = "";
        return true;
    }
    if (!equals && *at + 1 >= argc) {
        bench_fail(false, 0, 0, "%s: --%s needs %s", command->name, name,
                   command->option[row].argument);
        return false;
    }
    args->value[row] = equals ? equals + 1 : argv[++*at];
    return true;
}

/* "-o" stands for the command's "--output", "-k" for "--keys"; NULL: no such short option. */
static const char *short_name(const struct bench_command *command, const char *word)
{
    static const char *const names[] = {"--output", "--keys"};

    if (word[0] != '-' || (word[1] != 'o' && word[1] != 'k') || word[2] != '\0')
        return NULL;
    word = names[word[1] == 'k'];
    return find(command, word + 2, strlen(word + 2)) >= 0 ? word : NULL;
}

bool bench_parse(const struct bench_command *command, int argc, char **argv,
                 struct bench_args *args)
{
    bool options = true;

    *args = (struct bench_args){
        .option = command->option, .option_count = command->option_count, .operand = argv};
    for (int i = 0; i < argc; i++) {
        char *word = argv[i];

        if (options && strcmp(word, "--") == 0) {
            options = false;
        } else if (options && (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)) {
            print_help(command);
            exit(BENCH_EXIT_OK);
        } else if (options && strncmp(word, "--", 2) == 0) {
            if (!take_option(command, argc, argv, &i, args))
                return false;
        } else if (options && short_name(command, word)) {
            argv[i] = (char *)short_name(command, word);
            if (!take_option(command, argc, argv, &i, args))
                return false;
        } else if (options && word[0] == '-' && word[1] != '\0') {
            bench_fail(false, 0, 0, "%s: no option %s; see sekisho %s --help", command->name, word,
                       command->name);
            return false;
        } else {
            args->operand[args->operand_count++] = word; /* never ahead of i */
        }
    }
    return true;
}

const char *bench_value(const struct bench_args *args, const char *name)
{
    for (size_t i = 0; i < args->option_count; i++) {
        if (strcmp(args->option[i].name, name) == 0)
            return args->value[i];
    }
    return NULL;
}

int bench_exit_worse(int a, int b)
{
    static const int order[] = {BENCH_EXIT_USAGE, BENCH_EXIT_REJECT, BENCH_EXIT_RECORD,
                                BENCH_EXIT_TRUST, BENCH_EXIT_REACH,  BENCH_EXIT_HOLD};

    for (size_t i = 0; i < SEK_LEN(order); i++) {
        if (a == order[i] || b == order[i])
            return order[i];
    }
    return BENCH_EXIT_OK;
}

int bench_fail(bool json, int exit_status, sek_rule rule, const char *format, ...)
{
    char text[1024], clean[1024], id[SEK_RULE_TEXT_LEN + 1];
    va_list list;

    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    sek_text_clean((struct sek_bytes){(const uint8_t *)text, strlen(text)}, clean, sizeof clean);
    sek_rule_format(rule, id);
    if (rule)
        fprintf(stderr, "sekisho: %s %s\n", id, clean);
    else
        fprintf(stderr, "sekisho: %s\n", clean);
    if (json) {
        json_t *document =
            json_pack("{s:s, s:i, s:o, s:s}", "schema", "sekisho/error-1", "exit", exit_status,
                      "rule", rule ? json_string(id) : json_null(), "detail", clean);

        json_dumpf(document, stdout, JSON_COMPACT);
        putchar('\n');
        json_decref(document);
    }
    return exit_status;
}
