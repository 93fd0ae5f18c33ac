/* What a measuring cycle finds on a board, one thing wrong with each. */
#include "agent/agent.h"
#include "tests/unit/agent_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { TODAY_S = 1795824000 }; /* 2026-11-28 */

static const struct rig_plan as_it_should_be;

/* A rig that has started and measured, with a clock to go by. */
static struct rig *running(const struct rig_plan *plan)
{
    struct rig *rig = rig_make(plan);
    const char *why = "";

    rig->clock.source = HAL_TIME_AUTHENTICATED;
    rig->clock.date_s = TODAY_S;
    if (rig_start(rig, &why) != SEK_OK)
        fail_msg("%s", why);
    rig_measure(rig);
    return rig;
}

static struct rig *again(struct rig *rig)
{
    sek_agent_measure(&rig->agent);
    rig_measure(rig);
    return rig;
}

static void a_board_as_it_should_be_is_accepted(void **state)
{
    static const struct {
        const char *name;
        enum sek_verdict verdict;
        sek_rule rule;
    } rows[] = {
        {"boot", SEK_VERDICT_APPROVED, SEK_RULE(REF, 1)},
        {"os", SEK_VERDICT_APPROVED, SEK_RULE(REF, 1)},
        {"fpga", SEK_VERDICT_APPROVED, SEK_RULE(REF, 1)},
        {"chassis", SEK_VERDICT_IDENTIFIED, SEK_RULE(VND, 1)},
        {"port1", SEK_VERDICT_IDENTIFIED, SEK_RULE(VND, 1)},
        {"fan", SEK_VERDICT_UNATTRIBUTED, SEK_RULE(VND, 6)},
    };
    struct rig *rig = running(&as_it_should_be);

    (void)state;
    assert_true(rig->agent.cycle.complete);
    assert_int_equal(rig->agent.cycle.row_count, SEK_LEN(rows));
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        const struct sek_row *row = rig_row(rig, rows[i].name);

        assert_int_equal(row->verdict, rows[i].verdict);
        assert_int_equal(row->rule, rows[i].rule);
        assert_int_equal(row->method, SEK_METHOD_OS);
    }
    assert_int_equal(sek_cycle_outcome(&rig->agent.cycle), SEK_OUTCOME_ACCEPT);
    rig_drop(rig);
}

static void each_byte_is_read_once(void **state)
{
    struct rig *rig = running(&as_it_should_be);

    (void)state;
    assert_int_equal(rig->agent.cycle.bytes_read, 0x4000 + 0x8000 + 4096 /* fpga */ +
                                                      4096 /* chassis */ + 256 /* fan */ +
                                                      256 /* port1 */);
    rig_drop(rig);
}

static void spoil_boot(struct rig *rig)
{
    rig->chip[17] ^= 1;
}

static void spoil_vault_region(struct rig *rig)
{
    rig->chip[0xc000] ^= 1; /* ours: no component */
}

static void exclude_port(struct rig *rig)
{
    rig_make_port(rig->port, "OUTCAST OPTICS");
}

static enum sek_status read_nothing(struct sek_source *source, uint64_t offset, void *buf,
                                    size_t len)
{
    (void)source;
    (void)offset;
    (void)buf;
    (void)len;
    return SEK_OK;
}

static enum sek_status read_half(struct sek_source *source, uint64_t offset, void *buf, size_t len)
{
    memcpy(buf, ((struct sek_memory_source *)source)->data + offset, len / 2);
    return SEK_OK;
}

/* A driver of the transceiver that claims to have read what it has not. */
static enum sek_status (*open_really)(struct hal_media *media, const struct hal_media_place *place,
                                      struct sek_source **source);
static enum sek_status (*lie)(struct sek_source *source, uint64_t offset, void *buf, size_t len);

static enum sek_status open_lying(struct hal_media *media, const struct hal_media_place *place,
                                  struct sek_source **source)
{
    enum sek_status status = open_really(media, place, source);

    if (status == SEK_OK && strcmp(place->label, "port1") == 0)
        (*source)->read = lie;
    return status;
}

static void a_record_that_was_not_read_hides_no_maker(void **state)
{
    enum sek_status (*const lies[])(struct sek_source *, uint64_t, void *, size_t) = {read_nothing,
                                                                                      read_half};
    (void)state;
    for (size_t i = 0; i < SEK_LEN(lies); i++) {
        struct rig *rig = running(&as_it_should_be);

        exclude_port(rig);
        open_really = rig->media.base.open;
        rig->media.base.open = open_lying;
        lie = lies[i];
        (void)again(rig);
        assert_int_equal(rig_row(rig, "port1")->verdict, SEK_VERDICT_UNREADABLE);
        assert_int_equal(sek_cycle_outcome(&rig->agent.cycle), SEK_OUTCOME_HOLD);
        rig_drop(rig);
    }
}

static void lose_port(struct rig *rig)
{
    rig->missing = "port1";
}

static void lose_fpga(struct rig *rig)
{
    rig->missing = "fpga";
}

static void silence_chassis(struct rig *rig)
{
    rig->silent = "chassis";
}

static void silence_fan(struct rig *rig)
{
    rig->silent = "fan";
}

static void grow_chip(struct rig *rig)
{
    rig->chip_size = 2 * RIG_CHIP;
}

static void shrink_chip(struct rig *rig)
{
    rig->chip_size = RIG_CHIP - 1;
}

static void hide_chip_size(struct rig *rig)
{
    rig->chip_size = 0;
}

static void forget_chip_size(struct rig *rig)
{
    rig->media.base.chip_size = NULL;
}

static void nothing(struct rig *rig)
{
    (void)rig;
}

static const struct finding {
    const char *name;
    struct rig_plan plan;
    void (*change)(struct rig *rig);
    const char *row;
    enum sek_verdict verdict;
    sek_rule rule;
    enum sek_outcome outcome;
} findings[] = {
    {"control: nothing is changed",
     {0},
     nothing,
     "boot",
     SEK_VERDICT_APPROVED,
     SEK_RULE(REF, 1),
     SEK_OUTCOME_ACCEPT},
    {"one bit of a boot loader",
     {0},
     spoil_boot,
     "boot",
     SEK_VERDICT_UNVERIFIED,
     SEK_RULE(REF, 2),
     SEK_OUTCOME_REJECT},
    {"a byte of our own vault is no finding",
     {0},
     spoil_vault_region,
     "boot",
     SEK_VERDICT_APPROVED,
     SEK_RULE(REF, 1),
     SEK_OUTCOME_ACCEPT},
    {"a transceiver of an excluded vendor",
     {0},
     exclude_port,
     "port1",
     SEK_VERDICT_EXCLUDED,
     SEK_RULE(VND, 2),
     SEK_OUTCOME_REJECT},
    {"an empty cage is no finding",
     {0},
     lose_port,
     "port1",
     SEK_VERDICT_ABSENT,
     SEK_RULE(RD, 4),
     SEK_OUTCOME_ACCEPT},
    {"a file that must be there",
     {0},
     lose_fpga,
     "fpga",
     SEK_VERDICT_ABSENT,
     SEK_RULE(RD, 3),
     SEK_OUTCOME_HOLD},
    {"a required part that does not answer",
     {0},
     silence_chassis,
     "chassis",
     SEK_VERDICT_UNREADABLE,
     SEK_RULE(RD, 1),
     SEK_OUTCOME_HOLD},
    {"an optional part that does not answer",
     {0},
     silence_fan,
     "fan",
     SEK_VERDICT_ABSENT,
     SEK_RULE(RD, 4),
     SEK_OUTCOME_ACCEPT},
    {"a chip larger than its map",
     {0},
     grow_chip,
     "spi0.0",
     SEK_VERDICT_UNEXPECTED,
     SEK_RULE(MAP, 2),
     SEK_OUTCOME_HOLD},
    {"a chip smaller than its map",
     {0},
     shrink_chip,
     "spi0.0",
     SEK_VERDICT_UNEXPECTED,
     SEK_RULE(MAP, 2),
     SEK_OUTCOME_HOLD},
    {"a chip that does not tell its size",
     {0},
     hide_chip_size,
     "spi0.0",
     SEK_VERDICT_UNEXPECTED,
     SEK_RULE(MAP, 2),
     SEK_OUTCOME_HOLD},
    {"media that know of no sizes",
     {0},
     forget_chip_size,
     "spi0.0",
     SEK_VERDICT_UNEXPECTED,
     SEK_RULE(MAP, 2),
     SEK_OUTCOME_HOLD},
    {"a map that leaves bytes out",
     {.find = "partition@d000 { label = \"unused\"; reg = <0xd000 0x3000>; };",
      .put = "tail { reg = <0xf000 0x1000>; };"},
     nothing,
     "spi0.0",
     SEK_VERDICT_UNEXPECTED,
     SEK_RULE(MAP, 2),
     SEK_OUTCOME_HOLD},
    {"a map that names one clean copy twice",
     {.find = "label = \"unused\"; reg = <0xd000 0x3000>;",
      .put = "label = \"copy\"; reg = <0 0x4000>; sekisho,class = \"boot\"; }; x@d000 { "
             "reg = <0xd000 0x3000>;"},
     nothing,
     "copy",
     SEK_VERDICT_UNEXPECTED,
     SEK_RULE(MAP, 3),
     SEK_OUTCOME_HOLD},
    {"a map with a component over our vault",
     {.find = "reg = <0x4000 0x8000>", .put = "reg = <0x4000 0x9000>"},
     nothing,
     "os",
     SEK_VERDICT_UNEXPECTED,
     SEK_RULE(MAP, 3),
     SEK_OUTCOME_HOLD},
};

static void the_agent_finds(void **state)
{
    const struct finding *f = *state;
    struct rig *rig = running(&f->plan);
    const struct sek_row *row;

    f->change(rig);
    again(rig);
    row = rig_row(rig, f->row);
    assert_int_equal(row->verdict, f->verdict);
    assert_int_equal(row->rule, f->rule);
    assert_int_equal(sek_cycle_outcome(&rig->agent.cycle), f->outcome);
    rig_drop(rig);
}

static void bytes_of_two_names_are_not_looked_at(void **state)
{
    const struct rig_plan plan = {.find = "reg = <0 0x4000>", .put = "reg = <0 0x4001>"};
    struct rig *rig = running(&plan);

    (void)state;
    assert_int_equal(rig->opened, 4); /* chassis, fan, port1, fpga: not boot, not os */
    assert_int_equal(rig_row(rig, "boot")->digest[0].alg, SEK_DIGEST_NONE);
    rig_drop(rig);
}

static void more_rows_than_the_table_are_no_verdict(void **state)
{
    struct rig *rig = running(&as_it_should_be);

    (void)state;
    rig->agent.cycle.memory.row_cap = 5;
    again(rig);
    assert_false(rig->agent.cycle.complete);
    assert_int_equal(sek_cycle_outcome(&rig->agent.cycle), SEK_OUTCOME_HOLD);
    rig_drop(rig);
}

/* ---- Without a clock, without a store ---- */

static void without_a_clock_nothing_is_approved(void **state)
{
    struct rig *rig = running(&as_it_should_be);

    (void)state;
    rig->clock.source = HAL_TIME_UNAUTHENTICATED;
    again(rig);
    assert_int_equal(rig_row(rig, "boot")->verdict, SEK_VERDICT_CONSULT);
    assert_int_equal(rig_row(rig, "boot")->rule, SEK_RULE(TS, 3));
    assert_int_equal(sek_cycle_outcome(&rig->agent.cycle), SEK_OUTCOME_HOLD);
    rig_drop(rig);
}

static void without_a_store_all_is_listed_and_nothing_judged(void **state)
{
    static const struct {
        struct rig_plan plan;
        sek_rule rule;
    } rows[] = {
        {{.no_store = true}, SEK_RULE(TS, 1)},
        {{.no_authority = true}, SEK_RULE(TS, 2)},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        struct rig *rig = running(&rows[i].plan);

        assert_null(rig->agent.trust.dtb);
        assert_int_equal(rig->agent.store_why.rule, rows[i].rule);
        assert_int_equal(rig->agent.cycle.row_count, 6);
        assert_int_equal(rig_row(rig, "boot")->verdict, SEK_VERDICT_UNVERIFIED);
        assert_int_equal(rig_row(rig, "port1")->supplier, SEK_SUPPLIER_NOT_EVALUATED);
        assert_int_equal(sek_cycle_outcome(&rig->agent.cycle), SEK_OUTCOME_HOLD);
        rig_drop(rig);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_board_as_it_should_be_is_accepted),
        cmocka_unit_test(each_byte_is_read_once),
        cmocka_unit_test(a_record_that_was_not_read_hides_no_maker),
        cmocka_unit_test(bytes_of_two_names_are_not_looked_at),
        cmocka_unit_test(more_rows_than_the_table_are_no_verdict),
        cmocka_unit_test(without_a_clock_nothing_is_approved),
        cmocka_unit_test(without_a_store_all_is_listed_and_nothing_judged),
    };
    struct CMUnitTest rows[SEK_LEN(findings)];
    int failed;

    for (size_t i = 0; i < SEK_LEN(findings); i++)
        rows[i] = (struct CMUnitTest){findings[i].name, the_agent_finds, NULL, NULL,
                                      (void *)&findings[i]};
    failed = _cmocka_run_group_tests("the agent finds", rows, SEK_LEN(rows), NULL, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL) + failed;
}
