/* A CoAP server with the product's resources as stand-ins, for tests of the server and the client,
 * for fuzzing and for the interop server. */
#ifndef SEK_TESTS_CHANNEL_RIG_H
#define SEK_TESTS_CHANNEL_RIG_H

#include "channel/server.h"

#include "base/crc.h"

#include <stdlib.h>
#include <string.h>

enum {
    RIG_TOKEN_LEN = 1736, /* bytes of evidence, as measured for 8 components */
    RIG_STORE_MAX = 65536,
    RIG_ANSWER_CAP = 4096,
    RIG_UPLOAD_CAP = 2048,
};

struct rig {
    struct sek_server server;
    struct sek_answer answer[2];
    struct sek_exchange exchange[8];
    struct sek_verified verified[4];
    uint8_t upload[RIG_UPLOAD_CAP];
    uint8_t store[RIG_STORE_MAX];
    uint8_t cert[RIG_UPLOAD_CAP];
    size_t store_len, cert_len, signatures, infos, stores, calls;
    uint64_t measured_at_ms; /* attest is busy before */
    bool store_whole;
};

static void rig_tag(void *ctx, const uint8_t *data, size_t len, uint8_t out[SEK_ECHO_TAG_LEN])
{
    uint32_t crc = sek_crc32(0x5e15a0, data, len);

    (void)ctx;
    for (size_t i = 0; i < SEK_ECHO_TAG_LEN; i++)
        out[i] = (uint8_t)((crc = crc * 1664525u + 1013904223u) >> 24);
}

static void rig_info(void *ctx, uint64_t now_ms, const struct sek_request *request,
                     struct sek_response *response)
{
    struct rig *rig = ctx;

    (void)now_ms, (void)request;
    rig->calls++;
    memset(response->body, 0xa0, 150);
    response->body[0] = (uint8_t)++rig->infos; /* a nonce of its own each time */
    response->len = 150;
    response->content_format = SEK_CF_CBOR;
    response->max_age_s = 0;
    response->code = SEK_COAP_CONTENT;
}

/* Evidence: bytes that depend on the challenge and on how many were signed before. */
static void rig_attest(void *ctx, uint64_t now_ms, const struct sek_request *request,
                       struct sek_response *response)
{
    struct rig *rig = ctx;
    uint32_t seed;

    rig->calls++;
    if (request->payload.len != 36) {
        response->code = SEK_COAP_BAD_REQUEST;
        return;
    }
    if (now_ms < rig->measured_at_ms) {
        sek_response_busy(response, (uint32_t)((rig->measured_at_ms - now_ms + 999) / 1000));
        return;
    }
    rig->signatures++;
    seed = sek_crc32((uint32_t)rig->signatures, request->payload.data, request->payload.len);
    for (size_t i = 0; i < RIG_TOKEN_LEN; i++)
        response->body[i] = (uint8_t)((seed = seed * 1664525u + 1013904223u) >> 24);
    memcpy(response->body, request->payload.data + 4, 32);
    response->len = RIG_TOKEN_LEN;
    response->once = request->payload.data[0] == 0xa2; /* "measure afresh" */
    response->content_format = SEK_CF_EAT;
    response->code = SEK_COAP_CONTENT;
}

static void rig_store(void *ctx, uint64_t now_ms, const struct sek_request *request,
                      struct sek_response *response)
{
    struct rig *rig = ctx;

    (void)now_ms;
    rig->calls++;
    if (request->method == SEK_COAP_GET) {
        response->body[0] = (uint8_t)rig->store_len;
        response->len = 1;
        response->content_format = SEK_CF_CBOR;
        response->code = SEK_COAP_CONTENT;
        return;
    }
    if (request->offset == 0)
        rig->store_len = 0;
    if (request->offset != rig->store_len ||
        request->payload.len > sizeof rig->store - rig->store_len)
        abort(); /* the server promises order and bounds */
    if (request->payload.len > 0)
        memcpy(rig->store + rig->store_len, request->payload.data, request->payload.len);
    rig->store_len += request->payload.len;
    rig->store_whole = !request->more;
    rig->stores += !request->more;
    response->code = request->more ? SEK_COAP_CONTINUE : SEK_COAP_CHANGED;
}

static void rig_cert(void *ctx, uint64_t now_ms, const struct sek_request *request,
                     struct sek_response *response)
{
    struct rig *rig = ctx;

    (void)now_ms;
    rig->calls++;
    if (request->method == SEK_COAP_PUT) {
        if (request->payload.len > 0)
            memcpy(rig->cert, request->payload.data, request->payload.len);
        rig->cert_len = request->payload.len;
        response->code = SEK_COAP_CHANGED;
        return;
    }
    response->code = SEK_COAP_NOT_FOUND;
    if (rig->cert_len == 0)
        return;
    memcpy(response->body, rig->cert, rig->cert_len);
    response->len = rig->cert_len;
    response->content_format = SEK_CF_PKIX_CERT;
    response->code = SEK_COAP_CONTENT;
}

static const struct sek_resource rig_resources[] = {
    {".well-known/core", SEK_METHOD(SEK_COAP_GET), 0, SEK_CF_LINK, 0, NULL},
    {"sekisho/info", SEK_METHOD(SEK_COAP_GET), 0, SEK_CF_CBOR, 0, rig_info},
    {"sekisho/attest", SEK_METHOD(SEK_COAP_FETCH) | SEK_METHOD(SEK_COAP_POST),
     SEK_RESOURCE_COSTLY | SEK_RESOURCE_KEEP, SEK_CF_EAT, 512, rig_attest},
    {"sekisho/store", SEK_METHOD(SEK_COAP_GET) | SEK_METHOD(SEK_COAP_PUT), SEK_RESOURCE_STREAM,
     SEK_CF_CBOR, RIG_STORE_MAX, rig_store},
    {"sekisho/cert", SEK_METHOD(SEK_COAP_GET) | SEK_METHOD(SEK_COAP_PUT), 0, SEK_CF_PKIX_CERT,
     RIG_UPLOAD_CAP, rig_cert},
};

static struct rig *rig_new(void)
{
    struct rig *rig = calloc(1, sizeof *rig);

    if (!rig)
        abort();
    for (size_t i = 0; i < SEK_LEN(rig->answer); i++) {
        rig->answer[i].cap = RIG_ANSWER_CAP;
        rig->answer[i].buf = malloc(RIG_ANSWER_CAP);
        if (!rig->answer[i].buf)
            abort();
    }
    sek_server_init(&rig->server, &(struct sek_server_config){
                                      .resource = rig_resources,
                                      .resource_count = SEK_LEN(rig_resources),
                                      .ctx = rig,
                                      .tag = rig_tag,
                                      .answer = rig->answer,
                                      .answer_count = SEK_LEN(rig->answer),
                                      .exchange = rig->exchange,
                                      .exchange_count = SEK_LEN(rig->exchange),
                                      .verified = rig->verified,
                                      .verified_count = SEK_LEN(rig->verified),
                                      .upload = rig->upload,
                                      .upload_cap = sizeof rig->upload,
                                      .costly_ms = 1000,
                                      .szx_max = SEK_COAP_SZX_MAX,
                                      .first_id = 0x4200,
                                  });
    return rig;
}

static void rig_free(struct rig *rig)
{
    for (size_t i = 0; i < SEK_LEN(rig->answer); i++)
        free(rig->answer[i].buf);
    free(rig);
}

#endif
