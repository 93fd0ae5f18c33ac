/* Our server over UDP on 127.0.0.1, for foreign clients: coap_server PORT SECONDS
 * Prints "ready", then serves until the time is over or it is ended. */
#define _POSIX_C_SOURCE 200809L
#include "tests/unit/channel_rig.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static uint64_t clock_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static int open_port(unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    perror("coap_server: cannot open the port");
    return -1;
}

int main(int argc, char **argv)
{
    struct rig *rig = rig_new();
    int fd = argc == 3 ? open_port((unsigned)strtoul(argv[1], NULL, 10)) : -1;
    uint64_t end_ms = clock_ms() + (argc == 3 ? strtoul(argv[2], NULL, 10) : 0) * 1000;

    if (fd < 0) {
        fprintf(stderr, "usage: coap_server PORT SECONDS\n");
        rig_free(rig);
        return 2;
    }
    puts("ready");
    fflush(stdout);
    while (clock_ms() < end_ms) {
        struct pollfd waiting = {.fd = fd, .events = POLLIN};
        struct sockaddr_in from = {0};
        socklen_t from_len = sizeof from;
        struct sek_peer peer = {.link = SEK_LINK_NETWORK, .len = 6};
        uint8_t in[2048], out[SEK_COAP_PACKET_MAX];
        ssize_t len;
        size_t out_len;

        if (poll(&waiting, 1, 100) <= 0)
            continue;
        len = recvfrom(fd, in, sizeof in, 0, (struct sockaddr *)&from, &from_len);
        if (len < 0)
            continue;
        memcpy(peer.address, &from.sin_addr.s_addr, 4);
        memcpy(peer.address + 4, &from.sin_port, 2);
        out_len =
            sek_server_handle(&rig->server, clock_ms(), &peer,
                              (struct sek_bytes){.data = in, .len = (size_t)len}, out, sizeof out);
        if (out_len > 0)
            (void)sendto(fd, out, out_len, 0, (struct sockaddr *)&from, from_len);
    }
    close(fd);
    rig_free(rig);
    return 0;
}
