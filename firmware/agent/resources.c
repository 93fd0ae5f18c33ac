#include "agent/resources.h"

#include "agent/gate.h"
#include "evidence/cbor_writer.h"
#include "evidence/claims.h"
#include "evidence/release.h"

#include <string.h>

enum { RETRY_S = 1, STORE_MAX = 512 * 1024 };

/* Takes over what a writer has written as the body. */
static void answer_cbor(struct sek_response *response, const struct sek_cbor_writer *w)
{
    if (w->status != SEK_OK)
        return; /* stays 5.00 */
    response->code = SEK_COAP_CONTENT;
    response->content_format = SEK_CF_CBOR;
    response->len = w->len;
}

static struct sek_cbor_writer body_writer(struct sek_response *response)
{
    return sek_cbor_writer_make(response->body, response->cap);
}

/* What anybody may know: keys as in the evidence. */
static void get_info(void *ctx, uint64_t now_ms, const struct sek_request *request,
                     struct sek_response *response)
{
    struct sek_agent *agent = ctx;
    struct sek_cbor_writer w = body_writer(response);
    enum hal_time_source source = HAL_TIME_NONE;

    (void)now_ms;
    (void)request;
    (void)agent->config.clock->seconds(agent->config.clock, &source);
    sek_cbor_put_map(&w, 7);
    sek_cbor_put_int(&w, SEK_CLAIM_UEID);
    sek_cbor_put_bytes(&w, agent->ueid, agent->serial_known ? SEK_UEID_LEN : 0);
    sek_cbor_put_int(&w, SEK_CLAIM_PROFILE);
    sek_cbor_put_text(&w, SEK_PROFILE_EVIDENCE);
    sek_cbor_put_int(&w, SEK_CLAIM_SWNAME);
    sek_cbor_put_text(&w, SEK_AGENT_NAME);
    sek_cbor_put_int(&w, SEK_CLAIM_SWVERSION);
    sek_cbor_put_text(&w, SEK_AGENT_VERSION);
    sek_cbor_put_int(&w, SEK_CLAIM_TIME_STATUS);
    sek_cbor_put_uint(&w, (uint64_t)source);
    sek_cbor_put_int(&w, SEK_CLAIM_STORE_ID);
    sek_cbor_put_array(&w, 2);
    sek_cbor_put_uint(&w, agent->trust.serial);
    sek_cbor_put_bytes(&w, agent->trust.digest, agent->trust.dtb ? 32 : 0);
    sek_cbor_put_int(&w, SEK_CLAIM_DEVICE_NONCE);
    sek_cbor_put_bytes(&w, agent->device_nonce, SEK_DEVICE_NONCE_LEN);
    answer_cbor(response, &w);
}

static void get_components(void *ctx, uint64_t now_ms, const struct sek_request *request,
                           struct sek_response *response)
{
    struct sek_agent *agent = ctx;
    struct sek_cbor_writer w = body_writer(response);

    (void)now_ms;
    (void)request;
    if (agent->cycle.running || !agent->cycle.complete) {
        sek_response_busy(response, RETRY_S);
        return;
    }
    sek_cbor_put_array(&w, agent->cycle.row_count);
    for (size_t i = 0; i < agent->cycle.row_count; i++) {
        const struct sek_row *row = &agent->cycle.memory.row[i];

        sek_cbor_put_array(&w, 2);
        sek_cbor_put_text(&w, row->name);
        sek_cbor_put_text(&w, row->container ? "container" : sek_verdict_name(row->verdict));
    }
    answer_cbor(response, &w);
}

/* A list of what is in a device helps whoever wants to break it: a board may keep it from the
 * network. The store names no verifiers, so no signature of a challenge opens it either; the cable
 * does. */
static bool may_see_all(const struct sek_agent *agent, const struct sek_peer *peer)
{
    return peer->link != SEK_LINK_NETWORK || !sek_inventory_signed_only(agent->config.description);
}

static void post_attest(void *ctx, uint64_t now_ms, const struct sek_request *request,
                        struct sek_response *response)
{
    struct sek_agent *agent = ctx;
    struct sek_fault fault = {0};
    struct sek_challenge challenge;
    enum sek_status status =
        sek_challenge_decode(sek_reader_make(request->payload, &fault), &challenge);

    (void)now_ms;
    if (status != SEK_OK) {
        response->code = status == SEK_ERR_NO_SPACE ? SEK_COAP_TOO_LARGE : SEK_COAP_BAD_REQUEST;
        return;
    }
    status =
        may_see_all(agent, request->peer)
            ? sek_agent_attest(agent, &challenge, response->body, response->cap, &response->len)
            : sek_agent_attest_summary(agent, &challenge, response->body, response->cap,
                                       &response->len);
    if (status == SEK_ERR_BUSY) {
        sek_response_busy(response, RETRY_S);
    } else if (status == SEK_OK) {
        response->code = SEK_COAP_CONTENT;
        response->content_format = SEK_CF_EAT;
        response->once = (challenge.request & SEK_REQUEST_MEASURE) != 0;
    }
}

static enum sek_coap_code refusal(enum sek_status status)
{
    switch (status) {
    case SEK_OK:
        return SEK_COAP_CHANGED;
    case SEK_ERR_SIGNATURE:
    case SEK_ERR_KEY:
    case SEK_ERR_EXPIRED:
        return SEK_COAP_FORBIDDEN;
    case SEK_ERR_ROLLBACK:
    case SEK_ERR_STATE:
        return SEK_COAP_CONFLICT;
    case SEK_ERR_NO_SPACE:
        return SEK_COAP_TOO_LARGE;
    case SEK_ERR_IO:
    case SEK_ERR_CRYPTO:
        return SEK_COAP_INTERNAL;
    default:
        return SEK_COAP_BAD_REQUEST;
    }
}

static void get_store(struct sek_agent *agent, struct sek_response *response)
{
    struct sek_cbor_writer w = body_writer(response);

    if (!agent->trust.dtb) {
        response->code = SEK_COAP_NOT_FOUND;
        return;
    }
    sek_cbor_put_array(&w, 3);
    sek_cbor_put_bytes(&w, agent->trust.authority_key, SEK_KID_LEN);
    sek_cbor_put_uint(&w, agent->trust.serial);
    sek_cbor_put_bytes(&w, agent->trust.digest, 32);
    answer_cbor(response, &w);
}

/* GET: which store; PUT: a new one, piece by piece. */
static void store(void *ctx, uint64_t now_ms, const struct sek_request *request,
                  struct sek_response *response)
{
    struct sek_agent *agent = ctx;
    uint64_t end = request->offset + request->payload.len;

    (void)now_ms;
    if (request->method == SEK_COAP_GET) {
        get_store(agent, response);
        return;
    }
    if (end > agent->config.store_cap) {
        response->code = SEK_COAP_TOO_LARGE;
        return;
    }
    if (request->payload.len > 0)
        memcpy(agent->config.incoming + request->offset, request->payload.data,
               request->payload.len);
    response->code =
        request->more ? SEK_COAP_CONTINUE : refusal(sek_agent_take_store(agent, (size_t)end));
}

static void post_csr(void *ctx, uint64_t now_ms, const struct sek_request *request,
                     struct sek_response *response)
{
    struct sek_agent *agent = ctx;

    (void)now_ms;
    (void)request;
    if (!agent->serial_known) {
        sek_response_busy(response, RETRY_S);
        return;
    }
    if (sek_identity_request(
            &agent->identity,
            (struct sek_bytes){(const uint8_t *)agent->serial, strlen(agent->serial)}, agent->ueid,
            response->body, response->cap, &response->len) != SEK_OK)
        return;
    response->code = SEK_COAP_CONTENT;
    response->content_format = SEK_CF_PKCS10;
}

/* GET: the device certificate; PUT: a new one. */
static void cert(void *ctx, uint64_t now_ms, const struct sek_request *request,
                 struct sek_response *response)
{
    struct sek_agent *agent = ctx;

    (void)now_ms;
    if (request->method == SEK_COAP_PUT) {
        response->code = refusal(sek_agent_take_certificate(agent, request->payload));
        return;
    }
    if (!agent->config.vault ||
        hal_vault_get(agent->config.vault, HAL_VAULT_DEVICE_CERT, response->body, response->cap,
                      &response->len) != SEK_OK) {
        response->len = 0;
        response->code = SEK_COAP_NOT_FOUND;
        return;
    }
    response->code = SEK_COAP_CONTENT;
    response->content_format = SEK_CF_PKIX_CERT;
}

static uint64_t state_number(enum sek_gate_state state)
{
    switch (state) {
    case SEK_GATE_MEASURING:
        return 0;
    case SEK_GATE_WAITING:
        return 1;
    case SEK_GATE_HELD:
        return 2;
    case SEK_GATE_RELEASED:
        return 3;
    }
    return 0;
}

/* What an officer signs an order about. */
static void get_release(struct sek_agent *agent, struct sek_response *response)
{
    const struct sek_gate *gate = agent->gate;
    struct sek_cbor_writer w = body_writer(response);

    sek_cbor_put_map(&w, 5);
    sek_cbor_put_int(&w, 1);
    sek_cbor_put_uint(&w, state_number(gate->state));
    sek_cbor_put_int(&w, 2);
    sek_cbor_put_uint(&w, gate->outcome == SEK_OUTCOME_ACCEPT ? 0
                          : gate->outcome == SEK_OUTCOME_HOLD ? 1
                                                              : 2);
    sek_cbor_put_int(&w, SEK_CLAIM_UEID);
    sek_cbor_put_bytes(&w, agent->ueid, agent->serial_known ? SEK_UEID_LEN : 0);
    sek_cbor_put_int(&w, SEK_CLAIM_DEVICE_NONCE);
    sek_cbor_put_bytes(&w, agent->device_nonce, SEK_DEVICE_NONCE_LEN);
    sek_cbor_put_int(&w, SEK_CLAIM_BOOT_DIGEST);
    sek_cbor_put_bytes(&w, gate->boot.digest, gate->boot.kernel.data ? 32 : 0);
    answer_cbor(response, &w);
}

/* An officer's order: 2.04 releases, 2.01 counts and waits for another officer's. */
static void put_release(struct sek_gate *gate, struct sek_bytes order,
                        struct sek_response *response)
{
    response->code = refusal(gate->order(gate, order));
    if (response->code == SEK_COAP_CHANGED && gate->state != SEK_GATE_RELEASED)
        response->code = SEK_COAP_CREATED;
}

/* GET: whether the gate holds, and what it holds; PUT: an officer's order. */
static void release(void *ctx, uint64_t now_ms, const struct sek_request *request,
                    struct sek_response *response)
{
    struct sek_agent *agent = ctx;

    (void)now_ms;
    if (!agent->gate)
        response->code = SEK_COAP_NOT_FOUND;
    else if (request->method == SEK_COAP_PUT)
        put_release(agent->gate, request->payload, response);
    else
        get_release(agent, response);
}

/* What somebody else made, unchanged. */
static void hand_on(struct sek_bytes bytes, int32_t format, struct sek_response *response)
{
    if (bytes.len == 0 || bytes.len > response->cap) {
        response->code = SEK_COAP_NOT_FOUND;
        return;
    }
    memcpy(response->body, bytes.data, bytes.len);
    response->len = bytes.len;
    response->code = SEK_COAP_CONTENT;
    response->content_format = format;
}

/* What the gate that started this system signed. It lists the inventory as evidence does. */
static void get_log(void *ctx, uint64_t now_ms, const struct sek_request *request,
                    struct sek_response *response)
{
    const struct sek_agent *agent = ctx;

    (void)now_ms;
    if (may_see_all(agent, request->peer))
        hand_on(agent->config.gate_log, SEK_CF_EAT, response);
    else
        response->code = SEK_COAP_FORBIDDEN;
}

/* By whose word that gate's key is its key. */
static void get_log_certificate(void *ctx, uint64_t now_ms, const struct sek_request *request,
                                struct sek_response *response)
{
    (void)now_ms;
    (void)request;
    hand_on(((const struct sek_agent *)ctx)->config.gate_certificate, SEK_CF_PKIX_CERT, response);
}

const struct sek_resource sek_agent_resources[SEK_AGENT_RESOURCES] = {
    {".well-known/core", SEK_METHOD(SEK_COAP_GET), 0, SEK_CF_LINK, 0, NULL},
    {"sekisho/info", SEK_METHOD(SEK_COAP_GET), 0, SEK_CF_CBOR, 0, get_info},
    {"sekisho/components", SEK_METHOD(SEK_COAP_GET), 0, SEK_CF_CBOR, 0, get_components},
    {"sekisho/attest", SEK_METHOD(SEK_COAP_FETCH) | SEK_METHOD(SEK_COAP_POST),
     SEK_RESOURCE_COSTLY | SEK_RESOURCE_KEEP, SEK_CF_EAT, SEK_CHALLENGE_MAX, post_attest},
    {"sekisho/store", SEK_METHOD(SEK_COAP_GET) | SEK_METHOD(SEK_COAP_PUT), SEK_RESOURCE_STREAM,
     SEK_CF_CBOR, STORE_MAX, store},
    {"sekisho/csr", SEK_METHOD(SEK_COAP_POST), SEK_RESOURCE_COSTLY, SEK_CF_PKCS10, 0, post_csr},
    {"sekisho/cert", SEK_METHOD(SEK_COAP_GET) | SEK_METHOD(SEK_COAP_PUT), 0, SEK_CF_PKIX_CERT,
     SEK_CERTIFICATE_MAX, cert},
    {"sekisho/release", SEK_METHOD(SEK_COAP_GET) | SEK_METHOD(SEK_COAP_PUT), SEK_RESOURCE_COSTLY,
     SEK_CF_CBOR, SEK_RELEASE_MAX, release},
    {"sekisho/log", SEK_METHOD(SEK_COAP_GET), 0, SEK_CF_EAT, 0, get_log},
    {"sekisho/log-cert", SEK_METHOD(SEK_COAP_GET), 0, SEK_CF_PKIX_CERT, 0, get_log_certificate},
};

void sek_agent_tag(void *ctx, const uint8_t *data, size_t len, uint8_t out[SEK_ECHO_TAG_LEN])
{
    const struct sek_agent *agent = ctx;
    struct sek_digest digest;
    uint8_t full[SEK_DIGEST_MAX];

    if (sek_digest_start(&digest, SEK_DIGEST_SHA256, agent->config.hook) != SEK_OK)
        __builtin_trap(); /* without it anybody's address could be used */
    sek_digest_update(&digest, agent->tag_key, sizeof agent->tag_key);
    sek_digest_update(&digest, data, len);
    sek_digest_update(&digest, agent->tag_key, sizeof agent->tag_key);
    if (sek_digest_finish(&digest, full) != SEK_OK)
        __builtin_trap();
    memcpy(out, full, SEK_ECHO_TAG_LEN);
}
