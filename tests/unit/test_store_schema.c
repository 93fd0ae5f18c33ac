/* What lint says of a store that is wrong in one place, and what a device does with it. */
#define _POSIX_C_SOURCE 200809L
#include "base/date.h"
#include "crypto/crypto.h"
#include "tests/unit/store_source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define HEX16 "00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f "
#define HEX48 HEX16 HEX16 "55 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f "

enum { TODAY = 20600 }; /* 2026-05-27 */

/* What a device makes of a store that lint refuses. */
enum device { OPENS, REFUSES };

static const struct row {
    const char *name, *find, *put; /* the source is changed here */
    size_t problems;
    const char *says; /* lint's words; NULL: nothing */
    enum device device;
} rows[] = {
    {"the whole schema is accepted", NULL, NULL, 0, NULL, OPENS},
    /* Unknown things: a person's typo; a device may be older than the schema. */
    {"an unknown property of the root is refused by lint only",
     "serial =", "seriel = <1>; serial =", 1, "/ seriel: no such property", OPENS},
    {"an unknown property of a rule is refused by lint only", "verdict = \"excluded\";",
     "verdict = \"excluded\"; zone = \"x\";", 1, "/rules/no-beta zone: no such property", OPENS},
    {"an unknown node is refused by lint only", " maps {", " extras { a { b = <1>; }; }; maps {", 1,
     "/extras: no such node", OPENS},
    {"an unknown node of a rule is refused by lint only", "exception-1 {", "exemption-1 {", 1,
     "/rules/no-beta/exemption-1: no such node", OPENS},
    /* Names. */
    {"a node's name with a capital is refused", "  ent_b: beta", "  ent_b: Beta", 1,
     "a node's name is", REFUSES},
    {"a node's name with an address is refused", "  ent_b: beta", "  ent_b: beta@1", 1,
     "a node's name is", REFUSES},
    {"a node's name of 32 characters is refused", "  ent_b: beta",
     "  ent_b: beta5678901234567890123456789012", 1, "a node's name is", REFUSES},
    {"a node's name of 31 characters is accepted", "  ent_b: beta",
     "  ent_b: beta567890123456789012345678901", 0, NULL, OPENS},
    /* Types. */
    {"another version is refused", "sekisho,store-1", "sekisho,store-2", 1, "/ compatible",
     REFUSES},
    {"a serial of two numbers is refused", "serial = <42>", "serial = <42 43>", 1,
     "is not one number", REFUSES},
    {"a date that does not exist is refused", "not-after = \"2036-12-31\"",
     "not-after = \"2036-02-30\"", 1, "/ not-after: is not a date", REFUSES},
    {"a date of another form is refused", "effective-from = \"2026-04-01\"",
     "effective-from = \"1.4.2026\"", 1, "effective-from: is not a date", REFUSES},
    {"an empty text is refused", "clause = \"1\"", "clause = \"\"", 1, "clause: is not one text",
     REFUSES},
    {"a list with an empty text is refused", "event = \"procure\"", "event = \"procure\", \"\"", 1,
     "event: is not a list of texts", REFUSES},
    {"a number where texts belong is refused", "event = \"procure\"", "event = <1>", 1,
     "event: is not a list of texts", REFUSES},
    {"a class that does not exist is refused", "role = \"transceiver\"", "role = \"tranceiver\"", 1,
     "role: names a class", REFUSES},
    {"a word that must not stand is refused", "force = \"in-force\"", "force = \"in force\"", 1,
     "force: has a word", REFUSES},
    {"two words where one belongs are refused", "force = \"in-force\"",
     "force = \"in-force\", \"draft\"", 1, "force: is not one word", REFUSES},
    {"a flag with a value is refused", "independent;", "independent = <1>;", 1, "it is a flag",
     REFUSES},
    {"a digest that is cut is refused", "sha256 = [22 ", "sha256 = [", 1,
     "/denied/bad-1 sha256: does not have the length", REFUSES},
    {"a prefix list of another width is refused", "oui24 = [02 00 01 ", "oui24 = [00 01 ", 1,
     "oui24: is not a list of prefixes", REFUSES},
    {"a prefix list that does not ascend is refused", "[02 00 01 02 00 02]", "[02 00 02 02 00 01]",
     1, "oui24: does not ascend", REFUSES},
    {"a prefix with a half byte too much is refused", "[02 00 03 00 10]", "[02 00 03 00 11]", 1,
     "oui36: has a prefix", REFUSES},
    /* References between nodes. */
    {"a reference to no node is refused", "parent = <&ent_a>", "parent = <99>", 1,
     "parent: refers to no node", REFUSES},
    {"a reference to a node of another kind is refused", "subject = <&ent_b &ent_a>",
     "subject = <&ent_b &sup_a>", 1, "subject: refers to a node of another kind", REFUSES},
    {"a reference where one node belongs to two is refused", "entity = <&ent_a>",
     "entity = <&ent_a &ent_b>", 1, "entity: is not a reference", REFUSES},
    {"a phandle on a node that nobody may refer to is refused", "   key-1 {",
     "   key-1 { phandle = <77>;", 1, "phandle: stands where nothing", REFUSES},
    /* What is required. */
    {"a missing serial is refused", "serial = <42>;", "", 1, "/ serial: is missing", REFUSES},
    {"a missing label is refused", "label = \"Test store\";", "", 1, "/ label: is missing",
     REFUSES},
    {"a supplier that may sign nothing is refused", "allow = \"kernel\", \"rootfs\";", "", 1,
     "/suppliers/alpha allow: is missing", REFUSES},
    {"a key without a pinned algorithm is refused", "algo = \"sha256,ecdsa256\";", "", 1,
     "algo: is missing", REFUSES},
    {"a key of nothing is refused", "   minimum-1 {", "   key-4 { }; minimum-1 {", 1,
     "/suppliers/alpha/key-4: has no public-key", REFUSES},
    {"a minimum of nothing is refused", "version = \"4.2\";", "", 1, "has no version", REFUSES},
    {"a named rule that names nobody is refused", "subject = <&ent_b &ent_a>;", "", 1,
     "subject: is missing", REFUSES},
    {"a criteria rule that names nobody is accepted",
     "basis = \"named\"; force = \"in-force\"; subject = <&ent_b &ent_a>;",
     "basis = \"criteria\"; force = \"in-force\";", 0, NULL, OPENS},
    {"a transition without a date is refused", "acquired-before = \"2026-04-01\"; ", "", 1,
     "acquired-before: is missing", REFUSES},
    {"an exception without a reference is refused", "reference = \"w1\";", "", 1,
     "/rules/no-beta/exception-1 reference: is missing", REFUSES},
    {"a reference value without a digest is refused",
     "size = <16>;\n  sha256 =", "size = <16>;\n  sha256x =", 2, "has no sha256", REFUSES},
    {"two kinds of digest are accepted", "  sha256 = [22 ",
     "  sha384 = [00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 22 ", 0, NULL, OPENS},
    {"a third kind of digest is refused", "};\n denied {",
     " m { supplier = <&sup_a>; sha384 = [" HEX48 "]; }; };\n denied { more { label = \"l\";"
     " source = \"s\"; sha512 = [" HEX48 HEX16 "]; };",
     1, "/denied/more: has a third kind", REFUSES},
    {"a store that ends before it begins is refused", "issued = \"2026-01-01\"",
     "issued = \"2037-01-01\"", 1, "not-after: lies before", REFUSES},
    /* What only lint knows. */
    {"code that may stay unverified is refused by lint", "unverified-accept = \"data\"",
     "unverified-accept = \"data\", \"kernel\"", 1, "a class that runs", OPENS},
    {"configuration that may stay unverified is refused by lint", "unverified-accept = \"data\"",
     "unverified-accept = \"config\"", 1, "a class that runs", OPENS},
    {"a sensor may stay unverified", "unverified-accept = \"data\"",
     "unverified-accept = \"sensor\"", 0, NULL, OPENS},
    {"padding is required for RSA", "padding = \"pkcs-1.5\";", "", 1, "padding: is required",
     OPENS},
    {"padding is only for RSA", "algo = \"sha256,ecdsa256\";",
     "algo = \"sha256,ecdsa256\"; padding = \"pss\";", 1, "padding: is required", OPENS},
    {"an algorithm that the key cannot make is refused by lint", "algo = \"sha256,ecdsa256\"",
     "algo = \"sha256,rsa2048\"", 1, "algo: is none that this key", OPENS},
    {"a weak algorithm is refused", "algo = \"sha256,ecdsa256\"", "algo = \"sha1,ecdsa256\"", 1,
     "algo: has a word", REFUSES},
    {"a public key that is none is refused by lint", "/incbin/(\"officer.spki.der\")", "[30 00]", 1,
     "/officers/one public-key: is no SubjectPublicKeyInfo", OPENS},
    {"a certificate that is none is refused by lint", "/incbin/(\"device-ca.der\")", "[31 00]", 1,
     "/device-authorities/lab certificate: is no certificate", OPENS},
    {"a key id alone is for a revoked key", "revoked = \"2026-06-30\";", "", 1,
     "key-id: alone is for a key", OPENS},
    {"an alias of nothing is refused by lint", "alias = \"Betamax Optics\"", "alias = \"--\"", 1,
     "it never matches", OPENS},
    {"an alias of seven words is refused by lint", "alias = \"Betamax Optics\"",
     "alias = \"a b c d e f g\"", 1, "it never matches", OPENS},
    {"an evidence class of six is refused by lint", "min-evidence = <1>", "min-evidence = <6>", 1,
     "min-evidence: is not 1 to 5", OPENS},
    {"a transition that ends before it begins is refused by lint", "keep-until = \"2028-03-31\"",
     "keep-until = \"2026-03-31\"", 1, "transition keep-until: lies before", OPENS},
    {"one officer under two names is refused by lint", " officers {",
     " officers { two { label = \"Two\"; may = \"release\";"
     " public-key = /incbin/(\"officer.spki.der\"); };",
     1, "/officers/one public-key: is that of another officer", OPENS},
    {"two officers of one name are refused by lint", " officers {",
     " officers { two { label = \"One\"; may = \"release\";"
     " public-key = /incbin/(\"hakone.spki.der\"); };",
     1, "/officers/one label: is that of another officer", OPENS},
    /* Two owners. */
    {"two owners of one alias are refused", "\"Betamax Optics\"", "\"ALPHA  works\"", 1,
     "/entities/alpha and /entities/beta: both have the same alias", REFUSES},
    {"two owners of one number are refused", "usb-vendor = <0xfff1>;", "pen = <32474>;", 1,
     "both have the same pen", REFUSES},
    {"two owners of one key are refused",
     "/incbin/(\"kiso.spki.der\"); algo = \"sha256,rsa4096\";\n"
     "    padding = \"pkcs-1.5\";",
     "/incbin/(\"hakone.spki.der\"); algo = \"sha256,ecdsa256\";", 1,
     "/suppliers/alpha/key-1 and /suppliers/alpha/key-2: both have the same key", REFUSES},
    {"two owners of one digest are refused", "sha256 = [22 ", "sha256 = [11 ", 1,
     "both have the same digest", REFUSES},
    {"one value twice in a node is refused", "pen = <32473 32474>", "pen = <32473 32473>", 1,
     "/entities/alpha: has one value twice", REFUSES},
    {"two owners of one skeleton are accepted", "\"Betamax Optics\"", "\"A1pha W0rks\"", 0, NULL,
     OPENS},
    /* Manifests. */
    {"a part without words is refused", "says = \"maker=Alpha\";", "", 1,
     "/manifests/box-1/dimm says: is missing", REFUSES},
    {"a manifest without a model is refused", "model = \"BOX\"; serial-number", "serial-number", 1,
     "/manifests/box-1 model: is missing", REFUSES},
    {"a word of no kind is refused by lint", "maker=Alpha", "makers=Alpha", 1,
     "says: has a word of a kind that does not exist", OPENS},
    {"a word without a value is refused by lint", "maker=Alpha", "maker", 1,
     "says: has a word that is not KIND=VALUE", OPENS},
    {"a number in too few digits is refused by lint", "pci=fff00001", "pci=fff0001", 1,
     "says: has a number or address that is not in small hex digits", OPENS},
    {"a number in capitals is refused by lint", "pci=fff00001", "pci=FFF00001", 1,
     "says: has a number or address that is not in small hex digits", OPENS},
    {"an address of five bytes is refused by lint", "maker=Alpha", "mac=025a100000", 1,
     "says: has a number or address that is not in small hex digits", OPENS},
    {"an address is accepted", "maker=Alpha", "mac=025a10000001", 0, NULL, OPENS},
    {"a part that says nothing has a place", "maker=Alpha", "nothing", 1,
     "component: is missing: a part that says nothing", OPENS},
    {"a part says nothing, or something", "\"vendor=Alpha\"", "\"nothing\"", 1,
     "says: says nothing, and something besides", OPENS},
    {"a place that is no name is refused by lint", "component = \"psu1\"", "component = \"psu 1\"",
     1, "component: is no name that a component can have", OPENS},
    {"two parts in one place are refused by lint", "dimm { says",
     "dimm { component = \"psu1\"; says", 1, "/manifests/box-1 dimm: is a second part in one place",
     OPENS},
    {"two manifests of one device are refused by lint", "manifests {",
     "manifests { a { model = \"BOX\"; serial-number = \"S1\"; };", 1,
     "/manifests/a serial-number: is that of another manifest", OPENS},
    /* Warnings are no problems. */
    {"a reference that is past is warned of", "size = <16>;", "not-after = \"2026-05-26\";", 0,
     "warning: /references/spl not-after: is past", OPENS},
    {"a supplier without a living key is warned of", " suppliers {",
     " suppliers { gone { allow = \"kernel\"; k { key-id = ["
     "55 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f " HEX16 "]; revoked = \"2026-01-01\"; }; };",
     0, "warning: /suppliers/gone: has no key that is not revoked", OPENS},
    {"a draft is warned of", "force = \"in-force\"", "force = \"draft\"", 0,
     "warning: /rules/no-beta force: is not in-force", OPENS},
    {"origin without a role is warned of", "role = \"transceiver\";", "not-origin = \"JP\";", 0,
     "warning: /rules/no-beta not-origin: without role", OPENS},
    {"a short alias is warned of", "\"Betamax Optics\"", "\"BMX\"", 0, "fewer than 4 letters",
     OPENS},
    {"the end of a store is warned of", "not-after = \"2036-12-31\"", "not-after = \"2026-06-01\"",
     0, "warning: / not-after: is less than 30 days away", OPENS},
    {"a store that is past is warned of", "not-after = \"2036-12-31\"",
     "not-after = \"2026-05-26\"", 0, "warning: / not-after: is past", OPENS},
};

static void lint_and_device_judge_it_so(void **state)
{
    const struct row *row = *state;
    struct store_tree tree = store_source_tree(row->find, row->put);
    char *said = NULL;
    size_t said_len = 0, len;
    FILE *out = open_memstream(&said, &said_len);
    uint8_t *built;

    assert_non_null(out);
    size_t problems = store_lint("f", tree.dtb.data, TODAY, out);
    fclose(out);
    if (problems != row->problems || (row->says && !strstr(said, row->says)) ||
        (!row->says && said_len > 0))
        fail_msg("%zu problems, lint says: %s", problems, said);
    bool opens = store_build("test", tree.dtb.data, &built, &len);

    if (opens)
        free(built);
    free(said);
    store_tree_free(&tree);
    assert_int_equal(opens ? OPENS : REFUSES, row->device);
}

int main(void)
{
    static struct CMUnitTest tests[SEK_LEN(rows)];

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    for (size_t i = 0; i < SEK_LEN(rows); i++)
        tests[i] = (struct CMUnitTest){rows[i].name, lint_and_device_judge_it_so, NULL, NULL,
                                       (void *)(uintptr_t)&rows[i]};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
