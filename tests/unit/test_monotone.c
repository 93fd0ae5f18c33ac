/* What nobody may gain by: a rule more, a relief less, a name written otherwise. Each policy is
 * made from all choices of a few pieces, each part judged before and after. */
#define _POSIX_C_SOURCE 200809L
#include "crypto/crypto.h"
#include "tests/unit/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { BODY_MAX = 4096 };

#define ENTITIES                                                                                   \
    "entities { kiso: kiso { label = \"l\"; alias = \"KISO\"; oui24 = [02 00 02]; };"              \
    " yama: yamabiko { label = \"l\"; alias = \"YAMABIKO OPTICS\"; oui24 = [02 00 04]; };"         \
    " child: photonix { label = \"l\"; alias = \"PHOTONIX\"; affiliation-1 { parent = <&yama>;"    \
    " kind = \"subsidiary\"; from = \"2020-01-01\"; until = \"2030-01-01\"; }; }; };"

static const char *const parts[] = {
    "vendor=Kiso",
    "vendor=Yamabiko Optics",
    "vendor=Photonix",
    "vendor=Yamabik0 0ptics",
    "vendor=Kiso; oui=020004",
    "vendor=Somebody",
    "vendor=OEM",
    "oui=020002; country=JP",
};

/* Worst first: how a verdict on a part may change is down this list, or not at all. */
static unsigned rank_of(const char *judged)
{
    static const char *const words[] = {"excluded", "consult", "transitional", "unattributed",
                                        "identified"};

    for (unsigned i = 0; i < SEK_LEN(words); i++) {
        if (strncmp(judged, words[i], strlen(words[i])) == 0)
            return i;
    }
    fail_msg("no rank: %s", judged);
    return 0;
}

static const struct sek_context contexts[] = {
    {.today = 20600},
    {.today = 20600, .tier = "lab", .event = "procure", .acquired = 20400},
    {.today = 20600, .tier = "core", .event = "keep", .acquired = 20550},
    {.today = 0, .tier = "lab", .event = "procure", .acquired = 20400},
    {.today = 21600, .tier = "lab", .event = "deploy", .acquired = 20400},
};

/* Judges all parts in all contexts under two policies: no verdict of the second is milder. */
static void second_is_never_milder(const char *first, const char *second)
{
    struct policy a, b;

    policy_open(&a, first);
    policy_open(&b, second);
    for (size_t c = 0; c < SEK_LEN(contexts); c++) {
        for (size_t p = 0; p < SEK_LEN(parts); p++) {
            char before[128];

            (void)snprintf(before, sizeof before, "%s",
                           policy_judge(&a, &contexts[c], SEK_CLASS_TRANSCEIVER, parts[p]));
            const char *after = policy_judge(&b, &contexts[c], SEK_CLASS_TRANSCEIVER, parts[p]);

            if (rank_of(after) > rank_of(before))
                fail_msg("%s, context %zu: %s, then %s\nunder %s", parts[p], c, before, after,
                         second);
        }
    }
    policy_close(&b);
    policy_close(&a);
}

static const char *const rules[] = {
    RULE("a", "subject = <&yama>;"),
    RULE("b", "subject = <&yama>; follow = \"subsidiary\"; tier = \"lab\";"),
    CRITERIA("c", "role = \"transceiver\";"),
    RULE("d", "subject = <&kiso>; event = \"procure\"; effective-until = \"2026-12-31\";"),
    CRITERIA("e", "not-origin = \"JP\"; tier = \"core\";"),
};

static void body_of(char *out, unsigned choice)
{
    int len = snprintf(out, BODY_MAX, ENTITIES " rules { ");

    for (size_t i = 0; i < SEK_LEN(rules); i++) {
        if (choice & 1u << i)
            len += snprintf(out + len, BODY_MAX - (size_t)len, "%s", rules[i]);
    }
    (void)snprintf(out + len, BODY_MAX - (size_t)len, "};");
}

static void a_rule_more_never_helps(void **state)
{
    static char first[BODY_MAX], second[BODY_MAX];

    (void)state;
    for (unsigned choice = 0; choice < 1u << SEK_LEN(rules); choice++) {
        size_t added = choice % SEK_LEN(rules);

        if (choice & 1u << added)
            continue;
        body_of(first, choice);
        body_of(second, choice | 1u << added);
        second_is_never_milder(first, second);
    }
}

static const char *const reliefs[] = {
    "transition { acquired-before = \"2026-01-01\"; keep-until = \"2028-12-31\"; }; ",
    "exception-1 { tier = \"lab\"; until = \"2027-12-31\"; reference = \"w\"; }; ",
    "exception-2 { event = \"keep\"; reference = \"w\"; }; ",
};

static void relieved(char *out, unsigned choice)
{
    int len = snprintf(
        out, BODY_MAX,
        ENTITIES " rules { " RULE(
            "z",
            "subject = <&kiso>; tier = \"none\";") "r: r { label = \"l\"; authority = \"A\"; "
                                                   "clause = \"c\";"
                                                   " source = \"s\"; basis = \"named\"; force = "
                                                   "\"in-force\";"
                                                   " effective-from = \"2026-04-01\"; verdict = "
                                                   "\"excluded\";"
                                                   " subject = <&yama>; follow = \"subsidiary\"; ");

    for (size_t i = 0; i < SEK_LEN(reliefs); i++) {
        if (choice & 1u << i)
            len += snprintf(out + len, BODY_MAX - (size_t)len, "%s", reliefs[i]);
    }
    (void)snprintf(out + len, BODY_MAX - (size_t)len,
                   "}; crit: crit { label = \"l\"; authority = \"A\"; clause = \"c\";"
                   " source = \"s\"; basis = \"criteria\"; force = \"in-force\";"
                   " effective-from = \"2026-04-01\"; verdict = \"consult\"; }; };%s",
                   choice & 1u << SEK_LEN(reliefs)
                       ? " determinations { d { rule = <&crit>; subject = <&kiso>;"
                         " verdict = \"cleared\"; reference = \"m\"; date = \"2026-05-01\"; }; };"
                       : "");
}

static void a_relief_less_never_helps(void **state)
{
    static char first[BODY_MAX], second[BODY_MAX];

    (void)state;
    for (unsigned choice = 1; choice < 2u << SEK_LEN(reliefs); choice++) {
        for (unsigned taken = 0; taken <= SEK_LEN(reliefs); taken++) {
            if (!(choice & 1u << taken))
                continue;
            relieved(first, choice);
            relieved(second, choice & ~(1u << taken));
            second_is_never_milder(first, second);
        }
    }
}

/* The alias written as the part is, and the part as the alias: both ways the same. */
static void a_match_is_the_same_both_ways(void **state)
{
    static const struct {
        const char *a, *b;
        bool match;
    } rows[] = {
        {"Acme Optics", "ACME OPTICS", true},
        {"acme-optics", "Acme, Optics", true},
        {"\xef\xbc\xa1\xef\xbd\x83\xef\xbd\x8d\xef\xbd\x85 Optics", "ACME OPTICS", true}, /* full */
        {"Acme\xc2\xadOptics", "ACMEOPTICS", true}, /* a soft hyphen is no letter */
        {"Acme  Optics", "Acme_Optics", true},
        {"Acme Optic", "Acme Optics", false},
        {"AcmeOptics", "Acme Optics", false}, /* glued: an alias of its own */
        {"Acne Optics", "Acme Optics", false},
    };
    const struct sek_context context = {.today = 20600};

    (void)state;
    for (size_t i = 0; i < 2 * SEK_LEN(rows); i++) {
        const char *alias = i % 2 ? rows[i / 2].a : rows[i / 2].b;
        const char *name = i % 2 ? rows[i / 2].b : rows[i / 2].a;
        char body[BODY_MAX], says[128];
        struct policy policy;

        (void)snprintf(body, sizeof body,
                       "entities { x: x { label = \"l\"; alias = \"%s\"; }; }; rules { " RULE(
                           "r", "subject = <&x>;") " };",
                       alias);
        (void)snprintf(says, sizeof says, "vendor=%s", name);
        policy_open(&policy, body);
        const char *judged = policy_judge(&policy, &context, SEK_CLASS_TRANSCEIVER, says);

        if ((strncmp(judged, "excluded", 8) == 0) != rows[i / 2].match)
            fail_msg("alias %s, part %s: %s", alias, name, judged);
        policy_close(&policy);
    }
}

/* A clock that is put back before the store was issued is no clock. */
static void a_clock_before_the_store_is_unknown(void **state)
{
    struct policy policy;
    const struct sek_store none = {.dtb = NULL};

    (void)state;
    policy_open(&policy, ENTITIES);
    const sek_day issued = policy.store.issued;

    assert_int_equal(sek_store_day(&policy.store, issued), issued);
    assert_int_equal(sek_store_day(&policy.store, issued - 1), issued - 1); /* clocks differ */
    assert_int_equal(sek_store_day(&policy.store, issued - 2), 0);
    assert_int_equal(sek_store_day(&policy.store, 1), 0);
    assert_int_equal(sek_store_day(&policy.store, 0), 0);
    assert_int_equal(sek_store_day(&none, 5), 5);
    policy_close(&policy);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rule_more_never_helps),
        cmocka_unit_test(a_relief_less_never_helps),
        cmocka_unit_test(a_match_is_the_same_both_ways),
        cmocka_unit_test(a_clock_before_the_store_is_unknown),
    };

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
