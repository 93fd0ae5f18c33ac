/* The agent as a whole: what it answers, whom it believes, what it keeps. */
#include "agent/agent.h"
#include "agent/resources.h"
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

/* A challenge as a peer of that link sends it, through the resource. */
static void post(struct rig *rig, enum sek_link link, uint8_t *body, struct sek_response *response)
{
    uint8_t payload[] = {0xa1, 0x0a, 0x58, 0x20, [4 + 31] = 7};
    const struct sek_peer peer = {.link = link};
    const struct sek_request request = {
        .method = SEK_COAP_FETCH, .peer = &peer, .payload = {payload, sizeof payload}};

    *response = (struct sek_response){.code = SEK_COAP_INTERNAL, .body = body, .cap = TOKEN};
    sek_agent_resources[3].handle(&rig->agent, 0, &request, response);
}

static void a_board_may_keep_its_inventory_from_the_network(void **state)
{
    static const struct {
        const char *find, *put;
        enum sek_link link;
        bool summary;
    } rows[] = {
        {NULL, NULL, SEK_LINK_NETWORK, false},
        {"sekisho,closed", "sekisho,signed-challenge; sekisho,closed", SEK_LINK_NETWORK, true},
        {"sekisho,closed", "sekisho,signed-challenge; sekisho,closed", SEK_LINK_SERIAL, false},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        const struct rig_plan plan = {.find = rows[i].find, .put = rows[i].put};
        struct rig *rig = running(&plan);
        struct decoded *d = calloc(1, sizeof *d);
        struct sek_response response;

        assert_non_null(d);
        post(rig, rows[i].link, d->token, &response);
        assert_int_equal(response.code, SEK_COAP_CONTENT);
        decode(rig, response.len, d);
        assert_int_equal(d->content.claims.summary, rows[i].summary);
        assert_int_equal(d->content.row_count, rows[i].summary ? 0 : 6);
        if (rows[i].summary)
            assert_int_equal(d->content.summary.integrity[SEK_INTEGRITY_VERIFIED], 3);
        free(d);
        rig_drop(rig);
    }
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
    rig->chip[17] ^= 1; /* in boot */
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

/* Who has a copy of the store may send it again and again: flash wears, and a device that measures
 * for ever answers nobody. Signed anew it has other bytes around the same content. */
static void the_store_in_use_costs_nothing_when_it_comes_again(void **state)
{
    struct rig *rig = running(&as_it_should_be);
    uint64_t cycles;
    size_t len;

    (void)state;
    give_store(rig, "serial = <7>", "serial = <9>", &len);
    assert_int_equal(sek_agent_take_store(&rig->agent, len), SEK_OK);
    rig_measure(rig);
    cycles = rig->agent.cycles;
    rig->slots.broken = true; /* nothing is written */
    for (int i = 0; i < 3; i++) {
        give_store(rig, "serial = <7>", "serial = <9>", &len);
        assert_int_equal(sek_agent_take_store(&rig->agent, len), SEK_OK);
        assert_int_equal(rig->agent.cycles, cycles);
        assert_true(rig->agent.cycle.complete);
        assert_int_equal(rig->agent.trust.serial, 9);
    }
    give_store(rig, "serial = <7>; issued = \"2026-01-01\"",
               "serial = <9>; issued = \"2026-01-02\"", &len); /* the control: another one */
    assert_int_equal(sek_agent_take_store(&rig->agent, len), SEK_ERR_IO);
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

/* ---- The gate's log ---- */

static void get(struct rig *rig, const char *path, enum sek_link link, uint8_t *body,
                struct sek_response *response)
{
    const struct sek_peer peer = {.link = link};
    const struct sek_request request = {.method = SEK_COAP_GET, .peer = &peer};
    const struct sek_resource *resource = sek_agent_resources;

    while (strcmp(resource->path, path) != 0)
        resource++;
    *response = (struct sek_response){.code = SEK_COAP_INTERNAL, .body = body, .cap = 16};
    resource->handle(&rig->agent, 0, &request, response);
}

static void a_gates_log_is_handed_on_as_it_came_and_named_in_the_evidence(void **state)
{
    static const uint8_t log[] = "signed log", certificate[] = "certificate";
    static const uint8_t sha256[] = {0xb1, 0xcc, 0x0d, 0x00,
                                     0x05, 0xab, 0x18, 0x37}; /* by sha256sum, its beginning */
    struct sek_challenge challenge = {.nonce = {1, 2, 3}};
    struct rig *rig = rig_make(&as_it_should_be);
    struct decoded *d = calloc(1, sizeof *d);
    struct sek_response response;
    uint8_t body[16];
    const char *why = "";
    size_t len = 0;

    (void)state;
    assert_non_null(d);
    rig->agent.config.gate_log = (struct sek_bytes){log, sizeof log};
    rig->agent.config.gate_certificate = (struct sek_bytes){certificate, sizeof certificate};
    assert_int_equal(rig_start(rig, &why), SEK_OK);
    rig_measure(rig);
    get(rig, "sekisho/log", SEK_LINK_NETWORK, body, &response);
    assert_int_equal(response.code, SEK_COAP_CONTENT);
    assert_int_equal(response.content_format, SEK_CF_EAT);
    assert_int_equal(response.len, sizeof log);
    assert_memory_equal(body, log, sizeof log);
    get(rig, "sekisho/log-cert", SEK_LINK_NETWORK, body, &response);
    assert_int_equal(response.code, SEK_COAP_CONTENT);
    assert_int_equal(response.content_format, SEK_CF_PKIX_CERT);
    assert_memory_equal(body, certificate, sizeof certificate);
    assert_int_equal(sek_agent_attest(&rig->agent, &challenge, d->token, TOKEN, &len), SEK_OK);
    decode(rig, len, d);
    assert_int_equal(d->content.claims.log_head.len, 32);
    assert_memory_equal(d->content.claims.log_head.data, sha256, sizeof sha256);
    free(d);
    rig_drop(rig);
}

static void without_a_gate_there_is_no_log(void **state)
{
    struct sek_challenge challenge = {.nonce = {1, 2, 3}};
    struct rig *rig = running(&as_it_should_be);
    struct decoded *d = calloc(1, sizeof *d);
    struct sek_response response;
    uint8_t body[16];
    size_t len = 0;

    (void)state;
    assert_non_null(d);
    get(rig, "sekisho/log", SEK_LINK_SERIAL, body, &response);
    assert_int_equal(response.code, SEK_COAP_NOT_FOUND);
    get(rig, "sekisho/log-cert", SEK_LINK_SERIAL, body, &response);
    assert_int_equal(response.code, SEK_COAP_NOT_FOUND);
    assert_int_equal(sek_agent_attest(&rig->agent, &challenge, d->token, TOKEN, &len), SEK_OK);
    decode(rig, len, d);
    assert_null(d->content.claims.log_head.data);
    free(d);
    rig_drop(rig);
}

static void a_log_is_kept_from_the_network_as_the_inventory_is(void **state)
{
    const struct rig_plan plan = {.find = "sekisho,closed",
                                  .put = "sekisho,signed-challenge; sekisho,closed"};
    static const uint8_t log[] = "signed log";
    struct rig *rig = running(&plan);
    struct sek_response response;
    uint8_t body[16];

    (void)state;
    rig->agent.config.gate_log = (struct sek_bytes){log, sizeof log};
    get(rig, "sekisho/log", SEK_LINK_NETWORK, body, &response);
    assert_int_equal(response.code, SEK_COAP_FORBIDDEN);
    get(rig, "sekisho/log", SEK_LINK_SERIAL, body, &response);
    assert_int_equal(response.code, SEK_COAP_CONTENT);
    rig_drop(rig);
}

/* ---- The chip's id ---- */

static void the_chips_id_is_part_of_the_devices_name(void **state)
{
    const struct rig_plan with_id = {.find = "sekisho,closed",
                                     .put = "sekisho,chip-id = <0x1e6e25b0>; sekisho,closed"};
    struct rig *plain = running(&as_it_should_be), *one = running(&with_id),
               *other = rig_make(&with_id);
    const char *why = "";

    (void)state;
    other->registers.value[1] ^= 0x100;
    assert_int_equal(rig_start(other, &why), SEK_OK);
    rig_measure(other);
    assert_memory_not_equal(plain->agent.ueid, one->agent.ueid, SEK_UEID_LEN);
    assert_memory_not_equal(other->agent.ueid, one->agent.ueid, SEK_UEID_LEN);
    rig_drop(other);
    other = running(&with_id);
    assert_memory_equal(other->agent.ueid, one->agent.ueid, SEK_UEID_LEN);
    rig_drop(plain);
    rig_drop(one);
    rig_drop(other);
}

static void an_id_that_cannot_be_read_is_not_left_out(void **state)
{
    static const char *const ids[] = {"sekisho,chip-id = <0x1e6e25b0>; sekisho,closed",
                                      "sekisho,chip-id = <1 2 3 4 5>; sekisho,closed"};

    (void)state;
    for (size_t i = 0; i < SEK_LEN(ids); i++) {
        const struct rig_plan plan = {.find = "sekisho,closed", .put = ids[i]};
        struct rig *rig = rig_make(&plan);
        const char *why = "";

        rig->registers.broken = i == 0;
        assert_int_not_equal(rig_start(rig, &why), SEK_OK);
        assert_string_equal(why, "the chip's id cannot be read");
        rig_drop(rig);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(evidence_says_what_was_measured_and_for_whom),
        cmocka_unit_test(a_board_may_keep_its_inventory_from_the_network),
        cmocka_unit_test(a_device_without_a_name_gives_no_evidence),
        cmocka_unit_test(a_fresh_measurement_begins_after_its_challenge),
        cmocka_unit_test(what_changes_after_a_challenge_is_in_its_evidence),
        cmocka_unit_test(starts_are_counted_and_the_key_stays),
        cmocka_unit_test(a_visit_keeps_nothing),
        cmocka_unit_test(a_start_that_fails_says_what_failed),
        cmocka_unit_test(a_newer_store_is_taken_and_an_older_one_never_again),
        cmocka_unit_test(the_store_in_use_costs_nothing_when_it_comes_again),
        cmocka_unit_test(a_store_that_cannot_be_kept_is_not_used),
        cmocka_unit_test(only_its_own_certificate_of_the_stores_authority_is_taken),
        cmocka_unit_test(a_gates_log_is_handed_on_as_it_came_and_named_in_the_evidence),
        cmocka_unit_test(without_a_gate_there_is_no_log),
        cmocka_unit_test(a_log_is_kept_from_the_network_as_the_inventory_is),
        cmocka_unit_test(the_chips_id_is_part_of_the_devices_name),
        cmocka_unit_test(an_id_that_cannot_be_read_is_not_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
