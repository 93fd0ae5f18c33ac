/* What server.c, server_block.c and server_echo.c share; nobody else includes this. */
#ifndef SEK_CHANNEL_SERVER_PARTS_H
#define SEK_CHANNEL_SERVER_PARTS_H

#include "channel/server.h"

/* One request while it is handled. */
struct sek_call {
    struct sek_server *server;
    uint64_t now_ms;
    const struct sek_peer *peer;
    const struct sek_coap_message *request;
    const struct sek_resource *resource;
    struct sek_bytes payload; /* whole; of a streamed upload the last piece */
    uint64_t offset;          /* of that piece */
    bool duplicate;           /* the message id was seen before */
    bool proven;              /* the peer's address is */
    struct sek_coap_message reply;
    uint8_t bytes[16]; /* values of the reply's options */
    size_t out_cap;    /* bytes that the reply may have */
    bool has_block1;   /* block1 is told back with the answer */
    struct sek_coap_block block1;
};

bool sek_peer_same(const struct sek_peer *a, const struct sek_peer *b);

/* Sets a reply of a code alone. */
void sek_call_reply(struct sek_call *call, enum sek_coap_code code);

/* Sets a reply that asks to come again. */
void sek_call_later(struct sek_call *call, enum sek_coap_code code, uint64_t ms);

/* Runs the resource's handler. */
void sek_call_run(struct sek_call *call, const struct sek_request *request,
                  struct sek_response *response);

/* server_echo.c: is the address proven, now or before? Else the reply is 4.01 with an Echo. */
bool sek_echo_proven(struct sek_call *call);
bool sek_echo_known(const struct sek_server *server, uint64_t now_ms, const struct sek_peer *peer);

/* server_upload.c: gathers the request's payload into call->payload. False: the reply is set. */
bool sek_upload_take(struct sek_call *call);

/* server_block.c: the kept answer that serves this call, or NULL. */
struct sek_answer *sek_answer_find(struct sek_call *call, bool follow_up);

/* A slot for a new answer to this call, or NULL: all are in use. */
struct sek_answer *sek_answer_take(struct sek_call *call);

/* Sets the reply to the block of an answer that the request asks for. */
void sek_answer_serve(struct sek_call *call, struct sek_answer *answer);

#endif
