#include "evidence/cbor.h"

#include "base/text.h"

#include <string.h>

enum {
    INFO_U8 = 24, /* the argument follows in 1, 2, 4 or 8 bytes: 24 to 27 */
    INFO_U64 = 27,
};

struct head {
    enum sek_cbor_type type;
    uint64_t value;
};

/* The next head; a fault gives a simple value that no caller takes. */
static struct head take_head(struct sek_reader *r)
{
    static const struct head none = {.type = SEK_CBOR_SIMPLE, .value = 0};
    struct sek_reader start = *r;
    uint8_t first = sek_reader_u8(r);
    uint8_t info = first & 0x1f;
    struct head head = {.type = (enum sek_cbor_type)(first >> 5), .value = info};

    if (info > INFO_U64) {
        sek_reader_fail(&start, SEK_ERR_MALFORMED, "CBOR: indefinite or reserved length");
        return none;
    }
    if (info >= INFO_U8) {
        size_t width = (size_t)1 << (info - INFO_U8);

        head.value = 0;
        for (size_t i = 0; i < width; i++)
            head.value = head.value << 8 | sek_reader_u8(r);
        /* Shortest: not a value that the next smaller form could hold. */
        if (r->fault->status == SEK_OK &&
            (width == 1 ? head.value < INFO_U8 : head.value >> (4 * width) == 0))
            sek_reader_fail(&start, SEK_ERR_MALFORMED, "CBOR: not the shortest form");
    }
    return r->fault->status == SEK_OK ? head : none;
}

/* One array or map that is open. */
struct frame {
    uint64_t left; /* items to come; a pair counts two */
    bool map;
    struct sek_bytes key; /* the last one, encoded; data NULL: none yet */
};

/* Encoded keys compare like text in a dictionary (RFC 8949, 4.2.1). */
static bool ascends(struct sek_bytes before, struct sek_bytes key)
{
    size_t common = before.len < key.len ? before.len : key.len;
    int order = memcmp(before.data, key.data, common);

    return order < 0 || (order == 0 && before.len < key.len);
}

/* Checks one item up to where its content begins; containers are reported to the caller by *head.
 */
static void check_item(struct sek_reader *r, struct head *head)
{
    struct sek_reader start = *r;

    *head = take_head(r);
    switch (head->type) {
    case SEK_CBOR_UINT:
    case SEK_CBOR_NINT:
        return;
    case SEK_CBOR_BYTES:
    case SEK_CBOR_TEXT: {
        struct sek_bytes bytes = {0};

        if (head->value > sek_reader_left(r))
            sek_reader_fail(&start, SEK_ERR_TRUNCATED, "CBOR: string longer than its input");
        else
            bytes = sek_reader_bytes(r, (size_t)head->value);
        if (head->type == SEK_CBOR_TEXT && !sek_utf8_valid(bytes))
            sek_reader_fail(&start, SEK_ERR_MALFORMED, "CBOR: text is not UTF-8");
        return;
    }
    case SEK_CBOR_ARRAY:
    case SEK_CBOR_MAP:
        if (head->value > sek_reader_left(r) / (head->type == SEK_CBOR_MAP ? 2 : 1))
            sek_reader_fail(&start, SEK_ERR_TRUNCATED, "CBOR: more elements than bytes");
        return;
    case SEK_CBOR_TAG:
        sek_reader_fail(&start, SEK_ERR_MALFORMED, "CBOR: a tag where none may stand");
        return;
    case SEK_CBOR_SIMPLE:
        if (head->value < SEK_CBOR_FALSE || head->value > SEK_CBOR_NULL || r->pos - start.pos != 1)
            sek_reader_fail(&start, SEK_ERR_MALFORMED, "CBOR: not false, true or null");
        return;
    }
}

/* An item that is a key: of a type that may be one, and behind the last. */
static void check_key(const struct sek_reader *r, size_t start, const struct head *head,
                      struct frame *frame)
{
    struct sek_bytes key = {.data = r->data + start, .len = r->pos - start};
    struct sek_reader at = *r;

    at.pos = start;
    if (head->type > SEK_CBOR_TEXT)
        sek_reader_fail(&at, SEK_ERR_MALFORMED, "CBOR: a key of no such type");
    else if (frame->key.data && !ascends(frame->key, key))
        sek_reader_fail(&at, SEK_ERR_MALFORMED, "CBOR: keys twice or out of order");
    frame->key = key;
}

enum sek_status sek_cbor_check(struct sek_reader r)
{
    struct frame stack[SEK_CBOR_DEPTH + 1] = {{.left = 1}}; /* [0]: the item itself */
    size_t depth = 0;

    for (;;) {
        struct frame *frame = &stack[depth];
        size_t start = r.pos;
        struct head head;

        if (frame->left == 0 && depth == 0)
            break;
        if (frame->left == 0) {
            depth--;
            continue;
        }
        check_item(&r, &head);
        if (r.fault->status != SEK_OK)
            return r.fault->status;
        if (frame->map && frame->left % 2 == 0)
            check_key(&r, start, &head, frame);
        frame->left--;
        if (head.type != SEK_CBOR_ARRAY && head.type != SEK_CBOR_MAP)
            continue;
        if (depth == SEK_CBOR_DEPTH)
            return sek_reader_fail(&r, SEK_ERR_MALFORMED, "CBOR: nested too deep");
        depth++;
        stack[depth] = (struct frame){.left = head.value, .map = head.type == SEK_CBOR_MAP};
        if (stack[depth].map)
            stack[depth].left *= 2; /* at most the bytes left: no wrap */
    }
    if (sek_reader_left(&r) > 0)
        sek_reader_fail(&r, SEK_ERR_MALFORMED, "CBOR: bytes behind the item");
    return r.fault->status;
}

enum sek_cbor_type sek_cbor_peek(const struct sek_reader *r)
{
    struct sek_reader copy = *r;

    if (sek_reader_left(r) == 0)
        return SEK_CBOR_SIMPLE;
    return (enum sek_cbor_type)(sek_reader_u8(&copy) >> 5);
}

/* The value of a head that must be of one type and at most max. */
static uint64_t expect(struct sek_reader *r, enum sek_cbor_type type, uint64_t max, const char *why)
{
    struct sek_reader start = *r;
    struct head head = take_head(r);

    if (head.type != type || head.value > max)
        sek_reader_fail(&start, SEK_ERR_MALFORMED, why);
    return r->fault->status == SEK_OK ? head.value : 0;
}

uint64_t sek_cbor_uint(struct sek_reader *r, uint64_t max)
{
    return expect(r, SEK_CBOR_UINT, max, "no unsigned integer of this range");
}

int64_t sek_cbor_int(struct sek_reader *r)
{
    static const char why[] = "no integer of 64 bits";
    int64_t value;

    if (sek_cbor_peek(r) != SEK_CBOR_NINT)
        return (int64_t)expect(r, SEK_CBOR_UINT, INT64_MAX, why);
    value = -1 - (int64_t)expect(r, SEK_CBOR_NINT, INT64_MAX, why);
    return r->fault->status == SEK_OK ? value : 0;
}

bool sek_cbor_bool(struct sek_reader *r)
{
    struct sek_reader start = *r;
    uint64_t value = expect(r, SEK_CBOR_SIMPLE, SEK_CBOR_TRUE, "neither true nor false");

    if (value < SEK_CBOR_FALSE)
        sek_reader_fail(&start, SEK_ERR_MALFORMED, "neither true nor false");
    return value == SEK_CBOR_TRUE;
}

static struct sek_bytes string(struct sek_reader *r, enum sek_cbor_type type, size_t min,
                               size_t max, const char *why)
{
    struct sek_reader start = *r;
    uint64_t len = expect(r, type, SIZE_MAX, why);

    if (len < min || len > max)
        sek_reader_fail(&start, SEK_ERR_MALFORMED, why);
    return sek_reader_bytes(r, (size_t)len);
}

struct sek_bytes sek_cbor_bytes(struct sek_reader *r, size_t min, size_t max)
{
    return string(r, SEK_CBOR_BYTES, min, max, "no byte string of this length");
}

struct sek_bytes sek_cbor_text(struct sek_reader *r, size_t min, size_t max)
{
    return string(r, SEK_CBOR_TEXT, min, max, "no text of this length");
}

uint64_t sek_cbor_tag(struct sek_reader *r)
{
    return expect(r, SEK_CBOR_TAG, UINT64_MAX, "no tag");
}

static size_t container(struct sek_reader *r, enum sek_cbor_type type, size_t width,
                        const char *why)
{
    struct sek_reader start = *r;
    uint64_t count = expect(r, type, UINT64_MAX, why);

    if (count > sek_reader_left(r) / width)
        sek_reader_fail(&start, SEK_ERR_TRUNCATED, "more elements than bytes");
    return r->fault->status == SEK_OK ? (size_t)count : 0;
}

size_t sek_cbor_array(struct sek_reader *r)
{
    return container(r, SEK_CBOR_ARRAY, 1, "no array");
}

size_t sek_cbor_map(struct sek_reader *r)
{
    return container(r, SEK_CBOR_MAP, 2, "no map");
}

struct sek_reader sek_cbor_layer(struct sek_reader *r)
{
    return sek_reader_sub(r, (size_t)expect(r, SEK_CBOR_BYTES, SIZE_MAX, "no byte string"));
}

bool sek_cbor_null(struct sek_reader *r)
{
    struct sek_reader next = *r;

    if (sek_reader_left(r) == 0 || sek_reader_u8(&next) != (SEK_CBOR_SIMPLE << 5 | SEK_CBOR_NULL))
        return false;
    *r = next;
    return true;
}

void sek_cbor_skip(struct sek_reader *r)
{
    uint64_t left = 1; /* items; no stack is needed to count them */

    while (left > 0 && r->fault->status == SEK_OK) {
        struct head head;

        check_item(r, &head);
        left--;
        if (head.type == SEK_CBOR_ARRAY)
            left += head.value;
        else if (head.type == SEK_CBOR_MAP)
            left += 2 * head.value;
    }
}
