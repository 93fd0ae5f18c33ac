#include "tests/attack/fit_lab.h"

#include "crypto/crypto.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IMAGES = 3 };

struct fit_key lab_hakone, lab_tokai, lab_pss, lab_kiso, lab_nobody;
struct judge lab_judge;

/* What the sample's images digest to: anything else under their names was not signed. */
static struct genuine {
    char name[SEK_ROW_NAME_MAX + 1];
    struct sek_digest_value digest;
} genuine[IMAGES];

bool lab_start(void)
{
    static const char code[] = "\"kernel\", \"rootfs\"", boot[] = "\"boot\"";
    static const struct judge_supplier suppliers[] = {
        {"hakone", &lab_hakone, "sha256", NULL, "hakone", code, NULL,
         "minimum-1 { timestamp = <1700000000>; };"},
        {"tokai", &lab_tokai, "sha256", "pkcs-1.5", "tokai", code, NULL, NULL},
        {"pss", &lab_pss, "sha256", "pss", "pss", code, NULL, NULL},
        {"kiso", &lab_kiso, "sha256", "pkcs-1.5", "kiso", boot, NULL, NULL},
    };
    struct fit_writer w;
    size_t count = 0;

    if (sek_crypto_start(NULL) != SEK_OK)
        return false;
    fit_key_load(&lab_hakone, "hakone");
    fit_key_load(&lab_tokai, "stranger");
    fit_key_load(&lab_pss, "../attack/pss");
    fit_key_load(&lab_kiso, "kiso");
    fit_key_make(&lab_nobody, 256);
    judge_init(&lab_judge, suppliers, SEK_LEN(suppliers), "");
    lab_sample(&w);
    judge_writer(&lab_judge, &w);
    fit_free(&w);
    for (size_t i = 0; i < lab_judge.row_count && count < IMAGES; i++) {
        const struct sek_row *row = &lab_judge.row[i];

        if (row->kind != SEK_ROW_IMAGE)
            continue;
        memcpy(genuine[count].name, row->name, sizeof row->name);
        genuine[count++].digest = row->digest[0];
    }
    return count == IMAGES;
}

void lab_stop(void)
{
    judge_free(&lab_judge);
    fit_key_drop(&lab_hakone);
    fit_key_drop(&lab_tokai);
    fit_key_drop(&lab_pss);
    fit_key_drop(&lab_kiso);
    fit_key_drop(&lab_nobody);
}

bool lab_sample_is_good(void)
{
    struct fit_writer w;

    lab_sample(&w);
    judge_writer(&lab_judge, &w);
    fit_free(&w);
    return lab_judge.outcome == SEK_OUTCOME_ACCEPT && judge_approved(&lab_judge) == IMAGES;
}

void lab_unsigned(struct fit_writer *w, const char *hash)
{
    fit_sample(w, hash);
}

void lab_sign(struct fit_writer *w, const struct fit_key *key, const char *hint)
{
    const char *padding = key == &lab_pss ? "pss" : NULL;

    fit_add_signature(w, LAB_CONF, "signature-1", "sha256", key, padding, hint);
    fit_sign(w, LAB_SIGNATURE, key);
}

void lab_sample(struct fit_writer *w)
{
    lab_unsigned(w, "sha256");
    lab_sign(w, &lab_hakone, "hakone");
}

void lab_forge(struct fit_writer *w, const char *image)
{
    char path[FIT_PATH_MAX];

    (void)snprintf(path, sizeof path, "%s:data", image);
    w->token[fit_find(w, path)].value[40] ^= 0x01;
}

void lab_forge_hashed(struct fit_writer *w, const char *image)
{
    char path[FIT_PATH_MAX];

    lab_forge(w, image);
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

static bool reached(const struct judge *judge, enum lab_aim aim)
{
    const struct sek_row *region = judge_row(judge, "file");

    switch (aim) {
    case LAB_FORGED:
        return forgery_is_approved(judge);
    case LAB_APPROVED:
        return judge_approved(judge) > 0;
    case LAB_TAKEN:
        return !region || region->rule >> 8 != SEK_FAMILY_FMT;
    case LAB_ACCEPT:
        return judge->outcome == SEK_OUTCOME_ACCEPT;
    }
    return true;
}

void lab_try_bytes(struct attack_result *result, const char *name, const void *data, size_t len,
                   const char *row, const char *expected, enum lab_aim aim)
{
    uint8_t *exact = malloc(len ? len : 1); /* a byte behind it is a sanitizer's */

    assert(exact);
    if (len > 0)
        memcpy(exact, data, len);
    judge_bytes(&lab_judge, exact, len);
    free(exact);
    judge_attack(result, name, &lab_judge, row, expected, reached(&lab_judge, aim));
}

void lab_try(struct attack_result *result, const char *name, struct fit_writer *w, const char *row,
             const char *expected, enum lab_aim aim)
{
    struct fit_file file = fit_write(w);

    lab_try_bytes(result, name, file.data, file.len, row, expected, aim);
    free(file.data);
    fit_free(w);
}
