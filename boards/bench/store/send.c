#include "boards/bench/store/store.h"

#include "boards/bench/files.h"
#include "boards/bench/link/session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { STORE_FILE_MAX = 1024 * 1024 };

/* What a device says about a store that it does not take. */
static int refused(const char *path, const char *target, unsigned code)
{
    static const struct {
        uint8_t code;
        sek_rule rule;
        const char *why;
    } rows[] = {
        {SEK_COAP_FORBIDDEN, SEK_RULE(TS, 2), "not signed by the authority that it takes"},
        {SEK_COAP_CONFLICT, SEK_RULE(TS, 4), "older than the one that it has, or it keeps none"},
        {SEK_COAP_BAD_REQUEST, SEK_RULE(TS, 5), "not a whole store"},
        {SEK_COAP_TOO_LARGE, SEK_RULE(TS, 5), "larger than its memory for one"},
    };

    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        if (rows[i].code == code)
            return bench_fail(false, BENCH_EXIT_TRUST, rows[i].rule, "%s: %s refuses it: %s", path,
                              target, rows[i].why);
    }
    return bench_fail(false, BENCH_EXIT_REACH, SEK_RULE(BN, 2), "%s: %s does not take it (%u.%02u)",
                      path, target, code >> 5, code & 0x1f);
}

static int send_over(struct bench_session *session, const char *path, const char *target,
                     struct sek_bytes store)
{
    const struct sek_client_request request = {.method = SEK_COAP_PUT,
                                               .path = "sekisho/store",
                                               .content_format = -1,
                                               .accept = -1,
                                               .payload = store};
    uint8_t body[SEK_COAP_PACKET_MAX];
    struct sek_client_answer answer;
    char why[LINK_WHY];
    sek_rule rule;

    if (!bench_session_ask(session, &request, body, sizeof body, &answer, &rule, why))
        return bench_fail(false, BENCH_EXIT_REACH, rule, "%s: %s", target, why);
    if (answer.code != SEK_COAP_CHANGED)
        return refused(path, target, answer.code);
    printf("%s: %s uses it from now on\n", path, target);
    return BENCH_EXIT_OK;
}

static int send_to(const char *path, const char *target, struct sek_bytes store)
{
    struct bench_session session;
    struct bench_link link;
    char why[LINK_WHY];
    sek_rule rule;
    int status;

    if (!bench_link_open(&link, target, &rule, why))
        return bench_fail(false, rule ? BENCH_EXIT_REACH : BENCH_EXIT_USAGE, rule, "%s", why);
    status = bench_session_start(&session, &link, 0)
                 ? send_over(&session, path, target, store)
                 : bench_fail(false, BENCH_EXIT_REACH, SEK_RULE(BN, 1),
                              "%s: the connection is gone", target);
    bench_link_close(&link);
    return status;
}

int store_send(const char *path, char *const *target, size_t count)
{
    int status = BENCH_EXIT_OK;
    uint8_t *itb = NULL;
    size_t len;

    if (bench_read_file(path, STORE_FILE_MAX, &itb, &len) != SEK_OK)
        return bench_fail(false, BENCH_EXIT_TRUST, 0, "%s: %s", path, strerror(errno));
    for (size_t i = 0; i < count; i++)
        status = bench_exit_worse(status, send_to(path, target[i], (struct sek_bytes){itb, len}));
    free(itb);
    return status;
}
