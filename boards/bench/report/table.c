#define _POSIX_C_SOURCE 200809L
#include "boards/bench/report/report.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { NAME_WIDTH = 24, DETAIL_INDENT = 4 };

/* True if this locale's characters are UTF-8, by its name: loading the locale to ask it would open
 * six files. POSIX, XBD 8.2: the first of these that is set and not empty counts. */
static bool is_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

    for (size_t i = 0; i < SEK_LEN(names); i++) {
        const char *value = getenv(names[i]), *codeset;

        if (!value || !value[0])
            continue;
        codeset = strchr(value, '.');
        return codeset && (strncasecmp(codeset + 1, "UTF-8", 5) == 0 ||
                           strncasecmp(codeset + 1, "UTF8", 4) == 0);
    }
    return false;
}

struct report_style report_style_of(FILE *out, bool quiet)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    bool terminal = isatty(fileno(out));

    return (struct report_style){
        .colour = terminal && !(no_color && no_color[0]) && term && strcmp(term, "dumb") != 0,
        .ascii = !is_utf8(),
        .quiet = quiet,
    };
}

/* Symbol and colour of a row: what it does to the outcome. */
static const struct look {
    const char *symbol, *ascii, *colour;
} looks[] = {
    {"✘", "x", "31"}, /* rejects: red */
    {"?", "?", "33"}, /* holds: yellow */
    {"-", "-", "36"}, /* counted and shown apart: cyan */
    {"✔", "+", "32"}, /* approved: green */
};

static const struct look *look_of(const struct report_head *head, const struct sek_row *row)
{
    enum sek_outcome outcome = report_row_outcome(head, row);

    if (outcome == SEK_OUTCOME_REJECT)
        return &looks[0];
    if (outcome != SEK_OUTCOME_ACCEPT)
        return &looks[1];
    return &looks[row->verdict == SEK_VERDICT_APPROVED ? 3 : 2];
}

static const char *outcome_colour(enum sek_outcome outcome)
{
    return outcome == SEK_OUTCOME_ACCEPT ? "32" : outcome == SEK_OUTCOME_REJECT ? "31" : "33";
}

static void clean(const char *text, char *out, size_t cap)
{
    sek_text_clean((struct sek_bytes){(const uint8_t *)text, strlen(text)}, out, cap);
}

static void print_coloured(FILE *out, struct report_style style, const char *colour,
                           const char *text)
{
    if (style.colour)
        fprintf(out, "\033[%sm%s\033[0m", colour, text);
    else
        fputs(text, out);
}

static const struct sek_row *row_of_name(const struct sek_row *row, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(row[i].name, name) == 0)
            return &row[i];
    }
    return NULL;
}

/* row NULL: there is none. */
static void print_symbol(FILE *out, const struct report_head *head, struct report_style style,
                         const struct sek_row *row)
{
    const struct look *look = row ? look_of(head, row) : NULL;

    if (look)
        print_coloured(out, style, look->colour, style.ascii ? look->ascii : look->symbol);
    else
        fputs(style.ascii ? "." : "·", out);
}

/* Name, verdict and why. */
static void print_words(FILE *out, const struct report_head *head, struct report_style style,
                        const struct sek_row *row)
{
    char detail[REPORT_DETAIL], rule[SEK_RULE_TEXT_LEN + 1], word[16];

    report_sentence(row, detail);
    sek_rule_format(row->rule, rule);
    fprintf(out, " %-*s ", NAME_WIDTH, row->name);
    snprintf(word, sizeof word, "%-12s", sek_verdict_name(row->verdict));
    print_coloured(out, style, look_of(head, row)->colour, word);
    fprintf(out, " %s %s", rule, detail);
}

/* With a gate: what is now, and what was at the start. */
static void print_row(FILE *out, const struct report_head *head, struct report_style style,
                      const struct report_subject *subject, size_t i)
{
    const struct report_gate *gate = subject->gate;
    const struct sek_row *row = &subject->row[i];

    print_symbol(out, head, style, row);
    if (gate)
        print_symbol(out, head, style, row_of_name(gate->row, gate->row_count, row->name));
    print_words(out, head, style, row);
    if (subject->advisory && subject->advisory[i] != row->verdict &&
        !(subject->explained && subject->explained[i]))
        fprintf(out, " [device says %s]", sek_verdict_name(subject->advisory[i]));
    if (row->bank != SEK_BANK_ACTIVE)
        fprintf(out, " [%s]", report_bank_name(row->bank));
    fputc('\n', out);
}

static void print_rows(FILE *out, const struct report_head *head, struct report_style style,
                       const struct report_subject *subject)
{
    size_t order[REPORT_ROWS_MAX];
    size_t count = report_order(head, subject, order, SEK_LEN(order));

    for (size_t i = 0; i < count; i++)
        print_row(out, head, style, subject, order[i]);
}

/* What only the gate has seen. */
static void print_gate_rows(FILE *out, const struct report_head *head, struct report_style style,
                            const struct report_subject *subject)
{
    const struct report_gate *gate = subject->gate;

    for (size_t i = 0; gate && i < gate->row_count; i++) {
        if (row_of_name(subject->row, subject->row_count, gate->row[i].name))
            continue;
        print_symbol(out, head, style, NULL);
        print_symbol(out, head, style, &gate->row[i]);
        print_words(out, head, style, &gate->row[i]);
        fputs(" [at the start]\n", out);
    }
}

/* Where there is more than one: which bank boots, and what would boot in its place. */
static void print_banks(FILE *out, const struct report_head *head,
                        const struct report_subject *subject)
{
    enum sek_outcome boots, other;

    if (!report_bank(head, subject, SEK_BANK_ACTIVE, &boots))
        return;
    for (enum sek_bank bank = SEK_BANK_BACKUP; bank <= SEK_BANK_RECOVERY; bank++) {
        if (report_bank(head, subject, bank, &other))
            fprintf(out, "  boots from bank active: %s; bank %s would in its place: %s\n",
                    sek_outcome_name(boots), report_bank_name(bank), sek_outcome_name(other));
    }
}

/* "2 excluded, 1 tampered, 3 approved". */
static void print_counts(FILE *out, const struct report_subject *subject)
{
    static const enum sek_verdict words[] = {
        SEK_VERDICT_EXCLUDED,     SEK_VERDICT_TAMPERED,     SEK_VERDICT_UNVERIFIED,
        SEK_VERDICT_UNREADABLE,   SEK_VERDICT_UNEXPECTED,   SEK_VERDICT_CONSULT,
        SEK_VERDICT_TRANSITIONAL, SEK_VERDICT_UNATTRIBUTED, SEK_VERDICT_IDENTIFIED,
        SEK_VERDICT_APPROVED,     SEK_VERDICT_ABSENT,
    };
    const char *separator = "";

    for (size_t w = 0; w < SEK_LEN(words); w++) {
        unsigned count = 0;

        for (size_t i = 0; i < subject->row_count; i++)
            count += subject->row[i].verdict == words[w];
        if (count > 0) {
            fprintf(out, "%s%u %s", separator, count, sek_verdict_name(words[w]));
            separator = ", ";
        }
    }
    if (separator[0] == '\0')
        fputs("nothing was checked", out);
}

void report_table_head(FILE *out, const struct report_head *head, struct report_style style)
{
    const struct bench_trust *trust = head->trust;

    if (style.quiet)
        return;
    if (trust->demo) {
        print_coloured(out, style, "7", "DEMO KEYS");
        fputs(": signed by keys that everybody has; proves nothing about a real device\n", out);
    }
    if (trust->store.dtb) {
        char authority[96], until[SEK_DATE_LEN + 1];

        clean(trust->store.authority ? trust->store.authority : "?", authority, sizeof authority);
        sek_date_format(trust->store.not_after, until);
        fprintf(out, "trust store %lu of %s, valid until %s%s\n",
                (unsigned long)trust->store.serial, authority, until,
                trust->rule == SEK_RULE(TS, 3) ? " (TS-003 expired: approves nothing)" : "");
        if (trust->determined)
            fprintf(out, "with determinations %lu\n", (unsigned long)trust->determinations);
    }
}

/* One line: the outcome and, where nothing was asked, why. */
static void print_quiet(FILE *out, const struct report_subject *subject, const char *name)
{
    char rule[SEK_RULE_TEXT_LEN + 1] = "";

    fprintf(out, "%s %s", sek_outcome_name(subject->outcome), name);
    if (subject->outcome == SEK_OUTCOME_ERROR && subject->finding_count > 0) {
        sek_rule_format(subject->finding[0].rule, rule);
        fprintf(out, "  %s %s", rule, subject->finding[0].detail);
    }
    fputc('\n', out);
}

static void print_device(FILE *out, const struct report_device *device)
{
    char model[64], serial[96];

    clean(device->model, model, sizeof model);
    clean(device->serial_number, serial, sizeof serial);
    fprintf(out, "  %s  serial %s  %s, key in %s%s", model, serial[0] ? serial : "?",
            device->assurance, device->key_protection, device->enrolled ? "" : ", not enrolled");
}

static void print_gate(FILE *out, const struct report_gate *gate)
{
    fprintf(out,
            "  started by its gate: start %llu, trust store %lu, key in %s; signs below: now and "
            "at that start\n",
            (unsigned long long)gate->boot_count, (unsigned long)gate->store_serial,
            gate->device->key_protection);
}

static void print_findings(FILE *out, const struct report_head *head,
                           const struct report_subject *subject)
{
    char rule[SEK_RULE_TEXT_LEN + 1];

    if (head->trust->rule) {
        sek_rule_format(head->trust->rule, rule);
        fprintf(out, "! %s %s\n", rule, report_rule_find(head->trust->rule)->title);
    }
    for (size_t i = 0; i < subject->finding_count; i++) {
        sek_rule_format(subject->finding[i].rule, rule);
        fprintf(out, "! %s %s\n", rule, subject->finding[i].detail);
    }
    for (size_t i = 0; i < subject->note_count; i++)
        fprintf(out, "  note: %s\n", subject->note[i]);
}

void report_table_subject(FILE *out, const struct report_head *head,
                          const struct report_subject *subject, struct report_style style)
{
    char name[256];

    clean(subject->name, name, sizeof name);
    if (style.quiet) {
        print_quiet(out, subject, name);
        return;
    }
    fprintf(out, "\n%s", name);
    if (subject->device)
        print_device(out, subject->device);
    fputc('\n', out);
    if (subject->gate)
        print_gate(out, subject->gate);
    print_rows(out, head, style, subject);
    print_gate_rows(out, head, style, subject);
    print_banks(out, head, subject);
    print_findings(out, head, subject);
    print_coloured(out, style, outcome_colour(subject->outcome),
                   sek_outcome_name(subject->outcome));
    fprintf(out, "  %s   ", name);
    print_counts(out, subject);
    fputs(head->trust->demo ? "   DEMO KEYS\n" : "\n", out);
    report_print_next(out, head, subject);
}
