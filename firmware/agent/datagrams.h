/* Datagrams that have arrived go to the server, its answers back. */
#ifndef SEK_AGENT_DATAGRAMS_H
#define SEK_AGENT_DATAGRAMS_H

#include "channel/server.h"
#include "hal/net.h"

enum { SEK_DATAGRAMS_MAX = 16 }; /* in one call: others want to be served, too */

void sek_datagrams_serve(struct sek_server *server, struct hal_net *net, uint64_t now_ms);

#endif
