#define _DEFAULT_SOURCE
#include "tests/unit/device_wrong.h"

#include "agent/line.h"
#include "agent/resources.h"
#include "hal/linux/serial.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum {
    HURRY = 3, /* seconds, where the device never gives an answer */
    LIFETIME = 60,
};

static const struct wrong *wrong;
static unsigned challenges;
static uint8_t asked[SEK_NONCE_LEN]; /* the nonce that is to be answered */

/* ---- The device ---- */

static void attest(void *ctx, uint64_t now_ms, const struct sek_request *request,
                   struct sek_response *response)
{
    static uint8_t last[SEK_CHALLENGE_MAX];
    static size_t last_len;
    struct rig *rig = ctx;
    struct sek_request changed = *request;
    const struct sek_response empty = *response;
    uint8_t payload[SEK_CHALLENGE_MAX];

    if (request->payload.len > sizeof payload)
        return;
    if (request->payload.len != last_len ||
        memcmp(last, request->payload.data, last_len) != 0) { /* not the same, asked again */
        challenges++;
        last_len = request->payload.len;
        memcpy(last, request->payload.data, last_len);
        if (wrong->before)
            wrong->before(rig, challenges);
    }
    memcpy(payload, request->payload.data, request->payload.len);
    if (wrong->nonce && wrong->nonce(challenges))
        payload[20] ^= 1; /* inside the nonce */
    changed.payload = (struct sek_bytes){payload, request->payload.len};
    memcpy(asked, payload + 4, sizeof asked); /* behind the head, the key and the nonce's head */
    sek_agent_resources[3].handle(ctx, now_ms, &changed, response);
    if (response->code == SEK_COAP_UNAVAILABLE) { /* measured at once: nobody has to come again */
        rig_measure(rig);
        *response = empty;
        sek_agent_resources[3].handle(ctx, now_ms, &changed, response);
    }
    if (wrong->answer && response->code != SEK_COAP_UNAVAILABLE)
        wrong->answer(rig, challenges, response);
}

static void serve_line(struct rig *rig, int fd)
{
    struct linux_serial serial;
    struct sek_line *line = calloc(1, sizeof *line);
    uint8_t bytes[256];

    linux_serial_adopt(&serial, fd);
    sek_line_init(line, &rig->agent, &rig->server, &serial.base, 0);
    for (;;) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        size_t len = 0;

        rig_measure(rig);
        rig->clock.now_ms += 10;
        if (poll(&ready, 1, 1000) <= 0)
            continue;
        if (serial.base.read(&serial.base, bytes, sizeof bytes, &len) != SEK_OK)
            _exit(0);
        sek_line_input(line, bytes, len, rig->clock.now_ms);
    }
}

void device_serve(struct rig *rig, const struct wrong *row, int listener)
{
    static struct sek_resource resource[SEK_AGENT_RESOURCES];

    wrong = row;
    alarm(LIFETIME);
    memcpy(resource, sek_agent_resources, sizeof resource);
    resource[3].handle = attest;
    if (wrong->gate && wrong->gate->serve)
        resource[8].handle = wrong->gate->serve;
    rig_serve(rig, resource, SEK_AGENT_RESOURCES);
    serve_line(rig, accept(listener, NULL, NULL));
}

/* ---- What a device can do wrong ---- */

static void spoil_boot(struct rig *rig)
{
    rig->chip[17] ^= 1;
}

static void deny_boot(struct rig *rig)
{
    rig->chip[18] ^= 1;
}

static void exclude_port(struct rig *rig)
{
    rig_make_port(rig->port, "OUTCAST OPTICS");
}

static void open_bridge(struct rig *rig)
{
    rig->registers.value[0] = 0;
}

static void rename_chassis(struct rig *rig)
{
    rig_make_chassis(rig->chassis, "BX-0002");
}

static void lower_boot_count(struct rig *rig)
{
    rig->agent.boot_count = 1;
}

static void take_other_certificate(struct rig *rig)
{
    const struct rig_plan plan = {.no_store = true};
    struct rig *other = rig_make(&plan);
    const char *why;

    assert_int_equal(rig_start(other, &why), SEK_OK);
    rig->vault.len[HAL_VAULT_DEVICE_CERT] = rig_certificate(
        other, RIG_SERIAL, rig->agent.ueid, rig->vault.record[HAL_VAULT_DEVICE_CERT]);
    rig_drop(other);
}

static void take_others_name(struct rig *rig)
{
    uint8_t ueid[SEK_UEID_LEN] = {1, 2, 3};

    rig->vault.len[HAL_VAULT_DEVICE_CERT] =
        rig_certificate(rig, RIG_SERIAL, ueid, rig->vault.record[HAL_VAULT_DEVICE_CERT]);
}

static void spoil_certificate(struct rig *rig)
{
    rig->vault.record[HAL_VAULT_DEVICE_CERT][rig->vault.len[HAL_VAULT_DEVICE_CERT] - 1] ^= 1;
}

static void clean_second(struct rig *rig, unsigned n)
{
    if (n == 2)
        deny_boot(rig); /* back to what it was */
}

static void dirty_second(struct rig *rig, unsigned n)
{
    if (n == 2)
        exclude_port(rig);
}

static void dirty_first(struct rig *rig, unsigned n)
{
    rig_make_port(rig->port, n == 1 ? "OUTCAST OPTICS" : "ALPHA WORKS");
}

static bool never(unsigned n)
{
    (void)n;
    return true;
}

static bool not_first(unsigned n)
{
    return n == 1;
}

static void cut(struct rig *rig, unsigned n, struct sek_response *response)
{
    (void)rig;
    (void)n;
    response->len -= 70; /* the signature and a little more */
}

static void flip_signature(struct rig *rig, unsigned n, struct sek_response *response)
{
    (void)rig;
    (void)n;
    response->body[response->len - 1] ^= 1;
}

static void flip_claim(struct rig *rig, unsigned n, struct sek_response *response)
{
    (void)rig;
    (void)n;
    response->body[response->len / 2] ^= 1;
}

static void append_byte(struct rig *rig, unsigned n, struct sek_response *response)
{
    (void)rig;
    (void)n;
    response->body[response->len++] = 0;
}

static void give_summary(struct rig *rig, unsigned n, struct sek_response *response)
{
    struct sek_challenge challenge = {.request = 0};

    (void)n;
    memcpy(challenge.nonce, asked, sizeof challenge.nonce);
    (void)!sek_agent_attest_summary(&rig->agent, &challenge, response->body, response->cap,
                                    &response->len);
}

static void give_nothing(struct rig *rig, unsigned n, struct sek_response *response)
{
    (void)rig;
    (void)n;
    response->code = SEK_COAP_INTERNAL;
    response->len = 0;
}

static void give_empty(struct rig *rig, unsigned n, struct sek_response *response)
{
    (void)rig;
    (void)n;
    response->len = 0;
}

static void give_other_format(struct rig *rig, unsigned n, struct sek_response *response)
{
    (void)rig;
    (void)n;
    response->content_format = SEK_CF_CBOR;
}

static void stay_busy(struct rig *rig, unsigned n, struct sek_response *response)
{
    (void)rig;
    (void)n;
    sek_response_busy(response, 1);
}

static void hang(struct rig *rig, unsigned n, struct sek_response *response)
{
    (void)rig;
    (void)n;
    (void)response;
    sleep(LIFETIME);
}

static void hang_up(struct rig *rig, unsigned n, struct sek_response *response)
{
    (void)rig;
    (void)n;
    (void)response;
    _exit(0);
}

#define BOOT_REFERENCE "  boot { supplier = <&sup_a>; component = \"boot\"; sha256 = [@0@]; };\n"
#define DENY_BOOT                                                                                  \
    " denied { bad { label = \"Bad\"; source = \"s\"; sha256 = [@0@]; }; };\n references {\n"
#define BOX_MAP "box { model = \"BOX\"; description-sha256 = [@3@]; };"

const struct wrong device_wrongs[] = {
    {.name = "control: all is as it should be",
     .outcome = SEK_OUTCOME_ACCEPT,
     .note = "no clock that it trusts"},
    {.name = "not enrolled",
     .not_enrolled = true,
     .outcome = SEK_OUTCOME_HOLD,
     .rule = SEK_RULE(EV, 3)},
    {.name = "not enrolled, and excluded: still HOLD",
     .not_enrolled = true,
     .prepare = exclude_port,
     .outcome = SEK_OUTCOME_HOLD,
     .rule = SEK_RULE(EV, 3)},
    {.name = "an altered boot loader",
     .prepare = spoil_boot,
     .outcome = SEK_OUTCOME_REJECT,
     .rule = SEK_RULE(REF, 2)},
    {.name = "a boot loader that is known to be bad",
     .store_find = " references {\n" BOOT_REFERENCE,
     .store_put = DENY_BOOT,
     .outcome = SEK_OUTCOME_REJECT,
     .rule = SEK_RULE(REF, 3),
     .note = "measured twice, with the same result"},
    {.name = "an excluded vendor",
     .prepare = exclude_port,
     .outcome = SEK_OUTCOME_REJECT,
     .rule = SEK_RULE(VND, 2)},
    {.name = "tampered, then clean when asked again",
     .store_find = " references {\n" BOOT_REFERENCE,
     .store_put = DENY_BOOT,
     .before = clean_second,
     .outcome = SEK_OUTCOME_REJECT,
     .rule = SEK_RULE(EV, 8)},
    {.name = "another nonce, and again",
     .nonce = never,
     .outcome = SEK_OUTCOME_REJECT,
     .rule = SEK_RULE(EV, 2)},
    {.name = "another nonce, but only once",
     .nonce = not_first,
     .outcome = SEK_OUTCOME_ACCEPT,
     .note = "to another challenge"},
    {.name = "another nonce and an excluded vendor, then clean",
     .nonce = not_first,
     .before = dirty_first,
     .outcome = SEK_OUTCOME_REJECT,
     .rule = SEK_RULE(EV, 8)},
    {.name = "another nonce, then an excluded vendor",
     .nonce = not_first,
     .before = dirty_second,
     .outcome = SEK_OUTCOME_REJECT,
     .rule = SEK_RULE(VND, 2)},
    {.name = "a token cut short",
     .answer = cut,
     .outcome = SEK_OUTCOME_REJECT,
     .rule = SEK_RULE(EV, 5)},
    {.name = "a token with a byte behind it",
     .answer = append_byte,
     .outcome = SEK_OUTCOME_REJECT,
     .rule = SEK_RULE(EV, 5)},
    {.name = "no token at all",
     .answer = give_empty,
     .outcome = SEK_OUTCOME_REJECT,
     .rule = SEK_RULE(EV, 5)},
    {.name = "a signature that is wrong in one bit",
     .answer = flip_signature,
     .outcome = SEK_OUTCOME_REJECT,
     .rule = SEK_RULE(EV, 1)},
    {.name = "a claim that is wrong in one bit",
     .answer = flip_claim,
     .outcome = SEK_OUTCOME_REJECT},
    {.name = "another device's certificate",
     .prepare = take_other_certificate,
     .outcome = SEK_OUTCOME_REJECT,
     .rule = SEK_RULE(EV, 1)},
    {.name = "a certificate of another UEID",
     .prepare = take_others_name,
     .outcome = SEK_OUTCOME_REJECT,
     .rule = SEK_RULE(ID, 2)},
    {.name = "a certificate that nobody signed",
     .prepare = spoil_certificate,
     .outcome = SEK_OUTCOME_HOLD,
     .rule = SEK_RULE(EV, 3)},
    {.name = "a store that names no device authority",
     .store_find = " device-authorities { lab { certificate = /incbin/(\"device-ca.der\"); }; };",
     .store_put = "",
     .outcome = SEK_OUTCOME_HOLD,
     .rule = SEK_RULE(EV, 3)},
    {.name = "an open bridge",
     .prepare = open_bridge,
     .outcome = SEK_OUTCOME_HOLD,
     .rule = SEK_RULE(EV, 7)},
    {.name = "a boot count that went back",
     .prepare = lower_boot_count,
     .outcome = SEK_OUTCOME_HOLD,
     .rule = SEK_RULE(EV, 6)},
    {.name = "a product record of another serial number",
     .prepare = rename_chassis,
     .outcome = SEK_OUTCOME_HOLD,
     .rule = SEK_RULE(ID, 1)},
    {.name = "a label of another serial number",
     .label = "BX-0003",
     .outcome = SEK_OUTCOME_HOLD,
     .rule = SEK_RULE(ID, 1)},
    {.name = "control: the label is right", .label = RIG_SERIAL, .outcome = SEK_OUTCOME_ACCEPT},
    {.name = "a board description that the store does not pin",
     .plan = {.find = "sekisho,optional; }; }; }; }; }; };", .put = "}; }; }; }; }; };"},
     .store_find = "[@3@]",
     .store_put = "[@2@]",
     .outcome = SEK_OUTCOME_HOLD,
     .rule = SEK_RULE(MAP, 1)},
    {.name = "no description pinned for the model",
     .store_find = "model = \"BOX\"",
     .store_put = "model = \"OTHER\"",
     .outcome = SEK_OUTCOME_HOLD,
     .rule = SEK_RULE(MAP, 4)},
    {.name = "no description pinned at all",
     .store_find = " maps { " BOX_MAP " };",
     .store_put = "",
     .outcome = SEK_OUTCOME_HOLD,
     .rule = SEK_RULE(MAP, 4)},
    {.name = "a map that must not be measured through the system",
     .store_find = BOX_MAP,
     .store_put = "box { model = \"BOX\"; description-sha256 = [@3@]; independent; };",
     .outcome = SEK_OUTCOME_HOLD},
    {.name = "an older store on the device",
     .store_find = "serial = <7>",
     .store_put = "serial = <8>",
     .outcome = SEK_OUTCOME_HOLD,
     .rule = SEK_RULE(TS, 4)},
    {.name = "control: a newer store on the device",
     .store_find = "serial = <7>",
     .store_put = "serial = <6>",
     .outcome = SEK_OUTCOME_ACCEPT},
    {.name = "the device vouches for what this bench does not know",
     .store_find = BOOT_REFERENCE,
     .store_put = "",
     .outcome = SEK_OUTCOME_REJECT,
     .rule = SEK_RULE(EV, 4)},
    {.name = "no store on the bench", .no_store = true, .outcome = SEK_OUTCOME_HOLD},
    {.name = "no store on the bench, and an excluded vendor",
     .no_store = true,
     .prepare = exclude_port,
     .outcome = SEK_OUTCOME_HOLD},
    {.name = "a summary instead of an inventory",
     .answer = give_summary,
     .outcome = SEK_OUTCOME_HOLD,
     .rule = SEK_RULE(EV, 4)},
    {.name = "5.00 instead of evidence",
     .answer = give_nothing,
     .outcome = SEK_OUTCOME_ERROR,
     .rule = SEK_RULE(BN, 2)},
    {.name = "evidence that is called something else",
     .answer = give_other_format,
     .outcome = SEK_OUTCOME_ERROR,
     .rule = SEK_RULE(BN, 2)},
    {.name = "busy for ever",
     .answer = stay_busy,
     .seconds = HURRY,
     .outcome = SEK_OUTCOME_ERROR,
     .rule = SEK_RULE(BN, 4)},
    {.name = "silent in the middle",
     .answer = hang,
     .seconds = HURRY,
     .outcome = SEK_OUTCOME_ERROR,
     .rule = SEK_RULE(BN, 2)},
    {.name = "gone in the middle",
     .answer = hang_up,
     .outcome = SEK_OUTCOME_ERROR,
     .rule = SEK_RULE(BN, 1)},
};

const size_t device_wrong_count = SEK_LEN(device_wrongs);
