/* Exclusion rules: whom and what they fit. What widens a rule holds when it is unknown. */
#include "crypto/crypto.h"
#include "tests/unit/policy_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/rows.h"

enum { CHAIN = 80 }; /* affiliations; we follow 64 */

static const struct policy_case rows[] = {
    /* ---- Whom a rule names ---- */
    {"nobody is named: no match", RULE("r", SUBJECT), "", "vendor=KISO NETWORKS",
     "identified VND-001"},
    {"who is named is excluded", RULE("r", SUBJECT), "", "vendor=Yamabiko", "excluded VND-002 r"},
    {"a number names as a name does", RULE("r", SUBJECT), "", "vendor=Somebody; pen=32474",
     "excluded VND-002 r"},
    {"one of two makers suffices", RULE("r", SUBJECT), "", "vendor=Kiso; maker=Yamabiko",
     "excluded VND-002 r"},
    {"an unknown maker is no match for a named rule", RULE("r", SUBJECT), "", "vendor=Somebody",
     "identified VND-001"},

    /* ---- Conditions that widen ---- */
    {"another tier is another matter", RULE("r", SUBJECT "tier = \"secret\", \"core\";"),
     "tier=office", "vendor=Yamabiko", "identified VND-001"},
    {"the tier is one of the list", RULE("r", SUBJECT "tier = \"secret\", \"core\";"), "tier=core",
     "vendor=Yamabiko", "excluded VND-002 r"},
    {"an unknown tier fits", RULE("r", SUBJECT "tier = \"secret\";"), "", "vendor=Yamabiko",
     "excluded VND-002 r"},
    {"another event is another matter", RULE("r", SUBJECT "event = \"procure\";"), "event=keep",
     "vendor=Yamabiko", "identified VND-001"},
    {"an unknown event fits", RULE("r", SUBJECT "event = \"procure\";"), "", "vendor=Yamabiko",
     "excluded VND-002 r"},
    {"another product class is another matter", RULE("r", SUBJECT "product-class = \"router\";"),
     "product-class=phone", "vendor=Yamabiko", "identified VND-001"},
    {"an unknown product class fits", RULE("r", SUBJECT "product-class = \"router\";"), "",
     "vendor=Yamabiko", "excluded VND-002 r"},
    {"another role is another matter", RULE("r", SUBJECT "role = \"transceiver\";"), "class=psu",
     "vendor=Yamabiko", "identified VND-001"},
    {"the role is one of the list", RULE("r", SUBJECT "role = \"fan\", \"psu\";"), "class=psu",
     "vendor=Yamabiko", "excluded VND-002 r"},
    {"an unknown role fits", RULE("r", SUBJECT "role = \"transceiver\";"), "", "vendor=Yamabiko",
     "excluded VND-002 r"},
    {"a condition that we do not know makes the rule wider", RULE("r", SUBJECT "zone = \"core\";"),
     "", "vendor=Yamabiko", "excluded VND-002 r"},

    /* ---- Time and force ---- */
    {"a rule holds from its first day", RULE("r", SUBJECT), "today=2026-04-01", "vendor=Yamabiko",
     "excluded VND-002 r"},
    {"the day before it does not", RULE("r", SUBJECT), "today=2026-03-31", "vendor=Yamabiko",
     "identified VND-001"},
    {"a rule holds on its last day", RULE("r", SUBJECT "effective-until = \"2026-12-31\";"),
     "today=2026-12-31", "vendor=Yamabiko", "excluded VND-002 r"},
    {"the day after it does not", RULE("r", SUBJECT "effective-until = \"2026-12-31\";"),
     "today=2027-01-01", "vendor=Yamabiko", "identified VND-001"},
    {"without a date every rule holds",
     RULE_OF("r", "named", "in-force", "2030-01-01", "excluded", SUBJECT), "no-date",
     "vendor=Yamabiko", "excluded VND-002 r"},
    {"a draft is never applied", RULE_OF("r", "named", "draft", "2026-04-01", "excluded", SUBJECT),
     "", "vendor=Yamabiko", "identified VND-001"},
    {"a proposal is never applied",
     RULE_OF("r", "named", "proposed", "2026-04-01", "excluded", SUBJECT), "", "vendor=Yamabiko",
     "identified VND-001"},
    {"what is repealed is never applied",
     RULE_OF("r", "named", "repealed", "2026-04-01", "excluded", SUBJECT), "", "vendor=Yamabiko",
     "identified VND-001"},
    {"a named rule may ask to consult",
     RULE_OF("r", "named", "in-force", "2026-04-01", "consult", SUBJECT), "", "vendor=Yamabiko",
     "consult VND-005 r"},
    {"the worst rule stands, first",
     RULE("a", SUBJECT) RULE_OF("b", "named", "in-force", "2026-04-01", "consult", SUBJECT), "",
     "vendor=Yamabiko", "excluded VND-002 a"},
    {"the worst rule stands, last",
     RULE_OF("b", "named", "in-force", "2026-04-01", "consult", SUBJECT) RULE("a", SUBJECT), "",
     "vendor=Yamabiko", "excluded VND-002 a"},

    /* ---- Evidence ---- */
    {"a checked record is evidence of class 3", RULE("r", SUBJECT "min-evidence = <3>;"), "",
     "vendor=Yamabiko", "excluded VND-002 r"},
    {"a damaged one is what it would be whole", RULE("r", SUBJECT "min-evidence = <3>;"), "",
     "damaged vendor=Yamabiko", "excluded VND-002 r"},
    {"an address is evidence of class 2", RULE("r", SUBJECT "min-evidence = <3>;"), "",
     "vendor=Kiso; mac=025942000001", "identified VND-001"},
    {"an address is matched", RULE("r", SUBJECT "min-evidence = <2>;"), "",
     "vendor=Kiso; mac=025942000001", "excluded VND-002 r"},

    /* ---- Affiliations ---- */
    {"a subsidiary is followed", RULE("r", SUBJECT FOLLOW), "acquired=2026-06-30",
     "vendor=Photonix", "excluded VND-002 r"},
    {"one that was sold before is not", RULE("r", SUBJECT FOLLOW), "acquired=2026-07-01",
     "vendor=Photonix", "identified VND-001"},
    {"one that was bought later is not", RULE("r", SUBJECT FOLLOW), "acquired=2021-04-30",
     "vendor=Photonix", "identified VND-001"},
    {"on its first day it is", RULE("r", SUBJECT FOLLOW), "acquired=2021-05-01", "vendor=Photonix",
     "excluded VND-002 r"},
    {"an unknown acquisition is included", RULE("r", SUBJECT FOLLOW), "", "vendor=Photonix",
     "excluded VND-002 r"},
    {"an affiliation that the rule does not follow is none", RULE("r", SUBJECT), "",
     "vendor=Photonix", "identified VND-001"},
    {"affiliations are transitive", RULE("r", SUBJECT FOLLOW), "", "vendor=Lumenia",
     "excluded VND-002 r"},
    {"a chain breaks at a kind that is not followed", RULE("r", SUBJECT "follow = \"brand\";"), "",
     "vendor=Lumenia", "identified VND-001"},

    /* ---- Names that hit in part ---- */
    {"a name written like a subject's is consulted", RULE("r", SUBJECT), "", "vendor=YAMAB1KO",
     "consult VND-008 r"},
    {"that is never relieved", RULE("r", SUBJECT EXCEPT("") MOVE), "acquired=2020-01-01",
     "vendor=YAMAB1KO", "consult VND-008 r"},
    {"it is never followed", RULE("r", SUBJECT FOLLOW), "", "vendor=PH0TONIX",
     "identified VND-001"},
    {"it needs a rule that fits", RULE("r", SUBJECT "tier = \"secret\";"), "tier=office",
     "vendor=YAMAB1KO", "identified VND-001"},
    {"a short alias excludes in a maker's field", RULE("r", "subject = <&short>;"), "",
     "vendor=YBK", "excluded VND-002 r"},
    {"in a product's field alone it is consulted", RULE("r", "subject = <&short>;"), "",
     "vendor=Kiso; product=YBK 10", "consult VND-005 r"},
    {"a long alias excludes in a product's field", RULE("r", SUBJECT), "",
     "vendor=Kiso; product=Yamabiko 10", "excluded VND-002 r"},
    {"a name that must not match does not", RULE("r", SUBJECT), "", "vendor=Yamabiko School Band",
     "identified VND-001"},
    {"its number does all the same", RULE("r", SUBJECT), "",
     "vendor=Yamabiko School Band; pen=32474", "excluded VND-002 r"},

    /* ---- Damaged, blank, silent ---- */
    {"a damaged part is matched", RULE("r", SUBJECT), "", "damaged vendor=Yamabiko",
     "excluded VND-002 r"},
    {"one without a match is unattributed", RULE("r", SUBJECT), "", "damaged vendor=Kiso",
     "unattributed VND-006"},
    {"a blank part is unattributed", RULE("r", SUBJECT), "", "blank", "unattributed VND-006"},
    {"a part of no maker is unattributed", RULE("r", SUBJECT), "", "product=KX-1; serial=1",
     "unattributed VND-006"},
    {"a generic name is no maker", RULE("r", SUBJECT), "", "vendor=n/a", "unattributed VND-006"},
    {"an address alone is no maker", RULE("r", SUBJECT), "", "mac=025a10000001",
     "unattributed VND-006"},
    {"an address that matches excludes", RULE("r", SUBJECT), "", "mac=025942000001",
     "excluded VND-002 r"},
};

static void what_is_unknown_never_helps(void **state)
{
    (void)state;
    policy_case_check_unknown(rows, SEK_LEN(rows));
}

/* Entities n0 to n80, each a brand of the next; that of the tenth is back. */
static void chain_of(char *body, size_t cap, int back)
{
    size_t len = (size_t)snprintf(body, cap, "entities { ");

    for (int i = 0; i < CHAIN; i++)
        len += (size_t)snprintf(body + len, cap - len,
                                "n%d: n%d { label = \"l\"; alias = \"NUMBER%d\"; affiliation-1 {"
                                " parent = <&n%d>; kind = \"brand\"; }; }; ",
                                i, i, i, i == 10 ? back : i + 1);
    (void)snprintf(body + len, cap - len,
                   "n%d: n%d { label = \"l\"; }; far: far { label = \"l\"; }; }; rules { %s };",
                   CHAIN, CHAIN, RULE("r", "subject = <&far>; follow = \"brand\";"));
}

static void a_circle_of_affiliations_ends(void **state)
{
    static char body[CHAIN * 160];
    const struct sek_context context = {.today = policy_day("2026-11-23")};
    struct policy policy;

    (void)state;
    chain_of(body, sizeof body, 0);
    policy_open(&policy, body);
    assert_string_equal(policy_judge(&policy, &context, SEK_CLASS_NONE, "vendor=Number0"),
                        "identified VND-001");
    policy_close(&policy);
}

static void a_chain_longer_than_we_follow_is_never_no_relation(void **state)
{
    static char body[CHAIN * 160];
    const struct sek_context context = {.today = policy_day("2026-11-23")};
    struct policy policy;

    (void)state;
    chain_of(body, sizeof body, 11);
    policy_open(&policy, body);
    assert_string_equal(policy_judge(&policy, &context, SEK_CLASS_NONE, "vendor=Number0"),
                        "excluded VND-002 r");
    assert_string_equal(policy_judge(&policy, &context, SEK_CLASS_NONE, "vendor=Number50"),
                        "identified VND-001");
    policy_close(&policy);
}

/* More rules than a store lists beforehand: those in the list and those behind it rule alike. */
static void every_one_of_many_rules_is_asked(void **state)
{
    enum { RULES = SEK_STORE_RULES + 6 };
    static char rules[RULES * 192];
    const struct sek_context context = {.today = policy_day("2026-11-23")};

    (void)state;
    for (int which = 0; which < RULES; which += 23) {
        struct policy policy;
        size_t len = 0;

        for (int i = 0; i < RULES; i++)
            len += (size_t)snprintf(
                rules + len, sizeof rules - len,
                RULE_OF("r%d", "named", "%s", "2026-04-01", "excluded", "subject = <&%s>; "), i,
                i % 7 == 3 && i != which ? "draft" : "in-force", i == which ? "yama" : "kiso");
        policy_case_open(&policy, rules);
        (void)snprintf(rules, sizeof rules, "excluded VND-002 r%d", which);
        assert_string_equal(policy_judge(&policy, &context, SEK_CLASS_NONE, "vendor=Yamabiko"),
                            rules);
        policy_close(&policy);
    }
}

static void the_tier_decides_what_unattributed_means(void **state)
{
    static const struct {
        const char *tier;
        bool typed;
        const char *verdict;
    } tiers[] = {
        {"secret", false, "consult VND-006"},
        {"office", false, "unattributed VND-006"},
        {NULL, false, "consult VND-006"},
        {"office", true, "consult VND-006"},
    };
    struct policy policy;

    (void)state;
    policy_open(&policy, "policy { unattributed-consult = \"core\", \"secret\"; };");
    for (size_t i = 0; i < SEK_LEN(tiers); i++) {
        const struct sek_context unknown = {.today = policy_day("2026-11-23")};
        const struct sek_context context = {.today = unknown.today,
                                            .tier = tiers[i].tier,
                                            .also = tiers[i].typed ? &unknown : NULL};

        assert_string_equal(policy_judge(&policy, &context, SEK_CLASS_NONE, "blank"),
                            tiers[i].verdict);
        assert_string_equal(policy_judge(&policy, &context, SEK_CLASS_NONE, "vendor=Kiso"),
                            "identified VND-001");
    }
    policy_close(&policy);
}

int main(void)
{
    static const struct CMUnitTest fixed[] = {
        cmocka_unit_test(what_is_unknown_never_helps),
        cmocka_unit_test(a_circle_of_affiliations_ends),
        cmocka_unit_test(a_chain_longer_than_we_follow_is_never_no_relation),
        cmocka_unit_test(every_one_of_many_rules_is_asked),
        cmocka_unit_test(the_tier_decides_what_unattributed_means),
    };

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    ROWS_RUN(fixed, rows, policy_case_test, NULL, NULL);
}
