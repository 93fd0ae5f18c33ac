#include "hal/aspeed/uart.h"

#include "hal/aspeed/mmio.h"

enum {
    DATA = 0x00,
    DIVISOR_LOW = 0x00,
    DIVISOR_HIGH = 0x04,
    INTERRUPT = 0x04,
    FIFO = 0x08,
    LINE = 0x0c,
    STATUS = 0x14,
    INTERRUPT_RECEIVED = 1,
    FIFO_RESET = 0x07,
    LINE_8N1 = 3,
    LINE_DIVISOR = 0x80,
    STATUS_RECEIVED = 1,
    STATUS_ROOM = 0x20, /* the transmit FIFO is empty */
    STATUS_IDLE = 0x40, /* and the last bit is out */
    FIFO_LEN = 16,
    WAIT_SPINS = 50 * 1000 * 1000, /* over 100 ms on any core: 16 bytes take 14 ms at 9600 baud */
};

static bool wait_for(const struct aspeed_uart *uart, uint32_t bit)
{
    for (uint32_t i = 0; i < WAIT_SPINS; i++) {
        if (aspeed_get(uart->at + STATUS) & bit)
            return true;
    }
    return false;
}

static enum sek_status uart_write(struct hal_uart *base, const void *data, size_t len)
{
    struct aspeed_uart *uart = (struct aspeed_uart *)base;
    const uint8_t *byte = data;

    while (len > 0) {
        size_t part = len < FIFO_LEN ? len : FIFO_LEN;

        if (!wait_for(uart, STATUS_ROOM))
            return SEK_ERR_IO;
        for (size_t i = 0; i < part; i++)
            aspeed_put(uart->at + DATA, byte[i]);
        byte += part;
        len -= part;
    }
    return SEK_OK;
}

static enum sek_status uart_read(struct hal_uart *base, uint8_t *buf, size_t cap, size_t *len)
{
    struct aspeed_uart *uart = (struct aspeed_uart *)base;
    size_t n = 0;

    while (n < cap && uart->out != uart->in) {
        buf[n++] = uart->ring[uart->out % ASPEED_UART_RING];
        uart->out = uart->out + 1;
    }
    *len = n;
    return SEK_OK;
}

void aspeed_uart_interrupt(struct aspeed_uart *uart)
{
    while (aspeed_get(uart->at + STATUS) & STATUS_RECEIVED) {
        uint8_t byte = (uint8_t)aspeed_get(uart->at + DATA);

        if (uart->in - uart->out == ASPEED_UART_RING) {
            uart->dropped = uart->dropped + 1;
        } else {
            uart->ring[uart->in % ASPEED_UART_RING] = byte;
            uart->in = uart->in + 1;
        }
    }
}

bool aspeed_uart_waiting(const struct aspeed_uart *uart)
{
    return uart->in != uart->out;
}

void aspeed_uart_start(struct aspeed_uart *uart, uintptr_t at, uint16_t divisor)
{
    uart->base = (struct hal_uart){uart_write, uart_read};
    uart->at = at;
    uart->in = 0;
    uart->out = 0;
    uart->dropped = 0;
    aspeed_put(at + INTERRUPT, 0);
    aspeed_put(at + LINE, LINE_8N1 | LINE_DIVISOR);
    aspeed_put(at + DIVISOR_LOW, divisor & 0xffu);
    aspeed_put(at + DIVISOR_HIGH, (uint32_t)divisor >> 8);
    aspeed_put(at + LINE, LINE_8N1);
    aspeed_put(at + FIFO, FIFO_RESET);
    aspeed_put(at + INTERRUPT, INTERRUPT_RECEIVED);
}

void aspeed_uart_stop(struct aspeed_uart *uart)
{
    (void)wait_for(uart, STATUS_IDLE);
    aspeed_put(uart->at + INTERRUPT, 0);
}
