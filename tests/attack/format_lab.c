#define _DEFAULT_SOURCE
#include "tests/attack/format_lab.h"

#include "crypto/crypto.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS = 7, SUPPLIERS_MAX = 5 };

const char *const lab_mcu_key[LAB_MCU_KEYS] = {"rsa2048", "rsa3072", "p256", "p384", "ed25519"};
char lab_folder[] = "/tmp/sekisho-test-XXXXXX";

static const char *const key_name[KEYS] = {"rsa2048", "rsa3072",       "p256",         "p384",
                                           "ed25519", "rsa2048-other", "ed25519-other"};
static struct fit_key key[KEYS];
static struct judge judges[LAB_STORES];
static struct sek_bytes candidate[LAB_STORES][SEK_CANDIDATES_MAX];

#define MCU "\"mcu\"", "", "minimum-1 { security-counter = <7>; };"
#define ALL "\"config\", \"boot\", \"kernel\", \"rootfs\", \"data\"", "", ""

static const struct pin {
    enum lab_store store;
    const char *key, *hash, *padding, *allow, *key_more, *more;
} pins[] = {
    {LAB_MCU, "rsa2048", "sha256", "pss", MCU},      /* */
    {LAB_MCU, "rsa3072", "sha256", "pss", MCU},      /* */
    {LAB_MCU, "p256", "sha256", NULL, MCU},          /* */
    {LAB_MCU, "p384", "sha384", NULL, MCU},          /* */
    {LAB_MCU, "ed25519", "sha512", NULL, MCU},       /* */
    {LAB_SPL, "rsa2048", "sha256", "pkcs-1.5", ALL}, /* */
    {LAB_SPL, "rsa3072", "sha384", "pss", ALL},      /* */
    {LAB_SPL, "p384", "sha384", NULL, ALL},          /* */
    {LAB_CMS, "ed25519-other", "sha512", NULL, ALL}, /* */
    {LAB_RSA, "rsa2048", "sha256", "pkcs-1.5", ALL}, /* */
    {LAB_RSA, "rsa3072", "sha256", "pss", ALL},      /* */
    {LAB_USIGN, "ed25519", "sha512", NULL, ALL},     /* */
};

const struct fit_key *lab_key(const char *name)
{
    for (size_t i = 0; i < KEYS; i++) {
        if (strcmp(key_name[i], name) == 0)
            return &key[i];
    }
    return NULL;
}

static void make_store(enum lab_store store)
{
    struct judge_supplier supplier[SUPPLIERS_MAX];
    struct judge *judge = &judges[store];
    char *anchor = store == LAB_CMS ? openssl_anchor("ca", "") : NULL;
    size_t count = 0;

    for (size_t i = 0; i < SEK_LEN(pins); i++) {
        if (pins[i].store != store)
            continue;
        supplier[count] = (struct judge_supplier){
            .name = pins[i].key,
            .key = lab_key(pins[i].key),
            .hash = pins[i].hash,
            .padding = pins[i].padding,
            .allow = pins[i].allow,
            .key_more = pins[i].key_more,
            .more = anchor && count == 0 ? anchor : pins[i].more,
        };
        count++;
    }
    judge_init(judge, supplier, count, "");
    free(anchor);
    judge->measure.memory.candidate = candidate[store];
    judge->measure.memory.candidate_count =
        sek_store_candidates(&judge->store, candidate[store], SEK_CANDIDATES_MAX);
}

bool format_lab_start(void)
{
    if (sek_crypto_start(NULL) != SEK_OK || !mkdtemp(lab_folder))
        return false;
    openssl_keys();
    for (size_t i = 0; i < KEYS; i++)
        openssl_key_load(&key[i], key_name[i]);
    for (int store = 0; store < LAB_STORES; store++)
        make_store((enum lab_store)store);
    judges[LAB_SPL].format = "spl-ast2600";
    return true;
}

void format_lab_stop(void)
{
    for (size_t i = 0; i < LAB_STORES; i++)
        judge_free(&judges[i]);
    openssl_run("rm -rf %s", lab_folder);
}

void lab_hook(const struct hal_digest *hook)
{
    for (size_t i = 0; i < LAB_STORES; i++)
        judges[i].measure.hook = hook;
}

struct fit_file lab_copy(const void *data, size_t len)
{
    struct fit_file file = {malloc(len ? len : 1), len};

    assert(file.data);
    memcpy(file.data, data, len);
    return file;
}

const struct judge *lab_judge_file(enum lab_store store, struct fit_file file)
{
    judge_bytes(&judges[store], file.data, file.len);
    free(file.data);
    return &judges[store];
}

bool lab_accepts(enum lab_store store, struct fit_file file)
{
    return lab_judge_file(store, file)->outcome == SEK_OUTCOME_ACCEPT;
}

void lab_try_file(struct attack_result *result, enum lab_store store, const char *name,
                  struct fit_file file, const char *row, const char *expected)
{
    const struct judge *judge = lab_judge_file(store, file);

    judge_attack(result, name, judge, row, expected, judge->outcome == SEK_OUTCOME_ACCEPT);
}
