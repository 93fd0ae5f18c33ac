#define _GNU_SOURCE
#include "hal/linux/i2c_source.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/i2c-dev.h>
#include <linux/i2c.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { PIECE = 128, NARROW = 256, NARROW_MAX = 2048, WIDE_MAX = 65536 };

/* One piece that does not cross a border of 256 bytes where addresses are narrow. */
static enum sek_status read_piece(const struct linux_i2c_source *i2c, uint32_t offset, uint8_t *to,
                                  size_t len)
{
    uint8_t where[2] = {(uint8_t)(offset >> 8), (uint8_t)offset};
    uint16_t narrow = (uint16_t)(i2c->address + (offset >> 8));
    uint16_t address = i2c->width == 8 ? narrow : i2c->address;
    struct i2c_msg message[2] = {
        {.addr = address,
         .len = i2c->width == 8 ? 1 : 2,
         .buf = i2c->width == 8 ? where + 1 : where},
        {.addr = address, .flags = I2C_M_RD, .len = (uint16_t)len, .buf = to},
    };
    struct i2c_rdwr_ioctl_data both = {.msgs = message, .nmsgs = 2};

    if (ioctl(i2c->fd, I2C_RDWR, &both) == 2)
        return SEK_OK;
    return errno == ENXIO || errno == EREMOTEIO || errno == ENODEV || errno == ETIMEDOUT
               ? SEK_ERR_ABSENT
               : SEK_ERR_IO;
}

static enum sek_status i2c_read(struct sek_source *source, uint64_t offset, void *buf, size_t len)
{
    const struct linux_i2c_source *i2c = (const struct linux_i2c_source *)source;
    uint8_t *to = buf;

    while (len > 0) {
        size_t n = NARROW - offset % NARROW;
        enum sek_status status;

        if (n > PIECE)
            n = PIECE;
        if (n > len)
            n = len;
        status = read_piece(i2c, (uint32_t)offset, to, n);
        if (status != SEK_OK)
            return status;
        offset += n;
        to += n;
        len -= n;
    }
    return SEK_OK;
}

enum sek_status linux_i2c_source_open(struct linux_i2c_source *i2c, const char *bus,
                                      uint8_t address, uint8_t width, uint32_t size)
{
    struct linux_i2c_source opened = {
        .base = {.read = i2c_read, .size = size}, .address = address, .width = width};
    uint8_t byte;
    enum sek_status status;

    if (size == 0 || size > (width == 8 ? NARROW_MAX : WIDE_MAX))
        return SEK_ERR_RANGE;
    opened.fd = open(bus, O_RDWR | O_CLOEXEC);
    if (opened.fd < 0)
        return errno == ENOENT ? SEK_ERR_NOT_FOUND : SEK_ERR_IO;
    status = read_piece(&opened, 0, &byte, 1);
    if (status != SEK_OK) {
        close(opened.fd);
        return status;
    }
    *i2c = opened;
    return SEK_OK;
}

void linux_i2c_source_close(struct linux_i2c_source *i2c)
{
    if (i2c->fd >= 0)
        close(i2c->fd);
    i2c->fd = -1;
}
