/* One answer, judged; two answers of one device: what contradicts, and what only a running system
 * wrote meanwhile. */
#include "boards/bench/check/judge.h"
#include "crypto/crypto.h"
#include "tests/unit/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct device_answer a, b;

static int fresh(void **state)
{
    (void)state;
    memset(&a, 0, sizeof a);
    a.row_count = 1;
    strcpy(a.row[0].name, "region");
    a.row[0].component_class = SEK_CLASS_KERNEL;
    a.row[0].verdict = a.told[0] = SEK_VERDICT_APPROVED;
    b = a;
    return 0;
}

static void equal_answers_do_not_differ(void **state)
{
    (void)state;
    assert_null(judge_difference(&a, &b));
}

static void other_bytes_of_code_contradict(void **state)
{
    (void)state;
    b.row[0].digest[0].bytes[0] = 1;
    assert_string_equal(judge_difference(&a, &b), "region");
}

static void other_bytes_of_data_do_not(void **state)
{
    (void)state;
    a.row[0].component_class = b.row[0].component_class = SEK_CLASS_DATA;
    b.row[0].digest[0].bytes[0] = 1;
    assert_null(judge_difference(&a, &b));
    b.row[0].size = 1; /* its size does not change */
    assert_string_equal(judge_difference(&a, &b), "region");
}

static void what_was_data_only_once_contradicts(void **state)
{
    (void)state;
    b.row[0].component_class = SEK_CLASS_DATA;
    b.row[0].digest[0].bytes[0] = 1;
    assert_string_equal(judge_difference(&a, &b), "region");
}

static void another_verdict_or_row_contradicts(void **state)
{
    (void)state;
    b.told[0] = SEK_VERDICT_TAMPERED;
    assert_string_equal(judge_difference(&a, &b), "region");
    b = a;
    b.row_count = 0;
    assert_string_equal(judge_difference(&a, &b), "region");
}

/* A region that leaves all to its image is not shown, unless this bench's store denies its bytes:
 * the device's may be older. */
static void a_region_is_denied_though_its_images_are_not(void **state)
{
    static struct device device;
    struct sek_row row[2];
    struct policy policy;
    struct sek_appraiser appraiser = {.store = &policy.store};

    (void)state;
    policy_open(&policy, "denied { bad { label = \"l\"; source = \"s\"; sha256 = ["
                         "22 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f "
                         "00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f ]; }; };");
    device.appraiser = &appraiser;
    device.self.have_certificate = true;
    for (int denied = 0; denied < 2; denied++) {
        for (size_t i = 0; i < SEK_LEN(row); i++) {
            sek_row_init(&row[i]);
            row[i].component_class = SEK_CLASS_DATA;
        }
        strcpy(row[0].name, "fit");
        strcpy(row[1].name, "fit/kernel-1");
        row[1].kind = SEK_ROW_IMAGE;
        row[0].digest[0].alg = SEK_DIGEST_SHA256;
        for (size_t i = 0; i < 32; i++)
            row[0].digest[0].bytes[i] = (uint8_t)(i % 16);
        row[0].digest[0].bytes[0] = denied ? 0x22 : 0x11;
        memcpy(a.row, row, sizeof row);
        a.content.row_count = SEK_LEN(row);
        judge_rows(&device, &device.self, &a);
        assert_int_equal(a.row_count, denied ? 2 : 1);
        assert_int_equal(a.tampered, denied);
        assert_string_equal(a.row[0].name, denied ? "fit" : "fit/kernel-1");
    }
    policy_close(&policy);
}

#define ENTITY "entities { yama: yamabiko { label = \"l\"; alias = \"YAMABIKO\"; }; }; "
#define ASKS   "rules { crit: " CRITERIA("c", "") "};"
#define SAYS                                                                                       \
    " determinations { d { rule = <&crit>; subject = <&yama>; verdict = \"excluded\"; "            \
    "reference = \"m\"; date = \"2026-05-01\"; }; };"

/* The device knows no determinations and says consult; this bench does, and excludes. */
static void what_was_determined_here_is_no_quarrel(void **state)
{
    static const char *const bodies[] = {ENTITY ASKS SAYS,
                                         ENTITY "rules { " RULE("r", "subject = <&yama>;") "};"};
    static struct device device;

    (void)state;
    for (size_t i = 0; i < SEK_LEN(bodies); i++) {
        struct policy policy;
        struct policy_part part = {.count = 0};
        struct sek_appraiser appraiser = {.store = &policy.store, .context = {.today = 20700}};

        policy_open(&policy, bodies[i]);
        device.appraiser = &appraiser;
        device.self.have_certificate = true;
        policy_say(&part, "vendor=Yamabiko");
        sek_row_init(&a.row[0]);
        a.row[0].kind = SEK_ROW_PART;
        a.row[0].component_class = SEK_CLASS_TRANSCEIVER;
        a.row[0].integrity = SEK_INTEGRITY_CLAIMED;
        a.row[0].supplier = SEK_SUPPLIER_CONSULT;
        a.row[0].rule = SEK_RULE(VND, 5);
        a.row[0].observation = part.item;
        a.row[0].observation_count = part.count;
        a.content.row_count = 1;
        judge_rows(&device, &device.self, &a);
        assert_int_equal(a.row[0].verdict, SEK_VERDICT_EXCLUDED);
        assert_int_equal(a.explained[0], i == 0);
        policy_close(&policy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(equal_answers_do_not_differ, fresh),
        cmocka_unit_test_setup(other_bytes_of_code_contradict, fresh),
        cmocka_unit_test_setup(other_bytes_of_data_do_not, fresh),
        cmocka_unit_test_setup(what_was_data_only_once_contradicts, fresh),
        cmocka_unit_test_setup(another_verdict_or_row_contradicts, fresh),
        cmocka_unit_test_setup(a_region_is_denied_though_its_images_are_not, fresh),
        cmocka_unit_test_setup(what_was_determined_here_is_no_quarrel, fresh),
    };

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
