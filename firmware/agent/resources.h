/* The agent's resources, as the CoAP server wants them. */
#ifndef SEK_AGENT_RESOURCES_H
#define SEK_AGENT_RESOURCES_H

#include "agent/agent.h"
#include "channel/server.h"

enum { SEK_AGENT_RESOURCES = 10 };

/* /.well-known/core, info, components, attest, store, csr, cert, release, log, log-cert. The
 * handlers' context is the agent. */
extern const struct sek_resource sek_agent_resources[SEK_AGENT_RESOURCES];

#endif
