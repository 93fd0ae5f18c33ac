/* The gate: what is released, what is held, and what an officer's order does. A FIT in memory, the
 * rows of a cycle over it, a store of the test's own keys. */
#include "agent/gate.h"

#include "crypto/crypto.h"
#include "evidence/release.h"
#include "hal/linux/entropy.h"
#include "tests/unit/judge.h"
#include "tests/unit/signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MEMORY = 16384, TODAY = 20788, ISSUED = 20454 /* 2026-01-01 */, WINDOW_MS = 500 };

static struct fit_key maker, stranger;
static struct test_signer officer, clerk;
static struct judge judge;
static struct sek_agent agent;
static struct sek_gate gate;
static _Alignas(8) uint8_t memory[MEMORY];
static struct hal_clock clock_of_test;
static enum hal_time_source time_source;

static uint64_t uptime_ms(struct hal_clock *clock)
{
    (void)clock;
    return 1000;
}

static uint64_t seconds(struct hal_clock *clock, enum hal_time_source *source)
{
    (void)clock;
    *source = time_source;
    return (uint64_t)TODAY * 86400;
}

/* ---- A system in memory ---- */

/* The sample, with what looks like a zImage, signed by the maker. */
static void make_system(struct fit_writer *w)
{
    uint8_t kernel[1200];

    fit_sample(w, "sha256");
    for (size_t i = 0; i < sizeof kernel; i++)
        kernel[i] = (uint8_t)(i * 11);
    memcpy(kernel + 0x24, "\x18\x28\x6f\x01", 4);
    fit_set(w, "/images/kernel-1:data", kernel, sizeof kernel);
    fit_rehash(w, "/images/kernel-1/hash-1");
    fit_add_signature(w, "/configurations/conf-1", "signature-1", "sha256", &maker, NULL, "maker");
    fit_sign(w, "/configurations/conf-1/signature-1", &maker);
}

/* Puts a file into the partition and measures it, as a cycle would. */
static void load_bytes(const uint8_t *data, size_t len)
{
    assert_true(len <= MEMORY);
    memset(memory, 0xff, MEMORY);
    memcpy(memory, data, len);
    judge_bytes(&judge, memory, MEMORY);
    agent.cycle.memory.row = judge.row;
    agent.cycle.row_count = judge.row_count;
    agent.cycle.running = false;
    agent.cycle.complete = true;
}

static void load(struct fit_writer *w)
{
    struct fit_file file = fit_write(w);

    load_bytes(file.data, file.len);
    free(file.data);
    fit_free(w);
}

static void load_good(void)
{
    struct fit_writer w;

    make_system(&w);
    load(&w);
}

static void start_gate(enum sek_gate_mode mode, bool undated)
{
    const struct sek_gate_config config = {
        .mode = mode,
        .undated = undated,
        .window_ms = WINDOW_MS,
        .partition = "file",
        .memory = {memory, MEMORY},
    };

    sek_gate_init(&gate, &agent, &config);
}

/* Steps to the end of the window. */
static void run_gate(void)
{
    for (uint64_t ms = 0; ms <= 3 * WINDOW_MS; ms += WINDOW_MS / 4)
        (void)sek_gate_step(&gate, ms);
}

static char *officer_nodes(void)
{
    static char text[2048];
    size_t len = 0;
    const struct {
        const char *name, *may;
        const struct test_signer *signer;
    } people[] = {{"officer", "\"release\"", &officer}, {"clerk", "\"order\"", &clerk}};

    len += (size_t)snprintf(text, sizeof text, "officers {\n");
    for (size_t i = 0; i < SEK_LEN(people); i++) {
        struct sek_bytes spki = test_signer_spki(people[i].signer);

        len += (size_t)snprintf(text + len, sizeof text - len,
                                "%s { label = \"x\"; may = %s; public-key = [", people[i].name,
                                people[i].may);
        for (size_t k = 0; k < spki.len; k++)
            len += (size_t)snprintf(text + len, sizeof text - len, "%02x", spki.data[k]);
        len += (size_t)snprintf(text + len, sizeof text - len, "]; };\n");
    }
    (void)snprintf(text + len, sizeof text - len, "};\n");
    return text;
}

static int start_group(void **state)
{
    static struct sek_unit unit;
    const struct judge_supplier suppliers[] = {
        {"maker", &maker, "sha256", NULL, "maker", "\"kernel\", \"rootfs\"", NULL, NULL},
    };

    (void)state;
    if (sek_crypto_start(NULL) != SEK_OK)
        return -1;
    fit_key_make(&maker, 256);
    fit_key_make(&stranger, 256);
    test_signer_make(&officer, SEK_COSE_ES256);
    test_signer_make(&clerk, SEK_COSE_ES256);
    judge_init(&judge, suppliers, SEK_LEN(suppliers), officer_nodes());
    clock_of_test = (struct hal_clock){uptime_ms, seconds};
    unit = (struct sek_unit){.name = "file",
                             .component_class = SEK_CLASS_NONE,
                             .place = {.partition = true, .len = MEMORY}};
    agent.inventory.unit = &unit;
    agent.inventory.unit_count = 1;
    return 0;
}

static int end_group(void **state)
{
    (void)state;
    judge_free(&judge);
    fit_key_drop(&maker);
    fit_key_drop(&stranger);
    test_signer_drop(&officer);
    test_signer_drop(&clerk);
    return 0;
}

static int fresh(void **state)
{
    (void)state;
    time_source = HAL_TIME_AUTHENTICATED;
    judge.context.today = TODAY;
    agent.trust = judge.store;
    agent.config.clock = &clock_of_test;
    agent.config.entropy = &linux_entropy;
    agent.config.cycle.image = judge.measure.memory;
    agent.serial_known = true;
    memset(agent.ueid, 0x11, sizeof agent.ueid);
    memset(agent.device_nonce, 0x22, sizeof agent.device_nonce);
    start_gate(SEK_GATE_ENFORCE, false);
    load_good();
    return 0;
}

/* ---- Enforce and report ---- */

static void a_good_system_is_released_after_the_window(void **state)
{
    (void)state;
    assert_true(sek_gate_step(&gate, 0));
    assert_int_equal(gate.state, SEK_GATE_WAITING);
    assert_false(sek_gate_step(&gate, WINDOW_MS - 1));
    assert_int_equal(gate.state, SEK_GATE_WAITING);
    assert_true(sek_gate_step(&gate, WINDOW_MS));
    assert_int_equal(gate.state, SEK_GATE_RELEASED);
    assert_int_equal(gate.boot.approval, SEK_BOOT_APPROVED);
    assert_string_equal(gate.boot.configuration, "conf-1");
    assert_int_equal(gate.boot.kernel.len, 1200);
    assert_int_equal(gate.boot.tree.len, 129);
    assert_int_equal(gate.boot.ramdisk.len, 420);
    assert_true(gate.boot.kernel.data > memory && gate.boot.kernel.data < memory + MEMORY);
    assert_false(sek_gate_step(&gate, 10 * WINDOW_MS));
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
    fit_add_signature(w, "/configurations/conf-1", "signature-1", "sha256", &stranger, NULL,
                      "stranger");
    fit_sign(w, "/configurations/conf-1/signature-1", &stranger);
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
    fit_sign(w, "/configurations/conf-1/signature-1", &maker);
}

static void no_ramdisk(struct fit_writer *w)
{
    fit_remove(w, "/configurations/conf-1:ramdisk");
    fit_remove(w, "/images/ramdisk-1");
    fit_sign(w, "/configurations/conf-1/signature-1", &maker);
}

static void compress(struct fit_writer *w)
{
    fit_set_text(w, "/images/ramdisk-1:compression", "gzip");
    fit_sign(w, "/configurations/conf-1/signature-1", &maker);
}

static void no_zimage(struct fit_writer *w)
{
    w->token[fit_find(w, "/images/kernel-1:data")].value[0x24] ^= 1;
    fit_rehash(w, "/images/kernel-1/hash-1");
    fit_sign(w, "/configurations/conf-1/signature-1", &maker);
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
            make_system(&w);
            rows[i].change(&w);
            load(&w);
            start_gate(report ? SEK_GATE_REPORT : SEK_GATE_ENFORCE, false);
            run_gate();
            assert_int_equal(gate.state, report ? rows[i].report : rows[i].enforce);
            assert_int_equal(gate.boot.approval, rows[i].approval);
            if (gate.state == SEK_GATE_HELD) {
                assert_true(strlen(gate.why) > 10);
                assert_true(strlen(sek_gate_next(&gate)) > 10);
            }
        }
    }
}

static void a_partition_that_holds_no_system_is_held_whatever_the_mode(void **state)
{
    static uint8_t noise[MEMORY];

    (void)state;
    for (size_t i = 0; i < MEMORY; i++)
        noise[i] = (uint8_t)(i * 31 >> 3);
    load_bytes(noise, MEMORY);
    start_gate(SEK_GATE_REPORT, false);
    run_gate();
    assert_int_equal(gate.state, SEK_GATE_HELD);
    load_bytes(noise, 0);
    start_gate(SEK_GATE_REPORT, false);
    run_gate();
    assert_int_equal(gate.state, SEK_GATE_HELD);
    load_good();
    agent.inventory.unit_count = 0; /* the partition is not in the description */
    start_gate(SEK_GATE_REPORT, false);
    run_gate();
    agent.inventory.unit_count = 1;
    assert_int_equal(gate.state, SEK_GATE_HELD);
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
    run_gate();
    good = gate.boot;
    memcpy(kernel, good.kernel.data, sizeof kernel);
    memcpy(tree, good.tree.data, sizeof tree);
    memcpy(ramdisk, good.ramdisk.data, sizeof ramdisk);
    make_system(&w);
    file = fit_write(&w);
    fit_free(&w);
    for (size_t bit = 0; bit < 8 * file.len; bit += STRIDE) {
        file.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        load_bytes(file.data, file.len);
        file.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        start_gate(SEK_GATE_ENFORCE, false);
        run_gate();
        tried++;
        if (gate.state != SEK_GATE_RELEASED)
            continue;
        released++;
        assert_memory_equal(gate.boot.kernel.data, kernel, sizeof kernel);
        assert_memory_equal(gate.boot.tree.data, tree, sizeof tree);
        assert_memory_equal(gate.boot.ramdisk.data, ramdisk, sizeof ramdisk);
    }
    free(file.data);
    print_message("%zu of %zu released\n", released, tried);
    assert_true(tried > 200 && released < tried / 4);
}

static void memory_that_changes_before_the_release_is_held(void **state)
{
    (void)state;
    assert_true(sek_gate_step(&gate, 0));
    assert_int_equal(gate.state, SEK_GATE_WAITING);
    ((uint8_t *)memory)[(size_t)(gate.boot.kernel.data - memory) + 100] ^= 1;
    assert_true(sek_gate_step(&gate, WINDOW_MS));
    assert_int_equal(gate.state, SEK_GATE_HELD);
}

static void a_new_cycle_starts_the_window_anew(void **state)
{
    (void)state;
    assert_true(sek_gate_step(&gate, 0));
    agent.cycle.running = true;
    agent.cycle.complete = false;
    assert_true(sek_gate_step(&gate, WINDOW_MS));
    assert_int_equal(gate.state, SEK_GATE_MEASURING);
    agent.cycle.running = false;
    assert_false(sek_gate_step(&gate, WINDOW_MS)); /* it ended without a whole table */
    agent.cycle.complete = true;
    assert_true(sek_gate_step(&gate, 2 * WINDOW_MS));
    assert_int_equal(gate.state, SEK_GATE_WAITING);
    assert_false(sek_gate_step(&gate, 3 * WINDOW_MS - 1));
    assert_true(sek_gate_step(&gate, 3 * WINDOW_MS));
    assert_int_equal(gate.state, SEK_GATE_RELEASED);
}

static void a_bad_part_elsewhere_holds_a_good_system(void **state)
{
    struct sek_row *row = &judge.row[judge.row_count];

    (void)state;
    sek_row_init(row);
    row->kind = SEK_ROW_REGION;
    row->component_class = SEK_CLASS_BOOT;
    row->integrity = SEK_INTEGRITY_UNVERIFIED;
    memcpy(row->name, "other", 6);
    agent.cycle.row_count++;
    run_gate();
    assert_int_equal(gate.state, SEK_GATE_HELD);
    assert_int_equal(gate.outcome, SEK_OUTCOME_REJECT);
    assert_string_equal(gate.worst->name, "other");
}

/* ---- Time ---- */

static void without_a_clock_nothing_starts_unless_the_board_says_so(void **state)
{
    (void)state;
    time_source = HAL_TIME_UNAUTHENTICATED;
    judge.context.today = 0;
    load_good();
    run_gate();
    assert_int_equal(gate.state, SEK_GATE_HELD);
    assert_int_equal(gate.as_of, 0);
    assert_non_null(strstr(gate.why, "clock"));
    start_gate(SEK_GATE_ENFORCE, true);
    run_gate();
    assert_int_equal(gate.as_of, ISSUED);
    assert_int_equal(gate.state, SEK_GATE_RELEASED);
}

static void without_a_store_nothing_starts_under_enforce(void **state)
{
    (void)state;
    agent.trust = (struct sek_store){0};
    start_gate(SEK_GATE_ENFORCE, true);
    run_gate();
    assert_int_equal(gate.state, SEK_GATE_HELD);
    start_gate(SEK_GATE_REPORT, true);
    run_gate();
    assert_int_equal(gate.state, SEK_GATE_RELEASED);
}

/* ---- Orders ---- */

#define NO_CHANGE SIZE_MAX

/* change: offset of the member that is another; NO_CHANGE. */
static size_t write_order(struct test_signer *signer, uint8_t buf[SEK_RELEASE_MAX], size_t change)
{
    struct sek_release order = {.issued_at = 1};
    struct sek_cbor_writer w = sek_cbor_writer_make(buf, SEK_RELEASE_MAX);

    memcpy(order.ueid, agent.ueid, sizeof order.ueid);
    memcpy(order.device_nonce, agent.device_nonce, sizeof order.device_nonce);
    memcpy(order.boot_digest, gate.boot.digest, sizeof order.boot_digest);
    if (change != NO_CHANGE)
        ((uint8_t *)&order)[change + 5] ^= 1;
    sek_release_write(&w, &order, &signer->base);
    assert_int_equal(w.status, SEK_OK);
    return w.len;
}

static void hold_it(void)
{
    time_source = HAL_TIME_NONE;
    judge.context.today = 0;
    load_good();
    start_gate(SEK_GATE_ENFORCE, false);
    run_gate();
    assert_int_equal(gate.state, SEK_GATE_HELD);
    assert_int_equal(gate.outcome, SEK_OUTCOME_HOLD);
}

static void only_an_officers_order_releases(void **state)
{
    static const struct {
        const char *name;
        struct test_signer *signer;
        size_t change;
        enum sek_status status;
    } rows[] = {
        {"for another device", &officer, offsetof(struct sek_release, ueid), SEK_ERR_MALFORMED},
        {"with another nonce", &officer, offsetof(struct sek_release, device_nonce),
         SEK_ERR_MALFORMED},
        {"for another content", &officer, offsetof(struct sek_release, boot_digest),
         SEK_ERR_MALFORMED},
        {"by somebody who may sign work orders only", &clerk, NO_CHANGE, SEK_ERR_KEY},
        {"right", &officer, NO_CHANGE, SEK_OK},
    };
    uint8_t buf[SEK_RELEASE_MAX];
    size_t len;

    (void)state;
    hold_it();
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        print_message("%s\n", rows[i].name);
        len = write_order(rows[i].signer, buf, rows[i].change);
        assert_int_equal(sek_gate_order(&gate, (struct sek_bytes){buf, len}), rows[i].status);
        assert_int_equal(gate.state, rows[i].status == SEK_OK ? SEK_GATE_RELEASED : SEK_GATE_HELD);
    }
    assert_true(gate.ordered);
}

static void no_changed_bit_and_no_part_of_an_order_releases(void **state)
{
    uint8_t buf[SEK_RELEASE_MAX];
    size_t len;

    (void)state;
    hold_it();
    len = write_order(&officer, buf, NO_CHANGE);
    for (size_t bit = 0; bit < 8 * len; bit++) {
        buf[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_not_equal(sek_gate_order(&gate, (struct sek_bytes){buf, len}), SEK_OK);
        buf[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t part = 0; part < len; part++)
        assert_int_not_equal(sek_gate_order(&gate, (struct sek_bytes){buf, part}), SEK_OK);
    assert_int_equal(sek_gate_order(&gate, (struct sek_bytes){buf, len}), SEK_OK);
}

static void an_order_serves_once_and_for_what_was_in_memory(void **state)
{
    uint8_t buf[SEK_RELEASE_MAX];
    size_t len;

    (void)state;
    hold_it();
    len = write_order(&officer, buf, NO_CHANGE);
    assert_int_equal(sek_gate_order(&gate, (struct sek_bytes){buf, len}), SEK_OK);
    assert_int_equal(sek_gate_order(&gate, (struct sek_bytes){buf, len}), SEK_ERR_STATE);
    hold_it();
    assert_int_equal(sek_gate_order(&gate, (struct sek_bytes){buf, len}), SEK_ERR_MALFORMED);
    len = write_order(&officer, buf, NO_CHANGE); /* nor does it for memory that has changed */
    memory[(size_t)(gate.boot.kernel.data - memory) + 100] ^= 1;
    assert_int_equal(sek_gate_order(&gate, (struct sek_bytes){buf, len}), SEK_ERR_MALFORMED);
    assert_int_equal(gate.state, SEK_GATE_HELD);
}

static void a_rejected_device_is_not_released_by_an_order(void **state)
{
    struct fit_writer w;
    uint8_t buf[SEK_RELEASE_MAX];
    size_t len;

    (void)state;
    make_system(&w);
    alter_kernel(&w);
    load(&w);
    start_gate(SEK_GATE_ENFORCE, false);
    run_gate();
    assert_int_equal(gate.outcome, SEK_OUTCOME_REJECT);
    len = write_order(&officer, buf, NO_CHANGE);
    assert_int_equal(sek_gate_order(&gate, (struct sek_bytes){buf, len}), SEK_ERR_STATE);
    assert_int_equal(gate.state, SEK_GATE_HELD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_good_system_is_released_after_the_window, fresh),
        cmocka_unit_test_setup(what_starts_under_enforce_and_report, fresh),
        cmocka_unit_test_setup(a_partition_that_holds_no_system_is_held_whatever_the_mode, fresh),
        cmocka_unit_test_setup(no_changed_bit_is_released_under_enforce, fresh),
        cmocka_unit_test_setup(memory_that_changes_before_the_release_is_held, fresh),
        cmocka_unit_test_setup(a_new_cycle_starts_the_window_anew, fresh),
        cmocka_unit_test_setup(a_bad_part_elsewhere_holds_a_good_system, fresh),
        cmocka_unit_test_setup(without_a_clock_nothing_starts_unless_the_board_says_so, fresh),
        cmocka_unit_test_setup(without_a_store_nothing_starts_under_enforce, fresh),
        cmocka_unit_test_setup(only_an_officers_order_releases, fresh),
        cmocka_unit_test_setup(no_changed_bit_and_no_part_of_an_order_releases, fresh),
        cmocka_unit_test_setup(an_order_serves_once_and_for_what_was_in_memory, fresh),
        cmocka_unit_test_setup(a_rejected_device_is_not_released_by_an_order, fresh),
    };

    return cmocka_run_group_tests(tests, start_group, end_group);
}
