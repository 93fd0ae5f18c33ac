#define _DEFAULT_SOURCE
#include "agent/gate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>

static void settings_come_from_the_board_description(void **state)
{
    static const struct {
        const char *gate;
        enum sek_status status;
        enum sek_gate_mode mode;
        bool undated;
        uint32_t window_ms;
    } rows[] = {
        {"gate { sekisho,boot = \"fit\"; };", SEK_OK, SEK_GATE_ENFORCE, false, 0},
        {"gate { sekisho,boot = \"fit\"; sekisho,release = \"report\"; sekisho,undated;"
         "sekisho,window-ms = <7>; };",
         SEK_OK, SEK_GATE_REPORT, true, 7},
        {"gate { sekisho,boot = \"fit\"; sekisho,release = \"enforce\"; };", SEK_OK,
         SEK_GATE_ENFORCE, false, 0},
        {"gate { sekisho,boot = \"fit\"; sekisho,release = \"reprot\"; };", SEK_ERR_MALFORMED,
         SEK_GATE_ENFORCE, false, 0},
        {"gate { };", SEK_ERR_NOT_FOUND, SEK_GATE_ENFORCE, false, 0},
        {"", SEK_ERR_NOT_FOUND, SEK_GATE_ENFORCE, false, 0},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        char command[512];
        static _Alignas(8) uint8_t dtb[1024];
        struct sek_gate_config config = {.memory = {NULL, 5}};
        FILE *pipe;
        size_t len;

        (void)snprintf(command, sizeof command,
                       "printf '/dts-v1/; / { %s };' | dtc -q -I dts -O dtb", rows[i].gate);
        pipe = popen(command, "r"); // NOLINT(cert-env33-c)
        assert_non_null(pipe);
        len = fread(dtb, 1, sizeof dtb, pipe);
        assert_int_equal(pclose(pipe), 0);
        assert_int_equal(sek_gate_configure((struct sek_bytes){dtb, len}, &config), rows[i].status);
        assert_int_equal(config.memory.len, 5);
        if (rows[i].status != SEK_OK)
            continue;
        assert_int_equal(config.mode, rows[i].mode);
        assert_int_equal(config.undated, rows[i].undated);
        assert_int_equal(config.window_ms, rows[i].window_ms);
        assert_string_equal(config.partition, "fit");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_come_from_the_board_description),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
