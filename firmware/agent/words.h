/* Words that a person types on the console. */
#ifndef SEK_AGENT_WORDS_H
#define SEK_AGENT_WORDS_H

#include "agent/agent.h"
#include "hal/uart.h"

/* Answers one line of text on uart: help, info, components, verify, attest NONCE, store,
 * gate, release. Nothing is printed of what the line says. An empty line is passed over. */
void sek_agent_word(struct sek_agent *agent, struct sek_bytes line, struct hal_uart *uart);

/* Says what the word gate says: for a gate whose state has changed. */
void sek_agent_say_gate(struct sek_agent *agent, struct hal_uart *uart);

#endif
