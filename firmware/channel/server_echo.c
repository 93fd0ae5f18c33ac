/* Address proof (RFC 9175, appendix A.2, list item 1): an Echo value is the second when it was made
 * and a tag over that second and the address, so that no state is kept for who never answers. */
#include "channel/server_parts.h"

#include "base/bytes.h"

#include <string.h>

enum { TIME_LEN = 4 };

bool sek_peer_same(const struct sek_peer *a, const struct sek_peer *b)
{
    return a->link == b->link && a->len == b->len && memcmp(a->address, b->address, a->len) == 0;
}

static void make(const struct sek_call *call, uint32_t second, uint8_t out[SEK_ECHO_LEN])
{
    const struct sek_server_config *config = &call->server->config;
    uint8_t data[TIME_LEN + 1 + SEK_PEER_ADDRESS_MAX];

    sek_put_u32be(data, second);
    data[TIME_LEN] = call->peer->len;
    memcpy(data + TIME_LEN + 1, call->peer->address, call->peer->len);
    memcpy(out, data, TIME_LEN);
    config->tag(config->ctx, data, (size_t)TIME_LEN + 1 + call->peer->len, out + TIME_LEN);
}

static bool fresh(const struct sek_call *call, struct sek_bytes echo)
{
    uint32_t now = (uint32_t)(call->now_ms / 1000);
    uint8_t expected[SEK_ECHO_LEN];
    uint8_t differ = 0;

    if (echo.len != SEK_ECHO_LEN)
        return false;
    make(call, sek_get_u32be(echo.data), expected);
    for (size_t i = 0; i < SEK_ECHO_LEN; i++) /* all of it: time tells nothing */
        differ |= (uint8_t)(expected[i] ^ echo.data[i]);
    return differ == 0 && now - sek_get_u32be(echo.data) <= SEK_ECHO_FRESH_S;
}

bool sek_echo_known(const struct sek_server *server, uint64_t now_ms, const struct sek_peer *peer)
{
    if (peer->link != SEK_LINK_NETWORK)
        return true;
    for (size_t i = 0; i < server->config.verified_count; i++) {
        const struct sek_verified *v = &server->config.verified[i];

        if (v->used && sek_peer_same(&v->peer, peer) &&
            now_ms - v->made_ms < SEK_EXCHANGE_LIFETIME_MS)
            return true;
    }
    return false;
}

static void remember(struct sek_call *call)
{
    const struct sek_server_config *config = &call->server->config;
    struct sek_verified *best = NULL;

    for (size_t i = 0; i < config->verified_count; i++) {
        struct sek_verified *v = &config->verified[i];

        if (!best || (best->used && (!v->used || v->made_ms < best->made_ms)))
            best = v;
    }
    if (best)
        *best = (struct sek_verified){.used = true, .peer = *call->peer, .made_ms = call->now_ms};
}

bool sek_echo_proven(struct sek_call *call)
{
    uint8_t *value = call->bytes;

    if (call->proven)
        return true;
    if (sek_coap_has(call->request, SEK_COAP_ECHO) &&
        fresh(call, call->request->opaque[SEK_COAP_ECHO])) {
        remember(call);
        call->proven = true;
        return true;
    }
    make(call, (uint32_t)(call->now_ms / 1000), value);
    sek_call_reply(call, SEK_COAP_UNAUTHORIZED);
    sek_coap_set_bytes(&call->reply, SEK_COAP_ECHO,
                       (struct sek_bytes){.data = value, .len = SEK_ECHO_LEN});
    return false;
}
