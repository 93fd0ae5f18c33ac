#include "hal/portable/slots.h"

#include "base/bytes.h"
#include "base/crc.h"

#include <string.h>

/* Header: magic, then big-endian generation, length and CRC-32 of the content, CRC-32 of all that;
 * the rest is zero. */
static const uint8_t magic[8] = {'S', 'e', 'k', 'S', 'l', 'o', 't', '1'};

enum { GENERATION = 8, LENGTH = 12, CONTENT_CRC = 16, HEADER_CRC = 20 };

static void make_header(uint8_t header[FLASH_SLOT_HEADER], uint32_t generation, uint32_t len,
                        uint32_t crc)
{
    memset(header, 0, FLASH_SLOT_HEADER);
    memcpy(header, magic, sizeof magic);
    sek_put_u32be(header + GENERATION, generation);
    sek_put_u32be(header + LENGTH, len);
    sek_put_u32be(header + CONTENT_CRC, crc);
    sek_put_u32be(header + HEADER_CRC, sek_crc32(0, header, HEADER_CRC));
}

/* A header is exactly what make_header would have written. */
static bool header_good(const uint8_t header[FLASH_SLOT_HEADER], uint64_t size)
{
    uint8_t expected[FLASH_SLOT_HEADER];
    uint32_t len = sek_get_u32be(header + LENGTH);

    make_header(expected, sek_get_u32be(header + GENERATION), len,
                sek_get_u32be(header + CONTENT_CRC));
    return memcmp(header, expected, sizeof expected) == 0 &&
           sek_get_u32be(header + GENERATION) > 0 && size >= FLASH_SLOT_CONTENT &&
           len <= size - FLASH_SLOT_CONTENT;
}

static enum sek_status content_crc(struct hal_flash *slot, uint32_t len, uint32_t *crc)
{
    uint8_t piece[256];
    uint32_t sum = 0, done = 0;

    while (done < len) {
        size_t part = len - done < sizeof piece ? len - done : sizeof piece;
        enum sek_status status = hal_flash_read(slot, FLASH_SLOT_CONTENT + done, piece, part);

        if (status != SEK_OK)
            return status;
        sum = sek_crc32(sum, piece, part);
        done += (uint32_t)part;
    }
    *crc = sum;
    return SEK_OK;
}

/* Reads both headers; the newer good one comes first in order[]. Returns how many are good. */
static enum sek_status read_headers(const struct flash_slots *slots,
                                    uint8_t header[2][FLASH_SLOT_HEADER], int order[2], int *count)
{
    int good = 0;

    for (int i = 0; i < 2; i++) {
        enum sek_status status = hal_flash_read(slots->slot[i], 0, header[i], FLASH_SLOT_HEADER);

        if (status != SEK_OK)
            return status;
        if (header_good(header[i], slots->slot[i]->size))
            order[good++] = i;
    }
    if (good == 2 &&
        sek_get_u32be(header[1] + GENERATION) > sek_get_u32be(header[0] + GENERATION)) {
        order[0] = 1;
        order[1] = 0;
    }
    *count = good;
    return SEK_OK;
}

static bool is_blank(const uint8_t header[FLASH_SLOT_HEADER])
{
    for (unsigned i = 0; i < FLASH_SLOT_HEADER; i++) {
        if (header[i] != 0xff)
            return false;
    }
    return true;
}

/* Erases where a header stands that does not count now, unless it is an older whole one: it may
 * look whole the next time. Never by programming it to zero: that may leave bits that must be 1
 * between 0 and 1, and no programming raises them again. */
static enum sek_status retire(const struct flash_slots *found, const uint8_t *header)
{
    struct hal_flash *slot = found->slot[1 - found->active];

    if (is_blank(header) ||
        (header_good(header, slot->size) && sek_get_u32be(header + GENERATION) < found->generation))
        return SEK_OK;
    return hal_flash_erase(slot, 0, slot->erase_size);
}

enum sek_status flash_slots_open(struct flash_slots *slots, struct hal_flash *first,
                                 struct hal_flash *second, bool writable)
{
    struct flash_slots found = {
        .slot = {first, second}, .active = FLASH_SLOT_NONE, .target = FLASH_SLOT_NONE};
    uint8_t header[2][FLASH_SLOT_HEADER];
    int order[2] = {0, 0}, count = 0;
    enum sek_status status = read_headers(&found, header, order, &count);

    for (int i = 0; status == SEK_OK && i < count && found.active == FLASH_SLOT_NONE; i++) {
        const uint8_t *h = header[order[i]];
        uint32_t crc = 0, len = sek_get_u32be(h + LENGTH);

        if (writable)
            status = hal_flash_program(found.slot[order[i]], 0, h, FLASH_SLOT_HEADER);
        if (status == SEK_OK)
            status = content_crc(found.slot[order[i]], len, &crc);
        if (status != SEK_OK)
            return status;
        if (crc != sek_get_u32be(h + CONTENT_CRC)) {
            found.damaged = true;
            continue;
        }
        found.active = order[i];
        found.generation = sek_get_u32be(h + GENERATION);
        found.len = len;
    }
    if (status == SEK_OK && writable && found.active != FLASH_SLOT_NONE)
        status = retire(&found, header[1 - found.active]);
    if (status == SEK_OK)
        *slots = found;
    return status;
}

enum sek_status flash_slots_begin(struct flash_slots *slots)
{
    int target = slots->active == 0 ? 1 : 0;
    struct hal_flash *slot = slots->slot[target];
    enum sek_status status = hal_flash_erase(slot, 0, slot->size);

    slots->target = FLASH_SLOT_NONE;
    if (status == SEK_OK)
        slots->target = target;
    return status;
}

struct hal_flash *flash_slots_target(const struct flash_slots *slots)
{
    return slots->target == FLASH_SLOT_NONE ? NULL : slots->slot[slots->target];
}

enum sek_status flash_slots_commit(struct flash_slots *slots, uint32_t len, uint32_t crc)
{
    struct hal_flash *slot = flash_slots_target(slots);
    uint8_t header[FLASH_SLOT_HEADER], written[FLASH_SLOT_HEADER];
    uint32_t read_crc = 0, generation = slots->generation + 1;
    enum sek_status status;

    if (!slot)
        return SEK_ERR_STATE;
    if (len > slot->size - FLASH_SLOT_CONTENT)
        return SEK_ERR_RANGE;
    status = content_crc(slot, len, &read_crc);
    if (status == SEK_OK && read_crc != crc)
        status = SEK_ERR_IO;
    if (status != SEK_OK)
        return status;
    make_header(header, generation, len, crc);
    status = hal_flash_program(slot, 0, header, sizeof header);
    if (status == SEK_OK)
        status = hal_flash_read(slot, 0, written, sizeof written);
    if (status == SEK_OK && memcmp(header, written, sizeof header) != 0)
        status = SEK_ERR_IO;
    if (status != SEK_OK)
        return status;
    slots->active = slots->target;
    slots->target = FLASH_SLOT_NONE;
    slots->generation = generation;
    slots->len = len;
    slots->damaged = false;
    return SEK_OK;
}
