/* Answers: made once, kept in their slot, given block by block (Block2, RFC 7959 2.4). */
#include "channel/server_parts.h"

#include "base/bytes.h"
#include "base/crc.h"

#include <string.h>

enum {
    ETAG_LEN = 4,      /* CRC-32 of the body: tells two versions apart, protects nothing */
    AROUND_BLOCK = 64, /* bytes of header, token and options around a block, at most */
};

static bool expired(const struct sek_call *call, const struct sek_answer *a)
{
    return call->now_ms - a->made_ms >= SEK_EXCHANGE_LIFETIME_MS;
}

static bool same_place(const struct sek_call *call, const struct sek_answer *a)
{
    return a->used && a->resource == call->resource && a->method == call->request->code &&
           sek_peer_same(&a->peer, call->peer);
}

static bool same_request(const struct sek_call *call, const struct sek_answer *a)
{
    return a->request_len == call->payload.len &&
           (a->request_len == 0 || memcmp(a->buf, call->payload.data, a->request_len) == 0);
}

struct sek_answer *sek_answer_find(struct sek_call *call, bool follow_up)
{
    const struct sek_server_config *config = &call->server->config;

    for (size_t i = 0; i < config->answer_count; i++) {
        struct sek_answer *a = &config->answer[i];

        if (!same_place(call, a) || expired(call, a))
            continue;
        if (follow_up && call->payload.len == 0) /* libcoap and others leave the payload out */
            return a;
        if (same_request(call, a) && (follow_up || call->duplicate ||
                                      ((a->resource->flags & SEK_RESOURCE_KEEP) && !a->once)))
            return a;
    }
    return NULL;
}

struct sek_answer *sek_answer_take(struct sek_call *call)
{
    const struct sek_server_config *config = &call->server->config;
    bool streamed = (call->resource->flags & SEK_RESOURCE_STREAM) != 0;
    size_t request_len = streamed ? 0 : call->payload.len;
    struct sek_answer *best = NULL;

    for (size_t i = 0; i < config->answer_count; i++) {
        struct sek_answer *a = &config->answer[i];
        bool free = !a->used || a->delivered || expired(call, a) ||
                    call->now_ms - a->touched_ms >= SEK_SERVER_IDLE_MS;

        if (same_place(call, a)) {
            best = a; /* one answer of a resource per peer: the newest */
            break;
        }
        if (free && (!best || (best->used && (!a->used || a->touched_ms < best->touched_ms))))
            best = a;
    }
    if (!best || request_len > best->cap)
        return NULL;
    *best = (struct sek_answer){.buf = best->buf,
                                .cap = best->cap,
                                .peer = *call->peer,
                                .resource = call->resource,
                                .method = call->request->code,
                                .request_len = request_len,
                                .made_ms = call->now_ms,
                                .touched_ms = call->now_ms};
    if (request_len > 0)
        memcpy(best->buf, call->payload.data, request_len);
    return best;
}

/* Where the block starts that the request asks for; false: it asks for none that there is. */
static bool choose(const struct sek_call *call, const struct sek_answer *a, size_t *offset,
                   uint8_t *szx)
{
    struct sek_coap_block asked = {.szx = SEK_COAP_SZX_MAX};
    uint64_t start;

    if (sek_coap_block(call->request, SEK_COAP_BLOCK2, &asked) == SEK_ERR_MALFORMED)
        return false;
    start = (uint64_t)asked.num << (asked.szx + 4);
    if (start > 0 && start >= a->body_len)
        return false;
    if (asked.szx > call->server->config.szx_max)
        asked.szx = call->server->config.szx_max;
    while (asked.szx > 0 && ((size_t)16 << asked.szx) + AROUND_BLOCK > call->out_cap)
        asked.szx--;
    *offset = (size_t)start;
    *szx = asked.szx;
    return true;
}

static void set_etag(struct sek_call *call, struct sek_bytes body)
{
    sek_put_u32be(call->bytes, sek_crc32(0, body.data, body.len));
    sek_coap_set_bytes(&call->reply, SEK_COAP_ETAG,
                       (struct sek_bytes){.data = call->bytes, .len = ETAG_LEN});
}

static bool asked_for_this_etag(const struct sek_call *call)
{
    struct sek_bytes asked = call->request->opaque[SEK_COAP_ETAG];

    return sek_coap_has(call->request, SEK_COAP_ETAG) && asked.len == ETAG_LEN &&
           memcmp(asked.data, call->bytes, ETAG_LEN) == 0;
}

void sek_answer_serve(struct sek_call *call, struct sek_answer *answer)
{
    struct sek_bytes body = {.data = answer->buf + answer->request_len, .len = answer->body_len};
    size_t offset = 0, size;
    uint8_t szx = 0;
    bool more;

    if (!choose(call, answer, &offset, &szx)) {
        sek_call_reply(call, SEK_COAP_BAD_REQUEST);
        return;
    }
    size = (size_t)16 << szx;
    more = body.len - offset > size;
    sek_call_reply(call, (enum sek_coap_code)answer->code);
    if (answer->code == SEK_COAP_CONTENT && (more || offset > 0 || answer->method == SEK_COAP_GET))
        set_etag(call, body);
    if (answer->max_age_s >= 0)
        sek_coap_set(&call->reply, SEK_COAP_MAX_AGE, (uint32_t)answer->max_age_s);
    if (answer->method == SEK_COAP_GET && answer->code == SEK_COAP_CONTENT && offset == 0 &&
        asked_for_this_etag(call)) {
        call->reply.code = SEK_COAP_VALID;
        answer->delivered = true;
        return;
    }
    if (answer->content_format >= 0)
        sek_coap_set(&call->reply, SEK_COAP_CONTENT_FORMAT, (uint32_t)answer->content_format);
    if (more || offset > 0 || sek_coap_has(call->request, SEK_COAP_BLOCK2))
        sek_coap_set_block(
            &call->reply, SEK_COAP_BLOCK2,
            (struct sek_coap_block){.num = (uint32_t)(offset / size), .more = more, .szx = szx});
    if (more && offset == 0)
        sek_coap_set(&call->reply, SEK_COAP_SIZE2, (uint32_t)body.len);
    if (body.len > 0)
        call->reply.payload =
            (struct sek_bytes){.data = body.data + offset, .len = more ? size : body.len - offset};
    answer->touched_ms = call->now_ms;
    answer->delivered = answer->delivered || !more;
}
