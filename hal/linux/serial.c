#define _GNU_SOURCE
#include "hal/linux/serial.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { WRITE_WAIT_MS = 5000 }; /* a line that takes nothing for so long is gone */

static enum sek_status serial_write(struct hal_uart *uart, const void *data, size_t len)
{
    struct linux_serial *serial = (struct linux_serial *)uart;
    const uint8_t *at = data;

    while (len > 0) {
        struct pollfd ready = {.fd = serial->fd, .events = POLLOUT};
        ssize_t n = write(serial->fd, at, len);

        if (n > 0) {
            at += n;
            len -= (size_t)n;
        } else if (n < 0 && errno == EAGAIN) {
            if (poll(&ready, 1, WRITE_WAIT_MS) <= 0)
                return SEK_ERR_IO;
        } else if (n < 0 && errno != EINTR) {
            return SEK_ERR_IO;
        }
    }
    return SEK_OK;
}

static enum sek_status serial_read(struct hal_uart *uart, uint8_t *buf, size_t cap, size_t *len)
{
    struct linux_serial *serial = (struct linux_serial *)uart;
    ssize_t n = read(serial->fd, buf, cap);

    *len = 0;
    if (n > 0)
        *len = (size_t)n;
    else if (n < 0 && errno != EAGAIN && errno != EINTR)
        return errno == EIO ? SEK_ERR_ABSENT : SEK_ERR_IO; /* EIO: nobody holds the pty's slave */
    else if (n == 0)
        return SEK_ERR_ABSENT;
    return SEK_OK;
}

void linux_serial_adopt(struct linux_serial *serial, int fd)
{
    (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    *serial = (struct linux_serial){.base = {serial_write, serial_read}, .fd = fd};
}

static bool find_rate(unsigned baud, speed_t *speed)
{
    static const struct {
        unsigned baud;
        speed_t speed;
    } rates[] = {
        {9600, B9600},       {19200, B19200},     {38400, B38400},     {57600, B57600},
        {115200, B115200},   {230400, B230400},   {460800, B460800},   {921600, B921600},
        {1500000, B1500000}, {3000000, B3000000}, {4000000, B4000000},
    };

    for (size_t i = 0; i < SEK_LEN(rates); i++) {
        if (rates[i].baud != baud)
            continue;
        *speed = rates[i].speed;
        return true;
    }
    return false;
}

static bool make_raw(int fd, bool set_speed, speed_t speed)
{
    struct termios mode;

    if (tcgetattr(fd, &mode) != 0)
        return false;
    cfmakeraw(&mode);
    mode.c_cflag |= CLOCAL | CREAD;
    if (set_speed && cfsetspeed(&mode, speed) != 0)
        return false;
    return tcsetattr(fd, TCSANOW, &mode) == 0;
}

enum sek_status linux_serial_open(struct linux_serial *serial, const char *path, unsigned baud)
{
    speed_t speed = B115200;
    int fd;

    if (baud && !find_rate(baud, &speed)) {
        errno = EINVAL;
        return SEK_ERR_RANGE;
    }
    fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? SEK_ERR_NOT_FOUND : SEK_ERR_IO;
    if (!make_raw(fd, baud != 0, speed)) {
        int cause = errno;

        close(fd);
        errno = cause;
        return SEK_ERR_IO;
    }
    linux_serial_adopt(serial, fd);
    return SEK_OK;
}

enum sek_status linux_serial_pty(struct linux_serial *serial, char *name, size_t cap)
{
    int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

    if (fd < 0)
        return SEK_ERR_IO;
    if (grantpt(fd) != 0 || unlockpt(fd) != 0 || ptsname_r(fd, name, cap) != 0 ||
        !make_raw(fd, false, B115200)) {
        close(fd);
        return SEK_ERR_IO;
    }
    linux_serial_adopt(serial, fd);
    return SEK_OK;
}

void linux_serial_close(struct linux_serial *serial)
{
    if (serial->fd >= 0)
        close(serial->fd);
    serial->fd = -1;
}
