#include "tests/unit/policy.h"

#include "tests/unit/hex.h"
#include "tests/unit/store_source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void policy_open(struct policy *policy, const char *body)
{
    static const char head[] =
        "/dts-v1/; / { compatible = \"sekisho,store-1\"; label = \"l\"; authority = \"A\";"
        " serial = <1>; issued = \"2026-01-01\"; not-after = \"2036-12-31\"; ";
    size_t cap = sizeof head + strlen(body) + 4, len;
    char *text = malloc(cap);
    struct sek_store_fault why;

    assert_non_null(text);
    (void)snprintf(text, cap, "%s%s};", head, body);
    policy->dtb = store_text_payload(text, &len);
    free(text);
    assert_int_equal(
        sek_store_open_payload(&policy->store, (struct sek_bytes){policy->dtb, len}, &why), SEK_OK);
}

void policy_close(struct policy *policy)
{
    free(policy->dtb);
}

static const struct {
    const char *name;
    enum sek_kind kind;
    enum sek_value_type type;
    enum sek_evidence_class evidence;
} kinds[] = {
    {"vendor", SEK_KIND_VENDOR, SEK_VALUE_TEXT, SEK_EVIDENCE_CHECKED},
    {"maker", SEK_KIND_MANUFACTURER, SEK_VALUE_TEXT, SEK_EVIDENCE_CHECKED},
    {"product", SEK_KIND_PRODUCT, SEK_VALUE_TEXT, SEK_EVIDENCE_CHECKED},
    {"part", SEK_KIND_PART_NUMBER, SEK_VALUE_TEXT, SEK_EVIDENCE_CHECKED},
    {"serial", SEK_KIND_SERIAL_NUMBER, SEK_VALUE_TEXT, SEK_EVIDENCE_CHECKED},
    {"oui", SEK_KIND_OUI24, SEK_VALUE_BYTES, SEK_EVIDENCE_CHECKED},
    {"oui28", SEK_KIND_OUI28, SEK_VALUE_BYTES, SEK_EVIDENCE_CHECKED},
    {"oui36", SEK_KIND_OUI36, SEK_VALUE_BYTES, SEK_EVIDENCE_CHECKED},
    {"pen", SEK_KIND_PEN, SEK_VALUE_NUMBER, SEK_EVIDENCE_CHECKED},
    {"pci", SEK_KIND_PCI, SEK_VALUE_NUMBER, SEK_EVIDENCE_SILICON},
    {"subsys", SEK_KIND_PCI_SUBSYSTEM, SEK_VALUE_NUMBER, SEK_EVIDENCE_PLAIN},
    {"usb", SEK_KIND_USB, SEK_VALUE_NUMBER, SEK_EVIDENCE_PLAIN},
    {"jedec", SEK_KIND_JEDEC, SEK_VALUE_NUMBER, SEK_EVIDENCE_SILICON},
    {"compatible", SEK_KIND_COMPATIBLE, SEK_VALUE_TEXT, SEK_EVIDENCE_PLAIN},
    {"midr", SEK_KIND_MIDR, SEK_VALUE_NUMBER, SEK_EVIDENCE_SILICON},
    {"gpon", SEK_KIND_GPON, SEK_VALUE_TEXT, SEK_EVIDENCE_PLAIN},
    {"country", SEK_KIND_COUNTRY, SEK_VALUE_TEXT, SEK_EVIDENCE_CHECKED},
    {"hid", SEK_KIND_ACPI_HID, SEK_VALUE_TEXT, SEK_EVIDENCE_PLAIN},
    {"pnp", SEK_KIND_PNP, SEK_VALUE_TEXT, SEK_EVIDENCE_PLAIN},
    {"mac", SEK_KIND_MAC, SEK_VALUE_BYTES, SEK_EVIDENCE_PLAIN},
};

static void say_one(struct policy_part *part, size_t *used, const char *name, size_t name_len,
                    const char *value, size_t len)
{
    struct sek_observation *item = &part->item[part->count++];
    uint8_t *at = part->memory + *used;
    char text[POLICY_TEXT] = "";
    size_t i = 0;

    assert_true(part->count <= POLICY_ITEMS && len < sizeof part->memory - *used);
    while (i < SEK_LEN(kinds) &&
           (strlen(kinds[i].name) != name_len || strncmp(kinds[i].name, name, name_len) != 0))
        i++;
    assert_true(i < SEK_LEN(kinds));
    memcpy(text, value, len);
    *item = (struct sek_observation){
        .kind = kinds[i].kind, .type = kinds[i].type, .evidence = kinds[i].evidence};
    switch (item->type) {
    case SEK_VALUE_TEXT:
        memcpy(at, value, len);
        item->value = (struct sek_bytes){at, len};
        break;
    case SEK_VALUE_BYTES:
        item->value = (struct sek_bytes){at, from_hex(text, at, 16)};
        break;
    case SEK_VALUE_NUMBER:
        item->number = (uint32_t)strtoul(text, NULL, 0);
        break;
    }
    *used += item->value.len;
}

void policy_say(struct policy_part *part, const char *says)
{
    size_t used = 0;

    part->count = 0;
    while (*says) {
        size_t name_len = strcspn(says, "="), len;
        const char *value = says + name_len + 1;

        assert_true(says[name_len] == '=');
        len = strcspn(value, ";");
        says = value + len + (value[len] == ';');
        says += strspn(says, " ");
        say_one(part, &used, value - name_len - 1, name_len, value, len);
    }
}

struct keep {
    struct sek_row_sink base;
    struct sek_row *row;
};

static void keep(struct sek_row_sink *sink, const struct sek_row *row)
{
    *((struct keep *)sink)->row = *row;
}

void policy_row(const struct policy *policy, const struct sek_context *context,
                enum sek_class component_class, const struct policy_part *part, unsigned flags,
                struct sek_row *row)
{
    const struct sek_appraiser appraiser = {&policy->store, *context};
    const struct sek_component component = {.name = "part", .component_class = component_class};
    struct sek_observation item[POLICY_ITEMS];
    const struct sek_part_claims claims = {
        .format = "onie-tlv",
        .class_hint = SEK_CLASS_NONE,
        .damaged = (flags & SEK_OBSERVATION_DAMAGED) != 0,
        .blank = (flags & SEK_OBSERVATION_BLANK) != 0,
        .item = item,
        .count = part->count,
        .cap = part->count,
    };
    struct keep sink = {{keep}, row};

    memcpy(item, part->item, sizeof item);
    for (size_t i = 0; i < part->count; i++)
        item[i].flags = (uint8_t)flags;
    sek_appraise_part(&appraiser, &component, &claims, 256, &sink.base);
    row->observation = NULL; /* gone with this call */
    row->observation_count = 0;
}

const char *policy_judge(const struct policy *policy, const struct sek_context *context,
                         enum sek_class component_class, const char *says)
{
    static char line[128];
    char rule[SEK_RULE_TEXT_LEN + 1];
    struct policy_part part;
    struct sek_row row;
    unsigned flags = 0;

    if (strncmp(says, "damaged ", 8) == 0)
        flags = SEK_OBSERVATION_DAMAGED;
    if (strcmp(says, "blank") == 0)
        flags = SEK_OBSERVATION_BLANK;
    policy_say(&part, flags == SEK_OBSERVATION_BLANK ? "" : says + (flags ? 8 : 0));
    policy_row(policy, context, component_class, &part, flags, &row);
    sek_rule_format(row.rule, rule);
    (void)snprintf(line, sizeof line, "%s %s%s%s", sek_verdict_name(row.verdict), rule,
                   row.policy.rule ? " " : "", row.policy.rule ? row.policy.rule : "");
    return line;
}

sek_day policy_day(const char *date)
{
    sek_day day;

    assert_int_equal(sek_date_parse(date, strlen(date), &day), SEK_OK);
    return day;
}
