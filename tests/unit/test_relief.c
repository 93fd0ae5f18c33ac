/* Transitions, exceptions, determinations: what relieves holds only when it is known. */
#include "crypto/crypto.h"
#include "tests/unit/policy_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/rows.h"

#define CRIT(more) CRITERIA("crit: c", more)
#define ORIGIN     CRITERIA("o", "not-origin = \"JP\", \"US\"; ")
/* Ends the rules; the determinations follow. */
#define DETERMINED(subject, verdict, date)                                                         \
    "}; determinations { d { rule = <&crit>; subject = <&" subject ">; verdict = \"" verdict       \
    "\"; reference = \"d1\"; date = \"" date "\"; }; "

static const struct policy_case rows[] = {
    /* ---- Transition ---- */
    {"what was bought before may stay", RULE("r", SUBJECT MOVE), "acquired=2026-03-31",
     "vendor=Yamabiko", "transitional VND-003 r"},
    {"what was bought on the day may not", RULE("r", SUBJECT MOVE), "acquired=2026-04-01",
     "vendor=Yamabiko", "excluded VND-002 r"},
    {"an unknown acquisition is no relief", RULE("r", SUBJECT MOVE), "", "vendor=Yamabiko",
     "excluded VND-002 r"},
    {"on its last day it may stay", RULE("r", SUBJECT MOVE), "today=2028-03-31 acquired=2026-03-31",
     "vendor=Yamabiko", "transitional VND-003 r"},
    {"the day after it may not", RULE("r", SUBJECT MOVE), "today=2028-04-01 acquired=2026-03-31",
     "vendor=Yamabiko", "excluded VND-002 r"},
    {"without a date there is no relief", RULE("r", SUBJECT MOVE), "no-date acquired=2026-03-31",
     "vendor=Yamabiko", "excluded VND-002 r"},
    {"without a last day it has no end",
     RULE("r", SUBJECT "transition { acquired-before = \"2026-04-01\"; };"),
     "today=2036-01-01 acquired=2026-03-31", "vendor=Yamabiko", "transitional VND-003 r"},
    {"a transition with a condition that we do not know is void",
     RULE("r", SUBJECT "transition { acquired-before = \"2026-04-01\"; zone = \"edge\"; };"),
     "acquired=2026-03-31", "vendor=Yamabiko", "excluded VND-002 r"},
    {"a transition with a node that we do not know is void",
     RULE("r", SUBJECT "transition { acquired-before = \"2026-04-01\"; zones { }; };"),
     "acquired=2026-03-31", "vendor=Yamabiko", "excluded VND-002 r"},

    /* ---- Exceptions ---- */
    {"an exception whose conditions are all met relieves",
     RULE("r", SUBJECT EXCEPT("tier = \"lab\"; event = \"keep\"; role = \"psu\";"
                              " until = \"2026-12-31\";")),
     "tier=lab event=keep class=psu", "vendor=Yamabiko", "transitional VND-004 r"},
    {"one condition that is not met suffices against it",
     RULE("r", SUBJECT EXCEPT("tier = \"lab\"; event = \"keep\";")), "tier=lab event=procure",
     "vendor=Yamabiko", "excluded VND-002 r"},
    {"an unknown tier is no relief", RULE("r", SUBJECT EXCEPT("tier = \"lab\";")), "",
     "vendor=Yamabiko", "excluded VND-002 r"},
    {"an unknown event is no relief", RULE("r", SUBJECT EXCEPT("event = \"keep\";")), "",
     "vendor=Yamabiko", "excluded VND-002 r"},
    {"an unknown role is no relief", RULE("r", SUBJECT EXCEPT("role = \"psu\";")), "",
     "vendor=Yamabiko", "excluded VND-002 r"},
    {"it holds on its last day", RULE("r", SUBJECT EXCEPT("until = \"2026-11-23\";")), "",
     "vendor=Yamabiko", "transitional VND-004 r"},
    {"the day after it does not", RULE("r", SUBJECT EXCEPT("until = \"2026-11-22\";")), "",
     "vendor=Yamabiko", "excluded VND-002 r"},
    {"one with an end needs a date", RULE("r", SUBJECT EXCEPT("until = \"2030-12-31\";")),
     "no-date", "vendor=Yamabiko", "excluded VND-002 r"},
    {"one with a condition that we do not know is void", RULE("r", SUBJECT EXCEPT("zone = \"x\";")),
     "", "vendor=Yamabiko", "excluded VND-002 r"},
    {"one with a node that we do not know is void", RULE("r", SUBJECT EXCEPT("zones { };")), "",
     "vendor=Yamabiko", "excluded VND-002 r"},
    {"a node that is only called like one is none",
     RULE("r", SUBJECT "exception-lab { reference = \"w\"; };"), "", "vendor=Yamabiko",
     "excluded VND-002 r"},
    {"the second exception relieves, too",
     RULE("r", SUBJECT EXCEPT("tier = \"lab\";") "exception-2 { reference = \"w2\"; };"), "",
     "vendor=Yamabiko", "transitional VND-004 r"},
    {"an exception goes before a transition that has ended", RULE("r", SUBJECT MOVE EXCEPT("")),
     "today=2028-04-01 acquired=2026-03-31", "vendor=Yamabiko", "transitional VND-004 r"},
    {"relief of one rule is none of another", RULE("a", SUBJECT EXCEPT("")) RULE("b", SUBJECT), "",
     "vendor=Yamabiko", "excluded VND-002 b"},

    /* ---- A context that was only typed ---- */
    {"a typed tier does not exempt", RULE("r", SUBJECT "tier = \"secret\";"), "tier=office typed",
     "vendor=Yamabiko", "excluded VND-002 r"},
    {"a typed tier does not relieve", RULE("r", SUBJECT EXCEPT("tier = \"lab\";")),
     "tier=lab typed", "vendor=Yamabiko", "excluded VND-002 r"},
    {"a typed acquisition does not relieve", RULE("r", SUBJECT MOVE), "acquired=2020-01-01 typed",
     "vendor=Yamabiko", "excluded VND-002 r"},
    {"a typed acquisition does not free a subsidiary", RULE("r", SUBJECT FOLLOW),
     "acquired=2027-01-01 typed", "vendor=Photonix", "excluded VND-002 r"},

    /* ---- Origin ---- */
    {"a listed country is no concern", ORIGIN, "", "vendor=Kiso; country=JP", "identified VND-001"},
    {"another country is", ORIGIN, "", "vendor=Kiso; country=XX", "consult VND-005 o"},
    {"an unknown country is", ORIGIN, "", "vendor=Kiso", "consult VND-005 o"},
    {"of two countries the other one counts", ORIGIN, "", "vendor=Kiso; country=JP; country=XX",
     "consult VND-005 o"},
    {"of two countries the other one counts, first", ORIGIN, "",
     "vendor=Kiso; country=XX; country=JP", "consult VND-005 o"},
    {"two listed countries are no concern", ORIGIN, "", "vendor=Kiso; country=JP; country=US",
     "identified VND-001"},
    {"a country of three letters is unknown", ORIGIN, "", "vendor=Kiso; country=JPN",
     "consult VND-005 o"},
    {"a damaged record's country is unknown", ORIGIN, "", "damaged vendor=Kiso; country=JP",
     "consult VND-005 o"},

    /* ---- Criteria, and determinations ---- */
    {"a rule that names nobody asks of everybody", CRIT(""), "", "vendor=Kiso",
     "consult VND-005 c"},
    {"also of a part that says nothing", CRIT(""), "", "blank", "consult VND-005 c"},
    {"a rule of class asks, whatever its verdict says",
     RULE_OF("c", "class", "in-force", "2026-04-01", "excluded", ""), "", "vendor=Kiso",
     "consult VND-005 c"},
    {"a rule of case asks, whatever its verdict says",
     RULE_OF("c", "case", "in-force", "2026-04-01", "excluded", ""), "", "vendor=Kiso",
     "consult VND-005 c"},
    {"a determination excludes", CRIT("") DETERMINED("yama", "excluded", "2026-05-01"), "",
     "vendor=Yamabiko", "excluded VND-002 c"},
    {"a determination clears", CRIT("") DETERMINED("kiso", "cleared", "2026-05-01"), "",
     "vendor=Kiso", "identified VND-001"},
    {"it clears nobody else", CRIT("") DETERMINED("kiso", "cleared", "2026-05-01"), "",
     "vendor=Yamabiko", "consult VND-005 c"},
    {"it clears no unknown maker beside it", CRIT("") DETERMINED("kiso", "cleared", "2026-05-01"),
     "", "vendor=Kiso; maker=Somebody", "consult VND-005 c"},
    {"it clears no other maker behind it", CRIT("") DETERMINED("kiso", "cleared", "2026-05-01"), "",
     "vendor=Kiso; pen=32474", "consult VND-005 c"},
    {"it clears nobody who is only written like it",
     CRIT("") DETERMINED("yama", "cleared", "2026-05-01"), "", "vendor=Y4MABIKO",
     "consult VND-005 c"},
    {"it clears from its day on", CRIT("") DETERMINED("kiso", "cleared", "2026-11-23"), "",
     "vendor=Kiso", "identified VND-001"},
    {"not before", CRIT("") DETERMINED("kiso", "cleared", "2026-11-24"), "", "vendor=Kiso",
     "consult VND-005 c"},
    {"without a date, one no younger than the store clears",
     CRIT("") DETERMINED("kiso", "cleared", "2026-01-01"), "no-date", "vendor=Kiso",
     "identified VND-001"},
    {"without a date, a younger one does not", CRIT("") DETERMINED("kiso", "cleared", "2026-01-02"),
     "no-date", "vendor=Kiso", "consult VND-005 c"},
    {"who belongs to an excluded one is excluded",
     CRIT(FOLLOW) DETERMINED("yama", "excluded", "2026-05-01"), "", "vendor=Lumenia",
     "excluded VND-002 c"},
    {"who belongs to a cleared one is not cleared",
     CRIT(FOLLOW) DETERMINED("yama", "cleared", "2026-05-01"), "", "vendor=Photonix",
     "consult VND-005 c"},
    {"of two determinations the worse stands",
     CRIT("")
         DETERMINED("kiso", "cleared", "2026-05-01") "e { rule = <&crit>; subject = <&kiso>; "
                                                     "verdict = \"excluded\"; reference = \"d2\";"
                                                     " date = \"2026-05-01\"; };",
     "", "vendor=Kiso", "excluded VND-002 c"},
    {"a determination of another rule is none",
     CRIT("") CRITERIA("e", "") DETERMINED("kiso", "cleared", "2026-05-01"), "", "vendor=Kiso",
     "consult VND-005 e"},
    {"a subject filters a criteria rule", CRIT(SUBJECT), "", "vendor=Kiso", "identified VND-001"},
    {"whom the filter names is asked about", CRIT(SUBJECT), "", "vendor=Yamabiko",
     "consult VND-005 c"},
    {"a transition does not relieve a criteria rule", CRIT(MOVE), "acquired=2020-01-01",
     "vendor=Kiso", "consult VND-005 c"},
    {"an exception does", CRIT(EXCEPT("")), "", "vendor=Kiso", "transitional VND-004 c"},

};

static void what_is_unknown_never_helps(void **state)
{
    (void)state;
    policy_case_check_unknown(rows, SEK_LEN(rows));
}

static void what_decided_is_told(void **state)
{
    struct sek_context context = {.today = policy_day("2028-04-01"),
                                  .acquired = policy_day("2026-03-31")};
    struct policy policy;
    struct policy_part part;
    struct sek_row row;

    (void)state;
    policy_case_open(&policy,
                     RULE("r", SUBJECT MOVE "exception-7 { reference = \"w7\"; tier = \"lab\";"
                                            " until = \"2030-12-31\"; };"));
    policy_say(&part, "vendor=Yamabiko");
    policy_row(&policy, &context, SEK_CLASS_NONE, &part, 0, &row);
    assert_string_equal(row.policy.entity, "yamabiko");
    assert_string_equal(row.policy.authority, "A");
    assert_string_equal(row.policy.clause, "c");
    assert_int_equal(row.policy.effective_from, policy_day("2026-04-01"));
    assert_int_equal(row.policy.ends, policy_day("2028-03-31"));
    assert_true(row.policy.overdue && !row.policy.undated && !row.policy.exception);

    context.tier = "lab";
    policy_row(&policy, &context, SEK_CLASS_NONE, &part, 0, &row);
    assert_string_equal(row.policy.exception, "w7");
    assert_int_equal(row.policy.ends, policy_day("2030-12-31"));
    assert_false(row.policy.overdue);

    context.today = 0;
    policy_row(&policy, &context, SEK_CLASS_NONE, &part, 0, &row);
    assert_int_equal(row.verdict, SEK_VERDICT_EXCLUDED);
    assert_true(row.policy.undated && row.policy.ends == 0 && !row.policy.exception);
    policy_close(&policy);
}

int main(void)
{
    static const struct CMUnitTest fixed[] = {
        cmocka_unit_test(what_is_unknown_never_helps),
        cmocka_unit_test(what_decided_is_told),
    };

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    ROWS_RUN(fixed, rows, policy_case_test, NULL, NULL);
}
