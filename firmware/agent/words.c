#include "agent/words.h"

#include "agent/gate.h"
#include "base/text.h"

#include <string.h>

enum { TOKEN_MAX = 16384, BASE64_LINE = 48 }; /* bytes of a token; of one line: 64 characters */

struct talk {
    struct sek_agent *agent;
    struct sek_bytes argument;
    struct hal_uart *uart;
};

/* The line may be gone; then nobody reads this. */
static void say(const struct talk *t, const char *text)
{
    (void)!t->uart->write(t->uart, text, strlen(text));
}

static void say_number(const struct talk *t, uint64_t value)
{
    char digits[21];
    size_t at = sizeof digits - 1;

    digits[at] = '\0';
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    say(t, digits + at);
}

static void say_padded(const struct talk *t, const char *text, size_t width)
{
    say(t, text);
    for (size_t len = strlen(text); len < width; len++)
        say(t, " ");
}

static void say_hex(const struct talk *t, const uint8_t *data, size_t len)
{
    char hex[2 * 64 + 1];

    if (len <= 64) {
        sek_text_hex((struct sek_bytes){data, len}, hex);
        say(t, hex);
    }
}

static void info(const struct talk *t)
{
    const struct sek_agent *agent = t->agent;
    const char *model = sek_inventory_model(agent->config.description);
    char clean[64];

    say(t, SEK_AGENT_NAME " " SEK_AGENT_VERSION ", ");
    say(t, sek_mode_name(agent->config.mode));
    sek_text_clean((struct sek_bytes){(const uint8_t *)model, strlen(model)}, clean, sizeof clean);
    say(t, "\r\nmodel   ");
    say(t, clean);
    sek_text_clean((struct sek_bytes){(const uint8_t *)agent->serial, strlen(agent->serial)}, clean,
                   sizeof clean);
    say(t, "\r\nserial  ");
    say(t, agent->serial_known ? clean : "not known yet");
    say(t, "\r\nueid    ");
    if (agent->serial_known)
        say_hex(t, agent->ueid, SEK_UEID_LEN);
    say(t, "\r\nkey     ");
    say_hex(t, agent->identity.key_id, SEK_KID_LEN);
    say(t, "\r\nWhat runs here may be replaced by who holds the device: only signed evidence,\r\n"
           "checked by the bench, says something.\r\n");
}

static void store(const struct talk *t)
{
    const struct sek_agent *agent = t->agent;
    char id[SEK_RULE_TEXT_LEN + 1], clean[96];

    if (!agent->trust.dtb) {
        sek_rule_format(agent->store_why.rule, id);
        say(t, "no usable trust store: ");
        say(t, id);
        say(t, " ");
        say(t, agent->store_why.fault.why ? agent->store_why.fault.why : "");
        say(t, "\r\n");
        return;
    }
    sek_text_clean(
        (struct sek_bytes){(const uint8_t *)agent->trust.authority, strlen(agent->trust.authority)},
        clean, sizeof clean);
    say(t, "trust store ");
    say_number(t, agent->trust.serial);
    say(t, " of ");
    say(t, clean);
    say(t, "\r\n");
}

static void components(const struct talk *t)
{
    const struct sek_cycle *cycle = &t->agent->cycle;

    if (!cycle->complete) {
        say(t, cycle->running ? "measuring; ask again\r\n" : "nothing was measured\r\n");
        return;
    }
    for (size_t i = 0; i < cycle->row_count; i++) {
        const struct sek_row *row = &cycle->memory.row[i];
        char id[SEK_RULE_TEXT_LEN + 1];

        if (row->container)
            continue;
        sek_rule_format(row->rule, id);
        say_padded(t, row->name, 24);
        say(t, " ");
        say_padded(t, sek_verdict_name(row->verdict), 13);
        say(t, id);
        say(t, "\r\n");
    }
    say(t, "advisory: ");
    say(t, sek_outcome_name(sek_cycle_outcome(cycle)));
    say(t, " (the bench decides)\r\n");
}

static void verify(const struct talk *t)
{
    sek_agent_measure(t->agent);
    say(t, "measuring; then: components\r\n");
}

static int nibble(uint8_t c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* RFC 4648, section 4, in lines of 64 characters. */
static void say_base64(const struct talk *t, const uint8_t *data, size_t len)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char group[5] = "";

    for (size_t i = 0; i < len; i += 3) {
        uint32_t bits = (uint32_t)data[i] << 16;

        if (i + 1 < len)
            bits |= (uint32_t)data[i + 1] << 8;
        if (i + 2 < len)
            bits |= data[i + 2];
        for (unsigned k = 0; k < 4; k++)
            group[k] = i + k > len ? '=' : alphabet[bits >> (18 - 6 * k) & 0x3f];
        say(t, group);
        if (i % BASE64_LINE == BASE64_LINE - 3)
            say(t, "\r\n");
    }
    if (len % BASE64_LINE != 0)
        say(t, "\r\n");
}

/* Evidence for a nonce that somebody typed: copied from the screen it is as good as over a wire. */
static void attest(const struct talk *t)
{
    struct sek_challenge challenge = {.request = SEK_REQUEST_INVENTORY};
    uint8_t *token = t->agent->config.incoming;
    size_t len = 0;
    enum sek_status status;

    if (t->argument.len != 2 * SEK_NONCE_LEN || t->agent->config.store_cap < TOKEN_MAX) {
        say(t, "attest NONCE: 64 hex digits, new and random\r\n");
        return;
    }
    for (size_t i = 0; i < SEK_NONCE_LEN; i++) {
        int high = nibble(t->argument.data[2 * i]), low = nibble(t->argument.data[2 * i + 1]);

        if (high < 0 || low < 0) {
            say(t, "attest NONCE: 64 hex digits, new and random\r\n");
            return;
        }
        challenge.nonce[i] = (uint8_t)(high << 4 | low);
    }
    status = sek_agent_attest(t->agent, &challenge, token, TOKEN_MAX, &len);
    if (status != SEK_OK) {
        say(t, status == SEK_ERR_BUSY ? "measuring; ask again\r\n" : "no evidence: ");
        if (status != SEK_ERR_BUSY) {
            say(t, sek_status_text(status));
            say(t, "\r\n");
        }
        return;
    }
    say(t, "-----BEGIN SEKISHO EVIDENCE-----\r\n");
    say_base64(t, token, len);
    say(t, "-----END SEKISHO EVIDENCE-----\r\n");
}

static void say_row(const struct talk *t, const struct sek_row *row)
{
    char id[SEK_RULE_TEXT_LEN + 1];

    sek_rule_format(row->rule, id);
    say(t, "  ");
    say(t, row->name);
    say(t, " ");
    say(t, sek_verdict_name(row->verdict));
    say(t, " ");
    say(t, id);
    say(t, "\r\n");
}

static void gate(const struct talk *t)
{
    const struct sek_gate *g = t->agent->gate;

    if (!g) {
        say(t, "this agent starts nothing\r\n");
        return;
    }
    switch (g->state) {
    case SEK_GATE_MEASURING:
        say(t, "gate: measuring\r\n");
        return;
    case SEK_GATE_WAITING:
        say(t, "gate: open; the system starts in a moment\r\n");
        return;
    case SEK_GATE_RELEASED:
        say(t, "gate: released\r\n");
        return;
    case SEK_GATE_HELD:
        break;
    }
    say(t, "gate: HELD, ");
    say(t, sek_outcome_name(g->outcome));
    say(t, ": ");
    say(t, g->why);
    say(t, "\r\n");
    if (g->worst)
        say_row(t, g->worst);
    say(t, "  next: ");
    say(t, sek_gate_next(g));
    say(t, "\r\n");
}

/* A word typed by whoever holds the cable releases nothing. */
static void release(const struct talk *t)
{
    say(t, t->agent->gate ? "a release needs an officer's signed order: sekisho release\r\n"
                          : "this agent starts nothing\r\n");
}

void sek_agent_say_gate(struct sek_agent *agent, struct hal_uart *uart)
{
    gate(&(struct talk){agent, {NULL, 0}, uart});
}

static void help(const struct talk *t);

static const struct {
    const char *word, *meaning;
    void (*answer)(const struct talk *t);
} words[] = {
    {"help", "shows this", help},
    {"info", "who this is", info},
    {"components", "what was found, in the agent's own words", components},
    {"verify", "measures everything again", verify},
    {"attest", "NONCE: signed evidence as text", attest},
    {"store", "which trust store is used", store},
    {"gate", "whether the system may start, and why not", gate},
    {"release", "how a held system is started all the same", release},
};

static void help(const struct talk *t)
{
    for (size_t i = 0; i < SEK_LEN(words); i++) {
        say_padded(t, words[i].word, 12);
        say(t, words[i].meaning);
        say(t, "\r\n");
    }
}

void sek_agent_word(struct sek_agent *agent, struct sek_bytes line, struct hal_uart *uart)
{
    struct talk t = {agent, {NULL, 0}, uart};
    const uint8_t *space;

    while (line.len > 0 && line.data[0] == ' ') {
        line.data++;
        line.len--;
    }
    while (line.len > 0 && line.data[line.len - 1] == ' ')
        line.len--;
    if (line.len == 0)
        return;
    space = memchr(line.data, ' ', line.len);
    if (space) {
        t.argument = (struct sek_bytes){space + 1, line.len - (size_t)(space + 1 - line.data)};
        line.len = (size_t)(space - line.data);
    }
    for (size_t i = 0; i < SEK_LEN(words); i++) {
        if (strlen(words[i].word) == line.len && memcmp(words[i].word, line.data, line.len) == 0) {
            words[i].answer(&t);
            return;
        }
    }
    say(&t, "no such word; help lists them\r\n");
}
