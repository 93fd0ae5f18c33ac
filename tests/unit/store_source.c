#define _DEFAULT_SOURCE
#include "tests/unit/store_source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define KEYS "build/keys/demo"

const char store_source[] =
    "/dts-v1/;\n"
    "/ {\n"
    " compatible = \"sekisho,store-1\";\n"
    " label = \"Test store\"; authority = \"Test Authority\";\n"
    " serial = <42>; issued = \"2026-01-01\"; not-after = \"2036-12-31\";\n"
    " successor { public-key = /incbin/(\"other-authority.spki.der\"); };\n"
    " policy { unverified-hold = \"psu\"; unverified-accept = \"data\"; transitional = \"hold\";\n"
    "  generic-name = \"N/A\", \"no name\"; };\n"
    " entities {\n"
    "  ent_a: alpha { label = \"Alpha\"; alias = \"Alpha Works\", \"alpha-works\";\n"
    "   not-alias = \"Alpha Museum\"; oui24 = [02 00 01 02 00 02]; oui36 = [02 00 03 00 10];\n"
    "   pen = <32473 32474>; pci-vendor = <0xfff0>; dt-prefix = \"alpha\"; };\n"
    "  ent_b: beta { label = \"Beta\"; alias = \"Betamax Optics\"; usb-vendor = <0xfff1>;\n"
    "   affiliation-1 { parent = <&ent_a>; kind = \"subsidiary\"; from = \"2020-01-01\";\n"
    "    until = \"2030-01-01\"; }; };\n"
    " };\n"
    " suppliers {\n"
    "  sup_a: alpha { entity = <&ent_a>; allow = \"kernel\", \"rootfs\";\n"
    "   key-1 { public-key = /incbin/(\"kiso.spki.der\"); algo = \"sha256,rsa4096\";\n"
    "    padding = \"pkcs-1.5\"; key-name-hint = \"kiso\"; not-before = \"2026-01-01\"; };\n"
    "   key-2 { public-key = /incbin/(\"hakone.spki.der\"); algo = \"sha256,ecdsa256\"; };\n"
    "   key-3 { key-id = [00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f\n"
    "    00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f]; revoked = \"2026-06-30\"; };\n"
    "   minimum-1 { component = \"os\"; version = \"4.2\"; }; };\n"
    " };\n"
    " references { spl { supplier = <&sup_a>; component = \"spl\"; size = <16>;\n"
    "  sha256 = [11 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f\n"
    "   00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f]; }; };\n"
    " denied { bad-1 { label = \"Bad\"; source = \"report 1\";\n"
    "  sha256 = [22 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f\n"
    "   00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f]; }; };\n"
    " device-authorities { lab { certificate = /incbin/(\"device-ca.der\"); }; };\n"
    " maps { box { model = \"BOX\"; description-sha256 = [33 01 02 03 04 05 06 07 08 09 0a 0b 0c\n"
    "  0d 0e 0f 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f]; independent; }; };\n"
    " manifests { box-1 { model = \"BOX\"; serial-number = \"S1\"; psu1 { component = \"psu1\";\n"
    "   class = \"psu\"; optional; says = \"vendor=Alpha\", \"pci=fff00001\"; };\n"
    "  dimm { says = \"maker=Alpha\"; }; }; };\n"
    " officers { one { label = \"One\"; public-key = /incbin/(\"officer.spki.der\");\n"
    "  may = \"order\", \"release\"; }; };\n"
    " rules {\n"
    "  rule_a: no-beta { label = \"No Beta\"; authority = \"A\"; clause = \"1\"; source = \"s\";\n"
    "   basis = \"named\"; force = \"in-force\"; subject = <&ent_b &ent_a>; follow = \"brand\";\n"
    "   event = \"procure\"; role = \"transceiver\"; min-evidence = <1>;\n"
    "   effective-from = \"2026-04-01\"; verdict = \"excluded\";\n"
    "   transition { acquired-before = \"2026-04-01\"; keep-until = \"2028-03-31\"; };\n"
    "   exception-1 { tier = \"lab\"; until = \"2030-12-31\"; reference = \"w1\"; }; };\n"
    " };\n"
    " determinations { d-1 { rule = <&rule_a>; subject = <&ent_b>; verdict = \"cleared\";\n"
    "  reference = \"r\"; date = \"2026-05-01\"; }; };\n"
    "};\n";

static struct store_tree compile(const char *first, size_t first_len, const char *put,
                                 const char *last)
{
    char path[] = "/tmp/sekisho-test-XXXXXX.dts";
    struct store_tree tree;
    int fd = mkstemps(path, 4);
    FILE *out;

    assert_true(fd >= 0);
    out = fdopen(fd, "w");
    assert_non_null(out);
    fwrite(first, 1, first_len, out);
    fputs(put, out);
    fputs(last, out);
    assert_int_equal(fclose(out), 0);
    bool ok = store_tree_read(path, KEYS, &tree);

    unlink(path);
    assert_true(ok);
    return tree;
}

/* Builds a tree, which is released. */
static uint8_t *build(struct store_tree tree, size_t *len)
{
    uint8_t *built = NULL, *exact;

    assert_true(store_build("test", tree.dtb.data, &built, len));
    store_tree_free(&tree);
    exact = malloc(*len);
    assert_non_null(exact);
    memcpy(exact, built, *len);
    free(built);
    return exact;
}

struct store_tree source_tree(const char *source, const char *find, const char *put)
{
    const char *at = find ? strstr(source, find) : source;

    assert_non_null(at);
    return compile(source, (size_t)(at - source), find ? put : "", at + (find ? strlen(find) : 0));
}

struct store_tree store_source_tree(const char *find, const char *put)
{
    return source_tree(store_source, find, put);
}

uint8_t *store_source_payload(const char *find, const char *put, size_t *len)
{
    return build(store_source_tree(find, put), len);
}

uint8_t *store_text_payload(const char *text, size_t *len)
{
    return build(compile(text, strlen(text), "", ""), len);
}
