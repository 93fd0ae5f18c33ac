/* The console of a device: people type words, the bench sends frames, on the same line.
 *
 * Bytes that belong to frames (frame.h) go to the decoder and are not echoed; all others make up a
 * line, which is looked up in a table of words. There is no prompt and nothing is said to an empty
 * line, so that the lead CR LF of a burst of frames stays unanswered. */
#ifndef SEK_CHANNEL_CONSOLE_H
#define SEK_CHANNEL_CONSOLE_H

#include "channel/frame.h"

enum {
    SEK_CONSOLE_LINE_MAX = 96, /* characters: "attest" and 64 hex digits fit */
    SEK_CONSOLE_OPEN_MS = 200, /* a line that rests longer is taken as left */
    SEK_CONSOLE_HELP_COLUMN = 12,
};

struct sek_console;

/* One word; handle gets what stands behind the word, without outer spaces, borrowed. */
struct sek_console_word {
    const char *word; /* lower case */
    const char *help; /* one line */
    void (*handle)(void *ctx, struct sek_console *console, struct sek_bytes rest);
};

struct sek_console_config {
    const struct sek_console_word *word;
    size_t word_count;
    void *ctx; /* handed to words and to write */
    /* Writes all of it; waits as long as the line needs, but not without a limit. */
    void (*write)(void *ctx, const char *text, size_t len);
    const char *accept; /* kinds of frames taken: "q" on a device */
    struct sek_frame_slot *slot;
    size_t slot_count;
};

/* The fields are its own. */
struct sek_console {
    struct sek_console_config config;
    struct sek_frame_decoder decoder;
    char line[SEK_CONSOLE_LINE_MAX];
    size_t len;
    bool spoiled; /* too long, or not what a person types: not looked up */
    bool open;    /* bytes came since the last line end */
    uint64_t heard_ms;
};

/* The config is copied; what it points to is borrowed. */
void sek_console_init(struct sek_console *console, const struct sek_console_config *config);

/* Takes one byte from the line. True: *packet holds a whole packet (borrowed until the next push).
 * Runs the word's handler when a line ends; it may call sek_console_print and the like. */
bool sek_console_push(struct sek_console *console, uint8_t byte, uint64_t now_ms,
                      struct sek_frame_packet *packet);

/* Is the other side in the middle of a line? Then frames of ours wait. */
bool sek_console_is_open(const struct sek_console *console, uint64_t now_ms);

/* Writes text for people: '\n' becomes CR LF, '@' becomes "(at)" so that no text of ours can be
 * taken for a frame, and what is not printable ASCII becomes '?'. */
void sek_console_print(struct sek_console *console, const char *text);

/* The same for bytes that are not terminated. */
void sek_console_print_bytes(struct sek_console *console, struct sek_bytes text);

/* Writes bytes between "-----BEGIN SEKISHO label-----" and its END, as base64 in lines of 64. */
void sek_console_armour(struct sek_console *console, const char *label, struct sek_bytes bytes);

/* Writes one packet as frames, led by CR LF. SEK_ERR_RANGE as sek_frame_begin; nothing written. */
SEK_CHECKED enum sek_status sek_console_send(struct sek_console *console, enum sek_frame_kind kind,
                                             uint8_t mid, struct sek_bytes body);

#endif
