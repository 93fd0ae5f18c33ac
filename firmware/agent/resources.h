/* The agent's resources, as the CoAP server wants them. */
#ifndef SEK_AGENT_RESOURCES_H
#define SEK_AGENT_RESOURCES_H

#include "agent/agent.h"
#include "channel/server.h"

enum { SEK_AGENT_RESOURCES = 10 };

/* /.well-known/core, info, components, attest, store, csr, cert, release, log. The handlers'
 * context is the agent. */
extern const struct sek_resource sek_agent_resources[SEK_AGENT_RESOURCES];

/* The server's tag function: SHA-256 over key, data and key, cut; ctx is the agent. */
void sek_agent_tag(void *ctx, const uint8_t *data, size_t len, uint8_t out[SEK_ECHO_TAG_LEN]);

#endif
