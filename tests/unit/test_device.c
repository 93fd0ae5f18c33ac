/* sekisho check against a device that answers as it likes: what the bench makes of it. The device
 * is a child process with the real agent, server and console behind a unix socket; what it does
 * wrong is a row of a table. */
#define _DEFAULT_SOURCE
#include "agent/line.h"
#include "agent/resources.h"
#include "boards/bench/check/device.h"
#include "crypto/crypto.h"
#include "hal/linux/serial.h"
#include "tests/unit/agent_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum {
    TODAY = 20785, /* 2026-11-28 */
    SECONDS = 20,
    HURRY = 3, /* seconds, where the device never gives an answer */
    LIFETIME = 60,
};

/* What the device does to the answer of its n-th challenge (from 1). */
struct wrong {
    const char *name;
    struct rig_plan plan;
    void (*prepare)(struct rig *rig);            /* before it starts to serve */
    void (*before)(struct rig *rig, unsigned n); /* before it measures for challenge n */
    void (*answer)(struct rig *rig, unsigned n, struct sek_response *response);
    bool (*nonce)(unsigned n); /* true: it answers another one */
    bool not_enrolled;
    /* The bench. */
    const char *store_find, *store_put; /* in its store; NULL: the device's */
    const char *label;
    bool no_store;
    unsigned seconds;
    /* What is demanded. */
    enum sek_outcome outcome;
    sek_rule rule;    /* of a finding or row; 0: no finding at all */
    const char *note; /* text in a note, or NULL */
};

static const struct wrong *wrong; /* of the child */
static unsigned challenges;

/* ---- The device ---- */

static void attest(void *ctx, uint64_t now_ms, const struct sek_request *request,
                   struct sek_response *response)
{
    static uint8_t last[SEK_CHALLENGE_MAX];
    static size_t last_len;
    struct rig *rig = ctx;
    struct sek_request changed = *request;
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
    sek_agent_resources[3].handle(ctx, now_ms, &changed, response);
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

static void serve(struct rig *rig, int listener)
{
    static struct sek_resource resource[SEK_AGENT_RESOURCES];

    alarm(LIFETIME);
    memcpy(resource, sek_agent_resources, sizeof resource);
    resource[3].handle = attest;
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

static const struct wrong wrongs[] = {
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

/* ---- The bench ---- */

struct bench {
    struct rig *rig;
    struct bench_trust trust;
    struct sek_appraiser appraiser;
    struct sek_order order;
    struct sek_bytes itb;
    char folder[32], target[128];
    int listener;
    pid_t child;
};

static void open_bench_store(struct bench *b, const struct wrong *w)
{
    static _Alignas(8) uint8_t scratch[65536];
    struct sek_bytes authority = rig_authority("authority");
    struct sek_store_fault why;

    b->trust.today = TODAY;
    if (w->no_store) {
        b->trust.rule = SEK_RULE(TS, 1);
    } else {
        b->itb = rig_store(b->rig, w->store_find, w->store_put);
        assert_int_equal(
            sek_store_open(&b->trust.store, b->itb, authority, 0, scratch, sizeof scratch, &why),
            SEK_OK);
    }
    free((void *)authority.data);
    b->appraiser = (struct sek_appraiser){.store = &b->trust.store, .context = {.today = TODAY}};
}

static void open_socket(struct bench *b)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    strcpy(b->folder, "/tmp/sekisho-device-XXXXXX");
    assert_non_null(mkdtemp(b->folder));
    snprintf(address.sun_path, sizeof address.sun_path, "%s/socket", b->folder);
    snprintf(b->target, sizeof b->target, "unix:%s", address.sun_path);
    b->listener = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(b->listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(b->listener, 1), 0);
}

/* The device as it was at its last check: the bench has seen its third start. */
static void remember(const struct bench *b)
{
    char path[192], ueid[2 * SEK_UEID_LEN + 1];
    FILE *file;

    for (size_t i = 0; i < SEK_UEID_LEN; i++)
        snprintf(ueid + 2 * i, 3, "%02x", b->rig->agent.ueid[i]);
    snprintf(path, sizeof path, "%s/boot-%s", b->folder, ueid);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs("3 00112233445566778899aabbccddeeff\n", file);
    fclose(file);
    b->rig->agent.boot_count = 4;
}

static void bench_start(struct bench *b, const struct wrong *w)
{
    const char *why;

    *b = (struct bench){.rig = rig_make(&w->plan)};
    open_bench_store(b, w); /* vouches for what the media are now */
    assert_int_equal(rig_start(b->rig, &why), SEK_OK);
    rig_measure(b->rig);
    if (!w->not_enrolled)
        rig_enroll(b->rig);
    open_socket(b);
    remember(b);
    if (w->prepare)
        w->prepare(b->rig);
    b->child = fork();
    assert_true(b->child >= 0);
    if (b->child == 0) {
        wrong = w;
        serve(b->rig, b->listener);
        _exit(0);
    }
}

static void bench_end(struct bench *b)
{
    char command[64];

    kill(b->child, SIGKILL);
    waitpid(b->child, NULL, 0);
    close(b->listener);
    snprintf(command, sizeof command, "rm -r %s", b->folder);
    assert_int_equal(system(command), 0);
    free((void *)b->itb.data);
    rig_drop(b->rig);
}

static bool found(const struct report_subject *subject, sek_rule rule)
{
    for (size_t i = 0; i < subject->finding_count; i++) {
        if (subject->finding[i].rule == rule)
            return true;
    }
    for (size_t i = 0; i < subject->row_count; i++) {
        if (subject->row[i].rule == rule && rule)
            return true;
    }
    return false;
}

static bool noted(const struct report_subject *subject, const char *text)
{
    for (size_t i = 0; i < subject->note_count; i++) {
        if (strstr(subject->note[i], text))
            return true;
    }
    return false;
}

static void print_subject(const struct report_subject *subject)
{
    char rule[SEK_RULE_TEXT_LEN + 1];

    print_message("outcome %s\n", sek_outcome_name(subject->outcome));
    for (size_t i = 0; i < subject->finding_count; i++) {
        sek_rule_format(subject->finding[i].rule, rule);
        print_message("  %s %s\n", rule, subject->finding[i].detail);
    }
    for (size_t i = 0; i < subject->note_count; i++)
        print_message("  note %s\n", subject->note[i]);
    for (size_t i = 0; i < subject->row_count; i++) {
        sek_rule_format(subject->row[i].rule, rule);
        print_message("  %s %s %s\n", subject->row[i].name,
                      sek_verdict_name(subject->row[i].verdict), rule);
    }
}

static void the_bench_says(void **state)
{
    const struct wrong *w = *state;
    struct bench b;
    struct device *device = calloc(1, sizeof *device);
    const struct report_subject *subject;
    bool right;

    assert_non_null(device);
    bench_start(&b, w);
    device->trust = &b.trust;
    device->appraiser = &b.appraiser;
    device->order = &b.order;
    device->state_dir = b.folder;
    device->label = w->label;
    device->seconds = w->seconds ? w->seconds : SECONDS;
    device_check(device, b.target);
    subject = &device->subject;
    right = subject->outcome == w->outcome && (!w->rule || found(subject, w->rule)) &&
            (!w->note || noted(subject, w->note)) &&
            (w->outcome != SEK_OUTCOME_ACCEPT || subject->finding_count == 0);
    for (size_t i = 0; i < subject->row_count; i++) {
        if ((w->no_store || w->not_enrolled) && subject->row[i].verdict == SEK_VERDICT_APPROVED)
            right = false;
    }
    if (!right)
        print_subject(subject);
    bench_end(&b);
    free(device);
    assert_true(right);
}

static void a_socket_that_nobody_serves_is_an_error(void **state)
{
    struct device *device = calloc(1, sizeof *device);
    struct bench_trust trust = {.today = TODAY};
    struct sek_order order = {0};
    struct sek_appraiser appraiser = {.store = &trust.store};

    (void)state;
    assert_non_null(device);
    device->trust = &trust;
    device->appraiser = &appraiser;
    device->order = &order;
    device_check(device, "unix:/tmp/sekisho-device-that-is-not-there");
    assert_int_equal(device->subject.outcome, SEK_OUTCOME_ERROR);
    assert_int_equal(device->subject.exit_status, BENCH_EXIT_REACH);
    assert_true(found(&device->subject, SEK_RULE(BN, 1)));
    free(device);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_socket_that_nobody_serves_is_an_error),
    };
    struct CMUnitTest rows[SEK_LEN(wrongs)];
    int failed;

    signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < SEK_LEN(wrongs); i++)
        rows[i] =
            (struct CMUnitTest){wrongs[i].name, the_bench_says, NULL, NULL, (void *)&wrongs[i]};
    failed = _cmocka_run_group_tests("the bench says", rows, SEK_LEN(rows), NULL, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL) + failed;
}
