/* sekisho explain: what a rule id means, offline. */
#include "boards/bench/report/report.h"

#include <stdio.h>
#include <string.h>

/* One line, if there is something to say. */
static void print_line(const char *title, const char *text)
{
    if (text)
        printf("  %-6s %s\n", title, text);
}

static void print_rule(const struct report_rule *rule)
{
    char id[SEK_RULE_TEXT_LEN + 1];

    sek_rule_format(rule->rule, id);
    printf("%s  %s\n\n", id, rule->title);
    print_line("what", rule->what);
    print_line("why", rule->why);
    print_line("proof", rule->proof);
    print_line("now", rule->now ? rule->now : "Nothing.");
    print_line("not", rule->not_this);
}

static const struct report_rule *find(const char *word)
{
    size_t count;
    const struct report_rule *rules = report_rules(&count);

    for (size_t i = 0; i < count; i++) {
        char id[SEK_RULE_TEXT_LEN + 1];

        sek_rule_format(rules[i].rule, id);
        if (strcmp(id, word) == 0)
            return &rules[i];
    }
    return NULL;
}

static int list(void)
{
    size_t count;
    const struct report_rule *rules = report_rules(&count);

    for (size_t i = 0; i < count; i++) {
        char id[SEK_RULE_TEXT_LEN + 1];

        sek_rule_format(rules[i].rule, id);
        printf("%s  %s\n", id, rules[i].title);
    }
    return BENCH_EXIT_OK;
}

static int run(const struct bench_args *args)
{
    if (args->operand_count == 0)
        return list();
    for (size_t i = 0; i < args->operand_count; i++) {
        if (!find(args->operand[i]))
            return bench_fail(false, BENCH_EXIT_USAGE, 0,
                              "explain %s: no such rule; sekisho explain lists them all",
                              args->operand[i]);
    }
    for (size_t i = 0; i < args->operand_count; i++) {
        if (i > 0)
            putchar('\n');
        print_rule(find(args->operand[i]));
    }
    return BENCH_EXIT_OK;
}

const struct bench_command bench_explain = {
    .name = "explain",
    .operands = "[RULE...]",
    .help = "Explains rule ids such as SIG-003: what, why, proof, what to do now and what not.",
    .run = run,
};
