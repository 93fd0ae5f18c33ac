/* sekisho store: build, sign, show, lint and send trust stores. */
#include "boards/bench/files.h"
#include "boards/bench/hook.h"
#include "boards/bench/store/manifest.h"
#include "boards/bench/store/store.h"
#include "boards/bench/trust.h"
#include "crypto/crypto.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct bench_option options[] = {
    {"output", "FILE", "build, sign, manifest: file to write (also -o FILE)"},
    {"keys", "FOLDER",
     "sign: folder with authority.pem (EC) or authority.key (RSA), determine: officer.* (also -k)"},
    {"token", "URI", "sign: PKCS#11 token instead of -k: \"token=NAME\"; PIN in $MKIMAGE_SIGN_PIN"},
    {"include", "FOLDER", "where a source's files are that lie not beside it"},
    {"date", "DATE", "revoke: YYYY-MM-DD from which on the key counts no more (else today)"},
    {"authority", "FILE",
     "revoke: the key that signs the store, which is never revoked; chain: the old key; manifest: "
     "public key of the authority"},
    {"store", "FILE", "manifest: the store that the devices are judged by"},
    {"demo", NULL, "manifest: accept the demo authority's key"},
};

static int build(const struct bench_args *args)
{
    const char *out = bench_value(args, "output"), *path = args->operand[1];
    struct store_tree tree;
    uint8_t *built;
    size_t len;
    int status = BENCH_EXIT_OK;

    if (!out)
        return bench_fail(false, BENCH_EXIT_USAGE, 0, "store build: -o FILE is needed");
    if (!store_tree_read(path, bench_value(args, "include"), &tree))
        return BENCH_EXIT_TRUST;
    if (store_lint(path, tree.dtb.data, bench_today(), stderr) > 0)
        status = BENCH_EXIT_REJECT;
    else if (!store_build(path, tree.dtb.data, &built, &len))
        status = BENCH_EXIT_TRUST;
    else {
        if (bench_write_file(out, built, len, 0644) != SEK_OK)
            status = bench_fail(false, BENCH_EXIT_TRUST, 0, "%s: %s", out, strerror(errno));
        free(built);
    }
    store_tree_free(&tree);
    return status;
}

static int sign(const struct bench_args *args, const struct store_seal *seal)
{
    const struct store_keys keys = {bench_value(args, "keys"), bench_value(args, "token")};
    const char *out = bench_value(args, "output");

    if (!out || !keys.folder == !keys.token)
        return bench_fail(
            false, BENCH_EXIT_USAGE, 0,
            "store sign, determine: -k FOLDER or --token URI, and -o FILE are needed");
    return store_sign(seal, &keys, args->operand[1], out) ? BENCH_EXIT_OK : BENCH_EXIT_TRUST;
}

static int look(const struct bench_args *args, bool lint)
{
    int status = BENCH_EXIT_OK;

    for (size_t i = 1; i < args->operand_count; i++) {
        const char *path = args->operand[i];
        struct store_tree tree;

        if (!store_tree_read(path, bench_value(args, "include"), &tree)) {
            status = bench_exit_worse(status, BENCH_EXIT_TRUST);
            continue;
        }
        if (!lint)
            store_show(path, &tree, bench_today(), stdout);
        else if (store_lint(path, tree.dtb.data, bench_today(), stdout) > 0)
            status = bench_exit_worse(status, BENCH_EXIT_REJECT);
        store_tree_free(&tree);
    }
    return status;
}

static int diff(const struct bench_args *args)
{
    struct store_tree a, b = {0};
    size_t differences = 0;
    int status = BENCH_EXIT_TRUST;

    if (!store_tree_read(args->operand[1], bench_value(args, "include"), &a))
        return BENCH_EXIT_TRUST;
    if (store_tree_read(args->operand[2], bench_value(args, "include"), &b) &&
        store_diff(&a, &b, stdout, &differences))
        status = differences > 0 ? BENCH_EXIT_REJECT : BENCH_EXIT_OK;
    store_tree_free(&b);
    store_tree_free(&a);
    return status;
}

static int revoke(const struct bench_args *args)
{
    const char *date = bench_value(args, "date"), *key = bench_value(args, "authority");
    struct store_tree tree;
    uint8_t *authority = NULL;
    size_t authority_len = 0;
    sek_day day = bench_today();
    bool ok;

    if (date && sek_date_parse(date, strlen(date), &day) != SEK_OK)
        return bench_fail(false, BENCH_EXIT_USAGE, 0, "--date %s: not a date YYYY-MM-DD", date);
    if (key && bench_read_public_key(key, &authority, &authority_len) != SEK_OK)
        return bench_fail(false, BENCH_EXIT_TRUST, 0, "%s: not a public key", key);
    ok = store_tree_read(args->operand[1], bench_value(args, "include"), &tree);
    if (ok) {
        ok = store_revoke(args->operand[1], &tree, args->operand[2], day,
                          (struct sek_bytes){authority, authority_len}, stdout);
        store_tree_free(&tree);
    }
    free(authority);
    return ok ? BENCH_EXIT_OK : BENCH_EXIT_TRUST;
}

/* chain: LINK... STORE behind each other, opened before they are kept. */
static int chain(const struct bench_args *args)
{
    const char *out = bench_value(args, "output"), *key = bench_value(args, "authority");
    uint8_t *authority;
    size_t len;
    bool ok;

    if (!out || !key || args->operand_count < 3)
        return bench_fail(
            false, BENCH_EXIT_USAGE, 0,
            "store chain: --authority FILE (the first link's), -o FILE, LINK... STORE");
    if (bench_read_public_key(key, &authority, &len) != SEK_OK)
        return bench_fail(false, BENCH_EXIT_TRUST, 0, "%s: not a public key", key);
    ok = store_chain((struct sek_bytes){authority, len}, args->operand + 1, args->operand_count - 1,
                     out);
    free(authority);
    return ok ? BENCH_EXIT_OK : BENCH_EXIT_TRUST;
}

static int run(const struct bench_args *args)
{
    const char *verb = args->operand_count > 0 ? args->operand[0] : "";

    if (args->operand_count < 2)
        return bench_fail(false, BENCH_EXIT_USAGE, 0,
                          "store: build, sign, show, lint, diff, revoke, chain, send, determine "
                          "or manifest, and FILE...");
    if (sek_crypto_start(bench_digest_hook()) != SEK_OK)
        return bench_fail(false, BENCH_EXIT_TRUST, 0,
                          "the crypto library fails its known-answer tests");
    if (strcmp(verb, "build") == 0 && args->operand_count == 2)
        return build(args);
    if (strcmp(verb, "sign") == 0 && args->operand_count == 2)
        return sign(args, &store_seal_store);
    if (strcmp(verb, "determine") == 0 && args->operand_count == 2)
        return sign(args, &store_seal_determinations);
    if (strcmp(verb, "show") == 0 || strcmp(verb, "lint") == 0)
        return look(args, verb[0] == 'l');
    if (strcmp(verb, "diff") == 0 && args->operand_count == 3)
        return diff(args);
    if (strcmp(verb, "chain") == 0)
        return chain(args);
    if (strcmp(verb, "revoke") == 0 && args->operand_count == 3)
        return revoke(args);
    if (strcmp(verb, "send") == 0 && args->operand_count > 2)
        return store_send(args->operand[1], args->operand + 2, args->operand_count - 2);
    if (strcmp(verb, "manifest") == 0)
        return manifest_command(args);
    return bench_fail(false, BENCH_EXIT_USAGE, 0,
                      "store %s: not build, sign, show, lint, diff, revoke, chain, send, determine "
                      "or manifest, or not so many "
                      "files",
                      verb);
}

const struct bench_command bench_store = {
    .name = "store",
    .operands = "build|sign|show|lint FILE... | diff OLD NEW | revoke FILE SUPPLIER/KEY | chain "
                "LINK... STORE | send FILE TARGET... | manifest TARGET...",
    .help = "Makes and reads trust stores, gives them to devices, drafts lists of their parts.",
    .option = options,
    .option_count = SEK_LEN(options),
    .run = run,
};
