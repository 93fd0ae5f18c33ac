#include "hal/fake/fake_flash.h"

#include <string.h>

enum { LINE = 64, PAGE = 256 }; /* bytes */

static struct fake_flash *fake(struct hal_flash *flash)
{
    return (struct fake_flash *)flash;
}

/* xorshift32: the same cut leaves the same bytes. */
static uint8_t random_byte(struct fake_flash *flash)
{
    flash->random ^= flash->random << 13;
    flash->random ^= flash->random >> 17;
    flash->random ^= flash->random << 5;
    return (uint8_t)(flash->random >> 24);
}

static bool step(struct fake_flash *flash)
{
    if (flash->steps_left == 0) {
        flash->off = true;
        return false;
    }
    if (flash->steps_left != UINT64_MAX)
        flash->steps_left--;
    flash->steps++;
    return true;
}

static enum sek_status fake_read(struct hal_flash *base, uint64_t offset, void *buf, size_t len)
{
    struct fake_flash *flash = fake(base);
    uint8_t *out = buf;

    if (flash->off)
        return SEK_ERR_IO;
    flash->bytes_read += len;
    for (size_t i = 0; i < len; i++) {
        uint8_t loose = flash->unstable[offset + i];

        out[i] = flash->bytes[offset + i];
        if (loose)
            out[i] = (uint8_t)((out[i] & ~loose) | (random_byte(flash) & loose));
    }
    return SEK_OK;
}

/* True if this program or erase is the one that fails, or does nothing. */
static bool refused(struct fake_flash *flash)
{
    flash->operations++;
    return flash->off || flash->operations == flash->fail_at;
}

/* Power went inside a byte: some of its bits have fallen, some are between, some have not begun. */
static void tear_byte(struct fake_flash *flash, uint64_t at, uint8_t in)
{
    uint8_t falls = (uint8_t)(~in & flash->bytes[at]), fallen = falls & random_byte(flash);

    flash->unstable[at] &= (uint8_t)~fallen;
    flash->unstable[at] |= (uint8_t)(falls & ~fallen & random_byte(flash));
    flash->bytes[at] &= (uint8_t)~fallen;
}

/* Power went when a page, which a chip programs all at once, was as good as done: all bits have
 * fallen, a few of them not far enough. */
static void tear_page(struct fake_flash *flash, uint64_t offset, const uint8_t *in, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        uint8_t falls = (uint8_t)(~in[i] & flash->bytes[offset + i]);

        flash->bytes[offset + i] &= in[i];
        flash->unstable[offset + i] &= in[i];
        if (random_byte(flash) < 256 / LINE)
            flash->unstable[offset + i] |= (uint8_t)(falls & 1u << (random_byte(flash) & 7));
    }
}

static enum sek_status fake_program(struct hal_flash *base, uint64_t offset, const void *data,
                                    size_t len)
{
    struct fake_flash *flash = fake(base);
    const uint8_t *in = data;

    if (refused(flash))
        return SEK_ERR_IO;
    for (size_t i = 0; i < len && !flash->lazy; i++) {
        size_t page = PAGE - (size_t)((offset + i) % PAGE);

        if (!step(flash)) {
            if (random_byte(flash) & 1)
                tear_byte(flash, offset + i, in[i]);
            else
                tear_page(flash, offset + i, in + i, page < len - i ? page : len - i);
            return SEK_ERR_IO;
        }
        flash->bytes[offset + i] &= in[i];
        flash->unstable[offset + i] &= in[i];
    }
    return SEK_OK;
}

/* Power went after depth quarters of the time: so many of the bits have risen. Some lines of cells
 * are slower than all others: nothing has happened to them yet. */
static void tear_erase(struct fake_flash *flash, uint64_t offset, unsigned depth)
{
    bool slow = false;

    for (uint64_t i = offset; i < offset + flash->base.erase_size; i++) {
        uint8_t a = random_byte(flash), b = random_byte(flash);

        if (i % LINE == 0)
            slow = depth < 2 && (a & 1);
        if (slow)
            continue;

        uint8_t risen = depth == 0 ? 0 : depth == 1 ? a & b : depth == 2 ? a : a | b;

        flash->bytes[i] |= risen;
        flash->unstable[i] = (uint8_t)(~flash->bytes[i] & random_byte(flash));
    }
}

static enum sek_status fake_erase(struct hal_flash *base, uint64_t offset)
{
    struct fake_flash *flash = fake(base);

    if (refused(flash))
        return SEK_ERR_IO;
    if (flash->lazy)
        return SEK_OK;
    for (unsigned depth = 0; depth < FAKE_FLASH_ERASE_STEPS; depth++) {
        if (!step(flash)) {
            tear_erase(flash, offset, depth);
            return SEK_ERR_IO;
        }
    }
    memset(flash->bytes + offset, 0xff, flash->base.erase_size);
    memset(flash->unstable + offset, 0, flash->base.erase_size);
    return SEK_OK;
}

void fake_flash_init(struct fake_flash *flash, uint8_t *bytes, uint8_t *unstable, uint64_t size,
                     uint32_t erase_size)
{
    static const struct hal_flash_ops ops = {fake_read, fake_program, fake_erase};

    *flash = (struct fake_flash){
        .base = {&ops, size, erase_size},
        .bytes = bytes,
        .unstable = unstable,
        .steps_left = UINT64_MAX,
        .random = 0x5e4b0a11,
    };
    memset(bytes, 0xff, size);
    memset(unstable, 0, size);
}

void fake_flash_power_on(struct fake_flash *flash)
{
    flash->off = false;
    flash->steps_left = UINT64_MAX;
}
