/* Platform manifests: which one counts, what is as listed, swapped, missing or in addition, and
 * what never becomes better by being listed. */
#include "crypto/crypto.h"
#include "tests/unit/policy.h"
#include "trust/manifest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char body[] =
    "policy { unattributed-consult = \"office\"; };"
    "entities { yama: yamabiko { label = \"l\"; alias = \"YAMABIKO\"; };"
    " kiso { label = \"l\"; alias = \"KISO\"; };"
    " hakone { label = \"l\"; alias = \"HAKONE\"; pen = <32474>; }; };"
    "rules { " RULE("r", "subject = <&yama>; exception-1 { reference = \"w\"; tier = \"lab\"; "
                         "};") " };"
                               "manifests {"
                               " others { model = \"KX\"; serial-number = \"S2\"; psu1 { "
                               "component = \"psu1\"; says = \"vendor=Z\"; }; };"
                               " model { model = \"KX\"; fan { component = \"fan\"; says = "
                               "\"vendor=Kiso\"; }; };"
                               " unit { model = \"KX\"; serial-number = \"S1\";"
                               "  psu1 { component = \"psu1\"; class = \"psu\"; says = "
                               "\"vendor=Kiso\", \"part-number=P\","
                               "   \"serial-number=0001\"; };"
                               "  psu2 { component = \"psu2\"; class = \"psu\"; optional; says "
                               "= \"vendor=Kiso\"; };"
                               "  card { component = \"card\"; class = \"nic\", \"asic\"; says "
                               "= \"pci=fff00001\", \"mac=025a10000001\"; };"
                               "  yama { component = \"port1\"; says = \"vendor=Yamabiko\"; };"
                               "  lie { component = \"lie\"; says = \"vendor=Kiso\", "
                               "\"pen=00007eda\"; };"
                               "  blank { component = \"blank\"; says = \"nothing\"; };"
                               "  dimm { class = \"memory\"; says = \"maker=Kiso\", "
                               "\"model=M1\", \"serial-number=D1\"; };"
                               " };"
                               " other { model = \"KY\"; serial-number = \"S1\"; x { component "
                               "= \"x\"; says = \"vendor=Kiso\"; }; };"
                               "};";

static struct policy policy;

static struct sek_bytes text(const char *from)
{
    return (struct sek_bytes){(const uint8_t *)from, strlen(from)};
}

static struct sek_manifest find(const char *model, const char *serial)
{
    return sek_manifest_find(&policy.store, text(model), text(serial));
}

static void the_manifest_of_the_device_counts_before_that_of_its_model(void **state)
{
    static const struct {
        const char *model, *serial, *node; /* "": none */
        bool of_model;
    } rows[] = {
        {"KX", "S1", "unit", true},  {"KX", "S2", "others", true}, {"KX", "S3", "model", true},
        {"KX", "", "model", true},   {"KX", "S", "model", true},   {"KX", "S11", "model", true},
        {"KY", "S1", "other", true}, {"KY", "S2", "", true},       {"KY", "", "", true},
        {"K", "S1", "", false},      {"KXX", "S1", "", false},     {"", "S1", "", false},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        struct sek_manifest found = find(rows[i].model, rows[i].serial);

        assert_int_equal(found.of_model, rows[i].of_model);
        assert_string_equal(sek_store_node_name(&policy.store, found.node), rows[i].node);
    }
}

/* A row as it is before manifests: a part judged by the policy. says NULL: nobody answers;
 * "region": no part; "damaged ..." and "blank". */
static void make_row(const char *name, enum sek_class component_class, const char *says,
                     const struct sek_context *context, struct policy_part *part,
                     struct sek_row *row)
{
    const struct sek_appraiser appraiser = {&policy.store, *context};
    const struct sek_component component = {
        .name = name, .component_class = component_class, .method = SEK_METHOD_OS};
    bool damaged = says && strncmp(says, "damaged ", 8) == 0;
    bool blank = says && strcmp(says, "blank") == 0, region = says && strcmp(says, "region") == 0;

    sek_row_init(row);
    strcpy(row->name, component.name);
    row->component_class = component_class;
    row->method = SEK_METHOD_OS;
    row->kind = says && !region ? SEK_ROW_PART : SEK_ROW_REGION;
    row->integrity = says ? SEK_INTEGRITY_CLAIMED : SEK_INTEGRITY_ABSENT;
    row->rule = says ? 0 : SEK_RULE(RD, 4);
    row->optional = !says;
    row->damaged = damaged;
    row->blank = blank;
    strcpy(row->format, "linux-sysfs");
    if (row->kind == SEK_ROW_PART) {
        policy_say(part, blank ? "" : says + (damaged ? 8 : 0));
        row->observation = part->item;
        row->observation_count = part->count;
    }
    sek_appraise_row(&appraiser, row);
}

static const char *verdict_of(const struct sek_row *row)
{
    static char line[64];
    char rule[SEK_RULE_TEXT_LEN + 1];

    sek_rule_format(row->rule, rule);
    (void)snprintf(line, sizeof line, "%s %s", sek_verdict_name(row->verdict), rule);
    return line;
}

static const struct row {
    const char *name, *component;
    enum sek_class component_class;
    const char *says, *before, *after; /* before: without a manifest */
} rows[] = {
    {"as listed", "psu1", SEK_CLASS_PSU, "vendor=Kiso; part=P; serial=0001", "identified VND-001",
     "approved REF-001"},
    {"of a kind that is not listed there may be more", "psu1", SEK_CLASS_PSU,
     "vendor=Kiso; part=P; serial=0001; country=JP", "identified VND-001", "approved REF-001"},
    {"swapped: another serial number", "psu1", SEK_CLASS_PSU, "vendor=Kiso; part=P; serial=0002",
     "identified VND-001", "unexpected REF-002"},
    {"swapped: a longer serial number", "psu1", SEK_CLASS_PSU, "vendor=Kiso; part=P; serial=00010",
     "identified VND-001", "unexpected REF-002"},
    {"swapped: a shorter serial number", "psu1", SEK_CLASS_PSU, "vendor=Kiso; part=P; serial=000",
     "identified VND-001", "unexpected REF-002"},
    {"swapped: another maker", "psu1", SEK_CLASS_PSU, "vendor=Kisa; part=P; serial=0001",
     "identified VND-001", "unexpected REF-002"},
    {"swapped: says less", "psu1", SEK_CLASS_PSU, "vendor=Kiso; serial=0001", "identified VND-001",
     "unexpected REF-002"},
    {"swapped: says what is listed and something else of its kind", "psu1", SEK_CLASS_PSU,
     "vendor=Kiso; vendor=Hakone; part=P; serial=0001", "identified VND-001", "unexpected REF-002"},
    {"swapped: right values in other fields", "psu1", SEK_CLASS_PSU,
     "vendor=Kiso; part=0001; serial=P", "identified VND-001", "unexpected REF-002"},
    {"swapped: another class", "psu1", SEK_CLASS_FAN, "vendor=Kiso; part=P; serial=0001",
     "identified VND-001", "unexpected REF-002"},
    {"swapped: an excluded one is that before all", "psu1", SEK_CLASS_PSU, "vendor=Yamabiko",
     "excluded VND-002", "excluded VND-002"},
    {"damaged, but as listed: nothing vouches for it", "psu1", SEK_CLASS_PSU,
     "damaged vendor=Kiso; part=P; serial=0001", "consult VND-006", "consult VND-006"},
    {"damaged, and another one", "psu1", SEK_CLASS_PSU, "damaged vendor=Kiso; part=P; serial=0002",
     "consult VND-006", "unexpected REF-002"},
    {"blanked", "psu1", SEK_CLASS_PSU, "blank", "consult VND-006", "unexpected REF-002"},
    {"numbers and addresses", "card", SEK_CLASS_NIC, "pci=0xfff00001; mac=025a10000001",
     "identified VND-001", "approved REF-001"},
    {"the second class of two", "card", SEK_CLASS_ASIC, "pci=0xfff00001; mac=025a10000001",
     "identified VND-001", "approved REF-001"},
    {"another number", "card", SEK_CLASS_NIC, "pci=0xfff00002; mac=025a10000001",
     "identified VND-001", "unexpected REF-002"},
    {"another address", "card", SEK_CLASS_NIC, "pci=0xfff00001; mac=025a10000002",
     "identified VND-001", "unexpected REF-002"},
    {"listed and excluded", "port1", SEK_CLASS_NONE, "vendor=Yamabiko", "excluded VND-002",
     "excluded VND-002"},
    {"listed, and contradicts itself", "lie", SEK_CLASS_NONE, "vendor=Kiso; pen=32474",
     "consult CX-001", "consult CX-001"},
    {"blank, and listed so", "blank", SEK_CLASS_NONE, "blank", "consult VND-006",
     "consult VND-006"},
    {"listed as blank, and says something", "blank", SEK_CLASS_NONE, "vendor=Kiso",
     "identified VND-001", "unexpected REF-002"},
    {"in addition", "psu3", SEK_CLASS_PSU, "vendor=Kiso; part=P; serial=0001", "identified VND-001",
     "unexpected RD-005"},
    {"in addition, and excluded", "psu3", SEK_CLASS_PSU, "vendor=Yamabiko", "excluded VND-002",
     "excluded VND-002"},
    {"in addition, and blank", "psu3", SEK_CLASS_PSU, "blank", "consult VND-006",
     "unexpected RD-005"},
    {"listed without a place is no addition, and not approved", "i2c-3", SEK_CLASS_MEMORY,
     "maker=Kiso; part=M1; serial=D1", "identified VND-001", "identified VND-001"},
    {"maker and model may stand in other fields", "i2c-3", SEK_CLASS_MEMORY,
     "vendor=Kiso; product=M1; serial=D1", "identified VND-001", "identified VND-001"},
    {"another one is", "i2c-3", SEK_CLASS_MEMORY, "maker=Kiso; part=M1; serial=D2",
     "identified VND-001", "unexpected RD-005"},
    {"missing where it may be", "psu2", SEK_CLASS_PSU, NULL, "absent RD-004", "absent RD-004"},
    {"missing where it must not be", "psu1", SEK_CLASS_PSU, NULL, "absent RD-004", "absent RD-003"},
    {"missing, and nobody listed it", "psu3", SEK_CLASS_PSU, NULL, "absent RD-004",
     "absent RD-004"},
    {"firmware where a part is listed", "psu1", SEK_CLASS_PSU, "region", "unverified SIG-002",
     "unexpected REF-002"},
    {"firmware that nobody listed", "fit", SEK_CLASS_KERNEL, "region", "unverified SIG-002",
     "unverified SIG-002"},
};

static struct sek_context context(const char *tier)
{
    return (struct sek_context){.today = policy_day("2026-11-23"), .tier = tier};
}

static void it_comes_to(void **state)
{
    const struct row *row = *state;
    const struct sek_context office = context("office");
    const struct sek_appraiser appraiser = {&policy.store, office};
    const struct sek_manifest unit = find("KX", "S1"), none = find("K", "S1");
    struct policy_part part;
    struct sek_row judged;

    make_row(row->component, row->component_class, row->says, &office, &part, &judged);
    assert_string_equal(verdict_of(&judged), row->before);
    sek_manifest_row(&appraiser, &none, &judged); /* no manifest of this model: as before */
    assert_string_equal(verdict_of(&judged), row->before);
    sek_manifest_row(&appraiser, &unit, &judged);
    assert_string_equal(verdict_of(&judged), row->after);
    if (strcmp(row->after, "absent RD-003") == 0)
        assert_false(judged.optional);
    /* Told again as evidence by a device that had the same manifest: the same. */
    sek_appraise_row(&appraiser, &judged);
    sek_manifest_row(&appraiser, &unit, &judged);
    assert_string_equal(verdict_of(&judged), row->after);
}

static void a_model_whose_devices_are_listed_one_by_one_lists_no_other(void **state)
{
    const struct sek_context office = context("office");
    const struct sek_appraiser appraiser = {&policy.store, office};
    const struct sek_manifest stranger = find("KY", "S2");
    struct policy_part part;
    struct sek_row row;
    size_t count = 1;

    (void)state;
    make_row("x", SEK_CLASS_NONE, "vendor=Kiso", &office, &part, &row);
    sek_manifest_row(&appraiser, &stranger, &row);
    assert_string_equal(verdict_of(&row), "unexpected RD-005");
    assert_true(sek_manifest_missing(&appraiser, &stranger, &row, &count, 1));
    assert_int_equal(count, 1);
}

static void relief_and_dates_are_not_bettered(void **state)
{
    static const struct {
        const char *component, *says, *tier, *today, *after;
    } cases[] = {
        {"port1", "vendor=Yamabiko", "lab", "2026-11-23", "transitional VND-004"},
        {"psu1", "vendor=Kiso; part=P; serial=0001", "lab", "2026-11-23", "approved REF-001"},
        {"psu1", "vendor=Kiso; part=P; serial=0001", "lab", "2036-12-31", "approved REF-001"},
        {"psu1", "vendor=Kiso; part=P; serial=0001", "lab", "2037-01-01", "consult TS-003"},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(cases); i++) {
        const struct sek_context when = {.today = policy_day(cases[i].today),
                                         .tier = cases[i].tier};
        const struct sek_appraiser appraiser = {&policy.store, when};
        const struct sek_manifest unit = find("KX", "S1");
        struct policy_part part;
        struct sek_row row;

        make_row(cases[i].component, SEK_CLASS_PSU, cases[i].says, &when, &part, &row);
        sek_manifest_row(&appraiser, &unit, &row);
        assert_string_equal(verdict_of(&row), cases[i].after);
    }
}

static void what_a_device_calls_unexpected_only_a_manifest_makes_good(void **state)
{
    const struct sek_context office = context("office");
    const struct sek_appraiser appraiser = {&policy.store, office};
    const struct sek_manifest unit = find("KX", "S1"), none = find("K", "S1");
    struct policy_part part;
    struct sek_row row;

    (void)state;
    make_row("psu1", SEK_CLASS_PSU, "vendor=Kiso; part=P; serial=0001", &office, &part, &row);
    row.integrity = SEK_INTEGRITY_UNEXPECTED;
    row.rule = SEK_RULE(RD, 5);
    sek_appraise_row(&appraiser, &row);
    sek_manifest_row(&appraiser, &none, &row);
    assert_string_equal(verdict_of(&row), "unexpected RD-005");
    sek_manifest_row(&appraiser, &unit, &row);
    assert_string_equal(verdict_of(&row), "approved REF-001");
    make_row("psu3", SEK_CLASS_PSU, "vendor=Kiso", &office, &part, &row);
    part.item[0].value = text("Yamabiko"); /* its store did not exclude whom this one does */
    row.integrity = SEK_INTEGRITY_UNEXPECTED;
    row.rule = SEK_RULE(RD, 5);
    sek_appraise_row(&appraiser, &row);
    assert_string_equal(verdict_of(&row), "excluded VND-002");
}

static void what_is_missing_gets_rows(void **state)
{
    const struct sek_context office = context("office");
    const struct sek_appraiser appraiser = {&policy.store, office};
    const struct sek_manifest unit = find("KX", "S1");
    static const char *const absent[] = {"card", "port1", "lie", "blank", "dimm"};
    struct policy_part part;
    struct sek_row table[8];
    size_t count = 1;

    (void)state;
    make_row("psu1", SEK_CLASS_PSU, "vendor=Kiso; part=P; serial=0001", &office, &part, &table[0]);
    assert_true(sek_manifest_missing(&appraiser, &unit, table, &count, 6));
    assert_int_equal(count, 6);
    for (size_t i = 0; i < SEK_LEN(absent); i++) {
        assert_string_equal(table[i + 1].name, absent[i]);
        assert_string_equal(verdict_of(&table[i + 1]), "absent RD-003");
        assert_false(table[i + 1].optional);
        assert_int_equal(table[i + 1].method, SEK_METHOD_OS);
    }
    count = 1; /* one too few */
    assert_false(sek_manifest_missing(&appraiser, &unit, table, &count, 5));
    count = 1; /* another part has the name that the missing one would get */
    make_row("dimm", SEK_CLASS_MEMORY, "vendor=Hakone", &office, &part, &table[0]);
    assert_false(sek_manifest_missing(&appraiser, &unit, table, &count, 8));
    count = 1; /* and one that fits is not missing, whatever its name */
    make_row("i2c-3", SEK_CLASS_MEMORY, "vendor=Kiso; part=M1; serial=D1", &office, &part,
             &table[0]);
    assert_true(sek_manifest_missing(&appraiser, &unit, table, &count, 8));
    assert_int_equal(count, 6); /* psu1 instead of dimm */
}

/* Serial numbers cut short, lengthened, with one bit flipped: none is what is listed. */
static void no_other_serial_number_fits(void **state)
{
    static const char listed[] = "0001";
    const struct sek_context office = context("office");
    const struct sek_appraiser appraiser = {&policy.store, office};
    const struct sek_manifest unit = find("KX", "S1");
    char serial[] = "0001";

    (void)state;
    for (unsigned bit = 0; bit < 8 * (sizeof serial - 1); bit++) {
        struct policy_part part;
        struct sek_row row;

        memcpy(serial, listed, sizeof listed);
        serial[bit / 8] = (char)(serial[bit / 8] ^ 1 << bit % 8);
        make_row("psu1", SEK_CLASS_PSU, "vendor=Kiso; part=P; serial=0001", &office, &part, &row);
        part.item[2].value = (struct sek_bytes){(const uint8_t *)serial, sizeof serial - 1};
        sek_manifest_row(&appraiser, &unit, &row);
        assert_string_equal(verdict_of(&row), "unexpected REF-002");
    }
}

int main(void)
{
    static const struct CMUnitTest fixed[] = {
        cmocka_unit_test(the_manifest_of_the_device_counts_before_that_of_its_model),
        cmocka_unit_test(a_model_whose_devices_are_listed_one_by_one_lists_no_other),
        cmocka_unit_test(relief_and_dates_are_not_bettered),
        cmocka_unit_test(what_a_device_calls_unexpected_only_a_manifest_makes_good),
        cmocka_unit_test(what_is_missing_gets_rows),
        cmocka_unit_test(no_other_serial_number_fits),
    };
    static struct CMUnitTest tests[SEK_LEN(fixed) + SEK_LEN(rows)];
    size_t n = SEK_LEN(fixed);
    int failed;

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    policy_open(&policy, body);
    memcpy(tests, fixed, sizeof fixed);
    for (size_t i = 0; i < SEK_LEN(rows); i++)
        tests[n++] =
            (struct CMUnitTest){rows[i].name, it_comes_to, NULL, NULL, (void *)(uintptr_t)&rows[i]};
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    policy_close(&policy);
    return failed;
}
