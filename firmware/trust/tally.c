/* From rows to the outcome of a device or file. */
#include "trust/appraise.h"

#include <string.h>

void sek_tally_start(struct sek_tally *tally)
{
    *tally = (struct sek_tally){.worst = SEK_OUTCOME_ACCEPT};
}

static unsigned weight(enum sek_outcome outcome)
{
    switch (outcome) {
    case SEK_OUTCOME_ACCEPT:
        return 0;
    case SEK_OUTCOME_HOLD:
        return 1;
    case SEK_OUTCOME_ERROR:
        return 2;
    case SEK_OUTCOME_REJECT:
        return 3;
    }
    return 3;
}

void sek_tally_finding(struct sek_tally *tally, enum sek_outcome outcome)
{
    if (weight(outcome) > weight(tally->worst))
        tally->worst = outcome;
}

static bool policy_lists(const struct sek_store *store, const char *property, const char *word)
{
    return sek_store_list_has(store, store->policy, property, word);
}

bool sek_policy_tier(const struct sek_appraiser *appraiser, const char *property)
{
    const struct sek_store *store = appraiser->store;
    const struct sek_context *context = &appraiser->context, *also = context->also;

    if (!sek_store_bytes(store, store->policy, property).data)
        return false;
    return !context->tier || policy_lists(store, property, context->tier) ||
           (also && (!also->tier || policy_lists(store, property, also->tier)));
}

/* Unsigned code is REJECT unless the policy says otherwise for its class; what runs or selects what
 * runs is never accepted, whatever the policy says. */
static enum sek_outcome of_unverified(const struct sek_store *store, enum sek_class component_class)
{
    const char *word = sek_class_name(component_class);

    if (component_class == SEK_CLASS_NONE)
        return SEK_OUTCOME_REJECT;
    if (policy_lists(store, "unverified-hold", word))
        return SEK_OUTCOME_HOLD;
    if ((component_class == SEK_CLASS_DATA || component_class == SEK_CLASS_SENSOR) &&
        policy_lists(store, "unverified-accept", word))
        return SEK_OUTCOME_ACCEPT;
    return SEK_OUTCOME_REJECT;
}

/* Allow-list mode: what a part comes to that nobody approved. */
static enum sek_outcome of_unapproved_part(const struct sek_appraiser *appraiser)
{
    if (sek_policy_tier(appraiser, "identified-reject"))
        return SEK_OUTCOME_REJECT;
    return sek_policy_tier(appraiser, "identified-hold") ? SEK_OUTCOME_HOLD : SEK_OUTCOME_ACCEPT;
}

static enum sek_outcome of_row(const struct sek_appraiser *appraiser, const struct sek_row *row)
{
    const struct sek_store *store = appraiser->store;
    const char *transitional;

    switch (row->verdict) {
    case SEK_VERDICT_APPROVED:
        return SEK_OUTCOME_ACCEPT;
    case SEK_VERDICT_IDENTIFIED:
        return SEK_OUTCOME_ACCEPT; /* where a part needs nobody's approval */
    case SEK_VERDICT_UNATTRIBUTED:
        return row->optional ? SEK_OUTCOME_ACCEPT : SEK_OUTCOME_HOLD;
    case SEK_VERDICT_TRANSITIONAL:
        transitional = sek_store_string(store, store->policy, "transitional");
        return transitional && strcmp(transitional, "accept") == 0 ? SEK_OUTCOME_ACCEPT
                                                                   : SEK_OUTCOME_HOLD;
    case SEK_VERDICT_CONSULT:
    case SEK_VERDICT_UNREADABLE:
    case SEK_VERDICT_UNEXPECTED:
        return SEK_OUTCOME_HOLD;
    case SEK_VERDICT_ABSENT:
        return row->optional ? SEK_OUTCOME_ACCEPT : SEK_OUTCOME_HOLD;
    case SEK_VERDICT_UNVERIFIED:
        return of_unverified(store, row->component_class);
    case SEK_VERDICT_EXCLUDED:
    case SEK_VERDICT_TAMPERED:
        return SEK_OUTCOME_REJECT;
    }
    return SEK_OUTCOME_REJECT; /* no word at all: a fault, never good */
}

void sek_tally_row(struct sek_tally *tally, const struct sek_appraiser *appraiser,
                   const struct sek_row *row)
{
    if (!appraiser->store || !appraiser->store->dtb) {
        sek_tally_finding(tally, SEK_OUTCOME_HOLD);
        return;
    }
    if (row->container || (row->verdict == SEK_VERDICT_ABSENT && row->optional))
        return;
    tally->count++;
    if (row->verdict == SEK_VERDICT_APPROVED)
        tally->approved++;
    sek_tally_finding(tally, of_row(appraiser, row));
    if (row->kind == SEK_ROW_PART && row->verdict != SEK_VERDICT_APPROVED)
        sek_tally_finding(tally, of_unapproved_part(appraiser));
}

enum sek_outcome sek_tally_end(const struct sek_tally *tally)
{
    if (tally->worst == SEK_OUTCOME_ACCEPT && tally->approved == 0)
        return SEK_OUTCOME_HOLD;
    return tally->worst;
}
