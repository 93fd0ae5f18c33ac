#include "channel/server.h"

#include "base/bytes.h"
#include "channel/server_parts.h"

#include <string.h>

void sek_server_init(struct sek_server *server, const struct sek_server_config *config)
{
    *server = (struct sek_server){.config = *config, .next_id = config->first_id};
}

void sek_call_reply(struct sek_call *call, enum sek_coap_code code)
{
    struct sek_coap_message *reply = &call->reply;

    *reply =
        (struct sek_coap_message){.code = (uint8_t)code, .token_len = call->request->token_len};
    memcpy(reply->token, call->request->token, sizeof reply->token);
    reply->type = call->request->type == SEK_COAP_CON ? SEK_COAP_ACK : SEK_COAP_NON;
    reply->id = call->request->id;
}

void sek_call_later(struct sek_call *call, enum sek_coap_code code, uint64_t ms)
{
    sek_call_reply(call, code);
    sek_coap_set(&call->reply, SEK_COAP_MAX_AGE, (uint32_t)((ms + 999) / 1000));
}

void sek_response_busy(struct sek_response *response, uint32_t seconds)
{
    static const uint8_t body[] = {0xa1, 0x20, 0x69, 'm', 'e', 'a', 's', 'u', 'r', 'i', 'n', 'g'};

    response->code = SEK_COAP_UNAVAILABLE;
    response->max_age_s = seconds;
    response->content_format = SEK_NO_VALUE;
    response->len = 0;
    if (sizeof body <= response->cap) {
        memcpy(response->body, body, sizeof body);
        response->len = sizeof body;
        response->content_format = SEK_CF_PROBLEM;
    }
}

/* Appends text to a response; false: it does not fit. */
static bool append(struct sek_response *response, const char *text)
{
    size_t len = strlen(text);

    if (len > response->cap - response->len)
        return false;
    memcpy(response->body + response->len, text, len);
    response->len += len;
    return true;
}

/* A content format as the attribute ;ct=N. */
static bool append_format(struct sek_response *response, int32_t format)
{
    char digits[12];
    size_t at = sizeof digits - 1;

    digits[at] = 0;
    do {
        digits[--at] = (char)('0' + format % 10);
        format /= 10;
    } while (format > 0);
    return append(response, ";ct=") && append(response, digits + at);
}

/* The table of resources as RFC 6690 links. */
static void list_resources(const struct sek_server_config *config, struct sek_response *response)
{
    bool fits = true;

    for (size_t i = 0; i < config->resource_count; i++) {
        const struct sek_resource *row = &config->resource[i];

        if (!row->handle)
            continue;
        fits = fits && append(response, response->len > 0 ? ",</" : "</") &&
               append(response, row->path) && append(response, ">");
        if (row->content_format >= 0)
            fits = fits && append_format(response, row->content_format);
    }
    if (!fits)
        return; /* stays 5.00 */
    response->content_format = SEK_CF_LINK;
    response->code = SEK_COAP_CONTENT;
}

void sek_call_run(struct sek_call *call, const struct sek_request *request,
                  struct sek_response *response)
{
    const struct sek_server_config *config = &call->server->config;

    if (call->resource->handle)
        call->resource->handle(config->ctx, call->now_ms, request, response);
    else
        list_resources(config, response);
}

/* Lets the handler make an answer in a slot; NULL: no slot is free. */
static struct sek_answer *make_answer(struct sek_call *call)
{
    struct sek_answer *answer = sek_answer_take(call);
    struct sek_request request = {.method = (enum sek_coap_code)call->request->code,
                                  .peer = call->peer,
                                  .message = call->request,
                                  .payload = call->payload,
                                  .offset = call->offset};
    struct sek_response response = {
        .code = SEK_COAP_INTERNAL, .content_format = SEK_NO_VALUE, .max_age_s = SEK_NO_VALUE};

    if (!answer)
        return NULL;
    response.body = answer->buf + answer->request_len;
    response.cap = answer->cap - answer->request_len;
    sek_call_run(call, &request, &response);
    answer->code = (uint8_t)response.code;
    answer->content_format = response.content_format;
    answer->max_age_s = response.max_age_s;
    answer->once = response.once;
    answer->body_len = response.len <= response.cap ? response.len : 0;
    answer->used = response.code >> 5 == 2; /* a failure is told once, not kept */
    return answer;
}

/* 4.29 while the last costly success is less than costly_ms ago. Of an upload in blocks only the
 * first is refused so: the others have been let in with it. */
static bool too_soon(struct sek_call *call)
{
    const struct sek_server *s = call->server;
    uint64_t since = call->now_ms - s->costly_at_ms;

    if (!(call->resource->flags & SEK_RESOURCE_COSTLY) || !s->costly_used ||
        since >= s->config.costly_ms || call->request->number[SEK_COAP_BLOCK1] >> 4 > 0)
        return false;
    sek_call_later(call, SEK_COAP_TOO_MANY, s->config.costly_ms - since);
    return true;
}

/* Everything about one resource once the request may reach it. */
static void serve(struct sek_call *call)
{
    struct sek_coap_block block2 = {0};
    enum sek_status status = sek_coap_block(call->request, SEK_COAP_BLOCK2, &block2);
    bool follow_up = status == SEK_OK && block2.num > 0;
    struct sek_answer *answer;

    if (status == SEK_ERR_MALFORMED) {
        sek_call_reply(call, SEK_COAP_BAD_REQUEST);
        return;
    }
    call->has_block1 = sek_coap_has(call->request, SEK_COAP_BLOCK1);
    if (call->has_block1 && !follow_up && too_soon(call))
        return;
    if (!sek_upload_take(call))
        return;
    answer = sek_answer_find(call, follow_up);
    if (!answer && follow_up && call->request->code != SEK_COAP_GET) {
        sek_call_reply(call, SEK_COAP_INCOMPLETE);
        return;
    }
    if (!answer && too_soon(call))
        return;
    if (!answer) {
        answer = make_answer(call);
        if (!answer) {
            sek_call_later(call, SEK_COAP_UNAVAILABLE, 1000);
            return;
        }
        if (answer->used && (call->resource->flags & SEK_RESOURCE_COSTLY)) {
            call->server->costly_used = true;
            call->server->costly_at_ms = call->now_ms;
        }
    }
    sek_answer_serve(call, answer);
    if (call->has_block1)
        sek_coap_set_block(&call->reply, SEK_COAP_BLOCK1, call->block1);
}

/* Does a condition of the request fail? Every resource of the table exists, and none promises to be
 * the version that a tag names (RFC 7252 5.10.8). */
static bool condition_fails(const struct sek_coap_message *request)
{
    return sek_coap_has(request, SEK_COAP_IF_NONE_MATCH) ||
           (sek_coap_has(request, SEK_COAP_IF_MATCH) && request->opaque[SEK_COAP_IF_MATCH].len > 0);
}

static const struct sek_resource *find_resource(const struct sek_server_config *config,
                                                const struct sek_coap_message *request)
{
    for (size_t i = 0; i < config->resource_count; i++)
        if (sek_coap_path_is(request, config->resource[i].path))
            return &config->resource[i];
    return NULL;
}

/* Sets the reply to one request. */
static void dispatch(struct sek_call *call)
{
    const struct sek_coap_message *request = call->request;
    const struct sek_resource *row = find_resource(&call->server->config, request);

    if (sek_coap_has(request, SEK_COAP_PROXY_URI) || sek_coap_has(request, SEK_COAP_PROXY_SCHEME))
        sek_call_reply(call, SEK_COAP_NO_PROXY);
    else if (request->critical != 0)
        sek_call_reply(call, SEK_COAP_BAD_OPTION);
    else if (!row)
        sek_call_reply(call, SEK_COAP_NOT_FOUND);
    else if (!(row->methods >> request->code & 1)) /* a request's code is under 32 */
        sek_call_reply(call, SEK_COAP_NOT_ALLOWED);
    else if (!sek_echo_proven(call))
        return;
    else if (condition_fails(request))
        sek_call_reply(call, SEK_COAP_PRECONDITION);
    else if (sek_coap_has(request, SEK_COAP_ACCEPT) && row->content_format >= 0 &&
             request->number[SEK_COAP_ACCEPT] != (uint32_t)row->content_format)
        sek_call_reply(call, SEK_COAP_NOT_ACCEPTABLE);
    else {
        call->resource = row;
        serve(call);
    }
}

static struct sek_exchange *find_exchange(const struct sek_call *call)
{
    const struct sek_server_config *config = &call->server->config;

    for (size_t i = 0; i < config->exchange_count; i++) {
        struct sek_exchange *e = &config->exchange[i];

        if (e->used && e->id == call->request->id && sek_peer_same(&e->peer, call->peer) &&
            call->now_ms - e->made_ms < SEK_EXCHANGE_LIFETIME_MS)
            return e;
    }
    return NULL;
}

/* Keeps a reply for duplicates of its request; the oldest exchange yields. */
static void remember(struct sek_call *call, struct sek_exchange *e, struct sek_bytes reply)
{
    const struct sek_server_config *config = &call->server->config;

    for (size_t i = 0; !call->duplicate && i < config->exchange_count; i++) {
        struct sek_exchange *other = &config->exchange[i];

        if (!e || (e->used && (!other->used || other->made_ms < e->made_ms)))
            e = other;
    }
    if (!e)
        return;
    e->used = true;
    e->peer = *call->peer;
    e->id = call->request->id;
    e->made_ms = call->now_ms;
    e->reply_len = reply.len <= sizeof e->reply ? reply.len : 0;
    memcpy(e->reply, reply.data, e->reply_len);
}

/* Answers a request that is well formed. */
static size_t answer_request(struct sek_call *call, uint8_t *out, size_t cap)
{
    struct sek_exchange *seen = find_exchange(call);
    size_t len = 0;

    call->duplicate = seen != NULL;
    if (seen && seen->reply_len > 0 && seen->reply_len <= cap) {
        memcpy(out, seen->reply, seen->reply_len);
        return seen->reply_len;
    }
    dispatch(call);
    if (call->reply.type == SEK_COAP_NON)
        call->reply.id = call->server->next_id++;
    if (sek_coap_encode(&call->reply, out, cap, &len) != SEK_OK)
        return 0;
    if (call->proven)
        remember(call, seen, (struct sek_bytes){.data = out, .len = len});
    return len;
}

/* A reset of the message with this id. */
static size_t reset(uint16_t id, uint8_t *out, size_t cap)
{
    struct sek_coap_message m = {.type = SEK_COAP_RST, .id = id};
    size_t len = 0;

    return sek_coap_encode(&m, out, cap, &len) == SEK_OK ? len : 0;
}

size_t sek_server_handle(struct sek_server *server, uint64_t now_ms, const struct sek_peer *peer,
                         struct sek_bytes packet, uint8_t *out, size_t cap)
{
    struct sek_coap_message request = {0};
    struct sek_fault fault = {0};
    struct sek_call call = {.server = server,
                            .now_ms = now_ms,
                            .peer = peer,
                            .request = &request,
                            .out_cap = cap,
                            .proven = sek_echo_known(server, now_ms, peer)};
    enum sek_status status = sek_coap_decode(packet, &request, &fault);
    size_t len = 0;

    if (status == SEK_ERR_UNSUPPORTED || packet.len < SEK_COAP_HEADER)
        return 0;
    if (status != SEK_OK) /* RFC 7252 4.2: a confirmable message is rejected, others are ignored */
        return (packet.data[0] >> 4 & 3) == SEK_COAP_CON
                   ? reset(sek_get_u16be(packet.data + 2), out, cap)
                   : 0;
    if (request.type == SEK_COAP_ACK || request.type == SEK_COAP_RST)
        return 0;
    if (request.code == SEK_COAP_EMPTY || request.code >> 5 != 0)
        return request.type == SEK_COAP_CON ? reset(request.id, out, cap) : 0;
    len = answer_request(&call, out, cap);
    if (!call.proven && len > SEK_SERVER_AMPLIFY * packet.len)
        return 0;
    return len;
}

enum sek_status sek_server_beacon(struct sek_server *server, uint64_t now_ms, const char *path,
                                  uint8_t *out, size_t cap, size_t *len)
{
    static const struct sek_peer nobody = {.link = SEK_LINK_SERIAL, .len = 1, .address = {'b'}};
    struct sek_coap_message request = {.type = SEK_COAP_NON, .code = SEK_COAP_GET};
    struct sek_call call = {.server = server,
                            .now_ms = now_ms,
                            .peer = &nobody,
                            .request = &request,
                            .out_cap = cap,
                            .proven = true};
    enum sek_status status = sek_coap_set_path(&request, path);

    if (status != SEK_OK)
        return status;
    call.resource = find_resource(&server->config, &request);
    if (!call.resource)
        return SEK_ERR_NOT_FOUND;
    serve(&call);
    if (call.reply.code != SEK_COAP_CONTENT || sek_coap_has(&call.reply, SEK_COAP_BLOCK2))
        return SEK_ERR_BUSY;
    call.reply.present &= ~(1u << SEK_COAP_ETAG);
    call.reply.id = server->next_id++;
    return sek_coap_encode(&call.reply, out, cap, len);
}
