/* The gate: what is released, and what is held. */
#include "tests/unit/gate_rig.h"
#include "trust/contradict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

/* ---- Enforce and report ---- */

static void a_good_system_is_released_after_the_window(void **state)
{
    (void)state;
    assert_true(sek_gate_step(&rig.gate, 0));
    assert_int_equal(rig.gate.state, SEK_GATE_WAITING);
    assert_false(sek_gate_step(&rig.gate, GATE_WINDOW_MS - 1));
    assert_int_equal(rig.gate.state, SEK_GATE_WAITING);
    assert_true(sek_gate_step(&rig.gate, GATE_WINDOW_MS));
    assert_int_equal(rig.gate.state, SEK_GATE_RELEASED);
    assert_int_equal(rig.gate.boot.approval, SEK_BOOT_APPROVED);
    assert_string_equal(rig.gate.boot.configuration, "conf-1");
    assert_int_equal(rig.gate.boot.kernel.len, 1200);
    assert_int_equal(rig.gate.boot.tree.len, 129);
    assert_int_equal(rig.gate.boot.ramdisk.len, 420);
    assert_true(rig.gate.boot.kernel.data > rig.memory &&
                rig.gate.boot.kernel.data < rig.memory + GATE_MEMORY);
    assert_false(sek_gate_step(&rig.gate, 10 * GATE_WINDOW_MS));
}

static void alter_kernel(struct fit_writer *w)
{
    w->token[fit_find(w, "/images/kernel-1:data")].value[100] ^= 1;
}

static void alter_kernel_and_hash(struct fit_writer *w)
{
    alter_kernel(w);
    fit_rehash(w, "/images/kernel-1/hash-1");
}

static void drop_signature(struct fit_writer *w)
{
    fit_remove(w, "/configurations/conf-1/signature-1");
}

static void sign_as_stranger(struct fit_writer *w)
{
    drop_signature(w);
    fit_add_signature(w, "/configurations/conf-1", "signature-1", "sha256", &rig.stranger, NULL,
                      "stranger");
    fit_sign(w, "/configurations/conf-1/signature-1", &rig.stranger);
}

/* The attacker's default combines signed images anew. */
static void combine_anew(struct fit_writer *w)
{
    fit_at_last(w, "/configurations");
    fit_begin(w, "conf-2");
    fit_text(w, "kernel", "kernel-1");
    fit_text(w, "fdt", "fdt-1");
    fit_end(w);
    fit_at_end(w);
    fit_set_text(w, "/configurations:default", "conf-2");
}

/* A control: beside the default; the device is not accepted, but what would start is approved. */
static void combine_beside(struct fit_writer *w)
{
    combine_anew(w);
    fit_set_text(w, "/configurations:default", "conf-1");
}

static void no_default(struct fit_writer *w)
{
    fit_remove(w, "/configurations:default");
}

static void no_tree(struct fit_writer *w)
{
    fit_remove(w, "/configurations/conf-1:fdt");
    fit_sign(w, "/configurations/conf-1/signature-1", &rig.maker);
}

static void no_ramdisk(struct fit_writer *w)
{
    fit_remove(w, "/configurations/conf-1:ramdisk");
    fit_remove(w, "/images/ramdisk-1");
    fit_sign(w, "/configurations/conf-1/signature-1", &rig.maker);
}

static void compress(struct fit_writer *w)
{
    fit_set_text(w, "/images/ramdisk-1:compression", "gzip");
    fit_sign(w, "/configurations/conf-1/signature-1", &rig.maker);
}

static void no_zimage(struct fit_writer *w)
{
    w->token[fit_find(w, "/images/kernel-1:data")].value[0x24] ^= 1;
    fit_rehash(w, "/images/kernel-1/hash-1");
    fit_sign(w, "/configurations/conf-1/signature-1", &rig.maker);
}

static void nothing(struct fit_writer *w)
{
    (void)w;
}

static void what_starts_under_enforce_and_report(void **state)
{
    static const struct {
        const char *name;
        void (*change)(struct fit_writer *w);
        enum sek_gate_state enforce, report;
        enum sek_boot_approval approval;
    } rows[] = {
        {"untouched", nothing, SEK_GATE_RELEASED, SEK_GATE_RELEASED, SEK_BOOT_APPROVED},
        {"no ramdisk", no_ramdisk, SEK_GATE_RELEASED, SEK_GATE_RELEASED, SEK_BOOT_APPROVED},
        {"kernel", alter_kernel, SEK_GATE_HELD, SEK_GATE_RELEASED, SEK_BOOT_REFUSED},
        {"and hash", alter_kernel_and_hash, SEK_GATE_HELD, SEK_GATE_RELEASED, SEK_BOOT_REFUSED},
        {"unsigned", drop_signature, SEK_GATE_HELD, SEK_GATE_RELEASED, SEK_BOOT_REFUSED},
        {"stranger", sign_as_stranger, SEK_GATE_HELD, SEK_GATE_RELEASED, SEK_BOOT_REFUSED},
        {"combined", combine_anew, SEK_GATE_HELD, SEK_GATE_RELEASED, SEK_BOOT_REFUSED},
        {"beside", combine_beside, SEK_GATE_HELD, SEK_GATE_RELEASED, SEK_BOOT_APPROVED},
        {"no default", no_default, SEK_GATE_HELD, SEK_GATE_HELD, SEK_BOOT_REFUSED},
        {"no tree", no_tree, SEK_GATE_HELD, SEK_GATE_HELD, SEK_BOOT_REFUSED},
        {"compressed", compress, SEK_GATE_HELD, SEK_GATE_HELD, SEK_BOOT_REFUSED},
        {"no zImage", no_zimage, SEK_GATE_HELD, SEK_GATE_HELD, SEK_BOOT_REFUSED},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        for (int report = 0; report < 2; report++) {
            struct fit_writer w;

            print_message("%s%s\n", rows[i].name, report ? ", report" : "");
            gate_rig_system(&w);
            rows[i].change(&w);
            gate_rig_load(&w);
            gate_rig_start(report ? SEK_GATE_REPORT : SEK_GATE_ENFORCE, false);
            gate_rig_run();
            assert_int_equal(rig.gate.state, report ? rows[i].report : rows[i].enforce);
            assert_int_equal(rig.gate.boot.approval, rows[i].approval);
            if (rig.gate.state == SEK_GATE_HELD) {
                assert_true(strlen(rig.gate.why) > 10);
                assert_true(strlen(sek_gate_next(&rig.gate)) > 10);
            }
        }
    }
}

static void a_partition_that_holds_no_system_is_held_whatever_the_mode(void **state)
{
    static uint8_t noise[GATE_MEMORY];

    (void)state;
    for (size_t i = 0; i < GATE_MEMORY; i++)
        noise[i] = (uint8_t)(i * 31 >> 3);
    gate_rig_load_bytes(noise, GATE_MEMORY);
    gate_rig_start(SEK_GATE_REPORT, false);
    gate_rig_run();
    assert_int_equal(rig.gate.state, SEK_GATE_HELD);
    gate_rig_load_bytes(noise, 0);
    gate_rig_start(SEK_GATE_REPORT, false);
    gate_rig_run();
    assert_int_equal(rig.gate.state, SEK_GATE_HELD);
    gate_rig_load_good();
    rig.agent.inventory.unit_count = 0; /* the partition is not in the description */
    gate_rig_start(SEK_GATE_REPORT, false);
    gate_rig_run();
    rig.agent.inventory.unit_count = 1;
    assert_int_equal(rig.gate.state, SEK_GATE_HELD);
}

/* Every bit of the file in turn: what is released is bit for bit what was signed. */
static void no_changed_bit_is_released_under_enforce(void **state)
{
    enum { STRIDE = 97 };
    struct sek_boot good;
    static uint8_t kernel[1200], tree[129], ramdisk[420];
    struct fit_writer w;
    struct fit_file file;
    size_t released = 0, tried = 0;

    (void)state;
    gate_rig_run();
    good = rig.gate.boot;
    memcpy(kernel, good.kernel.data, sizeof kernel);
    memcpy(tree, good.tree.data, sizeof tree);
    memcpy(ramdisk, good.ramdisk.data, sizeof ramdisk);
    gate_rig_system(&w);
    file = fit_write(&w);
    fit_free(&w);
    for (size_t bit = 0; bit < 8 * file.len; bit += STRIDE) {
        file.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        gate_rig_load_bytes(file.data, file.len);
        file.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        gate_rig_start(SEK_GATE_ENFORCE, false);
        gate_rig_run();
        tried++;
        if (rig.gate.state != SEK_GATE_RELEASED)
            continue;
        released++;
        assert_memory_equal(rig.gate.boot.kernel.data, kernel, sizeof kernel);
        assert_memory_equal(rig.gate.boot.tree.data, tree, sizeof tree);
        assert_memory_equal(rig.gate.boot.ramdisk.data, ramdisk, sizeof ramdisk);
    }
    free(file.data);
    print_message("%zu of %zu released\n", released, tried);
    assert_true(tried > 200 && released < tried / 4);
}

static void memory_that_changes_before_the_release_is_held(void **state)
{
    (void)state;
    assert_true(sek_gate_step(&rig.gate, 0));
    assert_int_equal(rig.gate.state, SEK_GATE_WAITING);
    ((uint8_t *)rig.memory)[(size_t)(rig.gate.boot.kernel.data - rig.memory) + 100] ^= 1;
    assert_true(sek_gate_step(&rig.gate, GATE_WINDOW_MS));
    assert_int_equal(rig.gate.state, SEK_GATE_HELD);
}

static void a_new_cycle_starts_the_window_anew(void **state)
{
    (void)state;
    assert_true(sek_gate_step(&rig.gate, 0));
    rig.agent.cycle.running = true;
    rig.agent.cycle.complete = false;
    assert_true(sek_gate_step(&rig.gate, GATE_WINDOW_MS));
    assert_int_equal(rig.gate.state, SEK_GATE_MEASURING);
    rig.agent.cycle.running = false;
    assert_false(sek_gate_step(&rig.gate, GATE_WINDOW_MS)); /* it ended without a whole table */
    rig.agent.cycle.complete = true;
    assert_true(sek_gate_step(&rig.gate, 2 * GATE_WINDOW_MS));
    assert_int_equal(rig.gate.state, SEK_GATE_WAITING);
    assert_false(sek_gate_step(&rig.gate, 3 * GATE_WINDOW_MS - 1));
    assert_true(sek_gate_step(&rig.gate, 3 * GATE_WINDOW_MS));
    assert_int_equal(rig.gate.state, SEK_GATE_RELEASED);
}

static void a_bad_part_elsewhere_holds_a_good_system(void **state)
{
    struct sek_row *row = &rig.judge.row[rig.judge.row_count];

    (void)state;
    sek_row_init(row);
    row->kind = SEK_ROW_REGION;
    row->component_class = SEK_CLASS_BOOT;
    row->integrity = SEK_INTEGRITY_UNVERIFIED;
    memcpy(row->name, "other", 6);
    rig.agent.cycle.row_count++;
    gate_rig_run();
    assert_int_equal(rig.gate.state, SEK_GATE_HELD);
    assert_int_equal(rig.gate.outcome, SEK_OUTCOME_REJECT);
    assert_string_equal(rig.gate.worst->name, "other");
}

/* Two parts of one serial number: only rows side by side show it, and the gate judges one by one.
 */
static void one_serial_number_on_two_parts_holds(void **state)
{
    static const struct sek_observation said[] = {
        {.kind = SEK_KIND_VENDOR,
         .type = SEK_VALUE_TEXT,
         .value = {(const uint8_t *)"Somebody", 8},
         .evidence = SEK_EVIDENCE_CHECKED},
        {.kind = SEK_KIND_SERIAL_NUMBER,
         .type = SEK_VALUE_TEXT,
         .value = {(const uint8_t *)"SN-0001", 7},
         .evidence = SEK_EVIDENCE_CHECKED},
    };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct sek_row *row = &rig.judge.row[rig.agent.cycle.row_count++];

        sek_row_init(row);
        row->kind = SEK_ROW_PART;
        row->component_class = SEK_CLASS_TRANSCEIVER;
        row->integrity = SEK_INTEGRITY_CLAIMED;
        row->supplier = SEK_SUPPLIER_NO_MATCH;
        memcpy(row->name, i ? "port2" : "port1", 5);
        row->observation = said;
        row->observation_count = i ? 2 : 1; /* a control: the first says no number yet */
    }
    gate_rig_run();
    assert_int_equal(rig.gate.state, SEK_GATE_RELEASED);
    rig.judge.row[rig.agent.cycle.row_count - 2].observation_count = 2;
    sek_contradict_rows(rig.judge.row, rig.agent.cycle.row_count); /* as a cycle ends */
    gate_rig_start(SEK_GATE_ENFORCE, false);
    gate_rig_run();
    assert_int_equal(rig.gate.state, SEK_GATE_HELD);
    assert_int_equal(rig.gate.outcome, SEK_OUTCOME_HOLD);
    assert_string_equal(rig.gate.worst->name, "port1");
}

/* ---- Time ---- */

static void without_a_clock_nothing_starts_unless_the_board_says_so(void **state)
{
    (void)state;
    rig.time_source = HAL_TIME_UNAUTHENTICATED;
    rig.judge.context.today = 0;
    gate_rig_load_good();
    gate_rig_run();
    assert_int_equal(rig.gate.state, SEK_GATE_HELD);
    assert_int_equal(rig.gate.as_of, 0);
    assert_non_null(strstr(rig.gate.why, "clock"));
    gate_rig_start(SEK_GATE_ENFORCE, true);
    gate_rig_run();
    assert_int_equal(rig.gate.as_of, GATE_ISSUED);
    assert_int_equal(rig.gate.state, SEK_GATE_RELEASED);
}

static void without_a_store_nothing_starts_under_enforce(void **state)
{
    (void)state;
    rig.agent.trust = (struct sek_store){0};
    gate_rig_start(SEK_GATE_ENFORCE, true);
    gate_rig_run();
    assert_int_equal(rig.gate.state, SEK_GATE_HELD);
    gate_rig_start(SEK_GATE_REPORT, true);
    gate_rig_run();
    assert_int_equal(rig.gate.state, SEK_GATE_RELEASED);
}

static int open_group(void **state)
{
    (void)state;
    return gate_rig_open("");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_good_system_is_released_after_the_window, gate_rig_fresh),
        cmocka_unit_test_setup(what_starts_under_enforce_and_report, gate_rig_fresh),
        cmocka_unit_test_setup(a_partition_that_holds_no_system_is_held_whatever_the_mode,
                               gate_rig_fresh),
        cmocka_unit_test_setup(no_changed_bit_is_released_under_enforce, gate_rig_fresh),
        cmocka_unit_test_setup(memory_that_changes_before_the_release_is_held, gate_rig_fresh),
        cmocka_unit_test_setup(a_new_cycle_starts_the_window_anew, gate_rig_fresh),
        cmocka_unit_test_setup(a_bad_part_elsewhere_holds_a_good_system, gate_rig_fresh),
        cmocka_unit_test_setup(one_serial_number_on_two_parts_holds, gate_rig_fresh),
        cmocka_unit_test_setup(without_a_clock_nothing_starts_unless_the_board_says_so,
                               gate_rig_fresh),
        cmocka_unit_test_setup(without_a_store_nothing_starts_under_enforce, gate_rig_fresh),
    };

    return cmocka_run_group_tests(tests, open_group, gate_rig_close);
}
