/* What is worst, and what to do about it. */
#include "boards/bench/report/report.h"

#include <string.h>

enum { ADVICE_MAX = 32, NAMES_MAX = 3 };

enum sek_outcome report_row_outcome(const struct report_head *head, const struct sek_row *row)
{
    const struct sek_appraiser appraiser = {.store = &head->trust->store,
                                            .context = *head->context};
    struct sek_tally tally;

    sek_tally_start(&tally);
    sek_tally_row(&tally, &appraiser, row);
    return tally.worst;
}

const char *report_bank_name(enum sek_bank bank)
{
    static const char *const names[] = {[SEK_BANK_ACTIVE] = "active",
                                        [SEK_BANK_BACKUP] = "backup",
                                        [SEK_BANK_RECOVERY] = "recovery"};

    return (size_t)bank < SEK_LEN(names) ? names[bank] : "?";
}

bool report_bank(const struct report_head *head, const struct report_subject *subject,
                 enum sek_bank bank, enum sek_outcome *outcome)
{
    bool any = false;

    *outcome = SEK_OUTCOME_ACCEPT;
    for (size_t i = 0; i < subject->row_count; i++) {
        const struct sek_row *row = &subject->row[i];

        if (row->bank != bank || row->kind == SEK_ROW_PART)
            continue;
        any = true;
        *outcome = report_worse(*outcome, report_row_outcome(head, row));
    }
    return any;
}

/* From worst to best: first what it does to the outcome, then the word. */
static unsigned rank(const struct report_head *head, const struct sek_row *row)
{
    static const enum sek_outcome outcomes[] = {SEK_OUTCOME_REJECT, SEK_OUTCOME_ERROR,
                                                SEK_OUTCOME_HOLD};
    static const enum sek_verdict words[] = {
        SEK_VERDICT_EXCLUDED,     SEK_VERDICT_TAMPERED,     SEK_VERDICT_UNVERIFIED,
        SEK_VERDICT_UNREADABLE,   SEK_VERDICT_UNEXPECTED,   SEK_VERDICT_CONSULT,
        SEK_VERDICT_TRANSITIONAL, SEK_VERDICT_UNATTRIBUTED, SEK_VERDICT_IDENTIFIED,
        SEK_VERDICT_APPROVED,     SEK_VERDICT_ABSENT,
    };
    enum sek_outcome outcome = report_row_outcome(head, row);
    unsigned first = 0, second = 0;

    while (first < SEK_LEN(outcomes) && outcomes[first] != outcome)
        first++;
    while (second < SEK_LEN(words) && words[second] != row->verdict)
        second++;
    return first * 16 + second;
}

size_t report_order(const struct report_head *head, const struct report_subject *subject,
                    size_t *order, size_t cap)
{
    uint8_t ranks[REPORT_ROWS_MAX];
    size_t rows = subject->row_count, count = 0;

    if (rows > cap)
        rows = cap;
    if (rows > SEK_LEN(ranks))
        rows = SEK_LEN(ranks);
    for (size_t i = 0; i < rows; i++)
        ranks[i] = (uint8_t)rank(head, &subject->row[i]);
    for (unsigned wanted = 0; count < rows; wanted++) {
        for (size_t i = 0; i < rows; i++) {
            if (ranks[i] == wanted)
                order[count++] = i;
        }
    }
    return count;
}

/* One thing to do, and what it is about. */
struct advice {
    const char *text;
    sek_rule rule;
    const char *name[NAMES_MAX];
    size_t count;
};

struct advices {
    struct advice item[ADVICE_MAX];
    size_t count;
};

static void add(struct advices *all, sek_rule rule, const char *name)
{
    const char *text = report_next(rule);
    struct advice *item = NULL;

    if (!text)
        return;
    for (size_t i = 0; i < all->count && !item; i++) {
        if (all->item[i].rule == rule || strcmp(all->item[i].text, text) == 0)
            item = &all->item[i];
    }
    if (!item) {
        if (all->count == ADVICE_MAX)
            return;
        item = &all->item[all->count++];
        *item = (struct advice){.text = text, .rule = rule};
    }
    if (name && item->count < NAMES_MAX)
        item->name[item->count] = name;
    item->count += name != NULL;
}

static void print(FILE *out, size_t number, const struct advice *item)
{
    char rule[SEK_RULE_TEXT_LEN + 1];

    sek_rule_format(item->rule, rule);
    fprintf(out, "%s %zu  %s (%s", number == 1 ? "Next" : "    ", number, item->text, rule);
    for (size_t i = 0; i < item->count && i < NAMES_MAX; i++)
        fprintf(out, "%s %s", i == 0 ? ":" : ",", item->name[i]);
    if (item->count > NAMES_MAX)
        fprintf(out, " and %zu more", item->count - NAMES_MAX);
    fputs(")\n", out);
}

void report_print_next(FILE *out, const struct report_head *head,
                       const struct report_subject *subject)
{
    struct advices all = {.count = 0};
    size_t order[REPORT_ROWS_MAX];
    size_t count = report_order(head, subject, order, SEK_LEN(order));

    for (size_t i = 0; i < count; i++) {
        const struct sek_row *row = &subject->row[order[i]];

        if (report_row_outcome(head, row) != SEK_OUTCOME_ACCEPT)
            add(&all, row->rule, row->name);
    }
    for (size_t i = 0; i < subject->finding_count; i++)
        add(&all, subject->finding[i].rule, NULL);
    if (head->trust->rule)
        add(&all, head->trust->rule, NULL);
    for (size_t i = 0; i < all.count; i++)
        print(out, i + 1, &all.item[i]);
}
