/* From rows to the outcome of a device or file: the worst stands, and nothing approved is HOLD. */
#include "crypto/crypto.h"
#include "tests/unit/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/rows.h"

static const char lax[] =
    "policy { unverified-hold = \"psu\", \"config\"; transitional = \"accept\";"
    " unverified-accept = \"data\", \"sensor\", \"kernel\", \"psu\";"
    " identified-hold = \"office\", \"core\"; identified-reject = \"core\"; };";

static struct policy strict, policy; /* no policy at all, and the one above */

enum { ACC = (int)SEK_OUTCOME_ACCEPT, HLD = (int)SEK_OUTCOME_HOLD, REJ = (int)SEK_OUTCOME_REJECT };

/* Beside one row that is approved, so that nothing else makes it HOLD. */
static int outcome_of(const struct policy *of, const char *tier, bool typed,
                      const struct sek_row *row)
{
    const struct sek_context unknown = {0};
    const struct sek_appraiser appraiser = {&of->store,
                                            {.tier = tier, .also = typed ? &unknown : NULL}};
    const struct sek_row approved = {.verdict = SEK_VERDICT_APPROVED, .kind = SEK_ROW_IMAGE};
    struct sek_tally tally;

    sek_tally_start(&tally);
    sek_tally_row(&tally, &appraiser, &approved);
    sek_tally_row(&tally, &appraiser, row);
    return (int)sek_tally_end(&tally);
}

static const struct row {
    const char *name;
    enum sek_verdict verdict;
    enum sek_class component_class;
    bool optional;
    int strict, lax; /* outcome without a policy, and with the lax one */
} rows[] = {
    {"approved", SEK_VERDICT_APPROVED, SEK_CLASS_KERNEL, false, ACC, ACC},
    {"excluded", SEK_VERDICT_EXCLUDED, SEK_CLASS_DATA, true, REJ, REJ},
    {"tampered", SEK_VERDICT_TAMPERED, SEK_CLASS_DATA, true, REJ, REJ},
    {"unverified code", SEK_VERDICT_UNVERIFIED, SEK_CLASS_BOOT, false, REJ, REJ},
    {"unverified code that the policy lists", SEK_VERDICT_UNVERIFIED, SEK_CLASS_KERNEL, false, REJ,
     REJ},
    {"unverified of no class", SEK_VERDICT_UNVERIFIED, SEK_CLASS_NONE, true, REJ, REJ},
    {"unverified that may be held", SEK_VERDICT_UNVERIFIED, SEK_CLASS_CONFIG, false, REJ, HLD},
    {"held goes before accepted", SEK_VERDICT_UNVERIFIED, SEK_CLASS_PSU, false, REJ, HLD},
    {"unverified data", SEK_VERDICT_UNVERIFIED, SEK_CLASS_DATA, false, REJ, ACC},
    {"an unverified sensor", SEK_VERDICT_UNVERIFIED, SEK_CLASS_SENSOR, false, REJ, ACC},
    {"unreadable", SEK_VERDICT_UNREADABLE, SEK_CLASS_PSU, true, HLD, HLD},
    {"unexpected", SEK_VERDICT_UNEXPECTED, SEK_CLASS_DATA, true, HLD, HLD},
    {"absent", SEK_VERDICT_ABSENT, SEK_CLASS_PSU, false, HLD, HLD},
    {"absent where it may be", SEK_VERDICT_ABSENT, SEK_CLASS_PSU, true, ACC, ACC},
    {"to be consulted", SEK_VERDICT_CONSULT, SEK_CLASS_PSU, true, HLD, HLD},
    {"in a transition", SEK_VERDICT_TRANSITIONAL, SEK_CLASS_PSU, false, HLD, ACC},
    {"unattributed", SEK_VERDICT_UNATTRIBUTED, SEK_CLASS_PSU, false, HLD, HLD},
    {"unattributed in a bay", SEK_VERDICT_UNATTRIBUTED, SEK_CLASS_PSU, true, ACC, ACC},
    {"identified", SEK_VERDICT_IDENTIFIED, SEK_CLASS_PSU, false, ACC, ACC},
    {"no word at all", (enum sek_verdict)0, SEK_CLASS_DATA, true, REJ, REJ},
    {"a word of one wrong bit", (enum sek_verdict)((unsigned)SEK_VERDICT_APPROVED ^ 1u),
     SEK_CLASS_DATA, true, REJ, REJ},
};

static void it_comes_to(void **state)
{
    const struct row *row = *state;
    const struct sek_row made = {.kind = SEK_ROW_REGION,
                                 .verdict = row->verdict,
                                 .component_class = row->component_class,
                                 .optional = row->optional};

    assert_int_equal(outcome_of(&strict, "lab", false, &made), row->strict);
    assert_int_equal(outcome_of(&policy, "lab", false, &made), row->lax);
}

static void every_class_but_data_and_sensors_is_never_accepted_unverified(void **state)
{
    char body[1024] = "policy { unverified-accept = \"agent\"";
    struct policy all;

    (void)state;
    for (int c = 1; c < SEK_CLASS_COUNT; c++) {
        strcat(body, ", \"");
        strcat(body, sek_class_name((enum sek_class)c));
        strcat(body, "\"");
    }
    strcat(body, "; };");
    policy_open(&all, body);
    for (int c = 0; c <= SEK_CLASS_COUNT; c++) {
        const struct sek_row row = {.kind = SEK_ROW_REGION,
                                    .verdict = SEK_VERDICT_UNVERIFIED,
                                    .component_class = (enum sek_class)c};

        assert_int_equal(outcome_of(&all, "lab", false, &row),
                         c == SEK_CLASS_DATA || c == SEK_CLASS_SENSOR ? ACC : REJ);
    }
    policy_close(&all);
}

/* Allow-list mode: a part that nobody approved, whatever else is known of it. */
static void the_tier_decides_of_parts_that_nobody_approved(void **state)
{
    static const enum sek_verdict words[] = {SEK_VERDICT_IDENTIFIED, SEK_VERDICT_UNATTRIBUTED,
                                             SEK_VERDICT_TRANSITIONAL, SEK_VERDICT_CONSULT};
    static const struct {
        const char *tier;
        bool typed;
        int outcome; /* at best */
    } tiers[] = {
        {"lab", false, ACC}, {"office", false, HLD}, {"core", false, REJ},
        {NULL, false, REJ},  {"lab", true, REJ},     {"office", true, REJ},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(tiers); i++) {
        for (size_t k = 0; k < SEK_LEN(words); k++) {
            struct sek_row row = {.kind = SEK_ROW_PART,
                                  .verdict = words[k],
                                  .component_class = SEK_CLASS_TRANSCEIVER,
                                  .optional = true};
            int want =
                words[k] == SEK_VERDICT_CONSULT && tiers[i].outcome == ACC ? HLD : tiers[i].outcome;

            assert_int_equal(outcome_of(&policy, tiers[i].tier, tiers[i].typed, &row), want);
            row.verdict = SEK_VERDICT_APPROVED;
            assert_int_equal(outcome_of(&policy, tiers[i].tier, tiers[i].typed, &row), ACC);
            row.verdict = SEK_VERDICT_EXCLUDED;
            assert_int_equal(outcome_of(&policy, tiers[i].tier, tiers[i].typed, &row), REJ);
        }
    }
}

static void nothing_approved_is_held(void **state)
{
    const struct sek_appraiser appraiser = {&strict.store, {.today = 0}};
    const struct sek_row identified = {.kind = SEK_ROW_PART, .verdict = SEK_VERDICT_IDENTIFIED};
    const struct sek_row bay = {
        .kind = SEK_ROW_REGION, .verdict = SEK_VERDICT_ABSENT, .optional = true};
    struct sek_tally tally;

    (void)state;
    sek_tally_start(&tally);
    assert_int_equal(sek_tally_end(&tally), SEK_OUTCOME_HOLD);
    sek_tally_row(&tally, &appraiser, &identified);
    sek_tally_row(&tally, &appraiser, &bay);
    assert_int_equal(tally.count, 1);
    assert_int_equal(tally.approved, 0);
    assert_int_equal(sek_tally_end(&tally), SEK_OUTCOME_HOLD);
}

static void without_a_store_nothing_is_judged(void **state)
{
    const struct sek_store none = {.dtb = NULL};
    const struct sek_appraiser appraisers[] = {{NULL, {.today = 1}}, {&none, {.today = 1}}};
    const struct sek_row row = {.verdict = SEK_VERDICT_APPROVED};
    const struct sek_row excluded = {.verdict = SEK_VERDICT_EXCLUDED};

    (void)state;
    for (size_t i = 0; i < SEK_LEN(appraisers); i++) {
        struct sek_tally tally;

        sek_tally_start(&tally);
        sek_tally_row(&tally, &appraisers[i], &row);
        sek_tally_row(&tally, &appraisers[i], &excluded);
        assert_int_equal(sek_tally_end(&tally), SEK_OUTCOME_HOLD);
    }
}

static void the_worst_finding_stands_in_any_order(void **state)
{
    static const enum sek_outcome ascending[] = {SEK_OUTCOME_ACCEPT, SEK_OUTCOME_HOLD,
                                                 SEK_OUTCOME_ERROR, SEK_OUTCOME_REJECT};

    (void)state;
    for (size_t i = 0; i < SEK_LEN(ascending); i++) {
        for (size_t k = 0; k < SEK_LEN(ascending); k++) {
            struct sek_tally tally;

            sek_tally_start(&tally);
            tally.approved = 1;
            sek_tally_finding(&tally, ascending[i]);
            sek_tally_finding(&tally, ascending[k]);
            assert_int_equal(sek_tally_end(&tally), ascending[i > k ? i : k]);
        }
    }
}

static void a_container_speaks_by_its_images(void **state)
{
    const struct sek_row row = {.verdict = SEK_VERDICT_UNVERIFIED, .container = true};

    (void)state;
    assert_int_equal(outcome_of(&strict, "lab", false, &row), ACC);
}

static int open_stores(void **state)
{
    (void)state;
    policy_open(&strict, "");
    policy_open(&policy, lax);
    return 0;
}

static int close_stores(void **state)
{
    (void)state;
    policy_close(&strict);
    policy_close(&policy);
    return 0;
}

int main(void)
{
    static const struct CMUnitTest fixed[] = {
        cmocka_unit_test(every_class_but_data_and_sensors_is_never_accepted_unverified),
        cmocka_unit_test(the_tier_decides_of_parts_that_nobody_approved),
        cmocka_unit_test(nothing_approved_is_held),
        cmocka_unit_test(without_a_store_nothing_is_judged),
        cmocka_unit_test(the_worst_finding_stands_in_any_order),
        cmocka_unit_test(a_container_speaks_by_its_images),
    };

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    ROWS_RUN(fixed, rows, it_comes_to, open_stores, close_stores);
}
