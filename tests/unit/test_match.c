/* From what a part says to entities of the store. */
#include "crypto/crypto.h"
#include "tests/unit/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/rows.h"

static const char entities[] =
    "policy { generic-name = \"No Name\"; }; entities {"
    " kiso { label = \"l\"; alias = \"KISO NETWORKS\", \"KISO\"; not-alias = \"KISO VALLEY "
    "RAILWAY\";"
    "  pen = <32473>; oui24 = [02 00 01]; oui36 = [02 00 03 00 10]; pci-vendor = <0xfff0>;"
    "  usb-vendor = <0xfff1>; jedec = <0x7e 0x7f4018>; midr-impl = <0x7f>; dt-prefix = \"kiso\";"
    "  gpon-vid = \"KISO\"; acpi-hid = \"KISO0001\"; pnp = \"KSO\"; };"
    " hakone { label = \"l\"; alias = \"HAKONE\", \"HKN\", \"A B\"; oui24 = [02 00 02 02 00 03];"
    "  oui28 = [02 00 03 10]; };"
    " far { label = \"l\"; alias = \"ONE TWO THREE FOUR FIVE SIX\"; oui24 = [00 00 00 ff ff ff]; };"
    " b { label = \"l\"; alias = \"HIKARIB\"; }; eight { label = \"l\"; alias = \"HIKARI8\"; }; };";

static const struct row {
    const char *name, *says;
    const char *hits;  /* entity, then ~ (look-alike), ? (short) or nothing, then the evidence */
    const char *marks; /* a attributed, s stranger, o overflow */
} rows[] = {
    {"nothing", "", "", ""},
    {"a name of the list", "vendor=Kiso Networks, K.K.", "kiso3", "a"},
    {"in any place of a name", "maker=The new Kiso of today", "kiso3", "a"},
    {"not inside a word", "vendor=Kisoland", "", "as"},
    {"six tokens are the longest alias", "vendor=x One-Two-Three-Four-Five-Six y", "far3", "a"},
    {"names of two", "vendor=Kiso; maker=Hakone", "kiso3 hakone3", "a"},
    {"two names in one", "vendor=Kiso by Hakone", "kiso3 hakone3", "a"},
    {"an unknown name", "vendor=Somebody", "", "as"},
    {"an unknown name beside a known one", "vendor=Kiso; maker=Somebody", "kiso3", "as"},
    {"a generic name is nobody's", "vendor=OEM; maker=n/a", "", ""},
    {"one of the store's own", "vendor=no-name", "", ""},
    {"generic in part is a name", "vendor=OEM Somebody", "", "as"},
    {"signs alone are no name", "vendor=***", "", ""},
    {"a product is matched and attributes nothing", "product=KISO 10", "kiso3", ""},
    {"a part number is matched", "part=HAKONE-1", "hakone3", ""},
    {"a serial number is not", "serial=KISO", "", ""},
    {"a country is not", "country=KISO", "", ""},
    {"few letters hit in a maker's field", "vendor=HKN", "hakone3", "a"},
    {"and hint in another", "product=HKN 10", "hakone?3", ""},
    {"two tokens of few letters, too", "part=A.B", "hakone?3", ""},
    {"a whole name that must not match", "vendor=Kiso Valley Railway", "", "as"},
    {"only the whole name", "vendor=Kiso Valley Railway Co", "kiso3", "a"},
    {"it takes back nothing of others", "vendor=Kiso Valley Railway; maker=Kiso", "kiso3", "as"},
    {"a prefix of 24 bits", "oui=020001", "kiso3", "a"},
    {"an unknown prefix attributes", "oui=0200ff", "", "a"},
    {"zeros are no prefix", "oui=000000", "", ""},
    {"ones are no prefix", "oui=ffffff", "", ""},
    {"a prefix of 36 bits", "oui36=0200030010", "kiso3", "a"},
    {"a prefix of 28 bits", "oui28=02000310", "hakone3", "a"},
    {"an address by 24 bits", "mac=020002123456", "hakone2", ""},
    {"an address by 28 bits goes before 24", "mac=020003123456", "hakone2", ""},
    {"an address by 36 bits goes before 24", "mac=020003001fff", "kiso2", ""},
    {"also where the owner is hit already", "oui=020001; mac=020003001fff", "kiso3", "a"},
    {"a neighbour of 36 bits is another's", "mac=020003002000", "hakone2", ""},
    {"no address", "mac=000000000000", "", ""},
    {"an address of a group", "mac=030001000000", "", ""},
    {"an address of five bytes", "mac=0200010000", "", ""},
    {"an enterprise number", "pen=32473", "kiso3", "a"},
    {"an unknown one attributes", "pen=7", "", "a"},
    {"zero is none", "pen=0", "", ""},
    {"ones are none", "pen=0xffffffff", "", ""},
    {"a PCI vendor", "pci=0xfff01234", "kiso4", "a"},
    {"a subsystem is a plain field", "subsys=0xfff01234", "kiso2", "a"},
    {"no PCI vendor", "pci=0xffff1234", "", ""},
    {"a USB vendor", "usb=0xfff10001", "kiso2", "a"},
    {"a USB vendor is no PCI vendor", "usb=0xfff00001", "", "a"},
    {"a flash chip's manufacturer", "jedec=0x7e4018", "kiso4", "a"},
    {"a flash chip's whole id", "jedec=0x7f4018", "kiso4", "a"},
    {"another chip of that byte", "jedec=0x7f4019", "", "a"},
    {"a manufacturer alone", "jedec=0x7e", "kiso4", "a"},
    {"no chip", "jedec=0xffffff", "", ""},
    {"a core's implementer", "midr=0x7f", "kiso4", "a"},
    {"a device-tree prefix", "compatible=kiso,switch-1", "kiso2", "a"},
    {"a prefix is compared exactly", "compatible=kisofoo,switch-1", "", "a"},
    {"also in case", "compatible=KISO,switch-1", "", "a"},
    {"an optical network's vendor", "gpon=KISO", "kiso2", "a"},
    {"a firmware table's device", "hid=KISO0001", "kiso2", "a"},
    {"a display's maker", "pnp=KSO", "kiso2", "a"},
    {"the best evidence of several stands", "mac=020001000000; pci=0xfff00000", "kiso4", "a"},
    {"written like a name", "vendor=K1SO NETW0RKS", "kiso~3", "as"},
    {"not in a product's field", "product=HAK0NE", "", ""},
    {"who is hit exactly is no look-alike", "vendor=KISO NETW0RKS", "kiso3", "a"},
    {"also by another observation", "vendor=H4KONE; oui=020002", "hakone3", "as"},
    {"what is a name is not written like another", "vendor=Hikari8", "eight3", "a"},
    {"what is none is written like both", "vendor=HlKARI8", "b~3 eight~3", "as"},
    {"a known name hides no look-alike", "vendor=Kiso HAK0NE", "kiso3 hakone~3", "a"},
    {"a name that must not match has no look-alike", "vendor=kiso valley railway", "", "as"},
    {"letters that we do not compare", "vendor=HA\xd0\x96KONE", "", "aso"},
    {"such letters alone are a name", "vendor=\xd0\x96\xd0\xb8\xd0\xb7\xd0\xbd\xd1\x8c", "", "as"},
};

static void describe(const struct sek_store *store, const struct sek_hits *hits, char *out,
                     size_t cap)
{
    size_t len = 0;

    out[0] = '\0';
    for (size_t i = 0; i < hits->count; i++) {
        const struct sek_hit *hit = &hits->hit[i];

        len += (size_t)snprintf(out + len, cap - len, "%s%s%s%d", i ? " " : "",
                                sek_store_node_name(store, hit->entity),
                                hit->strength == SEK_HIT_LOOK_ALIKE ? "~"
                                : hit->strength == SEK_HIT_SHORT    ? "?"
                                                                    : "",
                                (int)hit->evidence);
    }
}

static struct policy policy;

static void it_hits(void **state)
{
    const struct row *row = *state;
    struct policy_part part;
    struct sek_hits hits;
    char told[512], marks[4] = "";

    policy_say(&part, row->says);
    sek_match(&policy.store, part.item, part.count, &hits);
    describe(&policy.store, &hits, told, sizeof told);
    assert_string_equal(told, row->hits);
    strcat(marks, hits.attributed ? "a" : "");
    strcat(marks, hits.stranger ? "s" : "");
    strcat(marks, hits.overflow ? "o" : "");
    assert_string_equal(marks, row->marks);
}

/* A name of n tokens "x", then one that is an alias. */
static void name_of(struct policy_part *part, size_t tokens, const char *last)
{
    static char text[POLICY_TEXT];
    size_t len = 0;

    for (size_t i = 0; i < tokens; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "xx ");
    len += (size_t)snprintf(text + len, sizeof text - len, "%s", last);
    part->item[0] = (struct sek_observation){.kind = SEK_KIND_VENDOR,
                                             .type = SEK_VALUE_TEXT,
                                             .value = {(const uint8_t *)text, len},
                                             .evidence = SEK_EVIDENCE_CHECKED};
    part->count = 1;
}

static void no_length_hides_a_name(void **state)
{
    struct policy_part part;
    struct sek_hits hits;

    (void)state;
    for (size_t tokens = 0; tokens < 400; tokens++) {
        name_of(&part, tokens, "Kiso");
        sek_match(&policy.store, part.item, part.count, &hits);
        assert_true(hits.overflow || (hits.count == 1 && hits.hit[0].strength == SEK_HIT_EXACT));
        if (tokens < 50)
            assert_false(hits.overflow);
    }
}

static void more_entities_than_we_hold_are_said(void **state)
{
    struct policy many;
    struct sek_hits hits;
    struct policy_part part;
    char body[16384] = "entities { ", says[POLICY_TEXT] = "vendor=";
    size_t len = strlen(body);

    (void)state;
    for (int i = 0; i <= SEK_HITS_MAX; i++)
        len += (size_t)snprintf(body + len, sizeof body - len,
                                "e%d { label = \"l\"; alias = \"MAKER%d\"; }; ", i, i);
    strcat(body, "};");
    policy_open(&many, body);
    for (int i = 0; i < SEK_HITS_MAX; i++)
        (void)snprintf(says + strlen(says), sizeof says - strlen(says), "maker%d ", i);
    policy_say(&part, says);
    sek_match(&many.store, part.item, part.count, &hits);
    assert_int_equal(hits.count, SEK_HITS_MAX);
    assert_false(hits.overflow);
    strcat(says, "maker32");
    policy_say(&part, says);
    sek_match(&many.store, part.item, part.count, &hits);
    assert_int_equal(hits.count, SEK_HITS_MAX);
    assert_true(hits.overflow);
    policy_close(&many);
}

static int open_store(void **state)
{
    (void)state;
    policy_open(&policy, entities);
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
        cmocka_unit_test(no_length_hides_a_name),
        cmocka_unit_test(more_entities_than_we_hold_are_said),
    };

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    ROWS_RUN(fixed, rows, it_hits, open_store, close_store);
}
