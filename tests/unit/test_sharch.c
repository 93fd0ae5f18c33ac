/* ONIE installers, SONiC's signed by openssl cms; the attacks on them and on the CMS in them. */
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

#define SIGN_EC                                                                                    \
    "openssl cms -sign -nosmimecap -binary -signer $K/signer-ec.crt -inkey $K/signer-ec.key "      \
    "-certfile $K/sub-ca.crt -outform PEM"

#define SIGN_KEYID                                                                                 \
    "openssl cms -sign -keyid -nosmimecap -binary -signer $K/signer.crt -inkey $K/signer.key "     \
    "-outform PEM"

static struct fit_key unused;
static struct judge judge, dateless;
static char folder[] = "/tmp/sekisho-test-XXXXXX";
static uint8_t *file;
static size_t file_len;

static void make(const char *size_line, const char *command)
{
    struct fit_file made = sharch_write(folder, size_line, command);

    free(file);
    file = made.data;
    file_len = made.len;
}

static void make_signed(const char *command)
{
    make(SHARCH_SIZE, command);
}

static const struct sek_row *judge_file(struct judge *by)
{
    const struct sek_row *row;

    judge_bytes(by, file, file_len);
    row = judge_row(by, "file/installer");
    return row ? row : judge_row(by, "file");
}

static void a_signed_installer_is_approved(void **state)
{
    static const char *const commands[] = {
        SHARCH_SIGN,
        SIGN_EC " -in in -out sig",
        SIGN_KEYID " -in in -out sig",
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(commands); i++) {
        const struct sek_row *row;

        make_signed(commands[i]);
        row = judge_file(&judge);
        if (row->verdict != SEK_VERDICT_APPROVED || judge.outcome != SEK_OUTCOME_ACCEPT)
            fail_msg("%s: rule %x, %s", commands[i], (unsigned)row->rule,
                     row->fault.why ? row->fault.why : "");
        assert_string_equal(row->format, "onie-installer");
        assert_string_equal(row->signer, "maker");
        assert_int_equal(row->component_class, SEK_CLASS_ROOTFS);
        assert_int_equal(judge.measure.image.pass.bytes_read, file_len);
        test_keep_seed("sharch", i == 0 ? "rsa" : i == 1 ? "chain" : "keyid", file, file_len);
    }
}

static void one_without_signature_is_a_checksum_only(void **state)
{
    (void)state;
    make("", ":");
    assert_int_equal(judge_file(&judge)->rule, SEK_RULE(FMT, 4));
    assert_int_equal(judge.outcome, SEK_OUTCOME_REJECT);
    make_signed(":");
    assert_int_equal(judge_file(&judge)->rule, SEK_RULE(FMT, 4));
}

/* In base64 the PEM has one form; what CMS says and nobody signs (versions, unsigned attributes)
 * may change, but then nothing else does. */
static void no_bit_of_script_or_payload_can_be_flipped(void **state)
{
    size_t end;

    (void)state;
    make_signed(SHARCH_SIGN);
    end = file_len;
    for (size_t bit = 0; bit < 8 * end; bit += bit < 8 * 720 ? 7 : 29) {
        file[bit / 8] ^= (uint8_t)(1u << bit % 8);
        (void)judge_file(&judge);
        file[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (judge_approved(&judge) != 0 && bit / 8 < 720)
            fail_msg("approved with bit %zu flipped", bit);
    }
    assert_int_equal(judge_file(&judge)->verdict, SEK_VERDICT_APPROVED);
}

static void no_cut_installer_is_approved(void **state)
{
    (void)state;
    make_signed(SHARCH_SIGN);
    for (size_t len = 0; len + 1 < file_len; len++) { /* the last LF is not missed */
        uint8_t *exact = malloc(len ? len : 1);

        assert_non_null(exact);
        memcpy(exact, file, len);
        judge_bytes(&judge, exact, len);
        free(exact);
        assert_int_equal(judge_approved(&judge), 0);
    }
}

static void s01_a_script_that_can_be_read_in_two_ways_is_malformed(void **state)
{
    static const struct {
        const char *name, *line, *command;
    } rows[] = {
        {"two sizes", "payload_image_size=600\npayload_image_size=600", SHARCH_SIGN},
        {"a size inside a line", "x=1 payload_image_size=600", SHARCH_SIGN},
        {"a size that is no number", "payload_image_size=0x258", SHARCH_SIGN},
        {"an empty size", "payload_image_size=", SHARCH_SIGN},
        {"a size of spaces", "payload_image_size= 600", SHARCH_SIGN},
        {"a size too small", "payload_image_size=599", SHARCH_SIGN},
        {"a size too large", "payload_image_size=601", SHARCH_SIGN},
        {"bytes behind the PEM", SHARCH_SIZE, SHARCH_SIGN "; echo x >>sig"},
        {"two PEMs", SHARCH_SIZE, SHARCH_SIGN "; cat sig sig >two; mv two sig"},
        {"a PEM of another kind", SHARCH_SIZE, SHARCH_SIGN "; sed -i s/CMS/PKCS7/ sig"},
        {"CR at the end of the marker's line", "payload_image_size=600\nexit_marker\r",
         SHARCH_SIGN},
        {"spaces in the PEM", SHARCH_SIZE, SHARCH_SIGN "; sed -i 's/^M/ M/' sig"},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        make(rows[i].line, rows[i].command);
        (void)judge_file(&judge);
        if (judge.measure.image.claims.fault.status != SEK_ERR_MALFORMED)
            fail_msg("%s: %s", rows[i].name,
                     sek_status_text(judge.measure.image.claims.fault.status));
        assert_int_equal(judge.outcome, SEK_OUTCOME_REJECT);
    }
    make("payload_image_size=99999999999", SHARCH_SIGN);
    (void)judge_file(&judge);
    assert_int_equal(judge.measure.image.claims.fault.status, SEK_ERR_TRUNCATED);
}

static void c01_signed_attributes_have_to_be_there(void **state)
{
    (void)state;
    make_signed(SHARCH_SIGN " -noattr"); /* a good signature over the content itself */
    assert_int_equal(judge_file(&judge)->rule, SEK_RULE(FMT, 1));
    assert_int_equal(judge_approved(&judge), 0);
}

static void c02_a_cms_that_is_lax_is_refused(void **state)
{
    static const struct {
        const char *name, *command;
    } rows[] = {
        {"attached where it has to be detached", SHARCH_SIGN " -nodetach"},
        {"two signers, one of them a stranger",
         SHARCH_SIGN " -signer $K/signer-other.crt -inkey $K/signer-other.key"},
        {"another content type", SHARCH_SIGN " -econtent_type 1.3.6.1.4.1.32473.1"},
        {"indefinite lengths", SHARCH_SIGN " -nodetach -stream"},
        {"bytes behind the structure",
         SHARCH_SIGN " -out pem; openssl cms -cmsout -inform PEM -in pem -outform DER -out der; "
                     "printf x >>der; (echo '-----BEGIN CMS-----'; base64 -w64 der; echo '-----END "
                     "CMS-----') >sig"},
        {"without the signer's certificate", SHARCH_SIGN " -nocerts"},
        {"encrypted", "openssl cms -encrypt -binary -in in -outform PEM -out sig $K/signer.crt"},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        const struct sek_row *row;

        make_signed(rows[i].command);
        row = judge_file(&judge);
        if (row->rule != SEK_RULE(FMT, 1) && row->rule != SEK_RULE(FMT, 2))
            fail_msg("%s: rule %x", rows[i].name, (unsigned)row->rule);
        assert_int_equal(judge_approved(&judge), 0);
    }
}

/* Changes the DER of the signature at one place, found by its bytes. */
static void change_der(const char *find, size_t find_len, size_t at, uint8_t byte)
{
    char path[64];
    uint8_t *der;
    size_t len, i = 0;

    make_signed(SHARCH_SIGN " -out pem; openssl cms -cmsout -inform PEM -in pem -outform DER "
                            "-out der");
    (void)snprintf(path, sizeof path, "%s/der", folder);
    der = test_read_file(path, &len);
    while (i + find_len <= len && memcmp(der + i, find, find_len) != 0)
        i++;
    assert_true(i + find_len <= len);
    der[i + at] = byte;
    test_write_file(path, der, len);
    free(der);
    openssl_run("cd %s; (cat in; echo '-----BEGIN CMS-----'; base64 -w64 der; echo '-----END "
                "CMS-----') >out",
                folder);
    (void)snprintf(path, sizeof path, "%s/out", folder);
    free(file);
    file = test_read_file(path, &file_len);
}

static void c02_attributes_that_say_other_things_are_refused(void **state)
{
    static const char type[] = "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03", /* contentType */
        digest[] = "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04\x31\x22\x04\x20";

    (void)state;
    change_der(type, sizeof type - 1, 8, 0x04); /* a second messageDigest, and no type */
    assert_int_equal(judge_file(&judge)->rule, SEK_RULE(FMT, 1));
    change_der(digest, sizeof digest - 1, 8, 0x03); /* a second type, and no digest */
    assert_int_equal(judge_file(&judge)->rule, SEK_RULE(FMT, 1));
    change_der(digest, sizeof digest - 1, 8, 0x05); /* no digest */
    assert_int_equal(judge_file(&judge)->rule, SEK_RULE(FMT, 1));
    change_der(digest, sizeof digest - 1, 13,
               0x00); /* another digest: signature and bytes differ */
    assert_int_equal(judge_file(&judge)->rule, SEK_RULE(SIG, 4));
    change_der(digest, sizeof digest - 1, 8, 0x04); /* the control: nothing is changed */
    assert_int_equal(judge_file(&judge)->verdict, SEK_VERDICT_APPROVED);
}

static void the_signer_has_to_lead_to_the_supplier(void **state)
{
    static const struct {
        const char *signer, *more;
        sek_rule rule;
    } rows[] = {
        {"signer-other", "-certfile $K/other-ca.crt", SEK_RULE(SIG, 5)},
        {"signer-server", "", SEK_RULE(SIG, 5)},
        {"signer-by-leaf", "-certfile $K/signer.crt", SEK_RULE(SIG, 5)},
        {"signer-expired", "", SEK_RULE(SIG, 11)},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        char command[512];

        (void)snprintf(
            command, sizeof command,
            "openssl cms -sign -nosmimecap -binary -signer $K/%s.crt -inkey $K/%s.key %s "
            "-outform PEM -in in -out sig",
            rows[i].signer, rows[i].signer, rows[i].more);
        make_signed(command);
        if (judge_file(&judge)->rule != rows[i].rule)
            fail_msg("%s: rule %x", rows[i].signer, (unsigned)judge_file(&judge)->rule);
    }
    assert_int_equal(judge_file(&dateless)->verdict, SEK_VERDICT_APPROVED);
    make_signed(SHARCH_SIGN); /* other bytes than were signed */
    file[100] ^= 1;
    assert_int_equal(judge_file(&judge)->rule, SEK_RULE(SIG, 3));
    assert_int_equal(judge_file(&judge)->verdict, SEK_VERDICT_TAMPERED);
    make_signed(SHARCH_SIGN " -md sha1");
    assert_int_equal(judge_file(&judge)->rule, SEK_RULE(SIG, 7));
}

static void without_a_clock_a_certificate_is_for_somebody_else_to_judge(void **state)
{
    (void)state;
    make_signed(SHARCH_SIGN);
    judge.context.today = 0;
    assert_int_equal(judge_file(&judge)->verdict, SEK_VERDICT_CONSULT);
    judge.context.today = 20788;
}

/* The bench does not see the certificates: what an agent without a clock left open stays open. */
static void dates_that_an_agent_left_open_stay_open_at_the_bench(void **state)
{
    const struct sek_appraiser bench = {&judge.store, {.today = 20788}};
    struct sek_row row;

    (void)state;
    make_signed(SHARCH_SIGN);
    judge.context.today = 0;
    row = *judge_file(&judge);
    judge.context.today = 20788;
    sek_appraise_row(&bench, &row);
    assert_int_equal(row.verdict, SEK_VERDICT_CONSULT);
    assert_int_equal(row.rule, SEK_RULE(SIG, 11));
    row = *judge_file(&judge); /* the control: an agent with a clock */
    sek_appraise_row(&bench, &row);
    assert_int_equal(row.verdict, SEK_VERDICT_APPROVED);
}

static void start(struct judge *by, const char *more)
{
    struct judge_supplier supplier = {"maker", &unused, "sha512", NULL, NULL, "\"rootfs\"", "", ""};
    char *anchor = openssl_anchor("ca", more);

    supplier.more = anchor;
    judge_init(by, &supplier, 1, "");
    free(anchor);
}

static int set_up(void **state)
{
    (void)state;
    openssl_keys();
    openssl_key_load(&unused, "ed25519-other");
    start(&judge, "");
    start(&dateless, "ignore-certificate-dates;");
    return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    free(file);
    judge_free(&judge);
    judge_free(&dateless);
    openssl_run("rm -rf %s", folder);
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signed_installer_is_approved),
        cmocka_unit_test(one_without_signature_is_a_checksum_only),
        cmocka_unit_test(no_bit_of_script_or_payload_can_be_flipped),
        cmocka_unit_test(no_cut_installer_is_approved),
        cmocka_unit_test(s01_a_script_that_can_be_read_in_two_ways_is_malformed),
        cmocka_unit_test(c01_signed_attributes_have_to_be_there),
        cmocka_unit_test(c02_a_cms_that_is_lax_is_refused),
        cmocka_unit_test(c02_attributes_that_say_other_things_are_refused),
        cmocka_unit_test(the_signer_has_to_lead_to_the_supplier),
        cmocka_unit_test(without_a_clock_a_certificate_is_for_somebody_else_to_judge),
        cmocka_unit_test(dates_that_an_agent_left_open_stay_open_at_the_bench),
    };

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
