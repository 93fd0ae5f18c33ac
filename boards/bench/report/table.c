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

/* Symbol, colour and order of a verdict; what is worst stands first. */
static const struct look {
    enum sek_verdict verdict;
    const char *symbol, *ascii, *colour;
} looks[] = {
    {SEK_VERDICT_EXCLUDED, "✘", "x", "31"},     /* red */
    {SEK_VERDICT_TAMPERED, "✘", "x", "31"},     /* */
    {SEK_VERDICT_UNVERIFIED, "✘", "x", "31"},   /* */
    {SEK_VERDICT_UNREADABLE, "?", "?", "33"},   /* yellow */
    {SEK_VERDICT_UNEXPECTED, "?", "?", "33"},   /* */
    {SEK_VERDICT_CONSULT, "?", "?", "33"},      /* */
    {SEK_VERDICT_TRANSITIONAL, "?", "?", "33"}, /* */
    {SEK_VERDICT_UNATTRIBUTED, "-", "-", "36"}, /* cyan: counted and shown apart */
    {SEK_VERDICT_IDENTIFIED, "-", "-", "36"},   /* */
    {SEK_VERDICT_APPROVED, "✔", "+", "32"},     /* green */
    {SEK_VERDICT_ABSENT, "-", "-", "36"},       /* */
};

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

static void print_row(FILE *out, struct report_style style, const struct look *look,
                      const struct sek_row *row, const enum sek_verdict *advisory)
{
    char detail[REPORT_DETAIL], rule[SEK_RULE_TEXT_LEN + 1], word[16];

    report_sentence(row, detail);
    sek_rule_format(row->rule, rule);
    print_coloured(out, style, look->colour, style.ascii ? look->ascii : look->symbol);
    fprintf(out, " %-*s ", NAME_WIDTH, row->name);
    snprintf(word, sizeof word, "%-12s", sek_verdict_name(row->verdict));
    print_coloured(out, style, look->colour, word);
    fprintf(out, " %s %s", rule, detail);
    if (advisory && *advisory != row->verdict)
        fprintf(out, " [device says %s]", sek_verdict_name(*advisory));
    fputc('\n', out);
}

static void print_rows(FILE *out, struct report_style style, const struct report_subject *subject)
{
    for (size_t l = 0; l < SEK_LEN(looks); l++) {
        for (size_t i = 0; i < subject->row_count; i++) {
            if (subject->row[i].verdict == looks[l].verdict)
                print_row(out, style, &looks[l], &subject->row[i],
                          subject->advisory ? &subject->advisory[i] : NULL);
        }
    }
}

/* "2 excluded, 1 tampered, 3 approved". */
static void print_counts(FILE *out, const struct report_subject *subject)
{
    const char *separator = "";

    for (size_t l = 0; l < SEK_LEN(looks); l++) {
        unsigned count = 0;

        for (size_t i = 0; i < subject->row_count; i++)
            count += subject->row[i].verdict == looks[l].verdict;
        if (count > 0) {
            fprintf(out, "%s%u %s", separator, count, sek_verdict_name(looks[l].verdict));
            separator = ", ";
        }
    }
    if (separator[0] == '\0')
        fputs("nothing was checked", out);
}

static bool said_before(const struct report_subject *subject, size_t row, const char *next)
{
    for (size_t i = 0; i < row; i++) {
        const char *before = report_next(subject->row[i].rule);

        if (before && strcmp(before, next) == 0)
            return true;
    }
    return false;
}

/* What to do: once per advice, worst rows first come from the table's order above. */
static void print_next(FILE *out, const struct report_subject *subject)
{
    unsigned number = 0;

    for (size_t i = 0; i < subject->row_count; i++) {
        const struct sek_row *row = &subject->row[i];
        const char *next = report_next(row->rule);
        char rule[SEK_RULE_TEXT_LEN + 1];

        if (!next || row->verdict == SEK_VERDICT_APPROVED || said_before(subject, i, next))
            continue;
        sek_rule_format(row->rule, rule);
        fprintf(out, "%s %u  %s (%s)\n", number ? "    " : "Next", number + 1, next, rule);
        number++;
    }
    for (size_t i = 0; i < subject->finding_count; i++) {
        const char *next = report_next(subject->finding[i].rule);

        if (next) {
            fprintf(out, "%s %u  %s\n", number ? "    " : "Next", number + 1, next);
            number++;
        }
    }
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
    }
}

void report_table_subject(FILE *out, const struct report_head *head,
                          const struct report_subject *subject, struct report_style style)
{
    char name[256];

    clean(subject->name, name, sizeof name);
    if (style.quiet) {
        fprintf(out, "%s %s\n", sek_outcome_name(subject->outcome), name);
        return;
    }
    fprintf(out, "\n%s", name);
    if (subject->device) {
        char model[64], serial[96];

        clean(subject->device->model, model, sizeof model);
        clean(subject->device->serial_number, serial, sizeof serial);
        fprintf(out, "  %s  serial %s  %s%s", model, serial, subject->device->assurance,
                subject->device->enrolled ? "" : ", not enrolled");
    }
    fputc('\n', out);
    print_rows(out, style, subject);
    for (size_t i = 0; i < subject->finding_count; i++) {
        char rule[SEK_RULE_TEXT_LEN + 1];

        sek_rule_format(subject->finding[i].rule, rule);
        fprintf(out, "! %s %s\n", rule, subject->finding[i].detail);
    }
    print_coloured(out, style, outcome_colour(subject->outcome),
                   sek_outcome_name(subject->outcome));
    fprintf(out, "  %s   ", name);
    print_counts(out, subject);
    fputs(head->trust->demo ? "   DEMO KEYS\n" : "\n", out);
    print_next(out, subject);
}
