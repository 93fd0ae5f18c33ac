#define _DEFAULT_SOURCE
#include "agent/handover.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <libfdt.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OUT = 8192 };

static _Alignas(8) uint8_t tree[4096], out[OUT];
static uint8_t ramdisk[10], log_bytes[20];

static size_t compile(const char *source)
{
    char command[1024];
    size_t len;
    FILE *pipe;

    (void)snprintf(command, sizeof command, "printf '%s' | dtc -q -I dts -O dtb", source);
    pipe = popen(command, "r"); // NOLINT(cert-env33-c)
    assert_non_null(pipe);
    len = fread(tree, 1, sizeof tree, pipe);
    assert_int_equal(pclose(pipe), 0);
    return len;
}

static struct sek_handover handover_of(size_t len)
{
    return (struct sek_handover){
        .tree = {tree, len},
        .bootargs = "console=ttyS0",
        .ramdisk = {ramdisk, sizeof ramdisk},
        .log = {log_bytes, sizeof log_bytes},
        .log_area = 0x200000,
    };
}

static const char plain[] = "/dts-v1/; / { #address-cells = <2>; #size-cells = <2>; "
                            "chosen { bootargs = \"other\"; stdout-path = \"x\"; }; };";

static uint64_t number(int node, const char *name)
{
    int len;
    const void *value = fdt_getprop(out, node, name, &len);

    assert_non_null(value);
    assert_int_equal(len, 8);
    return fdt64_ld(value);
}

static void the_system_is_told_all_it_needs(void **state)
{
    struct sek_handover handover = handover_of(compile(plain));
    int chosen, node, len;
    const void *value;

    (void)state;
    assert_int_equal(sek_handover_write(&handover, out, OUT), SEK_OK);
    assert_int_equal(fdt_check_full(out, OUT), 0);
    chosen = fdt_path_offset(out, "/chosen");
    assert_string_equal(fdt_getprop(out, chosen, "bootargs", NULL), "console=ttyS0");
    assert_string_equal(fdt_getprop(out, chosen, "stdout-path", NULL), "x");
    assert_int_equal(number(chosen, "linux,initrd-start"), (uintptr_t)ramdisk);
    assert_int_equal(number(chosen, "linux,initrd-end"), (uintptr_t)ramdisk + sizeof ramdisk);
    value = fdt_getprop(out, chosen, "sekisho,log", &len);
    assert_int_equal(len, sizeof log_bytes);
    assert_memory_equal(value, log_bytes, sizeof log_bytes);
    node = fdt_path_offset(out, "/reserved-memory/sekisho-log");
    value = fdt_getprop(out, node, "reg", &len);
    assert_int_equal(len, 16);
    assert_int_equal(fdt64_ld(value), (uintptr_t)log_bytes);
    assert_int_equal(fdt64_ld((const fdt64_t *)value + 1), 0x200000);
    assert_non_null(fdt_getprop(out, node, "no-map", NULL));
    assert_non_null(fdt_getprop(out, fdt_parent_offset(out, node), "ranges", NULL));
}

/* What the signed tree brings along stands for nothing. */
static void the_certificate_is_the_gates_own_or_none(void **state)
{
    static const char forged[] = "/dts-v1/; / { #address-cells = <2>; #size-cells = <2>; "
                                 "chosen { sekisho,log-certificate = \"forged\"; }; };";
    struct sek_handover handover = handover_of(compile(forged));
    const void *value;
    int len;

    (void)state;
    assert_int_equal(sek_handover_write(&handover, out, OUT), SEK_OK);
    value = fdt_getprop(out, fdt_path_offset(out, "/chosen"), "sekisho,log-certificate", &len);
    assert_non_null(value);
    assert_int_equal(len, 0);
    handover.certificate = (struct sek_bytes){ramdisk, sizeof ramdisk};
    assert_int_equal(sek_handover_write(&handover, out, OUT), SEK_OK);
    value = fdt_getprop(out, fdt_path_offset(out, "/chosen"), "sekisho,log-certificate", &len);
    assert_int_equal(len, sizeof ramdisk);
    assert_memory_equal(value, ramdisk, sizeof ramdisk);
}

static void without_ramdisk_and_command_line_the_trees_own_stay(void **state)
{
    struct sek_handover handover = handover_of(compile(plain));
    int chosen;

    (void)state;
    handover.ramdisk = (struct sek_bytes){NULL, 0};
    handover.bootargs = NULL;
    assert_int_equal(sek_handover_write(&handover, out, OUT), SEK_OK);
    chosen = fdt_path_offset(out, "/chosen");
    assert_string_equal(fdt_getprop(out, chosen, "bootargs", NULL), "other");
    assert_null(fdt_getprop(out, chosen, "linux,initrd-start", NULL));
}

static void a_tree_without_chosen_gets_one_and_reservations_are_kept(void **state)
{
    struct sek_handover handover =
        handover_of(compile("/dts-v1/; / { #address-cells = <2>; #size-cells = <1>; "
                            "reserved-memory { #address-cells = <2>; #size-cells = <1>; ranges; "
                            "other { reg = <0 1 2>; }; }; };"));
    int len;

    (void)state;
    assert_int_equal(sek_handover_write(&handover, out, OUT), SEK_OK);
    assert_true(fdt_path_offset(out, "/chosen") > 0);
    assert_true(fdt_path_offset(out, "/reserved-memory/other") > 0);
    (void)fdt_getprop(out, fdt_path_offset(out, "/reserved-memory/sekisho-log"), "reg", &len);
    assert_int_equal(len, 12);
}

static void a_tree_that_does_not_fit_or_is_none_is_refused(void **state)
{
    size_t len = compile(plain);
    struct sek_handover handover = handover_of(len);

    (void)state;
    for (size_t cap = 0; cap < len + 64; cap++)
        assert_int_equal(sek_handover_write(&handover, out, cap), SEK_ERR_NO_SPACE);
    for (handover.tree.len = 0; handover.tree.len < len; handover.tree.len++)
        assert_int_equal(sek_handover_write(&handover, out, OUT), SEK_ERR_MALFORMED);
    handover.tree.len = len;
    tree[0] ^= 1;
    assert_int_equal(sek_handover_write(&handover, out, OUT), SEK_ERR_MALFORMED);
    tree[0] ^= 1;
    assert_int_equal(sek_handover_write(&handover, out, OUT), SEK_OK);
    handover.tree.data++;
    assert_int_equal(sek_handover_write(&handover, out, OUT), SEK_ERR_MALFORMED);
    handover = handover_of(compile("/dts-v1/; / { #address-cells = <3>; #size-cells = <1>; };"));
    assert_int_equal(sek_handover_write(&handover, out, OUT), SEK_ERR_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_system_is_told_all_it_needs),
        cmocka_unit_test(the_certificate_is_the_gates_own_or_none),
        cmocka_unit_test(without_ramdisk_and_command_line_the_trees_own_stay),
        cmocka_unit_test(a_tree_without_chosen_gets_one_and_reservations_are_kept),
        cmocka_unit_test(a_tree_that_does_not_fit_or_is_none_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
