/* UART (16550 layout, registers 4 bytes apart): sends by polling, receives by interrupt. */
#ifndef SEK_HAL_ASPEED_UART_H
#define SEK_HAL_ASPEED_UART_H

#include "hal/uart.h"

#include <stdbool.h>

enum { ASPEED_UART_RING = 4096 }; /* bytes, a power of two: 0.35 s of 115200 baud */

struct aspeed_uart {
    struct hal_uart base;
    uintptr_t at;              /* of the registers */
    volatile uint32_t in, out; /* counts; in is the interrupt's, out the reader's */
    volatile uint32_t dropped; /* bytes that found the ring full */
    uint8_t ring[ASPEED_UART_RING];
};

/* 8N1, FIFOs on; divisor: UART clock / 16 / baud (1 is 115200 at 24 MHz / 13). Bytes that wait in
 * the FIFO are lost. */
void aspeed_uart_start(struct aspeed_uart *uart, uintptr_t at, uint16_t divisor);

/* The interrupt's handler. */
void aspeed_uart_interrupt(struct aspeed_uart *uart);

/* True if bytes wait. */
bool aspeed_uart_waiting(const struct aspeed_uart *uart);

/* Waits until everything has left, then interrupts off: for the system that is started next. */
void aspeed_uart_stop(struct aspeed_uart *uart);

#endif
