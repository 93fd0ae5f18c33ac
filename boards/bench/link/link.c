#define _GNU_SOURCE
#include "boards/bench/link/link.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { DEFAULT_BAUD = 115200, CONNECT_MS = 5000, REFUSED_MAX = 2 };

uint64_t bench_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static bool fail(sek_rule *rule, sek_rule id, char why[LINK_WHY], const char *what,
                 const char *cause)
{
    *rule = id;
    snprintf(why, LINK_WHY, "%.100s: %.50s", what, cause);
    return false;
}

static void start_frames(struct bench_link *link)
{
    link->framed = true;
    for (size_t i = 0; i < LINK_SLOTS; i++) {
        link->slot[i].data = link->slot_data[i];
        link->slot[i].cap = sizeof link->slot_data[i];
    }
    sek_frame_decoder_init(&link->decoder, "rba", link->slot, LINK_SLOTS);
}

static bool open_serial(struct bench_link *link, const char *name, sek_rule *rule,
                        char why[LINK_WHY])
{
    const char *comma = strrchr(name, ',');
    unsigned long baud = DEFAULT_BAUD;
    char path[256], *end = NULL;

    if (comma) {
        baud = strtoul(comma + 1, &end, 10);
        if (*end || end == comma + 1 || baud > 4000000)
            return fail(rule, 0, why, name, "the rate is no number");
    }
    snprintf(path, sizeof path, "%.*s", (int)(comma ? (size_t)(comma - name) : strlen(name)), name);
    switch (linux_serial_open(&link->serial, path, (unsigned)baud)) {
    case SEK_OK:
        break;
    case SEK_ERR_RANGE:
        return fail(rule, 0, why, name, "no such rate");
    default:
        return fail(rule, errno == EBUSY ? SEK_RULE(BN, 4) : SEK_RULE(BN, 1), why, path,
                    strerror(errno));
    }
    if (flock(link->serial.fd, LOCK_EX | LOCK_NB) != 0) {
        linux_serial_close(&link->serial);
        return fail(rule, SEK_RULE(BN, 4), why, path, "another program holds the port");
    }
    start_frames(link);
    link->wait_for_beacon = true;
    return true;
}

static bool open_unix(struct bench_link *link, const char *path, sek_rule *rule, char why[LINK_WHY])
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd;

    if (strlen(path) >= sizeof address.sun_path)
        return fail(rule, SEK_RULE(BN, 1), why, path, "the path is too long for a socket");
    memcpy(address.sun_path, path, strlen(path) + 1);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        fail(rule, SEK_RULE(BN, 1), why, path, strerror(errno));
        if (fd >= 0)
            close(fd);
        return false;
    }
    linux_serial_adopt(&link->serial, fd);
    start_frames(link);
    return true;
}

/* "host:port", "[v6]:port", "host" with a default port. */
static bool split(const char *text, const char *standard, char host[256], char port[16])
{
    size_t len = strcspn(text, "/");
    const char *colon, *end = text + len;

    if (text[0] == '[') {
        const char *close_bracket = memchr(text, ']', len);

        if (!close_bracket)
            return false;
        snprintf(host, 256, "%.*s", (int)(close_bracket - text - 1), text + 1);
        colon = close_bracket + 1 < end && close_bracket[1] == ':' ? close_bracket + 1 : NULL;
    } else {
        colon = memchr(text, ':', len);
        snprintf(host, 256, "%.*s", (int)((colon ? colon : end) - text), text);
    }
    snprintf(port, 16, "%.*s", colon ? (int)(end - colon - 1) : (int)strlen(standard),
             colon ? colon + 1 : standard);
    return host[0] && port[0] && (*end == '\0' || end[1] == '\0');
}

/* connect(2) that gives up after CONNECT_MS. */
static bool connect_within(int fd, const struct addrinfo *address)
{
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    int cause = 0;
    socklen_t len = sizeof cause;

    if (connect(fd, address->ai_addr, address->ai_addrlen) == 0)
        return true;
    if (errno != EINPROGRESS)
        return false;
    if (poll(&ready, 1, CONNECT_MS) <= 0) {
        errno = ETIMEDOUT;
        return false;
    }
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &cause, &len) != 0 || cause != 0) {
        errno = cause;
        return false;
    }
    return true;
}

static int open_socket(const char *text, const char *standard, int type, sek_rule *rule,
                       char why[LINK_WHY])
{
    const struct addrinfo hints = {.ai_socktype = type, .ai_flags = AI_ADDRCONFIG};
    struct addrinfo *found = NULL;
    char host[256], port[16];
    int fd = -1, status;

    if (!split(text, standard, host, port)) {
        fail(rule, 0, why, text, "not HOST:PORT");
        return -1;
    }
    status = getaddrinfo(host, port, &hints, &found);
    if (status != 0) {
        fail(rule, SEK_RULE(BN, 1), why, host, gai_strerror(status));
        return -1;
    }
    errno = EHOSTUNREACH;
    for (const struct addrinfo *a = found; a && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, a->ai_protocol);
        if (fd >= 0 && !connect_within(fd, a)) {
            int cause = errno;

            close(fd);
            errno = cause;
            fd = -1;
        }
    }
    freeaddrinfo(found);
    if (fd < 0)
        fail(rule, SEK_RULE(BN, 1), why, text, strerror(errno));
    return fd;
}

bool bench_link_is_target(const char *target)
{
    static const char *const kinds[] = {"serial:", "unix:", "tcp://", "coap://"};

    for (size_t i = 0; i < SEK_LEN(kinds); i++) {
        size_t len = strlen(kinds[i]);

        if (strncmp(target, kinds[i], len) == 0 && target[len])
            return true;
    }
    return false;
}

bool bench_link_open(struct bench_link *link, const char *target, sek_rule *rule,
                     char why[LINK_WHY])
{
    int fd;

    memset(link, 0, sizeof *link);
    link->serial.fd = -1;
    link->socket = -1;
    if (strncmp(target, "serial:", 7) == 0)
        return open_serial(link, target + 7, rule, why);
    if (strncmp(target, "unix:", 5) == 0)
        return open_unix(link, target + 5, rule, why);
    if (strncmp(target, "tcp://", 6) == 0) {
        if (!strchr(target + 6, ':'))
            return fail(rule, 0, why, target, "needs a port: tcp://HOST:PORT");
        fd = open_socket(target + 6, "", SOCK_STREAM, rule, why);
        if (fd < 0)
            return false;
        linux_serial_adopt(&link->serial, fd);
        start_frames(link);
        return true;
    }
    if (strncmp(target, "coap://", 7) == 0) {
        link->socket = open_socket(target + 7, "5683", SOCK_DGRAM, rule, why);
        return link->socket >= 0;
    }
    return fail(rule, 0, why, target,
                "not serial:PATH[,BAUD], unix:PATH, tcp://HOST:PORT or coap://HOST[:PORT]");
}

void bench_link_close(struct bench_link *link)
{
    linux_serial_close(&link->serial);
    if (link->socket >= 0)
        close(link->socket);
    link->socket = -1;
}

static bool send_frames(struct bench_link *link, struct sek_bytes packet)
{
    struct sek_frame_encoder encoder;
    char line[SEK_FRAME_LINE_MAX + 2];
    size_t len;

    if (packet.len < SEK_COAP_HEADER ||
        sek_frame_begin(&encoder, SEK_FRAME_REQUEST, packet.data[3], packet) != SEK_OK ||
        link->serial.base.write(&link->serial.base, "\r\n", 2) != SEK_OK)
        return false;
    link->bytes_out += 2;
    while ((len = sek_frame_next_line(&encoder, line)) > 0) {
        if (link->serial.base.write(&link->serial.base, line, len) != SEK_OK)
            return false;
        link->bytes_out += len;
    }
    return true;
}

bool bench_link_send(struct bench_link *link, struct sek_bytes packet)
{
    if (link->gone)
        return false;
    if (link->framed)
        return send_frames(link, packet);
    link->bytes_out += packet.len;
    if (send(link->socket, packet.data, packet.len, MSG_NOSIGNAL) >= 0 || errno == EAGAIN)
        return true;
    return errno == ECONNREFUSED && (++link->refused < REFUSED_MAX || link->packets > 0);
}

/* Notes where a line of an answer begins, whatever becomes of it. */
static void watch(struct bench_link *link, uint8_t byte)
{
    memmove(link->last, link->last + 1, sizeof link->last - 1);
    link->last[sizeof link->last - 1] = (char)byte;
    link->begun += memcmp(link->last, "@SK1r", sizeof link->last) == 0;
}

/* Decodes bytes that are there. True: a whole packet. */
static bool decode(struct bench_link *link, struct sek_bytes *out)
{
    while (link->input_pos < link->input_len) {
        struct sek_frame_packet packet;
        uint8_t byte = link->input[link->input_pos++];

        watch(link, byte);
        if (sek_frame_push(&link->decoder, byte, bench_now_ms(), &packet) != SEK_FRAME_PACKET)
            continue;
        if (packet.kind == SEK_FRAME_BEACON)
            link->beacons++;
        if (packet.kind != SEK_FRAME_RESPONSE)
            continue;
        *out = packet.body;
        link->packets++;
        return true;
    }
    return false;
}

/* Takes what has come. 1: a packet (datagram); 0: nothing, or bytes to decode; -1: gone. */
static int take(struct bench_link *link, struct sek_bytes *packet)
{
    ssize_t n;

    if (link->framed) {
        enum sek_status status = link->serial.base.read(&link->serial.base, link->input,
                                                        sizeof link->input, &link->input_len);

        link->input_pos = 0;
        link->bytes_in += link->input_len;
        return status == SEK_OK ? 0 : -1;
    }
    n = recv(link->socket, link->slot_data[0], sizeof link->slot_data[0], MSG_DONTWAIT);
    if (n > 0) {
        link->bytes_in += (uint64_t)n;
        link->packets++;
        *packet = (struct sek_bytes){link->slot_data[0], (size_t)n};
        return 1;
    }
    /* The other side may still be starting: only refused again and again it is not there. */
    if (n < 0 && errno == ECONNREFUSED && ++link->refused >= REFUSED_MAX && link->packets == 0)
        return -1;
    return 0;
}

static int receive(struct bench_link *link, uint64_t until_ms, struct sek_bytes *packet)
{
    for (;;) {
        struct pollfd ready = {.fd = link->framed ? link->serial.fd : link->socket,
                               .events = POLLIN};
        uint64_t now = bench_now_ms();
        int status;

        if (link->framed && decode(link, packet))
            return 1;
        if (now >= until_ms)
            return 0;
        status = poll(&ready, 1, (int)(until_ms - now < 60000 ? until_ms - now : 60000));
        if (status < 0)
            return -1;
        if (status == 0)
            continue;
        status = take(link, packet);
        if (status != 0)
            return status;
    }
}

int bench_link_receive(struct bench_link *link, uint64_t until_ms, struct sek_bytes *packet)
{
    int status = link->gone ? -1 : receive(link, until_ms, packet);

    link->gone = status < 0;
    return status;
}
