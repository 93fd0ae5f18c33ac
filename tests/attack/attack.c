#include "tests/attack/attack.h"

#include "tests/unit/judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The attack of --run; NULL: all are run. */
static const struct attack *single;

static void print(const struct attack *attack, const struct attack_result *result);

void attack_case(struct attack_result *result, const char *name, const char *seen,
                 const char *expected, bool through)
{
    bool all_well = result->as_expected == result->cases && !result->through;

    result->cases++;
    if (!through && strcmp(seen, expected) == 0)
        result->as_expected++;
    if (all_well || (through && !result->through))
        (void)snprintf(result->seen, sizeof result->seen, "%s%s%s", name ? name : "",
                       name ? ": " : "", seen);
    result->through = result->through || through;
    if (single && through) { /* nothing more is to be learnt */
        print(single, result);
        (void)fflush(stdout);
        _Exit(ATTACK_THROUGH);
    }
}

void judge_attack(struct attack_result *result, const char *name, const struct judge *judge,
                  const char *row, const char *expected, bool through)
{
    char path[SEK_ROW_NAME_MAX + 8], rule[SEK_RULE_TEXT_LEN + 1], seen[64] = "no such row";
    const struct sek_row *found;

    (void)snprintf(path, sizeof path, "file%s", row);
    found = judge_row(judge, path);
    if (found) {
        sek_rule_format(found->rule, rule);
        (void)snprintf(seen, sizeof seen, "%s %s", sek_verdict_name(found->verdict), rule);
    }
    attack_case(result, name, seen, expected, through);
}

/* Tries one attack after its control. A crash in the control is no success of the attack: log (may
 * be NULL) tells which it was. */
static enum attack_exit try(const struct attack *attack, struct attack_result *result, FILE *log)
{
    memset(result, 0, sizeof *result);
    if (!attack->control()) {
        (void)snprintf(result->seen, sizeof result->seen, "the control fails");
        return ATTACK_CONTROL_FAILS;
    }
    if (log)
        (void)fprintf(log, "%s: the control is good\n", attack->id);
    attack->run(result);
    if (result->through)
        return ATTACK_THROUGH;
    return result->cases > 0 && result->as_expected == result->cases ? ATTACK_HELD
                                                                     : ATTACK_OTHERWISE;
}

/* One line of the table: id, attack, expected, seen. */
static void print_as(const char *format, const struct attack *attack,
                     const struct attack_result *result)
{
    char all[32];

    (void)snprintf(all, sizeof all, "so in %u of %u cases", result->as_expected, result->cases);
    printf(format, attack->id, attack->name, attack->expected,
           result->cases > 1 && result->as_expected == result->cases ? all : result->seen);
}

static void print(const struct attack *attack, const struct attack_result *result)
{
    print_as("%s\t%s\t%s\t%s\n", attack, result);
}

static int run_one(const struct attack *attack, size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++) {
        struct attack_result result;
        enum attack_exit status;

        if (strcmp(attack[i].id, id) != 0)
            continue;
        single = &attack[i];
        status = try(single, &result, stderr);
        print(&attack[i], &result);
        return (int)status;
    }
    return (int)ATTACK_UNKNOWN;
}

static void is_held(void **state)
{
    struct attack_result result;
    const struct attack *attack = *state;
    enum attack_exit status = try(attack, &result, NULL);

    print_as("%-5s %-76s %-44s %s\n", attack, &result); /* tests/run.sh shows it */
    if (status != ATTACK_HELD)
        fail_msg("%s: expected %s, seen %s%s", attack->name, attack->expected, result.seen,
                 result.through ? " (got through)" : "");
}

static int run_all(const struct attack *attack, size_t count)
{
    struct CMUnitTest *tests = calloc(count, sizeof *tests);
    int failed;

    if (!tests)
        return -1;
    for (size_t i = 0; i < count; i++)
        tests[i] =
            (struct CMUnitTest){attack[i].id, is_held, NULL, NULL, (void *)(uintptr_t)&attack[i]};
    failed = _cmocka_run_group_tests("attacks", tests, count, NULL, NULL);
    free(tests);
    return failed;
}

int attack_main(int argc, char **argv, const struct attack *attack, size_t count,
                bool (*set_up)(void), void (*tear_down)(void))
{
    int status;

    if (argc == 2 && strcmp(argv[1], "--list") == 0) {
        for (size_t i = 0; i < count; i++)
            puts(attack[i].id);
        return 0;
    }
    if (set_up && !set_up()) {
        (void)fprintf(stderr, "%s: cannot be set up\n", argv[0]);
        return 1;
    }
    status = argc == 3 && strcmp(argv[1], "--run") == 0 ? run_one(attack, count, argv[2])
                                                        : run_all(attack, count);
    if (tear_down)
        tear_down();
    return status;
}
