/* The serial line of the agent: words for people, frames for the bench, beacons after the start. */
#define _GNU_SOURCE
#include "agent/line.h"
#include "agent/resources.h"
#include "channel/client.h"
#include "evidence/cose.h"
#include "tests/unit/agent_rig.h"

#include <mbedtls/base64.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct rig_plan as_it_should_be;

struct talk {
    struct rig *rig;
    struct sek_line *line;
    uint64_t now_ms;
};

static struct talk talk_start(void)
{
    struct talk t = {.rig = rig_make(&as_it_should_be), .now_ms = 1000};
    const char *why;

    t.line = calloc(1, sizeof *t.line);
    assert_non_null(t.line);
    assert_int_equal(rig_start(t.rig, &why), SEK_OK);
    rig_measure(t.rig);
    rig_serve(t.rig, sek_agent_resources, SEK_AGENT_RESOURCES);
    sek_line_init(t.line, &t.rig->agent, &t.rig->server, &t.rig->uart.base, t.now_ms);
    return t;
}

static void talk_end(struct talk *t)
{
    rig_drop(t->rig);
    free(t->line);
}

/* What is said to these bytes. */
static const char *say(struct talk *t, const char *text)
{
    t->rig->uart.len = 0;
    t->rig->uart.said[0] = '\0';
    t->now_ms += 1000;
    sek_line_input(t->line, (const uint8_t *)text, strlen(text), t->now_ms);
    return t->rig->uart.said;
}

static void words_are_answered(void **state)
{
    static const struct {
        const char *typed, *said;
    } rows[] = {
        {"help\r", "attest      NONCE: signed evidence as text"},
        {"info\r", "model   BOX\r\nserial  " RIG_SERIAL "\r\n"},
        {"info\n", "sekisho-agent 0.1.0, service"},
        {"  info  \r", "model   BOX"},
        {"infx\bo\r", "model   BOX"},
        {"store\r", "trust store 7 of Rig Authority\r\n"},
        {"components\r", "os                       consult      TS-003\r\n"},
        {"components\r", "advisory: HOLD (the bench decides)\r\n"},
        {"verify\r", "measuring; then: components\r\n"},
        {"attest\r", "64 hex digits"},
        {"attest 00\r", "64 hex digits"},
        {"sudo\r", "unknown word"},
        {"INFO\r", "unknown word"},
    };
    struct talk t = talk_start();

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        if (!strstr(say(&t, rows[i].typed), rows[i].said))
            fail_msg("%s: %s", rows[i].typed, t.rig->uart.said);
        rig_measure(t.rig);
    }
    talk_end(&t);
}

static size_t seven(void)
{
    return 7;
}

static size_t eight(void)
{
    return 8;
}

static void info_tells_how_deep_each_memory_was_used(void **state)
{
    static const struct sek_pool pools[] = {{"stack", seven}, {"packets", eight}};
    struct talk t = talk_start();

    (void)state;
    assert_null(strstr(say(&t, "info\r"), "memory"));
    t.rig->agent.config.pool = pools;
    t.rig->agent.config.pool_count = SEK_LEN(pools);
    assert_non_null(strstr(say(&t, "info\r"), "\r\nmemory  stack 7, packets 8 at most\r\n"));
    talk_end(&t);
}

static void what_is_no_word_is_not_answered(void **state)
{
    static const char *const rows[] = {
        "\r\n\r\n",
        "   \r",
        "[   12.345678] usb 1-1: info\r", /* a dot: no person types that */
        "@SK1q00.00.00.AAAA.0000\r\n",
    };
    struct talk t = talk_start();
    char longer[400];

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        if (strstr(say(&t, rows[i]), "model") || strstr(t.rig->uart.said, "word"))
            fail_msg("%s: %s", rows[i], t.rig->uart.said);
    }
    memset(longer, 'a', sizeof longer - 6);
    memcpy(longer + sizeof longer - 6, "info\r", 6);
    assert_null(strstr(say(&t, longer), "model"));
    assert_non_null(strstr(say(&t, "info\r"), "model")); /* and the next line is one again */
    talk_end(&t);
}

static void while_it_measures_it_says_so(void **state)
{
    struct talk t = talk_start();
    char attest[80] = "attest ";

    (void)state;
    memset(attest + 7, '0', 64);
    attest[71] = '\r';
    sek_agent_measure(&t.rig->agent);
    assert_non_null(strstr(say(&t, "components\r"), "measuring; ask again"));
    assert_non_null(strstr(say(&t, attest), "measuring; ask again"));
    talk_end(&t);
}

static void without_a_store_it_says_why(void **state)
{
    const struct rig_plan plan = {.no_authority = true};
    struct talk t = {.rig = rig_make(&plan), .now_ms = 1000};
    const char *why;

    (void)state;
    t.line = calloc(1, sizeof *t.line);
    assert_non_null(t.line);
    assert_int_equal(rig_start(t.rig, &why), SEK_OK);
    rig_serve(t.rig, sek_agent_resources, SEK_AGENT_RESOURCES);
    sek_line_init(t.line, &t.rig->agent, &t.rig->server, &t.rig->uart.base, t.now_ms);
    assert_non_null(strstr(say(&t, "store\r"), "no usable trust store: TS-002 "));
    talk_end(&t);
}

/* A token that was copied off the screen is a token. */
static void evidence_as_text_is_evidence(void **state)
{
    static const char begin[] = "-----BEGIN SEKISHO EVIDENCE-----\r\n";
    struct talk t = talk_start();
    char attest[80] = "attest ", *from, *to;
    uint8_t token[16384];
    size_t len = 0;
    struct sek_fault fault = {0};
    struct sek_cose cose;

    (void)state;
    memset(attest + 7, 'a', 64);
    attest[71] = '\r';
    say(&t, attest);
    from = strstr(t.rig->uart.said, begin);
    to = strstr(t.rig->uart.said, "-----END SEKISHO EVIDENCE-----");
    assert_non_null(from);
    assert_non_null(to);
    from += strlen(begin);
    assert_int_equal(mbedtls_base64_decode(token, sizeof token, &len, (const uint8_t *)from,
                                           (size_t)(to - from)),
                     0);
    assert_int_equal(sek_cose_open(sek_reader_make((struct sek_bytes){token, len}, &fault), &cose),
                     SEK_OK);
    assert_int_equal(
        sek_cose_verify(&cose, (struct sek_bytes){t.rig->agent.identity.spki, SEK_SPKI_P256_LEN}),
        SEK_OK);
    talk_end(&t);
}

/* Text of a request as frames, with bytes of others before, inside and behind. */
static size_t frames_of(struct sek_bytes packet, char *out)
{
    struct sek_frame_encoder encoder;
    size_t len = 0, n;

    assert_int_equal(sek_frame_begin(&encoder, SEK_FRAME_REQUEST, packet.data[3], packet), SEK_OK);
    memcpy(out, "[   1.5] eth0: up\r\n", 19);
    len = 19;
    while ((n = sek_frame_next_line(&encoder, out + len)) > 0) {
        len += n;
        memcpy(out + len, "[   1.6] eth0: down", 19);
        len += 19;
    }
    memcpy(out + len, "\r\n", 3);
    return len + 2;
}

/* Drives a client over the line; returns the answer's code, its body's length in *len. */
static uint8_t ask(struct talk *t, const struct sek_client_request *request, uint8_t *body,
                   size_t cap, size_t *len)
{
    const struct sek_client_config config = {
        .szx = 5, .szx_min = 3, .token_len = 4, .seed = t->now_ms * 0x9e3779b97f4a7c15u};
    struct sek_client client;
    uint8_t slot_data[2048];
    struct sek_frame_slot slot = {.data = slot_data, .cap = sizeof slot_data};
    struct sek_frame_decoder decoder;

    sek_frame_decoder_init(&decoder, "rba", &slot, 1);
    assert_int_equal(sek_client_init(&client, &config), SEK_OK);
    assert_int_equal(sek_client_start(&client, request, body, cap), SEK_OK);
    while (sek_client_state(&client) == SEK_CLIENT_RUNNING) {
        uint8_t packet[SEK_COAP_PACKET_MAX];
        size_t n = sek_client_poll(&client, t->now_ms, packet, sizeof packet);
        char text[4096];

        if (n == 0)
            break;
        text[frames_of((struct sek_bytes){packet, n}, text)] = '\0';
        say(t, text);
        for (size_t i = 0; i < t->rig->uart.len; i++) {
            struct sek_frame_packet arrived;

            if (sek_frame_push(&decoder, (uint8_t)t->rig->uart.said[i], t->now_ms, &arrived) ==
                SEK_FRAME_PACKET)
                sek_client_input(&client, t->now_ms, arrived.body);
        }
    }
    assert_int_equal(sek_client_state(&client), SEK_CLIENT_DONE);
    *len = client.answer.len;
    return client.answer.code;
}

static void frames_are_answered_between_the_kernels_lines(void **state)
{
    static const struct {
        enum sek_coap_code method;
        const char *path;
        uint8_t code;
    } rows[] = {
        {SEK_COAP_GET, "sekisho/info", SEK_COAP_CONTENT},
        {SEK_COAP_GET, "sekisho/components", SEK_COAP_CONTENT},
        {SEK_COAP_GET, "sekisho/store", SEK_COAP_CONTENT},
        {SEK_COAP_GET, "sekisho/cert", SEK_COAP_NOT_FOUND},
        {SEK_COAP_POST, "sekisho/csr", SEK_COAP_CONTENT},
        {SEK_COAP_GET, ".well-known/core", SEK_COAP_CONTENT},
        {SEK_COAP_GET, "sekisho/nothing", SEK_COAP_NOT_FOUND},
        {SEK_COAP_PUT, "sekisho/info", SEK_COAP_NOT_ALLOWED},
        {SEK_COAP_FETCH, "sekisho/attest", SEK_COAP_BAD_REQUEST}, /* without a nonce */
    };
    struct talk t = talk_start();

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        const struct sek_client_request request = {
            .method = rows[i].method, .path = rows[i].path, .content_format = -1, .accept = -1};
        uint8_t body[4096];
        size_t len = 0;
        uint8_t code = ask(&t, &request, body, sizeof body, &len);

        if (code != rows[i].code)
            fail_msg("%s: %u.%02u", rows[i].path, (unsigned)code >> 5, (unsigned)code & 0x1f);
        if (strcmp(rows[i].path, ".well-known/core") == 0)
            assert_non_null(memmem(body, len, "</sekisho/attest>;ct=263", 24));
    }
    talk_end(&t);
}

/* A store comes in by blocks over the line, is verified whole, and its serial never goes back. */
static void a_store_is_put_over_the_line(void **state)
{
    struct talk t = talk_start();
    struct sek_client_request request = {
        .method = SEK_COAP_PUT, .path = "sekisho/store", .content_format = -1, .accept = -1};
    struct sek_bytes newer = rig_store(t.rig, "serial = <7>", "serial = <8>");
    struct sek_bytes older = rig_store(t.rig, NULL, NULL);
    uint8_t body[64], *bad = malloc(newer.len);
    size_t len;

    (void)state;
    assert_non_null(bad);
    memcpy(bad, newer.data, newer.len);
    bad[newer.len - 40] ^= 1;
    request.payload = (struct sek_bytes){bad, newer.len};
    assert_int_not_equal(ask(&t, &request, body, sizeof body, &len), SEK_COAP_CHANGED);
    assert_int_equal(t.rig->agent.trust.serial, 7);
    request.payload = newer;
    assert_int_equal(ask(&t, &request, body, sizeof body, &len), SEK_COAP_CHANGED);
    assert_int_equal(t.rig->agent.trust.serial, 8);
    request.payload = older;
    assert_int_equal(ask(&t, &request, body, sizeof body, &len), SEK_COAP_CONFLICT);
    assert_int_equal(t.rig->agent.trust.serial, 8);
    free(bad);
    free((void *)newer.data);
    free((void *)older.data);
    talk_end(&t);
}

static unsigned beacons(struct talk *t, uint64_t until_ms)
{
    unsigned count = 0;

    for (; t->now_ms < until_ms; t->now_ms += 100) {
        t->rig->uart.len = 0;
        t->rig->uart.said[0] = '\0';
        sek_line_idle(t->line, t->now_ms);
        count += strstr(t->rig->uart.said, "@SK1b") != NULL;
    }
    return count;
}

static void beacons_come_every_5_s_in_the_first_minute(void **state)
{
    struct talk t = talk_start();

    (void)state;
    assert_int_equal(beacons(&t, 1000 + 60000), 12);
    assert_int_equal(beacons(&t, 1000 + 120000), 1); /* the one of the sixtieth second */
    talk_end(&t);
}

static void nobody_is_called_who_types_or_has_spoken(void **state)
{
    struct talk t = talk_start();
    const struct sek_client_request request = {
        .method = SEK_COAP_GET, .path = "sekisho/info", .content_format = -1, .accept = -1};
    uint8_t body[512];
    size_t len;

    (void)state;
    t.now_ms += 5000;
    sek_line_input(t.line, (const uint8_t *)"inf", 3, t.now_ms);
    assert_int_equal(beacons(&t, t.now_ms + 200), 0);
    assert_int_equal(beacons(&t, t.now_ms + 300), 1); /* left unfinished */
    assert_int_equal(ask(&t, &request, body, sizeof body, &len), SEK_COAP_CONTENT);
    assert_int_equal(beacons(&t, t.now_ms + 20000), 0);
    talk_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_answered),
        cmocka_unit_test(info_tells_how_deep_each_memory_was_used),
        cmocka_unit_test(what_is_no_word_is_not_answered),
        cmocka_unit_test(while_it_measures_it_says_so),
        cmocka_unit_test(without_a_store_it_says_why),
        cmocka_unit_test(evidence_as_text_is_evidence),
        cmocka_unit_test(frames_are_answered_between_the_kernels_lines),
        cmocka_unit_test(a_store_is_put_over_the_line),
        cmocka_unit_test(beacons_come_every_5_s_in_the_first_minute),
        cmocka_unit_test(nobody_is_called_who_types_or_has_spoken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
