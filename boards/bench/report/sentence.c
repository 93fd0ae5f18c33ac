#include "boards/bench/report/report.h"

#include "base/text.h"
#include "trust/manifest.h"

#include <stdarg.h>
#include <string.h>

void report_find(struct report_subject *subject, sek_rule rule, const char *format, ...)
{
    char text[2 * REPORT_DETAIL];
    struct report_finding *finding;
    va_list list;

    if (subject->finding_count == REPORT_FINDINGS)
        return;
    finding = &subject->finding[subject->finding_count++];
    finding->rule = rule;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    sek_text_clean((struct sek_bytes){(const uint8_t *)text, strlen(text)}, finding->detail,
                   sizeof finding->detail);
}

void report_note(struct report_subject *subject, const char *format, ...)
{
    char text[2 * REPORT_DETAIL];
    va_list list;

    if (subject->note_count == REPORT_NOTES)
        return;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    sek_text_clean((struct sek_bytes){(const uint8_t *)text, strlen(text)},
                   subject->note[subject->note_count++], REPORT_DETAIL);
}

/* Observations of the area that an inventory record is shown by: its product, which stands first;
 * the board's numbers are not mixed with it. Makers are shown wherever they stand. */
static size_t shown_count(const struct sek_row *row, enum sek_kind kind)
{
    if (strcmp(row->format, "ipmi-fru") != 0 || row->observation_count == 0 ||
        row->observation[0].kind != SEK_KIND_VENDOR || kind <= SEK_KIND_MANUFACTURER)
        return row->observation_count;
    for (size_t i = 0; i < row->observation_count; i++) {
        enum sek_kind seen = row->observation[i].kind;

        if (seen == SEK_KIND_MANUFACTURER || seen == SEK_KIND_DATE)
            return i; /* here begins the board */
    }
    return row->observation_count;
}

void report_observed(const struct sek_row *row, enum sek_kind kind, char *out, size_t cap)
{
    size_t count = shown_count(row, kind);

    out[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        const struct sek_observation *seen = &row->observation[i];

        if (seen->kind == kind && seen->type == SEK_VALUE_TEXT) {
            sek_text_clean(seen->value, out, cap);
            return;
        }
    }
}

void report_said(const struct sek_observation *seen, char *out, size_t cap)
{
    const char *kind = sek_manifest_kind(seen->kind);
    char hex[13];
    int n = snprintf(out, cap, "%s=", kind ? kind : "?");

    if (n < 0 || (size_t)n >= cap)
        return;
    if (seen->type == SEK_VALUE_TEXT) {
        sek_text_clean(seen->value, out + n, cap - (size_t)n);
    } else {
        sek_manifest_hex(seen, hex);
        snprintf(out + n, cap - (size_t)n, "%s", hex);
    }
}

void report_key(const uint8_t key[SEK_KEY_ID_LEN], char out[12])
{
    snprintf(out, 12, "%02x:%02x:%02x:%02x", key[0], key[1], key[2], key[3]);
}

/* "claims "Acme Optics", " where the part names somebody. */
static void claimed_maker(const struct sek_row *row, char *out, size_t cap)
{
    char name[80];

    report_observed(row, SEK_KIND_VENDOR, name, sizeof name);
    if (!name[0])
        report_observed(row, SEK_KIND_MANUFACTURER, name, sizeof name);
    out[0] = '\0';
    if (name[0])
        snprintf(out, cap, "claims \"%s\"", name);
}

/* The part of the sentence that says which rule of the policy decided. */
static void policy_clause(const struct sek_row *row, char *out, size_t cap)
{
    const struct sek_policy_ref *policy = &row->policy;
    char from[SEK_DATE_LEN + 1], ends[SEK_DATE_LEN + 1];
    int n;

    out[0] = '\0';
    if (!policy->rule)
        return;
    sek_date_format(policy->effective_from, from);
    sek_date_format(policy->ends, ends);
    n = snprintf(out, cap, "rule %s of %s (%s), in force from %s", policy->rule,
                 policy->authority ? policy->authority : "?", policy->clause ? policy->clause : "?",
                 from);
    if (n > 0 && (size_t)n < cap && policy->exception)
        n += snprintf(out + n, cap - (size_t)n, "; exception %s", policy->exception);
    if (n > 0 && (size_t)n < cap && policy->ends)
        n +=
            snprintf(out + n, cap - (size_t)n, "; %s %s", policy->overdue ? "ended" : "ends", ends);
    if (n > 0 && (size_t)n < cap && policy->undated)
        snprintf(out + n, cap - (size_t)n, "; VND-007, no trusted date: no relief is judged");
}

static void fault_clause(const struct sek_row *row, char *out, size_t cap)
{
    out[0] = '\0';
    if (row->fault.status == SEK_OK)
        return;
    if (row->rule == SEK_RULE(SIG, 12) && row->fault_len > 0) {
        snprintf(out, cap, "not covered: 0x%llx..0x%llx, not blank",
                 (unsigned long long)row->fault.offset,
                 (unsigned long long)(row->fault.offset + row->fault_len - 1));
        return;
    }
    snprintf(out, cap, "offset %llu (0x%llx): %s", (unsigned long long)row->fault.offset,
             (unsigned long long)row->fault.offset,
             row->fault.why ? row->fault.why : sek_status_text(row->fault.status));
}

void report_sentence(const struct sek_row *row, char out[REPORT_DETAIL])
{
    const struct report_rule *rule = report_rule_find(row->rule);
    const char *title = rule ? rule->title : sek_verdict_name(row->verdict);
    char text[2 * REPORT_DETAIL], extra[REPORT_DETAIL], key[12] = "";
    size_t len;

    snprintf(text, sizeof text, "%s", title);
    len = strlen(text);
    if (row->signer) {
        if (row->has_key)
            report_key(row->key, key);
        len += (size_t)snprintf(text + len, sizeof text - len, ": %s%s%s", row->signer,
                                row->has_key ? ", key " : "", key);
    }
    claimed_maker(row, extra, sizeof extra);
    if (extra[0] && len < sizeof text)
        len += (size_t)snprintf(text + len, sizeof text - len, "; %s", extra);
    policy_clause(row, extra, sizeof extra);
    if (extra[0] && len < sizeof text)
        len += (size_t)snprintf(text + len, sizeof text - len, "; %s", extra);
    if (row->kind == SEK_ROW_PART && (row->blank || row->damaged) && len < sizeof text)
        len += (size_t)snprintf(text + len, sizeof text - len, "; the record is %s",
                                row->blank ? "blank" : "damaged, or of no kind that is read");
    fault_clause(row, extra, sizeof extra);
    if (extra[0] && len < sizeof text)
        snprintf(text + len, sizeof text - len, "; %s", extra);
    sek_text_clean((struct sek_bytes){(const uint8_t *)text, strlen(text)}, out, REPORT_DETAIL);
}

enum sek_outcome report_worse(enum sek_outcome a, enum sek_outcome b)
{
    static const enum sek_outcome order[] = {SEK_OUTCOME_REJECT, SEK_OUTCOME_ERROR,
                                             SEK_OUTCOME_HOLD, SEK_OUTCOME_ACCEPT};

    for (size_t i = 0; i < SEK_LEN(order); i++) {
        if (a == order[i] || b == order[i])
            return order[i];
    }
    return SEK_OUTCOME_HOLD;
}

int report_exit(enum sek_outcome outcome)
{
    switch (outcome) {
    case SEK_OUTCOME_ACCEPT:
        return BENCH_EXIT_OK;
    case SEK_OUTCOME_REJECT:
        return BENCH_EXIT_REJECT;
    case SEK_OUTCOME_ERROR:
        return BENCH_EXIT_REACH;
    case SEK_OUTCOME_HOLD:
        return BENCH_EXIT_HOLD;
    }
    return BENCH_EXIT_HOLD;
}
