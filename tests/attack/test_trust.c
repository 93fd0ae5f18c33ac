/* What is trusted: T01 (stores) and U09 (numbers and versions, compared). */
#define _DEFAULT_SOURCE
#include "base/bytes.h"
#include "boards/bench/check/remember.h"
#include "crypto/crypto.h"
#include "tests/attack/attack.h"
#include "tests/attack/store_rig.h"
#include "tests/unit/judge.h"
#include "tests/unit/store_source.h"

#include <libfdt.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct fit_key authority, other, kiso, hakone;
static uint8_t *payload;
static size_t payload_len;

static bool set_up(void)
{
    if (sek_crypto_start(NULL) != SEK_OK)
        return false;
    fit_key_load(&authority, "authority");
    fit_key_load(&other, "other-authority");
    fit_key_load(&kiso, "kiso");
    fit_key_load(&hakone, "hakone");
    payload = store_source_payload(NULL, NULL, &payload_len);
    return true;
}

static void tear_down(void)
{
    fit_key_drop(&authority);
    fit_key_drop(&other);
    fit_key_drop(&kiso);
    fit_key_drop(&hakone);
    free(payload);
}

/* ---- T01: trust stores ---- */

static const char *opened(const struct fit_file *itb, uint32_t counter, char text[16])
{
    struct sek_store store;
    sek_rule rule;

    if (store_rig_open(&store, itb, &authority, counter, &rule) == SEK_OK)
        return "opens";
    sek_rule_format(rule, text);
    return text;
}

static void try_store(struct attack_result *result, const char *name, struct fit_file itb,
                      uint32_t counter, const char *expected)
{
    char text[16];
    const char *seen = opened(&itb, counter, text);

    attack_case(result, name, seen, expected,
                strcmp(seen, "opens") == 0 && strcmp(expected, "opens") != 0);
    free(itb.data);
}

static bool the_authoritys_store_opens(void)
{
    struct fit_file itb = store_rig_wrap(payload, payload_len, &authority);
    char text[16];
    bool opens = strcmp(opened(&itb, 42, text), "opens") == 0;

    free(itb.data);
    return opens;
}

static struct sek_bytes property(uint8_t *tree, const char *node, const char *name)
{
    int len, at = fdt_path_offset(tree, node);
    const void *value = fdt_getprop(tree, at, name, &len);

    return (struct sek_bytes){value, value ? (size_t)len : 0};
}

static void overwrite(uint8_t *tree, const char *node, const char *name, const void *value,
                      size_t len)
{
    (void)!fdt_setprop_inplace(tree, fdt_path_offset(tree, node), name, value, (int)len);
}

/* The payload with two keys of one id: the second key becomes the first one. lie: the index says
 * nothing of it. */
static struct fit_file twice_one_key(bool lie)
{
    static const char source[] =
        "key-2 { public-key = /incbin/(\"hakone.spki.der\"); algo = \"sha256,ecdsa256\"; };\n";
    static const char more[] =
        "key-2 { public-key = /incbin/(\"hakone.spki.der\"); algo = \"sha256,ecdsa256\"; };\n"
        "   key-4 { public-key = /incbin/(\"officer.spki.der\"); algo = \"sha256,ecdsa256\"; };\n";
    static const char from[] = "/suppliers/alpha/key-2", to[] = "/suppliers/alpha/key-4";
    size_t len;
    uint8_t *tree = store_source_payload(source, more, &len);
    struct sek_bytes key = property(tree, from, "public-key"), id = property(tree, from, "key-id");
    struct sek_bytes index = property(tree, "/index", "key"), old = property(tree, to, "key-id");
    struct fit_file itb;

    for (size_t i = 0; !lie && i < index.len; i += 12) {
        uint8_t *record = tree + (index.data - tree) + i;

        if (memcmp(record, old.data, 8) == 0)
            memcpy(record, id.data, 8);
    }
    overwrite(tree, to, "public-key", key.data, key.len);
    overwrite(tree, to, "key-id", id.data, id.len);
    itb = store_rig_wrap(tree, len, &authority);
    free(tree);
    return itb;
}

/* A payload with one change that `store build` would not make. */
static struct fit_file changed(const char *node, const char *name, size_t at, uint8_t byte)
{
    uint8_t *tree = malloc(payload_len);
    struct sek_bytes value;
    struct fit_file itb;

    memcpy(tree, payload, payload_len);
    value = property(tree, node, name);
    tree[(size_t)(value.data - tree) + at] ^= byte;
    itb = store_rig_wrap(tree, payload_len, &authority);
    free(tree);
    return itb;
}

/* A supplier whose list of components is a wildcard: it is a name like others. */
static void try_wildcard(struct attack_result *result)
{
    static const struct judge_supplier supplier = {
        "hakone", &hakone,  "sha256",
        NULL,     "hakone", "\"kernel\", \"rootfs\"; allow-component = \"*\"",
        NULL,     NULL};
    struct judge judge;
    struct fit_writer w;
    const struct sek_row *row;
    char rule[SEK_RULE_TEXT_LEN + 1];

    judge_init(&judge, &supplier, 1, "");
    judge.component.named_by_board = true;
    fit_signed_sample(&w, &hakone, "hakone");
    judge_writer(&judge, &w);
    row = judge_row(&judge, "file/kernel-1");
    sek_rule_format(row ? row->rule : 0, rule);
    attack_case(result, "a component called *", rule, "SIG-010", judge_approved(&judge) > 0);
    fit_free(&w);
    judge_free(&judge);
}

static void t01(struct attack_result *result)
{
    try_store(result, "unsigned", store_rig_wrap(payload, payload_len, NULL), 0, "TS-002");
    try_store(result, "by another authority", store_rig_wrap(payload, payload_len, &other), 0,
              "TS-002");
    try_store(result, "by a supplier", store_rig_wrap(payload, payload_len, &hakone), 0, "TS-002");
    try_store(result, "older", store_rig_wrap(payload, payload_len, &authority), 43, "TS-004");
    try_store(result, "one key of two owners", twice_one_key(false), 0, "TS-005");
    try_store(result, "one key of two owners, and the index silent", twice_one_key(true), 0,
              "TS-005");
    try_store(result, "another's key id", changed("/suppliers/alpha/key-1", "key-id", 31, 1), 0,
              "TS-005");
    try_store(result, "a reference to no supplier", changed("/references/spl", "supplier", 3, 0x40),
              0, "TS-005");
    try_store(result, "a class called *", changed("/suppliers/alpha", "allow", 0, 'k' ^ '*'), 0,
              "TS-005");
    try_store(result, "an index that points elsewhere", changed("/index", "alias", 11, 4), 0,
              "TS-005");
    try_wildcard(result);
}

/* ---- U09: comparisons ---- */

static const uint32_t edges[20] = {
    0,          1,          2,          0x7f,       0x80,       0xff,       0x7fff,
    0x8000,     0xffff,     0x10000,    0x10001,    0x7ffeffff, 0x7ffffffe, 0x7fffffff,
    0x80000000, 0x80000001, 0x8000ffff, 0xfffeffff, 0xfffffffe, 0xffffffff,
};

/* Every serial against every counter; the oracle reckons with 64 bits. */
static void serials(struct attack_result *result)
{
    uint8_t *tree = malloc(payload_len);

    memcpy(tree, payload, payload_len);
    for (size_t s = 0; s < SEK_LEN(edges); s++) {
        uint8_t serial[4];
        struct fit_file itb;

        sek_put_u32be(serial, edges[s]);
        overwrite(tree, "/", "serial", serial, sizeof serial);
        itb = store_rig_wrap(tree, payload_len, &authority);
        for (size_t c = 0; c < SEK_LEN(edges); c++) {
            int64_t jump = (int64_t)edges[s] - (int64_t)edges[c];
            const char *expected = jump < 0                        ? "TS-004"
                                   : jump > 65536 && edges[c] != 0 ? "TS-005"
                                                                   : "opens";
            char name[48], text[16];
            const char *seen = opened(&itb, edges[c], text);

            (void)snprintf(name, sizeof name, "serial %x over %x", edges[s], edges[c]);
            attack_case(result, name, seen, expected,
                        strcmp(seen, "opens") == 0 && strcmp(expected, "opens") != 0);
        }
        free(itb.data);
    }
    free(tree);
}

/* A row of evidence that the key of the judge's one supplier verified. */
static struct sek_row told(const struct judge *judge)
{
    struct sek_row row;
    struct sek_bytes id;
    int key = fdt_path_offset(judge->store.dtb, "/suppliers/hakone/key-1");

    sek_row_init(&row);
    row.kind = SEK_ROW_IMAGE;
    memcpy(row.name, "fit/kernel-1", sizeof "fit/kernel-1");
    row.component_class = SEK_CLASS_KERNEL;
    row.integrity = SEK_INTEGRITY_VERIFIED;
    row.has_key = true;
    id = sek_store_bytes(&judge->store, key, "key-id");
    memcpy(row.key, id.data, sizeof row.key);
    return row;
}

static void try_row(struct attack_result *result, const struct judge *judge, const char *name,
                    struct sek_row *row, bool reaches)
{
    const struct sek_appraiser appraiser = {&judge->store, judge->context};
    char seen[SEK_RULE_TEXT_LEN + 1];

    sek_appraise_row(&appraiser, row);
    sek_rule_format(row->rule, seen);
    attack_case(result, name, seen, reaches ? "SIG-001" : "SIG-009",
                !reaches && row->verdict == SEK_VERDICT_APPROVED);
}

static void minimums(struct attack_result *result)
{
    static const struct judge_supplier supplier = {
        "hakone", &hakone,
        "sha256", NULL,
        "hakone", "\"kernel\"",
        NULL,     "minimum-1 { security-counter = <0>; timestamp = <0>; };"};
    static const char node[] = "/suppliers/hakone/minimum-1";
    struct judge judge;

    judge_init(&judge, &supplier, 1, "");
    for (size_t m = 0; m < SEK_LEN(edges); m++) {
        uint8_t value[4], zero[4] = {0};

        sek_put_u32be(value, edges[m]);
        for (size_t v = 0; v < SEK_LEN(edges); v++) {
            struct sek_row row = told(&judge);
            char name[48];

            overwrite(judge.payload, node, "security-counter", value, sizeof value);
            overwrite(judge.payload, node, "timestamp", zero, sizeof zero);
            row.has_counter = row.has_timestamp = true;
            row.security_counter = edges[v];
            (void)snprintf(name, sizeof name, "counter %x under %x", edges[v], edges[m]);
            try_row(result, &judge, name, &row, edges[v] >= edges[m]);

            row = told(&judge);
            overwrite(judge.payload, node, "security-counter", zero, sizeof zero);
            overwrite(judge.payload, node, "timestamp", value, sizeof value);
            row.has_counter = row.has_timestamp = true;
            row.timestamp = edges[v];
            (void)snprintf(name, sizeof name, "timestamp %x under %x", edges[v], edges[m]);
            try_row(result, &judge, name, &row, edges[v] >= edges[m]);
        }
    }
    judge_free(&judge);
}

/* Versions, and which of them reach which minimum: an order, and what nobody can compare. */
static void versions(struct attack_result *result)
{
    static const char *const ordered[] = {"1.2", "1.9",  "1.10",      "1.10.1",
                                          "2",   "10.0", "4294967295"};
    static const char *const none[] = {"",    "-rc1", "1.",          ".1",   "1..2",  "1,2",
                                       "one", " 1.9", "99999999999", "0x10", "1.9;99"};

    for (size_t m = 0; m < SEK_LEN(ordered); m++) {
        char more[64], name[64];
        const struct judge_supplier supplier = {"hakone", &hakone,      "sha256", NULL,
                                                "hakone", "\"kernel\"", NULL,     more};
        struct judge judge;

        (void)snprintf(more, sizeof more, "minimum-1 { version = \"%s\"; };", ordered[m]);
        judge_init(&judge, &supplier, 1, "");
        for (size_t v = 0; v < SEK_LEN(ordered) + SEK_LEN(none) + 1; v++) {
            struct sek_row row = told(&judge);
            bool number = v < SEK_LEN(ordered);

            if (v < SEK_LEN(ordered) + SEK_LEN(none))
                (void)snprintf(row.version, sizeof row.version, "%s",
                               number ? ordered[v] : none[v - SEK_LEN(ordered)]);
            else
                (void)snprintf(row.version, sizeof row.version, "%s-rc1", ordered[m]);
            (void)snprintf(name, sizeof name, "version %.20s under %s", row.version, ordered[m]);
            try_row(result, &judge, name, &row, number && v >= m);
        }
        judge_free(&judge);
    }
}

/* A store that ends is over on every later day, also beyond 2^31 and 2^32 seconds. */
static void days(struct attack_result *result)
{
    static const struct judge_supplier supplier = {"hakone", &hakone,      "sha256", NULL,
                                                   "hakone", "\"kernel\"", NULL,     NULL};
    static const struct {
        uint64_t seconds;
        bool valid;
    } rows[] = {
        {UINT64_C(1790000000), true},   {UINT64_C(2114380800), false},
        {UINT64_C(0x7fffffff), false},  {UINT64_C(0x80000000), false},
        {UINT64_C(0xffffffff), false},  {UINT64_C(0x100000000), false},
        {UINT64_C(0x168c30000), false}, {0, false},
    };
    struct judge judge;

    judge_init(&judge, &supplier, 1, "");
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        struct sek_row row = told(&judge);
        struct sek_appraiser appraiser = {&judge.store, judge.context};
        char name[32];

        appraiser.context.today = rows[i].seconds ? sek_date_from_seconds(rows[i].seconds) : 0;
        sek_appraise_row(&appraiser, &row);
        (void)snprintf(name, sizeof name, "second %llx", (unsigned long long)rows[i].seconds);
        attack_case(result, name, sek_verdict_name(row.verdict),
                    rows[i].valid ? "approved" : "consult",
                    !rows[i].valid && row.verdict == SEK_VERDICT_APPROVED);
    }
    judge_free(&judge);
}

/* A boot count that goes back is told, whatever the numbers. */
static void boots(struct attack_result *result)
{
    static const uint64_t counts[] = {
        1,           0x7fffffff,         0x80000000,         0xffffffff,
        0x100000000, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff};
    char folder[] = "/tmp/sekisho-attack-XXXXXX", path[128];
    uint8_t ueid[SEK_UEID_LEN] = {1}, seed[SEK_SEED_MAX] = {0};
    const uint8_t key_id[SEK_KEY_ID_LEN] = {2};

    if (!mkdtemp(folder))
        return;
    for (size_t a = 0; a < SEK_LEN(counts); a++)
        for (size_t b = 0; b < SEK_LEN(counts); b++) {
            struct sek_token token = {.ueid = {ueid, sizeof ueid},
                                      .boot_seed = {seed, sizeof seed}};
            enum remember seen;
            char name[64];

            ueid[1] = (uint8_t)a;
            ueid[2] = (uint8_t)b;
            token.boot_count = counts[a];
            (void)remember_boot(folder, key_id, &token);
            token.boot_count = counts[b];
            seen = remember_boot(folder, key_id, &token);
            (void)snprintf(name, sizeof name, "boot %llx after %llx", (unsigned long long)counts[b],
                           (unsigned long long)counts[a]);
            attack_case(result, name, seen == REMEMBER_BACK ? "back" : "on",
                        counts[b] < counts[a] ? "back" : "on",
                        seen != REMEMBER_BACK && counts[b] < counts[a]);
        }
    (void)snprintf(path, sizeof path, "rm -rf %s", folder);
    (void)!system(path);
}

static void u09(struct attack_result *result)
{
    serials(result);
    minimums(result);
    versions(result);
    days(result);
    boots(result);
}

static const struct attack attacks[] = {
    {"T01", "stores: unsigned, another's, older, two owners of a key, wildcards",
     "TS-002, -004, -005", the_authoritys_store_opens, t01},
    {"U09", "boundary values of serials, counters, times, versions, boot counts",
     "as numbers without sign or limit", the_authoritys_store_opens, u09},
};

int main(int argc, char **argv)
{
    return attack_main(argc, argv, attacks, SEK_LEN(attacks), set_up, tear_down);
}
