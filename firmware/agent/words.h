/* Words that a person types on the console. */
#ifndef SEK_AGENT_WORDS_H
#define SEK_AGENT_WORDS_H

#include "agent/agent.h"
#include "hal/uart.h"

/* Answers one line of text on uart: help, info, components, verify, attest NONCE, store. Nothing
 * is printed of what the line says. An empty line is passed over. */
void sek_agent_word(struct sek_agent *agent, struct sek_bytes line, struct hal_uart *uart);

#endif
