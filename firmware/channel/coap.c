#include "channel/coap.h"

#include "base/bytes.h"

#include <string.h>

enum {
    VERSION = 1,
    MARKER = 0xff,  /* before the payload */
    EXTEND_8 = 13,  /* a nibble: one more byte, plus 13 */
    EXTEND_16 = 14, /* two more bytes, plus 269 */
    BASE_16 = 269,
    NUMBER_MAX = 65535, /* of an option */
};

enum kind { NUMBER, BYTES };

/* In the order of enum sek_coap_option and of the numbers (RFC 7252 5.10, 7959 2.1, 9175 2.2). */
static const struct row {
    uint16_t number;
    enum kind kind;
    uint16_t min, max; /* bytes */
    bool repeats;
} rows[SEK_COAP_OPTIONS] = {
    [SEK_COAP_IF_MATCH] = {1, BYTES, 0, 8, true},          /* RFC 7252 5.10.8 */
    [SEK_COAP_URI_HOST] = {3, BYTES, 1, 255, false},       /* read over */
    [SEK_COAP_ETAG] = {4, BYTES, 1, 8, true},              /* of several the first */
    [SEK_COAP_IF_NONE_MATCH] = {5, BYTES, 0, 0, false},    /* RFC 7252 5.10.8 */
    [SEK_COAP_OBSERVE] = {6, NUMBER, 0, 3, false},         /* RFC 7641 */
    [SEK_COAP_URI_PORT] = {7, NUMBER, 0, 2, false},        /* read over */
    [SEK_COAP_URI_PATH] = {11, BYTES, 0, 255, true},       /* a segment each */
    [SEK_COAP_CONTENT_FORMAT] = {12, NUMBER, 0, 2, false}, /* IANA number */
    [SEK_COAP_MAX_AGE] = {14, NUMBER, 0, 4, false},        /* seconds */
    [SEK_COAP_URI_QUERY] = {15, BYTES, 0, 255, true},      /* of several the first */
    [SEK_COAP_ACCEPT] = {17, NUMBER, 0, 2, false},         /* IANA number */
    [SEK_COAP_BLOCK2] = {23, NUMBER, 0, 3, false},         /* num, more, szx */
    [SEK_COAP_BLOCK1] = {27, NUMBER, 0, 3, false},         /* num, more, szx */
    [SEK_COAP_SIZE2] = {28, NUMBER, 0, 4, false},          /* bytes */
    [SEK_COAP_PROXY_URI] = {35, BYTES, 1, 1034, false},    /* always refused */
    [SEK_COAP_PROXY_SCHEME] = {39, BYTES, 1, 255, false},  /* always refused */
    [SEK_COAP_SIZE1] = {60, NUMBER, 0, 4, false},          /* bytes */
    [SEK_COAP_ECHO] = {252, BYTES, 1, 40, false},          /* RFC 9175 */
};

void sek_coap_set(struct sek_coap_message *message, enum sek_coap_option option, uint32_t value)
{
    message->present |= 1u << option;
    message->number[option] = value;
}

void sek_coap_set_bytes(struct sek_coap_message *message, enum sek_coap_option option,
                        struct sek_bytes value)
{
    message->present |= 1u << option;
    message->opaque[option] = value;
}

enum sek_status sek_coap_set_path(struct sek_coap_message *message, const char *path)
{
    size_t count = 0;

    while (*path) {
        size_t len = strcspn(path, "/");

        if (count == SEK_COAP_SEGMENTS_MAX)
            return SEK_ERR_NO_SPACE;
        message->path[count++] = (struct sek_bytes){.data = (const uint8_t *)path, .len = len};
        path += len;
        path += *path == '/';
    }
    message->path_count = count;
    message->present |= 1u << SEK_COAP_URI_PATH;
    return SEK_OK;
}

bool sek_coap_path_is(const struct sek_coap_message *message, const char *path)
{
    for (size_t i = 0; i < message->path_count; i++) {
        struct sek_bytes segment = message->path[i];
        size_t len = strcspn(path, "/");

        if (len == 0 || segment.len != len || memcmp(segment.data, path, len) != 0)
            return false;
        path += len;
        path += *path == '/';
    }
    return *path == 0;
}

enum sek_status sek_coap_block(const struct sek_coap_message *message, enum sek_coap_option option,
                               struct sek_coap_block *block)
{
    uint32_t value = message->number[option];

    if (!sek_coap_has(message, option))
        return SEK_ERR_NOT_FOUND;
    if ((value & 7) > SEK_COAP_SZX_MAX)
        return SEK_ERR_MALFORMED;
    *block = (struct sek_coap_block){
        .num = value >> 4, .more = (value & 8) != 0, .szx = (uint8_t)(value & 7)};
    return SEK_OK;
}

void sek_coap_set_block(struct sek_coap_message *message, enum sek_coap_option option,
                        struct sek_coap_block block)
{
    sek_coap_set(message, option, block.num << 4 | (block.more ? 8u : 0u) | block.szx);
}

/* A delta or length: its nibble, and the bytes that the nibble asks for. */
static uint32_t get_extended(struct sek_reader *r, uint8_t nibble)
{
    if (nibble == EXTEND_8)
        return EXTEND_8 + (uint32_t)sek_reader_u8(r);
    if (nibble == EXTEND_16)
        return BASE_16 + (uint32_t)sek_reader_u16be(r);
    if (nibble > EXTEND_16)
        sek_reader_fail(r, SEK_ERR_MALFORMED, "reserved option nibble");
    return nibble;
}

/* Refuses an option: the receiver may skip it if its number is even, else answers 4.02. */
static void refuse(struct sek_coap_message *m, uint32_t number)
{
    if ((number & 1) != 0 && m->critical == 0)
        m->critical = (uint16_t)number;
}

static void take_option(struct sek_coap_message *m, uint32_t number, struct sek_bytes value)
{
    size_t i = 0;

    while (i < SEK_LEN(rows) && rows[i].number != number)
        i++;
    if (i == SEK_LEN(rows) || value.len < rows[i].min || value.len > rows[i].max ||
        (!rows[i].repeats && (m->present >> i & 1)) ||
        (i == SEK_COAP_URI_PATH && m->path_count == SEK_COAP_SEGMENTS_MAX)) {
        refuse(m, number);
        return;
    }
    if (i == SEK_COAP_URI_PATH)
        m->path[m->path_count++] = value;
    else if (rows[i].kind == NUMBER)
        for (size_t at = 0; at < value.len; at++)
            m->number[i] = m->number[i] << 8 | value.data[at];
    else if (!(m->present >> i & 1))
        m->opaque[i] = value;
    m->present |= 1u << i;
}

static void get_options(struct sek_reader *r, struct sek_coap_message *m)
{
    uint32_t number = 0;

    while (sek_reader_left(r) > 0) {
        uint8_t head = sek_reader_u8(r);
        struct sek_bytes value;
        uint32_t len;

        if (head == MARKER) {
            m->payload = sek_reader_bytes(r, sek_reader_left(r));
            if (m->payload.len == 0)
                sek_reader_fail(r, SEK_ERR_MALFORMED, "payload marker without payload");
            return;
        }
        number += get_extended(r, head >> 4);
        len = get_extended(r, head & 15);
        value = sek_reader_bytes(r, len);
        if (number > NUMBER_MAX)
            sek_reader_fail(r, SEK_ERR_MALFORMED, "option number over 65535");
        if (r->fault->status == SEK_OK)
            take_option(m, number, value);
    }
}

/* Classes 1, 6 and 7 are reserved (RFC 7252 3). */
static bool code_valid(uint8_t code)
{
    uint8_t class = code >> 5;

    return class == 0 || (class >= 2 && class <= 5);
}

enum sek_status sek_coap_decode(struct sek_bytes packet, struct sek_coap_message *out,
                                struct sek_fault *fault)
{
    struct sek_reader r = sek_reader_make(packet, fault);
    struct sek_coap_message m = {0};
    uint8_t head = sek_reader_u8(&r);
    struct sek_bytes token;

    m.code = sek_reader_u8(&r);
    m.id = sek_reader_u16be(&r);
    if (fault->status == SEK_OK && head >> 6 != VERSION)
        sek_reader_fail(&r, SEK_ERR_UNSUPPORTED, "CoAP version is not 1");
    m.type = (enum sek_coap_type)(head >> 4 & 3);
    m.token_len = head & 15;
    if (m.token_len > SEK_COAP_TOKEN_MAX)
        sek_reader_fail(&r, SEK_ERR_MALFORMED, "token over 8 bytes");
    if (!code_valid(m.code))
        sek_reader_fail(&r, SEK_ERR_MALFORMED, "reserved code class");
    token = sek_reader_bytes(&r, m.token_len);
    if (token.len > 0)
        memcpy(m.token, token.data, token.len);
    if (m.code == SEK_COAP_EMPTY && (m.token_len > 0 || sek_reader_left(&r) > 0))
        sek_reader_fail(&r, SEK_ERR_MALFORMED, "Empty message that is not empty");
    get_options(&r, &m);
    if (fault->status == SEK_OK)
        *out = m;
    return fault->status;
}

/* Where encode stands; status turns bad once and stays so. */
struct writer {
    uint8_t *out;
    size_t cap, len;
    uint32_t number; /* of the last option */
    enum sek_status status;
};

static void put(struct writer *w, const void *data, size_t len)
{
    if (w->status != SEK_OK)
        return;
    if (len > w->cap - w->len) {
        w->status = SEK_ERR_NO_SPACE;
        return;
    }
    if (len > 0)
        memcpy(w->out + w->len, data, len);
    w->len += len;
}

static void put_u8(struct writer *w, uint8_t value)
{
    put(w, &value, 1);
}

static uint8_t nibble(uint32_t value)
{
    if (value < EXTEND_8)
        return (uint8_t)value;
    return value < BASE_16 ? EXTEND_8 : EXTEND_16;
}

static void put_extension(struct writer *w, uint32_t value)
{
    uint8_t wide[2];

    if (nibble(value) == EXTEND_8)
        put_u8(w, (uint8_t)(value - EXTEND_8));
    sek_put_u16be(wide, (uint16_t)(value - BASE_16));
    if (nibble(value) == EXTEND_16)
        put(w, wide, sizeof wide);
}

static void put_option(struct writer *w, const struct row *row, struct sek_bytes value)
{
    uint32_t delta = row->number - w->number;

    if (value.len < row->min || value.len > row->max) {
        w->status = SEK_ERR_RANGE;
        return;
    }
    put_u8(w, (uint8_t)(nibble(delta) << 4 | nibble((uint32_t)value.len)));
    put_extension(w, delta);
    put_extension(w, (uint32_t)value.len);
    put(w, value.data, value.len);
    w->number = row->number;
}

static void put_number(struct writer *w, const struct row *row, uint32_t value)
{
    uint8_t bytes[4];
    size_t skip = 0; /* leading zeros are not sent, RFC 7252 3.2 */

    sek_put_u32be(bytes, value);
    while (skip < sizeof bytes && bytes[skip] == 0)
        skip++;
    put_option(w, row, (struct sek_bytes){.data = bytes + skip, .len = sizeof bytes - skip});
}

enum sek_status sek_coap_encode(const struct sek_coap_message *message, uint8_t *out, size_t cap,
                                size_t *len)
{
    const struct sek_coap_message *m = message;
    struct writer w = {0};
    uint8_t id[2];

    w.out = out;
    w.cap = cap;
    if (m->token_len > SEK_COAP_TOKEN_MAX)
        return SEK_ERR_RANGE;
    sek_put_u16be(id, m->id);
    put_u8(&w, (uint8_t)(VERSION << 6 | (m->type & 3) << 4 | m->token_len));
    put_u8(&w, m->code);
    put(&w, id, sizeof id);
    put(&w, m->token, m->token_len);
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        if (!(m->present >> i & 1))
            continue;
        if (i == SEK_COAP_URI_PATH)
            for (size_t at = 0; at < m->path_count; at++)
                put_option(&w, &rows[i], m->path[at]);
        else if (rows[i].kind == NUMBER)
            put_number(&w, &rows[i], m->number[i]);
        else
            put_option(&w, &rows[i], m->opaque[i]);
    }
    if (m->payload.len > 0) {
        put_u8(&w, MARKER);
        put(&w, m->payload.data, m->payload.len);
    }
    if (w.status == SEK_OK)
        *len = w.len;
    return w.status;
}
