/* PE programs signed by sbsign, and the attacks on them. Without sbsign the tests are skipped and
 * say so. */
#define _DEFAULT_SOURCE
#include "base/bytes.h"
#include "crypto/crypto.h"
#include "tests/unit/format_writer.h"
#include "tests/unit/judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct fit_key unused;
static struct judge judge;
static char folder[] = "/tmp/sekisho-test-XXXXXX";
static uint8_t *file;
static size_t file_len;
static bool skipped;

static void put16(uint8_t *p, unsigned value)
{
    p[0] = (uint8_t)value;
    p[1] = (uint8_t)(value >> 8);
}

static void put32(uint8_t *p, uint32_t value)
{
    put16(p, value & 0xffff);
    put16(p + 2, value >> 16);
}

static void make(const char *signer)
{
    struct fit_file made = pe_write(folder, signer);

    free(file);
    file = made.data;
    file_len = made.len;
}

static void sign(const char *signer)
{
    if (skipped)
        skip();
    make(signer);
}

static sek_rule judge_file(void)
{
    const struct sek_row *row;

    judge_bytes(&judge, file, file_len);
    row = judge_row(&judge, "file/program");
    return row ? row->rule : judge_row(&judge, "file")->rule;
}

static void a_signed_program_is_approved(void **state)
{
    (void)state;
    sign("signer");
    assert_int_equal(judge_file(), SEK_RULE(SIG, 1));
    assert_int_equal(judge.outcome, SEK_OUTCOME_ACCEPT);
    assert_string_equal(judge_row(&judge, "file/program")->format, "pe");
    assert_int_equal(judge.measure.image.pass.bytes_read, file_len);
    test_keep_seed("pe", "signed", file, file_len);
    sign("signer-other");
    assert_int_equal(judge_file(), SEK_RULE(SIG, 5));
}

/* Outside the checksum nothing can be changed; the checksum is in no digest and says nothing. */
static void no_bit_of_the_program_can_be_flipped(void **state)
{
    (void)state;
    sign("signer");
    for (size_t bit = 0; bit < 8 * PE_LEN; bit += 3) {
        bool checksum = bit / 8 >= PE_CHECKSUM && bit / 8 < PE_CHECKSUM + 4;

        file[bit / 8] ^= (uint8_t)(1u << bit % 8);
        (void)judge_file();
        file[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (!checksum && judge.outcome == SEK_OUTCOME_ACCEPT)
            fail_msg("accepted with bit %zu flipped", bit);
    }
    file[PE_HEADERS] ^= 1;
    assert_int_equal(judge_file(), SEK_RULE(SIG, 3));
}

static void no_cut_program_is_accepted(void **state)
{
    (void)state;
    sign("signer");
    for (size_t len = 0; len < file_len; len += 5) {
        uint8_t *exact = malloc(len ? len : 1);

        assert_non_null(exact);
        memcpy(exact, file, len);
        judge_bytes(&judge, exact, len);
        free(exact);
        assert_int_equal(judge_approved(&judge), 0);
    }
}

static void one_without_signature_is_a_checksum_only(void **state)
{
    (void)state;
    make(NULL);
    assert_int_equal(judge_file(), SEK_RULE(FMT, 4));
    test_keep_seed("pe", "unsigned", file, file_len);
}

static void layouts_that_leave_something_undigested_are_malformed(void **state)
{
    static const struct {
        const char *name;
        size_t at;
        uint32_t value;
    } rows[] = {
        {"sections that overlap", PE_SECTIONS + 40 + 20, PE_HEADERS + PE_SECTION - 0x10},
        {"a gap between sections", PE_SECTIONS + 40 + 20, PE_HEADERS + PE_SECTION + 0x10},
        {"a section inside the headers", PE_SECTIONS + 20, PE_HEADERS - 0x10},
        {"a section that reaches into the table", PE_SECTIONS + 40 + 16, PE_SECTION + 8},
        {"headers shorter than they are", PE_OPTIONAL + 60, 0x100},
        {"a table that is not last", PE_ENTRY + 4, 8},
        {"a table that begins elsewhere", PE_ENTRY, PE_LEN + 8},
        {"a table of no length", PE_ENTRY + 4, 0},
        {"no room for the table's entry", PE_OPTIONAL + 108, 4},
        {"another kind of header", PE_OPTIONAL, 0x30b},
        {"an entry of another revision", PE_LEN + 4, 0x00020100},
        {"an entry of another type", PE_LEN + 4, 0x00010200},
        {"an entry longer than the table", PE_LEN, 0x10000},
        {"an entry of nothing", PE_LEN, 8},
    };

    (void)state;
    sign("signer");
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        uint32_t before = sek_get_u32le(file + rows[i].at);

        put32(file + rows[i].at, rows[i].value);
        if (judge_file() != SEK_RULE(FMT, 1))
            fail_msg("%s: rule %x", rows[i].name, (unsigned)judge_file());
        put32(file + rows[i].at, before);
    }
    assert_int_equal(judge_file(), SEK_RULE(SIG, 1));
}

/* Bytes in the room behind the signature, which other verifiers pass over. */
static void nothing_can_be_hidden_behind_a_signature(void **state)
{
    uint32_t entry;

    (void)state;
    sign("signer");
    entry = sek_get_u32le(file + PE_LEN);
    file = realloc(file, file_len + 16);
    assert_non_null(file);
    memset(file + file_len, 0, 16);
    put32(file + PE_LEN, (entry + 7) / 8 * 8 + 16);
    put32(file + PE_ENTRY + 4, sek_get_u32le(file + PE_ENTRY + 4) + 16);
    file_len += 16;
    assert_int_equal(judge_file(), SEK_RULE(SIG, 1)); /* zeros are nothing */
    file[file_len - 3] = 0x41;
    assert_int_equal(judge_file(), SEK_RULE(FMT, 1));
}

/* ---- A signature over a digest that is weak, beside a stranger's ---- */

/* What is signed of a program: nothing about its kind, and 20 bytes that are a SHA-1. */
static const uint8_t weak_content[] = {0x30, 0x00, 0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e,
                                       0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14, 1,    2,    3,
                                       4,    5,    6,    7,    8,    9,    10,   11,   12,   13,
                                       14,   15,   16,   17,   18,   19,   20};

/* Grows a header of four bytes (30 82 hh ll) by what was put inside. */
static void grow(uint8_t *header, size_t by)
{
    unsigned len = (unsigned)(header[2] << 8 | header[3]) + (unsigned)by;

    header[2] = (uint8_t)(len >> 8);
    header[3] = (uint8_t)len;
}

/* A CMS by signer over weak_content, all of it with SHA-256: OpenSSL makes it detached, and the
 * content is put where Authenticode has it. The caller frees it. */
static uint8_t *sign_weakly(const char *signer, size_t *len)
{
    enum { OUTER = 0, WRAPPED = 15, DATA = 19 };
    static const uint8_t info[] = {0x30, 0x0c, 0x06, 0x0a, 0x2b, 0x06, 0x01,
                                   0x04, 0x01, 0x82, 0x37, 0x02, 0x01, 0x04};
    enum { ADDED = sizeof weak_content + 4 };
    char path[64];
    uint8_t *der, *at;

    (void)snprintf(path, sizeof path, "%s/weak", folder);
    test_write_file(path, weak_content, sizeof weak_content);
    openssl_run("openssl cms -sign -binary -nosmimecap -md sha256 -econtent_type "
                "1.3.6.1.4.1.311.2.1.4 -in %s/weak -signer build/test/keys/%s.crt -inkey "
                "build/test/keys/%s.key -outform DER -out %s/weak.p7",
                folder, signer, signer, folder);
    (void)snprintf(path, sizeof path, "%s/weak.p7", folder);
    der = test_read_file(path, len);
    der = realloc(der, *len + ADDED);
    assert_non_null(der);
    at = der + DATA + 4;
    while (memcmp(at, info, sizeof info) != 0)
        at++;
    memmove(at + sizeof info + ADDED, at + sizeof info, *len - (size_t)(at - der) - sizeof info);
    at[1] += ADDED;
    at[sizeof info] = 0xa0;
    at[sizeof info + 1] = sizeof weak_content + 2;
    at[sizeof info + 2] = 0x30;
    at[sizeof info + 3] = sizeof weak_content;
    memcpy(at + sizeof info + 4, weak_content, sizeof weak_content);
    grow(der + OUTER, ADDED);
    grow(der + WRAPPED, ADDED);
    grow(der + DATA, ADDED);
    *len += ADDED;
    return der;
}

/* The supplier once signed a SHA-1 of some program; this one a stranger signed with SHA-256. Each
 * lends the other what it lacks. */
static void a_weak_digest_borrows_no_stranger_s_strong_one(void **state)
{
    size_t weak_len, entry;
    uint8_t *weak;

    (void)state;
    sign("signer-other");
    assert_int_equal(judge_file(), SEK_RULE(SIG, 5));
    weak = sign_weakly("signer", &weak_len);
    entry = (8 + weak_len + 7) / 8 * 8;
    file = realloc(file, file_len + entry);
    assert_non_null(file);
    memset(file + file_len, 0, entry);
    put32(file + file_len, (uint32_t)(8 + weak_len));
    put16(file + file_len + 4, 0x0200);
    put16(file + file_len + 6, 0x0002);
    memcpy(file + file_len + 8, weak, weak_len);
    free(weak);
    put32(file + PE_ENTRY + 4, sek_get_u32le(file + PE_ENTRY + 4) + (uint32_t)entry);
    file_len += entry;
    assert_int_equal(judge_file(), SEK_RULE(SIG, 5));
    assert_int_equal(judge.measure.image.claims.signature_count, 2);
    assert_int_equal(judge.outcome, SEK_OUTCOME_REJECT);
}

/* ---- What it says of itself ---- */

static void make_version(const char *signer, const char *company, const char *product)
{
    struct fit_file made = pe_write_version(folder, signer, company, product);

    free(file);
    file = made.data;
    file_len = made.len;
}

/* Well signed by an approved supplier, and made by one who is excluded. */
static void signed_is_not_yet_permitted(void **state)
{
    static const struct {
        const char *company, *product;
        enum sek_verdict verdict;
    } rows[] = {{"Acme Optics, Ltd.", "Loader", SEK_VERDICT_EXCLUDED},
                {"Fuji", "Loader by ACME OPTICS", SEK_VERDICT_EXCLUDED},
                {"Fuji", "Loader", SEK_VERDICT_APPROVED},
                {"", "", SEK_VERDICT_APPROVED}};
    struct judge_supplier supplier = {"maker", &unused, "sha512", NULL, NULL, "\"boot\"", "", ""};
    char *anchor = openssl_anchor("ca", "");

    (void)state;
    supplier.more = anchor;
    for (size_t i = 0; i < SEK_LEN(rows) && !skipped; i++) {
        make_version("signer", rows[i].company, rows[i].product);
        assert_int_equal(judge_without_acme(&supplier, file, file_len, "file/program"),
                         rows[i].verdict);
        if (i == 0)
            test_keep_seed("pe", "version", file, file_len);
    }
    free(anchor);
    if (skipped)
        skip();
}

/* UTF-16 becomes what names are matched in. */
static void a_name_is_told_in_utf_8(void **state)
{
    static const uint16_t company[] = {0x41, 0xe9, 0x30a2, 0xd83d, 0xde00, 0x41, 0};
    static const char told[] = "A\xc3\xa9\xe3\x82\xa2\xf0\x9f\x98\x80\x41";
    const struct sek_content_claim *content = judge.measure.image.claims.content;
    size_t at = PE_RESOURCES + PE_VERSION + 92 + 36 + 24 + 32; /* of the first value */

    (void)state;
    make_version(NULL, "sixsix", "Loader");
    for (size_t i = 0; i < SEK_LEN(company); i++)
        put16(file + at + 2 * i, company[i]);
    judge_bytes(&judge, file, file_len);
    assert_int_equal(judge.measure.image.claims.content_count, 2);
    assert_int_equal(content[0].text.len, sizeof told - 1);
    assert_memory_equal(content[0].text.data, told, sizeof told - 1);
    assert_int_equal(content[1].text.len, 6);
    assert_memory_equal(content[1].text.data, "Loader", 6);
    for (size_t i = 0; i < 3; i++) { /* half of a pair, the other half, and the wrong half */
        static const uint16_t halves[][2] = {{0xd83d, 0}, {0xde00, 0x41}, {0xd83d, 0xd83d}};

        put16(file + at + 2, halves[i][0]);
        put16(file + at + 4, halves[i][1]);
        assert_int_equal(judge_file(), SEK_RULE(FMT, 1));
    }
}

static void resources_that_cannot_be_followed_are_malformed(void **state)
{
    enum { ENTRY = PE_OPTIONAL + 112 + 16, TREE = PE_RESOURCES, VERSION = TREE + PE_VERSION };
    static const struct {
        const char *name;
        size_t at;
        uint32_t value;
    } rows[] = {
        {"a directory that is in no section", ENTRY, 0x9000},
        {"a directory that is in the headers", ENTRY, 0x10},
        {"a directory that is in two sections", PE_SECTIONS + 12, 0x2000},
        {"a directory that is cut", ENTRY, PE_RESOURCES_RVA + PE_SECTION - 15},
        {"more entries than there is place", TREE + 12, 0x00ffffff},
        {"names behind the end", TREE + 20, 0x80000000 | PE_SECTION},
        {"names very far away", TREE + 20, 0xffffffff},
        {"a directory inside itself", TREE + 24 + 20, 0x80000000},
        {"names that are a resource", TREE + 20, PE_LEAF},
        {"a language that is a directory", TREE + 48 + 20, 0x80000000},
        {"a resource behind the end", TREE + 48 + 20, PE_SECTION - 8},
        {"a version that is in no section", TREE + PE_LEAF, 0x7fffffff},
        {"a version of no length", TREE + PE_LEAF + 4, 0},
        {"a version longer than its section", TREE + PE_LEAF + 4, PE_SECTION},
        {"a version longer than we take", TREE + PE_LEAF + 4, 0xffffffff},
        {"a block longer than the resource", VERSION, 0x0034ffff},
        {"a block of no length", VERSION, 0x00340000},
        {"a block of another name", VERSION + 6, 0x00530057},
        {"a value longer than its block", VERSION, 0xfff00100},
        {"strings of no length", VERSION + 92, 0},
        {"strings longer than all", VERSION + 92, 0xffff},
        {"a table of no length", VERSION + 92 + 36, 5},
        {"a string of no length", VERSION + 92 + 36 + 24, 2},
        {"a string longer than all", VERSION + 92 + 36 + 24, 0x4000},
    };

    (void)state;
    make_version(NULL, "Acme Optics", "Loader");
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        uint32_t before = sek_get_u32le(file + rows[i].at);

        put32(file + rows[i].at, rows[i].value);
        if (judge_file() != SEK_RULE(FMT, 1))
            fail_msg("%s: rule %x", rows[i].name, (unsigned)judge_file());
        put32(file + rows[i].at, before);
    }
    assert_int_equal(judge_file(), SEK_RULE(FMT, 4));
}

/* Directories and versions without number: the walk ends, and what it has not seen counts. */
static void more_resources_than_are_followed_are_no_good(void **state)
{
    uint8_t *tree;

    (void)state;
    make_version(NULL, "Acme Optics", "Loader");
    tree = file + PE_RESOURCES;
    for (size_t level = 0; level < 2; level++) {
        size_t count = level == 0 ? 60 : 15;

        /* The first level, or the last, has many entries, all the same. */
        memset(tree, 0, PE_SECTION);
        put16(tree + 14, 1);
        put32(tree + 16, 16);
        put32(tree + 20, 0x80000000);
        if (level == 0)
            put16(tree + 14, (unsigned)count);
        for (size_t i = 0; i < count; i++) {
            put32(tree + 16 + 8 * i, 16);
            put32(tree + 20 + 8 * i, 0x80000000);
        }
        assert_int_equal(judge_file(), SEK_RULE(FMT, 1));
    }
    /* Sixty types, each with names, each without languages. */
    put16(tree + 14, 57);
    for (size_t i = 0; i < 57; i++) {
        put32(tree + 16 + 8 * i, 16);
        put32(tree + 20 + 8 * i, 0x80000000 | (16 + 8 * 57));
    }
    memset(tree + 16 + 8 * 57, 0, 40);
    put16(tree + 16 + 8 * 57 + 14, 1);
    put32(tree + 16 + 8 * 57 + 20, 0x80000000 | (16 + 8 * 57 + 24));
    assert_true(16 + 8 * 57 + 24 + 16 <= PE_SECTION);
    judge_bytes(&judge, file, file_len);
    assert_int_equal(judge.measure.image.claims.fault.status, SEK_ERR_NO_SPACE);
    assert_int_equal(judge_approved(&judge), 0);
}

/* A flipped bit breaks the directory, or it is one of those that say which resource, or how many;
 * nothing is approved, whatever it is. */
static void no_bit_or_cut_of_the_resources_makes_it_better(void **state)
{
    const struct sek_image_claims *claims = &judge.measure.image.claims;

    (void)state;
    make_version(skipped ? NULL : "signer", "Acme Optics", "Loader");
    for (size_t bit = 8 * PE_RESOURCES; bit < 8 * PE_LEN; bit++) {
        file[bit / 8] ^= (uint8_t)(1u << bit % 8);
        (void)judge_file();
        file[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (judge.outcome == SEK_OUTCOME_ACCEPT || judge_approved(&judge) > 0)
            fail_msg("approved with bit %zu flipped", bit);
        assert_true(claims->content_count <= 2);
    }
    make_version(NULL, "Acme Optics", "Loader");
    for (size_t len = 1; len < PE_SECTION; len++) { /* the resource alone is cut */
        put32(file + PE_RESOURCES + PE_LEAF + 4, (uint32_t)len);
        (void)judge_file();
        assert_true(claims->fault.status != SEK_OK || claims->content_count == 2);
    }
}

static int set_up(void **state)
{
    struct judge_supplier supplier = {"maker", &unused, "sha512", NULL, NULL, "\"boot\"", "", ""};
    char *anchor;

    (void)state;
    openssl_keys();
    openssl_key_load(&unused, "ed25519-other");
    anchor = openssl_anchor("ca", "");
    supplier.more = anchor;
    judge_init(&judge, &supplier, 1, "");
    free(anchor);
    skipped = !pe_can();
    if (skipped)
        print_message("sbsign is not installed: skipped\n");
    return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    free(file);
    judge_free(&judge);
    openssl_run("rm -rf %s", folder);
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signed_program_is_approved),
        cmocka_unit_test(no_bit_of_the_program_can_be_flipped),
        cmocka_unit_test(no_cut_program_is_accepted),
        cmocka_unit_test(one_without_signature_is_a_checksum_only),
        cmocka_unit_test(layouts_that_leave_something_undigested_are_malformed),
        cmocka_unit_test(nothing_can_be_hidden_behind_a_signature),
        cmocka_unit_test(a_weak_digest_borrows_no_stranger_s_strong_one),
        cmocka_unit_test(signed_is_not_yet_permitted),
        cmocka_unit_test(a_name_is_told_in_utf_8),
        cmocka_unit_test(resources_that_cannot_be_followed_are_malformed),
        cmocka_unit_test(more_resources_than_are_followed_are_no_good),
        cmocka_unit_test(no_bit_or_cut_of_the_resources_makes_it_better),
    };

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
