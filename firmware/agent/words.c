#include "agent/words.h"

#include "agent/gate.h"
#include "base/text.h"

#include <string.h>

enum { TOKEN_MAX = 16384, NAME_COLUMN = 25, WORD_COLUMN = 13 };

static struct sek_agent *agent_of(void *ctx)
{
    return ((struct sek_talk *)ctx)->agent;
}

static void say_number(struct sek_console *console, uint64_t value)
{
    char digits[21];
    size_t at = sizeof digits - 1;

    digits[at] = '\0';
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    sek_console_print(console, digits + at);
}

static void say_padded(struct sek_console *console, const char *text, size_t width)
{
    sek_console_print(console, text);
    for (size_t len = strlen(text); len < width; len++)
        sek_console_print(console, " ");
}

static void say_hex(struct sek_console *console, const uint8_t *data, size_t len)
{
    char hex[2 * 64 + 1];

    if (len <= 64) {
        sek_text_hex((struct sek_bytes){data, len}, hex);
        sek_console_print(console, hex);
    }
}

static void info(void *ctx, struct sek_console *console, struct sek_bytes rest)
{
    const struct sek_agent *agent = agent_of(ctx);

    (void)rest;
    sek_console_print(console, SEK_AGENT_NAME " " SEK_AGENT_VERSION ", ");
    sek_console_print(console, agent->config.assurance);
    sek_console_print(console, "\nmodel   ");
    sek_console_print(console, sek_inventory_model(agent->config.description));
    sek_console_print(console, "\nserial  ");
    sek_console_print(console, agent->serial_known ? agent->serial : "not known yet");
    sek_console_print(console, "\nueid    ");
    if (agent->serial_known)
        say_hex(console, agent->ueid, SEK_UEID_LEN);
    sek_console_print(console, "\nkey     ");
    say_hex(console, agent->identity.key_id, SEK_KID_LEN);
    sek_console_print(console, "\nread    ");
    say_number(console, agent->cycle.bytes_read);
    sek_console_print(console, " bytes, until ");
    say_number(console, agent->measured_at_ms);
    sek_console_print(console, " ms after the start");
    for (size_t i = 0; i < agent->config.pool_count; i++) {
        sek_console_print(console, i == 0 ? "\nmemory  " : ", ");
        sek_console_print(console, agent->config.pool[i].name);
        sek_console_print(console, " ");
        say_number(console, agent->config.pool[i].used());
    }
    if (agent->config.pool_count > 0)
        sek_console_print(console, " at most");
    sek_console_print(console,
                      "\nWhat runs here may be replaced by who holds the device: only signed "
                      "evidence,\nchecked by the bench, says something.\n");
}

static void store(void *ctx, struct sek_console *console, struct sek_bytes rest)
{
    const struct sek_agent *agent = agent_of(ctx);
    char id[SEK_RULE_TEXT_LEN + 1];

    (void)rest;
    if (!agent->trust.dtb) {
        sek_rule_format(agent->store_why.rule, id);
        sek_console_print(console, "no usable trust store: ");
        sek_console_print(console, id);
        sek_console_print(console, " ");
        sek_console_print(console, agent->store_why.fault.why ? agent->store_why.fault.why : "");
    } else {
        sek_console_print(console, "trust store ");
        say_number(console, agent->trust.serial);
        sek_console_print(console, " of ");
        sek_console_print(console, agent->trust.authority);
    }
    sek_console_print(console, "\n");
}

static void say_row(struct sek_console *console, const struct sek_row *row)
{
    char id[SEK_RULE_TEXT_LEN + 1];

    sek_rule_format(row->rule, id);
    say_padded(console, row->name, NAME_COLUMN);
    say_padded(console, sek_verdict_name(row->verdict), WORD_COLUMN);
    sek_console_print(console, id);
    sek_console_print(console, "\n");
}

static void components(void *ctx, struct sek_console *console, struct sek_bytes rest)
{
    const struct sek_cycle *cycle = &agent_of(ctx)->cycle;

    (void)rest;
    if (!cycle->complete) {
        sek_console_print(console,
                          cycle->running ? "measuring; ask again\n" : "nothing was measured\n");
        return;
    }
    for (size_t i = 0; i < cycle->row_count; i++) {
        if (!cycle->memory.row[i].container)
            say_row(console, &cycle->memory.row[i]);
    }
    sek_console_print(console, "advisory: ");
    sek_console_print(console, sek_outcome_name(sek_cycle_outcome(cycle)));
    sek_console_print(console, " (the bench decides)\n");
}

static void verify(void *ctx, struct sek_console *console, struct sek_bytes rest)
{
    (void)rest;
    sek_agent_measure(agent_of(ctx));
    sek_console_print(console, "measuring; then: components\n");
}

static int nibble(uint8_t c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_nonce(struct sek_bytes text, uint8_t nonce[SEK_NONCE_LEN])
{
    if (text.len != 2 * SEK_NONCE_LEN)
        return false;
    for (size_t i = 0; i < SEK_NONCE_LEN; i++) {
        int high = nibble(text.data[2 * i]), low = nibble(text.data[2 * i + 1]);

        if (high < 0 || low < 0)
            return false;
        nonce[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* Evidence for a nonce that somebody typed: copied from the screen it is as good as over a wire. */
static void attest(void *ctx, struct sek_console *console, struct sek_bytes rest)
{
    struct sek_agent *agent = agent_of(ctx);
    struct sek_challenge challenge = {.request = SEK_REQUEST_INVENTORY};
    uint8_t *token = agent->config.incoming;
    size_t len = 0, cap = agent->config.store_cap < TOKEN_MAX ? agent->config.store_cap : TOKEN_MAX;
    enum sek_status status;

    if (!read_nonce(rest, challenge.nonce)) {
        sek_console_print(console, "attest NONCE: 64 hex digits, new and random\n");
        return;
    }
    status = sek_agent_attest(agent, &challenge, token, cap, &len);
    if (status == SEK_OK) {
        sek_console_armour(console, "EVIDENCE", (struct sek_bytes){token, len});
    } else if (status == SEK_ERR_BUSY) {
        sek_console_print(console, "measuring; ask again\n");
    } else {
        sek_console_print(console, "no evidence: ");
        sek_console_print(console, sek_status_text(status));
        sek_console_print(console, "\n");
    }
}

static const char *gate_text(const struct sek_gate *gate)
{
    switch (gate->state) {
    case SEK_GATE_MEASURING:
        return "gate: measuring\n";
    case SEK_GATE_WAITING:
        return "gate: open; the system starts in a moment\n";
    case SEK_GATE_RELEASED:
        return "gate: released\n";
    case SEK_GATE_HELD:
        break;
    }
    return "gate: HELD, ";
}

void sek_agent_say_gate(const struct sek_agent *agent, struct sek_console *console)
{
    const struct sek_gate *gate = agent->gate;

    if (!gate) {
        sek_console_print(console, "this agent starts nothing\n");
        return;
    }
    sek_console_print(console, gate_text(gate));
    if (gate->state != SEK_GATE_HELD)
        return;
    sek_console_print(console, sek_outcome_name(gate->outcome));
    sek_console_print(console, ": ");
    sek_console_print(console, gate->why);
    sek_console_print(console, "\n");
    if (gate->worst)
        say_row(console, gate->worst);
    sek_console_print(console, "next: ");
    sek_console_print(console, gate->next(gate));
    sek_console_print(console, "\n");
}

static void gate(void *ctx, struct sek_console *console, struct sek_bytes rest)
{
    (void)rest;
    sek_agent_say_gate(agent_of(ctx), console);
}

/* A word typed by whoever holds the cable releases nothing. */
static void release(void *ctx, struct sek_console *console, struct sek_bytes rest)
{
    (void)rest;
    sek_console_print(console, agent_of(ctx)->gate
                                   ? "a release needs an officer's signed order: sekisho release\n"
                                   : "this agent starts nothing\n");
}

const struct sek_console_word sek_agent_words[SEK_AGENT_WORDS] = {
    {"help", "shows this", NULL},
    {"info", "who this is", info},
    {"components", "what was found, in the agent's own words", components},
    {"verify", "measures everything again", verify},
    {"attest", "NONCE: signed evidence as text", attest},
    {"store", "which trust store is used", store},
    {"gate", "whether the system may start, and why not", gate},
    {"release", "how a held system is started all the same", release},
};
