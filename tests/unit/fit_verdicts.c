#include "tests/unit/fit_verdicts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct fit_key hakone, kiso, tenryu, sumida, arakawa, nobody;
struct judge judge;

#define FIRMWARE "\"kernel\", \"rootfs\", \"boot\""

static const struct judge_supplier suppliers[] = {
    {"hakone", &hakone, "sha256", NULL, "hakone", FIRMWARE, "", ""},
    {"kiso", &kiso, "sha256", "pkcs-1.5", "kiso", FIRMWARE, "", ""},
    {"tenryu", &tenryu, "sha384", "pss", "tenryu", FIRMWARE, "",
     "minimum-1 { timestamp = <1700000000>; };"},
    {"sumida", &sumida, "sha384", NULL, "sumida", "\"kernel\"", "", ""},
    {"arakawa", &arakawa, "sha512", NULL, NULL, FIRMWARE, "revoked = \"2026-06-30\";", ""},
};

void fit_sign_with(struct fit_writer *w, const struct fit_key *key, const char *hash,
                   const char *padding, const char *hint)
{
    fit_add_signature(w, CONF, "signature-1", hash, key, padding, hint);
    fit_sign(w, SIGNATURE, key);
}

void fit_sign_well(struct fit_writer *w)
{
    fit_sign_with(w, &hakone, "sha256", NULL, "hakone");
}

static void make(struct fit_writer *w, const struct fit_row *row)
{
    fit_sample(w, "sha256");
    if (row->make)
        row->make(w);
    else if (row->key)
        fit_sign_with(w, row->key, row->hash, row->padding, row->hint);
    if (row->set)
        fit_set_text(w, row->set, row->text);
    if (row->flip) {
        struct fit_token *token = &w->token[fit_find(w, row->flip)];

        token->value[token->len - 1] ^= 1;
    }
}

void fit_check_verdicts(void **state)
{
    const struct fit_row *row = *state;
    struct fit_writer w;

    make(&w, row);
    judge_writer(&judge, &w);
    for (size_t i = 0; i < SEK_LEN(row->expected) && row->expected[i].name; i++) {
        char name[64] = "file";
        const struct sek_row *got = judge_row(&judge, strcat(name, row->expected[i].name));
        char rule[SEK_RULE_TEXT_LEN + 1];

        assert_non_null(got);
        sek_rule_format(got->rule, rule);
        if (got->verdict != row->expected[i].verdict || got->rule != row->expected[i].rule)
            fail_msg("%s: %s %s", name, sek_verdict_name(got->verdict), rule);
    }
    assert_int_equal(judge_approved(&judge), row->approved);
    if (row->approved == 0)
        assert_int_not_equal(judge.outcome, SEK_OUTCOME_ACCEPT);
    fit_free(&w);
}

int fit_verdicts_set_up(void **state)
{
    (void)state;
    fit_key_load(&hakone, "hakone");
    fit_key_load(&kiso, "kiso");
    fit_key_load(&tenryu, "stranger");
    fit_key_make(&sumida, 384);
    fit_key_make(&arakawa, 256);
    fit_key_make(&nobody, 256);
    judge_init(&judge, suppliers, SEK_LEN(suppliers), "");
    return 0;
}

int fit_verdicts_tear_down(void **state)
{
    (void)state;
    judge_free(&judge);
    return 0;
}
