/* CoAP messages: the bytes of RFC 7252 (section 3) to and from one struct, without state.
 *
 * Options are rows of one table (coap.c): what is in it is checked, decoded and encoded by it; of
 * the rest, elective options are skipped and the first critical one is reported. */
#ifndef SEK_CHANNEL_COAP_H
#define SEK_CHANNEL_COAP_H

#include "base/reader.h"

#include <stdbool.h>

enum {
    SEK_COAP_HEADER = 4,       /* bytes: the shortest message */
    SEK_COAP_TOKEN_MAX = 8,    /* bytes */
    SEK_COAP_SEGMENTS_MAX = 8, /* of a path */
    SEK_COAP_SZX_MAX = 6,      /* 1,024 bytes */
    SEK_COAP_BLOCK_MAX = 1024, /* bytes */
    SEK_COAP_NUM_MAX = 0xfffff,
    SEK_COAP_PACKET_MAX = 1280, /* bytes that a block of 1,024 and its options always fit in */
};

enum sek_coap_type {
    SEK_COAP_CON,
    SEK_COAP_NON,
    SEK_COAP_ACK,
    SEK_COAP_RST,
};

/* class << 5 | detail; RFC 7252 12.1, 8132, 7959, 8516 */
enum sek_coap_code {
    SEK_COAP_EMPTY = 0,
    SEK_COAP_GET = 1,
    SEK_COAP_POST = 2,
    SEK_COAP_PUT = 3,
    SEK_COAP_DELETE = 4,
    SEK_COAP_FETCH = 5,
    SEK_COAP_CREATED = 2 << 5 | 1,
    SEK_COAP_VALID = 2 << 5 | 3,
    SEK_COAP_CHANGED = 2 << 5 | 4,
    SEK_COAP_CONTENT = 2 << 5 | 5,
    SEK_COAP_CONTINUE = 2 << 5 | 31,
    SEK_COAP_BAD_REQUEST = 4 << 5,
    SEK_COAP_UNAUTHORIZED = 4 << 5 | 1,
    SEK_COAP_BAD_OPTION = 4 << 5 | 2,
    SEK_COAP_FORBIDDEN = 4 << 5 | 3,
    SEK_COAP_NOT_FOUND = 4 << 5 | 4,
    SEK_COAP_NOT_ALLOWED = 4 << 5 | 5,
    SEK_COAP_NOT_ACCEPTABLE = 4 << 5 | 6,
    SEK_COAP_INCOMPLETE = 4 << 5 | 8,
    SEK_COAP_CONFLICT = 4 << 5 | 9,
    SEK_COAP_PRECONDITION = 4 << 5 | 12,
    SEK_COAP_TOO_LARGE = 4 << 5 | 13,
    SEK_COAP_BAD_FORMAT = 4 << 5 | 15,
    SEK_COAP_TOO_MANY = 4 << 5 | 29,
    SEK_COAP_INTERNAL = 5 << 5,
    SEK_COAP_UNAVAILABLE = 5 << 5 | 3,
    SEK_COAP_NO_PROXY = 5 << 5 | 5,
};

/* Content formats that we speak (IANA). */
enum {
    SEK_CF_COSE_SIGN1 = 18,
    SEK_CF_LINK = 40,
    SEK_CF_CBOR = 60,
    SEK_CF_PROBLEM = 257,
    SEK_CF_EAT = 263,
    SEK_CF_PKCS10 = 286,
    SEK_CF_PKIX_CERT = 287,
};

/* The options that we know, in the order of their numbers. */
enum sek_coap_option {
    SEK_COAP_IF_MATCH,
    SEK_COAP_URI_HOST,
    SEK_COAP_ETAG,
    SEK_COAP_IF_NONE_MATCH,
    SEK_COAP_OBSERVE,
    SEK_COAP_URI_PORT,
    SEK_COAP_URI_PATH, /* in path[] */
    SEK_COAP_CONTENT_FORMAT,
    SEK_COAP_MAX_AGE,
    SEK_COAP_URI_QUERY,
    SEK_COAP_ACCEPT,
    SEK_COAP_BLOCK2,
    SEK_COAP_BLOCK1,
    SEK_COAP_SIZE2,
    SEK_COAP_PROXY_URI,
    SEK_COAP_PROXY_SCHEME,
    SEK_COAP_SIZE1,
    SEK_COAP_ECHO,
    SEK_COAP_OPTIONS,
};

/* One message. Zeroed it is a valid CON Empty. All bytes are borrowed. */
struct sek_coap_message {
    enum sek_coap_type type;
    uint8_t code; /* enum sek_coap_code, or one that we have no name for */
    uint16_t id;
    uint8_t token[SEK_COAP_TOKEN_MAX];
    uint8_t token_len;
    uint32_t present;                          /* 1 << enum sek_coap_option */
    uint32_t number[SEK_COAP_OPTIONS];         /* the value, where it is a number */
    struct sek_bytes opaque[SEK_COAP_OPTIONS]; /* the value, where it is bytes or text; of several
                                                  the first */
    struct sek_bytes path[SEK_COAP_SEGMENTS_MAX];
    size_t path_count;
    uint16_t critical;        /* first critical option that must be refused, 0: none */
    struct sek_bytes payload; /* len 0: none */
};

/* A block option, RFC 7959 2.2. */
struct sek_coap_block {
    uint32_t num; /* at most SEK_COAP_NUM_MAX */
    bool more;
    uint8_t szx; /* size = 16 << szx, szx at most SEK_COAP_SZX_MAX */
};

static inline bool sek_coap_has(const struct sek_coap_message *message, enum sek_coap_option option)
{
    return message->present >> option & 1;
}

/* Sets a numeric option. */
void sek_coap_set(struct sek_coap_message *message, enum sek_coap_option option, uint32_t value);

/* Sets an option of bytes or text; value is borrowed. */
void sek_coap_set_bytes(struct sek_coap_message *message, enum sek_coap_option option,
                        struct sek_bytes value);

/* Splits "a/b" into segments; borrowed. SEK_ERR_NO_SPACE: over SEK_COAP_SEGMENTS_MAX. */
SEK_CHECKED enum sek_status sek_coap_set_path(struct sek_coap_message *message, const char *path);

/* Is the message's path the one written as "a/b"? */
bool sek_coap_path_is(const struct sek_coap_message *message, const char *path);

/* The block option of a message. SEK_ERR_NOT_FOUND: has none. SEK_ERR_MALFORMED: szx 7. */
SEK_CHECKED enum sek_status sek_coap_block(const struct sek_coap_message *message,
                                           enum sek_coap_option option,
                                           struct sek_coap_block *block);

/* Sets a block option. */
void sek_coap_set_block(struct sek_coap_message *message, enum sek_coap_option option,
                        struct sek_coap_block block);

/* Reads one message, which is the whole of packet.
 *
 * An unknown critical option, one with a length outside its range and a second one where there may
 * be one only set out->critical; the message is good (the receiver answers 4.02).
 * SEK_ERR_UNSUPPORTED: another version. SEK_ERR_TRUNCATED, SEK_ERR_MALFORMED (token length,
 * reserved option nibble or code class, marker without payload, Empty that is not empty): *out
 * untouched. RFC 7252 3 and 5.4. */
SEK_CHECKED enum sek_status sek_coap_decode(struct sek_bytes packet, struct sek_coap_message *out,
                                            struct sek_fault *fault);

/* Writes one message. SEK_ERR_NO_SPACE: over cap. SEK_ERR_RANGE: token or option value too long. */
SEK_CHECKED enum sek_status sek_coap_encode(const struct sek_coap_message *message, uint8_t *out,
                                            size_t cap, size_t *len);

#endif
