/* Whole FITs, signed by keys of the test, from bytes to verdicts. */
#include "crypto/crypto.h"
#include "tests/unit/judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct fit_key kiso, hakone, stranger, small, large;
static struct judge judge;

static void a_signed_sample_is_approved(void **state)
{
    struct fit_writer w;

    (void)state;
    fit_signed_sample(&w, &hakone, "hakone");
    judge_writer(&judge, &w);
    assert_int_equal(judge_approved(&judge), 3);
    assert_int_equal(judge.outcome, SEK_OUTCOME_ACCEPT);
    fit_make_external(&w, 8, 0x2000);
    judge_writer(&judge, &w);
    assert_int_equal(judge_approved(&judge), 3);
    fit_free(&w);
}

static int set_up(void **state)
{
    static struct judge_supplier suppliers[] = {
        {"hakone", &hakone, "sha256", NULL, "hakone", "\"kernel\", \"rootfs\"", NULL, NULL},
        {"kiso", &kiso, "sha384", "pss", "kiso", "\"kernel\", \"rootfs\"", NULL, NULL},
        {"small", &small, "sha512", NULL, NULL, "\"kernel\", \"rootfs\"", NULL, NULL},
        {"large", &large, "sha384", NULL, "large", "\"kernel\", \"rootfs\"", NULL, NULL},
    };

    (void)state;
    fit_key_load(&kiso, "kiso");
    fit_key_load(&hakone, "hakone");
    fit_key_load(&stranger, "stranger");
    fit_key_make(&small, 256);
    fit_key_make(&large, 384);
    judge_init(&judge, suppliers, SEK_LEN(suppliers), "");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    judge_free(&judge);
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signed_sample_is_approved),
    };

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
