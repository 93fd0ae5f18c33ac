/* OpenBMC's update archive, made by tar and signed by OpenSSL, and the attacks on it. */
#define _DEFAULT_SOURCE
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

#define ALLOW "\"config\", \"boot\", \"kernel\", \"rootfs\", \"data\""
static struct fit_key rsa2048;
static struct judge judge;
static char folder[] = "/tmp/sekisho-test-XXXXXX";
static uint8_t *archive;
static size_t archive_len;

static void make_packed(const char *change, const char *hash, const char *late, const char *pack)
{
    struct fit_file made = openbmc_write(folder, change, hash, late, pack);

    free(archive);
    archive = made.data;
    archive_len = made.len;
}

static void make(const char *change, const char *hash, const char *late)
{
    make_packed(change, hash, late, "");
}

static const struct sek_row *judge_member(const char *name)
{
    judge_bytes(&judge, archive, archive_len);
    return judge_row(&judge, name);
}

static void a_whole_archive_is_approved_file_by_file(void **state)
{
    static const struct {
        const char *name;
        enum sek_class component_class;
    } rows[] = {
        {"file/MANIFEST", SEK_CLASS_CONFIG},   {"file/publickey", SEK_CLASS_CONFIG},
        {"file/image-u-boot", SEK_CLASS_BOOT}, {"file/image-kernel", SEK_CLASS_KERNEL},
        {"file/image-rofs", SEK_CLASS_ROOTFS}, {"file/image-rwfs", SEK_CLASS_DATA},
    };

    (void)state;
    make("", "RSA-SHA256", "");
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        const struct sek_row *row = judge_member(rows[i].name);

        assert_non_null(row);
        if (row->verdict != SEK_VERDICT_APPROVED)
            fail_msg("%s: rule %x %s", rows[i].name, (unsigned)row->rule,
                     row->fault.why ? row->fault.why : "");
        assert_int_equal(row->component_class, rows[i].component_class);
        assert_string_equal(row->version, "2.14.0");
        assert_string_equal(row->format, "openbmc");
    }
    assert_int_equal(judge.outcome, SEK_OUTCOME_ACCEPT);
    assert_int_equal(judge.measure.image.pass.bytes_read, archive_len);
    test_keep_seed("openbmc", "whole.tar", archive, archive_len);
    make("", "RSA-SHA512", "hash=sha512; rm -f a/*.sig; sign a $key $hash; full a $key $hash");
    assert_int_equal(judge_member("file/MANIFEST")->rule, SEK_RULE(SIG, 7)); /* not the pin */
}

/* The archive made with "./" ahead of each name, as tar makes it of a folder. */
static void names_of_a_folder_are_taken_too(void **state)
{
    (void)state;
    make_packed("", "RSA-SHA256", "", "tar --format=ustar -cf ../made.tar .");
    assert_int_equal(judge_member("file/image-kernel")->verdict, SEK_VERDICT_APPROVED);
    assert_int_equal(judge.outcome, SEK_OUTCOME_ACCEPT);
}

static void what_only_begins_like_an_archive_is_something_else(void **state)
{
    static const char *const begins[] = {"MANIFEST of something", "./", "image-bmc", ""};

    (void)state;
    for (size_t i = 0; i < SEK_LEN(begins); i++) {
        uint8_t other[1024] = {0};

        memcpy(other, begins[i], strlen(begins[i]));
        other[1000] = 1;
        judge_bytes(&judge, other, sizeof other);
        assert_string_equal(judge_row(&judge, "file")->format, "raw");
        assert_int_equal(judge.measure.image.pass.bytes_read, sizeof other);
    }
}

/* A flip is seen, or it lies in the zeros behind the end; one in an image makes it tampered. */
static void no_bit_of_a_file_or_its_signature_can_be_flipped(void **state)
{
    size_t good;

    (void)state;
    make("", "RSA-SHA256", "");
    judge_bytes(&judge, archive, archive_len);
    good = judge_approved(&judge);
    for (size_t bit = 0; bit < 8 * archive_len; bit += 37) {
        archive[bit / 8] ^= (uint8_t)(1u << bit % 8);
        judge_bytes(&judge, archive, archive_len);
        if (judge.outcome == SEK_OUTCOME_ACCEPT)
            fail_msg("accepted with bit %zu flipped", bit);
        archive[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    judge_bytes(&judge, archive, archive_len);
    assert_int_equal(judge_approved(&judge), good);
}

static void no_cut_archive_is_accepted(void **state)
{
    (void)state;
    make("", "RSA-SHA256", "");
    for (size_t len = 0; len<archive_len; len += len % 512> 500 || len % 512 < 12 ? 1 : 61) {
        uint8_t *exact = malloc(len ? len : 1);

        assert_non_null(exact);
        memcpy(exact, archive, len);
        judge_bytes(&judge, exact, len);
        free(exact);
        if (judge.outcome == SEK_OUTCOME_ACCEPT && len < archive_len - 9 * 1024)
            fail_msg("accepted when cut to %zu", len);
    }
}

static void b02_what_is_not_in_the_order_is_not_good(void **state)
{
    static const struct row {
        const char *name, *change, *hash, *late, *member;
        sek_rule rule;
    } rows[] = {
        {"a file without a signature", "", "RSA-SHA256", "echo evil >a/extra", "file/extra",
         SEK_RULE(SIG, 6)},
        {"sha1 in the MANIFEST", "hash=sha1", "RSA-SHA1", "", "file/image-kernel",
         SEK_RULE(SIG, 7)},
        {"a hash that nobody knows", "", "RSA-MD2", "", "file/image-kernel", SEK_RULE(SIG, 7)},
        {"image-bmc good, image-kernel bad", "cp a/image-rofs a/image-bmc", "RSA-SHA256",
         "echo evil >>a/image-kernel", "file/image-kernel", SEK_RULE(SIG, 5)},
        {"no signature over all signatures", "", "RSA-SHA256", "rm a/image-full.sig",
         "file/image-kernel", SEK_RULE(SIG, 6)},
        {"a signature over other signatures", "", "RSA-SHA256",
         "cp a/image-rofs a/image-rwfs; cp a/image-rofs.sig a/image-rwfs.sig", "file/image-full",
         SEK_RULE(SIG, 5)},
        {"signed by the key of the archive alone",
         "openssl pkey -in $other -pubout -out a/publickey; key=$other", "RSA-SHA256", "",
         "file/image-kernel", SEK_RULE(SIG, 5)},
        {"MANIFEST without a signature", "", "RSA-SHA256", "rm a/MANIFEST.sig", "file/MANIFEST",
         SEK_RULE(SIG, 6)},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        const struct sek_row *row;

        make(rows[i].change, rows[i].hash, rows[i].late);
        row = judge_member(rows[i].member);
        if (!row || row->rule != rows[i].rule)
            fail_msg("%s: rule %x", rows[i].name, row ? (unsigned)row->rule : 0);
        assert_int_equal(judge.outcome, SEK_OUTCOME_REJECT);
    }
}

static void b02_names_that_mislead_are_malformed(void **state)
{
    static const struct {
        const char *name, *pack;
        enum sek_status status;
    } rows[] = {
        {"one name twice", "tar --hard-dereference --format=ustar -cf ../made.tar * MANIFEST",
         SEK_ERR_MALFORMED},
        {"a path", "mkdir -p x; cp image-rofs x/y; tar --format=ustar -cf ../made.tar MANIFEST x/y",
         SEK_ERR_MALFORMED},
        {"a link", "ln -s image-rofs image-x; tar --format=ustar -cf ../made.tar MANIFEST image-x",
         SEK_ERR_UNSUPPORTED},
        {"no MANIFEST", "tar --format=ustar -cf ../made.tar image-*", SEK_ERR_MALFORMED},
        {"an empty MANIFEST", ": >MANIFEST; tar --format=ustar -cf ../made.tar *",
         SEK_ERR_MALFORMED},
        {"a signature of 513 bytes",
         "head -c 513 /dev/zero >MANIFEST.sig; tar --format=ustar -cf ../made.tar *",
         SEK_ERR_MALFORMED},
        {"two versions",
         "printf 'version=1\\nversion=2\\n' >MANIFEST; tar --format=ustar -cf ../made.tar *",
         SEK_ERR_MALFORMED},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        make_packed("", "RSA-SHA256", "", rows[i].pack);
        judge_bytes(&judge, archive, archive_len);
        if (judge.measure.image.claims.fault.status != rows[i].status)
            fail_msg("%s: %s", rows[i].name,
                     sek_status_text(judge.measure.image.claims.fault.status));
        assert_int_equal(judge.outcome, SEK_OUTCOME_REJECT);
    }
}

/* An old image with its good signature beside a newer MANIFEST with its own: where nothing signs
 * the two together, the MANIFEST's version is not that of the image. */
static void a_version_is_of_what_is_signed_with_it(void **state)
{
    static const char other_purpose[] =
        "sed -i s/BMC$/Host/ a/MANIFEST; mv a/image-rofs a/image-hostfw; rm -f a/image-u-boot "
        "a/image-kernel a/image-rwfs";
    struct judge_supplier supplier = {"maker",
                                      &rsa2048,
                                      "sha256",
                                      "pkcs-1.5",
                                      "elsewhere",
                                      ALLOW,
                                      "",
                                      "minimum-1 { version = "
                                      "\"2.14.0\"; };"};
    struct judge strict;

    (void)state;
    judge_init(&strict, &supplier, 1, "");
    make("", "RSA-SHA256", "");
    judge_bytes(&strict, archive, archive_len);
    assert_int_equal(strict.outcome, SEK_OUTCOME_ACCEPT); /* one signature over all */
    make(other_purpose, "RSA-SHA256", "rm a/image-full.sig");
    judge_bytes(&strict, archive, archive_len);
    assert_int_equal(judge_row(&strict, "file/MANIFEST")->rule, SEK_RULE(SIG, 1));
    assert_int_equal(judge_row(&strict, "file/image-hostfw")->rule, SEK_RULE(SIG, 9));
    assert_string_equal(judge_row(&strict, "file/image-hostfw")->version, "");
    for (size_t i = 0; i < 2;
         i++) { /* a MANIFEST, or an order, that was changed vouches for none */
        make("", "RSA-SHA256",
             i == 0 ? "sed -i s/2.14.0/9.99.0/ a/MANIFEST" : "cp a/MANIFEST.sig a/image-full.sig");
        judge_bytes(&strict, archive, archive_len);
        assert_int_equal(judge_row(&strict, "file/image-kernel")->rule, SEK_RULE(SIG, 9));
        assert_string_equal(judge_row(&strict, "file/image-kernel")->version, "");
    }
    make(other_purpose, "RSA-SHA256", "rm a/image-full.sig");
    judge_free(&strict);
    judge_bytes(&judge, archive, archive_len);
    assert_int_equal(judge_row(&judge, "file/image-hostfw")->rule, SEK_RULE(SIG, 1));
}

static const struct judge_supplier maker = {"maker",     &rsa2048, "sha256", "pkcs-1.5",
                                            "elsewhere", ALLOW,    "",       ""};

/* Well signed by an approved supplier, for a machine of one who is excluded. */
static void signed_is_not_yet_permitted(void **state)
{
    static const struct {
        const char *machine;
        enum sek_verdict verdict;
    } rows[] = {{"Acme Optics 7", SEK_VERDICT_EXCLUDED}, {"Fuji 7", SEK_VERDICT_APPROVED}};

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        char change[128];

        (void)snprintf(change, sizeof change,
                       "sed -i 's/^MachineName=.*/MachineName=%s/' a/MANIFEST", rows[i].machine);
        make(change, "RSA-SHA256", "");
        assert_int_equal(judge_without_acme(&maker, archive, archive_len, "file/image-kernel"),
                         rows[i].verdict);
    }
}

static int set_up(void **state)
{
    (void)state;
    openssl_keys();
    openssl_key_load(&rsa2048, "rsa2048");
    judge_init(&judge, &maker, 1, "");
    return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    free(archive);
    judge_free(&judge);
    openssl_run("rm -rf %s", folder);
    return 0;
}

extern const struct sek_format sek_format_openbmc;

/* Bytes that begin with 0 are not the name of a folder. */
static void only_a_name_makes_an_archive(void **state)
{
    static const struct {
        const char *name, *head;
        size_t len;
        bool is;
    } rows[] = {
        {"its first file", "MANIFEST", 9, true},
        {"the folder itself", "./", 3, true},
        {"the first file of a folder", "./MANIFEST", 11, true},
        {"zeros", "\0\0\0\0\0\0\0", 8, false},
        {"a boot loader's first zero", "\0\7\16\25", 4, false},
        {"nothing", "", 0, false},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        const struct sek_bytes head = {(const uint8_t *)rows[i].head, rows[i].len};

        if (sek_format_openbmc.probe(head) != rows[i].is)
            fail_msg("%s", rows[i].name);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_a_name_makes_an_archive),
        cmocka_unit_test(a_whole_archive_is_approved_file_by_file),
        cmocka_unit_test(names_of_a_folder_are_taken_too),
        cmocka_unit_test(what_only_begins_like_an_archive_is_something_else),
        cmocka_unit_test(no_bit_of_a_file_or_its_signature_can_be_flipped),
        cmocka_unit_test(no_cut_archive_is_accepted),
        cmocka_unit_test(b02_what_is_not_in_the_order_is_not_good),
        cmocka_unit_test(b02_names_that_mislead_are_malformed),
        cmocka_unit_test(a_version_is_of_what_is_signed_with_it),
        cmocka_unit_test(signed_is_not_yet_permitted),
    };

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
