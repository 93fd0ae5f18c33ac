/* Rows: of parts, of what could not be read, of regions, and of what came as evidence. */
#include "crypto/crypto.h"
#include "tests/unit/policy.h"

#include <libfdt.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/rows.h"

#define HEX16         "01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f "
#define DIGEST(first) "sha256 = [" first " " HEX16 "00 " HEX16 "]; "
#define DATED(name, first, last)                                                                   \
    name " { supplier = <&sup>; not-after = \"" last "\"; " DIGEST(first) "}; "

static const char body[] =
    "policy { unattributed-consult = \"core\"; };"
    "entities { kiso: kiso { label = \"l\"; alias = \"KISO\"; };"
    " yama: yamabiko { label = \"l\"; alias = \"YAMABIKO\"; }; };"
    "suppliers { sup: kiso { entity = <&kiso>; allow = \"kernel\", \"boot\";"
    "  release { public-key = /incbin/(\"hakone.spki.der\"); algo = \"sha256,ecdsa256\"; };"
    "  old { public-key = /incbin/(\"hakone-old.spki.der\"); algo = \"sha256,ecdsa256\";"
    "   revoked = \"2026-06-30\"; }; }; };"
    "references { " DATED("old", "78", "2026-11-22")
        DATED("last", "79",
              "2026-11-23") "ref { supplier = <&sup>; component = \"spl\"; version = "
                            "\"7.1\"; " DIGEST(
                                "77") "}; };"
                                      "denied { bad { label = \"l\"; source = "
                                      "\"s\"; " DIGEST("22") "}; };"
                                                             "rules { " RULE(
                                                                 "r", "subject = <&yama>; ") " };";

static struct policy policy;
static struct sek_appraiser appraiser, unjudged;

struct rows {
    struct sek_row_sink base;
    struct sek_row row[8];
    size_t count;
};

static void keep(struct sek_row_sink *sink, const struct sek_row *row)
{
    struct rows *rows = (struct rows *)sink;

    assert_true(rows->count < SEK_LEN(rows->row));
    rows->row[rows->count++] = *row;
}

static const char *told(const struct sek_row *row)
{
    static char line[256];
    char rule[SEK_RULE_TEXT_LEN + 1];

    sek_rule_format(row->rule, rule);
    (void)snprintf(line, sizeof line, "%s %s %s %s", row->name, sek_verdict_name(row->verdict),
                   rule, sek_integrity_name(row->integrity));
    return line;
}

/* ---- What could not be read ---- */

static void a_component_that_cannot_be_read_says_so(void **state)
{
    static const struct {
        enum sek_status status;
        bool optional;
        const char *told;
    } cases[] = {
        {SEK_ERR_IO, false, "bay unreadable RD-002 unreadable"},
        {SEK_ERR_IO, true, "bay unreadable RD-002 unreadable"},
        {SEK_ERR_ABSENT, false, "bay unreadable RD-001 unreadable"},
        {SEK_ERR_ABSENT, true, "bay absent RD-004 absent"},
        {SEK_ERR_NOT_FOUND, false, "bay absent RD-003 absent"},
        {SEK_ERR_NOT_FOUND, true, "bay absent RD-004 absent"},
        {SEK_ERR_CRYPTO, true, "bay unreadable RD-002 unreadable"},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(cases); i++) {
        const struct sek_component component = {.name = "bay", .optional = cases[i].optional};
        struct rows rows = {.base.row = keep};

        sek_appraise_unread(&appraiser, &component, cases[i].status, &rows.base);
        assert_int_equal(rows.count, 1);
        assert_string_equal(told(&rows.row[0]), cases[i].told);
        assert_int_equal(rows.row[0].fault.status, cases[i].status);
        rows.count = 0;
        sek_appraise_unread(&unjudged, &component, cases[i].status, &rows.base);
        assert_string_equal(told(&rows.row[0]), "bay unverified - not-evaluated");
    }
}

/* ---- Parts ---- */

static void a_part_has_what_its_record_says(void **state)
{
    struct sek_observation item[] = {
        {.kind = SEK_KIND_VENDOR,
         .type = SEK_VALUE_TEXT,
         .value = {(const uint8_t *)"Kiso", 4},
         .evidence = SEK_EVIDENCE_CHECKED},
        {.kind = SEK_KIND_PCI, .number = 1, .evidence = SEK_EVIDENCE_SILICON},
    };
    struct sek_part_claims claims = {
        .format = "onie-tlv", .class_hint = SEK_CLASS_PRODUCT, .item = item, .count = 2, .cap = 2};
    struct sek_component component = {.name = "eeprom",
                                      .component_class = SEK_CLASS_NONE,
                                      .location = "i2c9:0x56",
                                      .method = SEK_METHOD_OS,
                                      .optional = true};
    struct rows rows = {.base.row = keep};
    const struct sek_row *row = &rows.row[0];

    (void)state;
    sek_appraise_part(&appraiser, &component, &claims, 256, &rows.base);
    assert_string_equal(told(row), "eeprom identified VND-001 claimed");
    assert_int_equal(row->kind, SEK_ROW_PART);
    assert_int_equal(row->component_class, SEK_CLASS_PRODUCT);
    assert_int_equal(row->evidence_class, SEK_EVIDENCE_SILICON);
    assert_int_equal(row->observation_count, 2);
    assert_int_equal(row->size, 256);
    assert_int_equal(row->method, SEK_METHOD_OS);
    assert_true(row->optional);
    assert_string_equal(row->location, "i2c9:0x56");
    assert_string_equal(row->format, "onie-tlv");
    component.component_class = SEK_CLASS_PSU; /* the board knows better than the record */
    rows.count = 0;
    sek_appraise_part(&appraiser, &component, &claims, 256, &rows.base);
    assert_int_equal(row->component_class, SEK_CLASS_PSU);
    rows.count = 0;
    sek_appraise_part(&unjudged, &component, &claims, 256, &rows.base);
    assert_string_equal(told(row), "eeprom unverified - not-evaluated");
}

/* ---- Regions ---- */

struct region {
    struct sek_image_claims claims;
    struct sek_extent whole;
    struct sek_range gap;
    struct sek_image_claim image;
};

static void open_region(struct region *region, uint8_t first)
{
    memset(region, 0, sizeof *region);
    region->whole = (struct sek_extent){.alg = SEK_DIGEST_SHA256, .status = SEK_OK};
    for (size_t i = 0; i < 32; i++)
        region->whole.digest[i] = (uint8_t)(i % 16);
    region->whole.digest[0] = first;
    region->claims.whole[SEK_DIGEST_SHA256] = &region->whole;
    region->claims.size = 4096;
    region->claims.image = &region->image;
    region->gap = (struct sek_range){64, 2};
    region->claims.uncovered = &region->gap;
}

static void regions_come_to_their_findings(void **state)
{
    static const struct {
        const char *name;
        uint8_t digest;
        enum sek_class component_class;
        const char *component;
        enum sek_status fault;
        bool image, gap;
        const char *told; /* of the region's own row */
    } cases[] = {
        {"a reference", 0x77, SEK_CLASS_BOOT, "spl", SEK_OK, false, false,
         "spl approved REF-001 verified"},
        {"a reference of another component", 0x77, SEK_CLASS_BOOT, "env", SEK_OK, false, false,
         "env unverified SIG-010 unverified"},
        {"a reference on its last day", 0x79, SEK_CLASS_BOOT, "spl", SEK_OK, false, false,
         "spl approved REF-001 verified"},
        {"a reference past its date", 0x78, SEK_CLASS_BOOT, "spl", SEK_OK, false, false,
         "spl unverified REF-004 unverified"},
        {"a reference past its date, of data", 0x78, SEK_CLASS_DATA, "log", SEK_OK, false, false,
         "log unverified REF-004 unverified"},
        {"past its date, and an image that speaks", 0x78, SEK_CLASS_BOOT, "fit", SEK_OK, true,
         false, "fit unverified - not-evaluated"},
        {"not the reference of that component", 0x11, SEK_CLASS_BOOT, "spl", SEK_OK, false, false,
         "spl unverified REF-002 unverified"},
        {"a denied digest", 0x22, SEK_CLASS_BOOT, "spl", SEK_OK, false, false,
         "spl tampered REF-003 tampered"},
        {"a denied digest with an image in it", 0x22, SEK_CLASS_BOOT, "fit", SEK_OK, true, false,
         "fit tampered REF-003 tampered"},
        {"no format", 0x11, SEK_CLASS_BOOT, "fit", SEK_OK, false, false,
         "fit unverified FMT-003 unverified"},
        {"no format, and data", 0x11, SEK_CLASS_DATA, "log", SEK_OK, false, false,
         "log unverified SIG-002 unverified"},
        {"no format, and configuration", 0x11, SEK_CLASS_CONFIG, "env", SEK_OK, false, false,
         "env unverified SIG-002 unverified"},
        {"malformed", 0x11, SEK_CLASS_BOOT, "fit", SEK_ERR_MALFORMED, false, false,
         "fit unverified FMT-001 unverified"},
        {"unsupported", 0x11, SEK_CLASS_BOOT, "fit", SEK_ERR_UNSUPPORTED, false, false,
         "fit unverified FMT-002 unverified"},
        {"bytes that nothing covers", 0x11, SEK_CLASS_BOOT, "fit", SEK_OK, true, true,
         "fit unexpected SIG-012 unexpected"},
        {"an image that speaks for itself", 0x11, SEK_CLASS_BOOT, "fit", SEK_OK, true, false,
         "fit unverified - not-evaluated"},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(cases); i++) {
        const struct sek_component component = {.name = cases[i].component,
                                                .component_class = cases[i].component_class,
                                                .named_by_board = true};
        struct rows rows = {.base.row = keep};
        struct region region;

        open_region(&region, cases[i].digest);
        region.claims.fault.status = cases[i].fault;
        region.claims.image_count = cases[i].image;
        region.claims.uncovered_count = cases[i].gap;
        region.claims.format = cases[i].image ? "fit" : NULL;
        sek_appraise_images(&appraiser, &component, &region.claims, SEK_OK, &rows.base);
        if (strcmp(told(&rows.row[0]), cases[i].told) != 0)
            fail_msg("%s: %s", cases[i].name, told(&rows.row[0]));
        assert_int_equal(rows.row[0].container, cases[i].image && !rows.row[0].rule);
        assert_int_equal(rows.count, 1u + (cases[i].image ? 1u : 0u));
    }
}

static void a_vouched_region_needs_no_rows_of_its_images(void **state)
{
    const struct sek_component component = {
        .name = "spl", .component_class = SEK_CLASS_BOOT, .named_by_board = true};
    struct rows rows = {.base.row = keep};
    struct region region;

    (void)state;
    open_region(&region, 0x77);
    region.claims.image_count = 1;
    sek_appraise_images(&appraiser, &component, &region.claims, SEK_OK, &rows.base);
    assert_int_equal(rows.count, 1);
    assert_string_equal(rows.row[0].version, "7.1");
    assert_string_equal(rows.row[0].signer, "kiso");
    rows.count = 0;
    sek_appraise_images(&unjudged, &component, &region.claims, SEK_OK, &rows.base);
    assert_int_equal(rows.count, 2);
    assert_int_equal(rows.row[1].verdict, SEK_VERDICT_UNVERIFIED);
    rows.count = 0;
    sek_appraise_images(&appraiser, &component, &region.claims, SEK_ERR_IO, &rows.base);
    assert_string_equal(told(&rows.row[0]), "spl unreadable RD-002 unreadable");
}

/* ---- Rows that came as evidence ---- */

static void key_of(const char *name, struct sek_row *row)
{
    int supplier = fdt_first_subnode(policy.store.dtb, policy.store.suppliers);
    struct sek_bytes id = sek_store_bytes(
        &policy.store, fdt_subnode_offset(policy.store.dtb, supplier, name), "key-id");

    assert_int_equal(id.len, SEK_KEY_ID_LEN);
    memcpy(row->key, id.data, id.len);
    row->has_key = true;
}

static const struct evidence {
    const char *name;
    enum sek_row_kind kind;
    enum sek_class component_class;
    enum sek_integrity integrity;
    const char *key; /* "" : a key that nobody has; NULL: none */
    uint8_t digest;  /* 0: none */
    const char *says;
    const char *told;
} evidences[] = {
    {"verified under a key that we know", SEK_ROW_IMAGE, SEK_CLASS_KERNEL, SEK_INTEGRITY_VERIFIED,
     "release", 0x11, NULL, "spl approved SIG-001 verified"},
    {"verified under a key that we do not know", SEK_ROW_IMAGE, SEK_CLASS_KERNEL,
     SEK_INTEGRITY_VERIFIED, "", 0x11, NULL, "spl unverified SIG-005 unverified"},
    {"verified by nobody", SEK_ROW_IMAGE, SEK_CLASS_KERNEL, SEK_INTEGRITY_VERIFIED, NULL, 0x11,
     NULL, "spl unverified SIG-002 unverified"},
    {"verified under a key that we revoked", SEK_ROW_IMAGE, SEK_CLASS_KERNEL,
     SEK_INTEGRITY_VERIFIED, "old", 0x11, NULL, "spl tampered SIG-008 tampered"},
    {"verified, of a class that the key may not sign", SEK_ROW_IMAGE, SEK_CLASS_FPGA,
     SEK_INTEGRITY_VERIFIED, "release", 0x11, NULL, "spl unverified SIG-010 unverified"},
    {"verified, and known to be bad", SEK_ROW_IMAGE, SEK_CLASS_KERNEL, SEK_INTEGRITY_VERIFIED,
     "release", 0x22, NULL, "spl tampered REF-003 tampered"},
    {"tampered stays tampered under a good key", SEK_ROW_IMAGE, SEK_CLASS_KERNEL,
     SEK_INTEGRITY_TAMPERED, "release", 0x11, NULL, "spl tampered SIG-003 tampered"},
    {"unverified stays unverified under a good key", SEK_ROW_IMAGE, SEK_CLASS_KERNEL,
     SEK_INTEGRITY_UNVERIFIED, "release", 0x11, NULL, "spl unverified SIG-003 unverified"},
    {"not evaluated is unverified", SEK_ROW_IMAGE, SEK_CLASS_KERNEL, SEK_INTEGRITY_NOT_EVALUATED,
     "release", 0x11, NULL, "spl unverified SIG-003 not-evaluated"},
    {"what cannot be is unverified", SEK_ROW_IMAGE, SEK_CLASS_KERNEL, (enum sek_integrity)8,
     "release", 0x11, NULL, "spl unverified SIG-003 unverified"},
    {"claimed code is unverified", SEK_ROW_IMAGE, SEK_CLASS_KERNEL, SEK_INTEGRITY_CLAIMED,
     "release", 0x11, NULL, "spl unverified SIG-002 unverified"},
    {"a reference raises what was unverified", SEK_ROW_REGION, SEK_CLASS_BOOT,
     SEK_INTEGRITY_UNVERIFIED, NULL, 0x77, NULL, "spl approved REF-001 verified"},
    {"a reference past its date raises nothing", SEK_ROW_REGION, SEK_CLASS_BOOT,
     SEK_INTEGRITY_UNVERIFIED, NULL, 0x78, NULL, "spl unverified SIG-003 unverified"},
    {"nor does it lower what is tampered to unverified", SEK_ROW_REGION, SEK_CLASS_BOOT,
     SEK_INTEGRITY_TAMPERED, NULL, 0x78, NULL, "spl tampered SIG-003 tampered"},
    {"verified by a reference that is past its date here", SEK_ROW_REGION, SEK_CLASS_BOOT,
     SEK_INTEGRITY_VERIFIED, NULL, 0x78, NULL, "spl unverified REF-004 unverified"},
    {"a denied digest lowers what was unverified", SEK_ROW_REGION, SEK_CLASS_BOOT,
     SEK_INTEGRITY_UNVERIFIED, NULL, 0x22, NULL, "spl tampered REF-003 tampered"},
    {"a part is judged by what it says", SEK_ROW_PART, SEK_CLASS_PSU, SEK_INTEGRITY_CLAIMED, NULL,
     0, "vendor=Yamabiko", "spl excluded VND-002 claimed"},
    {"a part that matches nothing", SEK_ROW_PART, SEK_CLASS_PSU, SEK_INTEGRITY_CLAIMED, NULL, 0,
     "vendor=Kiso", "spl identified VND-001 claimed"},
    {"a part that was not read", SEK_ROW_PART, SEK_CLASS_PSU, SEK_INTEGRITY_UNREADABLE, NULL, 0,
     "vendor=Kiso", "spl unreadable SIG-003 unreadable"},
    {"a part that calls itself verified", SEK_ROW_PART, SEK_CLASS_PSU, SEK_INTEGRITY_VERIFIED, NULL,
     0, "vendor=Kiso", "spl unverified SIG-002 unverified"},
};

static void it_is_judged_again(void **state)
{
    const struct evidence *told_by = *state;
    struct policy_part part = {.count = 0};
    struct sek_row row;

    sek_row_init(&row);
    row.kind = told_by->kind;
    strcpy(row.name, "spl");
    row.component_class = told_by->component_class;
    row.integrity = told_by->integrity;
    row.supplier = SEK_SUPPLIER_APPROVED; /* what the device says of it counts for nothing */
    row.verdict = SEK_VERDICT_APPROVED;
    row.rule = SEK_RULE(SIG, 3);
    row.signer = "somebody";
    if (told_by->key && told_by->key[0])
        key_of(told_by->key, &row);
    row.has_key = told_by->key != NULL;
    if (told_by->digest) {
        struct region region;

        open_region(&region, told_by->digest);
        row.digest[0].alg = SEK_DIGEST_SHA256;
        memcpy(row.digest[0].bytes, region.whole.digest, 32);
    }
    if (told_by->says)
        policy_say(&part, told_by->says);
    row.observation = part.item;
    row.observation_count = part.count;
    sek_appraise_row(&appraiser, &row);
    assert_string_equal(told(&row), told_by->told);
    if (row.verdict != SEK_VERDICT_APPROVED)
        assert_int_not_equal(row.supplier, SEK_SUPPLIER_APPROVED);
    row.verdict = SEK_VERDICT_APPROVED;
    sek_appraise_row(&unjudged, &row);
    assert_int_equal(row.verdict, SEK_VERDICT_UNVERIFIED);
}

/* What a store says of a region holds for the images in it, also where only evidence has come. */
static void a_region_of_evidence_is_that_of_its_images(void **state)
{
    static const struct {
        const char *name, *version, *told;
    } rows[] = {
        {"host-os/kernel-1", "4.2.0", "host-os/kernel-1 approved SIG-001 verified"},
        {"host-os/kernel-1", "4.1.9", "host-os/kernel-1 tampered SIG-009 tampered"},
        {"host-os/a/b", "4.1.9", "host-os/a/b tampered SIG-009 tampered"},
        {"host/kernel-1", "4.2.0", "host/kernel-1 unverified SIG-010 unverified"},
        {"host-os-2/kernel-1", "4.2.0", "host-os-2/kernel-1 unverified SIG-010 unverified"},
        {"spare/kernel-1", "4.1.9", "spare/kernel-1 approved SIG-001 verified"},
    };
    struct policy scoped;
    const struct sek_appraiser bench = {&scoped.store, appraiser.context};

    (void)state;
    policy_open(
        &scoped,
        "suppliers { kiso { allow = \"kernel\"; allow-component = \"host-os\", \"spare\";"
        " release { public-key = /incbin/(\"hakone.spki.der\"); algo = \"sha256,ecdsa256\"; };"
        " minimum-1 { component = \"host-os\"; version = \"4.2.0\"; }; }; };");
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        struct sek_row row;

        sek_row_init(&row);
        row.kind = SEK_ROW_IMAGE;
        row.component_class = SEK_CLASS_KERNEL;
        row.integrity = SEK_INTEGRITY_VERIFIED;
        strcpy(row.name, rows[i].name);
        strcpy(row.version, rows[i].version);
        key_of("release", &row); /* the same key in both stores */
        sek_appraise_row(&bench, &row);
        assert_string_equal(told(&row), rows[i].told);
    }
    policy_close(&scoped);
}

/* One serial number on two parts shows only where the rows stand side by side: it stays found. */
static void a_part_that_another_contradicts_stays_so(void **state)
{
    static const struct {
        const char *says, *told;
    } rows[] = {
        {"vendor=Kiso", "port1 consult CX-002 claimed"},
        {"vendor=Yamabiko", "port1 excluded VND-002 claimed"},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        struct policy_part part;
        struct sek_row row;

        policy_say(&part, rows[i].says);
        sek_row_init(&row);
        row.kind = SEK_ROW_PART;
        row.component_class = SEK_CLASS_TRANSCEIVER;
        row.integrity = SEK_INTEGRITY_CLAIMED;
        row.rule = SEK_RULE(CX, 2);
        row.observation = part.item;
        row.observation_count = part.count;
        strcpy(row.name, "port1");
        sek_appraise_row(&appraiser, &row);
        assert_string_equal(told(&row), rows[i].told);
    }
}

/* A region that leaves all to its images has no word of its own, unless its bytes are denied. */
static void a_region_with_images_is_denied_by_its_digest(void **state)
{
    (void)state;
    for (int denied = 0; denied < 2; denied++) {
        struct region region;
        struct sek_row row;

        sek_row_init(&row);
        row.kind = SEK_ROW_REGION;
        row.component_class = SEK_CLASS_KERNEL;
        row.container = true;
        strcpy(row.name, "fit");
        open_region(&region, denied ? 0x22 : 0x11);
        row.digest[0].alg = SEK_DIGEST_SHA256;
        memcpy(row.digest[0].bytes, region.whole.digest, 32);
        sek_appraise_row(&appraiser, &row);
        assert_int_equal(row.container, !denied);
        assert_string_equal(told(&row), denied ? "fit tampered REF-003 tampered"
                                               : "fit unverified - not-evaluated");
    }
}

static int open_store(void **state)
{
    (void)state;
    policy_open(&policy, body);
    appraiser.store = &policy.store;
    appraiser.context = (struct sek_context){.today = policy_day("2026-11-23"), .tier = "lab"};
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
        cmocka_unit_test(a_component_that_cannot_be_read_says_so),
        cmocka_unit_test(a_part_has_what_its_record_says),
        cmocka_unit_test(regions_come_to_their_findings),
        cmocka_unit_test(a_vouched_region_needs_no_rows_of_its_images),
        cmocka_unit_test(a_region_of_evidence_is_that_of_its_images),
        cmocka_unit_test(a_region_with_images_is_denied_by_its_digest),
        cmocka_unit_test(a_part_that_another_contradicts_stays_so),
    };

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    ROWS_RUN(fixed, evidences, it_is_judged_again, open_store, close_store);
}
