#include "tests/attack/faulty.h"

#include <string.h>

enum { TRACE_MAX = 8192 };

static struct {
    bool on;
    enum faulty way;
    size_t calls, call;
    enum faulty_reach reach;
    const char *its_function;        /* of the call that went wrong first; NULL: none yet */
    const char *function[TRACE_MAX]; /* of each call */
} plan;

void faulty_plan(enum faulty way, size_t call, enum faulty_reach reach)
{
    plan.on = true;
    plan.way = way;
    plan.calls = 0;
    plan.call = call;
    plan.reach = reach;
    plan.its_function = NULL;
}

void faulty_stop(void)
{
    plan.on = false;
}

size_t faulty_calls(void)
{
    return plan.calls;
}

const char *faulty_function(size_t call)
{
    return call < plan.calls && call < TRACE_MAX ? plan.function[call] : NULL;
}

enum faulty faulty_next(const char *name)
{
    bool first, later;

    if (!plan.on)
        return FAULTY_RIGHT;
    if (plan.calls < TRACE_MAX)
        plan.function[plan.calls] = name;
    first = plan.calls++ == plan.call;
    if (first)
        plan.its_function = name;
    later = plan.its_function &&
            (plan.reach == FAULTY_ALL ||
             (plan.reach == FAULTY_ITS_FUNCTION && strcmp(plan.its_function, name) == 0));
    return first || later ? plan.way : FAULTY_RIGHT;
}

/* ---- Devices ---- */

#define OWNER(pointer, member)                                                                     \
    ((struct faulty_devices *)((char *)(pointer)-offsetof(struct faulty_devices, member)))

static enum sek_status source_read(struct sek_source *base, uint64_t offset, void *buf, size_t len)
{
    struct sek_source *real = OWNER(base, source)->real_source;

    switch (faulty_next("sek_source.read")) {
    case FAULTY_FAILS:
        return SEK_ERR_IO;
    case FAULTY_IDLE:
        return SEK_OK;
    case FAULTY_SHORT:
        return real->read(real, offset, buf, len / 2);
    default:
        return real->read(real, offset, buf, len);
    }
}

static enum sek_status media_open(struct hal_media *base, const struct hal_media_place *place,
                                  struct sek_source **source)
{
    struct faulty_devices *devices = OWNER(base, media);
    enum faulty way = faulty_next("hal_media.open");
    enum sek_status status;

    if (way == FAULTY_FAILS)
        return SEK_ERR_IO;
    if (way == FAULTY_IDLE)
        return SEK_OK;
    status = devices->real_media->open(devices->real_media, place, &devices->real_source);
    if (status != SEK_OK)
        return status;
    devices->source = (struct sek_source){source_read, devices->real_source->size};
    if (way == FAULTY_SHORT)
        devices->source.size /= 2;
    *source = &devices->source;
    return SEK_OK;
}

static void media_close(struct hal_media *base)
{
    struct hal_media *real = OWNER(base, media)->real_media;

    real->close(real);
}

static enum sek_status chip_size(struct hal_media *base, const struct hal_media_place *place,
                                 uint64_t *size)
{
    struct hal_media *real = OWNER(base, media)->real_media;
    enum faulty way = faulty_next("hal_media.chip_size");
    enum sek_status status;

    if (way == FAULTY_FAILS || way == FAULTY_IDLE)
        return way == FAULTY_IDLE ? SEK_OK : SEK_ERR_IO;
    status = real->chip_size(real, place, size);
    if (way == FAULTY_SHORT)
        *size /= 2;
    return status;
}

static uint64_t uptime_ms(struct hal_clock *base)
{
    struct hal_clock *real = OWNER(base, clock)->real_clock;

    return faulty_next("hal_clock.uptime_ms") == FAULTY_RIGHT ? real->uptime_ms(real) : 0;
}

static uint64_t seconds(struct hal_clock *base, enum hal_time_source *source)
{
    struct hal_clock *real = OWNER(base, clock)->real_clock;

    switch (faulty_next("hal_clock.seconds")) {
    case FAULTY_FAILS:
        *source = HAL_TIME_NONE;
        return 0;
    case FAULTY_IDLE:
        return 0;
    default:
        return real->seconds(real, source);
    }
}

static enum sek_status entropy_read(struct hal_entropy *base, void *buf, size_t len)
{
    struct hal_entropy *real = OWNER(base, entropy)->real_entropy;

    switch (faulty_next("hal_entropy.read")) {
    case FAULTY_FAILS:
        return SEK_ERR_CRYPTO;
    case FAULTY_IDLE:
        return SEK_OK;
    case FAULTY_SHORT:
        return real->read(real, buf, len / 2);
    default:
        return real->read(real, buf, len);
    }
}

static enum sek_status vault_get(struct hal_vault *base, enum hal_vault_record record, void *buf,
                                 size_t cap, size_t *len)
{
    struct hal_vault *real = OWNER(base, vault)->real_vault;
    enum faulty way = faulty_next("hal_vault.get");
    enum sek_status status;

    if (way == FAULTY_FAILS || way == FAULTY_IDLE)
        return way == FAULTY_IDLE ? SEK_OK : SEK_ERR_IO;
    status = real->ops->get(real, record, buf, cap, len);
    if (status == SEK_OK && way == FAULTY_SHORT)
        *len /= 2;
    return status;
}

static enum sek_status vault_put(struct hal_vault *base, enum hal_vault_record record,
                                 const void *data, size_t len)
{
    struct hal_vault *real = OWNER(base, vault)->real_vault;

    switch (faulty_next("hal_vault.put")) {
    case FAULTY_FAILS:
        return SEK_ERR_IO;
    case FAULTY_IDLE:
        return SEK_OK;
    default:
        return real->ops->put(real, record, data, len);
    }
}

static enum sek_status register_read(struct hal_registers *base, uint32_t address, uint32_t *value)
{
    struct hal_registers *real = OWNER(base, registers)->real_registers;

    switch (faulty_next("hal_registers.read")) {
    case FAULTY_FAILS:
        return SEK_ERR_IO;
    case FAULTY_IDLE:
        return SEK_OK;
    default:
        return real->read(real, address, value);
    }
}

static enum sek_status uart_write(struct hal_uart *base, const void *data, size_t len)
{
    struct hal_uart *real = OWNER(base, uart)->real_uart;

    switch (faulty_next("hal_uart.write")) {
    case FAULTY_FAILS:
        return SEK_ERR_IO;
    case FAULTY_IDLE:
        return SEK_OK;
    case FAULTY_SHORT:
        return real->write(real, data, len / 2);
    default:
        return real->write(real, data, len);
    }
}

/* The hook is const and knows no owner: one board at a time. */
static const struct hal_digest *real_hook;

static struct hal_sha256_lane lane_of(const struct hal_sha256_lane *asked, const char *name)
{
    struct hal_sha256_lane lane = *asked;

    switch (faulty_next(name)) {
    case FAULTY_FAILS:
    case FAULTY_IDLE:
        lane.blocks = 0;
        break;
    case FAULTY_SHORT:
        lane.blocks /= 2;
        break;
    default:
        break;
    }
    return lane;
}

static void sha256(const struct hal_sha256_lane *asked)
{
    const struct hal_sha256_lane lane = lane_of(asked, "hal_digest.sha256");

    if (lane.blocks > 0)
        real_hook->sha256(&lane);
}

static void sha256_pair(const struct hal_sha256_lane *a, const struct hal_sha256_lane *b)
{
    const struct hal_sha256_lane first = lane_of(a, "hal_digest.sha256_pair");
    const struct hal_sha256_lane second = lane_of(b, "hal_digest.sha256_pair");

    real_hook->sha256_pair(&first, &second);
}

static void sha256_many(const struct hal_sha256_lane *asked, size_t count)
{
    struct hal_sha256_lane lane[HAL_SHA256_MANY];

    for (size_t i = 0; i < count; i++)
        lane[i] = lane_of(&asked[i], "hal_digest.sha256_many");
    real_hook->sha256_many(lane, count);
}

void faulty_devices_init(struct faulty_devices *devices)
{
    static const struct hal_vault_ops ops = {vault_get, vault_put};

    devices->media = (struct hal_media){media_open, media_close, chip_size};
    devices->clock = (struct hal_clock){uptime_ms, seconds};
    devices->entropy = (struct hal_entropy){entropy_read};
    devices->vault = (struct hal_vault){&ops, devices->real_vault->protection};
    devices->registers = (struct hal_registers){register_read};
    devices->uart = (struct hal_uart){uart_write, NULL};
    real_hook = devices->real_hook;
    if (real_hook)
        devices->hook = (struct hal_digest){
            .name = real_hook->name,
            .sha256 = sha256,
            .sha256_pair = sha256_pair,
            .sha256_many = real_hook->sha256_many ? sha256_many : NULL,
            .many_from = real_hook->many_from,
        };
}
