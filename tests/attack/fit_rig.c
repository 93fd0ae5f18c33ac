#include "tests/attack/fit_rig.h"

#include "crypto/crypto.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IMAGES = 3 };

struct fit_key rig_hakone, rig_tokai, rig_pss, rig_kiso, rig_nobody;
struct judge rig_judge;

/* What the sample's images digest to: anything else under their names was not signed. */
static struct genuine {
    char name[SEK_ROW_NAME_MAX + 1];
    struct sek_digest_value digest;
} genuine[IMAGES];

bool fit_rig_start(void)
{
    static const char code[] = "\"kernel\", \"rootfs\"", boot[] = "\"boot\"";
    static const struct judge_supplier suppliers[] = {
        {"hakone", &rig_hakone, "sha256", NULL, "hakone", code, NULL,
         "minimum-1 { timestamp = <1700000000>; };"},
        {"tokai", &rig_tokai, "sha256", "pkcs-1.5", "tokai", code, NULL, NULL},
        {"pss", &rig_pss, "sha256", "pss", "pss", code, NULL, NULL},
        {"kiso", &rig_kiso, "sha256", "pkcs-1.5", "kiso", boot, NULL, NULL},
    };
    struct fit_writer w;
    size_t count = 0;

    if (sek_crypto_start(NULL) != SEK_OK)
        return false;
    fit_key_load(&rig_hakone, "hakone");
    fit_key_load(&rig_tokai, "stranger");
    fit_key_load(&rig_pss, "../attack/pss");
    fit_key_load(&rig_kiso, "kiso");
    fit_key_make(&rig_nobody, 256);
    judge_init(&rig_judge, suppliers, SEK_LEN(suppliers), "");
    rig_sample(&w);
    judge_writer(&rig_judge, &w);
    fit_free(&w);
    for (size_t i = 0; i < rig_judge.row_count && count < IMAGES; i++) {
        const struct sek_row *row = &rig_judge.row[i];

        if (row->kind != SEK_ROW_IMAGE)
            continue;
        memcpy(genuine[count].name, row->name, sizeof row->name);
        genuine[count++].digest = row->digest[0];
    }
    return count == IMAGES;
}

void fit_rig_stop(void)
{
    judge_free(&rig_judge);
    fit_key_drop(&rig_hakone);
    fit_key_drop(&rig_tokai);
    fit_key_drop(&rig_pss);
    fit_key_drop(&rig_kiso);
    fit_key_drop(&rig_nobody);
}

bool rig_sample_is_good(void)
{
    struct fit_writer w;

    rig_sample(&w);
    judge_writer(&rig_judge, &w);
    fit_free(&w);
    return rig_judge.outcome == SEK_OUTCOME_ACCEPT && judge_approved(&rig_judge) == IMAGES;
}

void rig_unsigned(struct fit_writer *w, const char *hash)
{
    fit_sample(w, hash);
}

void rig_sign(struct fit_writer *w, const struct fit_key *key, const char *hint)
{
    const char *padding = key == &rig_pss ? "pss" : NULL;

    fit_add_signature(w, RIG_CONF, "signature-1", "sha256", key, padding, hint);
    fit_sign(w, RIG_SIGNATURE, key);
}

void rig_sample(struct fit_writer *w)
{
    rig_unsigned(w, "sha256");
    rig_sign(w, &rig_hakone, "hakone");
}

void rig_forge(struct fit_writer *w, const char *image)
{
    char path[FIT_PATH_MAX];

    (void)snprintf(path, sizeof path, "%s:data", image);
    w->token[fit_find(w, path)].value[40] ^= 0x01;
}

void rig_forge_hashed(struct fit_writer *w, const char *image)
{
    char path[FIT_PATH_MAX];

    rig_forge(w, image);
    (void)snprintf(path, sizeof path, "%s/hash-1", image);
    fit_rehash(w, path);
}

/* True if something is approved under a genuine image's name that is not that image. */
static bool forgery_is_approved(const struct judge *judge)
{
    for (size_t i = 0; i < judge->row_count; i++) {
        const struct sek_row *row = &judge->row[i];
        bool known = false;

        if (row->verdict != SEK_VERDICT_APPROVED)
            continue;
        for (size_t k = 0; k < IMAGES; k++)
            known = known ||
                    (strcmp(genuine[k].name, row->name) == 0 &&
                     memcmp(&genuine[k].digest, &row->digest[0], sizeof genuine[k].digest) == 0);
        if (!known)
            return true;
    }
    return false;
}

static bool reached(const struct judge *judge, enum rig_aim aim)
{
    const struct sek_row *region = judge_row(judge, "file");

    switch (aim) {
    case RIG_FORGED:
        return forgery_is_approved(judge);
    case RIG_APPROVED:
        return judge_approved(judge) > 0;
    case RIG_TAKEN:
        return !region || region->rule >> 8 != SEK_FAMILY_FMT;
    case RIG_ACCEPT:
        return judge->outcome == SEK_OUTCOME_ACCEPT;
    }
    return true;
}

void rig_try_bytes(struct attack_result *result, const char *name, const void *data, size_t len,
                   const char *row, const char *expected, enum rig_aim aim)
{
    char path[SEK_ROW_NAME_MAX + 8], rule[SEK_RULE_TEXT_LEN + 1], seen[64] = "no such row";
    uint8_t *exact = malloc(len ? len : 1); /* a byte behind it is a sanitizer's */
    const struct sek_row *found;

    assert(exact);
    if (len > 0)
        memcpy(exact, data, len);
    judge_bytes(&rig_judge, exact, len);
    free(exact);
    (void)snprintf(path, sizeof path, "file%s", row);
    found = judge_row(&rig_judge, path);
    if (found) {
        sek_rule_format(found->rule, rule);
        (void)snprintf(seen, sizeof seen, "%s %s", sek_verdict_name(found->verdict), rule);
    }
    attack_case(result, name, seen, expected, reached(&rig_judge, aim));
}

void rig_try(struct attack_result *result, const char *name, struct fit_writer *w, const char *row,
             const char *expected, enum rig_aim aim)
{
    struct fit_file file = fit_write(w);

    rig_try_bytes(result, name, file.data, file.len, row, expected, aim);
    free(file.data);
    fit_free(w);
}
