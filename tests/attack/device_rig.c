#define _GNU_SOURCE
#include "tests/attack/device_rig.h"

#include "agent/resources.h"
#include "evidence/challenge.h"
#include "hal/linux/udp.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { POLL_MS = 20 };

/* The device under test, for the handler, whose context is the agent. */
static struct device_rig *present;

/* ---- The device ---- */

static enum device_face face_now(const struct device_rig *d)
{
    size_t len = strlen(d->script), at = d->answers < len ? d->answers : len - 1;

    return (enum device_face)d->script[at];
}

/* Gives a challenge to the agent's own handler and measures at once, instead of asking the bench to
 * come back. */
static void answer(void *ctx, uint64_t now_ms, const struct sek_request *request,
                   struct sek_response *response)
{
    const struct sek_resource *real = sek_agent_resources;
    const struct sek_response empty = *response;

    while (strcmp(real->path, "sekisho/attest") != 0)
        real++;
    real->handle(ctx, now_ms, request, response);
    if (response->code != SEK_COAP_UNAVAILABLE)
        return;
    rig_measure(present->rig);
    *response = empty;
    real->handle(ctx, now_ms, request, response);
}

/* The same to a challenge with another nonce. */
static void answer_another(void *ctx, uint64_t now_ms, const struct sek_request *request,
                           struct sek_response *response)
{
    struct sek_fault fault = {0};
    struct sek_challenge challenge;
    struct sek_request other = *request;
    uint8_t bytes[SEK_CHALLENGE_MAX];
    struct sek_cbor_writer w = sek_cbor_writer_make(bytes, sizeof bytes);

    if (sek_challenge_decode(sek_reader_make(request->payload, &fault), &challenge) != SEK_OK)
        return;
    challenge.nonce[0] ^= 0x5a;
    sek_challenge_write(&w, &challenge, NULL);
    other.payload = (struct sek_bytes){bytes, w.len};
    answer(ctx, now_ms, &other, response);
}

static void attest(void *ctx, uint64_t now_ms, const struct sek_request *request,
                   struct sek_response *response)
{
    struct device_rig *d = present;
    enum device_face face = d->script ? face_now(d) : FACE_CLEAN;

    if (d->script && d->show)
        d->show(d->rig, face == FACE_DIRTY || face == FACE_DIRTY_STALE);
    if (face == FACE_CLEAN_STALE || face == FACE_DIRTY_STALE)
        answer_another(ctx, now_ms, request, response);
    else
        answer(ctx, now_ms, request, response);
    if (response->code == SEK_COAP_CONTENT)
        d->answers++;
}

struct line {
    struct linux_udp udp;
    struct rig *rig;
    atomic_bool stop;
};

static void *serve(void *ctx)
{
    struct line *line = ctx;
    uint64_t now_ms = 0;

    while (!line->stop) {
        struct pollfd fd = {.fd = line->udp.fd, .events = POLLIN};
        struct sek_peer peer = {.link = SEK_LINK_NETWORK};
        uint8_t packet[SEK_COAP_PACKET_MAX], reply[SEK_COAP_PACKET_MAX];
        struct hal_net_address from;
        size_t len = 0;

        now_ms += POLL_MS;
        if (poll(&fd, 1, POLL_MS) <= 0 ||
            line->udp.base.receive(&line->udp.base, &from, packet, sizeof packet, &len) != SEK_OK ||
            len == 0)
            continue;
        peer.len = from.len;
        memcpy(peer.address, from.bytes, sizeof peer.address);
        len = sek_server_handle(&line->rig->server, now_ms, &peer, (struct sek_bytes){packet, len},
                                reply, sizeof reply);
        if (len > 0)
            line->udp.base.send(&line->udp.base, &from, reply, len);
    }
    return NULL;
}

/* ---- The bench ---- */

bool device_rig_start(struct device_rig *d, struct rig *rig, const char **why)
{
    struct sek_store_fault fault;
    struct sek_bytes authority = rig->agent.config.authority;
    static _Alignas(8) uint8_t scratch[SEK_AGENT_SCRATCH];
    enum sek_status status;

    *d = (struct device_rig){.rig = rig};
    rig->clock.source = HAL_TIME_AUTHENTICATED;
    rig->clock.date_s = DEVICE_RIG_TODAY_S;
    if (rig_start(rig, why) != SEK_OK)
        return false;
    rig_measure(rig);
    rig_enroll(rig);
    d->itb = malloc(rig->slots.len);
    d->device = calloc(1, sizeof *d->device);
    assert(d->itb && d->device);
    memcpy(d->itb, rig->slots.kept, rig->slots.len);
    d->trust.today = sek_date_from_seconds(DEVICE_RIG_TODAY_S);
    status = sek_store_open(&d->trust.store, (struct sek_bytes){d->itb, rig->slots.len}, authority,
                            0, scratch, sizeof scratch, &fault);
    assert(status == SEK_OK);
    d->appraiser =
        (struct sek_appraiser){.store = &d->trust.store, .context = {.today = d->trust.today}};
    return true;
}

void device_rig_stop(struct device_rig *d)
{
    free(d->device);
    free(d->itb);
    rig_drop(d->rig);
}

/* A socket on a port that the system chooses, which is told. */
static void open_line(struct line *line, char target[64])
{
    struct sockaddr_in6 address;
    socklen_t len = sizeof address;
    enum sek_status status = linux_udp_open(&line->udp, 0);

    assert(status == SEK_OK);
    memset(&address, 0, sizeof address);
    (void)getsockname(line->udp.fd, (struct sockaddr *)&address, &len);
    (void)snprintf(target, 64, "coap://127.0.0.1:%u",
                   ntohs(address.sin6_family == AF_INET6
                             ? address.sin6_port
                             : ((struct sockaddr_in *)&address)->sin_port));
}

enum sek_outcome device_rig_check(struct device_rig *d)
{
    static const struct sek_order none;
    struct sek_resource resources[SEK_AGENT_RESOURCES];
    struct line line = {.rig = d->rig};
    char target[64];
    pthread_t thread;
    int failed;

    present = d;
    d->answers = 0;
    memcpy(resources, sek_agent_resources, sizeof resources);
    for (size_t i = 0; i < SEK_LEN(resources); i++) {
        if (strcmp(resources[i].path, "sekisho/attest") == 0)
            resources[i].handle = attest;
    }
    rig_serve(d->rig, resources, SEK_LEN(resources));
    open_line(&line, target);
    failed = pthread_create(&thread, NULL, serve, &line);
    assert(!failed);
    memset(d->device, 0, sizeof *d->device);
    d->device->trust = &d->trust;
    d->device->appraiser = &d->appraiser;
    d->device->order = &none;
    d->device->state_dir = "/dev/null/none"; /* nothing is remembered from one attack to the next */
    d->device->seconds = 20;
    device_check(d->device, target);
    line.stop = true;
    pthread_join(thread, NULL);
    linux_udp_close(&line.udp);
    return d->device->subject.outcome;
}

bool device_rig_found(const struct device_rig *d, sek_rule rule)
{
    const struct report_subject *subject = &d->device->subject;

    for (size_t i = 0; i < subject->finding_count; i++) {
        if (subject->finding[i].rule == rule)
            return true;
    }
    return false;
}
