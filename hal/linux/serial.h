/* Serial lines on Linux: a tty, the slave of a pty, or standard input and output. */
#ifndef SEK_HAL_LINUX_SERIAL_H
#define SEK_HAL_LINUX_SERIAL_H

#include "hal/uart.h"

#include <stdbool.h>

struct linux_serial {
    struct hal_uart base;
    int fd; /* for poll(); -1: closed */
};

/* Opens a tty, raw, at a rate (9600 to 4000000; 0: leaves it as it is). SEK_ERR_NOT_FOUND,
 * SEK_ERR_RANGE (no such rate), SEK_ERR_IO (errno tells). */
SEK_CHECKED enum sek_status linux_serial_open(struct linux_serial *serial, const char *path,
                                              unsigned baud);

/* Makes a pty and opens its master; name: path of the slave that the other side opens. */
SEK_CHECKED enum sek_status linux_serial_pty(struct linux_serial *serial, char *name, size_t cap);

/* Takes over a connected descriptor (socket). */
void linux_serial_adopt(struct linux_serial *serial, int fd);

void linux_serial_close(struct linux_serial *serial);

#endif
