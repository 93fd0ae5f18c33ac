/* RAUC's bundles, plain and verity, signed by OpenSSL; the tree is reckoned here level by level in
 * memory, apart from how firmware/image does it. */
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

enum { DEFAULT_BLOCKS = 5 };

static struct fit_key unused;
static struct judge judge;
static char folder[] = "/tmp/sekisho-test-XXXXXX";
static uint8_t *file;
static size_t file_len, data_len, tree_len;

static void take(struct fit_file made)
{
    free(file);
    file = made.data;
    file_len = made.len;
}

static void make_plain(const char *command)
{
    data_len = DEFAULT_BLOCKS * RAUC_BLOCK;
    take(rauc_plain_write(folder, data_len, command));
}

static void make_verity(size_t blocks, const char *change, const char *command)
{
    data_len = blocks * RAUC_BLOCK;
    take(rauc_verity_write(folder, blocks, change, command, &tree_len));
}

static void expect(const char *row, sek_rule rule)
{
    const struct sek_row *found;

    judge_bytes(&judge, file, file_len);
    found = judge_row(&judge, row);
    if (!found || found->rule != rule)
        fail_msg("%s: rule %x, %s", row, found ? (unsigned)found->rule : 0,
                 found && found->fault.why ? found->fault.why : "");
}

static void plain_bundles_are_approved(void **state)
{
    (void)state;
    make_plain(RAUC_PLAIN);
    expect("file/bundle", SEK_RULE(SIG, 1));
    assert_int_equal(judge.outcome, SEK_OUTCOME_ACCEPT);
    assert_int_equal(judge_row(&judge, "file/bundle")->size, data_len);
    assert_int_equal(judge.measure.image.pass.bytes_read, file_len);
    test_keep_seed("rauc", "plain", file, file_len);
    file[data_len - 1] ^= 1;
    expect("file/bundle", SEK_RULE(SIG, 3));
}

/* One block has no tree, 128 fill one hash block, 129 need a level more, and so on. */
static void verity_bundles_are_approved_whatever_their_size(void **state)
{
    static const size_t blocks[] = {2, 5, 127, 128, 129, 256, 257, 16384, 16385};

    (void)state;
    for (size_t i = 0; i < SEK_LEN(blocks); i++) {
        make_verity(blocks[i], "", RAUC_VERITY);
        expect("file/bundle", SEK_RULE(SIG, 1));
        expect("file/manifest", SEK_RULE(SIG, 1));
        assert_int_equal(judge.outcome, SEK_OUTCOME_ACCEPT);
        assert_string_equal(judge_row(&judge, "file/bundle")->version, "7.1");
        assert_int_equal(judge.measure.image.pass.bytes_read, file_len);
    }
    make_verity(2, "", RAUC_VERITY);
    test_keep_seed("rauc", "verity", file, file_len);
}

static void r01_no_byte_of_data_or_tree_can_be_changed(void **state)
{
    (void)state;
    make_verity(130, "", RAUC_VERITY); /* two levels: 2 blocks, and 1 above them */
    for (size_t at = 0; at < data_len + tree_len; at += 1021) {
        file[at] ^= 0x10;
        judge_bytes(&judge, file, file_len);
        if (judge.outcome == SEK_OUTCOME_ACCEPT)
            fail_msg("accepted with byte %zu changed", at);
        file[at] ^= 0x10;
    }
    file[100] ^= 1;
    expect("file/bundle", SEK_RULE(SIG, 3)); /* data */
    file[100] ^= 1;
    file[data_len + RAUC_BLOCK] ^= 1; /* the first hash of the lower level */
    expect("file/bundle", SEK_RULE(SIG, 3));
    file[data_len + RAUC_BLOCK] ^= 1;
    file[data_len + tree_len - 1] ^= 1; /* what fills the last hash block */
    expect("file/bundle", SEK_RULE(SIG, 3));
    file[data_len + tree_len - 1] ^= 1;
    expect("file/bundle", SEK_RULE(SIG, 1));
}

static void r01_a_bundle_that_does_not_fit_its_manifest_is_malformed(void **state)
{
    static const struct {
        const char *name, *change, *command;
        sek_rule rule;
    } rows[] = {
        {"plain in an attached manifest", "s/verity$/plain/", RAUC_VERITY, SEK_RULE(FMT, 1)},
        {"crypt", "s/verity$/crypt/", RAUC_VERITY, SEK_RULE(FMT, 2)},
        {"no format", "/^format/d", RAUC_VERITY, SEK_RULE(FMT, 1)},
        {"two formats", "s/^format.*/&\\n&/", RAUC_VERITY, SEK_RULE(FMT, 1)},
        {"two groups", "s/^.bundle.$/&\\nx=1\\n&/", RAUC_VERITY, SEK_RULE(FMT, 1)},
        {"a tree that is too small", "s/size=8192/size=4096/", RAUC_VERITY, SEK_RULE(FMT, 1)},
        {"a tree that is no whole blocks", "s/size=4096/size=4097/", RAUC_VERITY, SEK_RULE(FMT, 1)},
        {"no tree", "/^verity-size/d", RAUC_VERITY, SEK_RULE(FMT, 1)},
        {"a root that is none", "s/^verity-hash=./&x/", RAUC_VERITY, SEK_RULE(FMT, 1)},
        {"no salt", "/^verity-salt/d", RAUC_VERITY, SEK_RULE(FMT, 1)},
        {"a line that says nothing", "s/^format/x\\n&/", RAUC_VERITY, SEK_RULE(FMT, 1)},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        make_verity(DEFAULT_BLOCKS, i == 5 ? "s/size=4096/size=8192/" : rows[i].change,
                    rows[i].command);
        judge_bytes(&judge, file, file_len);
        if (!judge_row(&judge, "file") || judge_row(&judge, "file")->rule != rows[i].rule)
            fail_msg("%s", rows[i].name);
        assert_int_equal(judge.outcome, SEK_OUTCOME_REJECT);
    }
    make_verity(DEFAULT_BLOCKS, "",
                RAUC_PLAIN); /* a manifest that is detached: signs other bytes */
    expect("file/bundle", SEK_RULE(SIG, 3));
}

static void r01_trailers_that_cannot_be_are_refused(void **state)
{
    (void)state;
    make_plain(RAUC_PLAIN);
    memset(file + file_len - 8, 0, 8); /* no length */
    expect("file", SEK_RULE(FMT, 3));
    make_plain(RAUC_PLAIN);
    file[file_len - 8] = 0xff; /* longer than the file */
    expect("file", SEK_RULE(FMT, 3));
    take(rauc_plain_write(folder, data_len - 8,
                          RAUC_PLAIN)); /* the signature does not begin at a block */
    expect("file", SEK_RULE(FMT, 1));
    make_plain("openssl cms -encrypt -binary -in in -outform DER -out cms $K/signer.crt");
    expect("file", SEK_RULE(FMT, 2));
}

static void a_strangers_bundle_is_of_nobody(void **state)
{
    (void)state;
    make_verity(DEFAULT_BLOCKS, "",
                "openssl cms -sign -nodetach -binary -signer $K/signer-other.crt -inkey "
                "$K/signer-other.key -outform DER -in in -out cms");
    expect("file/bundle", SEK_RULE(SIG, 5));
    expect("file/manifest", SEK_RULE(SIG, 5));
    assert_int_equal(judge.outcome, SEK_OUTCOME_REJECT);
}

/* A root put into the manifest after it was signed. */
static void a_manifest_that_was_changed_vouches_for_nothing(void **state)
{
    size_t at;

    (void)state;
    make_verity(DEFAULT_BLOCKS, "", RAUC_VERITY);
    for (at = data_len + tree_len; memcmp(file + at, "verity-hash=", 12) != 0; at++)
        ;
    file[at + 12] = file[at + 12] == '0' ? '1' : '0';
    expect("file/bundle", SEK_RULE(SIG, 4));
    expect("file/manifest", SEK_RULE(SIG, 4));
}

static int set_up(void **state)
{
    struct judge_supplier supplier = {
        "maker", &unused, "sha512", NULL, NULL, "\"rootfs\", \"config\"", "", ""};
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
        cmocka_unit_test(plain_bundles_are_approved),
        cmocka_unit_test(verity_bundles_are_approved_whatever_their_size),
        cmocka_unit_test(r01_no_byte_of_data_or_tree_can_be_changed),
        cmocka_unit_test(r01_a_bundle_that_does_not_fit_its_manifest_is_malformed),
        cmocka_unit_test(r01_trailers_that_cannot_be_are_refused),
        cmocka_unit_test(a_strangers_bundle_is_of_nobody),
        cmocka_unit_test(a_manifest_that_was_changed_vouches_for_nothing),
    };

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
