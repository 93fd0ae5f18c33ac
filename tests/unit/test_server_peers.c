/* The server and those who cannot be trusted to be where they say: Echo, floods, amplification. */
#include "tests/unit/server_ask.h"

static struct sek_coap_message ask_block(uint16_t id, uint32_t num, uint8_t szx)
{
    struct sek_coap_message m = ask(SEK_COAP_FETCH, "sekisho/attest", id);

    sek_coap_set_block(&m, SEK_COAP_BLOCK2, (struct sek_coap_block){.num = num, .szx = szx});
    return m;
}

/* A request with the Echo value of the last reply. */
static void send_echo(struct rig *rig, uint64_t now_ms, const struct sek_peer *peer,
                      struct sek_coap_message m, struct reply *reply)
{
    uint8_t echo[SEK_ECHO_LEN];
    struct sek_bytes told = reply->m.opaque[SEK_COAP_ECHO];

    assert_int_equal(told.len, sizeof echo);
    memcpy(echo, told.data, sizeof echo);
    sek_coap_set_bytes(&m, SEK_COAP_ECHO, (struct sek_bytes){.data = echo, .len = sizeof echo});
    send_message(rig, now_ms, peer, &m, reply);
}

static void an_address_is_proven_before_anything_works(void **state)
{
    struct rig *rig = rig_new();
    struct sek_peer a = host(1), b = host(2);
    struct sek_coap_message m = ask(SEK_COAP_GET, "sekisho/info", 1);
    struct reply reply, told;

    (void)state;
    send_message(rig, 7000, &a, &m, &reply);
    assert_int_equal(reply.m.code, SEK_COAP_UNAUTHORIZED);
    assert_int_equal(rig->calls, 0);
    told = reply;
    told.m.opaque[SEK_COAP_ECHO].data =
        told.bytes + (reply.m.opaque[SEK_COAP_ECHO].data - reply.bytes);
    m.id = 2;
    reply = told;
    send_echo(rig, 7000, &b, m, &reply); /* the value is another's */
    assert_int_equal(reply.m.code, SEK_COAP_UNAUTHORIZED);
    reply = told;
    send_echo(rig, 7000 + 1000 * (SEK_ECHO_FRESH_S + 1), &a, m, &reply); /* it is old */
    assert_int_equal(reply.m.code, SEK_COAP_UNAUTHORIZED);
    reply = told;
    send_echo(rig, 6000, &a, m, &reply); /* it is from the future */
    assert_int_equal(reply.m.code, SEK_COAP_UNAUTHORIZED);
    for (size_t bit = 0; bit < 8 * SEK_ECHO_LEN; bit++) {
        uint8_t *echo = told.bytes + (told.m.opaque[SEK_COAP_ECHO].data - told.bytes);

        echo[bit / 8] ^= (uint8_t)(1u << bit % 8);
        reply = told;
        send_echo(rig, 7000, &a, m, &reply);
        assert_int_equal(reply.m.code, SEK_COAP_UNAUTHORIZED);
        echo[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_int_equal(rig->calls, 0);
    reply = told;
    send_echo(rig, 7000, &a, m, &reply);
    assert_int_equal(reply.m.code, SEK_COAP_CONTENT);
    m.id = 3;
    send_message(rig, 7000, &a, &m, &reply); /* once proven it stays so for a while */
    assert_int_equal(reply.m.code, SEK_COAP_CONTENT);
    send_message(rig, 7000, &b, &m, &reply);
    assert_int_equal(reply.m.code, SEK_COAP_UNAUTHORIZED);
    m.id = 4;
    send_message(rig, 7000 + SEK_EXCHANGE_LIFETIME_MS, &a, &m, &reply);
    assert_int_equal(reply.m.code, SEK_COAP_UNAUTHORIZED);
    rig_free(rig);
}

static uint32_t step(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* 200,000 packets from forged addresses: well formed, bent and random. */
static void a_flood_from_forged_addresses_is_never_amplified(void **state)
{
    struct rig *rig = rig_new();
    uint32_t seed = 5;
    size_t in = 0, out = 0;
    double worst = 0;

    (void)state;
    for (size_t i = 0; i < 200000; i++) {
        struct sek_peer peer = host(step(&seed));
        uint8_t packet[128];
        size_t len = 0;
        struct sek_coap_message m =
            i % 2 ? ask_attest((uint16_t)i, challenge)
                  : ask(SEK_COAP_GET, i % 4 ? "sekisho/info" : ".well-known/core", (uint16_t)i);
        struct reply reply;

        m.token_len = (uint8_t)(step(&seed) % 9);
        assert_int_equal(sek_coap_encode(&m, packet, sizeof packet, &len), SEK_OK);
        for (size_t bent = i % 3; bent > 0; bent--)
            packet[step(&seed) % len] = (uint8_t)step(&seed);
        if (i % 5 == 0)
            len = step(&seed) % (len + 1);
        send_bytes(rig, i, &peer, packet, len, &reply);
        in += len;
        out += reply.len;
        if (len > 0 && (double)reply.len / (double)len > worst)
            worst = (double)reply.len / (double)len;
        assert_true(reply.len <= SEK_SERVER_AMPLIFY * len);
    }
    print_message("amplification: %.2f over all, %.2f at worst\n", (double)out / (double)in, worst);
    assert_int_equal(rig->calls, 0);
    for (size_t i = 0; i < SEK_LEN(rig->exchange); i++)
        assert_false(rig->exchange[i].used); /* no memory is spent on who proves nothing */
    rig_free(rig);
}

static void a_flood_does_not_disturb_a_transfer(void **state)
{
    struct rig *rig = rig_new();
    struct reply reply;
    struct sek_coap_message m = ask_attest(1, challenge);

    (void)state;
    send_message(rig, 1000, &cable, &m, &reply);
    for (uint32_t i = 0; i < 1000; i++) {
        struct sek_peer peer = host(i);
        struct sek_coap_message flood = ask_attest((uint16_t)i, challenge);

        send_message(rig, 1000 + i, &peer, &flood, &reply);
    }
    m = ask_block(2, 1, 6);
    send_message(rig, 2500, &cable, &m, &reply);
    assert_int_equal(reply.m.code, SEK_COAP_CONTENT);
    assert_int_equal(rig->signatures, 1);
    rig_free(rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_is_proven_before_anything_works),
        cmocka_unit_test(a_flood_from_forged_addresses_is_never_amplified),
        cmocka_unit_test(a_flood_does_not_disturb_a_transfer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
