/* The console: words, editing, and frames on the same line. */
#include "channel/console.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct rig {
    struct sek_console console;
    struct sek_frame_slot slot;
    uint8_t data[512];
    char out[8192];
    size_t len, packets;
    char rest[128]; /* of the last word */
    size_t words;
    uint64_t now_ms;
};

static void take(void *ctx, const char *text, size_t len)
{
    struct rig *rig = ctx;

    assert_true(len < sizeof rig->out - rig->len);
    memcpy(rig->out + rig->len, text, len);
    rig->len += len;
    rig->out[rig->len] = 0;
}

static void echo_word(void *ctx, struct sek_console *console, struct sek_bytes rest)
{
    struct rig *rig = ctx;

    rig->words++;
    assert_true(rest.len < sizeof rig->rest);
    memcpy(rig->rest, rest.data, rest.len);
    rig->rest[rest.len] = 0;
    sek_console_print(console, "done\n");
}

static const struct sek_console_word words[] = {
    {"help", "lists the words", NULL},
    {"verify", "measures everything again", echo_word},
    {"components", "shows what is on board", echo_word},
};

static void rig_open(struct rig *rig)
{
    memset(rig, 0, sizeof *rig);
    rig->slot.data = rig->data;
    rig->slot.cap = sizeof rig->data;
    sek_console_init(&rig->console, &(struct sek_console_config){.word = words,
                                                                 .word_count = SEK_LEN(words),
                                                                 .ctx = rig,
                                                                 .write = take,
                                                                 .accept = "q",
                                                                 .slot = &rig->slot,
                                                                 .slot_count = 1});
}

static void type(struct rig *rig, const char *text)
{
    struct sek_frame_packet packet;

    for (; *text; text++)
        rig->packets += sek_console_push(&rig->console, (uint8_t)*text, rig->now_ms, &packet);
}

#define FRAME   "@SK1q33.00.00.ABdEAX0zAQIDA7dzZWtpc2hvBGluZm-SxQ.BD01"
#define LONG    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define UNKNOWN "unknown word; help lists them\r\n"

static void says_what_is_expected(void **state)
{
    static const struct {
        const char *name;
        const char *typed;
        const char *out;
        size_t words, packets;
    } rows[] = {
        {"a word", "verify\r", "verify\r\ndone\r\n", 1, 0},
        {"a word with CR LF", "verify\r\n", "verify\r\ndone\r\n", 1, 0},
        {"a word between spaces", "  verify  \n", "  verify  \r\ndone\r\n", 1, 0},
        {"nothing to an empty line", "\r\n\r\n\n", "", 0, 0},
        {"nothing to a line of spaces", "  \n", "  \r\n", 0, 0},
        {"help", "help\n",
         "help\r\n"
         "  help        lists the words\r\n"
         "  verify      measures everything again\r\n"
         "  components  shows what is on board\r\n",
         0, 0},
        {"an unknown word", "login\n", "login\r\n" UNKNOWN, 0, 0},
        {"the beginning of a word", "ver\n", "ver\r\n" UNKNOWN, 0, 0},
        {"a word that goes on", "verifyx\n", "verifyx\r\n" UNKNOWN, 0, 0},
        {"words are lower case", "VERIFY\n", "VERIFY\r\n" UNKNOWN, 0, 0},
        {"backspace", "vex\brify\n", "vex\b \brify\r\ndone\r\n", 1, 0},
        {"delete", "\177vex\177rify\n", "vex\b \brify\r\ndone\r\n", 1, 0},
        {"control-C drops the line", "ver\3verify\n", "ver\r\nverify\r\ndone\r\n", 1, 0},
        {"control-U drops the line", "ver\25verify\n", "ver\r\nverify\r\ndone\r\n", 1, 0},
        {"a line that is too long is dropped", LONG LONG "\nverify\n",
         LONG "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\nverify\r\ndone\r\n", 1, 0},
        {"a control character spoils its line", "ver\33ify\nverify\n", "ver\r\nverify\r\ndone\r\n",
         1, 0},
        {"a high byte spoils its line", "verify\377\n", "verify\r\n", 0, 0},
        {"a frame is neither echoed nor answered", "\r\n" FRAME "\r\n", "", 0, 1},
        {"a broken frame is neither", "\r\n@SK1q33.0verify\r\nhelpx", "helpx", 0, 0},
        {"a frame that lost its head is no word", "q33.00.00.ABdE.BD01\n", "q33\r\n", 0, 0},
        {"a frame behind a half-typed word", "verify" FRAME "\r\n", "verify", 0, 1},
        {"a broken frame behind a half-typed word", "verify@SK1q33.\n\n", "verify", 0, 0},
        {"a word behind a frame on its line", FRAME "verify\n", "", 0, 1},
    };

    (void)state;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        struct rig rig;

        print_message("%s\n", rows[i].name);
        rig_open(&rig);
        type(&rig, rows[i].typed);
        assert_string_equal(rig.out, rows[i].out);
        assert_int_equal(rig.words, rows[i].words);
        assert_int_equal(rig.packets, rows[i].packets);
    }
}

static void hands_over_what_follows_the_word(void **state)
{
    struct rig rig;

    (void)state;
    rig_open(&rig);
    type(&rig, "verify   now  and  then \n");
    assert_string_equal(rig.rest, "now  and  then");
    type(&rig, "verify " LONG "\n");
    assert_string_equal(rig.rest, LONG);
}

static void no_text_can_be_taken_for_a_frame(void **state)
{
    struct sek_frame_decoder decoder;
    struct sek_frame_packet packet;
    struct rig rig;

    (void)state;
    rig_open(&rig);
    sek_console_print(&rig.console, "vendor " FRAME "\n\x1b[31mred\xff");
    assert_non_null(strstr(rig.out, "vendor (at)SK1q33."));
    assert_non_null(strstr(rig.out, "\r\n?[31mred?"));
    sek_frame_decoder_init(&decoder, "q", &rig.slot, 1);
    for (size_t i = 0; i < rig.len; i++)
        assert_int_not_equal(sek_frame_push(&decoder, (uint8_t)rig.out[i], 0, &packet),
                             SEK_FRAME_PACKET);
}

static void sends_packets_as_frames(void **state)
{
    static const uint8_t body[100] = {1};
    struct sek_frame_decoder decoder;
    struct sek_frame_packet packet = {0};
    struct rig rig;
    size_t packets = 0;

    (void)state;
    rig_open(&rig);
    assert_int_equal(sek_console_send(&rig.console, SEK_FRAME_RESPONSE, 7,
                                      (struct sek_bytes){.data = body, .len = sizeof body}),
                     SEK_OK);
    assert_memory_equal(rig.out, "\r\n@SK1r07.00.02.", 16);
    sek_frame_decoder_init(&decoder, "r", &rig.slot, 1);
    for (size_t i = 0; i < rig.len; i++)
        packets += sek_frame_push(&decoder, (uint8_t)rig.out[i], 0, &packet) == SEK_FRAME_PACKET;
    assert_int_equal(packets, 1);
    assert_int_equal(packet.body.len, sizeof body);
    rig.len = 0;
    assert_int_equal(sek_console_send(&rig.console, SEK_FRAME_RESPONSE, 7, (struct sek_bytes){0}),
                     SEK_ERR_RANGE);
    assert_int_equal(rig.len, 0);
}

static void armour_is_base64_in_lines_of_64(void **state)
{
    static const struct {
        size_t len;
        const char *out;
    } rows[] = {
        {0, ""},
        {1, "AA=="},
        {2, "AAE="},
        {3, "AAEC"},
        {4, "AAECAw=="},
        {48, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4v"},
        {49, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4v\r\nMA=="},
    };
    uint8_t bytes[64];

    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)i;
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        char expected[256] = "-----BEGIN SEKISHO EVIDENCE-----\r\n";
        struct rig rig;

        strcat(expected, rows[i].out);
        strcat(expected, rows[i].len > 0 ? "\r\n" : "");
        strcat(expected, "-----END SEKISHO EVIDENCE-----\r\n");
        rig_open(&rig);
        sek_console_armour(&rig.console, "EVIDENCE",
                           (struct sek_bytes){.data = bytes, .len = rows[i].len});
        assert_string_equal(rig.out, expected);
    }
}

static void knows_when_the_line_is_open(void **state)
{
    struct rig rig;

    (void)state;
    rig_open(&rig);
    assert_false(sek_console_is_open(&rig.console, 0));
    rig.now_ms = 1000;
    type(&rig, "ver");
    assert_true(sek_console_is_open(&rig.console, 1000 + SEK_CONSOLE_OPEN_MS));
    assert_false(sek_console_is_open(&rig.console, 1001 + SEK_CONSOLE_OPEN_MS));
    type(&rig, "\n");
    assert_false(sek_console_is_open(&rig.console, 1000));
    type(&rig, FRAME);
    assert_true(sek_console_is_open(&rig.console, 1000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_is_expected),
        cmocka_unit_test(hands_over_what_follows_the_word),
        cmocka_unit_test(no_text_can_be_taken_for_a_frame),
        cmocka_unit_test(sends_packets_as_frames),
        cmocka_unit_test(armour_is_base64_in_lines_of_64),
        cmocka_unit_test(knows_when_the_line_is_open),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
