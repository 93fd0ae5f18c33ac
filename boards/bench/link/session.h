/* Requests and answers over a link. */
#ifndef SEK_BENCH_LINK_SESSION_H
#define SEK_BENCH_LINK_SESSION_H

#include "boards/bench/link/link.h"
#include "channel/client.h"

enum { SESSION_SECONDS = 120 }; /* for everything with one target, at most */

struct bench_session {
    struct bench_link *link;
    struct sek_client client;
    uint64_t deadline_ms; /* of the whole session */
    uint64_t wire; /* bytes of the last request that was answered, and of its answer, both ways */
};

/* Prepares a session; on a serial line waits for a beacon up to 6 s, or for 2 s of silence, so that
 * nothing is typed into a boot loader. seconds: for the whole session, 0: SESSION_SECONDS. False:
 * the link is gone. */
bool bench_session_start(struct bench_session *session, struct bench_link *link, unsigned seconds);

/* One request; an answer of 5.03 or 4.29 with Max-Age is waited for and asked again. body takes the
 * answer's content. False: no answer; *rule is BN-001 (gone), BN-002 (silent), BN-003 (lines came,
 * none of them whole) or BN-004 (busy to the end), why says it. */
bool bench_session_ask(struct bench_session *session, const struct sek_client_request *request,
                       uint8_t *body, size_t cap, struct sek_client_answer *answer, sek_rule *rule,
                       char why[LINK_WHY]);

#endif
