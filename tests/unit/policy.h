/* Small policies made for one question, and parts in front of them, as one line of text each. */
#ifndef SEK_TESTS_UNIT_POLICY_H
#define SEK_TESTS_UNIT_POLICY_H

#include "trust/appraise.h"
#include "trust/match.h"

enum { POLICY_ITEMS = 64, POLICY_TEXT = 4096 };

struct policy {
    uint8_t *dtb; /* owned; of exact size */
    struct sek_store store;
};

/* Opens a store made of a root with the usual properties (serial 1, issued 2026-01-01, not after
 * 2036-12-31) and body (device-tree source). policy_close releases it. */
void policy_open(struct policy *policy, const char *body);
void policy_close(struct policy *policy);

/* A rule's node with the properties that every rule has, and more. RULE: in force from 2026-04-01,
 * excludes whom it names. CRITERIA: names nobody. RULE_OF says all. */
#define RULE_OF(name, basis, force, from, verdict, more)                                           \
    name " { label = \"l\"; authority = \"A\"; clause = \"c\"; source = \"s\"; basis = \"" basis   \
         "\"; force = \"" force "\"; effective-from = \"" from "\"; verdict = \"" verdict          \
         "\"; " more " }; "
#define RULE(name, more)     RULE_OF(name, "named", "in-force", "2026-04-01", "excluded", more)
#define CRITERIA(name, more) RULE_OF(name, "criteria", "in-force", "2026-04-01", "consult", more)

/* What a part says, written "vendor=KISO; oui=025a10; pen=5; country=JP": names of kinds as the
 * tests print them. Values are taken to the next ';', without spaces at their ends; hex for oui,
 * oui28, oui36 and mac, a number for pen, pci, subsys, usb, jedec and midr. */
struct policy_part {
    struct sek_observation item[POLICY_ITEMS];
    size_t count;
    uint8_t memory[POLICY_TEXT];
};
void policy_say(struct policy_part *part, const char *says);

/* Appraises a part: "excluded VND-002 demo-1" (verdict, rule, node name of the policy's rule). */
const char *policy_judge(const struct policy *policy, const struct sek_context *context,
                         enum sek_class component_class, const char *says);

/* The same with the row itself; flags of part.h are those of all that it says. */
void policy_row(const struct policy *policy, const struct sek_context *context,
                enum sek_class component_class, const struct policy_part *part, unsigned flags,
                struct sek_row *row);

/* A day of a date that exists. */
sek_day policy_day(const char *date);

#endif
