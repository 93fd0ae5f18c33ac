/* How long the emulated board needs to read 8 MiB of its first chip in user mode, and nothing else:
 * words, 64 KiB with the chip selected, into one buffer. Prints it on the console and resets. */
#include "hal/aspeed/ast2600.h"
#include "hal/aspeed/clock.h"
#include "hal/aspeed/mmio.h"
#include "hal/aspeed/spi_flash.h"
#include "hal/aspeed/uart.h"
#include "hal/aspeed/wdt.h"

#include <string.h>

enum {
    BYTES = 8 * 1024 * 1024,
    FROM = 1024 * 1024, /* where the system lies */
    PIECE = 64 * 1024,
    CS0_CONTROL = 0x10,
    DESELECTED = 7,
    SELECTED = 3,
    READ4 = 0x13,
};

static struct aspeed_uart console;
static struct aspeed_clock clock;
static struct aspeed_wdt watchdog;
static uint32_t buffer[PIECE / 4];

void board_interrupt(void);
void board_fault(unsigned kind, uint32_t at, uint32_t address);
_Noreturn void board_main(int moved);

void board_interrupt(void)
{
}

void board_fault(unsigned kind, uint32_t at, uint32_t address)
{
    (void)kind;
    (void)at;
    (void)address;
    aspeed_wdt_reset(&watchdog);
}

static void read_piece(uint32_t offset)
{
    const uintptr_t control = AST2600_FMC + CS0_CONTROL;

    aspeed_put(control, DESELECTED);
    aspeed_put(control, SELECTED);
    aspeed_put8(AST2600_FMC_CS0, READ4);
    for (unsigned i = 0; i < 4; i++)
        aspeed_put8(AST2600_FMC_CS0, (uint8_t)(offset >> (24 - 8 * i)));
    for (unsigned i = 0; i < PIECE / 4; i++)
        buffer[i] = aspeed_get(AST2600_FMC_CS0);
    aspeed_put(control, DESELECTED);
}

static void say(const char *text)
{
    (void)!console.base.write(&console.base, text, strlen(text));
}

static void say_number(uint64_t value)
{
    char text[21], *at = text + sizeof text - 1;

    *at = '\0';
    do {
        *--at = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    say(at);
}

_Noreturn void board_main(int moved)
{
    static struct aspeed_spi_flash flash;
    uint64_t from;

    (void)moved;
    aspeed_uart_start(&console, AST2600_UART1, 1);
    aspeed_clock_start(&clock);
    aspeed_wdt_start(&watchdog, AST2600_WDT1);
    if (aspeed_spi_flash_start(&flash, &clock.base, AST2600_FMC, AST2600_FMC_CS0, 0) != SEK_OK)
        say("no chip\n");
    from = clock.base.uptime_ms(&clock.base);
    for (uint32_t at = 0; at < BYTES; at += PIECE)
        read_piece(FROM + at);
    say("raw ");
    say_number(clock.base.uptime_ms(&clock.base) - from);
    say(" ms\n");
    aspeed_wdt_reset(&watchdog);
}
