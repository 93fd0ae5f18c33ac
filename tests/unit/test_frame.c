/* Line framing SKL/1: the vectors of its specification, and lines under noise. */
#include "channel/frame.h"

#include "base/crc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { CAP = SEK_FRAME_BODY_MAX + SEK_FRAME_OVERHEAD, WIRE = 32768 };

struct rig {
    struct sek_frame_decoder decoder;
    struct sek_frame_slot slot[2];
    struct sek_frame_packet packet; /* the last one */
    size_t packets, text;
};

static void rig_open(struct rig *rig, const char *accept, size_t cap)
{
    memset(rig, 0, sizeof *rig);
    for (size_t i = 0; i < SEK_LEN(rig->slot); i++) {
        rig->slot[i].data = malloc(cap);
        rig->slot[i].cap = cap;
        assert_non_null(rig->slot[i].data);
    }
    sek_frame_decoder_init(&rig->decoder, accept, rig->slot, SEK_LEN(rig->slot));
}

static void rig_close(struct rig *rig)
{
    for (size_t i = 0; i < SEK_LEN(rig->slot); i++)
        free(rig->slot[i].data);
}

static void feed(struct rig *rig, const char *bytes, size_t len, uint64_t now_ms)
{
    for (size_t i = 0; i < len; i++) {
        switch (sek_frame_push(&rig->decoder, (uint8_t)bytes[i], now_ms, &rig->packet)) {
        case SEK_FRAME_TEXT:
            rig->text++;
            break;
        case SEK_FRAME_PACKET:
            rig->packets++;
            break;
        case SEK_FRAME_HELD:
            break;
        }
    }
}

static size_t encode(enum sek_frame_kind kind, uint8_t mid, const uint8_t *body, size_t len,
                     char *wire)
{
    struct sek_frame_encoder encoder;
    size_t total = 0, line;

    assert_int_equal(
        sek_frame_begin(&encoder, kind, mid, (struct sek_bytes){.data = body, .len = len}), SEK_OK);
    while ((line = sek_frame_next_line(&encoder, wire + total)) > 0)
        total += line;
    return total;
}

static size_t unhex(const char *hex, uint8_t *out)
{
    size_t len = strlen(hex) / 2;

    for (size_t i = 0; i < len; i++) {
        char byte[3] = {hex[2 * i], hex[2 * i + 1], 0};

        out[i] = (uint8_t)strtoul(byte, NULL, 16);
    }
    return len;
}

#define GET "44017d3301020303b773656b6973686f04696e666f"
#define FETCH                                                                                      \
    "44057d3401020304b773656b6973686f06617474657374113c5201076105ffa10a5820"                       \
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define COUNT                                                                                      \
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d" \
    "2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f505152535455565758595a5b" \
    "5c5d5e5f60616263"

static const struct {
    const char *name;
    const char *body;
    enum sek_frame_kind kind;
    uint8_t mid;
    const char *wire;
} vectors[] = {
    {"a GET is one line", GET, SEK_FRAME_REQUEST, 0x33,
     "@SK1q33.00.00.ABdEAX0zAQIDA7dzZWtpc2hvBGluZm-SxQ.BD01\r\n"},
    {"a FETCH is two lines", FETCH, SEK_FRAME_REQUEST, 0x34,
     "@SK1q34.00.01.AEVEBX00AQIDBLdzZWtpc2hvBmF0dGVzdBE8UgEHYQX_oQpYIAABAgME.B76E\r\n"
     "@SK1q34.01.01.BQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f4rA.E267\r\n"},
    {"a hundred bytes are three lines", COUNT, SEK_FRAME_RESPONSE, 0x34,
     "@SK1r34.00.02.AGYAAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAhIiMkJSYn.5E28\r\n"
     "@SK1r34.01.02.KCkqKywtLi8wMTIzNDU2Nzg5Ojs8PT4_QEFCQ0RFRkdISUpLTE1OT1BR.7726\r\n"
     "@SK1r34.02.02.UlNUVVZXWFlaW1xdXl9gYWJjAp4.4400\r\n"},
};

static void writes_and_reads_the_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < SEK_LEN(vectors); i++) {
        uint8_t body[128];
        char wire[512];
        struct rig rig;
        size_t len = unhex(vectors[i].body, body);
        size_t total = encode(vectors[i].kind, vectors[i].mid, body, len, wire);

        print_message("%s\n", vectors[i].name);
        assert_int_equal(total, strlen(vectors[i].wire));
        assert_memory_equal(wire, vectors[i].wire, total);
        rig_open(&rig, "qr", len + SEK_FRAME_OVERHEAD);
        feed(&rig, wire, total, 0);
        assert_int_equal(rig.packets, 1);
        assert_int_equal(rig.packet.kind, vectors[i].kind);
        assert_int_equal(rig.packet.mid, vectors[i].mid);
        assert_int_equal(rig.packet.body.len, len);
        assert_memory_equal(rig.packet.body.data, body, len);
        rig_close(&rig);
    }
}

static void every_length_comes_back(void **state)
{
    static uint8_t body[SEK_FRAME_BODY_MAX + 1];
    static char wire[WIRE];
    struct sek_frame_encoder encoder;
    struct rig rig;

    (void)state;
    for (size_t i = 0; i < sizeof body; i++)
        body[i] = (uint8_t)(i * 7 + i / 256);
    rig_open(&rig, "b", CAP);
    for (size_t len = 1; len <= SEK_FRAME_BODY_MAX; len += len < 200 ? 1 : 811) {
        feed(&rig, wire, encode(SEK_FRAME_BEACON, (uint8_t)len, body, len, wire), len);
        assert_int_equal(rig.packet.body.len, len);
        assert_memory_equal(rig.packet.body.data, body, len);
    }
    feed(&rig, wire, encode(SEK_FRAME_BEACON, 9, body, SEK_FRAME_BODY_MAX, wire), 0);
    assert_int_equal(rig.packet.body.len, SEK_FRAME_BODY_MAX);
    rig_close(&rig);
    assert_int_equal(
        sek_frame_begin(&encoder, SEK_FRAME_ALARM, 0,
                        (struct sek_bytes){.data = body, .len = SEK_FRAME_BODY_MAX + 1}),
        SEK_ERR_RANGE);
    assert_int_equal(sek_frame_begin(&encoder, SEK_FRAME_ALARM, 0, (struct sek_bytes){0}),
                     SEK_ERR_RANGE);
}

#define ONE    "@SK1q33.00.00.ABdEAX0zAQIDA7dzZWtpc2hvBGluZm-SxQ.BD01"
#define FIRST  "@SK1q34.00.01.AEVEBX00AQIDBLdzZWtpc2hvBmF0dGVzdBE8UgEHYQX_oQpYIAABAgME.B76E"
#define SECOND "@SK1q34.01.01.BQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f4rA.E267"

static void finds_lines_in_noise(void **state)
{
    static const struct {
        const char *name;
        const char *wire;
        size_t packets, text;
    } rows[] = {
        {"CR alone ends a line", ONE "\r" ONE "\r", 2, 0},
        {"LF alone ends a line", ONE "\n" ONE "\n", 2, 0},
        {"text before the frame on its line", "[  12.3] usb 1-1: " ONE "\n", 1, 18},
        {"text behind the CRC is skipped", ONE " eth0: link up\nok\n", 1, 3},
        {"no line end at all", ONE, 1, 0},
        {"lines in any order", SECOND "\n" FIRST "\n", 1, 0},
        {"lines twice", FIRST "\n" FIRST "\n" SECOND "\n", 1, 0},
        {"kernel log between the lines", FIRST "\nkernel: oops\n" SECOND "\n", 1, 13},
        {"kernel log inside one line kills that line", "@SK1q34.00.01.AEVEBXlog\n" SECOND "\n", 0,
         0},
        {"a retransmission fills the gap", SECOND "\n@SK1q34.00log\n" FIRST "\n", 1, 0},
        {"a frame behind a broken one on the same line", "@SK1q34.00.0@SK1q3" ONE "\n", 1, 0},
        {"a false start", "@@S@SK" ONE "\n", 1, 0},
        {"the rest of a broken line is no text", "@SK1q3store\nhelp\n", 0, 5},
        {"our own direction is no packet, nor text", "@SK1r33.00.00.ABdEAX0z.BD01\nx\n", 0, 2},
        {"wrong CRC", "@SK1q33.00.00.ABdEAX0zAQIDA7dzZWtpc2hvBGluZm-SxQ.BD02\n", 0, 0},
        {"lower-case CRC", "@SK1q33.00.00.ABdEAX0zAQIDA7dzZWtpc2hvBGluZm-SxQ.bd01\n", 0, 0},
        {"upper-case id", "@SK1q3A.00.00.ABdEAX0zAQIDA7dzZWtpc2hvBGluZm-SxQ.BD01\n", 0, 0},
        {"data of nothing", "@SK1q33.00.00..BD01\n", 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        struct rig rig;

        print_message("%s\n", rows[i].name);
        rig_open(&rig, "q", 71);
        feed(&rig, rows[i].wire, strlen(rows[i].wire), 0);
        assert_int_equal(rig.packets, rows[i].packets);
        assert_int_equal(rig.text, rows[i].text);
        rig_close(&rig);
    }
}

/* A line with a right CRC around any inner text. */
static size_t seal(char *line)
{
    static const char hex[] = "0123456789ABCDEF";
    size_t len = strlen(line);
    uint16_t crc = sek_crc16(0, line, len);

    for (int shift = 12; shift >= 0; shift -= 4)
        line[len++] = hex[crc >> shift & 15];
    line[len++] = '\n';
    return len;
}

static void refuses_lines_with_a_right_crc_that_no_sender_writes(void **state)
{
    static const struct {
        const char *name;
        const char *line;
        size_t packets;
    } rows[] = {
        {"control", "@SK1q33.00.00.ABdEAX0zAQIDA7dzZWtpc2hvBGluZm-SxQ.", 1},
        {"bits behind the last octet", "@SK1q33.00.00.ABdEAX0zAQIDA7dzZWtpc2hvBGluZm-SxR.", 0},
        {"one character too many", "@SK1q33.00.00.ABdEAX0zAQIDA7dzZWtpc2hvBGluZm-SxQAAA.", 0},
        {"length too small", "@SK1q33.00.00.ABZEAX0zAQIDA7dzZWtpc2hvBGluZm-SxQ.", 0},
        {"length too large", "@SK1q33.00.00.ABhEAX0zAQIDA7dzZWtpc2hvBGluZm-SxQ.", 0},
        {"body of another CRC", "@SK1q33.00.00.ABdEAX0zAQIDA7dzZWtpc2hvBGluZm-SxA.", 0},
        {"index beyond the last", "@SK1q33.01.00.ABdEAX0zAQIDA7dzZWtpc2hvBGluZm-SxQ.", 0},
        {"no body", "@SK1q33.00.00.AAIAAA.", 0},
        {"shorter than its own frame", "@SK1q33.00.00.AA.", 0},
        {"short first chunk", "@SK1q34.00.01.AEVE.", 0},
        {"beyond the buffer", "@SK1q34.ff.ff.AEVE.", 0},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        struct rig rig;
        char line[128];

        print_message("%s\n", rows[i].name);
        strcpy(line, rows[i].line);
        rig_open(&rig, "q", 71);
        feed(&rig, line, seal(line), 0);
        assert_int_equal(rig.packets, rows[i].packets);
        rig_close(&rig);
    }
}

static void forgets_what_is_never_finished(void **state)
{
    struct rig rig;

    (void)state;
    rig_open(&rig, "q", 71);
    feed(&rig, FIRST "\n", sizeof FIRST, 0);
    feed(&rig, SECOND "\n", sizeof SECOND, SEK_FRAME_IDLE_MS);
    assert_int_equal(rig.packets, 1);
    feed(&rig, FIRST "\n", sizeof FIRST, 20000);
    feed(&rig, SECOND "\n", sizeof SECOND, 20001 + SEK_FRAME_IDLE_MS);
    assert_int_equal(rig.packets, 1);
    rig_close(&rig);
}

static void never_mixes_two_packets_of_one_id(void **state)
{
    uint8_t one[60], two[60];
    char wire_one[256], wire_two[256];
    size_t len, first;
    struct rig rig;

    (void)state;
    memset(one, 1, sizeof one);
    memset(two, 2, sizeof two);
    len = encode(SEK_FRAME_REQUEST, 7, one, sizeof one, wire_one);
    assert_int_equal(encode(SEK_FRAME_REQUEST, 7, two, sizeof two, wire_two), len);
    first = SEK_FRAME_LINE_MAX + 2;
    rig_open(&rig, "q", 71);
    feed(&rig, wire_one, first, 0);
    feed(&rig, wire_two, first, 0);
    feed(&rig, wire_one + first, len - first, 0);
    assert_int_equal(rig.packets, 0);
    feed(&rig, wire_two + first, len - first, 0);
    feed(&rig, wire_two, first, 0);
    assert_int_equal(rig.packets, 1);
    assert_memory_equal(rig.packet.body.data, two, sizeof two);
    rig_close(&rig);
}

static void packets_may_arrive_interleaved(void **state)
{
    uint8_t body[60] = {1};
    char a[256], b[256];
    size_t first = SEK_FRAME_LINE_MAX + 2;
    size_t len;
    struct rig rig;

    (void)state;
    len = encode(SEK_FRAME_RESPONSE, 7, body, sizeof body, a);
    assert_int_equal(encode(SEK_FRAME_BEACON, 7, body, sizeof body, b), len);
    rig_open(&rig, "rb", 71);
    feed(&rig, a, first, 0);
    feed(&rig, b, first, 0);
    feed(&rig, a + first, len - first, 0);
    assert_int_equal(rig.packet.kind, SEK_FRAME_RESPONSE);
    feed(&rig, b + first, len - first, 0);
    assert_int_equal(rig.packet.kind, SEK_FRAME_BEACON);
    assert_int_equal(rig.packets, 2);
    rig_close(&rig);
}

static uint32_t step(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* Property: the right message, or none. */
static void noise_never_makes_another_packet(void **state)
{
    uint8_t body[100];
    char wire[512], noisy[1024];
    uint32_t seed = 1;
    size_t whole = 0;

    (void)state;
    for (size_t i = 0; i < sizeof body; i++)
        body[i] = (uint8_t)step(&seed);
    for (size_t round = 0; round < 20000; round++) {
        size_t len = encode(SEK_FRAME_RESPONSE, (uint8_t)round, body, sizeof body, wire);
        size_t out = 0, faults = 0;
        struct rig rig;

        for (size_t i = 0; i < len && out < sizeof noisy - 8; i++) {
            switch (step(&seed) % 256) {
            case 0: /* lost */
                faults++;
                continue;
            case 1: /* something between */
                noisy[out++] = (char)step(&seed);
                faults++;
                break;
            case 2: /* one bit */
                wire[i] = (char)(wire[i] ^ (1 << step(&seed) % 8));
                faults++;
                break;
            }
            noisy[out++] = wire[i];
        }
        rig_open(&rig, "r", 104);
        feed(&rig, noisy, out, 0);
        if (rig.packets > 0) {
            whole++;
            assert_int_equal(rig.packet.body.len, sizeof body);
            assert_memory_equal(rig.packet.body.data, body, sizeof body);
        } else {
            assert_true(faults > 0);
        }
        rig_close(&rig);
    }
    assert_true(whole > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_and_reads_the_vectors),
        cmocka_unit_test(every_length_comes_back),
        cmocka_unit_test(finds_lines_in_noise),
        cmocka_unit_test(refuses_lines_with_a_right_crc_that_no_sender_writes),
        cmocka_unit_test(forgets_what_is_never_finished),
        cmocka_unit_test(never_mixes_two_packets_of_one_id),
        cmocka_unit_test(packets_may_arrive_interleaved),
        cmocka_unit_test(noise_never_makes_another_packet),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
