/* The client against the server, over a link that loses, repeats and changes packets. */
#include "channel/client.h"
#include "channel/frame.h"

#include "tests/unit/channel_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Loses packet i if bit i of pattern is set, both directions counted together. */
struct link {
    struct rig *rig;
    struct sek_client client;
    struct sek_peer peer;
    uint64_t now_ms;
    uint32_t pattern, count;
    uint32_t twice; /* bit i: packet i arrives two times */
    size_t wire;    /* characters that all packets would take as lines */
    uint8_t body[65536];
};

static struct link *link_new(enum sek_link kind, uint8_t szx, uint8_t szx_min)
{
    struct link *link = calloc(1, sizeof *link);

    assert_non_null(link);
    link->rig = rig_new();
    link->peer = (struct sek_peer){.link = kind, .len = 6, .address = {127, 0, 0, 1, 22, 51}};
    link->now_ms = 5000;
    assert_int_equal(sek_client_init(&link->client, &(struct sek_client_config){.szx = szx,
                                                                                .szx_min = szx_min,
                                                                                .token_len = 4,
                                                                                .seed = 77}),
                     SEK_OK);
    return link;
}

static void link_free(struct link *link)
{
    rig_free(link->rig);
    free(link);
}

static size_t line_len(const uint8_t *packet, size_t len)
{
    struct sek_frame_encoder encoder;
    char line[SEK_FRAME_LINE_MAX + 2];
    size_t total = 2, one; /* the CR LF that leads */

    assert_int_equal(sek_frame_begin(&encoder, SEK_FRAME_REQUEST, 0,
                                     (struct sek_bytes){.data = packet, .len = len}),
                     SEK_OK);
    while ((one = sek_frame_next_line(&encoder, line)) > 0)
        total += one;
    return total;
}

static unsigned arrives(struct link *link)
{
    uint32_t i = link->count++;

    if (i >= 32)
        return 1;
    return link->pattern >> i & 1 ? 0 : 1 + (link->twice >> i & 1);
}

/* Hands one packet to the server, and what it says to the client, as often as the link likes. */
static void carry(struct link *link, const uint8_t *packet, size_t len)
{
    link->wire += line_len(packet, len);
    for (unsigned copies = arrives(link); copies > 0; copies--) {
        uint8_t out[SEK_COAP_PACKET_MAX];
        size_t out_len =
            sek_server_handle(&link->rig->server, link->now_ms, &link->peer,
                              (struct sek_bytes){.data = packet, .len = len}, out, sizeof out);

        if (out_len == 0)
            continue;
        link->wire += line_len(out, out_len);
        for (unsigned back = arrives(link); back > 0; back--)
            sek_client_input(&link->client, link->now_ms,
                             (struct sek_bytes){.data = out, .len = out_len});
    }
}

static enum sek_client_state run(struct link *link, const struct sek_client_request *request)
{
    assert_int_equal(sek_client_start(&link->client, request, link->body, sizeof link->body),
                     SEK_OK);
    while (sek_client_state(&link->client) == SEK_CLIENT_RUNNING) {
        uint8_t packet[SEK_COAP_PACKET_MAX];
        size_t len = sek_client_poll(&link->client, link->now_ms, packet, sizeof packet);

        if (len > 0)
            carry(link, packet, len);
        else if (sek_client_next_ms(&link->client) > link->now_ms &&
                 sek_client_next_ms(&link->client) != UINT64_MAX)
            link->now_ms = sek_client_next_ms(&link->client);
    }
    return sek_client_state(&link->client);
}

static const uint8_t challenge[36] = {0xa1, 0x0a, 0x58, 0x20, 1, 2, 3, 4, 5};

static const struct sek_client_request attest = {.method = SEK_COAP_FETCH,
                                                 .path = "sekisho/attest",
                                                 .content_format = SEK_CF_CBOR,
                                                 .accept = SEK_CF_EAT,
                                                 .payload = {.data = challenge, .len = 36}};
static const struct sek_client_request info = {
    .method = SEK_COAP_GET, .path = "sekisho/info", .content_format = -1, .accept = -1};

static void check_evidence(const struct link *link)
{
    assert_int_equal(link->client.answer.code, SEK_COAP_CONTENT);
    assert_int_equal(link->client.answer.content_format, SEK_CF_EAT);
    assert_int_equal(link->client.answer.len, RIG_TOKEN_LEN);
    assert_memory_equal(link->body, challenge + 4, 32);
}

static void gets_evidence_over_every_link_and_block_size(void **state)
{
    (void)state;
    for (int kind = SEK_LINK_NETWORK; kind <= SEK_LINK_SECURE; kind++)
        for (uint8_t szx = 0; szx <= SEK_COAP_SZX_MAX; szx++) {
            struct link *link = link_new((enum sek_link)kind, szx, szx);

            assert_int_equal(run(link, &attest), SEK_CLIENT_DONE);
            check_evidence(link);
            assert_int_equal(link->rig->signatures, 1);
            assert_int_equal(link->now_ms, 5000);
            link_free(link);
        }
}

static void evidence_takes_less_than_3900_characters_on_the_wire(void **state)
{
    struct link *link = link_new(SEK_LINK_SERIAL, 5, 3);

    (void)state;
    assert_int_equal(run(link, &attest), SEK_CLIENT_DONE);
    check_evidence(link);
    print_message("%d bytes of evidence: %zu characters both ways\n", RIG_TOKEN_LEN, link->wire);
    assert_true(link->wire < 3900);
    link_free(link);
}

static void every_loss_pattern_of_the_first_twelve_packets_gets_through(void **state)
{
    static const enum sek_link kinds[] = {SEK_LINK_NETWORK, SEK_LINK_SERIAL};
    size_t through = 0;

    (void)state;
    for (size_t k = 0; k < SEK_LEN(kinds); k++)
        for (uint32_t pattern = 0; pattern < 1u << 12; pattern++) {
            struct link *link = link_new(kinds[k], 5, 3);
            enum sek_client_state end;
            unsigned again = 0;

            link->pattern = pattern;
            /* Five sendings lost in a row end an exchange: the bench asks again, three times at
             * most. */
            do
                end = run(link, &attest);
            while (end != SEK_CLIENT_DONE && ++again < 3);
            assert_int_equal(end, SEK_CLIENT_DONE);
            check_evidence(link);
            assert_int_equal(link->rig->signatures, 1);
            through++;
            link_free(link);
        }
    assert_int_equal(through, 2 << 12);
}

static void repeated_packets_change_nothing(void **state)
{
    (void)state;
    for (uint32_t twice = 0; twice < 1u << 12; twice += 7) {
        struct link *link = link_new(SEK_LINK_NETWORK, 5, 3);

        link->twice = twice;
        link->pattern = (twice * 2654435761u) >> 20 & ~twice & 0x3ff & (twice << 3);
        assert_int_equal(run(link, &attest), SEK_CLIENT_DONE);
        check_evidence(link);
        assert_int_equal(link->rig->signatures, 1);
        link_free(link);
    }
}

static void uploads_get_through_every_loss_pattern(void **state)
{
    static uint8_t store[5000], cert[1500];

    (void)state;
    for (size_t i = 0; i < sizeof store; i++)
        store[i] = (uint8_t)(i * 31 + i / 256);
    memcpy(cert, store, sizeof cert);
    for (uint32_t pattern = 0; pattern < 1u << 12; pattern++) {
        struct link *link = link_new(pattern & 1 ? SEK_LINK_NETWORK : SEK_LINK_SERIAL, 5, 3);
        struct sek_client_request put = {.method = SEK_COAP_PUT,
                                         .path = "sekisho/store",
                                         .content_format = -1,
                                         .accept = -1,
                                         .payload = {.data = store, .len = sizeof store}};
        unsigned again = 0;

        link->pattern = pattern;
        while (run(link, &put) != SEK_CLIENT_DONE)
            assert_true(++again < 3);
        assert_int_equal(link->client.answer.code, SEK_COAP_CHANGED);
        assert_true(link->rig->store_whole);
        assert_int_equal(link->rig->store_len, sizeof store);
        assert_memory_equal(link->rig->store, store, sizeof store);
        put.path = "sekisho/cert";
        put.payload = (struct sek_bytes){.data = cert, .len = sizeof cert};
        assert_int_equal(run(link, &put), SEK_CLIENT_DONE);
        assert_int_equal(link->rig->cert_len, sizeof cert);
        assert_memory_equal(link->rig->cert, cert, sizeof cert);
        link_free(link);
    }
}

static void a_streamed_upload_ends_once(void **state)
{
    static uint8_t store[3000];
    struct link *link = link_new(SEK_LINK_SERIAL, 6, 6);
    struct sek_client_request put = {.method = SEK_COAP_PUT,
                                     .path = "sekisho/store",
                                     .content_format = -1,
                                     .accept = -1,
                                     .payload = {.data = store, .len = sizeof store}};

    (void)state;
    link->twice = 0xffffffff;
    link->pattern = 1u << 9;
    assert_int_equal(run(link, &put), SEK_CLIENT_DONE);
    assert_int_equal(link->rig->stores, 1);
    put.payload.len = RIG_STORE_MAX + 1;
    put.payload.data = link->body; /* any bytes */
    assert_int_equal(run(link, &put), SEK_CLIENT_DONE);
    assert_int_equal(link->client.answer.code, SEK_COAP_TOO_LARGE);
    link_free(link);
}

static void refusals_are_answers(void **state)
{
    static const struct {
        const char *name;
        struct sek_client_request request;
        uint8_t code;
    } rows[] = {
        {"no such resource", {SEK_COAP_GET, "sekisho/nothing", -1, -1, {0}}, SEK_COAP_NOT_FOUND},
        {"no such method", {SEK_COAP_DELETE, "sekisho/info", -1, -1, {0}}, SEK_COAP_NOT_ALLOWED},
        {"no such format", {SEK_COAP_GET, "sekisho/info", -1, 50, {0}}, SEK_COAP_NOT_ACCEPTABLE},
        {"a challenge of five bytes",
         {SEK_COAP_FETCH, "sekisho/attest", 60, -1, {challenge, 5}},
         SEK_COAP_BAD_REQUEST},
        {"no certificate", {SEK_COAP_GET, "sekisho/cert", -1, -1, {0}}, SEK_COAP_NOT_FOUND},
        {"the list of resources",
         {SEK_COAP_GET, ".well-known/core", -1, -1, {0}},
         SEK_COAP_CONTENT},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        struct link *link = link_new(SEK_LINK_NETWORK, 6, 6);

        print_message("%s\n", rows[i].name);
        assert_int_equal(run(link, &rows[i].request), SEK_CLIENT_DONE);
        assert_int_equal(link->client.answer.code, rows[i].code);
        link_free(link);
    }
}

static void measuring_is_an_answer_that_says_when(void **state)
{
    struct link *link = link_new(SEK_LINK_SERIAL, 5, 3);

    (void)state;
    link->rig->measured_at_ms = 8000;
    assert_int_equal(run(link, &attest), SEK_CLIENT_DONE);
    assert_int_equal(link->client.answer.code, SEK_COAP_UNAVAILABLE);
    assert_int_equal(link->client.answer.max_age_s, 3);
    assert_int_equal(link->client.answer.content_format, SEK_CF_PROBLEM);
    assert_memory_equal(link->body, "\xa1\x20\x69measuring", 12);
    link->now_ms += 3000;
    assert_int_equal(run(link, &attest), SEK_CLIENT_DONE);
    check_evidence(link);
    link_free(link);
}

static void silence_ends_as_absent(void **state)
{
    struct link *link = link_new(SEK_LINK_SERIAL, 5, 3);

    (void)state;
    link->pattern = 0xffffffff;
    assert_int_equal(run(link, &info), SEK_CLIENT_FAILED);
    assert_int_equal(link->client.fault.status, SEK_ERR_ABSENT);
    assert_true(link->now_ms - 5000 >= 62000 && link->now_ms - 5000 <= 93000);
    assert_int_equal(link->count, 5);
    link_free(link);
}

static void blocks_shrink_after_losses(void **state)
{
    struct link *link = link_new(SEK_LINK_SERIAL, 5, 3);

    (void)state;
    link->pattern = 1u << 1 | 1u << 5; /* an answer twice */
    assert_int_equal(run(link, &attest), SEK_CLIENT_DONE);
    check_evidence(link);
    assert_int_equal(link->client.szx, 3);
    link_free(link);
}

/* A client that has sent its FETCH, and the packet with which a hostile server answers. */
static void hostile_start(struct sek_client *client, uint8_t *body, size_t cap)
{
    uint8_t out[SEK_COAP_PACKET_MAX];

    assert_int_equal(
        sek_client_init(client, &(struct sek_client_config){.szx = 2, .token_len = 8, .seed = 3}),
        SEK_OK);
    assert_int_equal(sek_client_start(client, &attest, body, cap), SEK_OK);
    assert_true(sek_client_poll(client, 0, out, sizeof out) > 0);
}

/* Answers the packet under way with a block, and lets the client send its next packet. */
static void answer_block(struct sek_client *client, uint32_t num, bool more, uint8_t szx,
                         size_t len, uint8_t etag)
{
    static const uint8_t bytes[2048];
    uint8_t out[2048];
    struct sek_coap_message m = {.type = SEK_COAP_ACK, .code = SEK_COAP_CONTENT, .id = client->id};
    size_t out_len;

    m.token_len = client->config.token_len;
    memcpy(m.token, client->token, sizeof m.token);
    sek_coap_set_block(&m, SEK_COAP_BLOCK2,
                       (struct sek_coap_block){.num = num, .more = more, .szx = szx});
    if (etag > 0)
        sek_coap_set_bytes(&m, SEK_COAP_ETAG, (struct sek_bytes){.data = &etag, .len = 1});
    m.payload = (struct sek_bytes){.data = bytes, .len = len};
    assert_int_equal(sek_coap_encode(&m, out, sizeof out, &out_len), SEK_OK);
    sek_client_input(client, 1, (struct sek_bytes){.data = out, .len = out_len});
    while (sek_client_poll(client, 1, out, sizeof out) > 0)
        ;
}

static void a_hostile_server_is_bounded(void **state)
{
    static const struct {
        const char *name;
        struct {
            uint32_t num;
            bool more;
            uint8_t szx;
            size_t len;
            uint8_t etag;
        } block[2];
        enum sek_client_state end;
    } rows[] = {
        {"control", {{0, true, 2, 64, 1}, {1, false, 2, 3, 1}}, SEK_CLIENT_DONE},
        {"a block larger than asked", {{0, true, 3, 128, 1}}, SEK_CLIENT_FAILED},
        {"a smaller block is allowed", {{0, true, 1, 32, 1}, {1, false, 1, 3, 1}}, SEK_CLIENT_DONE},
        {"the second block first", {{1, true, 2, 64, 1}}, SEK_CLIENT_FAILED},
        {"a block left out", {{0, true, 2, 64, 1}, {2, false, 2, 3, 1}}, SEK_CLIENT_FAILED},
        {"a block twice", {{0, true, 2, 64, 1}, {0, true, 2, 64, 1}}, SEK_CLIENT_FAILED},
        {"a short block with more to come", {{0, true, 2, 63, 1}}, SEK_CLIENT_FAILED},
        {"a last block too long", {{0, true, 2, 64, 1}, {1, false, 2, 65, 1}}, SEK_CLIENT_FAILED},
        {"a last block of nothing", {{0, true, 2, 64, 1}, {1, false, 2, 0, 1}}, SEK_CLIENT_FAILED},
        {"reserved size", {{0, true, 7, 64, 1}}, SEK_CLIENT_FAILED},
        {"another ETag starts over",
         {{0, true, 2, 64, 1}, {1, false, 2, 3, 2}},
         SEK_CLIENT_RUNNING},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        struct sek_client client;
        uint8_t body[256];

        print_message("%s\n", rows[i].name);
        hostile_start(&client, body, sizeof body);
        for (size_t at = 0; at < 2 && sek_client_state(&client) == SEK_CLIENT_RUNNING; at++)
            answer_block(&client, rows[i].block[at].num, rows[i].block[at].more,
                         rows[i].block[at].szx, rows[i].block[at].len, rows[i].block[at].etag);
        assert_int_equal(sek_client_state(&client), rows[i].end);
    }
}

static void endless_answers_end(void **state)
{
    struct sek_client client;
    uint8_t body[1000];
    uint32_t num = 0;

    (void)state;
    hostile_start(&client, body, sizeof body);
    while (sek_client_state(&client) == SEK_CLIENT_RUNNING)
        answer_block(&client, num++, true, 2, 64, 1);
    assert_int_equal(client.fault.status, SEK_ERR_NO_SPACE);
    assert_int_equal(num, 16);

    hostile_start(&client, body, sizeof body);
    for (num = 0; sek_client_state(&client) == SEK_CLIENT_RUNNING; num++)
        answer_block(&client, num % 2, true, 2, 64, (uint8_t)(1 + num));
    assert_int_equal(client.fault.status, SEK_ERR_MALFORMED);
    assert_int_equal(num, 6);
}

/* Answers the packet under way with a bare code of some type. */
static void answer_code(struct sek_client *client, enum sek_coap_type type, uint8_t code,
                        uint16_t id, bool echo)
{
    uint8_t out[64];
    struct sek_coap_message m = {.type = type, .code = code, .id = id};
    size_t len;

    if (code != SEK_COAP_EMPTY) {
        m.token_len = client->config.token_len;
        memcpy(m.token, client->token, sizeof m.token);
    }
    if (echo)
        sek_coap_set_bytes(&m, SEK_COAP_ECHO, (struct sek_bytes){.data = out, .len = 1});
    out[0] = 1;
    assert_int_equal(sek_coap_encode(&m, out, sizeof out, &len), SEK_OK);
    sek_client_input(client, 1, (struct sek_bytes){.data = out, .len = len});
}

static void separate_responses_and_resets_work(void **state)
{
    struct sek_client client;
    uint8_t body[64], out[SEK_COAP_PACKET_MAX];

    (void)state;
    hostile_start(&client, body, sizeof body);
    answer_code(&client, SEK_COAP_ACK, SEK_COAP_EMPTY, client.id, false);
    assert_int_equal(sek_client_next_ms(&client), 1 + SEK_CLIENT_ANSWER_MS);
    answer_code(&client, SEK_COAP_CON, SEK_COAP_NOT_FOUND, 0x7777, false);
    assert_int_equal(sek_client_state(&client), SEK_CLIENT_DONE);
    assert_int_equal(sek_client_poll(&client, 2, out, sizeof out), 4);
    assert_memory_equal(out, "\x60\x00\x77\x77", 4);
    assert_int_equal(sek_client_poll(&client, 2, out, sizeof out), 0);

    hostile_start(&client, body, sizeof body);
    answer_code(&client, SEK_COAP_ACK, SEK_COAP_EMPTY, client.id, false);
    assert_int_equal(sek_client_poll(&client, 1 + SEK_CLIENT_ANSWER_MS, out, sizeof out), 0);
    assert_int_equal(client.fault.status, SEK_ERR_ABSENT);

    hostile_start(&client, body, sizeof body);
    answer_code(&client, SEK_COAP_RST, SEK_COAP_EMPTY, (uint16_t)(client.id + 1), false);
    assert_int_equal(sek_client_state(&client), SEK_CLIENT_RUNNING);
    answer_code(&client, SEK_COAP_RST, SEK_COAP_EMPTY, client.id, false);
    assert_int_equal(client.fault.status, SEK_ERR_IO);
}

static void echo_for_ever_ends_as_an_answer(void **state)
{
    struct sek_client client;
    uint8_t body[64], out[SEK_COAP_PACKET_MAX];
    size_t rounds = 0;

    (void)state;
    hostile_start(&client, body, sizeof body);
    for (; sek_client_state(&client) == SEK_CLIENT_RUNNING; rounds++) {
        answer_code(&client, SEK_COAP_ACK, SEK_COAP_UNAUTHORIZED, client.id, true);
        (void)sek_client_poll(&client, 1, out, sizeof out);
    }
    assert_int_equal(rounds, SEK_CLIENT_ECHO_MAX + 1);
    assert_int_equal(client.answer.code, SEK_COAP_UNAUTHORIZED);
}

/* The answer that would fit another client. */
static void answer_as(struct sek_client *client, const struct sek_client *other)
{
    uint8_t out[64];
    struct sek_coap_message m = {.type = SEK_COAP_ACK, .code = SEK_COAP_NOT_FOUND, .id = other->id};
    size_t len;

    m.token_len = other->config.token_len;
    memcpy(m.token, other->token, sizeof m.token);
    assert_int_equal(sek_coap_encode(&m, out, sizeof out, &len), SEK_OK);
    sek_client_input(client, 1, (struct sek_bytes){.data = out, .len = len});
}

static void answers_to_others_are_ignored(void **state)
{
    struct sek_client client, other;
    uint8_t body[64];

    (void)state;
    hostile_start(&client, body, sizeof body);
    answer_code(&client, SEK_COAP_ACK, SEK_COAP_NOT_FOUND, (uint16_t)(client.id + 1), false);
    other = client;
    other.token[7] ^= 1;
    answer_as(&client, &other);
    assert_int_equal(sek_client_state(&client), SEK_CLIENT_RUNNING);
    hostile_start(&client, body, sizeof body);
    for (uint8_t code = 0; code < 32; code++)
        answer_code(&client, SEK_COAP_NON, code, client.id, false);
    assert_int_equal(sek_client_state(&client), SEK_CLIENT_RUNNING);
}

static void refuses_a_configuration_out_of_range(void **state)
{
    static const struct sek_client_config rows[] = {
        {7, 0, 4, 0}, {3, 4, 4, 0}, {3, 3, 0, 0}, {3, 3, 9, 0}};
    struct sek_client client;

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++)
        assert_int_equal(sek_client_init(&client, &rows[i]), SEK_ERR_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gets_evidence_over_every_link_and_block_size),
        cmocka_unit_test(evidence_takes_less_than_3900_characters_on_the_wire),
        cmocka_unit_test(every_loss_pattern_of_the_first_twelve_packets_gets_through),
        cmocka_unit_test(repeated_packets_change_nothing),
        cmocka_unit_test(uploads_get_through_every_loss_pattern),
        cmocka_unit_test(a_streamed_upload_ends_once),
        cmocka_unit_test(refusals_are_answers),
        cmocka_unit_test(measuring_is_an_answer_that_says_when),
        cmocka_unit_test(silence_ends_as_absent),
        cmocka_unit_test(blocks_shrink_after_losses),
        cmocka_unit_test(a_hostile_server_is_bounded),
        cmocka_unit_test(endless_answers_end),
        cmocka_unit_test(separate_responses_and_resets_work),
        cmocka_unit_test(echo_for_ever_ends_as_an_answer),
        cmocka_unit_test(answers_to_others_are_ignored),
        cmocka_unit_test(refuses_a_configuration_out_of_range),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
