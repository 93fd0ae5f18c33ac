/* Exclusion rules: does one fit here, now, and for this subject, and is there relief? */
#ifndef SEK_TRUST_RULES_H
#define SEK_TRUST_RULES_H

#include "trust/appraise.h"
#include "trust/match.h"

/* What the rules come to, from bad to good. */
enum sek_ruling {
    SEK_RULING_NONE,
    SEK_RULING_EXCEPTION,
    SEK_RULING_TRANSITION,
    SEK_RULING_CONSULT,
    SEK_RULING_OVERDUE,
    SEK_RULING_EXCLUDED,
};

struct sek_rules_result {
    enum sek_ruling ruling;
    bool look_alike; /* consult, because a name is written like one that a rule names */
    struct sek_policy_ref policy;
};

/* What the rules are asked about. */
struct sek_rules_subject {
    const struct sek_hits *hits;
    enum sek_class component_class;            /* SEK_CLASS_NONE: every role fits */
    const struct sek_observation *observation; /* of the part: the countries that it states */
    size_t observation_count;
};

/* Evaluates every rule in force; the worst result stands. Both evaluations of a
 * context are made. */
void sek_rules_evaluate(const struct sek_store *store, const struct sek_context *context,
                        const struct sek_rules_subject *subject, struct sek_rules_result *result);

#endif
