/* The server, packet by packet: what one peer may do, and what nobody may. */
#include "tests/unit/server_ask.h"

static struct sek_coap_message ask_block(uint16_t id, uint32_t num, uint8_t szx)
{
    struct sek_coap_message m = ask(SEK_COAP_FETCH, "sekisho/attest", id);

    sek_coap_set_block(&m, SEK_COAP_BLOCK2, (struct sek_coap_block){.num = num, .szx = szx});
    return m;
}

static void the_message_layer_keeps_its_rules(void **state)
{
    static const struct {
        const char *name;
        const char *packet;
        size_t len;
        const char *reply;
        size_t reply_len;
    } rows[] = {
        {"a ping is reset", "\x40\x00\x12\x34", 4, "\x70\x00\x12\x34", 4},
        {"an Empty NON is ignored", "\x50\x00\x12\x34", 4, "", 0},
        {"an acknowledgement is ignored", "\x60\x00\x12\x34", 4, "", 0},
        {"a reset is ignored", "\x70\x00\x12\x34", 4, "", 0},
        {"a CON answer is reset", "\x40\x45\x12\x34", 4, "\x70\x00\x12\x34", 4},
        {"a NON answer is ignored", "\x50\x45\x12\x34", 4, "", 0},
        {"an ACK that is a request is ignored", "\x60\x01\x12\x34", 4, "", 0},
        {"another version is ignored", "\x80\x01\x12\x34", 4, "", 0},
        {"three bytes are ignored", "\x40\x01\x12", 3, "", 0},
        {"nothing is ignored", "", 0, "", 0},
        {"a malformed CON is reset", "\x49\x01\x12\x34", 4, "\x70\x00\x12\x34", 4},
        {"a malformed NON is ignored", "\x59\x01\x12\x34", 4, "", 0},
        {"a CON request to nowhere", "\x41\x01\x12\x34\x07", 5, "\x61\x84\x12\x34\x07", 5},
        {"a NON request to nowhere", "\x51\x01\x12\x34\x07", 5, "\x51\x84\x42\x00\x07", 5},
        {"a critical option", "\x40\x01\x12\x34\x90", 5, "\x60\x82\x12\x34", 4},
        {"we are no proxy", "\x40\x01\x12\x34\xd1\x16\x61", 7, "\x60\xa5\x12\x34", 4},
        {"a method that nobody has", "\x40\x1f\x12\x34\xb7sekisho\x04info", 17, "\x60\x85\x12\x34",
         4},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        struct rig *rig = rig_new();
        struct reply reply;

        print_message("%s\n", rows[i].name);
        send_bytes(rig, 0, &cable, rows[i].packet, rows[i].len, &reply);
        assert_int_equal(reply.len, rows[i].reply_len);
        assert_memory_equal(reply.bytes, rows[i].reply, rows[i].reply_len);
        rig_free(rig);
    }
}

static void conditions_and_formats_are_honoured(void **state)
{
    static const uint8_t tag[1] = {1};
    static const struct {
        const char *name;
        enum sek_coap_option option;
        struct sek_bytes bytes;
        uint32_t number;
        uint8_t code;
    } rows[] = {
        {"If-None-Match", SEK_COAP_IF_NONE_MATCH, {0}, 0, SEK_COAP_PRECONDITION},
        {"If-Match of a version", SEK_COAP_IF_MATCH, {tag, 1}, 0, SEK_COAP_PRECONDITION},
        {"If-Match of any version", SEK_COAP_IF_MATCH, {0}, 0, SEK_COAP_CONTENT},
        {"Accept of our format", SEK_COAP_ACCEPT, {0}, SEK_CF_CBOR, SEK_COAP_CONTENT},
        {"Accept of another", SEK_COAP_ACCEPT, {0}, 0, SEK_COAP_NOT_ACCEPTABLE},
        {"Uri-Host is read over", SEK_COAP_URI_HOST, {tag, 1}, 0, SEK_COAP_CONTENT},
        {"Uri-Port is read over", SEK_COAP_URI_PORT, {0}, 5690, SEK_COAP_CONTENT},
        {"Observe is read over", SEK_COAP_OBSERVE, {0}, 0, SEK_COAP_CONTENT},
        {"Block2 of the reserved size", SEK_COAP_BLOCK2, {0}, 7, SEK_COAP_BAD_REQUEST},
        {"Block2 beyond the end regenerates, then refuses",
         SEK_COAP_BLOCK2,
         {0},
         0xfffff6,
         SEK_COAP_BAD_REQUEST},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        struct rig *rig = rig_new();
        struct reply reply;
        struct sek_coap_message m = ask(SEK_COAP_GET, "sekisho/info", 1);

        print_message("%s\n", rows[i].name);
        sek_coap_set(&m, rows[i].option, rows[i].number);
        sek_coap_set_bytes(&m, rows[i].option, rows[i].bytes);
        send_message(rig, 0, &cable, &m, &reply);
        assert_int_equal(reply.m.code, rows[i].code);
        rig_free(rig);
    }
}

static void a_duplicate_gets_the_same_reply(void **state)
{
    struct rig *rig = rig_new();
    struct reply first, second;
    struct sek_coap_message m = ask(SEK_COAP_GET, "sekisho/info", 1);

    (void)state;
    send_message(rig, 0, &cable, &m, &first);
    send_message(rig, SEK_EXCHANGE_LIFETIME_MS - 1, &cable, &m, &second);
    assert_int_equal(first.len, second.len);
    assert_memory_equal(first.bytes, second.bytes, first.len);
    assert_int_equal(rig->infos, 1);
    send_message(rig, SEK_EXCHANGE_LIFETIME_MS, &cable, &m, &second);
    assert_int_equal(rig->infos, 2);
    m.id = 2;
    send_message(rig, SEK_EXCHANGE_LIFETIME_MS, &cable, &m, &second);
    assert_int_equal(rig->infos, 3);
    rig_free(rig);
}

static void the_same_challenge_gets_the_kept_answer(void **state)
{
    struct rig *rig = rig_new();
    struct reply first, second;
    struct sek_coap_message m = ask_attest(1, challenge);

    (void)state;
    send_message(rig, 0, &cable, &m, &first);
    assert_int_equal(first.m.code, SEK_COAP_CONTENT);
    assert_int_equal(first.m.payload.len, 1024);
    m.id = 2;
    send_message(rig, 10, &cable, &m, &second);
    assert_memory_equal(first.m.payload.data, second.m.payload.data, 1024);
    m.code = SEK_COAP_POST; /* another method is another request */
    m.id = 3;
    send_message(rig, 1000, &cable, &m, &second);
    assert_int_equal(rig->signatures, 2);
    m.code = SEK_COAP_FETCH;
    m.id = 4;
    send_message(rig, SEK_EXCHANGE_LIFETIME_MS, &cable, &m, &second);
    assert_int_equal(rig->signatures, 3);
    rig_free(rig);
}

static void a_fresh_measurement_is_never_the_kept_one(void **state)
{
    uint8_t fresh[36] = {0xa2};
    struct rig *rig = rig_new();
    struct reply reply;
    struct sek_coap_message m = ask_attest(1, fresh);
    struct sek_coap_message follow = ask_block(2, 1, 6);

    (void)state;
    send_message(rig, 0, &cable, &m, &reply);
    send_message(rig, 1, &cable, &m, &reply); /* a duplicate is no new request */
    send_message(rig, 2, &cable, &follow, &reply);
    assert_int_equal(reply.m.code, SEK_COAP_CONTENT);
    assert_int_equal(rig->signatures, 1);
    m.id = 3;
    send_message(rig, 2000, &cable, &m, &reply);
    assert_int_equal(rig->signatures, 2);
    rig_free(rig);
}

static void follow_up_blocks_work_with_and_without_the_challenge(void **state)
{
    struct rig *rig = rig_new();
    struct reply reply;
    struct sek_coap_message first = ask_attest(1, challenge), m;
    struct sek_coap_block block;

    (void)state;
    sek_coap_set_block(&first, SEK_COAP_BLOCK2, (struct sek_coap_block){.szx = 5});
    send_message(rig, 0, &cable, &first, &reply);
    assert_int_equal(reply.m.payload.len, 512);
    assert_int_equal(reply.m.number[SEK_COAP_SIZE2], RIG_TOKEN_LEN);
    m = ask_block(2, 1, 5);
    send_message(rig, 0, &cable, &m, &reply);
    assert_int_equal(reply.m.payload.len, 512);
    m = ask_block(3, 8, 3); /* smaller from here on: block 8 of 128 is byte 1,024 */
    m.payload = first.payload;
    send_message(rig, 0, &cable, &m, &reply);
    assert_int_equal(reply.m.payload.len, 128);
    assert_int_equal(sek_coap_block(&reply.m, SEK_COAP_BLOCK2, &block), SEK_OK);
    assert_int_equal(block.num, 8);
    assert_true(block.more);
    m = ask_block(4, 13, 3);
    send_message(rig, 0, &cable, &m, &reply);
    assert_int_equal(reply.m.payload.len, RIG_TOKEN_LEN - 13 * 128);
    assert_int_equal(sek_coap_block(&reply.m, SEK_COAP_BLOCK2, &block), SEK_OK);
    assert_false(block.more);
    m = ask_block(5, 14, 3);
    send_message(rig, 0, &cable, &m, &reply);
    assert_int_equal(reply.m.code, SEK_COAP_BAD_REQUEST);
    m = ask_block(6, 1, 3);
    m.payload = (struct sek_bytes){.data = challenge + 1, .len = 35}; /* of another challenge */
    send_message(rig, 0, &cable, &m, &reply);
    assert_int_equal(reply.m.code, SEK_COAP_INCOMPLETE);
    m = ask_block(7, 1, 3);
    send_message(rig, 0, &(struct sek_peer){.link = SEK_LINK_SECURE}, &m, &reply);
    assert_int_equal(reply.m.code, SEK_COAP_INCOMPLETE); /* nobody sees another's answer */
    assert_int_equal(rig->signatures, 1);
    rig_free(rig);
}

static void an_etag_that_is_known_saves_the_body(void **state)
{
    struct rig *rig = rig_new();
    struct reply reply, valid;
    struct sek_coap_message m = ask(SEK_COAP_GET, "sekisho/store", 1);

    (void)state;
    send_message(rig, 0, &cable, &m, &reply);
    assert_true(sek_coap_has(&reply.m, SEK_COAP_ETAG));
    m.id = 2;
    sek_coap_set_bytes(&m, SEK_COAP_ETAG, reply.m.opaque[SEK_COAP_ETAG]);
    send_message(rig, 0, &cable, &m, &valid);
    assert_int_equal(valid.m.code, SEK_COAP_VALID);
    assert_int_equal(valid.m.payload.len, 0);
    rig->store_len = 7;
    m.id = 3;
    send_message(rig, 0, &cable, &m, &valid);
    assert_int_equal(valid.m.code, SEK_COAP_CONTENT);
    rig_free(rig);
}

static void signatures_are_rate_limited(void **state)
{
    uint8_t other[36] = {0xa1, 0x0b};
    struct rig *rig = rig_new();
    struct reply reply;
    struct sek_coap_message m = ask_attest(1, challenge);

    (void)state;
    send_message(rig, 5000, &cable, &m, &reply);
    m = ask_attest(2, other);
    send_message(rig, 5400, &cable, &m, &reply);
    assert_int_equal(reply.m.code, SEK_COAP_TOO_MANY);
    assert_int_equal(reply.m.number[SEK_COAP_MAX_AGE], 1);
    m = ask_attest(3, challenge);
    send_message(rig, 5400, &cable, &m, &reply);
    assert_int_equal(reply.m.code, SEK_COAP_CONTENT); /* the kept one costs nothing */
    m = ask_attest(4, other);
    send_message(rig, 6000, &cable, &m, &reply);
    assert_int_equal(reply.m.code, SEK_COAP_CONTENT);
    assert_int_equal(rig->signatures, 2);
    rig_free(rig);
}

static void a_busy_device_says_when_and_costs_nobody_a_turn(void **state)
{
    struct rig *rig = rig_new();
    struct reply reply;
    struct sek_coap_message m = ask_attest(1, challenge);

    (void)state;
    rig->measured_at_ms = 2500;
    send_message(rig, 0, &cable, &m, &reply);
    assert_int_equal(reply.m.code, SEK_COAP_UNAVAILABLE);
    assert_int_equal(reply.m.number[SEK_COAP_MAX_AGE], 3);
    assert_int_equal(reply.m.number[SEK_COAP_CONTENT_FORMAT], SEK_CF_PROBLEM);
    m.id = 2;
    send_message(rig, 2500, &cable, &m, &reply);
    assert_int_equal(reply.m.code, SEK_COAP_CONTENT);
    rig_free(rig);
}

static void a_transfer_is_not_displaced_while_it_moves(void **state)
{
    struct rig *rig = rig_new();
    struct reply reply;
    struct sek_peer peer = {.link = SEK_LINK_SECURE, .len = 1};
    uint64_t now_ms = 0;

    (void)state;
    for (uint8_t i = 0; i < 3; i++) {
        struct sek_coap_message m = ask_attest(1, challenge);

        peer.address[0] = i;
        send_message(rig, now_ms += 1000, &peer, &m, &reply);
        assert_int_equal(reply.m.code, i < 2 ? SEK_COAP_CONTENT : SEK_COAP_UNAVAILABLE);
    }
    struct sek_coap_message m = ask_block(2, 1, 6);
    peer.address[0] = 0;
    send_message(rig, now_ms, &peer, &m, &reply); /* the last block: its slot may go */
    assert_int_equal(reply.m.code, SEK_COAP_CONTENT);
    m = ask_attest(2, challenge);
    peer.address[0] = 2;
    send_message(rig, now_ms, &peer, &m, &reply);
    assert_int_equal(reply.m.code, SEK_COAP_CONTENT);
    m = ask_attest(3, challenge);
    peer.address[0] = 3;
    send_message(rig, now_ms + 1000, &peer, &m, &reply);
    assert_int_equal(reply.m.code, SEK_COAP_UNAVAILABLE);
    m.id = 4; /* the other two rest: the older one goes */
    send_message(rig, now_ms + 1000 + SEK_SERVER_IDLE_MS, &peer, &m, &reply);
    assert_int_equal(reply.m.code, SEK_COAP_CONTENT);
    rig_free(rig);
}

static void put_block(struct rig *rig, const struct sek_peer *peer, uint64_t now_ms, uint16_t id,
                      const char *path, uint32_t num, bool more, size_t len, struct reply *reply)
{
    static const uint8_t bytes[1024];
    struct sek_coap_message m = ask(SEK_COAP_PUT, path, id);

    sek_coap_set_block(&m, SEK_COAP_BLOCK1,
                       (struct sek_coap_block){.num = num, .more = more, .szx = 2});
    m.payload = (struct sek_bytes){.data = bytes, .len = len};
    send_message(rig, now_ms, peer, &m, reply);
}

static void uploads_are_in_order_and_bounded(void **state)
{
    static const struct {
        const char *name;
        struct {
            uint32_t num;
            bool more;
            size_t len;
            uint8_t code;
        } block[3];
    } rows[] = {
        {"two blocks", {{0, true, 64, 95}, {1, false, 3, SEK_COAP_CHANGED}}},
        {"one block that says so", {{0, false, 3, SEK_COAP_CHANGED}}},
        {"a block left out", {{0, true, 64, 95}, {2, true, 64, SEK_COAP_INCOMPLETE}}},
        {"a block without a beginning", {{1, true, 64, SEK_COAP_INCOMPLETE}}},
        {"a short block with more to come", {{0, true, 63, SEK_COAP_BAD_REQUEST}}},
        {"a last block too long", {{0, false, 65, SEK_COAP_BAD_REQUEST}}},
        {"begun again", {{0, true, 64, 95}, {0, true, 64, 95}, {1, false, 3, SEK_COAP_CHANGED}}},
        {"a block after the last",
         {{0, false, 3, SEK_COAP_CHANGED}, {1, true, 64, SEK_COAP_INCOMPLETE}}},
        {"a block beyond every size",
         {{0, true, 64, 95}, {0xfffff, true, 64, SEK_COAP_INCOMPLETE}}},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++)
        for (size_t p = 0; p < 2; p++) {
            struct rig *rig = rig_new();
            struct reply reply;

            print_message("%s\n", rows[i].name);
            for (uint16_t at = 0; at < 3 && rows[i].block[at].code > 0; at++) {
                put_block(rig, &cable, 0, at, p ? "sekisho/store" : "sekisho/cert",
                          rows[i].block[at].num, rows[i].block[at].more, rows[i].block[at].len,
                          &reply);
                assert_int_equal(reply.m.code, rows[i].block[at].code);
            }
            rig_free(rig);
        }
}

static void an_upload_that_is_too_large_is_told_the_limit(void **state)
{
    struct rig *rig = rig_new();
    struct reply reply;
    struct sek_coap_message m = ask(SEK_COAP_PUT, "sekisho/cert", 1);

    (void)state;
    sek_coap_set(&m, SEK_COAP_SIZE1, RIG_UPLOAD_CAP + 1);
    sek_coap_set_block(&m, SEK_COAP_BLOCK1, (struct sek_coap_block){.more = true, .szx = 0});
    m.payload = (struct sek_bytes){.data = challenge, .len = 16};
    send_message(rig, 0, &cable, &m, &reply);
    assert_int_equal(reply.m.code, SEK_COAP_TOO_LARGE);
    assert_int_equal(reply.m.number[SEK_COAP_SIZE1], RIG_UPLOAD_CAP);
    for (uint16_t i = 0; i <= RIG_UPLOAD_CAP / 64; i++) {
        put_block(rig, &cable, 0, (uint16_t)(i + 2), "sekisho/cert", i, true, 64, &reply);
        assert_int_equal(reply.m.code,
                         i < RIG_UPLOAD_CAP / 64 ? SEK_COAP_CONTINUE : SEK_COAP_TOO_LARGE);
    }
    m = ask_attest(90, challenge);
    m.payload.len = 513;
    m.payload.data = rig->store;
    send_message(rig, 0, &cable, &m, &reply);
    assert_int_equal(reply.m.code, SEK_COAP_TOO_LARGE);
    m = ask(SEK_COAP_GET, "sekisho/store", 91);
    m.payload = (struct sek_bytes){.data = challenge, .len = 1};
    send_message(rig, 0, &cable, &m, &reply);
    assert_int_equal(reply.m.code, SEK_COAP_CONTENT); /* it means nothing */
    m.id = 92;
    sek_coap_set_block(&m, SEK_COAP_BLOCK1, (struct sek_coap_block){.more = true});
    send_message(rig, 0, &cable, &m, &reply);
    assert_int_equal(reply.m.code, SEK_COAP_BAD_OPTION);
    rig_free(rig);
}

static void one_upload_at_a_time(void **state)
{
    struct rig *rig = rig_new();
    struct reply reply;
    struct sek_peer other = {.link = SEK_LINK_SECURE};

    (void)state;
    put_block(rig, &cable, 0, 1, "sekisho/store", 0, true, 64, &reply);
    put_block(rig, &other, 1, 1, "sekisho/store", 1, true, 64, &reply);
    assert_int_equal(reply.m.code, SEK_COAP_INCOMPLETE);
    put_block(rig, &other, 1, 2, "sekisho/store", 0, true, 64, &reply);
    assert_int_equal(reply.m.code, SEK_COAP_UNAVAILABLE);
    assert_int_equal(reply.m.number[SEK_COAP_MAX_AGE], SEK_SERVER_IDLE_MS / 1000);
    put_block(rig, &other, SEK_SERVER_IDLE_MS, 3, "sekisho/store", 0, true, 64, &reply);
    assert_int_equal(reply.m.code, SEK_COAP_CONTINUE);
    put_block(rig, &cable, SEK_SERVER_IDLE_MS, 2, "sekisho/store", 1, false, 64, &reply);
    assert_int_equal(reply.m.code, SEK_COAP_INCOMPLETE);
    rig_free(rig);
}

/* A streamed upload goes into one place, also where it comes in one piece. */
static void an_upload_in_one_piece_waits_for_one_in_blocks(void **state)
{
    struct rig *rig = rig_new();
    const struct sek_peer other = {.link = SEK_LINK_SECURE, .len = 1};
    struct sek_coap_message whole = ask(SEK_COAP_PUT, "sekisho/store", 77);
    struct reply reply;

    (void)state;
    whole.payload = (struct sek_bytes){.data = (const uint8_t *)"x", .len = 1};
    put_block(rig, &cable, 1000, 1, "sekisho/store", 0, true, 64, &reply);
    assert_int_equal(reply.m.code, SEK_COAP_CONTINUE);
    send_message(rig, 1100, &other, &whole, &reply);
    assert_int_equal(reply.m.code, SEK_COAP_UNAVAILABLE);
    put_block(rig, &cable, 1200, 2, "sekisho/store", 1, false, 64, &reply);
    assert_int_equal(reply.m.code, SEK_COAP_CHANGED);
    assert_int_equal(rig->store_len, 128);
    put_block(rig, &cable, 2000, 3, "sekisho/store", 0, true, 64,
              &reply); /* its own begins anew with it */
    whole.id = 78;
    send_message(rig, 2100, &cable, &whole, &reply);
    assert_int_equal(reply.m.code, SEK_COAP_CHANGED);
    assert_int_equal(rig->store_len, 1);
    put_block(rig, &cable, 2200, 4, "sekisho/store", 1, false, 64, &reply);
    assert_int_equal(reply.m.code, SEK_COAP_INCOMPLETE);
    rig_free(rig);
}

static void the_list_of_resources_is_made_from_the_table(void **state)
{
    static const char expected[] = "</sekisho/info>;ct=60,</sekisho/attest>;ct=263,"
                                   "</sekisho/store>;ct=60,</sekisho/cert>;ct=287";
    struct rig *rig = rig_new();
    struct reply reply;
    struct sek_coap_message m = ask(SEK_COAP_GET, ".well-known/core", 1);

    (void)state;
    send_message(rig, 0, &cable, &m, &reply);
    assert_int_equal(reply.m.number[SEK_COAP_CONTENT_FORMAT], SEK_CF_LINK);
    assert_int_equal(reply.m.payload.len, sizeof expected - 1);
    assert_memory_equal(reply.m.payload.data, expected, sizeof expected - 1);
    rig_free(rig);
}

static void the_beacon_is_info_that_nobody_asked_for(void **state)
{
    struct rig *rig = rig_new();
    struct sek_coap_message m;
    struct sek_fault fault = {0};
    uint8_t out[512];
    size_t len = 0;

    (void)state;
    assert_int_equal(sek_server_beacon(&rig->server, 0, "sekisho/info", out, sizeof out, &len),
                     SEK_OK);
    assert_int_equal(sek_coap_decode((struct sek_bytes){.data = out, .len = len}, &m, &fault),
                     SEK_OK);
    assert_int_equal(m.type, SEK_COAP_NON);
    assert_int_equal(m.code, SEK_COAP_CONTENT);
    assert_int_equal(m.id, 0x4200);
    assert_int_equal(m.payload.len, 150);
    assert_int_equal(sek_server_beacon(&rig->server, 0, "sekisho/info", out, 100, &len),
                     SEK_ERR_BUSY); /* it would need blocks */
    assert_int_equal(sek_server_beacon(&rig->server, 0, "sekisho", out, sizeof out, &len),
                     SEK_ERR_NOT_FOUND);
    assert_int_equal(sek_server_beacon(&rig->server, 0, "sekisho/cert", out, sizeof out, &len),
                     SEK_ERR_BUSY);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_message_layer_keeps_its_rules),
        cmocka_unit_test(conditions_and_formats_are_honoured),
        cmocka_unit_test(a_duplicate_gets_the_same_reply),
        cmocka_unit_test(the_same_challenge_gets_the_kept_answer),
        cmocka_unit_test(a_fresh_measurement_is_never_the_kept_one),
        cmocka_unit_test(follow_up_blocks_work_with_and_without_the_challenge),
        cmocka_unit_test(an_etag_that_is_known_saves_the_body),
        cmocka_unit_test(signatures_are_rate_limited),
        cmocka_unit_test(a_busy_device_says_when_and_costs_nobody_a_turn),
        cmocka_unit_test(a_transfer_is_not_displaced_while_it_moves),
        cmocka_unit_test(uploads_are_in_order_and_bounded),
        cmocka_unit_test(an_upload_that_is_too_large_is_told_the_limit),
        cmocka_unit_test(one_upload_at_a_time),
        cmocka_unit_test(an_upload_in_one_piece_waits_for_one_in_blocks),
        cmocka_unit_test(the_list_of_resources_is_made_from_the_table),
        cmocka_unit_test(the_beacon_is_info_that_nobody_asked_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
