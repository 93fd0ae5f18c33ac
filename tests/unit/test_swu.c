/* SWUpdate archives, made by cpio and signed by OpenSSL, and the attacks on them. */
#define _DEFAULT_SOURCE
#include "crypto/crypto.h"
#include "image/sw_description.h"
#include "tests/unit/format_writer.h"
#include "tests/unit/judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct fit_key rsa2048, rsa3072;
static struct judge judge;
static char folder[] = "/tmp/sekisho-test-XXXXXX";
static uint8_t *file;
static size_t file_len;

/* Writes the manifest, changes it, signs it, changes what is packed, and packs. */
static void make(const char *describe, const char *change, const char *sign, const char *late,
                 const char *list)
{
    struct fit_file made = swu_write(folder, describe, change, sign, late, list);

    free(file);
    file = made.data;
    file_len = made.len;
    judge_bytes(&judge, file, file_len);
}

static void expect(const char *row, sek_rule rule)
{
    const struct sek_row *found = judge_row(&judge, row);

    if (!found || found->rule != rule)
        fail_msg("%s: rule %x, %s", row, found ? (unsigned)found->rule : 0,
                 found && found->fault.why ? found->fault.why : "");
}

static void signed_archives_are_approved_file_by_file(void **state)
{
    static const struct {
        const char *describe, *sign, *name;
    } rows[] = {
        {SWU_LIBCONFIG, SWU_CMS, "cms"},
        {SWU_LIBCONFIG, SWU_RSA, "rsa"},
        {SWU_LIBCONFIG, SWU_PSS, "pss"},
        {SWU_JSON, SWU_RSA, "json"},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        make(rows[i].describe, "", rows[i].sign, "", SWU_PACK);
        expect("file/sw-description", SEK_RULE(SIG, 1));
        expect("file/rootfs", SEK_RULE(SIG, 1));
        expect("file/boot.sh", SEK_RULE(SIG, 1));
        assert_int_equal(judge.outcome, SEK_OUTCOME_ACCEPT);
        assert_string_equal(judge_row(&judge, "file/rootfs")->version, "2.1.0");
        assert_string_equal(judge_row(&judge, "file/rootfs")->format, "swu");
        assert_int_equal(judge.measure.image.pass.bytes_read, file_len);
        test_keep_seed("swu", rows[i].name, file, file_len);
    }
}

/* Six boards that take the same file; and one that takes another. */
#define BOARDS(first)                                                                              \
    "sed -i '$d' sw-description; sum=$(sha256sum <rootfs | cut -c 1-64); for i in " first          \
    " $sum $sum $sum $sum $sum; do echo \"board: { images: ( { filename = \\\"rootfs\\\"; sha256 " \
    "= "                                                                                           \
    "\\\"$i\\\"; } ); };\"; done >>sw-description; echo '}' >>sw-description"

static void one_file_may_be_named_for_many_boards(void **state)
{
    (void)state;
    make(SWU_LIBCONFIG, BOARDS("$sum"), SWU_CMS, "", SWU_PACK);
    expect("file/rootfs", SEK_RULE(SIG, 1));
    assert_int_equal(judge.outcome, SEK_OUTCOME_ACCEPT);
    make(SWU_LIBCONFIG, BOARDS("$(printf '%064d' 0)"), SWU_CMS, "", SWU_PACK);
    expect("file/rootfs", SEK_RULE(SIG, 3));
}

static void one_without_signature_is_a_checksum_only(void **state)
{
    (void)state;
    make(SWU_LIBCONFIG, "", "true", "", "printf '%s\\n' sw-description rootfs boot.sh");
    expect("file/rootfs", SEK_RULE(FMT, 4));
    assert_int_equal(judge.outcome, SEK_OUTCOME_REJECT);
}

static void bytes_that_differ_are_tampered(void **state)
{
    (void)state;
    make(SWU_LIBCONFIG, "", SWU_CMS, "echo 1 >>rootfs", SWU_PACK);
    expect("file/rootfs", SEK_RULE(SIG, 3));
    expect("file/boot.sh", SEK_RULE(SIG, 1));
    assert_int_equal(judge.outcome, SEK_OUTCOME_REJECT);
    /* A manifest that was not signed names other bytes: nothing of it counts. */
    make(SWU_LIBCONFIG, "", SWU_CMS, "echo 1 >>rootfs\n" SWU_LIBCONFIG, SWU_PACK);
    expect("file/rootfs", SEK_RULE(SIG, 4));
    expect("file/boot.sh", SEK_RULE(SIG, 4));
    assert_int_equal(judge_approved(&judge), 0);
    make(SWU_LIBCONFIG, "", SWU_RSA, "echo 1 >>rootfs\n" SWU_LIBCONFIG, SWU_PACK);
    expect("file/rootfs", SEK_RULE(SIG, 5));
    assert_int_equal(judge_approved(&judge), 0);
}

/* Puts what stands behind hardware-compatibility into a manifest. */
#define HARDWARE(text)                                                                             \
    "sed -i '0,/\"2.1.0\"[;,]/s//&hardware-compatibility: " text "/' sw-description"

static void w01_an_archive_that_swupdate_would_take_is_refused(void **state)
{
    static const struct {
        const char *name, *change, *late, *list, *row;
        sek_rule rule;
    } rows[] = {
        {"a file without sha256", "sed -i 's/sha256 = [^;]*;//' sw-description", "", SWU_PACK,
         "file", SEK_RULE(FMT, 1)},
        {"a file that the manifest does not name", "", "cp boot.sh extra", SWU_PACK " extra",
         "file/extra", SEK_RULE(SIG, 6)},
        {"a file that is not there", "", "",
         "printf '%s\\n' sw-description sw-description.sig rootfs", "file", SEK_RULE(FMT, 1)},
        {"a path", "", "cp boot.sh ../up", SWU_PACK " ../up", "file", SEK_RULE(FMT, 1)},
        {"an absolute path", "", "", SWU_PACK " /etc/hostname", "file", SEK_RULE(FMT, 1)},
        {"the signature third", "", "",
         "printf '%s\\n' sw-description rootfs sw-description.sig boot.sh", "file",
         SEK_RULE(FMT, 1)},
        {"two manifests", "", "",
         "printf '%s\\n' sw-description sw-description.sig rootfs boot.sh sw-description", "file",
         SEK_RULE(FMT, 1)},
        {"a sha256 too short", "sed -i 's/\\(sha256 = \"....\\)./\\1/' sw-description", "",
         SWU_PACK, "file", SEK_RULE(FMT, 1)},
        {"two sha256 of one file", "sed -i 's/sha256 =/sha256 = \"00\"; sha256 =/' sw-description",
         "", SWU_PACK, "file", SEK_RULE(FMT, 1)},
        {"something included", "echo '@include \"x\"' >>sw-description", "", SWU_PACK, "file",
         SEK_RULE(FMT, 1)},
        {"an escape in a name", "sed -i 's/\"rootfs\"/\"root\\\\x66s\"/' sw-description", "",
         SWU_PACK, "file", SEK_RULE(FMT, 1)},
        {"a name in two texts", "sed -i 's/\"rootfs\"/\"root\" \"fs\"/' sw-description", "",
         SWU_PACK, "file", SEK_RULE(FMT, 1)},
        {"a group without end", "sed -i '$d' sw-description", "", SWU_PACK, "file",
         SEK_RULE(FMT, 1)},
        {"hardware that is a number", HARDWARE("[ 1 ];"), "", SWU_PACK, "file", SEK_RULE(FMT, 1)},
        {"hardware as a word", HARDWARE("none;"), "", SWU_PACK, "file", SEK_RULE(FMT, 1)},
        {"an escape in hardware", HARDWARE("[ \"a\\\\x63me,bmc\" ];"), "", SWU_PACK, "file",
         SEK_RULE(FMT, 1)},
        {"hardware in two texts", HARDWARE("[ \"ac\" \"me,bmc\" ];"), "", SWU_PACK, "file",
         SEK_RULE(FMT, 1)},
        {"a list in the list of hardware", HARDWARE("( [ \"acme,bmc\" ] );"), "", SWU_PACK, "file",
         SEK_RULE(FMT, 1)},
        {"hardware as a group", HARDWARE("{ a = \"acme,bmc\"; };"), "", SWU_PACK, "file",
         SEK_RULE(FMT, 1)},
        {"an escape in the name of a value",
         "sed -i '0,/\"2.1.0\"[;,]/s//&\"hardware\\\\u002dcompatibility\": [ \"acme,bmc\" ];/' "
         "sw-description",
         "", SWU_PACK, "file", SEK_RULE(FMT, 1)},
        {"an empty signature", "", ": >sw-description.sig", SWU_PACK, "file", SEK_RULE(FMT, 1)},
        {"a signature of something else", "", "echo x >sw-description.sig", SWU_PACK, "file/rootfs",
         SEK_RULE(SIG, 7)},
        {"a stranger's signature", "",
         "openssl dgst -sha256 -sign $K/rsa2048-other.pem -out sw-description.sig sw-description",
         SWU_PACK, "file/rootfs", SEK_RULE(SIG, 5)},
        {"a key in another padding than the pinned one", "",
         "openssl dgst -sha256 -sigopt rsa_padding_mode:pss -sign $K/rsa2048.pem -out "
         "sw-description.sig sw-description",
         SWU_PACK, "file/rootfs", SEK_RULE(SIG, 7)},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        const struct sek_row *row;

        make(SWU_LIBCONFIG, rows[i].change, SWU_CMS, rows[i].late, rows[i].list);
        row = judge_row(&judge, rows[i].row);
        if (!row || row->rule != rows[i].rule)
            fail_msg("%s: rule %x, %s", rows[i].name, row ? (unsigned)row->rule : 0,
                     row && row->fault.why ? row->fault.why : "");
        assert_int_equal(judge.outcome, SEK_OUTCOME_REJECT);
    }
}

/* Its name goes on into the zeros behind it: the same word to who reads it up to the first. */
static void the_last_entry_has_its_name_and_no_more(void **state)
{
    static const char last[] = "0000000B00000000TRAILER!!!";
    size_t at;

    (void)state;
    make(SWU_LIBCONFIG, "", SWU_RSA, "", SWU_PACK);
    for (at = file_len - sizeof last; memcmp(file + at, last, sizeof last - 1) != 0; at--)
        ;
    file[at + 6] = '1';
    judge_bytes(&judge, file, file_len);
    expect("file", SEK_RULE(FMT, 1));
    file[at + 6] = '0';
    judge_bytes(&judge, file, file_len);
    assert_int_equal(judge.outcome, SEK_OUTCOME_ACCEPT);
}

/* Well signed by an approved supplier, for hardware of one who is excluded. */
static void signed_is_not_yet_permitted(void **state)
{
    static const struct {
        const char *describe, *change;
        enum sek_verdict verdict;
    } rows[] = {
        {SWU_LIBCONFIG, HARDWARE("[ \"1.0\", \"acme,bmc\" ];"), SEK_VERDICT_EXCLUDED},
        {SWU_LIBCONFIG, HARDWARE("( \"Acme Optics 1.0\" );"), SEK_VERDICT_EXCLUDED},
        {SWU_LIBCONFIG, HARDWARE("\"acme,bmc\";"), SEK_VERDICT_EXCLUDED},
        {SWU_JSON,
         "sed -i 's/\"version\"/\"hardware-compatibility\": [\"acme,x\", \"1\"], &/' "
         "sw-description",
         SEK_VERDICT_EXCLUDED},
        {SWU_LIBCONFIG, HARDWARE("[ \"1.0\", \"fuji,bmc\" ];"), SEK_VERDICT_APPROVED},
        {SWU_LIBCONFIG, HARDWARE("[ ];"), SEK_VERDICT_APPROVED},
    };
    const struct judge_supplier maker = {
        "maker", &rsa2048, "sha256", "pkcs-1.5", NULL, "\"rootfs\", \"config\"", "", ""};

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        enum sek_verdict verdict;

        make(rows[i].describe, rows[i].change, SWU_RSA, "", SWU_PACK);
        verdict = judge_without_acme(&maker, file, file_len, "file/rootfs");
        if (verdict != rows[i].verdict)
            fail_msg("row %zu: %s", i, sek_verdict_name(verdict));
    }
}

static void no_bit_of_a_signed_file_can_be_flipped(void **state)
{
    (void)state;
    make(SWU_LIBCONFIG, "", SWU_RSA, "", SWU_PACK);
    for (size_t bit = 0; bit < 8 * file_len; bit += 29) {
        const struct sek_image_claims *claims = &judge.measure.image.claims;
        bool inside = false;

        file[bit / 8] ^= (uint8_t)(1u << bit % 8);
        judge_bytes(&judge, file, file_len);
        for (size_t i = 0; i < claims->image_count; i++)
            inside = inside || (bit / 8 >= claims->image[i].offset &&
                                bit / 8 < claims->image[i].offset + claims->image[i].size);
        if (inside && judge.outcome == SEK_OUTCOME_ACCEPT)
            fail_msg("accepted with bit %zu flipped", bit);
        file[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

static void no_cut_archive_is_accepted(void **state)
{
    (void)state;
    make(SWU_LIBCONFIG, "", SWU_RSA, "", SWU_PACK);
    for (size_t len = 0; len + 1024 < file_len; len += 3) {
        uint8_t *exact = malloc(len ? len : 1);

        assert_non_null(exact);
        memcpy(exact, file, len);
        judge_bytes(&judge, exact, len);
        free(exact);
        if (judge.outcome == SEK_OUTCOME_ACCEPT)
            fail_msg("accepted when cut to %zu of %zu", len, file_len);
    }
}

static int set_up(void **state)
{
    struct judge_supplier supplier[2] = {
        {"maker", &rsa2048, "sha256", "pkcs-1.5", NULL, "\"rootfs\", \"config\"", "", ""},
        {"other", &rsa3072, "sha256", "pss", NULL, "\"rootfs\", \"config\"", "", ""},
    };
    char *anchor;

    (void)state;
    openssl_keys();
    openssl_key_load(&rsa2048, "rsa2048");
    openssl_key_load(&rsa3072, "rsa3072");
    anchor = openssl_anchor("ca", "");
    supplier[0].more = anchor;
    judge_init(&judge, supplier, 2, "");
    free(anchor);
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
        cmocka_unit_test(signed_archives_are_approved_file_by_file),
        cmocka_unit_test(one_file_may_be_named_for_many_boards),
        cmocka_unit_test(one_without_signature_is_a_checksum_only),
        cmocka_unit_test(bytes_that_differ_are_tampered),
        cmocka_unit_test(w01_an_archive_that_swupdate_would_take_is_refused),
        cmocka_unit_test(the_last_entry_has_its_name_and_no_more),
        cmocka_unit_test(signed_is_not_yet_permitted),
        cmocka_unit_test(no_bit_of_a_signed_file_can_be_flipped),
        cmocka_unit_test(no_cut_archive_is_accepted),
    };

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
