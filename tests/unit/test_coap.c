/* CoAP messages: vectors, every truncation, what must be refused, and round trips. */
#include "channel/coap.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static size_t unhex(const char *hex, uint8_t *out)
{
    size_t len = strlen(hex) / 2;

    for (size_t i = 0; i < len; i++) {
        char byte[3] = {hex[2 * i], hex[2 * i + 1], 0};

        out[i] = (uint8_t)strtoul(byte, NULL, 16);
    }
    return len;
}

/* Decodes from a heap block of exact size, which *held keeps alive for the message. */
static enum sek_status decode(const uint8_t *bytes, size_t len, struct sek_coap_message *m,
                              uint8_t **held)
{
    struct sek_fault fault = {0};

    *held = malloc(len > 0 ? len : 1);
    assert_non_null(*held);
    if (len > 0)
        memcpy(*held, bytes, len);
    return sek_coap_decode((struct sek_bytes){.data = *held, .len = len}, m, &fault);
}

#define GET "44017d3301020303b773656b6973686f04696e666f"
#define FETCH                                                                                      \
    "44057d3401020304b773656b6973686f06617474657374113c5201076105ffa10a5820"                       \
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static void reads_the_vectors(void **state)
{
    uint8_t bytes[128];
    uint8_t *held;
    struct sek_coap_message m;
    struct sek_coap_block block;

    (void)state;
    assert_int_equal(decode(bytes, unhex(GET, bytes), &m, &held), SEK_OK);
    assert_int_equal(m.type, SEK_COAP_CON);
    assert_int_equal(m.code, SEK_COAP_GET);
    assert_int_equal(m.id, 0x7d33);
    assert_int_equal(m.token_len, 4);
    assert_memory_equal(m.token, "\1\2\3\3", 4);
    assert_true(sek_coap_path_is(&m, "sekisho/info"));
    assert_int_equal(m.payload.len, 0);
    free(held);

    assert_int_equal(decode(bytes, unhex(FETCH, bytes), &m, &held), SEK_OK);
    assert_int_equal(m.code, SEK_COAP_FETCH);
    assert_true(sek_coap_path_is(&m, "sekisho/attest"));
    assert_int_equal(m.number[SEK_COAP_CONTENT_FORMAT], SEK_CF_CBOR);
    assert_int_equal(m.number[SEK_COAP_ACCEPT], SEK_CF_EAT);
    assert_int_equal(sek_coap_block(&m, SEK_COAP_BLOCK2, &block), SEK_OK);
    assert_int_equal(block.num, 0);
    assert_false(block.more);
    assert_int_equal(block.szx, 5);
    assert_int_equal(sek_coap_block(&m, SEK_COAP_BLOCK1, &block), SEK_ERR_NOT_FOUND);
    assert_int_equal(m.payload.len, 36);
    free(held);
}

static void writes_the_vectors(void **state)
{
    uint8_t expected[128], out[128];
    struct sek_coap_message m = {
        .code = SEK_COAP_FETCH, .id = 0x7d34, .token = {1, 2, 3, 4}, .token_len = 4};
    size_t len = unhex(FETCH, expected), out_len = 0;

    (void)state;
    assert_int_equal(sek_coap_set_path(&m, "sekisho/attest"), SEK_OK);
    sek_coap_set(&m, SEK_COAP_CONTENT_FORMAT, SEK_CF_CBOR);
    sek_coap_set(&m, SEK_COAP_ACCEPT, SEK_CF_EAT);
    sek_coap_set_block(&m, SEK_COAP_BLOCK2, (struct sek_coap_block){.szx = 5});
    m.payload = (struct sek_bytes){.data = expected + len - 36, .len = 36};
    for (size_t cap = 0; cap < len; cap++)
        assert_int_equal(sek_coap_encode(&m, out, cap, &out_len), SEK_ERR_NO_SPACE);
    assert_int_equal(out_len, 0);
    assert_int_equal(sek_coap_encode(&m, out, len, &out_len), SEK_OK);
    assert_int_equal(out_len, len);
    assert_memory_equal(out, expected, len);
}

static void judges_messages(void **state)
{
    static const struct {
        const char *name;
        const char *hex;
        enum sek_status status;
        uint16_t critical;
    } rows[] = {
        {"control", "40010001", SEK_OK, 0},
        {"a reset", "70000001", SEK_OK, 0},
        {"nothing", "", SEK_ERR_TRUNCATED, 0},
        {"three bytes", "400100", SEK_ERR_TRUNCATED, 0},
        {"version 0", "00010001", SEK_ERR_UNSUPPORTED, 0},
        {"version 2", "80010001", SEK_ERR_UNSUPPORTED, 0},
        {"token of eight", "480100010102030405060708", SEK_OK, 0},
        {"token of nine", "49010001010203040506070809", SEK_ERR_MALFORMED, 0},
        {"token cut", "4401000101", SEK_ERR_TRUNCATED, 0},
        {"code class 1", "40200001", SEK_ERR_MALFORMED, 0},
        {"code class 6", "40c00001", SEK_ERR_MALFORMED, 0},
        {"code class 7", "40e00001", SEK_ERR_MALFORMED, 0},
        {"Empty with a token", "4100000101", SEK_ERR_MALFORMED, 0},
        {"Empty with an option", "4000000110", SEK_ERR_MALFORMED, 0},
        {"marker alone", "40010001ff", SEK_ERR_MALFORMED, 0},
        {"marker and payload", "40010001ff00", SEK_OK, 0},
        {"delta 15 without being the marker", "40010001f0", SEK_ERR_MALFORMED, 0},
        {"length 15", "400100011f", SEK_ERR_MALFORMED, 0},
        {"option value cut", "4001000144aabbcc", SEK_ERR_TRUNCATED, 0},
        {"option number 65535 is read", "40010001e0fef2", SEK_OK, 65535},
        {"option number 65536", "40010001e0fef3", SEK_ERR_MALFORMED, 0},
        {"length of 65804 in a short packet", "400100011effff", SEK_ERR_TRUNCATED, 0},
        {"an elective option that nobody knows", "4001000120", SEK_OK, 0},
        {"a critical option that nobody knows", "4001000190", SEK_OK, 9},
        {"of two the first is told", "400100019040", SEK_OK, 9},
        {"Accept twice", "40010001d1043c013c", SEK_OK, 17},
        {"Accept of three bytes", "40010001d304000000", SEK_OK, 17},
        {"ETag twice is allowed", "400100014101" /* */ "0102", SEK_OK, 0},
        {"ETag of nine bytes is skipped", "4001000149010203040506070809", SEK_OK, 0},
        {"Uri-Port twice", "400100017000", SEK_OK, 7},
        {"nine path segments", "40010001b16101610161016101610161016101610161", SEK_OK, 11},
        {"Content-Format with a leading zero", "40010001c2003c", SEK_OK, 0},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        uint8_t bytes[64];
        uint8_t *held;
        struct sek_coap_message m = {.critical = 0xdead};

        print_message("%s\n", rows[i].name);
        assert_int_equal(decode(bytes, unhex(rows[i].hex, bytes), &m, &held), rows[i].status);
        assert_int_equal(m.critical, rows[i].status == SEK_OK ? rows[i].critical : 0xdead);
        free(held);
    }
}

static void paths_match_whole_segments(void **state)
{
    static const struct {
        const char *set, *asked;
        bool same;
    } rows[] = {
        {"sekisho/info", "sekisho/info", true},   /* */
        {"sekisho", "sekisho/info", false},       /* shorter */
        {"sekisho/info", "sekisho", false},       /* longer */
        {"sekisho/inf", "sekisho/info", false},   /* a segment cut */
        {"sekisho/infos", "sekisho/info", false}, /* a segment longer */
        {"sekisho//info", "sekisho/info", false}, /* an empty segment */
        {"", "sekisho/info", false},              /* none */
        {"", "", true},                           /* both none */
    };
    struct sek_coap_message m = {0};

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        assert_int_equal(sek_coap_set_path(&m, rows[i].set), SEK_OK);
        assert_int_equal(sek_coap_path_is(&m, rows[i].asked), rows[i].same);
    }
    assert_int_equal(sek_coap_set_path(&m, "1/2/3/4/5/6/7/8"), SEK_OK);
    assert_int_equal(sek_coap_set_path(&m, "1/2/3/4/5/6/7/8/9"), SEK_ERR_NO_SPACE);
    /* One segment "sekisho/info" is not two. */
    m.path[0] = (struct sek_bytes){.data = (const uint8_t *)"sekisho/info", .len = 12};
    m.path_count = 1;
    assert_false(sek_coap_path_is(&m, "sekisho/info"));
}

static void every_option_comes_back(void **state)
{
    static const uint32_t values[] = {0, 1, 12, 13, 255, 256, 65535};
    static uint8_t long_bytes[1034];
    struct sek_coap_message m = {.type = SEK_COAP_NON, .code = SEK_COAP_CONTENT, .id = 7};
    uint8_t out[2048];
    size_t len;

    (void)state;
    memset(long_bytes, 'x', sizeof long_bytes);
    for (size_t v = 0; v < SEK_LEN(values); v++) {
        struct sek_coap_message back;
        uint8_t *held;

        assert_int_equal(sek_coap_set_path(&m, "a/b"), SEK_OK);
        sek_coap_set(&m, SEK_COAP_OBSERVE, values[v]);
        sek_coap_set(&m, SEK_COAP_URI_PORT, values[v]);
        sek_coap_set(&m, SEK_COAP_MAX_AGE, values[v] << 16);
        sek_coap_set(&m, SEK_COAP_SIZE1, values[v]);
        sek_coap_set_bytes(&m, SEK_COAP_ETAG, (struct sek_bytes){.data = long_bytes, .len = 1 + v});
        sek_coap_set_bytes(&m, SEK_COAP_ECHO, (struct sek_bytes){.data = long_bytes, .len = 40});
        sek_coap_set_bytes(&m, SEK_COAP_PROXY_URI,
                           (struct sek_bytes){.data = long_bytes, .len = 1034});
        sek_coap_set_bytes(&m, SEK_COAP_IF_NONE_MATCH, (struct sek_bytes){0});
        assert_int_equal(sek_coap_encode(&m, out, sizeof out, &len), SEK_OK);
        assert_int_equal(decode(out, len, &back, &held), SEK_OK);
        assert_int_equal(back.present, m.present);
        assert_int_equal(back.critical, 0);
        assert_memory_equal(back.number, m.number, sizeof m.number);
        assert_int_equal(back.opaque[SEK_COAP_ETAG].len, 1 + v);
        assert_int_equal(back.opaque[SEK_COAP_PROXY_URI].len, 1034);
        assert_true(sek_coap_path_is(&back, "a/b"));
        free(held);
    }
    sek_coap_set_bytes(&m, SEK_COAP_ECHO, (struct sek_bytes){.data = long_bytes, .len = 41});
    assert_int_equal(sek_coap_encode(&m, out, sizeof out, &len), SEK_ERR_RANGE);
}

static void blocks_keep_their_three_fields(void **state)
{
    struct sek_coap_message m = {0};
    struct sek_coap_block block = {0};

    (void)state;
    sek_coap_set_block(&m, SEK_COAP_BLOCK1,
                       (struct sek_coap_block){.num = SEK_COAP_NUM_MAX, .more = true, .szx = 6});
    assert_int_equal(sek_coap_block(&m, SEK_COAP_BLOCK1, &block), SEK_OK);
    assert_int_equal(block.num, SEK_COAP_NUM_MAX);
    assert_true(block.more);
    assert_int_equal(block.szx, 6);
    sek_coap_set(&m, SEK_COAP_BLOCK1, 7);
    assert_int_equal(sek_coap_block(&m, SEK_COAP_BLOCK1, &block), SEK_ERR_MALFORMED);
}

/* Whatever one bit or a cut makes of the FETCH: no read outside, and what is read can be written.
 */
static void survives_every_bit_and_truncation(void **state)
{
    uint8_t bytes[128];
    size_t len = unhex(FETCH, bytes);

    (void)state;
    for (size_t bit = 0; bit <= 8 * len; bit++) {
        uint8_t out[256];
        uint8_t *held;
        struct sek_coap_message m;
        size_t out_len;

        if (bit < 8 * len)
            bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (decode(bytes, len, &m, &held) == SEK_OK)
            assert_int_equal(sek_coap_encode(&m, out, sizeof out, &out_len), SEK_OK);
        free(held);
        if (bit < 8 * len)
            bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (decode(bytes, bit / 8, &m, &held) == SEK_OK)
            assert_int_equal(sek_coap_encode(&m, out, sizeof out, &out_len), SEK_OK);
        free(held);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_vectors),
        cmocka_unit_test(writes_the_vectors),
        cmocka_unit_test(judges_messages),
        cmocka_unit_test(paths_match_whole_segments),
        cmocka_unit_test(every_option_comes_back),
        cmocka_unit_test(blocks_keep_their_three_fields),
        cmocka_unit_test(survives_every_bit_and_truncation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
