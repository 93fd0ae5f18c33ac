#define _GNU_SOURCE
#include "boards/bench/link/session.h"

#include "hal/linux/entropy.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { BEACON_MS = 6000, SILENCE_MS = 2000, PAUSE_MAX_S = 10 };

/* Hears for a beacon, or for silence long enough. */
static bool listen_first(struct bench_link *link)
{
    uint64_t end = bench_now_ms() + BEACON_MS, quiet_since = bench_now_ms();
    uint64_t heard = link->bytes_in;

    while (bench_now_ms() < end && link->beacons == 0) {
        struct sek_bytes packet;
        uint64_t quiet_until = quiet_since + SILENCE_MS;
        int status = bench_link_receive(link, bench_now_ms() + 100, &packet);

        if (status < 0)
            return false;
        if (link->bytes_in != heard) {
            heard = link->bytes_in;
            quiet_since = bench_now_ms();
        } else if (bench_now_ms() >= quiet_until) {
            return true;
        }
    }
    return true;
}

bool bench_session_start(struct bench_session *session, struct bench_link *link, unsigned seconds)
{
    struct sek_client_config config = {
        .szx = link->framed ? 5 : 6,
        .szx_min = 3,
        .token_len = link->framed ? 4 : 8,
    };

    unsigned limit = seconds > 0 && seconds < SESSION_SECONDS ? seconds : SESSION_SECONDS;

    *session = (struct bench_session){.link = link,
                                      .deadline_ms = bench_now_ms() + 1000 * (uint64_t)limit};
    if (linux_entropy.read(&linux_entropy, &config.seed, sizeof config.seed) != SEK_OK ||
        sek_client_init(&session->client, &config) != SEK_OK)
        return false;
    return !link->wait_for_beacon || listen_first(link);
}

/* Drives one exchange to its end. False: the link is gone. */
static bool exchange(struct bench_session *session)
{
    struct sek_client *client = &session->client;

    while (sek_client_state(client) == SEK_CLIENT_RUNNING) {
        uint8_t packet[SEK_COAP_PACKET_MAX];
        struct sek_bytes arrived;
        uint64_t wake;
        size_t len;
        int status;

        while ((len = sek_client_poll(client, bench_now_ms(), packet, sizeof packet)) > 0) {
            if (!bench_link_send(session->link, (struct sek_bytes){packet, len}))
                return false;
        }
        if (sek_client_state(client) != SEK_CLIENT_RUNNING)
            break;
        wake = sek_client_next_ms(client);
        if (wake > session->deadline_ms)
            wake = session->deadline_ms;
        status = bench_link_receive(session->link, wake, &arrived);
        if (status < 0)
            return false;
        if (status > 0)
            sek_client_input(client, bench_now_ms(), arrived);
        else if (bench_now_ms() >= session->deadline_ms)
            break;
    }
    /* What is still owed, an acknowledgement, goes out as well. */
    for (;;) {
        uint8_t packet[SEK_COAP_PACKET_MAX];
        size_t len = sek_client_poll(client, bench_now_ms(), packet, sizeof packet);

        if (len == 0)
            return true;
        if (!bench_link_send(session->link, (struct sek_bytes){packet, len}))
            return false;
    }
}

static void pause_for(struct bench_session *session, int64_t seconds)
{
    uint64_t until = bench_now_ms() + (uint64_t)(seconds < 1             ? 1
                                                 : seconds > PAUSE_MAX_S ? PAUSE_MAX_S
                                                                         : seconds) *
                                          1000;
    struct sek_bytes packet;

    while (bench_now_ms() < until && bench_link_receive(session->link, until, &packet) > 0)
        ; /* late answers are nobody's */
}

static bool fail(sek_rule *rule, sek_rule id, char why[LINK_WHY], const char *text)
{
    *rule = id;
    snprintf(why, LINK_WHY, "%s", text);
    return false;
}

bool bench_session_ask(struct bench_session *session, const struct sek_client_request *request,
                       uint8_t *body, size_t cap, struct sek_client_answer *answer, sek_rule *rule,
                       char why[LINK_WHY])
{
    struct sek_client *client = &session->client;
    const struct bench_link *link = session->link;
    unsigned packets = link->packets, begun = link->begun;

    while (bench_now_ms() < session->deadline_ms) {
        uint64_t before = link->bytes_out + link->bytes_in;

        if (sek_client_start(client, request, body, cap) != SEK_OK)
            return fail(rule, SEK_RULE(BN, 2), why, "the request is too long");
        if (!exchange(session))
            return fail(rule, SEK_RULE(BN, 1), why,
                        link->refused ? "nobody listens at that port" : "the connection is gone");
        if (sek_client_state(client) != SEK_CLIENT_DONE && link->packets == packets &&
            link->begun > begun)
            return fail(rule, SEK_RULE(BN, 3), why, "answers begin, but none arrives undamaged");
        if (sek_client_state(client) != SEK_CLIENT_DONE)
            return fail(rule, SEK_RULE(BN, 2), why,
                        client->fault.why ? client->fault.why : "no answer in time");
        if (client->answer.code != SEK_COAP_UNAVAILABLE &&
            client->answer.code != SEK_COAP_TOO_MANY) {
            *answer = client->answer;
            session->wire = link->bytes_out + link->bytes_in - before;
            return true;
        }
        pause_for(session, client->answer.max_age_s);
    }
    return fail(rule, SEK_RULE(BN, 4), why, "busy to the end of the time");
}
