/* How the server's tests speak to it: one packet, one reply. */
#ifndef SEK_TESTS_SERVER_ASK_H
#define SEK_TESTS_SERVER_ASK_H

#include "tests/unit/channel_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const struct sek_peer cable = {.link = SEK_LINK_SERIAL};
static const uint8_t challenge[36] = {0xa1, 0x0a, 0x58, 0x20, 1, 2, 3};

static inline struct sek_peer host(uint32_t number)
{
    struct sek_peer peer = {.link = SEK_LINK_NETWORK, .len = 6};

    memcpy(peer.address, &number, sizeof number);
    return peer;
}

/* The last reply; payload borrowed from its bytes. */
struct reply {
    uint8_t bytes[SEK_COAP_PACKET_MAX];
    size_t len;
    struct sek_coap_message m;
};

static inline void send_bytes(struct rig *rig, uint64_t now_ms, const struct sek_peer *peer,
                              const void *packet, size_t len, struct reply *reply)
{
    struct sek_fault fault = {0};
    uint8_t *exact = malloc(len > 0 ? len : 1); /* so that a read behind it is seen */

    assert_non_null(exact);
    if (len > 0)
        memcpy(exact, packet, len);
    reply->len =
        sek_server_handle(&rig->server, now_ms, peer, (struct sek_bytes){.data = exact, .len = len},
                          reply->bytes, sizeof reply->bytes);
    free(exact);
    memset(&reply->m, 0, sizeof reply->m);
    if (reply->len > 0)
        assert_int_equal(
            sek_coap_decode((struct sek_bytes){.data = reply->bytes, .len = reply->len}, &reply->m,
                            &fault),
            SEK_OK);
}

static inline size_t send_message(struct rig *rig, uint64_t now_ms, const struct sek_peer *peer,
                                  const struct sek_coap_message *m, struct reply *reply)
{
    uint8_t packet[SEK_COAP_PACKET_MAX];
    size_t len = 0;

    assert_int_equal(sek_coap_encode(m, packet, sizeof packet, &len), SEK_OK);
    send_bytes(rig, now_ms, peer, packet, len, reply);
    return len;
}

static inline struct sek_coap_message ask(enum sek_coap_code method, const char *path, uint16_t id)
{
    struct sek_coap_message m = {.code = (uint8_t)method, .id = id, .token_len = 1, .token = {9}};

    assert_int_equal(sek_coap_set_path(&m, path), SEK_OK);
    return m;
}

static inline struct sek_coap_message ask_attest(uint16_t id, const uint8_t *payload)
{
    struct sek_coap_message m = ask(SEK_COAP_FETCH, "sekisho/attest", id);

    m.payload = (struct sek_bytes){.data = payload, .len = 36};
    return m;
}

#endif
