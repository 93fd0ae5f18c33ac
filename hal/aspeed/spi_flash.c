#include "hal/aspeed/spi_flash.h"

#include "hal/aspeed/mmio.h"

#include <stdbool.h>
#include <string.h>

/* Registers of the controller. */
enum {
    CONFIG = 0x00,
    CE_CONTROL = 0x04,
    CS_CONTROL = 0x10,
    CONFIG_WRITE = 7 << 16, /* chip selects 0 to 2 may be written: needed for any command */
    CE_ADDRESS4 = 7,
    CS_DESELECTED = 7, /* user mode */
    CS_SELECTED = 3,
    CS_READ4 = 0x13 << 16 | 1, /* fast-read mode with the command that carries 4 bytes */
};

/* Commands of the chip, all with 4-byte addresses where they have one. */
enum {
    READ_ID = 0x9f,
    READ_SFDP = 0x5a,
    READ_STATUS = 0x05,
    WRITE_ENABLE = 0x06,
    READ = 0x13,
    PROGRAM = 0x12,
    ERASE = 0x21,
    STATUS_BUSY = 1,
    STATUS_ENABLED = 2,
};

enum {
    PAGE = 256,
    UNIT = 4096,
    READ_MAX = 64 * 1024, /* bytes with the chip selected */
    PROGRAM_MS = 50,
    ERASE_MS = 1000, /* 4 KiB: typically 30 ms, at most 400 */
    SPINS_PER_CHECK = 64,
};

static struct aspeed_spi_flash *of(struct hal_flash *base)
{
    return (struct aspeed_spi_flash *)base;
}

static void chip_select(const struct aspeed_spi_flash *flash, uint32_t value)
{
    aspeed_put(flash->at + CS_CONTROL + 4 * flash->cs, value);
}

static void begin(const struct aspeed_spi_flash *flash)
{
    chip_select(flash, CS_DESELECTED);
    chip_select(flash, CS_SELECTED);
}

static void end(const struct aspeed_spi_flash *flash)
{
    chip_select(flash, CS_DESELECTED);
    chip_select(flash, CS_READ4);
}

static void put_byte(const struct aspeed_spi_flash *flash, uint8_t byte)
{
    aspeed_put8(flash->window, byte);
}

static uint8_t get_byte(const struct aspeed_spi_flash *flash)
{
    return aspeed_get8(flash->window);
}

static void put_command(const struct aspeed_spi_flash *flash, uint8_t command, uint32_t address)
{
    put_byte(flash, command);
    for (unsigned i = 0; i < 4; i++)
        put_byte(flash, (uint8_t)(address >> (24 - 8 * i)));
}

/* Words where the buffer allows it: four times as fast as bytes. */
static void get_bytes(const struct aspeed_spi_flash *flash, uint8_t *out, size_t len)
{
    while (len > 0 && ((uintptr_t)out & 3) != 0) {
        *out++ = get_byte(flash);
        len--;
    }
    for (; len >= 4; len -= 4, out += 4) {
        uint32_t word = aspeed_get(flash->window);

        memcpy(__builtin_assume_aligned(out, 4), &word, 4);
    }
    while (len-- > 0)
        *out++ = get_byte(flash);
}

static enum sek_status flash_read(struct hal_flash *base, uint64_t offset, void *buf, size_t len)
{
    const struct aspeed_spi_flash *flash = of(base);
    uint8_t *out = buf;

    while (len > 0) {
        size_t part = len < READ_MAX ? len : READ_MAX;

        begin(flash);
        put_command(flash, READ, (uint32_t)offset);
        get_bytes(flash, out, part);
        end(flash);
        offset += part;
        out += part;
        len -= part;
    }
    return SEK_OK;
}

static uint8_t status_of(const struct aspeed_spi_flash *flash)
{
    uint8_t status;

    begin(flash);
    put_byte(flash, READ_STATUS);
    status = get_byte(flash);
    end(flash);
    return status;
}

static enum sek_status wait_ready(const struct aspeed_spi_flash *flash, uint32_t limit_ms)
{
    uint64_t from = flash->clock->uptime_ms(flash->clock);

    for (;;) {
        for (unsigned i = 0; i < SPINS_PER_CHECK; i++) {
            if (!(status_of(flash) & STATUS_BUSY))
                return SEK_OK;
        }
        if (flash->clock->uptime_ms(flash->clock) - from > limit_ms)
            return SEK_ERR_IO;
    }
}

/* A chip that is protected, or not there, does not set the bit. */
static enum sek_status enable_write(const struct aspeed_spi_flash *flash)
{
    begin(flash);
    put_byte(flash, WRITE_ENABLE);
    end(flash);
    return (status_of(flash) & (STATUS_ENABLED | STATUS_BUSY)) == STATUS_ENABLED ? SEK_OK
                                                                                 : SEK_ERR_IO;
}

static enum sek_status flash_program(struct hal_flash *base, uint64_t offset, const void *data,
                                     size_t len)
{
    const struct aspeed_spi_flash *flash = of(base);
    const uint8_t *in = data;
    enum sek_status status = SEK_OK;

    while (status == SEK_OK && len > 0) {
        size_t room = PAGE - (size_t)(offset % PAGE), part = len < room ? len : room;

        status = enable_write(flash);
        if (status != SEK_OK)
            return status;
        begin(flash);
        put_command(flash, PROGRAM, (uint32_t)offset);
        for (size_t i = 0; i < part; i++)
            put_byte(flash, in[i]);
        end(flash);
        status = wait_ready(flash, PROGRAM_MS);
        offset += part;
        in += part;
        len -= part;
    }
    return status;
}

static enum sek_status flash_erase(struct hal_flash *base, uint64_t offset)
{
    const struct aspeed_spi_flash *flash = of(base);
    enum sek_status status = enable_write(flash);

    if (status != SEK_OK)
        return status;
    begin(flash);
    put_command(flash, ERASE, (uint32_t)offset);
    end(flash);
    return wait_ready(flash, ERASE_MS);
}

/* Serial Flash Discoverable Parameters: 3 address bytes and a dummy one, in every chip. */
static void read_sfdp(const struct aspeed_spi_flash *flash, uint32_t address, uint8_t *out,
                      size_t len)
{
    begin(flash);
    put_byte(flash, READ_SFDP);
    for (unsigned i = 0; i < 3; i++)
        put_byte(flash, (uint8_t)(address >> (16 - 8 * i)));
    put_byte(flash, 0);
    for (size_t i = 0; i < len; i++)
        out[i] = get_byte(flash);
    end(flash);
}

static uint32_t word_of(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

/* Size by the basic parameter table (JESD216, 6.4.5: second word), or 0. */
static uint64_t size_by_sfdp(const struct aspeed_spi_flash *flash)
{
    uint8_t head[16], density[4];
    uint32_t value;

    read_sfdp(flash, 0, head, sizeof head);
    if (memcmp(head, "SFDP", 4) != 0 || head[8] != 0x00 || head[11] < 9)
        return 0; /* the first parameter header is not the basic table, of at least 9 words */
    read_sfdp(flash, (word_of(head + 12) & 0xffffff) + 4, density, sizeof density);
    value = word_of(density);
    if (!(value & UINT32_C(1) << 31))
        return ((uint64_t)value + 1) / 8;
    value &= 0x7fffffff;
    return value >= 3 && value <= 35 ? UINT64_C(1) << (value - 3) : 0;
}

/* Most makers give the capacity as a power of two in the third byte of the id. */
static uint64_t size_by_id(const uint8_t id[3])
{
    return id[2] >= 0x14 && id[2] <= 0x1c ? UINT64_C(1) << id[2] : 0;
}

enum sek_status aspeed_spi_flash_start(struct aspeed_spi_flash *flash, struct hal_clock *clock,
                                       uintptr_t at, uintptr_t window, unsigned cs)
{
    static const struct hal_flash_ops ops = {flash_read, flash_program, flash_erase};
    static const uint8_t none[2][3] = {{0, 0, 0}, {0xff, 0xff, 0xff}};
    struct aspeed_spi_flash f = {
        .base = {&ops, 0, UNIT}, .clock = clock, .at = at, .window = window, .cs = cs};

    aspeed_put(at + CONFIG, aspeed_get(at + CONFIG) | CONFIG_WRITE);
    aspeed_put(at + CE_CONTROL, aspeed_get(at + CE_CONTROL) | CE_ADDRESS4);
    begin(&f);
    put_byte(&f, READ_ID);
    for (unsigned i = 0; i < sizeof f.id; i++)
        f.id[i] = get_byte(&f);
    end(&f);
    if (memcmp(f.id, none[0], sizeof f.id) == 0 || memcmp(f.id, none[1], sizeof f.id) == 0)
        return SEK_ERR_ABSENT;
    f.base.size = size_by_sfdp(&f);
    if (f.base.size == 0)
        f.base.size = size_by_id(f.id);
    if (f.base.size == 0 || f.base.size > UINT64_C(1) << 32)
        return SEK_ERR_UNSUPPORTED;
    *flash = f;
    return SEK_OK;
}
