#include "channel/client.h"

#include <string.h>

enum sek_status sek_client_init(struct sek_client *client, const struct sek_client_config *config)
{
    if (config->szx > SEK_COAP_SZX_MAX || config->szx_min > config->szx || config->token_len == 0 ||
        config->token_len > SEK_COAP_TOKEN_MAX)
        return SEK_ERR_RANGE;
    *client = (struct sek_client){.config = *config, .random = config->seed};
    client->id = (uint16_t)(config->seed >> 13);
    return SEK_OK;
}

/* SplitMix64 (Steele et al. 2014): spreads the seed; no secret hangs on it but the tokens. */
static uint64_t draw(struct sek_client *c)
{
    uint64_t z = c->random += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static void fail(struct sek_client *c, enum sek_status status, const char *why)
{
    c->state = SEK_CLIENT_FAILED;
    c->fault = (struct sek_fault){.status = status, .why = why};
}

/* A new message id and token for the next packet. */
static void rename_packet(struct sek_client *c)
{
    uint64_t token = draw(c);

    c->id++;
    memcpy(c->token, &token, sizeof c->token);
}

/* The next packet: of the same block after an Echo, else of the next one. */
static void next_packet(struct sek_client *c)
{
    rename_packet(c);
    c->lost = 0;
    c->acknowledged = false;
    c->send_now = true;
    c->timeout_ms = SEK_CLIENT_ACK_TIMEOUT_MS + draw(c) % (SEK_CLIENT_ACK_TIMEOUT_MS / 2 + 1);
}

/* A block has come through: the next one starts afresh, and smaller if this one was lost before. */
static void next_block(struct sek_client *c)
{
    if (c->lossy && c->szx > c->config.szx_min)
        c->szx--;
    c->lossy = false;
    c->echoes = 0;
    c->echo_len = 0;
    next_packet(c);
}

static void from_the_start(struct sek_client *c)
{
    c->uploading = c->request.payload.len > 0;
    c->sent = 0;
    c->etag_len = 0;
    c->answer = (struct sek_client_answer){.content_format = -1, .max_age_s = -1};
    next_block(c);
}

enum sek_status sek_client_start(struct sek_client *client,
                                 const struct sek_client_request *request, uint8_t *body,
                                 size_t cap)
{
    if (request->payload.len > (uint64_t)SEK_COAP_NUM_MAX << (client->config.szx_min + 4))
        return SEK_ERR_RANGE;
    client->request = *request;
    client->body = body;
    client->body_cap = cap;
    client->state = SEK_CLIENT_RUNNING;
    client->fault = (struct sek_fault){0};
    client->szx = client->config.szx;
    client->lossy = client->owe = false;
    client->restarts = 0;
    from_the_start(client);
    return SEK_OK;
}

static size_t block_size(const struct sek_client *c)
{
    return (size_t)16 << c->szx;
}

/* The part of a request that depends on how far the transfer is. */
static void set_progress(struct sek_client *c, struct sek_coap_message *m)
{
    const struct sek_client_request *r = &c->request;
    size_t left = r->payload.len - c->sent, size = block_size(c);
    bool in_blocks = r->payload.len > size || c->sent > 0;
    bool last = left <= size;

    c->sent_now = 0;
    if (c->answer.len == 0 && r->payload.len > 0) {
        c->sent_now = last ? left : size;
        m->payload = (struct sek_bytes){.data = r->payload.data + c->sent, .len = c->sent_now};
        if (r->content_format >= 0)
            sek_coap_set(m, SEK_COAP_CONTENT_FORMAT, (uint32_t)r->content_format);
        if (in_blocks)
            sek_coap_set_block(m, SEK_COAP_BLOCK1,
                               (struct sek_coap_block){.num = (uint32_t)(c->sent / size),
                                                       .more = !last,
                                                       .szx = c->szx});
        if (in_blocks && c->sent == 0)
            sek_coap_set(m, SEK_COAP_SIZE1, (uint32_t)r->payload.len);
        if (!last)
            return;
    }
    if (r->method != SEK_COAP_PUT)
        sek_coap_set_block(
            m, SEK_COAP_BLOCK2,
            (struct sek_coap_block){.num = (uint32_t)(c->answer.len / size), .szx = c->szx});
}

static size_t build(struct sek_client *c, uint8_t *out, size_t cap)
{
    struct sek_coap_message m = {
        .code = (uint8_t)c->request.method, .id = c->id, .token_len = c->config.token_len};
    size_t len = 0;
    enum sek_status status = sek_coap_set_path(&m, c->request.path);

    memcpy(m.token, c->token, c->config.token_len);
    if (c->request.accept >= 0)
        sek_coap_set(&m, SEK_COAP_ACCEPT, (uint32_t)c->request.accept);
    if (c->echo_len > 0)
        sek_coap_set_bytes(&m, SEK_COAP_ECHO,
                           (struct sek_bytes){.data = c->echo, .len = c->echo_len});
    set_progress(c, &m);
    if (status == SEK_OK)
        status = sek_coap_encode(&m, out, cap, &len);
    if (status != SEK_OK)
        fail(c, status, "the request does not fit in a packet");
    return len;
}

/* The time for an answer is over: again, or never. */
static void on_deadline(struct sek_client *c)
{
    bool again_is_free = c->answer.len > 0 || c->request.method == SEK_COAP_GET;

    if (c->acknowledged || c->lost == SEK_CLIENT_RETRANSMIT_MAX) {
        fail(c, SEK_ERR_ABSENT, c->acknowledged ? "asked, acknowledged, never answered" : "silent");
        return;
    }
    c->lost++;
    c->lossy = true;
    c->timeout_ms *= 2;
    c->send_now = true;
    /* The same packet again fills the gaps of its first answer; later a smaller one gets through
     * sooner. Only where asking anew has no effect at the other side. */
    if (again_is_free && c->lost >= SEK_CLIENT_SHRINK_AFTER && c->szx > c->config.szx_min) {
        c->szx--;
        rename_packet(c);
    }
}

size_t sek_client_poll(struct sek_client *client, uint64_t now_ms, uint8_t *out, size_t cap)
{
    struct sek_client *c = client;

    if (c->owe) {
        struct sek_coap_message m = {.type = c->owe_type, .id = c->owe_id};
        size_t len = 0;

        c->owe = false;
        return sek_coap_encode(&m, out, cap, &len) == SEK_OK ? len : 0;
    }
    if (c->state == SEK_CLIENT_RUNNING && !c->send_now && now_ms >= c->deadline_ms)
        on_deadline(c);
    if (c->state != SEK_CLIENT_RUNNING || !c->send_now)
        return 0;
    c->send_now = false;
    c->deadline_ms = now_ms + c->timeout_ms;
    return build(c, out, cap);
}

uint64_t sek_client_next_ms(const struct sek_client *client)
{
    if (client->owe || (client->state == SEK_CLIENT_RUNNING && client->send_now))
        return 0;
    return client->state == SEK_CLIENT_RUNNING ? client->deadline_ms : UINT64_MAX;
}

static void restart(struct sek_client *c, const char *why)
{
    if (c->restarts == SEK_CLIENT_RESTART_MAX) {
        fail(c, SEK_ERR_MALFORMED, why);
        return;
    }
    c->restarts++;
    from_the_start(c);
}

/* 4.01 with an Echo value: the same again, with the value. False: it is an answer like others. */
static bool take_echo(struct sek_client *c, const struct sek_coap_message *m)
{
    struct sek_bytes echo = m->opaque[SEK_COAP_ECHO];

    if (m->code != SEK_COAP_UNAUTHORIZED || !sek_coap_has(m, SEK_COAP_ECHO) ||
        c->echoes == SEK_CLIENT_ECHO_MAX)
        return false;
    c->echoes++;
    memcpy(c->echo, echo.data, echo.len); /* at most 40: the codec's table */
    c->echo_len = (uint8_t)echo.len;
    next_packet(c);
    return true;
}

/* The answer to one block of an upload. False: it is the answer to the whole request. */
static bool take_upload(struct sek_client *c, const struct sek_coap_message *m)
{
    struct sek_coap_block block = {0};
    bool told = sek_coap_block(m, SEK_COAP_BLOCK1, &block) == SEK_OK;
    bool last = c->request.payload.len - c->sent == c->sent_now;

    if (m->code == SEK_COAP_TOO_LARGE && c->sent == 0 && told && block.szx < c->szx) {
        c->szx = block.szx; /* RFC 7959 2.9.3: try again with smaller blocks */
        next_packet(c);
        return true;
    }
    if (m->code == SEK_COAP_INCOMPLETE) {
        restart(c, "the other side loses blocks of the upload");
        return true;
    }
    if (m->code >> 5 != 2) /* a refusal ends it */
        return false;
    if (last && m->code != SEK_COAP_CONTINUE) {
        c->uploading = false;
        return false;
    }
    if (last || m->code != SEK_COAP_CONTINUE || !told || block.num != c->sent / block_size(c)) {
        fail(c, SEK_ERR_MALFORMED, "answer to another block of the upload");
        return true;
    }
    c->sent += c->sent_now;
    if (block.szx < c->szx)
        c->szx = block.szx;
    next_block(c);
    return true;
}

/* Appends a piece to the body. False: failed. */
static bool append(struct sek_client *c, struct sek_bytes piece)
{
    if (piece.len > c->body_cap - c->answer.len) {
        fail(c, SEK_ERR_NO_SPACE, "the answer is larger than anything we take");
        return false;
    }
    if (piece.len > 0)
        memcpy(c->body + c->answer.len, piece.data, piece.len);
    c->answer.len += piece.len;
    return true;
}

static bool same_etag(const struct sek_client *c, struct sek_bytes etag)
{
    return etag.len == c->etag_len && (etag.len == 0 || memcmp(etag.data, c->etag, etag.len) == 0);
}

/* What the first block, or a refusal, says of the answer. */
static void describe(struct sek_client *c, const struct sek_coap_message *m)
{
    struct sek_bytes etag = m->opaque[SEK_COAP_ETAG];

    c->answer = (struct sek_client_answer){.code = m->code, .content_format = -1, .max_age_s = -1};
    if (sek_coap_has(m, SEK_COAP_CONTENT_FORMAT))
        c->answer.content_format = (int32_t)m->number[SEK_COAP_CONTENT_FORMAT];
    if (sek_coap_has(m, SEK_COAP_MAX_AGE))
        c->answer.max_age_s = m->number[SEK_COAP_MAX_AGE];
    if (etag.len > 0)
        memcpy(c->etag, etag.data, etag.len); /* at most 8: the codec's table */
    c->etag_len = (uint8_t)etag.len;
}

/* One block of the answer. */
static void take_block(struct sek_client *c, const struct sek_coap_message *m,
                       struct sek_coap_block block)
{
    size_t size = (size_t)16 << block.szx;
    bool first = c->answer.len == 0;

    if (block.szx > c->szx || (uint64_t)block.num * size != c->answer.len ||
        (block.more ? m->payload.len != size
                    : m->payload.len > size || (m->payload.len == 0 && !first))) {
        fail(c, SEK_ERR_MALFORMED, "a block of the answer is not the one asked for");
        return;
    }
    if (first)
        describe(c, m);
    if (!same_etag(c, m->opaque[SEK_COAP_ETAG])) {
        restart(c, "the answer changes while it is read");
        return;
    }
    if (!append(c, m->payload))
        return;
    if (!block.more) {
        c->state = SEK_CLIENT_DONE;
        return;
    }
    c->szx = block.szx;
    next_block(c);
}

static void take_response(struct sek_client *c, const struct sek_coap_message *m)
{
    struct sek_coap_block block;
    enum sek_status status;

    if (take_echo(c, m) || (c->uploading && take_upload(c, m)))
        return;
    if (m->code == SEK_COAP_INCOMPLETE && c->answer.len > 0) {
        restart(c, "the other side forgets its answer");
        return;
    }
    status = m->code == SEK_COAP_CONTENT ? sek_coap_block(m, SEK_COAP_BLOCK2, &block)
                                         : SEK_ERR_NOT_FOUND;
    if (status == SEK_OK) {
        take_block(c, m, block);
    } else if (status == SEK_ERR_MALFORMED || m->code == SEK_COAP_CONTINUE ||
               (m->code == SEK_COAP_CONTENT && c->answer.len > 0)) {
        fail(c, SEK_ERR_MALFORMED, "an answer that breaks the rules of blocks");
    } else {
        describe(c, m);
        if (append(c, m->payload))
            c->state = SEK_CLIENT_DONE;
    }
}

void sek_client_input(struct sek_client *client, uint64_t now_ms, struct sek_bytes packet)
{
    struct sek_client *c = client;
    struct sek_coap_message m;
    struct sek_fault fault = {0};
    bool our_id;

    if (c->state != SEK_CLIENT_RUNNING || sek_coap_decode(packet, &m, &fault) != SEK_OK)
        return;
    our_id = m.id == c->id && (m.type == SEK_COAP_ACK || m.type == SEK_COAP_RST);
    if (our_id && m.type == SEK_COAP_RST) {
        fail(c, SEK_ERR_IO, "reset by the other side");
        return;
    }
    if (our_id && m.code == SEK_COAP_EMPTY && !c->acknowledged) {
        c->acknowledged = true;
        c->send_now = false;
        c->deadline_ms = now_ms + SEK_CLIENT_ANSWER_MS;
    }
    if (m.code >> 5 < 2 || m.type == SEK_COAP_RST || (m.type == SEK_COAP_ACK && !our_id) ||
        m.token_len != c->config.token_len || memcmp(m.token, c->token, m.token_len) != 0)
        return;
    if (m.type == SEK_COAP_CON) {
        c->owe = true;
        c->owe_type = m.critical != 0 ? SEK_COAP_RST : SEK_COAP_ACK;
        c->owe_id = m.id;
    }
    if (m.critical != 0)
        fail(c, SEK_ERR_UNSUPPORTED, "a critical option that we do not know");
    else
        take_response(c, &m);
}
