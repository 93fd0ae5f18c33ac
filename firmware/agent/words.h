/* Words that a person types on the console. */
#ifndef SEK_AGENT_WORDS_H
#define SEK_AGENT_WORDS_H

#include "agent/agent.h"
#include "channel/console.h"
#include "hal/uart.h"

/* What the words talk of, and where: the context of their console. */
struct sek_talk {
    struct sek_agent *agent;
    struct hal_uart *uart;
};

enum { SEK_AGENT_WORDS = 8 };

/* help, info, components, verify, attest NONCE, store, gate, release; the handlers' context is a
 * struct sek_talk. Nothing is printed of what the line says. */
extern const struct sek_console_word sek_agent_words[SEK_AGENT_WORDS];

/* Says what the word gate says: for a gate whose state has changed. */
void sek_agent_say_gate(const struct sek_agent *agent, struct sek_console *console);

#endif
