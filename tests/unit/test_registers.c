/* What the agent makes of registers that tell of debug access and secure boot. */
#include "tests/unit/agent_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void debug_access_counts_as_open_unless_it_is_seen_closed(void **state)
{
    static const struct {
        const char *name;
        struct rig_plan plan;
        uint32_t first, second;
        bool broken, idle;
        enum sek_debug debug;
    } rows[] = {
        {"closed", {0}, 0x107, 0x0a, false, false, SEK_DEBUG_DISABLED},
        {"closed, with other bits", {0}, 0xffffffff, 0xfffffffa, false, false, SEK_DEBUG_DISABLED},
        {"one bridge open", {0}, 0x103, 0x0a, false, false, SEK_DEBUG_ENABLED},
        {"the second register open", {0}, 0x107, 0x08, false, false, SEK_DEBUG_ENABLED},
        {"registers cannot be read", {0}, 0x107, 0x0a, true, false, SEK_DEBUG_ENABLED},
        {"reads that do nothing", {0}, 0x107, 0x0a, false, true, SEK_DEBUG_ENABLED},
        {"a board that says nothing",
         {.find = "sekisho,closed = <0x1e6e20c8 0x107 0x107>, <0x1e6e20d8 0xa 0xa>;", .put = ""},
         0x107,
         0x0a,
         false,
         false,
         SEK_DEBUG_ENABLED},
        {"a mask that asks nothing",
         {.find = "<0x1e6e20d8 0xa 0xa>", .put = "<0x1e6e20d8 0 0>"},
         0x107,
         0x0a,
         false,
         false,
         SEK_DEBUG_ENABLED},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        struct rig *rig = rig_make(&rows[i].plan);
        const char *why;

        rig->registers.value[0] = rows[i].first;
        rig->registers.value[1] = rows[i].second;
        rig->registers.broken = rows[i].broken;
        rig->registers.idle = rows[i].idle;
        assert_int_equal(rig_start(rig, &why), SEK_OK);
        if (rig->agent.debug != rows[i].debug)
            fail_msg("%s", rows[i].name);
        rig_drop(rig);
    }
}

static void secure_boot_is_what_its_register_says_or_not_told(void **state)
{
#define CLOSED         "sekisho,closed ="
#define SECURE(triple) "sekisho,secure-boot = " triple "; " CLOSED
    static const struct {
        const char *name, *put;
        uint32_t value;
        bool broken, idle, told, on;
    } rows[] = {
        {"on", SECURE("<0x1e6f2014 0x40 0x40>"), 0x46, false, false, true, true},
        {"off", SECURE("<0x1e6f2014 0x40 0x40>"), 0x06, false, false, true, false},
        {"cannot be read", SECURE("<0x1e6f2014 0x40 0x40>"), 0x46, true, false, false, false},
        {"a read that does nothing", SECURE("<0x1e6f2014 0x40 0x40>"), 0x46, false, true, true,
         false},
        {"a mask that asks nothing", SECURE("<0x1e6f2014 0 0>"), 0x46, false, false, false, false},
        {"two registers", SECURE("<0x1e6f2014 1 1>, <0x1e6f2014 2 2>"), 0x46, false, false, false,
         false},
        {"no triple", SECURE("<0x1e6f2014 0x40>"), 0x46, false, false, false, false},
        {"a board that says nothing", CLOSED, 0x46, false, false, false, false},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        const struct rig_plan plan = {.find = CLOSED, .put = rows[i].put};
        struct rig *rig = rig_make(&plan);
        const char *why;

        rig->registers.value[1] = rows[i].value;
        rig->registers.broken = rows[i].broken;
        rig->registers.idle = rows[i].idle;
        assert_int_equal(rig_start(rig, &why), SEK_OK);
        if (rig->agent.has_secure_boot != rows[i].told || rig->agent.secure_boot != rows[i].on)
            fail_msg("%s", rows[i].name);
        rig_drop(rig);
    }
#undef SECURE
#undef CLOSED
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(debug_access_counts_as_open_unless_it_is_seen_closed),
        cmocka_unit_test(secure_boot_is_what_its_register_says_or_not_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
