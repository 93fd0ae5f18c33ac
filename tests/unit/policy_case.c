#include "tests/unit/policy_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ENTITIES                                                                                   \
    "entities {"                                                                                   \
    " kiso: kiso { label = \"l\"; alias = \"KISO NETWORKS\", \"KISO\"; pen = <32473>; };"          \
    " yama: yamabiko { label = \"l\"; alias = \"YAMABIKO OPTICS\", \"YAMABIKO\"; pen = <32474>;"   \
    "  not-alias = \"YAMABIKO SCHOOL BAND\"; oui24 = [02 59 42]; };"                               \
    " sub: photonics { label = \"l\"; alias = \"PHOTONIX\"; affiliation-1 { parent = <&yama>;"     \
    "  kind = \"subsidiary\"; from = \"2021-05-01\"; until = \"2026-06-30\"; }; };"                \
    " brand: lumen { label = \"l\"; alias = \"LUMENIA\"; affiliation-1 { parent = <&sub>;"         \
    "  kind = \"brand\"; }; };"                                                                    \
    " short: ybk { label = \"l\"; alias = \"YBK\"; };"                                             \
    " };"

struct ask {
    struct sek_context context, unknown;
    bool typed; /* all of it: the unknown context stands beside it */
    enum sek_class component_class;
    char words[256];
};

static const struct sek_context *context_of(struct ask *ask)
{
    ask->unknown = (struct sek_context){.today = ask->context.today};
    ask->context.also = ask->typed ? &ask->unknown : NULL;
    return &ask->context;
}

static void read_word(struct ask *ask, char *word)
{
    char *value = strchr(word, '=');

    if (strcmp(word, "no-date") == 0) {
        ask->context.today = 0;
        return;
    }
    if (strcmp(word, "typed") == 0) {
        ask->typed = true;
        return;
    }
    assert_non_null(value);
    *value++ = '\0';
    if (strcmp(word, "today") == 0)
        ask->context.today = policy_day(value);
    else if (strcmp(word, "acquired") == 0)
        ask->context.acquired = policy_day(value);
    else if (strcmp(word, "tier") == 0)
        ask->context.tier = value;
    else if (strcmp(word, "event") == 0)
        ask->context.event = value;
    else if (strcmp(word, "product-class") == 0)
        ask->context.product_class = value;
    else
        assert_int_equal(sek_class_find(value, strlen(value), &ask->component_class), SEK_OK);
}

static void read_ask(struct ask *ask, const char *words)
{
    *ask =
        (struct ask){.context.today = policy_day("2026-11-23"), .component_class = SEK_CLASS_NONE};
    assert_true(strlen(words) < sizeof ask->words);
    strcpy(ask->words, words);
    for (char *word = strtok(ask->words, " "); word; word = strtok(NULL, " "))
        read_word(ask, word);
}

void policy_case_open(struct policy *policy, const char *rules)
{
    char body[16384] = ENTITIES "rules { ";

    assert_true(strlen(body) + strlen(rules) + 16 < sizeof body);
    strcat(body, rules);
    strcat(body, "};");
    policy_open(policy, body);
}

void policy_case_test(void **state)
{
    const struct policy_case *row = *state;
    struct policy policy;
    struct ask ask;

    policy_case_open(&policy, row->rules);
    read_ask(&ask, row->ask);
    assert_string_equal(policy_judge(&policy, context_of(&ask), ask.component_class, row->says),
                        row->verdict);
    policy_close(&policy);
}

static size_t badness(const char *verdict)
{
    static const char *const order[] = {"identified", "unattributed", "transitional", "consult",
                                        "excluded"};

    for (size_t i = 0; i < SEK_LEN(order); i++) {
        if (strncmp(verdict, order[i], strlen(order[i])) == 0)
            return i;
    }
    fail_msg("%s", verdict);
    return 0;
}

/* One bit for each thing that is left unsaid. */
static void forget(struct ask *ask, unsigned what)
{
    ask->context.today = what & 1 ? 0 : ask->context.today;
    ask->context.tier = what & 2 ? NULL : ask->context.tier;
    ask->context.event = what & 4 ? NULL : ask->context.event;
    ask->context.product_class = what & 8 ? NULL : ask->context.product_class;
    ask->context.acquired = what & 16 ? 0 : ask->context.acquired;
    ask->component_class = what & 32 ? SEK_CLASS_NONE : ask->component_class;
    ask->typed = ask->typed || (what & 64);
}

void policy_case_check_unknown(const struct policy_case *row, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct policy policy;

        policy_case_open(&policy, row[i].rules);
        for (unsigned what = 1; what < 128; what++) {
            struct ask ask;

            read_ask(&ask, row[i].ask);
            forget(&ask, what);
            if (badness(policy_judge(&policy, context_of(&ask), ask.component_class, row[i].says)) <
                badness(row[i].verdict))
                fail_msg("%s: better without %#x", row[i].name, what);
        }
        policy_close(&policy);
    }
}
