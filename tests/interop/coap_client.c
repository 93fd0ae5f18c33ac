/* Our client over UDP, against a foreign server on 127.0.0.1:
 *   coap_client PORT get|put|fetch PATH SZX [FILE]
 * The body of the answer goes to standard output. Exit 0: 2.xx, 1: another answer, 2: none. */
#define _POSIX_C_SOURCE 200809L
#include "channel/client.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static uint64_t clock_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void run(struct sek_client *client, int fd)
{
    while (sek_client_state(client) == SEK_CLIENT_RUNNING || sek_client_next_ms(client) == 0) {
        uint8_t bytes[SEK_COAP_PACKET_MAX];
        struct pollfd waiting = {.fd = fd, .events = POLLIN};
        size_t len = sek_client_poll(client, clock_ms(), bytes, sizeof bytes);
        ssize_t got;

        if (len > 0) {
            (void)send(fd, bytes, len, 0);
            continue;
        }
        if (poll(&waiting, 1, 50) <= 0)
            continue;
        got = recv(fd, bytes, sizeof bytes, 0);
        if (got > 0)
            sek_client_input(client, clock_ms(),
                             (struct sek_bytes){.data = bytes, .len = (size_t)got});
    }
}

int main(int argc, char **argv)
{
    static uint8_t payload[65536], body[65536];
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sek_client_request request = {.content_format = -1, .accept = -1};
    struct sek_client_config config = {.token_len = 8, .seed = clock_ms()};
    struct sek_client client;
    int fd = socket(AF_INET, SOCK_DGRAM, 0);

    if (argc < 5 || fd < 0)
        return 2;
    to.sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10));
    request.method = argv[2][0] == 'g'   ? SEK_COAP_GET
                     : argv[2][0] == 'p' ? SEK_COAP_PUT
                                         : SEK_COAP_FETCH;
    request.path = argv[3];
    config.szx = config.szx_min = (uint8_t)strtoul(argv[4], NULL, 10);
    if (argc > 5) {
        FILE *file = fopen(argv[5], "rb");

        if (!file)
            return 2;
        request.payload =
            (struct sek_bytes){.data = payload, .len = fread(payload, 1, sizeof payload, file)};
        fclose(file);
    }
    if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0 ||
        sek_client_init(&client, &config) != SEK_OK ||
        sek_client_start(&client, &request, body, sizeof body) != SEK_OK)
        return 2;
    run(&client, fd);
    close(fd);
    if (sek_client_state(&client) != SEK_CLIENT_DONE) {
        fprintf(stderr, "coap_client: %s\n", client.fault.why);
        return 2;
    }
    fwrite(body, 1, client.answer.len, stdout);
    return client.answer.code >> 5 == 2 ? 0 : 1;
}
