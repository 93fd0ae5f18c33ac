/* The agent as a whole: what it finds on a board, what it answers, whom it believes. */
#include "agent/agent.h"
#include "evidence/token_decode.h"
#include "tests/unit/agent_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { TODAY_S = 1795824000, TOKEN = 16384 }; /* 2026-11-28 */

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

/* ---- What it finds ---- */

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

/* ---- Evidence ---- */

struct decoded {
    uint8_t token[TOKEN];
    struct sek_row row[RIG_ROWS];
    struct sek_observation observation[128];
    struct sek_token_unknown unknown[4];
    struct sek_token_content content;
};

static void decode(struct rig *rig, size_t len, struct decoded *d)
{
    struct sek_fault fault = {0};
    struct sek_cose cose;

    assert_int_equal(
        sek_cose_open(sek_reader_make((struct sek_bytes){d->token, len}, &fault), &cose), SEK_OK);
    assert_int_equal(
        sek_cose_verify(&cose, (struct sek_bytes){rig->agent.identity.spki, SEK_SPKI_P256_LEN}),
        SEK_OK);
    d->content = (struct sek_token_content){.row = d->row,
                                            .row_cap = RIG_ROWS,
                                            .observation = d->observation,
                                            .observation_cap = SEK_LEN(d->observation),
                                            .unknown = d->unknown,
                                            .unknown_cap = SEK_LEN(d->unknown)};
    assert_int_equal(sek_token_decode(cose.payload, &d->content), SEK_OK);
}

static void evidence_says_what_was_measured_and_for_whom(void **state)
{
    struct rig *rig = running(&as_it_should_be);
    struct sek_challenge challenge = {.nonce = {1, 2, 3}};
    struct decoded *d = calloc(1, sizeof *d);
    const struct sek_token *claims;
    size_t len = 0;

    (void)state;
    assert_non_null(d);
    assert_int_equal(sek_agent_attest(&rig->agent, &challenge, d->token, TOKEN, &len), SEK_OK);
    decode(rig, len, d);
    claims = &d->content.claims;
    assert_memory_equal(claims->nonce, challenge.nonce, SEK_NONCE_LEN);
    assert_memory_equal(claims->ueid.data, rig->agent.ueid, SEK_UEID_LEN);
    assert_memory_equal(claims->description_sha256, rig->agent.description_sha256, 32);
    assert_int_equal(claims->store_serial, 7);
    assert_int_equal(claims->debug, SEK_DEBUG_DISABLED);
    assert_int_equal(claims->boot_count, 1);
    assert_int_equal(claims->key_protection, HAL_KEY_FLASH);
    assert_int_equal(d->content.row_count, 6);
    free(d);
    rig_drop(rig);
}

static void a_device_without_a_name_gives_no_evidence(void **state)
{
    struct rig *rig = rig_make(&as_it_should_be);
    struct sek_challenge challenge = {.nonce = {1}};
    uint8_t token[TOKEN];
    size_t len = 0;
    const char *why;

    (void)state;
    rig->chassis[14] ^= 1; /* its checksum is wrong now: its serial number counts for nothing */
    assert_int_equal(rig_start(rig, &why), SEK_OK);
    rig_measure(rig);
    assert_false(rig->agent.serial_known);
    assert_int_equal(sek_agent_attest(&rig->agent, &challenge, token, sizeof token, &len),
                     SEK_ERR_STATE);
    rig_make_chassis(rig->chassis, RIG_SERIAL); /* the next cycle finds it */
    again(rig);
    assert_string_equal(rig->agent.serial, RIG_SERIAL);
    assert_int_equal(sek_agent_attest(&rig->agent, &challenge, token, sizeof token, &len), SEK_OK);
    rig_drop(rig);
}

static void a_fresh_measurement_begins_after_its_challenge(void **state)
{
    struct rig *rig = running(&as_it_should_be);
    const struct sek_challenge one = {.nonce = {1}, .request = SEK_REQUEST_MEASURE};
    const struct sek_challenge two = {.nonce = {2}, .request = SEK_REQUEST_MEASURE};
    uint8_t token[TOKEN];
    size_t len = 0;
    unsigned opened = rig->opened;

    (void)state;
    assert_int_equal(sek_agent_attest(&rig->agent, &one, token, TOKEN, &len), SEK_ERR_BUSY);
    for (unsigned i = 0; i < 4; i++)
        (void)sek_agent_step(&rig->agent);
    assert_true(rig->agent.cycle.running);
    /* Another verifier asks in the middle: the first one's cycle goes on, its own comes after. */
    assert_int_equal(sek_agent_attest(&rig->agent, &two, token, TOKEN, &len), SEK_ERR_BUSY);
    assert_int_equal(sek_agent_attest(&rig->agent, &one, token, TOKEN, &len), SEK_ERR_BUSY);
    rig_measure(rig);
    assert_int_equal(rig->opened - opened, 2 * 6);
    assert_int_equal(sek_agent_attest(&rig->agent, &one, token, TOKEN, &len), SEK_OK);
    assert_int_equal(sek_agent_attest(&rig->agent, &two, token, TOKEN, &len), SEK_OK);
    assert_int_equal(rig->opened - opened, 2 * 6);
    rig_drop(rig);
}

static void what_changes_after_a_challenge_is_in_its_evidence(void **state)
{
    struct rig *rig = running(&as_it_should_be);
    const struct sek_challenge challenge = {.nonce = {9}, .request = SEK_REQUEST_MEASURE};
    struct decoded *d = calloc(1, sizeof *d);
    size_t len = 0;

    (void)state;
    assert_non_null(d);
    spoil_boot(rig);
    assert_int_equal(sek_agent_attest(&rig->agent, &challenge, d->token, TOKEN, &len),
                     SEK_ERR_BUSY);
    rig_measure(rig);
    assert_int_equal(sek_agent_attest(&rig->agent, &challenge, d->token, TOKEN, &len), SEK_OK);
    decode(rig, len, d);
    for (size_t i = 0; i < d->content.row_count; i++) {
        if (strcmp(d->row[i].name, "boot") == 0)
            assert_int_equal(d->row[i].rule, SEK_RULE(REF, 2));
    }
    free(d);
    rig_drop(rig);
}

/* ---- Debug access ---- */

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

/* ---- Starts and keys ---- */

static void starts_are_counted_and_the_key_stays(void **state)
{
    struct rig *rig = rig_make(&as_it_should_be);
    uint8_t seed[SEK_SEED_LEN], key[SEK_KEY_ID_LEN];
    const char *why;

    (void)state;
    assert_int_equal(rig_start(rig, &why), SEK_OK);
    assert_int_equal(rig->agent.boot_count, 1);
    memcpy(seed, rig->agent.boot_seed, sizeof seed);
    memcpy(key, rig->agent.identity.key_id, sizeof key);
    sek_identity_close(&rig->agent.identity);
    assert_int_equal(rig_start(rig, &why), SEK_OK);
    assert_int_equal(rig->agent.boot_count, 2);
    assert_memory_not_equal(seed, rig->agent.boot_seed, sizeof seed);
    assert_memory_equal(key, rig->agent.identity.key_id, sizeof key);
    rig_drop(rig);
}

static void a_visit_keeps_nothing(void **state)
{
    const struct rig_plan visit = {.visit = true};
    struct rig *rig = running(&visit);

    (void)state;
    assert_int_equal(rig->agent.boot_count, 0);
    for (size_t i = 0; i < HAL_VAULT_RECORDS; i++)
        assert_false(rig->vault.there[i]);
    rig_drop(rig);
}

static void a_start_that_fails_says_what_failed(void **state)
{
    struct rig *rig = rig_make(&as_it_should_be);
    const char *why = NULL;

    (void)state;
    rig->vault.broken = true;
    assert_int_equal(rig_start(rig, &why), SEK_ERR_IO);
    assert_string_equal(why, "the vault cannot be used");
    rig->vault.broken = false;
    rig->agent.config.description.len /= 2;
    assert_int_equal(rig_start(rig, &why), SEK_ERR_MALFORMED);
    assert_string_equal(why, "the description is no device tree");
    rig_drop(rig);
}

/* ---- Stores and certificates ---- */

static void give_store(struct rig *rig, const char *find, const char *put, size_t *len)
{
    struct sek_bytes itb = rig_store(rig, find, put);

    memcpy(rig->incoming, itb.data, itb.len);
    *len = itb.len;
    free((void *)itb.data);
}

static void a_newer_store_is_taken_and_an_older_one_never_again(void **state)
{
    struct rig *rig = running(&as_it_should_be);
    size_t newer, older;
    const char *why;

    (void)state;
    give_store(rig, "serial = <7>", "serial = <9>", &newer);
    assert_int_equal(sek_agent_take_store(&rig->agent, newer), SEK_OK);
    assert_int_equal(rig->agent.trust.serial, 9);
    rig_measure(rig);
    assert_int_equal(sek_cycle_outcome(&rig->agent.cycle), SEK_OUTCOME_ACCEPT);

    give_store(rig, "serial = <7>", "serial = <8>", &older);
    assert_int_equal(sek_agent_take_store(&rig->agent, older), SEK_ERR_ROLLBACK);
    assert_int_equal(rig->agent.trust.serial, 9);

    /* Somebody puts the old one back behind the agent's back: the counter lies in the vault. */
    memcpy(rig->slots.kept, rig->incoming, older);
    rig->slots.len = older;
    sek_identity_close(&rig->agent.identity);
    assert_int_equal(rig_start(rig, &why), SEK_OK);
    assert_null(rig->agent.trust.dtb);
    assert_int_equal(rig->agent.store_why.rule, SEK_RULE(TS, 4));
    rig_drop(rig);
}

static void a_store_that_cannot_be_kept_is_not_used(void **state)
{
    struct rig *rig = running(&as_it_should_be);
    size_t len;

    (void)state;
    give_store(rig, "serial = <7>", "serial = <9>", &len);
    rig->slots.broken = true;
    assert_int_equal(sek_agent_take_store(&rig->agent, len), SEK_ERR_IO);
    assert_int_equal(rig->agent.trust.serial, 7);
    assert_true(rig->agent.cycle.complete);
    rig->slots.broken = false;
    rig->incoming[len / 2] ^= 1;
    assert_int_not_equal(sek_agent_take_store(&rig->agent, len), SEK_OK);
    assert_int_equal(rig->agent.trust.serial, 7);
    rig_drop(rig);
}

static void only_its_own_certificate_of_the_stores_authority_is_taken(void **state)
{
    struct rig *rig = running(&as_it_should_be), *other = running(&as_it_should_be);
    const struct rig_plan nobody = {
        .store_find =
            " device-authorities { lab { certificate = /incbin/(\"device-ca.der\"); }; };",
        .store_put = ""};
    struct rig *alone = running(&nobody);
    uint8_t der[SEK_CERTIFICATE_MAX], ueid[SEK_UEID_LEN] = {1};
    size_t len;

    (void)state;
    len = rig_certificate(other, RIG_SERIAL, rig->agent.ueid, der);
    assert_int_equal(sek_agent_take_certificate(&rig->agent, (struct sek_bytes){der, len}),
                     SEK_ERR_KEY);
    len = rig_certificate(rig, "BX-0002", rig->agent.ueid, der);
    assert_int_equal(sek_agent_take_certificate(&rig->agent, (struct sek_bytes){der, len}),
                     SEK_ERR_MALFORMED);
    len = rig_certificate(rig, RIG_SERIAL, ueid, der);
    assert_int_equal(sek_agent_take_certificate(&rig->agent, (struct sek_bytes){der, len}),
                     SEK_ERR_MALFORMED);
    len = rig_certificate(rig, RIG_SERIAL, rig->agent.ueid, der);
    der[len - 1] ^= 1;
    assert_int_equal(sek_agent_take_certificate(&rig->agent, (struct sek_bytes){der, len}),
                     SEK_ERR_SIGNATURE);
    assert_false(rig->vault.there[HAL_VAULT_DEVICE_CERT]);
    der[len - 1] ^= 1;
    assert_int_equal(sek_agent_take_certificate(&rig->agent, (struct sek_bytes){der, len}), SEK_OK);
    assert_true(rig->vault.there[HAL_VAULT_DEVICE_CERT]);

    len = rig_certificate(alone, RIG_SERIAL, alone->agent.ueid, der);
    assert_int_equal(sek_agent_take_certificate(&alone->agent, (struct sek_bytes){der, len}),
                     SEK_ERR_STATE);
    rig_drop(alone);
    rig_drop(other);
    rig_drop(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_board_as_it_should_be_is_accepted),
        cmocka_unit_test(each_byte_is_read_once),
        cmocka_unit_test(bytes_of_two_names_are_not_looked_at),
        cmocka_unit_test(more_rows_than_the_table_are_no_verdict),
        cmocka_unit_test(without_a_clock_nothing_is_approved),
        cmocka_unit_test(without_a_store_all_is_listed_and_nothing_judged),
        cmocka_unit_test(evidence_says_what_was_measured_and_for_whom),
        cmocka_unit_test(a_device_without_a_name_gives_no_evidence),
        cmocka_unit_test(a_fresh_measurement_begins_after_its_challenge),
        cmocka_unit_test(what_changes_after_a_challenge_is_in_its_evidence),
        cmocka_unit_test(debug_access_counts_as_open_unless_it_is_seen_closed),
        cmocka_unit_test(starts_are_counted_and_the_key_stays),
        cmocka_unit_test(a_visit_keeps_nothing),
        cmocka_unit_test(a_start_that_fails_says_what_failed),
        cmocka_unit_test(a_newer_store_is_taken_and_an_older_one_never_again),
        cmocka_unit_test(a_store_that_cannot_be_kept_is_not_used),
        cmocka_unit_test(only_its_own_certificate_of_the_stores_authority_is_taken),
    };
    struct CMUnitTest rows[SEK_LEN(findings)];
    int failed;

    for (size_t i = 0; i < SEK_LEN(findings); i++)
        rows[i] = (struct CMUnitTest){findings[i].name, the_agent_finds, NULL, NULL,
                                      (void *)&findings[i]};
    failed = _cmocka_run_group_tests("the agent finds", rows, SEK_LEN(rows), NULL, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL) + failed;
}
