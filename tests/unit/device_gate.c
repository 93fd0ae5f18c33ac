/* Devices whose system was started by a gate, and what is wrong with the gate's log. */
#define _DEFAULT_SOURCE
#include "crypto/digest.h"
#include "tests/unit/device_wrong.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static uint8_t log_bytes[RIG_ANSWER], certificate[SEK_CERTIFICATE_MAX];

/* ---- The gate ---- */

static void write_log(struct rig *signer, bool answer)
{
    struct sek_challenge challenge = {.request = SEK_REQUEST_INVENTORY};
    size_t len = 0;

    memcpy(challenge.nonce, signer->agent.boot_seed, SEK_NONCE_LEN);
    if (answer)
        challenge.nonce[0] ^= 1;
    assert_int_equal(
        sek_agent_attest(&signer->agent, &challenge, log_bytes, sizeof log_bytes - 1, &len),
        SEK_OK);
    signer->agent.config.gate_log = (struct sek_bytes){log_bytes, len};
}

/* As its start would have done. */
static void name_log(struct rig *rig)
{
    const struct sek_bytes *log = &rig->agent.config.gate_log;
    uint8_t digest[SEK_DIGEST_MAX];

    assert_int_equal(sek_digest_of(SEK_DIGEST_SHA256, NULL, log->data, log->len, digest), SEK_OK);
    memcpy(rig->agent.gate_log_sha256, digest, sizeof rig->agent.gate_log_sha256);
}

static void hand_over(struct rig *rig, const struct rig *gate)
{
    const struct rig_vault *vault = &gate->vault;

    rig->agent.config.gate_log = gate->agent.config.gate_log;
    name_log(rig);
    if (!vault->there[HAL_VAULT_DEVICE_CERT])
        return;
    memcpy(certificate, vault->record[HAL_VAULT_DEVICE_CERT], vault->len[HAL_VAULT_DEVICE_CERT]);
    rig->agent.config.gate_certificate =
        (struct sek_bytes){certificate, vault->len[HAL_VAULT_DEVICE_CERT]};
}

struct rig *device_gate(struct rig *rig, const struct gate_wrong *wrong)
{
    struct rig *gate = rig_make(&wrong->plan);
    const char *why = "";

    gate->agent.config.method = wrong->service ? SEK_METHOD_OS : SEK_METHOD_AGENT;
    if (wrong->prepare)
        wrong->prepare(gate);
    if (rig_start(gate, &why) != SEK_OK)
        fail_msg("%s", why);
    gate->agent.boot_count = 5;
    rig_measure(gate);
    if (!wrong->not_enrolled)
        rig_enroll(gate);
    write_log(gate, wrong->answer);
    hand_over(rig, gate);
    if (wrong->log)
        wrong->log(rig, gate);
    return gate;
}

/* ---- What can be wrong with it ---- */

static void rename_it(struct rig *gate)
{
    rig_make_chassis(gate->chassis, "BX-0002");
}

static void exclude_port(struct rig *gate)
{
    rig_make_port(gate->port, "OUTCAST OPTICS");
}

static void other_port(struct rig *gate)
{
    rig_make_port(gate->port, "BETA");
}

static void empty_port(struct rig *gate)
{
    gate->missing = "port1";
}

static void alter_boot(struct rig *gate)
{
    gate->chip[17] ^= 1;
}

static void open_bridge(struct rig *gate)
{
    gate->registers.value[0] = 0;
}

static void flip(uint8_t *byte, struct rig *rig)
{
    *byte ^= 1;
    name_log(rig); /* the system is in the plot */
}

static void flip_first(struct rig *rig, struct rig *gate)
{
    (void)gate;
    flip(log_bytes, rig);
}

static void flip_middle(struct rig *rig, struct rig *gate)
{
    flip(log_bytes + gate->agent.config.gate_log.len / 2, rig);
}

static void flip_last(struct rig *rig, struct rig *gate)
{
    flip(log_bytes + gate->agent.config.gate_log.len - 1, rig);
}

static void flip_on_the_way(struct rig *rig, struct rig *gate)
{
    (void)rig;
    log_bytes[gate->agent.config.gate_log.len - 1] ^= 1;
}

static void cut(struct rig *rig, struct rig *gate)
{
    (void)gate;
    rig->agent.config.gate_log.len -= 70;
    name_log(rig);
}

static void append(struct rig *rig, struct rig *gate)
{
    (void)gate;
    log_bytes[rig->agent.config.gate_log.len++] = 0;
    name_log(rig);
}

static void drop_certificate(struct rig *rig, struct rig *gate)
{
    (void)gate;
    rig->agent.config.gate_certificate.len = 0;
}

static void take_own_certificate(struct rig *rig, struct rig *gate)
{
    (void)gate;
    hand_over(rig, rig);
}

static void sign_it_itself(struct rig *rig, struct rig *gate)
{
    (void)gate;
    rig->agent.config.gate_log.len = 0; /* no gate in that log */
    write_log(rig, false);
    hand_over(rig, rig);
}

static void name_another(struct rig *rig, struct rig *gate)
{
    (void)gate;
    rig->agent.gate_log_sha256[0] ^= 1;
}

static void an_earlier_start(struct rig *rig, struct rig *gate)
{
    gate->agent.boot_count = 2;
    write_log(gate, false);
    hand_over(rig, gate);
}

static void no_start(struct rig *rig, struct rig *gate)
{
    gate->agent.boot_count = 0;
    write_log(gate, false);
    hand_over(rig, gate);
}

static void refuse(void *ctx, uint64_t now_ms, const struct sek_request *request,
                   struct sek_response *response)
{
    (void)ctx;
    (void)now_ms;
    (void)request;
    response->code = SEK_COAP_NOT_FOUND;
}

static void hang(void *ctx, uint64_t now_ms, const struct sek_request *request,
                 struct sek_response *response)
{
    (void)ctx;
    (void)now_ms;
    (void)request;
    (void)response;
    sleep(60);
}

#define GATE(...)                                                                                  \
    .gate = &(const struct gate_wrong)                                                             \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
#define FPGA_FILE                                                                                  \
    " file { label = \"fpga\"; sekisho,path = \"/data/fpga.itb\"; sekisho,class = \"fpga\";\n"
#define RENAMED                                                                                    \
    " file { label = \"cpld\"; sekisho,path = \"/data/fpga.itb\"; sekisho,class = \"fpga\";\n"
#define BOX_MAP "box { model = \"BOX\"; description-sha256 = [@3@]; };"

const struct wrong device_gates[] = {
    {.name = "control: a gate's log that agrees",
     GATE(.not_enrolled = false),
     .outcome = SEK_OUTCOME_ACCEPT},
    {.name = "control: a map that must not be measured through the system, and a gate",
     GATE(.not_enrolled = false),
     .outcome = SEK_OUTCOME_ACCEPT,
     .store_find = BOX_MAP,
     .store_put = "box { model = \"BOX\"; description-sha256 = [@3@]; independent; };"},
    {.name = "a log that is wrong in its first bit",
     GATE(.log = flip_first),
     .outcome = SEK_OUTCOME_REJECT,
     .rule = SEK_RULE(EV, 5)},
    {.name = "a log that is wrong in a bit of its middle",
     GATE(.log = flip_middle),
     .outcome = SEK_OUTCOME_REJECT,
     .rule = SEK_RULE(EV, 1)},
    {.name = "a log that is wrong in its last bit",
     GATE(.log = flip_last),
     .outcome = SEK_OUTCOME_REJECT,
     .rule = SEK_RULE(EV, 1)},
    {.name = "a log that was altered on its way",
     GATE(.log = flip_on_the_way),
     .outcome = SEK_OUTCOME_REJECT,
     .rule = SEK_RULE(EV, 1)},
    {.name = "a log cut short",
     GATE(.log = cut),
     .outcome = SEK_OUTCOME_REJECT,
     .rule = SEK_RULE(EV, 5)},
    {.name = "a log with a byte behind it",
     GATE(.log = append),
     .outcome = SEK_OUTCOME_REJECT,
     .rule = SEK_RULE(EV, 5)},
    {.name = "the log of another device",
     GATE(.prepare = rename_it),
     .outcome = SEK_OUTCOME_REJECT,
     .rule = SEK_RULE(ID, 2)},
    {.name = "a log with the certificate of the system",
     GATE(.log = take_own_certificate),
     .outcome = SEK_OUTCOME_REJECT,
     .rule = SEK_RULE(EV, 1)},
    {.name = "a log that the system signed itself",
     GATE(.log = sign_it_itself),
     .outcome = SEK_OUTCOME_REJECT,
     .rule = SEK_RULE(EV, 1)},
    {.name = "a log that answers a challenge",
     GATE(.answer = true),
     .outcome = SEK_OUTCOME_REJECT,
     .rule = SEK_RULE(EV, 2)},
    {.name = "the log of an earlier start",
     GATE(.log = an_earlier_start),
     .outcome = SEK_OUTCOME_HOLD,
     .rule = SEK_RULE(EV, 6)},
    {.name = "a log other than the evidence names",
     GATE(.log = name_another),
     .outcome = SEK_OUTCOME_HOLD,
     .rule = SEK_RULE(EV, 8)},
    {.name = "a log that the evidence names and nobody shows",
     GATE(.serve = refuse),
     .outcome = SEK_OUTCOME_HOLD,
     .rule = SEK_RULE(EV, 4)},
    {.name = "a log that never comes",
     GATE(.serve = hang),
     .seconds = 3,
     .outcome = SEK_OUTCOME_HOLD,
     .rule = SEK_RULE(EV, 4)},
    {.name = "a gate that is not enrolled",
     GATE(.not_enrolled = true),
     .outcome = SEK_OUTCOME_HOLD,
     .rule = SEK_RULE(EV, 3)},
    {.name = "a gate whose certificate is not shown",
     GATE(.log = drop_certificate),
     .outcome = SEK_OUTCOME_HOLD,
     .rule = SEK_RULE(EV, 3)},
    {.name = "a log of a visit",
     GATE(.log = no_start),
     .outcome = SEK_OUTCOME_HOLD,
     .rule = SEK_RULE(EV, 4)},
    {.name = "a log of an agent that reads through a system",
     GATE(.service = true),
     .outcome = SEK_OUTCOME_HOLD,
     .rule = SEK_RULE(EV, 4)},
    {.name = "an open bridge at the start",
     GATE(.prepare = open_bridge),
     .outcome = SEK_OUTCOME_HOLD,
     .rule = SEK_RULE(EV, 7)},
    {.name = "a gate with another board description than any that is pinned",
     GATE(.plan = {.find = FPGA_FILE, .put = RENAMED}),
     .outcome = SEK_OUTCOME_HOLD,
     .rule = SEK_RULE(MAP, 1)},
    {.name = "a component that only the gate has seen",
     GATE(.plan = {.find = FPGA_FILE, .put = RENAMED}),
     .outcome = SEK_OUTCOME_HOLD,
     .rule = SEK_RULE(EV, 4),
     .finding = "cpld: measured at the start, and the system shows none"},
    {.name = "a component that only the system shows",
     GATE(.plan = {.find = FPGA_FILE, .put = RENAMED}),
     .outcome = SEK_OUTCOME_HOLD,
     .rule = SEK_RULE(EV, 4),
     .finding = "fpga: not measured at the start"},
    {.name = "an altered boot loader at the start, and none now",
     GATE(.prepare = alter_boot),
     .outcome = SEK_OUTCOME_REJECT,
     .rule = SEK_RULE(EV, 4),
     .finding = "boot: not as at the start: bytes, verdict (unverified, now approved)"},
    {.name = "an excluded vendor at the start, and none now",
     GATE(.prepare = exclude_port),
     .outcome = SEK_OUTCOME_REJECT,
     .rule = SEK_RULE(EV, 4),
     .finding = "port1: not as at the start: identity, verdict (excluded, now "},
    {.name = "another module at the start: told, and no contradiction",
     GATE(.prepare = other_port),
     .outcome = SEK_OUTCOME_ACCEPT,
     .rule = SEK_RULE(EV, 4),
     .finding = "port1: not as at the start: identity"},
    {.name = "no module at the start: told, and no contradiction",
     GATE(.prepare = empty_port),
     .outcome = SEK_OUTCOME_ACCEPT,
     .rule = SEK_RULE(EV, 4),
     .finding = "port1: not as at the start:"},
    {.name = "a newer store at the start: told",
     GATE(.plan = {.store_find = "serial = <7>", .store_put = "serial = <8>"}),
     .outcome = SEK_OUTCOME_ACCEPT,
     .rule = SEK_RULE(EV, 4),
     .finding = "it judged by trust store 8, the system judges by 7"},
    {.name = "an older store at the start",
     GATE(.plan = {.store_find = "serial = <7>", .store_put = "serial = <6>"}),
     .outcome = SEK_OUTCOME_HOLD,
     .rule = SEK_RULE(TS, 4)},
};

const size_t device_gate_count = SEK_LEN(device_gates);
