#include "trust/rules.h"

#include "base/bytes.h"
#include "trust/kin.h"
#include "trust/schema.h"

#include <libfdt.h>

#include <string.h>

struct question {
    const struct sek_store *store;
    const struct sek_context *context;
    const struct sek_rules_subject *subject;
    struct sek_rules_result *result;
    int rule;
    bool named; /* the rule's basis */
};

/* A condition that widens: holds if it is absent, if the context does not say, or if it is met. */
static bool fits(const struct question *q, const char *property, const char *word)
{
    if (!sek_store_bytes(q->store, q->rule, property).data || !word)
        return true;
    return sek_store_list_has(q->store, q->rule, property, word);
}

static const char *class_word(const struct question *q)
{
    return q->subject->component_class == SEK_CLASS_NONE
               ? NULL
               : sek_class_name(q->subject->component_class);
}

static bool in_time(const struct question *q)
{
    sek_day today = q->context->today;
    sek_day from = sek_store_date(q->store, q->rule, "effective-from");
    sek_day until = sek_store_date(q->store, q->rule, "effective-until");

    if (today == 0)
        return true; /* an unknown date never helps */
    return from <= today && (until == 0 || today <= until);
}

/* not-origin: holds unless the part states its country, whole, and none that is not listed. */
static bool origin_fits(const struct question *q)
{
    bool listed = false;

    if (!sek_store_bytes(q->store, q->rule, "not-origin").data)
        return true;
    for (size_t i = 0; i < q->subject->observation_count; i++) {
        const struct sek_observation *seen = &q->subject->observation[i];
        char code[3] = "";

        if (seen->kind != SEK_KIND_COUNTRY)
            continue;
        if (seen->value.len != 2 || (seen->flags & SEK_OBSERVATION_DAMAGED) != 0)
            return true;
        memcpy(code, seen->value.data, 2);
        if (!sek_store_list_has(q->store, q->rule, "not-origin", code))
            return true;
        listed = true;
    }
    return !listed;
}

/* The rule is in force. What most often does not fit is asked first. */
static bool rule_fits(const struct question *q)
{
    return fits(q, "role", class_word(q)) && fits(q, "tier", q->context->tier) &&
           fits(q, "event", q->context->event) &&
           fits(q, "product-class", q->context->product_class) && in_time(q) && origin_fits(q);
}

/* True if the subject of a rule or determination names this entity. */
static bool is_subject(const struct question *q, int node, int entity)
{
    struct sek_bytes list = sek_store_bytes(q->store, node, "subject");

    for (size_t i = 0; i + 4 <= list.len; i += 4) {
        if (sek_store_phandle(q->store, sek_get_u32be(list.data + i)) == entity)
            return true;
    }
    return false;
}

/* Affiliations that the rule follows and that held when the part was acquired; an unknown date is
 * included. */
struct follow {
    struct sek_kin_filter base;
    const struct question *q;
};

static bool followed(const struct sek_kin_filter *filter, int affiliation)
{
    const struct question *q = ((const struct follow *)filter)->q;
    const char *kind = sek_store_string(q->store, affiliation, "kind");
    sek_day at = q->context->acquired;
    sek_day from = sek_store_date(q->store, affiliation, "from");
    sek_day until = sek_store_date(q->store, affiliation, "until");

    return kind && sek_store_list_has(q->store, q->rule, "follow", kind) &&
           (at == 0 || ((from == 0 || from <= at) && (until == 0 || at <= until)));
}

/* The entity itself is a subject of that node, or one that it belongs to. */
static bool reaches_subject(const struct question *q, int where, int entity)
{
    const struct follow follow = {{followed}, q};
    struct sek_kin kin;

    sek_kin_list(q->store, entity, &follow.base, &kin);
    for (size_t i = 0; i < kin.count; i++) {
        if (is_subject(q, where, kin.entity[i]))
            return true;
    }
    return kin.overflow;
}

/* Only these properties are known in a relief; any other, or a node, makes it void. */
static bool relief_is_known(const struct question *q, int node, const char *const *known, size_t n)
{
    int property;

    if (fdt_first_subnode(q->store->dtb, node) >= 0)
        return false;
    fdt_for_each_property_offset(property, q->store->dtb, node)
    {
        const char *name;
        size_t i = 0;

        fdt_getprop_by_offset(q->store->dtb, property, &name, NULL);
        while (i < n && strcmp(known[i], name) != 0)
            i++;
        if (i == n)
            return false;
    }
    return true;
}

/* A condition that relieves: absent, or known and met. */
static bool met(const struct question *q, int node, const char *property, const char *word)
{
    if (!sek_store_bytes(q->store, node, property).data)
        return true;
    return word && sek_store_list_has(q->store, node, property, word);
}

static bool exception_holds(const struct question *q, int node)
{
    static const char *const known[] = {"tier", "event", "role", "until", "reference"};
    sek_day until = sek_store_date(q->store, node, "until");

    if (!relief_is_known(q, node, known, SEK_LEN(known)) ||
        !sek_store_string(q->store, node, "reference"))
        return false;
    if (sek_store_bytes(q->store, node, "until").data &&
        (until == 0 || q->context->today == 0 || q->context->today > until))
        return false;
    return met(q, node, "tier", q->context->tier) && met(q, node, "event", q->context->event) &&
           met(q, node, "role", class_word(q));
}

/* The first exception that holds, or -1. */
static int find_exception(const struct question *q)
{
    int node;

    fdt_for_each_subnode(node, q->store->dtb, q->rule)
    {
        const char *name = sek_store_node_name(q->store, node);

        if (sek_schema_child(SEK_NODE_RULE, name) == SEK_NODE_EXCEPTION && exception_holds(q, node))
            return node;
    }
    return -1;
}

/* SEK_RULING_TRANSITION, _OVERDUE, or _EXCLUDED where no transition helps. *ends: its last day. */
static enum sek_ruling transition(const struct question *q, sek_day *ends)
{
    static const char *const known[] = {"acquired-before", "keep-until"};
    int node = fdt_subnode_offset(q->store->dtb, q->rule, "transition");
    sek_day before = sek_store_date(q->store, node, "acquired-before");
    bool limited = sek_store_bytes(q->store, node, "keep-until").data != NULL;

    if (node < 0 || before == 0 || !relief_is_known(q, node, known, SEK_LEN(known)) ||
        q->context->acquired == 0 || q->context->acquired >= before)
        return SEK_RULING_EXCLUDED;
    *ends = sek_store_date(q->store, node, "keep-until");
    if (!limited)
        return SEK_RULING_TRANSITION;
    if (*ends == 0 || q->context->today == 0)
        return SEK_RULING_EXCLUDED;
    return q->context->today <= *ends ? SEK_RULING_TRANSITION : SEK_RULING_OVERDUE;
}

/* A determination that clears relieves: it counts from its day on, and where today is unknown, if
 * it is no younger than the store. */
static bool clears(const struct question *q, int determination)
{
    sek_day from = sek_store_date(q->store, determination, "date");

    return from != 0 && from <= (q->context->today ? q->context->today : q->store->issued);
}

/* What signed determinations say of this rule and entity, the worst of them: EXCLUDED (also of one
 * that the entity belongs to), NONE (cleared: of itself only), CONSULT (there is none). */
static enum sek_ruling determined(const struct question *q, int entity)
{
    enum sek_ruling ruling = SEK_RULING_CONSULT;
    int node;

    if (q->store->determinations < 0 || entity < 0)
        return ruling;
    fdt_for_each_subnode(node, q->store->dtb, q->store->determinations)
    {
        struct sek_bytes rule = sek_store_bytes(q->store, node, "rule");
        const char *verdict = sek_store_string(q->store, node, "verdict");

        if (rule.len != 4 || !verdict ||
            sek_store_phandle(q->store, sek_get_u32be(rule.data)) != q->rule)
            continue;
        if (strcmp(verdict, "excluded") == 0 && reaches_subject(q, node, entity))
            return SEK_RULING_EXCLUDED;
        if (strcmp(verdict, "cleared") == 0 && is_subject(q, node, entity) && clears(q, node))
            ruling = SEK_RULING_NONE;
    }
    return ruling;
}

static void keep_worst(const struct question *q, enum sek_ruling ruling, int entity, int exception,
                       sek_day ends, bool look_alike)
{
    struct sek_rules_result *result = q->result;

    if (ruling <= result->ruling)
        return;
    *result = (struct sek_rules_result){
        .ruling = ruling,
        .look_alike = look_alike,
        .policy =
            {
                .rule = sek_store_node_name(q->store, q->rule),
                .entity = entity >= 0 ? sek_store_node_name(q->store, entity) : NULL,
                .authority = sek_store_string(q->store, q->rule, "authority"),
                .clause = sek_store_string(q->store, q->rule, "clause"),
                .effective_from = sek_store_date(q->store, q->rule, "effective-from"),
                .ends = ends,
                .exception = sek_store_string(q->store, exception, "reference"),
                .overdue = ruling == SEK_RULING_OVERDUE,
                .undated = q->context->today == 0,
            },
    };
}

/* The ruling on one entity (-1: on a subject that nobody is known to have made). */
static void rule_on(const struct question *q, int entity)
{
    const char *verdict = sek_store_string(q->store, q->rule, "verdict");
    enum sek_ruling ruling =
        verdict && strcmp(verdict, "consult") == 0 ? SEK_RULING_CONSULT : SEK_RULING_EXCLUDED;
    int exception = find_exception(q);
    sek_day ends = 0;

    if (!q->named)
        ruling = determined(q, entity);
    if (ruling == SEK_RULING_NONE)
        return;
    if (exception >= 0) {
        ends = sek_store_date(q->store, exception, "until");
        ruling = SEK_RULING_EXCEPTION;
    } else if (q->named) {
        enum sek_ruling relief = transition(q, &ends);

        if (relief != SEK_RULING_EXCLUDED)
            ruling = relief;
        else
            ends = 0;
    }
    keep_worst(q, ruling, entity, exception, ends, false);
}

/* A rule that names nobody, or only filters: on everybody who is said to have made the part; what
 * is written like a name, or says no name that we know, is nobody determined. */
static void rule_on_all(const struct question *q)
{
    const struct sek_hits *hits = q->subject->hits;
    bool somebody = false;

    for (size_t i = 0; i < hits->count; i++) {
        if (hits->hit[i].strength != SEK_HIT_EXACT)
            continue;
        rule_on(q, hits->hit[i].entity);
        somebody = true;
    }
    if (!somebody || hits->stranger || hits->overflow)
        rule_on(q, -1);
}

/* A rule with a subject: on those who are hit. */
static void rule_on_subjects(const struct question *q)
{
    const struct sek_hits *hits = q->subject->hits;
    struct sek_bytes evidence = sek_store_bytes(q->store, q->rule, "min-evidence");
    uint32_t least = evidence.len == 4 ? sek_get_u32be(evidence.data) : 1;

    if (hits->overflow)
        keep_worst(q, SEK_RULING_CONSULT, -1, -1, 0, true);
    for (size_t i = 0; i < hits->count; i++) {
        const struct sek_hit *hit = &hits->hit[i];

        if ((uint32_t)hit->evidence < least)
            continue;
        if (hit->strength == SEK_HIT_EXACT && reaches_subject(q, q->rule, hit->entity))
            rule_on(q, hit->entity);
        else if (hit->strength == SEK_HIT_SHORT && reaches_subject(q, q->rule, hit->entity))
            keep_worst(q, SEK_RULING_CONSULT, hit->entity, -1, 0, false);
        else if (hit->strength == SEK_HIT_LOOK_ALIKE && is_subject(q, q->rule, hit->entity))
            keep_worst(q, SEK_RULING_CONSULT, hit->entity, -1, 0, true);
    }
}

static void ask_rule(struct question *q, const struct sek_store_rule *rule)
{
    const struct sek_hits *hits = q->subject->hits;

    enum sek_ruling worst =
        rule->excludes || q->store->determinations >= 0 ? SEK_RULING_EXCLUDED : SEK_RULING_CONSULT;

    q->rule = rule->node;
    q->named = rule->excludes;
    if (rule->has_subject && hits->count == 0 && !hits->overflow)
        return; /* it names somebody, and nobody is named */
    if (q->result->ruling >= worst)
        return; /* it can make nothing worse */
    if (!rule_fits(q))
        return;
    if (rule->has_subject)
        rule_on_subjects(q);
    else
        rule_on_all(q);
}

static void ask_all(const struct sek_store *store, const struct sek_context *context,
                    const struct sek_rules_subject *subject, struct sek_rules_result *result)
{
    struct question q = {.store = store, .context = context, .subject = subject, .result = result};
    struct sek_store_rule rule;

    for (size_t i = 0; i < store->rule_count; i++)
        ask_rule(&q, &store->rule[i]);
    for (int node = store->unlisted; node >= 0; node = fdt_next_subnode(store->dtb, node)) {
        if (sek_store_rule_read(store, node, &rule))
            ask_rule(&q, &rule);
    }
}

void sek_rules_evaluate(const struct sek_store *store, const struct sek_context *context,
                        const struct sek_rules_subject *subject, struct sek_rules_result *result)
{
    *result = (struct sek_rules_result){.ruling = SEK_RULING_NONE};
    ask_all(store, context, subject, result);
    if (context->also)
        ask_all(store, context->also, subject, result);
}
