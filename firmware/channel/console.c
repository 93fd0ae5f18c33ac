#include "channel/console.h"

#include <string.h>

enum { BACKSPACE = 8, DELETE = 127, CANCEL = 3, KILL = 21, ARMOUR_OCTETS = 48 };

void sek_console_init(struct sek_console *console, const struct sek_console_config *config)
{
    *console = (struct sek_console){.config = *config};
    sek_frame_decoder_init(&console->decoder, config->accept, config->slot, config->slot_count);
}

static void write_raw(struct sek_console *console, const char *text, size_t len)
{
    console->config.write(console->config.ctx, text, len);
}

static bool printable(uint8_t byte)
{
    return byte >= ' ' && byte <= '~';
}

void sek_console_print_bytes(struct sek_console *console, struct sek_bytes text)
{
    size_t start = 0;

    for (size_t i = 0; i <= text.len; i++) {
        if (i < text.len && printable(text.data[i]) && text.data[i] != '@')
            continue;
        if (i > start)
            write_raw(console, (const char *)text.data + start, i - start);
        start = i + 1;
        if (i == text.len)
            break;
        if (text.data[i] == '\n')
            write_raw(console, "\r\n", 2);
        else if (text.data[i] == '@')
            write_raw(console, "(at)", 4);
        else
            write_raw(console, "?", 1);
    }
}

void sek_console_print(struct sek_console *console, const char *text)
{
    sek_console_print_bytes(console,
                            (struct sek_bytes){.data = (const uint8_t *)text, .len = strlen(text)});
}

void sek_console_armour(struct sek_console *console, const char *label, struct sek_bytes bytes)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    sek_console_print(console, "-----BEGIN SEKISHO ");
    sek_console_print(console, label);
    sek_console_print(console, "-----\n");
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t left = bytes.len - i;
        uint32_t bits = (uint32_t)bytes.data[i] << 16;
        char four[4] = {0, 0, '=', '='};

        if (left > 1)
            bits |= (uint32_t)bytes.data[i + 1] << 8;
        if (left > 2)
            bits |= bytes.data[i + 2];
        for (size_t at = 0; at < 4 && at <= left; at++)
            four[at] = alphabet[bits >> (18 - 6 * at) & 63];
        write_raw(console, four, sizeof four);
        if (left <= 3 || (i + 3) % ARMOUR_OCTETS == 0)
            write_raw(console, "\r\n", 2);
    }
    sek_console_print(console, "-----END SEKISHO ");
    sek_console_print(console, label);
    sek_console_print(console, "-----\n");
}

enum sek_status sek_console_send(struct sek_console *console, enum sek_frame_kind kind, uint8_t mid,
                                 struct sek_bytes body)
{
    struct sek_frame_encoder encoder;
    char line[SEK_FRAME_LINE_MAX + 2];
    size_t len;
    enum sek_status status = sek_frame_begin(&encoder, kind, mid, body);

    if (status != SEK_OK)
        return status;
    write_raw(console, "\r\n", 2);
    while ((len = sek_frame_next_line(&encoder, line)) > 0)
        write_raw(console, line, len);
    return SEK_OK;
}

bool sek_console_is_open(const struct sek_console *console, uint64_t now_ms)
{
    return console->open && now_ms - console->heard_ms <= SEK_CONSOLE_OPEN_MS;
}

static void help(struct sek_console *console)
{
    static const char spaces[SEK_CONSOLE_HELP_COLUMN + 1] = "            ";

    for (size_t i = 0; i < console->config.word_count; i++) {
        const struct sek_console_word *row = &console->config.word[i];
        size_t len = strlen(row->word);

        sek_console_print(console, "  ");
        sek_console_print(console, row->word);
        sek_console_print(console, spaces + (len < SEK_CONSOLE_HELP_COLUMN - 1
                                                 ? len
                                                 : (size_t)SEK_CONSOLE_HELP_COLUMN - 1));
        sek_console_print(console, row->help);
        sek_console_print(console, "\n");
    }
}

/* Looks the line up and runs its word. */
static void run_line(struct sek_console *console)
{
    struct sek_bytes rest = {.data = (const uint8_t *)console->line, .len = console->len};
    size_t word = 0;

    while (rest.len > 0 && rest.data[rest.len - 1] == ' ')
        rest.len--;
    while (rest.len > 0 && *rest.data == ' ')
        rest = (struct sek_bytes){.data = rest.data + 1, .len = rest.len - 1};
    while (word < rest.len && rest.data[word] != ' ')
        word++;
    if (word == 0)
        return;
    for (size_t i = 0; i < console->config.word_count; i++) {
        const struct sek_console_word *row = &console->config.word[i];

        if (strlen(row->word) != word || memcmp(row->word, rest.data, word) != 0)
            continue;
        rest = (struct sek_bytes){.data = rest.data + word, .len = rest.len - word};
        while (rest.len > 0 && *rest.data == ' ')
            rest = (struct sek_bytes){.data = rest.data + 1, .len = rest.len - 1};
        if (row->handle)
            row->handle(console->config.ctx, console, rest);
        else
            help(console);
        return;
    }
    sek_console_print(console, "unknown word; help lists them\n");
}

static void end_line(struct sek_console *console)
{
    bool told = console->len > 0 || console->spoiled;

    if (told)
        write_raw(console, "\r\n", 2);
    if (!console->spoiled)
        run_line(console);
    console->len = 0;
    console->spoiled = false;
}

/* What a person types: letters, digits, and what arguments need. The rest is noise or a broken
 * frame, which is never looked up. */
static bool typed(uint8_t byte)
{
    return printable(byte) && byte != '.' && byte != '@';
}

static void edit(struct sek_console *console, uint8_t byte)
{
    if (byte == '\r' || byte == '\n') {
        end_line(console);
    } else if (byte == BACKSPACE || byte == DELETE) {
        if (console->len > 0 && !console->spoiled) {
            console->len--;
            write_raw(console, "\b \b", 3);
        }
    } else if (byte == CANCEL || byte == KILL) {
        console->spoiled = true;
        end_line(console);
    } else if (!typed(byte) || console->len == sizeof console->line) {
        console->spoiled = true;
    } else if (!console->spoiled) {
        console->line[console->len++] = (char)byte;
        write_raw(console, (const char *)&byte, 1);
    }
}

bool sek_console_push(struct sek_console *console, uint8_t byte, uint64_t now_ms,
                      struct sek_frame_packet *packet)
{
    console->open = byte != '\r' && byte != '\n';
    console->heard_ms = now_ms;
    switch (sek_frame_push(&console->decoder, byte, now_ms, packet)) {
    case SEK_FRAME_TEXT:
        edit(console, byte);
        return false;
    case SEK_FRAME_HELD:
        if (!console->open) /* what stood before a broken frame on its line is no command */
            console->len = 0;
        return false;
    case SEK_FRAME_PACKET:
        console->len = 0;
        console->spoiled = false;
        return true;
    }
    return false;
}
