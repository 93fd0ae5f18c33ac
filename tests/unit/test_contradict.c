/* Parts that contradict themselves, their place, or each other; and kin, who do not. */
#include "crypto/crypto.h"
#include "tests/unit/policy.h"
#include "trust/contradict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char body[] =
    "entities {"
    " kiso: kiso { label = \"l\"; alias = \"KISO\"; pen = <32473>; oui24 = [02 00 01];"
    "  pci-vendor = <0xfff0>; };"
    " hakone: hakone { label = \"l\"; alias = \"HAKONE\"; pen = <32474>; oui24 = [02 00 02];"
    "  pci-vendor = <0xfff1>; usb-vendor = <0xfff1>; jedec = <0x7e>; };"
    " light: light { label = \"l\"; alias = \"HAKONE LIGHT\"; oui24 = [02 00 03]; affiliation-1 {"
    "  parent = <&hakone>; kind = \"former\"; until = \"2020-01-01\"; }; };"
    " sound { label = \"l\"; alias = \"SOUNDWORKS\"; affiliation-1 { parent = <&hakone>;"
    "  kind = \"brand\"; }; };"
    " yama: yamabiko { label = \"l\"; alias = \"YAMABIKO\"; oui24 = [02 00 04]; };"
    "}; rules { " RULE(
        "r", "subject = <&yama>; exception-1 { reference = \"w\"; tier = \"lab\"; };") " };";

static struct policy policy;

static const struct row {
    const char *name, *says, *tier, *verdict;
} rows[] = {
    {"name and number of one", "vendor=Kiso; oui=020001; pen=32473", "office",
     "identified VND-001"},
    {"an OUI of another", "vendor=Kiso; oui=020002", "office", "consult CX-001"},
    {"an enterprise number of another", "vendor=Kiso; pen=32474", "office", "consult CX-001"},
    {"a PCI vendor of another", "maker=Kiso; pci=0xfff10001", "office", "consult CX-001"},
    {"a USB vendor of another", "vendor=Kiso; usb=0xfff10001", "office", "consult CX-001"},
    {"a flash maker of another", "vendor=Kiso; jedec=0x7e4018", "office", "consult CX-001"},
    {"one number of two is another's", "vendor=Kiso; oui=020001; pen=32474", "office",
     "consult CX-001"},
    {"a number of the second name", "vendor=Kiso; maker=Hakone; oui=020002", "office",
     "identified VND-001"},
    {"a number of nobody", "vendor=Kiso; oui=020009", "office", "identified VND-001"},
    {"a name of nobody", "vendor=Somebody; oui=020002", "office", "identified VND-001"},
    {"a product's name is no maker's", "product=Kiso 10; oui=020002", "office",
     "identified VND-001"},
    {"an address of another is a chip's", "vendor=Kiso; mac=020002000001", "office",
     "identified VND-001"},
    {"a subsystem of another is a board's", "vendor=Kiso; subsys=0xfff10001", "office",
     "identified VND-001"},
    {"the number of the parent", "vendor=Hakone Light; oui=020002", "office", "identified VND-001"},
    {"the number of a former child", "vendor=Hakone; oui=020003", "office", "identified VND-001"},
    {"the number of a sister", "vendor=Soundworks; oui=020003", "office", "identified VND-001"},
    {"excluded is worse", "vendor=Yamabiko; oui=020002", "office", "excluded VND-002 r"},
    {"the number of an excluded one is worse", "vendor=Kiso; oui=020004", "office",
     "excluded VND-002 r"},
    {"an exception does not relieve a lie", "vendor=Yamabiko; oui=020002", "lab",
     "consult CX-001 r"},
    {"damage does not, either", "damaged vendor=Kiso; oui=020002", "office", "consult CX-001"},
};

static void it_comes_to(void **state)
{
    const struct row *row = *state;
    const struct sek_context context = {.today = policy_day("2026-11-23"), .tier = row->tier};

    assert_string_equal(policy_judge(&policy, &context, SEK_CLASS_NONE, row->says), row->verdict);
}

static void a_record_of_another_kind_than_its_place(void **state)
{
    static const struct {
        const char *format;
        enum sek_class component_class;
        bool blank, contradicts;
    } places[] = {
        {"sff-8472", SEK_CLASS_TRANSCEIVER, false, false},
        {"sff-8636", SEK_CLASS_TRANSCEIVER, false, false},
        {"cmis", SEK_CLASS_TRANSCEIVER, false, false},
        {"cmis", SEK_CLASS_PSU, false, true},
        {"sff-8472", SEK_CLASS_BOARD, false, true},
        {"sff-8472", SEK_CLASS_NONE, false, false},
        {"ipmi-fru", SEK_CLASS_PSU, false, false},
        {"ipmi-fru", SEK_CLASS_TRANSCEIVER, false, true},
        {"onie-tlv", SEK_CLASS_TRANSCEIVER, false, true},
        {"onie-tlv", SEK_CLASS_TRANSCEIVER, true, false},
        {"", SEK_CLASS_TRANSCEIVER, false, false},
        {"gpon-vendor", SEK_CLASS_TRANSCEIVER, false, false},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(places); i++) {
        struct sek_row row;

        sek_row_init(&row);
        strcpy(row.format, places[i].format);
        row.component_class = places[i].component_class;
        row.blank = places[i].blank;
        assert_int_equal(sek_contradict_class(&row), places[i].contradicts);
    }
}

/* Two rows, and what they come to. */
static const struct pair {
    const char *name;
    enum sek_class a_class, b_class;
    const char *a, *b;
    bool copy;
} pairs[] = {
    {"a module twice", SEK_CLASS_TRANSCEIVER, SEK_CLASS_TRANSCEIVER,
     "vendor=Kiso; part=P; serial=K0001", "vendor=Kiso; part=P; serial=K0001", true},
    {"also with another name on it", SEK_CLASS_TRANSCEIVER, SEK_CLASS_TRANSCEIVER,
     "vendor=Kiso; part=P; serial=K0001", "vendor=Hakone; part=P; serial=K0001", true},
    {"without part numbers", SEK_CLASS_PSU, SEK_CLASS_PSU, "vendor=Kiso; serial=K0001",
     "vendor=Kiso; serial=K0001", true},
    {"two serial numbers", SEK_CLASS_PSU, SEK_CLASS_PSU, "part=P; serial=K0001",
     "part=P; serial=K0002", false},
    {"one serial number is longer", SEK_CLASS_PSU, SEK_CLASS_PSU, "part=P; serial=K0001",
     "part=P; serial=K00011", false},
    {"two part numbers", SEK_CLASS_PSU, SEK_CLASS_PSU, "part=P; serial=K0001",
     "part=Q; serial=K0001", false},
    {"two classes", SEK_CLASS_PSU, SEK_CLASS_FAN, "part=P; serial=K0001", "part=P; serial=K0001",
     false},
    {"a board's record in two places", SEK_CLASS_BOARD, SEK_CLASS_BOARD, "part=P; serial=K0001",
     "part=P; serial=K0001", false},
    {"a serial number of three characters", SEK_CLASS_PSU, SEK_CLASS_PSU, "part=P; serial=123",
     "part=P; serial=123", false},
    {"a serial number of zeros", SEK_CLASS_PSU, SEK_CLASS_PSU, "part=P; serial=000000",
     "part=P; serial=000000", false},
    {"no serial number", SEK_CLASS_PSU, SEK_CLASS_PSU, "part=P", "part=P", false},
};

static void open_row(struct sek_row *row, struct policy_part *part, enum sek_class component_class,
                     const char *says)
{
    sek_row_init(row);
    policy_say(part, says);
    row->kind = SEK_ROW_PART;
    row->component_class = component_class;
    row->integrity = SEK_INTEGRITY_CLAIMED;
    row->supplier = SEK_SUPPLIER_NO_MATCH;
    row->verdict = SEK_VERDICT_IDENTIFIED;
    row->observation = part->item;
    row->observation_count = part->count;
}

static void a_pair_is(void **state)
{
    const struct pair *pair = *state;
    enum sek_verdict want = pair->copy ? SEK_VERDICT_CONSULT : SEK_VERDICT_IDENTIFIED;
    struct policy_part part[2];
    struct sek_row row[3];

    open_row(&row[0], &part[0], pair->a_class, pair->a);
    sek_row_init(&row[1]); /* something else between them */
    open_row(&row[2], &part[1], pair->b_class, pair->b);
    sek_contradict_rows(row, 3);
    assert_int_equal(row[0].verdict, want);
    assert_int_equal(row[2].verdict, want);
    assert_int_equal(row[0].rule, pair->copy ? SEK_RULE(CX, 2) : 0);
    assert_int_equal(row[1].verdict, SEK_VERDICT_UNVERIFIED);
}

static void a_copy_makes_nothing_better(void **state)
{
    struct policy_part part[2];
    struct sek_row row[2];

    (void)state;
    open_row(&row[0], &part[0], SEK_CLASS_PSU, "part=P; serial=K0001");
    open_row(&row[1], &part[1], SEK_CLASS_PSU, "part=P; serial=K0001");
    row[0].supplier = SEK_SUPPLIER_EXCLUDED;
    row[0].verdict = SEK_VERDICT_EXCLUDED;
    row[0].rule = SEK_RULE(VND, 2);
    sek_contradict_rows(row, 2);
    assert_int_equal(row[0].verdict, SEK_VERDICT_EXCLUDED);
    assert_int_equal(row[0].rule, SEK_RULE(VND, 2));
    assert_int_equal(row[1].verdict, SEK_VERDICT_CONSULT);
    row[1].integrity = SEK_INTEGRITY_NOT_EVALUATED; /* nothing is judged without a store */
    row[1].verdict = SEK_VERDICT_UNVERIFIED;
    row[1].supplier = SEK_SUPPLIER_NOT_EVALUATED;
    sek_contradict_rows(row, 2);
    assert_int_equal(row[1].verdict, SEK_VERDICT_UNVERIFIED);
}

static int open_store(void **state)
{
    (void)state;
    policy_open(&policy, body);
    return 0;
}

static int close_store(void **state)
{
    (void)state;
    policy_close(&policy);
    return 0;
}

int main(void)
{
    static const struct CMUnitTest fixed[] = {
        cmocka_unit_test(a_record_of_another_kind_than_its_place),
        cmocka_unit_test(a_copy_makes_nothing_better),
    };
    static struct CMUnitTest tests[SEK_LEN(fixed) + SEK_LEN(rows) + SEK_LEN(pairs)];
    size_t n = SEK_LEN(fixed);

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    memcpy(tests, fixed, sizeof fixed);
    for (size_t i = 0; i < SEK_LEN(rows); i++)
        tests[n++] =
            (struct CMUnitTest){rows[i].name, it_comes_to, NULL, NULL, (void *)(uintptr_t)&rows[i]};
    for (size_t i = 0; i < SEK_LEN(pairs); i++)
        tests[n++] =
            (struct CMUnitTest){pairs[i].name, a_pair_is, NULL, NULL, (void *)(uintptr_t)&pairs[i]};
    return cmocka_run_group_tests(tests, open_store, close_store);
}
