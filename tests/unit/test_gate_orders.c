/* What an officer's order does to a gate that holds. */
#include "evidence/release.h"
#include "tests/unit/gate_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#define NO_CHANGE SIZE_MAX

/* change: offset of the member that is another; NO_CHANGE. */
static size_t write_order(struct test_signer *signer, uint8_t buf[SEK_RELEASE_MAX], size_t change)
{
    struct sek_release order = {.issued_at = 1};
    struct sek_cbor_writer w = sek_cbor_writer_make(buf, SEK_RELEASE_MAX);

    memcpy(order.ueid, rig.agent.ueid, sizeof order.ueid);
    memcpy(order.device_nonce, rig.agent.device_nonce, sizeof order.device_nonce);
    memcpy(order.boot_digest, rig.gate.boot.digest, sizeof order.boot_digest);
    if (change != NO_CHANGE)
        ((uint8_t *)&order)[change + 5] ^= 1;
    sek_release_write(&w, &order, &signer->base);
    assert_int_equal(w.status, SEK_OK);
    return w.len;
}

static void hold_it(void)
{
    rig.time_source = HAL_TIME_NONE;
    rig.judge.context.today = 0;
    gate_rig_load_good();
    gate_rig_start(SEK_GATE_ENFORCE, false);
    gate_rig_run();
    assert_int_equal(rig.gate.state, SEK_GATE_HELD);
    assert_int_equal(rig.gate.outcome, SEK_OUTCOME_HOLD);
}

static void only_an_officers_order_releases(void **state)
{
    static const struct {
        const char *name;
        struct test_signer *signer;
        size_t change;
        enum sek_status status;
    } rows[] = {
        {"for another device", &rig.officer, offsetof(struct sek_release, ueid), SEK_ERR_MALFORMED},
        {"with another nonce", &rig.officer, offsetof(struct sek_release, device_nonce),
         SEK_ERR_MALFORMED},
        {"for another content", &rig.officer, offsetof(struct sek_release, boot_digest),
         SEK_ERR_MALFORMED},
        {"by somebody who may sign work orders only", &rig.clerk, NO_CHANGE, SEK_ERR_KEY},
        {"right", &rig.officer, NO_CHANGE, SEK_OK},
    };
    uint8_t buf[SEK_RELEASE_MAX];
    size_t len;

    (void)state;
    hold_it();
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        print_message("%s\n", rows[i].name);
        len = write_order(rows[i].signer, buf, rows[i].change);
        assert_int_equal(sek_gate_order(&rig.gate, (struct sek_bytes){buf, len}), rows[i].status);
        assert_int_equal(rig.gate.state,
                         rows[i].status == SEK_OK ? SEK_GATE_RELEASED : SEK_GATE_HELD);
    }
    assert_true(rig.gate.ordered);
}

static void no_changed_bit_and_no_part_of_an_order_releases(void **state)
{
    uint8_t buf[SEK_RELEASE_MAX];
    size_t len;

    (void)state;
    hold_it();
    len = write_order(&rig.officer, buf, NO_CHANGE);
    for (size_t bit = 0; bit < 8 * len; bit++) {
        buf[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_not_equal(sek_gate_order(&rig.gate, (struct sek_bytes){buf, len}), SEK_OK);
        buf[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t part = 0; part < len; part++)
        assert_int_not_equal(sek_gate_order(&rig.gate, (struct sek_bytes){buf, part}), SEK_OK);
    assert_int_equal(sek_gate_order(&rig.gate, (struct sek_bytes){buf, len}), SEK_OK);
}

static void an_order_serves_once_and_for_what_was_in_memory(void **state)
{
    uint8_t buf[SEK_RELEASE_MAX];
    size_t len;

    (void)state;
    hold_it();
    len = write_order(&rig.officer, buf, NO_CHANGE);
    assert_int_equal(sek_gate_order(&rig.gate, (struct sek_bytes){buf, len}), SEK_OK);
    assert_int_equal(sek_gate_order(&rig.gate, (struct sek_bytes){buf, len}), SEK_ERR_STATE);
    hold_it();
    assert_int_equal(sek_gate_order(&rig.gate, (struct sek_bytes){buf, len}), SEK_ERR_MALFORMED);
    len = write_order(&rig.officer, buf, NO_CHANGE); /* nor does it for memory that has changed */
    rig.memory[(size_t)(rig.gate.boot.kernel.data - rig.memory) + 100] ^= 1;
    assert_int_equal(sek_gate_order(&rig.gate, (struct sek_bytes){buf, len}), SEK_ERR_MALFORMED);
    assert_int_equal(rig.gate.state, SEK_GATE_HELD);
}

static void a_rejected_device_is_not_released_by_an_order(void **state)
{
    struct fit_writer w;
    uint8_t buf[SEK_RELEASE_MAX];
    size_t len;

    (void)state;
    gate_rig_system(&w);
    w.token[fit_find(&w, "/images/kernel-1:data")].value[100] ^= 1;
    gate_rig_load(&w);
    gate_rig_start(SEK_GATE_ENFORCE, false);
    gate_rig_run();
    assert_int_equal(rig.gate.outcome, SEK_OUTCOME_REJECT);
    len = write_order(&rig.officer, buf, NO_CHANGE);
    assert_int_equal(sek_gate_order(&rig.gate, (struct sek_bytes){buf, len}), SEK_ERR_STATE);
    assert_int_equal(rig.gate.state, SEK_GATE_HELD);
}

/* An order is about what was measured last, and while that goes on, about nothing. */
static void an_order_waits_for_the_cycle_that_was_begun(void **state)
{
    uint8_t buf[SEK_RELEASE_MAX];
    size_t len;

    (void)state;
    hold_it();
    len = write_order(&rig.officer, buf, NO_CHANGE);
    rig.agent.cycles++;
    rig.agent.cycle.running = true;
    rig.agent.cycle.complete = false;
    assert_int_equal(sek_gate_order(&rig.gate, (struct sek_bytes){buf, len}), SEK_ERR_STATE);
    rig.agent.cycle.running = false;
    rig.agent.cycle.complete = true; /* measured, but not judged yet */
    assert_int_equal(sek_gate_order(&rig.gate, (struct sek_bytes){buf, len}), SEK_ERR_STATE);
    gate_rig_run();
    assert_int_equal(rig.gate.state, SEK_GATE_HELD);
    assert_int_equal(sek_gate_order(&rig.gate, (struct sek_bytes){buf, len}), SEK_OK);
}

/* ---- Two officers ---- */

static void open_store_that_wants_two(void)
{
    gate_rig_close(NULL);
    assert_int_equal(gate_rig_open("release-two = \"secret\";"), 0);
    gate_rig_fresh(NULL);
}

static enum sek_status order_by(struct test_signer *signer)
{
    uint8_t buf[SEK_RELEASE_MAX];
    size_t len = write_order(signer, buf, NO_CHANGE);

    return sek_gate_order(&rig.gate, (struct sek_bytes){buf, len});
}

/* The gate knows no tier, so that a policy which wants two officers in one wants them here. */
static void where_the_policy_says_two_it_takes_two_officers(void **state)
{
    (void)state;
    open_store_that_wants_two();
    hold_it();
    assert_int_equal(order_by(&rig.officer), SEK_OK);
    assert_int_equal(rig.gate.state, SEK_GATE_HELD);
    assert_int_equal(order_by(&rig.officer), SEK_ERR_KEY); /* nor twice the same */
    assert_int_equal(order_by(&rig.spare), SEK_ERR_KEY);   /* nor another key of that person */
    assert_int_equal(order_by(&rig.clerk), SEK_ERR_KEY);
    assert_int_equal(rig.gate.state, SEK_GATE_HELD);
    assert_int_equal(order_by(&rig.colleague), SEK_OK);
    assert_int_equal(rig.gate.state, SEK_GATE_RELEASED);
    assert_true(rig.gate.ordered);
}

static void a_new_cycle_forgets_the_first_of_two(void **state)
{
    (void)state;
    open_store_that_wants_two();
    hold_it();
    assert_int_equal(order_by(&rig.officer), SEK_OK);
    rig.agent.cycles++;
    rig.agent.cycle.running = true;
    (void)sek_gate_step(&rig.gate, 0);
    rig.agent.cycle.running = false;
    gate_rig_run();
    assert_int_equal(rig.gate.state, SEK_GATE_HELD);
    assert_int_equal(order_by(&rig.colleague), SEK_OK);
    assert_int_equal(rig.gate.state, SEK_GATE_HELD);
    assert_int_equal(order_by(&rig.spare), SEK_OK);
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
        cmocka_unit_test_setup(only_an_officers_order_releases, gate_rig_fresh),
        cmocka_unit_test_setup(no_changed_bit_and_no_part_of_an_order_releases, gate_rig_fresh),
        cmocka_unit_test_setup(an_order_serves_once_and_for_what_was_in_memory, gate_rig_fresh),
        cmocka_unit_test_setup(a_rejected_device_is_not_released_by_an_order, gate_rig_fresh),
        cmocka_unit_test_setup(an_order_waits_for_the_cycle_that_was_begun, gate_rig_fresh),
        cmocka_unit_test_setup(where_the_policy_says_two_it_takes_two_officers, gate_rig_fresh),
        cmocka_unit_test_setup(a_new_cycle_forgets_the_first_of_two, gate_rig_fresh),
    };

    return cmocka_run_group_tests(tests, open_group, gate_rig_close);
}
