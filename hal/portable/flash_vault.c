#include "hal/portable/flash_vault.h"

#include "base/bytes.h"
#include "base/crc.h"

#include <string.h>

/* Record: u16be magic, u8 kind, u8 zero, u16be length, u16be zero, u32be CRC-32 over these eight
 * bytes and the data; then the data, padded with zeros to four bytes. */
enum { MAGIC = 0x5653, KIND = 2, LENGTH = 4, CRC = 8 };

static struct flash_vault *of(struct hal_vault *base)
{
    return (struct flash_vault *)base;
}

static uint32_t padded(uint32_t len)
{
    return FLASH_VAULT_HEADER + ((len + 3) & ~UINT32_C(3));
}

static uint32_t room(const struct flash_vault *vault)
{
    return (uint32_t)vault->half[0].base.size - FLASH_SLOT_CONTENT - vault->end;
}

static uint32_t record_crc(const uint8_t *record, uint32_t len)
{
    return sek_crc32(sek_crc32(0, record, CRC), record + FLASH_VAULT_HEADER, len);
}

/* Reads the record at this place of a slot into vault->record; *len of its data. SEK_ERR_NOT_FOUND:
 * there is none, or it is not whole. */
static enum sek_status read_record(struct flash_vault *vault, struct hal_flash *slot, uint32_t at,
                                   uint32_t *len)
{
    uint64_t start = FLASH_SLOT_CONTENT + (uint64_t)at;
    uint8_t *r = vault->record;
    enum sek_status status;
    uint32_t n;

    if (!hal_flash_inside(slot, start, FLASH_VAULT_HEADER))
        return SEK_ERR_NOT_FOUND;
    status = hal_flash_read(slot, start, r, FLASH_VAULT_HEADER);
    if (status != SEK_OK)
        return status;
    n = sek_get_u16be(r + LENGTH);
    if (sek_get_u16be(r) != MAGIC || r[KIND] >= HAL_VAULT_RECORDS || n > HAL_VAULT_RECORD_MAX ||
        !hal_flash_inside(slot, start, padded(n)))
        return SEK_ERR_NOT_FOUND;
    status = hal_flash_read(slot, start + FLASH_VAULT_HEADER, r + FLASH_VAULT_HEADER, n);
    if (status != SEK_OK)
        return status;
    if (record_crc(r, n) != sek_get_u32be(r + CRC))
        return SEK_ERR_NOT_FOUND;
    *len = n;
    return SEK_OK;
}

/* Walks the journal of the active slot: newest record of each kind. The first one that is not whole
 * ends it: power went while it was written. Each one is programmed once more over itself, so that
 * it still reads as it does now when it is copied. */
static enum sek_status scan(struct flash_vault *vault)
{
    struct hal_flash *slot = vault->slots.slot[vault->slots.active];
    enum sek_status status;
    uint32_t at = 0, len;

    while ((status = read_record(vault, slot, at, &len)) == SEK_OK) {
        status = hal_flash_program(slot, FLASH_SLOT_CONTENT + (uint64_t)at, vault->record,
                                   FLASH_VAULT_HEADER + len);
        if (status != SEK_OK)
            return status;
        vault->at[vault->record[KIND]] = at + 1;
        at += padded(len);
    }
    return status == SEK_ERR_NOT_FOUND ? SEK_OK : status;
}

/* Copies the newest records into the other slot and makes it count. */
static enum sek_status move(struct flash_vault *vault)
{
    struct hal_flash *from =
        vault->slots.active == FLASH_SLOT_NONE ? NULL : vault->slots.slot[vault->slots.active];
    uint32_t at[HAL_VAULT_RECORDS] = {0}, end = 0, crc = 0, len = 0;
    enum sek_status status = flash_slots_begin(&vault->slots);

    vault->full = true;
    for (unsigned kind = 0; status == SEK_OK && kind < HAL_VAULT_RECORDS; kind++) {
        if (vault->at[kind] == 0)
            continue;
        status = read_record(vault, from, vault->at[kind] - 1, &len);
        if (status == SEK_ERR_NOT_FOUND)
            status = SEK_ERR_IO; /* it was whole a moment ago */
        if (status != SEK_OK)
            break;
        memset(vault->record + FLASH_VAULT_HEADER + len, 0, padded(len) - FLASH_VAULT_HEADER - len);
        status = hal_flash_program(flash_slots_target(&vault->slots), FLASH_SLOT_CONTENT + end,
                                   vault->record, padded(len));
        crc = sek_crc32(crc, vault->record, padded(len));
        at[kind] = end + 1;
        end += padded(len);
    }
    if (status == SEK_OK)
        status = flash_slots_commit(&vault->slots, end, crc);
    if (status != SEK_OK)
        return status;
    memcpy(vault->at, at, sizeof at);
    vault->end = end;
    vault->full = false;
    return SEK_OK;
}

static enum sek_status vault_get(struct hal_vault *base, enum hal_vault_record record, void *buf,
                                 size_t cap, size_t *len)
{
    struct flash_vault *vault = of(base);
    uint32_t n = 0;
    enum sek_status status;

    if ((unsigned)record >= HAL_VAULT_RECORDS || vault->at[record] == 0)
        return SEK_ERR_NOT_FOUND;
    status = read_record(vault, vault->slots.slot[vault->slots.active], vault->at[record] - 1, &n);
    if (status == SEK_ERR_NOT_FOUND || (status == SEK_OK && vault->record[KIND] != record))
        return SEK_ERR_MALFORMED;
    if (status == SEK_OK && n > cap)
        status = SEK_ERR_NO_SPACE;
    if (status == SEK_OK) {
        memcpy(buf, vault->record + FLASH_VAULT_HEADER, n);
        *len = n;
    }
    memset(vault->record, 0, sizeof vault->record); /* it may have been the key */
    return status;
}

/* Appends the record in vault->record and reads it back. */
static enum sek_status append(struct flash_vault *vault, uint32_t len)
{
    struct hal_flash *slot = vault->slots.slot[vault->slots.active];
    uint64_t at = FLASH_SLOT_CONTENT + (uint64_t)vault->end;
    uint32_t crc = sek_get_u32be(vault->record + CRC), kind = vault->record[KIND], read_len = 0;
    enum sek_status status = hal_flash_program(slot, at, vault->record, padded(len));

    if (status == SEK_OK)
        status = read_record(vault, slot, vault->end, &read_len);
    if (status == SEK_ERR_NOT_FOUND ||
        (status == SEK_OK && (read_len != len || sek_get_u32be(vault->record + CRC) != crc)))
        status = SEK_ERR_IO;
    if (status != SEK_OK) {
        vault->full = true; /* nothing can follow what may be there now */
        return status;
    }
    vault->at[kind] = vault->end + 1;
    vault->end += padded(len);
    return SEK_OK;
}

static void make_record(struct flash_vault *vault, enum hal_vault_record record, const void *data,
                        uint32_t len)
{
    uint8_t *r = vault->record;

    memset(r, 0, padded(len));
    sek_put_u16be(r, MAGIC);
    r[KIND] = (uint8_t)record;
    sek_put_u16be(r + LENGTH, (uint16_t)len);
    memcpy(r + FLASH_VAULT_HEADER, data, len);
    sek_put_u32be(r + CRC, record_crc(r, len));
}

static enum sek_status vault_put(struct hal_vault *base, enum hal_vault_record record,
                                 const void *data, size_t len)
{
    struct flash_vault *vault = of(base);
    enum sek_status status = SEK_OK;

    if ((unsigned)record >= HAL_VAULT_RECORDS || len > HAL_VAULT_RECORD_MAX)
        return SEK_ERR_RANGE;
    if (vault->full || room(vault) < padded((uint32_t)len))
        status = move(vault);
    if (status == SEK_OK && room(vault) < padded((uint32_t)len))
        status = SEK_ERR_NO_SPACE;
    if (status == SEK_OK) {
        make_record(vault, record, data, (uint32_t)len);
        status = append(vault, (uint32_t)len);
    }
    memset(vault->record, 0, sizeof vault->record);
    return status;
}

/* True if neither slot holds anything that once was a record: an empty vault, also one whose first
 * start was cut short. */
static enum sek_status never_used(struct flash_vault *vault, bool *never)
{
    uint32_t len;

    *never = !vault->slots.damaged;
    for (int i = 0; i < 2; i++) {
        enum sek_status status = read_record(vault, vault->slots.slot[i], 0, &len);

        if (status == SEK_OK)
            *never = false;
        else if (status != SEK_ERR_NOT_FOUND)
            return status;
    }
    return SEK_OK;
}

enum sek_status flash_vault_open(struct flash_vault *vault, struct hal_flash *region)
{
    static const struct hal_vault_ops ops = {vault_get, vault_put};
    enum sek_status status = SEK_OK;
    bool never = true;

    memset(vault, 0, sizeof *vault);
    vault->base = (struct hal_vault){&ops, HAL_KEY_FLASH};
    for (unsigned i = 0; status == SEK_OK && i < 2; i++)
        status = flash_region_init(&vault->half[i], region, i * FLASH_VAULT_SLOT, FLASH_VAULT_SLOT,
                                   true);
    if (status == SEK_OK)
        status = flash_slots_open(&vault->slots, &vault->half[0].base, &vault->half[1].base, true);
    if (status == SEK_OK && vault->slots.active == FLASH_SLOT_NONE) {
        status = never_used(vault, &never);
        if (status == SEK_OK && !never)
            status = SEK_ERR_MALFORMED;
    } else if (status == SEK_OK) {
        status = scan(vault);
    }
    return status == SEK_OK ? move(vault) : status;
}
