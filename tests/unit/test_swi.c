/* Arista's SWI, signed as their tools do it, and the attacks on it. */
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

static struct fit_key unused;
static struct judge judge;
static char folder[] = "/tmp/sekisho-test-XXXXXX";
static uint8_t *file;
static size_t file_len;

static const struct sek_row *make(const char *signer, const char *change)
{
    struct fit_file made = swi_write(folder, signer, change);
    const struct sek_row *row;

    free(file);
    file = made.data;
    file_len = made.len;
    judge_bytes(&judge, file, file_len);
    row = judge_row(&judge, "file/swi");
    return row ? row : judge_row(&judge, "file");
}

static void signed_files_are_approved(void **state)
{
    static const char *const signers[] = {"signer", "signer-plain"}; /* RSA-2048, P-256 */

    (void)state;
    for (size_t i = 0; i < SEK_LEN(signers); i++) {
        const struct sek_row *row = make(signers[i], "");

        if (row->verdict != SEK_VERDICT_APPROVED || judge.outcome != SEK_OUTCOME_ACCEPT)
            fail_msg("%s: rule %x, %s", signers[i], (unsigned)row->rule,
                     row->fault.why ? row->fault.why : "");
        assert_string_equal(row->format, "swi");
        assert_string_equal(row->signer, "maker");
        assert_int_equal(row->size, file_len);
        assert_int_equal(judge.measure.image.pass.bytes_read, file_len);
        test_keep_seed("swi", signers[i], file, file_len);
    }
}

/* The digest over the whole file is not touched by the hole that the signature's has. */
static void the_file_is_digested_as_it_is_for_the_report(void **state)
{
    uint8_t digest[SEK_DIGEST_MAX];
    const struct sek_row *row = make("signer", "");

    (void)state;
    assert_int_equal(sek_digest_of(SEK_DIGEST_SHA256, NULL, file, file_len, digest), SEK_OK);
    assert_memory_equal(row->digest[0].bytes, digest, 32);
}

static void no_bit_can_be_flipped(void **state)
{
    size_t approved = 0;

    (void)state;
    (void)make("signer", "");
    for (size_t bit = 0; bit < 8 * file_len; bit += 13) {
        file[bit / 8] ^= (uint8_t)(1u << bit % 8);
        judge_bytes(&judge, file, file_len);
        approved += judge_approved(&judge);
        if (judge_approved(&judge) != 0)
            fail_msg("approved with bit %zu flipped", bit);
        file[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_int_equal(approved, 0);
}

static void no_cut_file_is_approved(void **state)
{
    (void)state;
    (void)make("signer", "");
    for (size_t len = 0; len < file_len; len += 7) {
        uint8_t *exact = malloc(len ? len : 1);

        assert_non_null(exact);
        memcpy(exact, file, len);
        judge_bytes(&judge, exact, len);
        free(exact);
        assert_int_equal(judge_approved(&judge), 0);
    }
}

static void what_swi_tools_do_not_write_is_refused(void **state)
{
    static const struct {
        const char *name, *signer, *change;
        sek_rule rule;
    } rows[] = {
        {"two members that are signatures", "signer", "twice=1", SEK_RULE(FMT, 1)},
        {"a compressed signature", "signer", "compressed=1", SEK_RULE(FMT, 1)},
        {"a comment behind the end", "signer", "comment=1", SEK_RULE(FMT, 1)},
        {"two names of one member", "signer", "names=1", SEK_RULE(FMT, 1)},
        {"another version", "signer", "version=2", SEK_RULE(FMT, 1)},
        {"another padding", "signer", "padding=x", SEK_RULE(FMT, 1)},
        {"another field", "signer", "key=Issuer", SEK_RULE(FMT, 1)},
        {"a weak hash", "signer", "hash=SHA-1", SEK_RULE(SIG, 7)},
        {"no signature", "signer", "unsigned=1", SEK_RULE(FMT, 4)},
        {"a stranger", "signer-other", "", SEK_RULE(SIG, 7)},
        {"a signer of another CA", "self", "", SEK_RULE(SIG, 5)},
        {"an expired signer", "signer-expired", "", SEK_RULE(SIG, 11)},
        {"a zip of something else", "signer", "plain=1 unsigned=1", SEK_RULE(FMT, 3)},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        const struct sek_row *row = make(rows[i].signer, rows[i].change);

        if (row->rule != rows[i].rule)
            fail_msg("%s: rule %x, %s", rows[i].name, (unsigned)row->rule,
                     row->fault.why ? row->fault.why : "");
        assert_int_equal(judge_approved(&judge), 0);
    }
}

static void bytes_that_differ_from_the_signed_ones_are_tampered(void **state)
{
    (void)state;
    (void)make("signer", "");
    file[60] ^= 1;
    judge_bytes(&judge, file, file_len);
    assert_int_equal(judge_row(&judge, "file/swi")->rule, SEK_RULE(SIG, 4));
    assert_int_equal(judge.outcome, SEK_OUTCOME_REJECT);
}

static int set_up(void **state)
{
    struct judge_supplier supplier = {"maker", &unused, "sha512", NULL, NULL, "\"rootfs\"", "", ""};
    char *anchor;

    (void)state;
    openssl_keys();
    openssl_key_load(&unused, "ed25519-other");
    anchor = openssl_anchor("ca", "");
    supplier.more = anchor;
    judge_init(&judge, &supplier, 1, "");
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
        cmocka_unit_test(signed_files_are_approved),
        cmocka_unit_test(the_file_is_digested_as_it_is_for_the_report),
        cmocka_unit_test(no_bit_can_be_flipped),
        cmocka_unit_test(no_cut_file_is_approved),
        cmocka_unit_test(what_swi_tools_do_not_write_is_refused),
        cmocka_unit_test(bytes_that_differ_from_the_signed_ones_are_tampered),
    };

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
