/* CoAP server: one packet in, at most one packet out, resources from a table that is handed in.
 *
 * It does the message layer (RFC 7252 4: acknowledgement, de-duplication), block-wise transfer both
 * ways (RFC 7959), address proof by Echo before any resource works for a network peer (RFC 9175),
 * answers kept for repeated requests, and limits on what one peer may ask. All memory is the
 * caller's; all state is in struct sek_server. Time is the caller's now_ms, which only grows. */
#ifndef SEK_CHANNEL_SERVER_H
#define SEK_CHANNEL_SERVER_H

#include "channel/coap.h"

enum {
    SEK_EXCHANGE_LIFETIME_MS = 247000, /* RFC 7252 4.8.2 */
    SEK_SERVER_IDLE_MS = 10000,        /* a transfer that rests longer may be displaced */
    SEK_SERVER_REPLY_KEPT = 256,       /* bytes: longer replies are made again for a duplicate */
    SEK_SERVER_AMPLIFY = 3,    /* reply bytes per request byte before the address is proven */
    SEK_PEER_ADDRESS_MAX = 28, /* bytes: a sockaddr_in6 fits */
    SEK_ECHO_TAG_LEN = 8,
    SEK_ECHO_LEN = 4 + SEK_ECHO_TAG_LEN,
    SEK_ECHO_FRESH_S = 120,
};

enum sek_link {
    SEK_LINK_NETWORK, /* anybody can write anybody's address */
    SEK_LINK_SERIAL,  /* who speaks holds the cable */
    SEK_LINK_SECURE,  /* a DTLS session stands behind it */
};

/* Who asks. address is opaque here; bytes behind len are zero. */
struct sek_peer {
    enum sek_link link;
    uint8_t len;
    uint8_t address[SEK_PEER_ADDRESS_MAX];
};

/* What a handler is asked; borrowed, valid during the call. */
struct sek_request {
    enum sek_coap_code method;
    const struct sek_peer *peer;
    const struct sek_coap_message *message; /* for its other options; its payload is one block */
    struct sek_bytes payload;               /* whole; of a SEK_RESOURCE_STREAM one piece */
    uint64_t offset;                        /* of the piece: 0 starts a new upload */
    bool more;                              /* pieces follow: answer SEK_COAP_CONTINUE */
};

enum { SEK_NO_VALUE = -1 };

/* What a handler answers. It starts as 5.00 without a body. */
struct sek_response {
    enum sek_coap_code code;
    int32_t content_format; /* or SEK_NO_VALUE */
    int64_t max_age_s;      /* or SEK_NO_VALUE */
    bool once;              /* not for a repeated request, only for its blocks and duplicates */
    uint8_t *body;          /* the server's, to be written; NULL, cap 0 while more is to come */
    size_t cap, len;        /* of body */
};

typedef void (*sek_handler)(void *ctx, uint64_t now_ms, const struct sek_request *request,
                            struct sek_response *response);

enum {
    SEK_RESOURCE_COSTLY = 1, /* at most one success in costly_ms, else 4.29 */
    SEK_RESOURCE_KEEP = 2,   /* the same request within EXCHANGE_LIFETIME gets the kept answer */
    SEK_RESOURCE_STREAM = 4, /* uploads reach the handler piece by piece, in order */
};

#define SEK_METHOD(code) (1u << (code))

struct sek_resource {
    const char *path; /* "sekisho/info" */
    uint32_t methods; /* SEK_METHOD(...) of each */
    uint32_t flags;
    int32_t content_format; /* of what it gives, or SEK_NO_VALUE: another Accept is 4.06 */
    uint32_t request_max;   /* bytes of payload; more is 4.13 */
    sek_handler handle;     /* NULL: the list of all resources (RFC 6690) */
};

/* One answer on its way to one peer. The caller gives buf and cap (request and body fit in it). */
struct sek_answer {
    uint8_t *buf;
    size_t cap;
    bool used, once, delivered;
    struct sek_peer peer;
    const struct sek_resource *resource;
    uint8_t method, code;
    int32_t content_format;
    int64_t max_age_s;
    size_t request_len, body_len; /* buf holds the request's payload, then the body */
    uint64_t made_ms, touched_ms;
};

/* One message id that was answered; zero at first. */
struct sek_exchange {
    bool used;
    struct sek_peer peer;
    uint16_t id;
    uint64_t made_ms;
    size_t reply_len; /* 0: too long to be kept */
    uint8_t reply[SEK_SERVER_REPLY_KEPT];
};

/* One address that has been proven; zero at first. */
struct sek_verified {
    bool used;
    struct sek_peer peer;
    uint64_t made_ms;
};

struct sek_server_config {
    const struct sek_resource *resource;
    size_t resource_count;
    void *ctx; /* handed to every handler and to tag */
    /* Keyed hash of data, which nobody can make without the key (HMAC-SHA-256, cut). */
    void (*tag)(void *ctx, const uint8_t *data, size_t len, uint8_t out[SEK_ECHO_TAG_LEN]);
    struct sek_answer *answer;
    size_t answer_count; /* at least 2: one transfer does not keep others from info */
    struct sek_exchange *exchange;
    size_t exchange_count;
    struct sek_verified *verified;
    size_t verified_count;
    uint8_t *upload; /* where an upload that is not streamed is put together */
    size_t upload_cap;
    uint32_t costly_ms;
    uint8_t szx_max;   /* largest block given */
    uint16_t first_id; /* random: message ids of our own start here */
};

/* The fields are its own. */
struct sek_server {
    struct sek_server_config config;
    uint16_t next_id;
    bool costly_used;
    uint64_t costly_at_ms;
    struct {
        bool active;
        struct sek_peer peer;
        const struct sek_resource *resource;
        uint8_t method;
        uint64_t next; /* offset */
        uint64_t touched_ms;
    } upload;
};

/* The config is copied; what it points to is borrowed. */
void sek_server_init(struct sek_server *server, const struct sek_server_config *config);

/* Handles one packet and writes the reply into out (cap: SEK_COAP_PACKET_MAX does). Returns the
 * reply's length, 0: there is none. To a network peer whose address is not proven the reply is
 * never over SEK_SERVER_AMPLIFY times the packet, and no handler runs for it. */
size_t sek_server_handle(struct sek_server *server, uint64_t now_ms, const struct sek_peer *peer,
                         struct sek_bytes packet, uint8_t *out, size_t cap);

/* Writes what GET path gives as a NON 2.05 that nobody asked for: the beacon of a serial line.
 * SEK_ERR_NOT_FOUND: no such resource. SEK_ERR_BUSY: it does not answer 2.05 now, or no answer slot
 * is free. SEK_ERR_NO_SPACE: over cap. */
SEK_CHECKED enum sek_status sek_server_beacon(struct sek_server *server, uint64_t now_ms,
                                              const char *path, uint8_t *out, size_t cap,
                                              size_t *len);

/* For handlers: 5.03 with Max-Age, and an RFC 9290 body that says "measuring". */
void sek_response_busy(struct sek_response *response, uint32_t seconds);

#endif
