/* U25: names made so that their keys in the index are one number. FNV-1a has no secret, so anybody
 * can make them; here every text has the same key, which is the worst that can be made. A store in
 * which two values share a key is refused with both owners' names; a name that only shares the key
 * of an alias is no hit. */
/* link: -Wl,--wrap=sek_fnv1a */
#define _POSIX_C_SOURCE 200809L
#include "crypto/crypto.h"
#include "tests/unit/policy.h"
#include "tests/unit/store_source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool collide; /* else the real one */

uint64_t __real_sek_fnv1a(struct sek_bytes bytes);
uint64_t __wrap_sek_fnv1a(struct sek_bytes bytes);
uint64_t __wrap_sek_fnv1a(struct sek_bytes bytes)
{
    return collide ? 0x5eed : __real_sek_fnv1a(bytes);
}

#define ROOT                                                                                       \
    "/dts-v1/; / { compatible = \"sekisho,store-1\"; serial = <1>; label = \"l\"; authority = "    \
    "\"a\"; issued = \"2026-01-01\"; not-after = \"2036-12-31\"; "

static const char two_names[] = ROOT "entities { kiso { label = \"l\"; alias = \"KISO\"; };"
                                     " hakone { label = \"l\"; alias = \"OTSU\"; }; }; };";

static bool builds(const char *source, char said[1024])
{
    struct store_tree tree = source_tree(source, NULL, NULL);
    FILE *out = fmemopen(said, 1024, "w");
    uint8_t *built = NULL;
    size_t len = 0, problems;
    bool ok;

    assert_non_null(out);
    problems = store_lint("f", tree.dtb.data, policy_day("2026-11-23"), out);
    fclose(out);
    ok = store_build("f", tree.dtb.data, &built, &len);
    assert_true(ok || problems > 0); /* what cannot be built is said before */
    free(built);
    store_tree_free(&tree);
    return ok && problems == 0;
}

static void a_store_with_two_values_of_one_key_is_refused_by_name(void **state)
{
    char said[1024] = "";

    (void)state;
    collide = false;
    assert_true(builds(two_names, said));
    collide = true;
    assert_false(builds(two_names, said));
    assert_non_null(strstr(said, "/entities/kiso and /entities/hakone: both have the same alias"));
}

static void a_name_that_only_shares_the_key_is_no_hit(void **state)
{
    const struct sek_context context = {.today = policy_day("2026-11-23"), .tier = "office"};
    struct policy policy;

    (void)state;
    collide = true;
    policy_open(&policy, "entities { yama: yamabiko { label = \"l\"; alias = \"YAMABIKO\"; }; };"
                         " rules { " RULE("r", "subject = <&yama>;") " };");
    for (unsigned i = 0; i < 10000; i++) {
        char says[64];

        (void)snprintf(says, sizeof says, "vendor=Maker %u", i);
        if (strcmp(policy_judge(&policy, &context, SEK_CLASS_NONE, says), "identified VND-001") !=
            0)
            fail_msg("%s", says);
    }
    assert_string_equal(policy_judge(&policy, &context, SEK_CLASS_NONE, "vendor=Yamabiko"),
                        "excluded VND-002 r");
    policy_close(&policy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_store_with_two_values_of_one_key_is_refused_by_name),
        cmocka_unit_test(a_name_that_only_shares_the_key_is_no_hit),
    };

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
