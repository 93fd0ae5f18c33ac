/* Serial line: bytes out, and bytes in as they come. */
#ifndef SEK_HAL_UART_H
#define SEK_HAL_UART_H

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

struct hal_uart {
    /* Writes all of data, waiting while the line is busy. SEK_ERR_IO: the line is gone. */
    enum sek_status (*write)(struct hal_uart *uart, const void *data, size_t len);
    /* Takes what has arrived, at most cap bytes; *len 0: nothing. SEK_ERR_IO: the line is gone. */
    enum sek_status (*read)(struct hal_uart *uart, uint8_t *buf, size_t cap, size_t *len);
};

#endif
