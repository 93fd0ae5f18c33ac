/* One rule, one context, one part: the tables that the tests of rules are made of. */
#ifndef SEK_TESTS_UNIT_POLICY_CASE_H
#define SEK_TESTS_UNIT_POLICY_CASE_H

#include "tests/unit/policy.h"

/* Yamabiko is the one that rules name; Photonix is its subsidiary, Lumenia a brand of Photonix. */
#define SUBJECT      "subject = <&yama>; "
#define FOLLOW       "follow = \"subsidiary\", \"brand\"; "
#define MOVE         "transition { acquired-before = \"2026-04-01\"; keep-until = \"2028-03-31\"; };"
#define EXCEPT(more) "exception-1 { reference = \"w1\"; " more " };"

struct policy_case {
    const char *name;
    const char *rules; /* what stands in the node rules */
    const char *ask;   /* words: no-date, today= tier= event= product-class= acquired= class= typed;
                        * today is 2026-11-23 where nothing else is said */
    const char *says, *verdict; /* as policy_judge has them */
};

/* Opens a store with the entities above and these rules. */
void policy_case_open(struct policy *policy, const char *rules);

/* A cmocka test: *state is a case, and comes to its verdict. */
void policy_case_test(void **state);

/* A context or a rule may be left unsaid in any way, or be only typed: no verdict of the table
 * becomes better. Fails the test where one does. */
void policy_case_check_unknown(const struct policy_case *row, size_t count);

#endif
