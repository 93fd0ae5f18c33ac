/* The report: JSON and table of rows that are made here, and advice in the order of need. */
#define _DEFAULT_SOURCE
#include "boards/bench/report/report.h"

#include <jansson.h>
#include <libfdt.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A store of nothing but a policy, so that outcomes can be had: a tree of one node. */
static const char policy_tree[] =
    "/dts-v1/; / { policy { unverified-hold = \"psu\"; unverified-accept = \"data\"; }; };";

struct setting {
    uint8_t *tree;
    struct bench_trust trust;
    struct sek_context context;
    struct report_head head;
    struct sek_row row[8];
    enum sek_verdict told[8];
    bool explained[8];
    struct report_device device;
    struct report_subject subject;
};

static int make(void **state)
{
    struct setting *s = calloc(1, sizeof *s);
    FILE *out = fopen("/tmp/sekisho-report.dts", "w"), *in;
    size_t len;

    if (!s || !out)
        return -1;
    fputs(policy_tree, out);
    fclose(out);
    in = popen("dtc -q -I dts -O dtb /tmp/sekisho-report.dts", "r");
    s->tree = malloc(4096);
    len = in && s->tree ? fread(s->tree, 1, 4096, in) : 0;
    if (!in || pclose(in) != 0 || len == 0)
        return -1;
    s->trust.store = (struct sek_store){.dtb = s->tree,
                                        .dtb_len = len,
                                        .serial = 7,
                                        .authority = "Authority \033[31m",
                                        .policy = fdt_path_offset(s->tree, "/policy"),
                                        .references = -1,
                                        .denied = -1,
                                        .rules = -1};
    s->head =
        (struct report_head){.trust = &s->trust, .context = &s->context, .context_source = "none"};
    s->subject = (struct report_subject){.name = "unix:/tmp/\033x",
                                         .device = &s->device,
                                         .row = s->row,
                                         .advisory = s->told,
                                         .explained = s->explained,
                                         .outcome = SEK_OUTCOME_HOLD};
    s->device = (struct report_device){.ueid = "01ab",
                                       .model = "BOX",
                                       .serial_number = "1",
                                       .enrolled = true,
                                       .assurance = "service",
                                       .key_protection = "file"};
    *state = s;
    return 0;
}

static int drop(void **state)
{
    struct setting *s = *state;

    free(s->tree);
    free(s);
    return 0;
}

static struct sek_row *add_row(struct setting *s, const char *name, enum sek_class component_class,
                               enum sek_verdict verdict, sek_rule rule)
{
    size_t i = s->subject.row_count++;
    struct sek_row *row = &s->row[i];

    sek_row_init(row);
    snprintf(row->name, sizeof row->name, "%s", name);
    row->component_class = component_class;
    row->verdict = verdict;
    row->rule = rule;
    s->told[i] = verdict;
    return row;
}

static char *printed(struct setting *s, void (*print)(FILE *out, struct setting *s))
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    assert_non_null(out);
    print(out, s);
    fclose(out);
    return text;
}

static void as_table(FILE *out, struct setting *s)
{
    report_table_subject(out, &s->head, &s->subject, (struct report_style){.ascii = true});
}

static void as_json(FILE *out, struct setting *s)
{
    report_json_begin(out, &s->head);
    report_json_subject(out, &s->head, &s->subject, true);
    report_json_end(out, s->subject.outcome, 3);
}

static void as_quiet(FILE *out, struct setting *s)
{
    report_table_subject(out, &s->head, &s->subject, (struct report_style){.quiet = true});
}

static void fill(struct setting *s)
{
    add_row(s, "good", SEK_CLASS_KERNEL, SEK_VERDICT_APPROVED, SEK_RULE(SIG, 1));
    add_row(s, "logs", SEK_CLASS_DATA, SEK_VERDICT_UNVERIFIED, SEK_RULE(SIG, 2));
    add_row(s, "psu", SEK_CLASS_PSU, SEK_VERDICT_UNVERIFIED, SEK_RULE(SIG, 2));
    add_row(s, "boot", SEK_CLASS_BOOT, SEK_VERDICT_TAMPERED, SEK_RULE(SIG, 3));
    add_row(s, "os", SEK_CLASS_KERNEL, SEK_VERDICT_TAMPERED, SEK_RULE(SIG, 3));
    add_row(s, "port", SEK_CLASS_TRANSCEIVER, SEK_VERDICT_EXCLUDED, SEK_RULE(VND, 2));
}

static void rows_come_worst_first(void **state)
{
    static const char *const order[] = {"x port ", "x boot ", "x os ",
                                        "? psu ",  "- logs ", "+ good "};
    char *text, *at;

    fill(*state);
    text = printed(*state, as_table);
    at = text;
    for (size_t i = 0; i < SEK_LEN(order); i++) {
        char *next = strstr(at, order[i]);

        if (!next)
            fail_msg("%s is not behind the one before it:\n%s", order[i], text);
        at = next;
    }
    free(text);
}

static void advice_comes_once_with_names_worst_first(void **state)
{
    char *text, *first, *second;

    fill(*state);
    text = printed(*state, as_table);
    first = strstr(text, "Next 1  ");
    second = strstr(text, "     2  ");
    assert_non_null(first);
    assert_non_null(second);
    assert_non_null(strstr(first, "(VND-002: port)"));
    assert_non_null(strstr(second, "(SIG-003: boot, os)"));
    assert_null(strstr(text, "logs)")); /* accepted: nothing to do */
    assert_null(strstr(text, "     4  "));
    free(text);
}

static void another_word_of_the_device_is_shown_unless_it_is_explained(void **state)
{
    struct setting *s = *state;
    char *text;

    add_row(s, "good", SEK_CLASS_KERNEL, SEK_VERDICT_APPROVED, SEK_RULE(SIG, 1));
    s->told[0] = SEK_VERDICT_CONSULT;
    text = printed(s, as_table);
    assert_non_null(strstr(text, "[device says consult]"));
    free(text);
    s->explained[0] = true;
    text = printed(s, as_table);
    assert_null(strstr(text, "device says"));
    free(text);
}

static void what_a_gate_saw_stands_beside_what_is_now(void **state)
{
    struct setting *s = *state;
    struct sek_row then[2];
    const enum sek_verdict told[2] = {SEK_VERDICT_APPROVED, SEK_VERDICT_APPROVED};
    const struct report_gate gate = {.device = &s->device,
                                     .row = then,
                                     .advisory = told,
                                     .row_count = 2,
                                     .boot_count = 5,
                                     .store_serial = 7};
    json_t *document, *shown;
    char *text;

    add_row(s, "os", SEK_CLASS_KERNEL, SEK_VERDICT_APPROVED, SEK_RULE(SIG, 1));
    add_row(s, "late", SEK_CLASS_KERNEL, SEK_VERDICT_TAMPERED, SEK_RULE(SIG, 3));
    then[0] = s->row[0];
    then[0].verdict = SEK_VERDICT_TAMPERED;
    then[1] = s->row[0];
    snprintf(then[1].name, sizeof then[1].name, "agent");
    text = printed(s, as_json);
    document = json_loads(text, 0, NULL);
    free(text);
    shown = json_array_get(json_object_get(document, "subjects"), 0);
    assert_true(json_is_null(json_object_get(shown, "gate")));
    json_decref(document);

    s->subject.gate = &gate;
    text = printed(s, as_table);
    assert_non_null(strstr(text, "started by its gate: start 5, trust store 7, key in file"));
    assert_non_null(strstr(text, "\n+x os "));
    assert_non_null(strstr(text, "\nx. late "));
    assert_non_null(strstr(text, "\n.+ agent "));
    free(text);
    text = printed(s, as_json);
    document = json_loads(text, 0, NULL);
    free(text);
    shown = json_object_get(json_array_get(json_object_get(document, "subjects"), 0), "gate");
    assert_int_equal(json_integer_value(json_object_get(shown, "boot_count")), 5);
    assert_int_equal(json_array_size(json_object_get(shown, "components")), 2);
    json_decref(document);
}

static void nothing_of_a_device_reaches_the_terminal_raw(void **state)
{
    struct setting *s = *state;
    char *text;

    add_row(s, "good", SEK_CLASS_KERNEL, SEK_VERDICT_APPROVED, SEK_RULE(SIG, 1));
    snprintf(s->device.model, sizeof s->device.model, "B\033]52;c;X\aX");
    snprintf(s->device.serial_number, sizeof s->device.serial_number,
             "1\xe2\x80\xae"
             "2");
    report_find(&s->subject, SEK_RULE(EV, 5), "%s", "\033[2Jgone");
    report_note(&s->subject, "%s", "\033[2Jgone");
    text = printed(s, as_table);
    for (const char *c = text; *c; c++)
        assert_true((unsigned char)*c >= ' ' || *c == '\n');
    assert_null(strstr(text, "\xe2\x80\xae"));
    free(text);
}

static void json_has_what_the_contract_names(void **state)
{
    static const char *const component[] = {
        "name",          "class",          "location",  "format",   "version", "size",
        "digests",       "expected",       "signer",    "key",      "vendor",  "part_number",
        "serial_number", "evidence_class", "integrity", "supplier", "verdict", "rule",
        "policy",        "advisory",       "detail",    "next",     "bank"};
    struct setting *s = *state;
    json_error_t error;
    json_t *document, *subject, *row;
    char *text;

    fill(s);
    report_find(&s->subject, SEK_RULE(EV, 3), "not enrolled");
    text = printed(s, as_json);
    document = json_loads(text, 0, &error);
    assert_non_null(document);
    assert_string_equal(json_string_value(json_object_get(document, "schema")), "sekisho/report-1");
    assert_string_equal(json_string_value(json_object_get(document, "outcome")), "HOLD");
    assert_int_equal(json_integer_value(json_object_get(document, "exit")), 3);
    assert_int_equal(
        json_integer_value(json_object_get(json_object_get(document, "store"), "serial")), 7);
    subject = json_array_get(json_object_get(document, "subjects"), 0);
    assert_int_equal(json_array_size(json_object_get(subject, "components")), 6);
    row = json_array_get(json_object_get(subject, "components"), 0);
    for (size_t i = 0; i < SEK_LEN(component); i++) {
        if (!json_object_get(row, component[i]))
            fail_msg("no %s", component[i]);
    }
    assert_string_equal(json_string_value(json_object_get(
                            json_array_get(json_object_get(subject, "findings"), 0), "rule")),
                        "EV-003");
    json_decref(document);
    free(text);
}

static void each_bank_has_an_outcome_of_its_own_and_parts_are_in_none(void **state)
{
    struct setting *s = *state;
    json_t *document, *subject, *banks;
    char *text;

    add_row(s, "os", SEK_CLASS_KERNEL, SEK_VERDICT_APPROVED, SEK_RULE(SIG, 1));
    add_row(s, "port", SEK_CLASS_TRANSCEIVER, SEK_VERDICT_EXCLUDED, SEK_RULE(VND, 2))->kind =
        SEK_ROW_PART;
    text = printed(s, as_table);
    assert_null(strstr(text, "bank"));
    free(text);
    add_row(s, "twin", SEK_CLASS_KERNEL, SEK_VERDICT_TAMPERED, SEK_RULE(SIG, 3))->bank =
        SEK_BANK_BACKUP;
    text = printed(s, as_table);
    assert_non_null(
        strstr(text, "  boots from bank active: ACCEPT; bank backup would in its place: REJECT\n"));
    assert_non_null(strstr(text, " [backup]\n"));
    free(text);
    s->device.tells_secure_boot = true;
    text = printed(s, as_json);
    document = json_loads(text, 0, NULL);
    free(text);
    subject = json_array_get(json_object_get(document, "subjects"), 0);
    banks = json_object_get(subject, "banks");
    assert_int_equal(json_array_size(banks), 2);
    assert_true(json_is_true(json_object_get(json_array_get(banks, 0), "boots")));
    assert_true(json_is_false(json_object_get(json_array_get(banks, 1), "boots")));
    assert_string_equal(json_string_value(json_object_get(json_array_get(banks, 1), "outcome")),
                        "REJECT");
    assert_true(json_is_false(json_object_get(json_object_get(subject, "device"), "secure_boot")));
    json_decref(document);
}

/* A product without a serial number does not get that of its board. */
static void what_a_record_says_of_its_product_and_board_is_not_mixed(void **state)
{
    static const struct {
        enum sek_kind kind;
        const char *text;
    } said[] = {
        {SEK_KIND_VENDOR, "Kiso"},
        {SEK_KIND_PART_NUMBER, "P1"},
        {SEK_KIND_MANUFACTURER, "Hakone"},
        {SEK_KIND_SERIAL_NUMBER, "B1"},
    };
    struct sek_observation item[SEK_LEN(said)];
    struct sek_row row = {
        .format = "ipmi-fru", .observation = item, .observation_count = SEK_LEN(said)};
    char out[32];

    (void)state;
    for (size_t i = 0; i < SEK_LEN(said); i++)
        item[i] = (struct sek_observation){
            .kind = said[i].kind,
            .type = SEK_VALUE_TEXT,
            .value = {(const uint8_t *)said[i].text, strlen(said[i].text)}};
    report_observed(&row, SEK_KIND_PART_NUMBER, out, sizeof out);
    assert_string_equal(out, "P1");
    report_observed(&row, SEK_KIND_SERIAL_NUMBER, out, sizeof out);
    assert_string_equal(out, "");
    report_observed(&row, SEK_KIND_MANUFACTURER, out, sizeof out);
    assert_string_equal(out, "Hakone");
    row.observation++; /* the board alone */
    row.observation_count--;
    report_observed(&row, SEK_KIND_SERIAL_NUMBER, out, sizeof out);
    assert_string_equal(out, "B1");
}

static void what_is_wrong_with_the_store_concerns_every_subject(void **state)
{
    struct setting *s = *state;
    char *text;

    s->trust.store.dtb = NULL;
    s->trust.rule = SEK_RULE(TS, 2);
    add_row(s, "good", SEK_CLASS_KERNEL, SEK_VERDICT_UNVERIFIED, SEK_RULE(SIG, 1));
    text = printed(s, as_json);
    assert_non_null(strstr(text, "\"store\":null"));
    assert_non_null(strstr(text, "{\"rule\":\"TS-002\""));
    free(text);
    text = printed(s, as_table);
    assert_non_null(strstr(text, "! TS-002 "));
    free(text);
}

static void quiet_is_one_line_that_says_why_nothing_was_asked(void **state)
{
    struct setting *s = *state;
    char *text;

    s->subject.name = "serial:/dev/x";
    s->subject.outcome = SEK_OUTCOME_ERROR;
    report_find(&s->subject, SEK_RULE(BN, 2), "nobody answers");
    text = printed(s, as_quiet);
    assert_string_equal(text, "ERROR serial:/dev/x  BN-002 nobody answers\n");
    free(text);
}

static void a_full_table_of_findings_loses_none_that_came_first(void **state)
{
    struct setting *s = *state;

    for (unsigned i = 0; i < 2 * REPORT_FINDINGS; i++)
        report_find(&s->subject, SEK_RULE(EV, 4), "%u", i);
    for (unsigned i = 0; i < 2 * REPORT_NOTES; i++)
        report_note(&s->subject, "%u", i);
    assert_int_equal(s->subject.finding_count, REPORT_FINDINGS);
    assert_int_equal(s->subject.note_count, REPORT_NOTES);
    assert_string_equal(s->subject.finding[0].detail, "0");
}

static void every_rule_says_what_it_means(void **state)
{
    size_t count;
    const struct report_rule *rules = report_rules(&count);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        char id[SEK_RULE_TEXT_LEN + 1];

        sek_rule_format(rules[i].rule, id);
        if (!rules[i].title || !rules[i].what || !rules[i].why || !rules[i].proof ||
            !rules[i].not_this)
            fail_msg("%s", id);
        assert_ptr_equal(report_rule_find(rules[i].rule), &rules[i]);
        assert_true(i == 0 || rules[i - 1].rule < rules[i].rule);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_come_worst_first, make, drop),
        cmocka_unit_test_setup_teardown(advice_comes_once_with_names_worst_first, make, drop),
        cmocka_unit_test_setup_teardown(another_word_of_the_device_is_shown_unless_it_is_explained,
                                        make, drop),
        cmocka_unit_test_setup_teardown(what_a_gate_saw_stands_beside_what_is_now, make, drop),
        cmocka_unit_test_setup_teardown(nothing_of_a_device_reaches_the_terminal_raw, make, drop),
        cmocka_unit_test_setup_teardown(json_has_what_the_contract_names, make, drop),
        cmocka_unit_test_setup_teardown(each_bank_has_an_outcome_of_its_own_and_parts_are_in_none,
                                        make, drop),
        cmocka_unit_test_setup_teardown(what_is_wrong_with_the_store_concerns_every_subject, make,
                                        drop),
        cmocka_unit_test_setup_teardown(quiet_is_one_line_that_says_why_nothing_was_asked, make,
                                        drop),
        cmocka_unit_test_setup_teardown(a_full_table_of_findings_loses_none_that_came_first, make,
                                        drop),
        cmocka_unit_test(what_a_record_says_of_its_product_and_board_is_not_mixed),
        cmocka_unit_test(every_rule_says_what_it_means),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
