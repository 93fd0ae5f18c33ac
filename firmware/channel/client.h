/* CoAP client: one exchange at a time, block-wise both ways, driven by the caller's clock.
 *
 *   sek_client_start(); then until sek_client_state() is no longer RUNNING:
 *   send what sek_client_poll() gives, hand in what arrives with sek_client_input(),
 *   and poll again at sek_client_next_ms() at the latest.
 *
 * It never trusts the other side: what it sends is judged here, bounded by the caller's buffer and
 * by the limits below, and ends as one status and one constant text. */
#ifndef SEK_CHANNEL_CLIENT_H
#define SEK_CHANNEL_CLIENT_H

#include "channel/coap.h"

enum {
    SEK_CLIENT_ACK_TIMEOUT_MS = 2000, /* RFC 7252 4.8: times 1 to 1.5, doubled at each retry */
    SEK_CLIENT_RETRANSMIT_MAX = 4,    /* RFC 7252 4.8 */
    SEK_CLIENT_ANSWER_MS = 60000,     /* for an answer after an empty acknowledgement */
    SEK_CLIENT_ECHO_MAX = 3,          /* 4.01 with Echo, per block */
    SEK_CLIENT_RESTART_MAX = 2,       /* transfers begun again: another ETag, 4.08 */
    SEK_CLIENT_ETAG_MAX = 8,
    SEK_CLIENT_ECHO_LEN_MAX = 40,
    SEK_CLIENT_SHRINK_AFTER = 2, /* losses of one packet until smaller blocks are tried */
};

enum sek_client_state {
    SEK_CLIENT_IDLE,
    SEK_CLIENT_RUNNING,
    SEK_CLIENT_DONE,   /* an answer is there whole; its code may be a refusal */
    SEK_CLIENT_FAILED, /* status and why say it */
};

struct sek_client_config {
    uint8_t szx;       /* size of the first blocks: 5 on serial, 6 on a network */
    uint8_t szx_min;   /* not smaller than this after losses: 3; equal to szx: never smaller */
    uint8_t token_len; /* 4 on serial, 8 where others can write to our address */
    uint64_t seed;     /* random, another for each client: tokens, message ids, timeouts */
};

/* What to ask. All is borrowed until the exchange has ended. */
struct sek_client_request {
    enum sek_coap_code method;
    const char *path;
    int32_t content_format; /* of payload; negative: none */
    int32_t accept;         /* negative: any */
    struct sek_bytes payload;
};

/* The answer; valid when the state is DONE. */
struct sek_client_answer {
    uint8_t code;           /* enum sek_coap_code or another */
    int32_t content_format; /* negative: none said */
    int64_t max_age_s;      /* negative: none said */
    size_t len;             /* of the body */
};

/* The fields are its own. */
struct sek_client {
    struct sek_client_config config;
    struct sek_client_request request;
    enum sek_client_state state;
    struct sek_fault fault; /* why it FAILED */
    struct sek_client_answer answer;
    uint8_t *body;
    size_t body_cap;
    /* Progress. */
    uint64_t random;
    uint8_t szx;
    bool uploading;        /* payload blocks are still to be sent */
    size_t sent, sent_now; /* bytes of payload acknowledged; in the current packet */
    unsigned echoes, restarts, lost;
    uint8_t etag[SEK_CLIENT_ETAG_MAX], etag_len;
    uint8_t echo[SEK_CLIENT_ECHO_LEN_MAX], echo_len;
    /* The packet under way. */
    uint16_t id;
    uint8_t token[SEK_COAP_TOKEN_MAX];
    bool send_now, acknowledged, lossy;
    uint64_t deadline_ms, timeout_ms;
    /* An acknowledgement or reset owed to the other side. */
    bool owe;
    enum sek_coap_type owe_type;
    uint16_t owe_id;
};

/* SEK_ERR_RANGE: szx over 6 or under szx_min, token_len 0 or over 8. */
SEK_CHECKED enum sek_status sek_client_init(struct sek_client *client,
                                            const struct sek_client_config *config);

/* Starts an exchange; the last one, if any, is forgotten. body[cap] takes the answer's body and is
 * the caller's. SEK_ERR_RANGE: payload over 2^20 smallest blocks. */
SEK_CHECKED enum sek_status sek_client_start(struct sek_client *client,
                                             const struct sek_client_request *request,
                                             uint8_t *body, size_t cap);

/* Writes the packet that is to be sent now and returns its length, or 0. Call until 0. Fails the
 * exchange (SEK_ERR_ABSENT) when the other side stays silent. cap: SEK_COAP_PACKET_MAX does. */
size_t sek_client_poll(struct sek_client *client, uint64_t now_ms, uint8_t *out, size_t cap);

/* Hands in one packet that arrived. What belongs to no exchange of ours is ignored. */
void sek_client_input(struct sek_client *client, uint64_t now_ms, struct sek_bytes packet);

static inline enum sek_client_state sek_client_state(const struct sek_client *client)
{
    return client->state;
}

/* When sek_client_poll has work again, UINT64_MAX: only when something arrives or is started. */
uint64_t sek_client_next_ms(const struct sek_client *client);

#endif
