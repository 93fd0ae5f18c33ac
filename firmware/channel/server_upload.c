/* Uploads: a request's payload in one piece or in blocks (Block1, RFC 7959 2.5). One at a time. */
#include "channel/server_parts.h"

#include <string.h>

static bool refuse(struct sek_call *call, enum sek_coap_code code)
{
    call->server->upload.active = false;
    sek_call_reply(call, code);
    if (code == SEK_COAP_TOO_LARGE)
        sek_coap_set(&call->reply, SEK_COAP_SIZE1, call->resource->request_max);
    return false;
}

static bool ours(const struct sek_call *call)
{
    const struct sek_server *s = call->server;

    return s->upload.active && s->upload.resource == call->resource &&
           s->upload.method == call->request->code && sek_peer_same(&s->upload.peer, call->peer);
}

/* Begins an upload at block 0; an unfinished one of another peer yields when it rests. */
static bool begin(struct sek_call *call)
{
    struct sek_server *s = call->server;
    uint64_t rest = call->now_ms - s->upload.touched_ms;

    if (s->upload.active && !sek_peer_same(&s->upload.peer, call->peer) &&
        rest < SEK_SERVER_IDLE_MS) {
        sek_call_later(call, SEK_COAP_UNAVAILABLE, SEK_SERVER_IDLE_MS - rest);
        return false;
    }
    s->upload.active = true;
    s->upload.peer = *call->peer;
    s->upload.resource = call->resource;
    s->upload.method = call->request->code;
    s->upload.next = 0;
    return true;
}

/* Hands one piece of a streamed upload to its handler; false: it does not want more. */
static bool stream(struct sek_call *call, uint64_t offset)
{
    struct sek_request request = {.method = (enum sek_coap_code)call->request->code,
                                  .peer = call->peer,
                                  .message = call->request,
                                  .payload = call->request->payload,
                                  .offset = offset,
                                  .more = true};
    struct sek_response response = {
        .code = SEK_COAP_INTERNAL, .content_format = SEK_NO_VALUE, .max_age_s = SEK_NO_VALUE};

    sek_call_run(call, &request, &response);
    if (response.code == SEK_COAP_CONTINUE)
        return true;
    /* 2.xx would tell the client that all is well: an early success is our own mistake. */
    refuse(call, response.code >> 5 == 2 ? SEK_COAP_INTERNAL : response.code);
    if (response.max_age_s >= 0)
        sek_coap_set(&call->reply, SEK_COAP_MAX_AGE, (uint32_t)response.max_age_s);
    return false;
}

/* One block of several. */
static bool take_block(struct sek_call *call, struct sek_coap_block block)
{
    struct sek_server *s = call->server;
    struct sek_bytes piece = call->request->payload;
    bool streamed = (call->resource->flags & SEK_RESOURCE_STREAM) != 0;
    size_t size = (size_t)16 << block.szx;
    uint64_t offset = (uint64_t)block.num << (block.szx + 4);
    uint64_t max = call->resource->request_max;

    if (block.more ? piece.len != size : piece.len > size)
        return refuse(call, SEK_COAP_BAD_REQUEST);
    if (block.num == 0 && !begin(call))
        return false;
    if (!ours(call) || offset != s->upload.next) {
        sek_call_reply(call, SEK_COAP_INCOMPLETE);
        return false;
    }
    if (!streamed && max > s->config.upload_cap)
        max = s->config.upload_cap;
    if (offset > max || piece.len > max - offset ||
        (sek_coap_has(call->request, SEK_COAP_SIZE1) &&
         call->request->number[SEK_COAP_SIZE1] > max))
        return refuse(call, SEK_COAP_TOO_LARGE);
    if (!streamed && piece.len > 0)
        memcpy(s->config.upload + offset, piece.data, piece.len);
    if (streamed && block.more && !stream(call, offset))
        return false;
    s->upload.next = offset + piece.len;
    s->upload.touched_ms = call->now_ms;
    if (block.more) {
        sek_call_reply(call, SEK_COAP_CONTINUE);
        return false;
    }
    s->upload.active = false;
    call->payload = piece;
    call->offset = offset;
    if (!streamed)
        call->payload =
            (struct sek_bytes){.data = s->config.upload, .len = (size_t)offset + piece.len};
    return true;
}

/* All in one piece. Where it is streamed it has a turn like one in blocks, whose place it takes. */
static bool take_whole(struct sek_call *call)
{
    bool streamed = (call->resource->flags & SEK_RESOURCE_STREAM) != 0;

    if (call->payload.len > call->resource->request_max) {
        sek_call_reply(call, SEK_COAP_TOO_LARGE);
        sek_coap_set(&call->reply, SEK_COAP_SIZE1, call->resource->request_max);
        return false;
    }
    if (streamed && !begin(call))
        return false;
    if (streamed)
        call->server->upload.active = false;
    return true;
}

bool sek_upload_take(struct sek_call *call)
{
    struct sek_coap_block block;
    enum sek_status status = sek_coap_block(call->request, SEK_COAP_BLOCK1, &block);
    bool done;

    if (call->request->code == SEK_COAP_GET || call->request->code == SEK_COAP_DELETE) {
        /* A payload means nothing here (RFC 7252 5.8.1), so that blocks of one are refused. */
        if (status == SEK_ERR_NOT_FOUND)
            return true;
        sek_call_reply(call, SEK_COAP_BAD_OPTION);
        return false;
    }
    call->payload = call->request->payload;
    if (status == SEK_ERR_NOT_FOUND)
        return take_whole(call);
    if (status != SEK_OK) {
        sek_call_reply(call, SEK_COAP_BAD_REQUEST);
        return false;
    }
    call->has_block1 = true;
    call->block1 = block;
    done = take_block(call, block);
    if (!done)
        sek_coap_set_block(&call->reply, SEK_COAP_BLOCK1, block);
    return done;
}
