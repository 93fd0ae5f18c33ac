/* U08: keys that the world knows. The demo's authority counts only with --demo, however its key is
 * handed in; a release is not built for it; a supplier's key that everybody has is found by lint.
 */
#define _GNU_SOURCE
#include "boards/bench/files.h"
#include "boards/bench/store/store.h"
#include "boards/bench/trust.h"
#include "crypto/crypto.h"
#include "tests/attack/attack.h"
#include "tests/attack/store_rig.h"
#include "tests/unit/store_source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEYS "build/keys/demo"

static const struct bench_option options[] = {BENCH_TRUST_OPTIONS};
static char folder[] = "/tmp/sekisho-attack-XXXXXX";
static char store_path_name[64];

/* ---- The demo's authority ---- */

/* Loads the demo's store; authority, demo: as on the command line, or NULL. */
static const char *load(const char *authority, const char *demo, char text[16])
{
    struct bench_args args = {.option = options, .option_count = SEK_LEN(options)};
    struct bench_trust trust;
    bool usable;

    for (size_t i = 0; i < SEK_LEN(options); i++) {
        const char *name = options[i].name;

        args.value[i] = strcmp(name, "store") == 0       ? store_path_name
                        : strcmp(name, "authority") == 0 ? authority
                        : strcmp(name, "demo") == 0      ? demo
                                                         : NULL;
    }
    bench_trust_load(&trust, &args);
    usable = trust.store.dtb != NULL;
    sek_rule_format(trust.rule, text);
    bench_trust_free(&trust);
    return usable ? "usable" : text;
}

static void try_authority(struct attack_result *result, const char *name, const char *authority)
{
    char text[16];
    const char *seen = load(authority, NULL, text);

    attack_case(result, name, seen, "TS-002", strcmp(seen, "usable") == 0);
}

/* The key in other clothes. */
static void write_key(const char *name, const char *before, const char *after, bool crlf,
                      char path[64])
{
    uint8_t *pem = NULL;
    size_t len = 0;
    FILE *out;

    (void)snprintf(path, 64, "%s/%s", folder, name);
    out = fopen(path, "w");
    if (!out || bench_read_file(KEYS "/authority.pub.pem", 4096, &pem, &len) != SEK_OK)
        abort();
    (void)fputs(before, out);
    for (size_t i = 0; i < len; i++) {
        if (crlf && pem[i] == '\n')
            (void)fputc('\r', out);
        (void)fputc(pem[i], out);
    }
    (void)fputs(after, out);
    fclose(out);
    free(pem);
}

static void demo_key(struct attack_result *result)
{
    char path[64];

    try_authority(result, "in PEM", KEYS "/authority.pub.pem");
    try_authority(result, "in DER", KEYS "/authority.spki.der");
    try_authority(result, "the private half", KEYS "/authority.pem");
    write_key("crlf.pem", "", "", true, path);
    try_authority(result, "with CR LF", path);
    write_key("text.pem", "Our own authority\n", "trailing text\n", false, path);
    try_authority(result, "with text around it", path);
    setenv("SEKISHO_AUTHORITY", KEYS "/authority.pub.pem", 1);
    try_authority(result, "in the environment", NULL);
    unsetenv("SEKISHO_AUTHORITY");
    write_key("authority.pem", "", "", false, path);
    try_authority(result, "in the configuration", NULL);
    unlink(path);
    try_authority(result, "built in, and not asked for", NULL);
}

static bool with_demo_it_counts(void)
{
    char text[16];

    return strcmp(load(NULL, "", text), "usable") == 0;
}

/* ---- A release ---- */

static void release(struct attack_result *result)
{
    static const char *const files[] = {KEYS "/authority.pub.pem", KEYS "/other-authority.pub.pem",
                                        KEYS "/hakone.pub.pem", "/nowhere", ""};

    for (size_t i = 0; i < SEK_LEN(files); i++) {
        char command[128];
        bool built;

        (void)snprintf(command, sizeof command, "boards/setup/release.sh '%s' 2>/dev/null",
                       files[i]);
        built = system(command) == 0;
        attack_case(result, files[i], built ? "would be built" : "refused", "refused", built);
    }
}

/* ---- Suppliers' keys ---- */

/* Public keys of MCUboot's samples: root-ec-p256 and root-ed25519. */
static const struct {
    const char *name, *spki, *algo;
} known[] = {
    {"MCUboot's P-256",
     "3059301306072a8648ce3d020106082a8648ce3d030107034200042acb403ce8feed5ba44995a1a91daee8"
     "dbbe1937cd14fb2f245737e5953988d994b9d65aebd7cdd5308ad6fe48b24a6a810ee5f07d8b6834cc3a6afc53"
     "8efac1",
     "sha256,ecdsa256"},
    {"MCUboot's Ed25519",
     "302a300506032b6570032100d4b31ba49a3add3f825d10ca7f31b50b0de87f37ccc49f1a403a5c1320ffb4e0",
     "sha512,ed25519"},
};

/* What lint counts of a store in which a supplier, the successor or an officer has this key. */
static size_t lint(const char *find, const char *put)
{
    struct store_tree tree = store_source_tree(find, put);
    FILE *out = fopen("/dev/null", "w");
    size_t problems = out ? store_lint("store", tree.dtb.data, bench_today(), out) : SIZE_MAX;

    if (out)
        fclose(out);
    store_tree_free(&tree);
    return problems;
}

static void suppliers(struct attack_result *result)
{
    static const char key[] =
        "public-key = /incbin/(\"hakone.spki.der\"); algo = \"sha256,ecdsa256\";";
    static const char successor[] = "public-key = /incbin/(\"other-authority.spki.der\");";
    static const char officer[] = "public-key = /incbin/(\"officer.spki.der\");";
    size_t usual = lint(NULL, NULL);

    for (size_t i = 0; i < SEK_LEN(known); i++) {
        const char *const places[] = {key, successor, officer};

        for (size_t p = 0; p < SEK_LEN(places); p++) {
            char put[512], name[64];
            bool found;

            if (p == 0)
                (void)snprintf(put, sizeof put, "public-key = [%s]; algo = \"%s\";", known[i].spki,
                               known[i].algo);
            else
                (void)snprintf(put, sizeof put, "public-key = [%s];", known[i].spki);
            found = lint(places[p], put) > usual;
            (void)snprintf(name, sizeof name, "%s, place %zu", known[i].name, p);
            attack_case(result, name, found ? "found" : "overlooked", "found", !found);
        }
    }
}

static void u08(struct attack_result *result)
{
    demo_key(result);
    release(result);
    suppliers(result);
}

static bool set_up(void)
{
    struct fit_key authority;
    struct fit_file itb;
    uint8_t *payload;
    size_t len;
    bool written;

    if (sek_crypto_start(NULL) != SEK_OK || !mkdtemp(folder))
        return false;
    setenv("SEKISHO_CONFIG", folder, 1);
    unsetenv("SEKISHO_AUTHORITY");
    fit_key_load(&authority, "authority");
    payload = store_source_payload(NULL, NULL, &len);
    itb = store_rig_wrap(payload, len, &authority);
    fit_key_drop(&authority);
    (void)snprintf(store_path_name, sizeof store_path_name, "%s/demo.itb", folder);
    written = bench_write_file(store_path_name, itb.data, itb.len, 0600) == SEK_OK;
    free(payload);
    free(itb.data);
    return written;
}

static void tear_down(void)
{
    char command[80];

    (void)snprintf(command, sizeof command, "rm -rf %s", folder);
    (void)!system(command);
}

static const struct attack attacks[] = {
    {"U08", "keys that everybody has: the demo's, other projects' test keys",
     "TS-002, refused, found", with_demo_it_counts, u08},
};

int main(int argc, char **argv)
{
    return attack_main(argc, argv, attacks, SEK_LEN(attacks), set_up, tear_down);
}
