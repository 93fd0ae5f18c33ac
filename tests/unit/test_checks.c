/* The ordered checks of a component with bytes: each one fails by itself, with its own rule. */
#include "crypto/crypto.h"
#include "tests/unit/policy.h"
#include "trust/checks.h"
#include "trust/ruling.h"

#include <libfdt.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define D16(first)    first " 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f "
#define DIGEST(first) "sha256 = [" D16(first) "00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f]; "

/* The store of the control; the rows put properties in place of the words in capitals. */
#define STORE(key, supplier, rules)                                                                \
    "entities { kiso: kiso { label = \"l\"; alias = \"KISO\"; }; };"                               \
    "suppliers { sup: kiso { entity = <&kiso>; allow = \"kernel\"; " supplier                      \
    " key { public-key = /incbin/(\"hakone.spki.der\"); algo = \"sha256,ecdsa256\"; " key          \
    " }; }; };"                                                                                    \
    "references { ref { supplier = <&sup>; component = \"fit/kernel\", \"spl\"; " DIGEST(          \
        "77") "}; };"                                                                              \
              "denied { bad { label = \"l\"; source = \"s\"; " DIGEST("22") "}; };"                \
                                                                            "rules { " rules " };"

struct bench {
    struct policy policy;
    struct sek_appraiser appraiser;
    struct sek_component component;
    struct sek_image_claim image;
    struct sek_extent extent[2];
    uint8_t signed_digest[SEK_DIGEST_MAX];
    struct sek_signature_claim signature;
    struct sek_row row;
    struct sek_case c;
};

static void set_digest(struct bench *b, uint8_t first)
{
    for (size_t i = 0; i < 32; i++)
        b->signed_digest[i] = (uint8_t)(i % 16);
    b->signed_digest[0] = first;
    memcpy(b->extent[0].digest, b->signed_digest, 32);
    b->row.digest[0].alg = SEK_DIGEST_SHA256;
    memcpy(b->row.digest[0].bytes, b->signed_digest, 32);
}

/* Everything in order. */
static void open_bench(struct bench *b, const char *store)
{
    int supplier;

    memset(b, 0, sizeof *b);
    policy_open(&b->policy, store);
    b->appraiser.store = &b->policy.store;
    b->appraiser.context.today = policy_day("2026-11-23");
    b->component = (struct sek_component){.name = "fit", .named_by_board = true};
    b->image.hash_count = 1;
    b->image.hash[0] = (struct sek_hash_claim){
        .alg = SEK_DIGEST_SHA256, .expected = {b->signed_digest, 32}, .measured = &b->extent[0]};
    b->extent[0] = (struct sek_extent){.alg = SEK_DIGEST_SHA256, .status = SEK_OK};
    b->signature = (struct sek_signature_claim){.alg = {SEK_SCHEME_ECDSA, SEK_DIGEST_SHA256, 256},
                                                .algo = "sha256,ecdsa256"};
    sek_row_init(&b->row);
    strcpy(b->row.name, "fit/kernel");
    strcpy(b->row.version, "5.0");
    b->row.component_class = SEK_CLASS_KERNEL;
    b->row.has_counter = b->row.has_timestamp = true;
    b->row.security_counter = 7;
    b->row.timestamp = 1000;
    set_digest(b, 0x11);
    supplier = fdt_first_subnode(b->policy.store.dtb, b->policy.store.suppliers);
    b->c = (struct sek_case){
        .appraiser = &b->appraiser,
        .component = &b->component,
        .image = &b->image,
        .row = &b->row,
        .signer = {.state = SEK_SIGNER_GOOD,
                   .key = fdt_subnode_offset(b->policy.store.dtb, supplier, "key"),
                   .supplier = supplier,
                   .signature = &b->signature},
        .covered = true,
        .signed_at_all = true,
    };
}

#define PLAIN STORE("", "", "")

static void as_it_is(struct bench *b)
{
    (void)b;
}

static void malformed(struct bench *b)
{
    b->image.fault.status = SEK_ERR_MALFORMED;
}

static void unsupported(struct bench *b)
{
    b->image.fault.status = SEK_ERR_UNSUPPORTED;
}

static void denied(struct bench *b)
{
    set_digest(b, 0x22);
}

static void bad_signature(struct bench *b)
{
    b->c.signer.state = SEK_SIGNER_BAD;
}

static void no_signature(struct bench *b)
{
    b->c.signed_at_all = false;
}

static void not_covered(struct bench *b)
{
    b->c.covered = false;
}

static void partly_covered(struct bench *b)
{
    b->c.partial = true;
}

static void weak_signature(struct bench *b)
{
    b->c.signer.state = SEK_SIGNER_WEAK;
}

static void unknown_signer(struct bench *b)
{
    b->c.signer.state = SEK_SIGNER_UNKNOWN;
}

static void state_of_one_wrong_bit(struct bench *b)
{
    b->c.signer.state = (enum sek_signer_state)((unsigned)SEK_SIGNER_GOOD ^ 1u);
}

static void good_but_nobody(struct bench *b)
{
    b->c.signer.key = -1;
}

static void good_but_no_supplier(struct bench *b)
{
    b->c.signer.supplier = -1;
}

static void another_algorithm(struct bench *b)
{
    strcpy(b->signature.algo, "sha384,ecdsa256");
}

static void rsa_without_a_pinned_padding(struct bench *b)
{
    b->signature.alg.scheme = SEK_SCHEME_RSA_PKCS1;
}

static void rsa_of_another_padding(struct bench *b)
{
    b->signature.alg.scheme = SEK_SCHEME_RSA_PSS;
}

static void only_a_weak_hash(struct bench *b)
{
    b->image.hash[0].alg = SEK_DIGEST_NONE;
}

static void other_bytes(struct bench *b)
{
    b->extent[0].digest[31] ^= 1;
}

static void one_of_two_hashes_differs(struct bench *b)
{
    b->extent[1] = (struct sek_extent){.alg = SEK_DIGEST_SHA256, .status = SEK_OK};
    b->image.hash[1] = (struct sek_hash_claim){
        .alg = SEK_DIGEST_SHA256, .expected = {b->signed_digest, 32}, .measured = &b->extent[1]};
    b->image.hash_count = 2;
}

static void a_weak_hash_beside_a_good_one(struct bench *b)
{
    b->image.hash[1].alg = SEK_DIGEST_NONE;
    b->image.hash_count = 2;
}

static void a_hash_that_may_be_passed_over(struct bench *b)
{
    b->image.hash[0].optional = true;
}

static void not_measured(struct bench *b)
{
    b->image.hash[0].measured = NULL;
}

static void measured_in_part(struct bench *b)
{
    b->extent[0].status = SEK_ERR_STATE;
}

static void a_short_hash(struct bench *b)
{
    b->image.hash[0].expected.len = 31;
}

static void no_hash(struct bench *b)
{
    b->image.hash_count = 0;
}

static void no_date(struct bench *b)
{
    b->appraiser.context.today = 0;
}

static void another_class(struct bench *b)
{
    b->row.component_class = SEK_CLASS_BOOT;
}

static void no_class(struct bench *b)
{
    b->row.component_class = SEK_CLASS_NONE;
}

static void named_by_nobody(struct bench *b)
{
    b->component.named_by_board = false;
}

static void another_name(struct bench *b)
{
    strcpy(b->row.name, "fit/other");
    b->component.name = "other";
}

static void no_version(struct bench *b)
{
    b->row.version[0] = '\0';
}

static void no_counter(struct bench *b)
{
    b->row.has_counter = false;
}

static void no_timestamp(struct bench *b)
{
    b->row.has_timestamp = false;
}

static void after_the_store(struct bench *b)
{
    b->appraiser.context.today = policy_day("2037-01-01");
}

static void last_day_of_the_store(struct bench *b)
{
    b->appraiser.context.today = policy_day("2036-12-31");
}

static void referenced(struct bench *b)
{
    set_digest(b, 0x77);
}

static void referenced_of_another_name(struct bench *b)
{
    referenced(b);
    another_name(b);
}

static void referenced_and_named_by_nobody(struct bench *b)
{
    referenced_of_another_name(b);
    named_by_nobody(b);
}

static void referenced_of_another_class(struct bench *b)
{
    referenced(b);
    another_class(b);
}

static void referenced_after_the_store(struct bench *b)
{
    referenced(b);
    after_the_store(b);
}

static void referenced_without_a_date(struct bench *b)
{
    referenced(b);
    no_date(b);
}

#define OUT RULE("r", "subject = <&kiso>; ")

static const struct row {
    const char *name, *store;
    void (*change)(struct bench *b);
    const char *finding; /* rule, integrity, supplier */
} rows[] = {
    {"everything in order is approved", PLAIN, as_it_is, "SIG-001 verified approved"},
    {"malformed", PLAIN, malformed, "FMT-001 unverified not-evaluated"},
    {"unsupported", PLAIN, unsupported, "FMT-002 unverified not-evaluated"},
    {"known to be bad", PLAIN, denied, "REF-003 tampered not-evaluated"},
    {"a bad signature", PLAIN, bad_signature, "SIG-004 tampered not-evaluated"},
    {"no signature", PLAIN, no_signature, "FMT-004 unverified not-evaluated"},
    {"not covered", PLAIN, not_covered, "SIG-006 unverified not-evaluated"},
    {"covered in part", PLAIN, partly_covered, "SIG-006 unverified not-evaluated"},
    {"a weak signature", PLAIN, weak_signature, "SIG-007 unverified not-evaluated"},
    {"an unknown signer", PLAIN, unknown_signer, "SIG-005 unverified not-evaluated"},
    {"a signer's state of one wrong bit", PLAIN, state_of_one_wrong_bit,
     "SIG-005 unverified not-evaluated"},
    {"a good signature of no key", PLAIN, good_but_nobody, "SIG-005 unverified not-evaluated"},
    {"a good signature of no supplier", PLAIN, good_but_no_supplier,
     "SIG-005 unverified not-evaluated"},
    {"not the pinned algorithm", PLAIN, another_algorithm, "SIG-007 unverified not-evaluated"},
    {"RSA where no padding is pinned", PLAIN, rsa_without_a_pinned_padding,
     "SIG-007 unverified not-evaluated"},
    {"RSA of another padding", STORE("padding = \"pkcs-1.5\";", "", ""), rsa_of_another_padding,
     "SIG-007 unverified not-evaluated"},
    {"RSA of the pinned padding", STORE("padding = \"pss\";", "", ""), rsa_of_another_padding,
     "SIG-001 verified approved"},
    {"only a weak hash", PLAIN, only_a_weak_hash, "SIG-007 unverified not-evaluated"},
    {"no hash", PLAIN, no_hash, "SIG-007 unverified not-evaluated"},
    {"other bytes", PLAIN, other_bytes, "SIG-003 tampered not-evaluated"},
    {"one of two hashes differs", PLAIN, one_of_two_hashes_differs,
     "SIG-003 tampered not-evaluated"},
    {"a weak hash beside a good one", PLAIN, a_weak_hash_beside_a_good_one,
     "SIG-001 verified approved"},
    {"only a hash that a boot loader may pass over", PLAIN, a_hash_that_may_be_passed_over,
     "SIG-006 unverified not-evaluated"},
    {"not measured", PLAIN, not_measured, "SIG-003 tampered not-evaluated"},
    {"measured in part", PLAIN, measured_in_part, "SIG-003 tampered not-evaluated"},
    {"a hash that is too short", PLAIN, a_short_hash, "SIG-003 tampered not-evaluated"},

    {"a key whose private half everybody has",
     "entities { kiso: kiso { label = \"l\"; alias = \"KISO\"; }; };"
     "suppliers { sup: kiso { entity = <&kiso>; allow = \"kernel\"; key { algo = "
     "\"sha256,ecdsa256\"; public-key = [3059301306072a8648ce3d020106082a8648ce3d03010703420004"
     "2acb403ce8feed5ba44995a1a91daee8dbbe1937cd14fb2f245737e5953988d9"
     "94b9d65aebd7cdd5308ad6fe48b24a6a810ee5f07d8b6834cc3a6afc538efac1]; }; }; };"
     "references { }; denied { }; rules { };",
     as_it_is, "SIG-008 tampered not-evaluated"},
    {"a key revoked yesterday", STORE("revoked = \"2026-11-22\";", "", ""), as_it_is,
     "SIG-008 tampered not-evaluated"},
    {"a key revoked today", STORE("revoked = \"2026-11-23\";", "", ""), as_it_is,
     "SIG-008 tampered not-evaluated"},
    {"a key that will be revoked", STORE("revoked = \"2026-11-24\";", "", ""), as_it_is,
     "SIG-001 verified approved"},
    {"a revoked key, at an unknown date", STORE("revoked = \"2036-11-24\";", "", ""), no_date,
     "SIG-008 tampered not-evaluated"},
    {"a key of tomorrow", STORE("not-before = \"2026-11-24\";", "", ""), as_it_is,
     "SIG-011 unverified not-evaluated"},
    {"a key of today", STORE("not-before = \"2026-11-23\";", "", ""), as_it_is,
     "SIG-001 verified approved"},
    {"a key of yesterday", STORE("not-after = \"2026-11-22\";", "", ""), as_it_is,
     "SIG-011 unverified not-evaluated"},
    {"a key's last day", STORE("not-after = \"2026-11-23\";", "", ""), as_it_is,
     "SIG-001 verified approved"},
    {"a key with a last day, at an unknown date", STORE("not-after = \"2036-11-23\";", "", ""),
     no_date, "SIG-011 verified consult"},
    {"any key, at an unknown date: the store may have expired", PLAIN, no_date,
     "TS-003 verified consult"},

    {"a class that the supplier may not sign", PLAIN, another_class,
     "SIG-010 unverified not-evaluated"},
    {"no class", PLAIN, no_class, "SIG-010 unverified not-evaluated"},
    {"a component that the supplier may sign", STORE("", "allow-component = \"fit/kernel\";", ""),
     as_it_is, "SIG-001 verified approved"},
    {"a region that the supplier may sign", STORE("", "allow-component = \"fit\";", ""), as_it_is,
     "SIG-001 verified approved"},
    {"a component that the supplier may not sign", STORE("", "allow-component = \"fit\";", ""),
     another_name, "SIG-010 unverified not-evaluated"},
    {"a component that no board names", STORE("", "allow-component = \"other\";", ""),
     named_by_nobody, "SIG-001 verified approved"},

    {"the least version", STORE("", "minimum-1 { version = \"5.0\"; };", ""), as_it_is,
     "SIG-001 verified approved"},
    {"an older version", STORE("", "minimum-1 { version = \"5.0.1\"; };", ""), as_it_is,
     "SIG-009 tampered not-evaluated"},
    {"no version", STORE("", "minimum-1 { version = \"1\"; };", ""), no_version,
     "SIG-009 tampered not-evaluated"},
    {"a version that cannot be compared", STORE("", "minimum-1 { version = \"latest\"; };", ""),
     as_it_is, "SIG-009 tampered not-evaluated"},
    {"no counter", STORE("", "minimum-1 { security-counter = <0>; };", ""), no_counter,
     "SIG-009 tampered not-evaluated"},
    {"no timestamp", STORE("", "minimum-1 { timestamp = <0>; };", ""), no_timestamp,
     "SIG-009 tampered not-evaluated"},
    {"one of two minima is not reached",
     STORE("", "minimum-1 { version = \"5.0\"; }; minimum-2 { security-counter = <8>; };", ""),
     as_it_is, "SIG-009 tampered not-evaluated"},
    {"one of a minimum's conditions is not met",
     STORE("", "minimum-1 { version = \"5.0\"; timestamp = <1001>; };", ""), as_it_is,
     "SIG-009 tampered not-evaluated"},
    {"a minimum of another component",
     STORE("", "minimum-1 { component = \"other\"; version = \"9\"; };", ""), as_it_is,
     "SIG-001 verified approved"},
    {"a minimum of the region",
     STORE("", "minimum-1 { component = \"fit\"; version = \"9\"; };", ""), as_it_is,
     "SIG-009 tampered not-evaluated"},
    {"every minimum, where no board names the component",
     STORE("", "minimum-1 { component = \"other\"; version = \"9\"; };", ""), named_by_nobody,
     "SIG-009 tampered not-evaluated"},

    {"an excluded supplier", STORE("", "", OUT), as_it_is, "VND-002 verified excluded"},
    {"a supplier to consult about", STORE("", "", CRITERIA("c", "")), as_it_is,
     "VND-005 verified consult"},
    {"a supplier of an exception",
     STORE("", "", RULE("r", "subject = <&kiso>; exception-1 { reference = \"w\"; };")), as_it_is,
     "VND-004 verified transitional"},
    {"an expired store", PLAIN, after_the_store, "TS-003 verified consult"},
    {"the store's last day", PLAIN, last_day_of_the_store, "SIG-001 verified approved"},
};

static void it_finds(void **state)
{
    const struct row *row = *state;
    struct sek_finding finding;
    struct bench b;
    char told[64], rule[SEK_RULE_TEXT_LEN + 1];
    uint32_t proof;

    open_bench(&b, row->store);
    row->change(&b);
    proof = sek_checks_run(&sek_signed_checks, &b.c, SEK_PROOF_FIRST, &finding);
    sek_rule_format(finding.rule, rule);
    (void)snprintf(told, sizeof told, "%s %s %s", rule, sek_integrity_name(finding.integrity),
                   sek_supplier_name(finding.supplier));
    assert_string_equal(told, row->finding);
    assert_int_equal(proof == SEK_PROOF_FIRST + sek_signed_checks.proof,
                     strncmp(told, "SIG-001", 7) == 0);
    policy_close(&b.policy);
}

static const struct row references[] = {
    {"a reference vouches", PLAIN, referenced, "REF-001 verified approved"},
    {"other bytes than the reference's", PLAIN, as_it_is, "REF-002 unverified not-evaluated"},
    {"a denied digest is no reference", PLAIN, denied, "REF-003 tampered not-evaluated"},
    {"a reference of another component", PLAIN, referenced_of_another_name,
     "SIG-010 unverified not-evaluated"},
    {"a reference where no board names the component", PLAIN, referenced_and_named_by_nobody,
     "REF-001 verified approved"},
    {"a reference of a class that its supplier may not sign", PLAIN, referenced_of_another_class,
     "SIG-010 unverified not-evaluated"},
    {"a reference of an excluded supplier", STORE("", "", OUT), referenced,
     "VND-002 claimed excluded"},
    {"a reference of an expired store", PLAIN, referenced_after_the_store,
     "TS-003 claimed consult"},
    {"a reference at an unknown date", PLAIN, referenced_without_a_date, "TS-003 claimed consult"},
};

static void a_reference_finds(void **state)
{
    const struct row *row = *state;
    struct sek_finding finding;
    struct bench b;
    char told[64], rule[SEK_RULE_TEXT_LEN + 1];
    uint32_t proof;

    open_bench(&b, row->store);
    row->change(&b);
    proof = sek_checks_run(&sek_reference_checks, &b.c, SEK_PROOF_FIRST, &finding);
    sek_rule_format(finding.rule, rule);
    (void)snprintf(told, sizeof told, "%s %s %s", rule, sek_integrity_name(finding.integrity),
                   sek_supplier_name(finding.supplier));
    assert_string_equal(told, row->finding);
    assert_int_equal(proof == SEK_PROOF_FIRST + sek_reference_checks.proof,
                     strncmp(told, "REF-001", 7) == 0);
    policy_close(&b.policy);
}

/* U09: numbers at the borders of signed and unsigned types, all against all. */
static const uint32_t borders[] = {
    0,          1,          2,          126,        127,        128,        254,
    255,        256,        32767,      32768,      65535,      65536,      16777215,
    0x7ffffffe, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff,
};

static void minima_compare_as_unsigned_numbers(void **state)
{
    (void)state;
    assert_int_equal(SEK_LEN(borders), 20);
    for (size_t i = 0; i < SEK_LEN(borders); i++) {
        char minima[192], store[4096];
        struct bench b;

        (void)snprintf(minima, sizeof minima,
                       "minimum-1 { security-counter = <%lu>; }; minimum-2 { timestamp = <%lu>; };",
                       (unsigned long)borders[i], (unsigned long)borders[i]);
        (void)snprintf(store, sizeof store, STORE("", "%s", ""), minima);
        open_bench(&b, store);
        for (size_t k = 0; k < SEK_LEN(borders); k++) {
            struct sek_finding finding;

            b.row.security_counter = borders[k];
            b.row.timestamp = UINT32_MAX;
            (void)sek_checks_run(&sek_signed_checks, &b.c, SEK_PROOF_FIRST, &finding);
            assert_int_equal(finding.rule, k < i ? SEK_RULE(SIG, 9) : SEK_RULE(SIG, 1));
            b.row.security_counter = UINT32_MAX;
            b.row.timestamp = borders[k];
            (void)sek_checks_run(&sek_signed_checks, &b.c, SEK_PROOF_FIRST, &finding);
            assert_int_equal(finding.rule, k < i ? SEK_RULE(SIG, 9) : SEK_RULE(SIG, 1));
        }
        policy_close(&b.policy);
    }
}

/* A supplier of whom the store says no name is nobody's exception. */
static void a_supplier_without_an_entity_is_asked_about(void **state)
{
    static const char store[] =
        "suppliers { s { allow = \"kernel\"; key { public-key = /incbin/(\"hakone.spki.der\");"
        " algo = \"sha256,ecdsa256\"; }; }; }; rules { " CRITERIA("c", "role = \"kernel\";") "};";
    struct sek_finding finding;
    struct bench b;

    (void)state;
    open_bench(&b, store);
    (void)sek_checks_run(&sek_signed_checks, &b.c, SEK_PROOF_FIRST, &finding);
    assert_int_equal(finding.rule, SEK_RULE(VND, 5));
    b.row.component_class = SEK_CLASS_BOOT; /* the control: a rule that does not fit */
    assert_true(sek_supplier_clear(&b.c, b.c.signer.supplier, &finding));
    policy_close(&b.policy);
}

int main(void)
{
    static const struct CMUnitTest fixed[] = {
        cmocka_unit_test(minima_compare_as_unsigned_numbers),
        cmocka_unit_test(a_supplier_without_an_entity_is_asked_about),
    };
    static struct CMUnitTest tests[SEK_LEN(fixed) + SEK_LEN(rows) + SEK_LEN(references)];
    size_t n = SEK_LEN(fixed);

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    memcpy(tests, fixed, sizeof fixed);
    for (size_t i = 0; i < SEK_LEN(rows); i++)
        tests[n++] =
            (struct CMUnitTest){rows[i].name, it_finds, NULL, NULL, (void *)(uintptr_t)&rows[i]};
    for (size_t i = 0; i < SEK_LEN(references); i++)
        tests[n++] = (struct CMUnitTest){references[i].name, a_reference_finds, NULL, NULL,
                                         (void *)(uintptr_t)&references[i]};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
