#define _GNU_SOURCE
#include "hal/linux/udp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static enum sek_status udp_receive(struct hal_net *net, struct hal_net_address *from, uint8_t *buf,
                                   size_t cap, size_t *len)
{
    const struct linux_udp *udp = (const struct linux_udp *)net;
    socklen_t address_len = sizeof from->bytes;
    ssize_t n;

    memset(from, 0, sizeof *from);
    *len = 0;
    n = recvfrom(udp->fd, buf, cap, MSG_DONTWAIT | MSG_TRUNC, (struct sockaddr *)from->bytes,
                 &address_len);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR || errno == ECONNREFUSED ? SEK_OK : SEK_ERR_IO;
    if ((size_t)n > cap || address_len > sizeof from->bytes)
        return SEK_OK; /* longer than any message of ours: dropped */
    from->len = (uint8_t)address_len;
    *len = (size_t)n;
    return SEK_OK;
}

static void udp_send(struct hal_net *net, const struct hal_net_address *to, const void *data,
                     size_t len)
{
    const struct linux_udp *udp = (const struct linux_udp *)net;

    (void)!sendto(udp->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL,
                  (const struct sockaddr *)to->bytes, to->len);
}

static int listen_on(const struct sockaddr *address, socklen_t len)
{
    int fd = socket(address->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0), both = 0;

    if (fd < 0)
        return -1;
    if (address->sa_family == AF_INET6)
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &both, sizeof both);
    if (bind(fd, address, len) == 0)
        return fd;
    both = errno;
    close(fd);
    errno = both;
    return -1;
}

enum sek_status linux_udp_open(struct linux_udp *udp, uint16_t port)
{
    const struct sockaddr_in6 any6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    const struct sockaddr_in any4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = listen_on((const struct sockaddr *)&any6, sizeof any6);

    if (fd < 0 && errno != EADDRINUSE)
        fd = listen_on((const struct sockaddr *)&any4, sizeof any4);
    if (fd < 0)
        return SEK_ERR_IO;
    *udp = (struct linux_udp){.base = {udp_receive, udp_send}, .fd = fd};
    return SEK_OK;
}

void linux_udp_close(struct linux_udp *udp)
{
    if (udp->fd >= 0)
        close(udp->fd);
    udp->fd = -1;
}
