/* RAUC's bundles, plain and verity, signed by OpenSSL; the tree is reckoned here level by level in
 * memory, apart from how firmware/image does it. */
#define _DEFAULT_SOURCE
#include "base/bytes.h"
#include "base/text.h"
#include "crypto/crypto.h"
#include "tests/unit/judge.h"
#include "tests/unit/openssl_signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { BLOCK = 4096, HASH = 32, FANOUT = 128, LEVELS_MAX = 4, DEFAULT_BLOCKS = 5 };

#define SIGN                                                                                       \
    "openssl cms -sign -nosmimecap -binary -signer $K/signer.crt -inkey $K/signer.key "            \
    "-outform DER -in in -out cms"
#define PLAIN  SIGN
#define VERITY SIGN " -nodetach"

static struct fit_key unused;
static struct judge judge;
static char folder[] = "/tmp/sekisho-test-XXXXXX";
static uint8_t *file;
static size_t file_len, data_len, tree_len;
static uint8_t *data, *tree;
static char root_hex[2 * HASH + 1], salt_hex[2 * HASH + 1];

static void hash_block(const uint8_t *block, uint8_t out[HASH])
{
    uint8_t salted[HASH + BLOCK], digest[SEK_DIGEST_MAX];
    enum sek_status status;

    memset(salted, 0x5c, HASH);
    memcpy(salted + HASH, block, BLOCK);
    status = sek_digest_of(SEK_DIGEST_SHA256, NULL, salted, sizeof salted, digest);
    assert_int_equal(status, SEK_OK);
    memcpy(out, digest, HASH);
}

/* Data of so many blocks, and its tree: each level hashes the one below, the top one stands first.
 */
static void make_tree(size_t blocks)
{
    uint8_t *level[LEVELS_MAX], root[HASH], salt[HASH];
    size_t count[LEVELS_MAX], levels = 0, below_blocks = blocks;
    const uint8_t *below;

    free(data);
    free(tree);
    data_len = blocks * BLOCK;
    data = malloc(data_len);
    assert_non_null(data);
    memcpy(data, "hsqs", 4);
    for (size_t i = 4; i < data_len; i++)
        data[i] = (uint8_t)(i * 31 >> 3);
    below = data;
    tree_len = 0;
    while (below_blocks > 1) {
        assert_true(levels < LEVELS_MAX);
        count[levels] = (below_blocks + FANOUT - 1) / FANOUT;
        level[levels] = calloc(count[levels], BLOCK);
        assert_non_null(level[levels]);
        for (size_t i = 0; i < below_blocks; i++)
            hash_block(below + i * BLOCK, level[levels] + i * HASH);
        below = level[levels];
        below_blocks = count[levels];
        tree_len += count[levels++] * BLOCK;
    }
    hash_block(below, root);
    tree = malloc(tree_len ? tree_len : 1);
    assert_non_null(tree);
    for (size_t at = 0; levels-- > 0; at += count[levels] * BLOCK) {
        memcpy(tree + at, level[levels], count[levels] * BLOCK);
        free(level[levels]);
    }
    memset(salt, 0x5c, sizeof salt);
    sek_text_hex((struct sek_bytes){root, HASH}, root_hex);
    sek_text_hex((struct sek_bytes){salt, HASH}, salt_hex);
}

static void write_file(const char *name, const void *bytes, size_t len)
{
    char path[64];

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    test_write_file(path, bytes, len);
}

/* body, what the command makes of the file "in", and its length. */
static void pack(const uint8_t *body, size_t body_len, const char *command)
{
    uint8_t trailer[8], *cms;
    size_t cms_len;
    char path[64];

    openssl_run("K=$PWD/build/test/keys; cd %s; %s", folder, command);
    (void)snprintf(path, sizeof path, "%s/cms", folder);
    cms = test_read_file(path, &cms_len);
    sek_put_u64be(trailer, cms_len);
    free(file);
    file_len = body_len + cms_len + sizeof trailer;
    file = malloc(file_len);
    assert_non_null(file);
    memcpy(file, body, body_len);
    memcpy(file + body_len, cms, cms_len);
    memcpy(file + body_len + cms_len, trailer, sizeof trailer);
    free(cms);
}

static void make_plain(const char *command)
{
    make_tree(DEFAULT_BLOCKS);
    write_file("in", data, data_len);
    pack(data, data_len, command);
}

/* The manifest, with a change: sed's words. */
static void make_verity(size_t blocks, const char *change, const char *command)
{
    char manifest[512], words[256];
    uint8_t *body;

    make_tree(blocks);
    (void)snprintf(manifest, sizeof manifest,
                   "[update]\ncompatible=fuji\nversion=7.1\n\n[bundle]\nformat=verity\n"
                   "verity-hash=%s\nverity-salt=%s\nverity-size=%zu\n\n[image.rootfs]\n"
                   "sha256=00\nfilename=rootfs.img\n",
                   root_hex, salt_hex, tree_len);
    write_file("in", manifest, strlen(manifest));
    (void)snprintf(words, sizeof words, "sed -i '%s' in; %s", change, command);
    body = malloc(data_len + tree_len);
    assert_non_null(body);
    memcpy(body, data, data_len);
    memcpy(body + data_len, tree, tree_len);
    pack(body, data_len + tree_len, words);
    free(body);
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
    make_plain(PLAIN);
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
        make_verity(blocks[i], "", VERITY);
        expect("file/bundle", SEK_RULE(SIG, 1));
        expect("file/manifest", SEK_RULE(SIG, 1));
        assert_int_equal(judge.outcome, SEK_OUTCOME_ACCEPT);
        assert_string_equal(judge_row(&judge, "file/bundle")->version, "7.1");
        assert_int_equal(judge.measure.image.pass.bytes_read, file_len);
    }
    make_verity(2, "", VERITY);
    test_keep_seed("rauc", "verity", file, file_len);
}

static void r01_no_byte_of_data_or_tree_can_be_changed(void **state)
{
    (void)state;
    make_verity(130, "", VERITY); /* two levels: 2 blocks, and 1 above them */
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
    file[data_len + BLOCK] ^= 1; /* the first hash of the lower level */
    expect("file/bundle", SEK_RULE(SIG, 3));
    file[data_len + BLOCK] ^= 1;
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
        {"plain in an attached manifest", "s/verity$/plain/", VERITY, SEK_RULE(FMT, 1)},
        {"crypt", "s/verity$/crypt/", VERITY, SEK_RULE(FMT, 2)},
        {"no format", "/^format/d", VERITY, SEK_RULE(FMT, 1)},
        {"two formats", "s/^format.*/&\\n&/", VERITY, SEK_RULE(FMT, 1)},
        {"two groups", "s/^.bundle.$/&\\nx=1\\n&/", VERITY, SEK_RULE(FMT, 1)},
        {"a tree that is too small", "s/size=8192/size=4096/", VERITY, SEK_RULE(FMT, 1)},
        {"a tree that is no whole blocks", "s/size=4096/size=4097/", VERITY, SEK_RULE(FMT, 1)},
        {"no tree", "/^verity-size/d", VERITY, SEK_RULE(FMT, 1)},
        {"a root that is none", "s/^verity-hash=./&x/", VERITY, SEK_RULE(FMT, 1)},
        {"no salt", "/^verity-salt/d", VERITY, SEK_RULE(FMT, 1)},
        {"a line that says nothing", "s/^format/x\\n&/", VERITY, SEK_RULE(FMT, 1)},
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
    make_verity(DEFAULT_BLOCKS, "", PLAIN); /* a manifest that is detached: signs other bytes */
    expect("file/bundle", SEK_RULE(SIG, 3));
}

static void r01_trailers_that_cannot_be_are_refused(void **state)
{
    (void)state;
    make_plain(PLAIN);
    memset(file + file_len - 8, 0, 8); /* no length */
    expect("file", SEK_RULE(FMT, 3));
    make_plain(PLAIN);
    file[file_len - 8] = 0xff; /* longer than the file */
    expect("file", SEK_RULE(FMT, 3));
    make_plain(PLAIN);
    make_tree(DEFAULT_BLOCKS);
    write_file("in", data, data_len - 8);
    pack(data, data_len - 8, PLAIN); /* the signature does not begin at a block */
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
    make_verity(DEFAULT_BLOCKS, "", VERITY);
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
    free(data);
    free(tree);
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
