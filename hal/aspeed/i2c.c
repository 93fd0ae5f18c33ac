#include "hal/aspeed/i2c.h"

#include "hal/aspeed/mmio.h"

#include <stdbool.h>

enum {
    CONTROL = 0x00,
    TIMING = 0x04,
    INTERRUPTS = 0x0c, /* masks the status, too */
    STATUS = 0x10,
    COMMAND = 0x14,
    BYTE = 0x20,
    CONTROL_MASTER = 1,
    INTERRUPTS_ALL = 0x7f,
    COMMAND_START_SEND = 3,
    COMMAND_SEND = 2,
    COMMAND_RECEIVE = 8,
    COMMAND_RECEIVE_LAST = 0x18, /* the byte is not acknowledged */
    COMMAND_STOP = 0x20,
    COMMAND_RECOVER = 0x800, /* clocks a slave that holds the data line out of its byte */
    STATUS_ACK = 1,
    STATUS_NAK = 2,
    STATUS_RECEIVED = 4,
    STATUS_STOPPED = 0x10,
    STATUS_WRONG = 0x68, /* arbitration lost, abnormal stop, SCL low too long */
    LIMIT_MS = 50,       /* of one byte: a slave may stretch the clock */
    SPINS_PER_CHECK = 64,
};

/* Gives a command and waits for one of the bits; 0: it did not come in time. */
static uint32_t command(const struct aspeed_i2c *bus, uint32_t what, uint32_t bits)
{
    uint64_t from = bus->clock->uptime_ms(bus->clock);

    aspeed_put(bus->at + STATUS, 0xffffffff);
    aspeed_put(bus->at + COMMAND, what);
    do {
        for (unsigned i = 0; i < SPINS_PER_CHECK; i++) {
            uint32_t status = aspeed_get(bus->at + STATUS) & (bits | STATUS_WRONG);

            if (status) {
                aspeed_put(bus->at + STATUS, 0xffffffff);
                return status & STATUS_WRONG ? 0 : status;
            }
        }
    } while (bus->clock->uptime_ms(bus->clock) - from <= LIMIT_MS);
    return 0;
}

static enum sek_status send(const struct aspeed_i2c *bus, uint8_t byte, uint32_t what)
{
    uint32_t status;

    aspeed_put(bus->at + BYTE, byte);
    status = command(bus, what, STATUS_ACK | STATUS_NAK);
    return status & STATUS_NAK ? SEK_ERR_ABSENT : status ? SEK_OK : SEK_ERR_IO;
}

static enum sek_status send_all(const struct aspeed_i2c *bus, uint8_t address, const uint8_t *out,
                                size_t len)
{
    enum sek_status status = send(bus, (uint8_t)(address << 1), COMMAND_START_SEND);

    for (size_t i = 0; status == SEK_OK && i < len; i++) {
        status = send(bus, out[i], COMMAND_SEND);
        if (status == SEK_ERR_ABSENT)
            status = SEK_ERR_IO; /* it was there, and refuses the byte */
    }
    return status;
}

static enum sek_status receive_all(const struct aspeed_i2c *bus, uint8_t address, uint8_t *in,
                                   size_t len)
{
    enum sek_status status = send(bus, (uint8_t)(address << 1 | 1), COMMAND_START_SEND);

    for (size_t i = 0; status == SEK_OK && i < len; i++) {
        uint32_t what = i + 1 == len ? COMMAND_RECEIVE_LAST : COMMAND_RECEIVE;

        if (command(bus, what, STATUS_RECEIVED) == 0)
            status = SEK_ERR_IO;
        else
            in[i] = (uint8_t)(aspeed_get(bus->at + BYTE) >> 8);
    }
    return status;
}

static enum sek_status transfer(struct hal_i2c *base, uint8_t address, const void *out,
                                size_t out_len, void *in, size_t in_len)
{
    const struct aspeed_i2c *bus = (const struct aspeed_i2c *)base;
    enum sek_status status = SEK_OK;

    if (out_len > 0 || in_len == 0)
        status = send_all(bus, address, out, out_len);
    if (status == SEK_OK && in_len > 0)
        status = receive_all(bus, address, in, in_len);
    if (command(bus, COMMAND_STOP, STATUS_STOPPED) == 0) {
        (void)command(bus, COMMAND_RECOVER, STATUS_STOPPED);
        if (status == SEK_OK)
            status = SEK_ERR_IO;
    }
    return status;
}

void aspeed_i2c_start(struct aspeed_i2c *bus, struct hal_clock *clock, uintptr_t at,
                      uint32_t timing)
{
    *bus = (struct aspeed_i2c){.base = {transfer}, .clock = clock, .at = at};
    aspeed_put(at + CONTROL, 0); /* resets its state */
    if (timing != 0)
        aspeed_put(at + TIMING, timing);
    aspeed_put(at + CONTROL, CONTROL_MASTER);
    aspeed_put(at + INTERRUPTS, INTERRUPTS_ALL);
    aspeed_put(at + STATUS, 0xffffffff);
}
