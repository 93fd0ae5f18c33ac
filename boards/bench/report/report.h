/* The report: what was checked and what it came to, in one model that every form of output prints.
 * The verdict is computed before it comes here; nothing here changes one. */
#ifndef SEK_BENCH_REPORT_REPORT_H
#define SEK_BENCH_REPORT_REPORT_H

#include "boards/bench/trust.h"
#include "trust/appraise.h"

#include <stdio.h>

enum { REPORT_FINDINGS = 64, REPORT_NOTES = 8, REPORT_ROWS_MAX = 1024, REPORT_DETAIL = 320 };

/* Something found on the whole subject, not on one component. */
struct report_finding {
    sek_rule rule;
    char detail[REPORT_DETAIL];
};

/* What a device says of itself, checked. */
struct report_device {
    char ueid[67]; /* hex */
    char model[33];
    char serial_number[65];
    bool enrolled;
    const char *assurance;      /* "gate", "visit", "service", "self-reported" */
    const char *key_protection; /* "file", "flash", ... */
    bool tells_secure_boot;     /* of its chip */
    bool secure_boot;
};

/* The gate that started the system: what it measured at that start, judged by this bench. */
struct report_gate {
    const struct report_device *device;
    const struct sek_row *row;
    const enum sek_verdict *advisory; /* its own words, one per row */
    size_t row_count;
    uint64_t boot_count;
    uint32_t store_serial;
};

/* One file or target. */
struct report_subject {
    const char *name;                   /* file or target as given */
    const struct report_device *device; /* NULL: a file, or a device that did not answer */
    const struct report_gate *gate;     /* NULL: none, or nothing that can be shown */
    bool is_file;
    enum sek_outcome outcome;
    const struct sek_row *row;
    const enum sek_verdict *advisory; /* the device's own words, one per row; NULL: a file */
    const bool *explained;            /* where another word of its is no quarrel; NULL: nowhere */
    size_t row_count;
    struct report_finding finding[REPORT_FINDINGS];
    size_t finding_count;
    char note[REPORT_NOTES][REPORT_DETAIL]; /* what is worth knowing and no finding */
    size_t note_count;
    int exit_status; /* this subject's share */
};

/* Adds a finding; more than the table holds are dropped from the report, never from the outcome. */
void report_find(struct report_subject *subject, sek_rule rule, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Adds a note; more than the table holds are dropped. */
void report_note(struct report_subject *subject, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* One plain sentence on a row: what was found and why; always ends in NUL. */
void report_sentence(const struct sek_row *row, char out[REPORT_DETAIL]);

/* What to do next about a rule, or NULL: nothing. */
const char *report_next(sek_rule rule);

/* The whole of what `sekisho explain` says of a rule. */
struct report_rule {
    sek_rule rule;
    const char *title; /* a few words */
    const char *what, *why, *proof, *now, *not_this;
};

/* All rules that exist, ordered; count in *count. */
const struct report_rule *report_rules(size_t *count);
const struct report_rule *report_rule_find(sek_rule rule); /* NULL: no such rule */

/* The context as the report names it. */
struct report_head {
    const struct bench_trust *trust;
    const struct sek_context *context;
    const char *context_source; /* "order:2026-117", "command line", "none" */
};

/* What a row does to the outcome, by itself. */
enum sek_outcome report_row_outcome(const struct report_head *head, const struct sek_row *row);

/* What the rows of one bank come to together; parts are in none. False: the device has no such
 * bank. By the board description the active one boots, and another in its place if it fails. */
bool report_bank(const struct report_head *head, const struct report_subject *subject,
                 enum sek_bank bank, enum sek_outcome *outcome);
const char *report_bank_name(enum sek_bank bank);

/* Rows in the order in which people should see them, the worst first: fills order with indexes of
 * subject->row, at most cap of them; returns how many. */
size_t report_order(const struct report_head *head, const struct report_subject *subject,
                    size_t *order, size_t cap);

/* What to do, once per advice and with the components that it is about, the worst first. */
void report_print_next(FILE *out, const struct report_head *head,
                       const struct report_subject *subject);

/* JSON: one document {"schema":"sekisho/report-1",...}; subjects are printed as they come, so that
 * memory does not grow with their number. */
void report_json_begin(FILE *out, const struct report_head *head);
void report_json_subject(FILE *out, const struct report_head *head,
                         const struct report_subject *subject, bool first);
void report_json_end(FILE *out, enum sek_outcome outcome, int exit_status);

/* The table for people. colour: ANSI colours; ascii: no symbols outside ASCII. */
struct report_style {
    bool colour, ascii, quiet;
};
struct report_style report_style_of(FILE *out, bool quiet);
void report_table_head(FILE *out, const struct report_head *head, struct report_style style);
void report_table_subject(FILE *out, const struct report_head *head,
                          const struct report_subject *subject, struct report_style style);

/* The worse outcome and the exit status that belongs to an outcome. */
enum sek_outcome report_worse(enum sek_outcome a, enum sek_outcome b);
int report_exit(enum sek_outcome outcome);

/* The word of an observation kind's first observation in a row, cleaned; empty: none. */
void report_observed(const struct sek_row *row, enum sek_kind kind, char *out, size_t cap);

/* One observation in the words of manifests, cleaned: "vendor=Kiso", "pci=14e4b990". */
void report_said(const struct sek_observation *seen, char *out, size_t cap);

/* Short key id "3f:a1:09:7c" of the first four bytes; out holds 12. */
void report_key(const uint8_t key[SEK_KEY_ID_LEN], char out[12]);

#endif
