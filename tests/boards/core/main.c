/* The agent on a board without network, composed as any board does it: a serial line, flash and
 * parts in the address space, a vault, a clock. The drivers do no more than touch their registers,
 * so that what is measured is the core. It is linked and weighed, never run. */
#include "agent/line.h"
#include "agent/memory.h"
#include "base/bytes.h"

#include <mbedtls/memory_buffer_alloc.h>
#include <psa/crypto.h>

#include <string.h>

/* Sizes of everything: eight components, images of any size. */
enum {
    CRYPTO_POOL = 8 * 1024,
    CHUNK = 4 * 1024,
    TREE = 16 * 1024, /* a FIT's tree without payloads */
    EXTENTS = 64,
    IMAGES = 16,
    STATEMENTS = 8,
    SIGNATURES = 8,
    RECORD = 2 * 1024,
    ROWS = 32,
    OBSERVATIONS = 128,
    TEXT = 4 * 1024,
    STORE = 32 * 1024,
    ANSWERS = 2,
    ANSWER = 6 * 1024, /* a request and a token */
    EXCHANGES = 4,
    UPLOAD = 2 * 1024,
    SLOT_HEAD = 4, /* bytes of the length in front of a store in its slot */
};

static struct memory {
    _Alignas(8) uint8_t crypto[CRYPTO_POOL];
    _Alignas(64) uint8_t chunk[CHUNK];
    _Alignas(8) uint8_t tree[TREE];
    struct sek_extent extent[EXTENTS];
    struct sek_image_claim image[IMAGES];
    struct sek_statement_claim statement[STATEMENTS];
    struct sek_signature_claim signature[SIGNATURES];
    uint8_t record[RECORD];
    struct sek_row row[ROWS];
    struct sek_observation observation[OBSERVATIONS];
    uint8_t text[TEXT];
    _Alignas(8) uint8_t store[STORE], incoming[STORE];
    _Alignas(8) uint8_t scratch[SEK_AGENT_SCRATCH];
    struct sek_answer answer[ANSWERS];
    uint8_t answer_buf[ANSWERS][ANSWER];
    struct sek_exchange exchange[EXCHANGES];
    struct sek_verified verified[1]; /* there is no network */
    uint8_t upload[UPLOAD];
} m;

static struct sek_agent agent;
static struct sek_server server;
static struct sek_line line;

/* Named by the linker script. */
extern const uint8_t board_description[], board_description_end[], board_flash[];
extern uint8_t board_store[], board_vault[HAL_VAULT_RECORDS][HAL_VAULT_RECORD_MAX];
extern volatile uint32_t board_uart, board_timer, board_rng;
extern const uint8_t board_authority[];
extern const size_t board_authority_len;

/* ---- Drivers ---- */

static uint64_t uptime_ms(struct hal_clock *clock)
{
    (void)clock;
    return board_timer;
}

static uint64_t no_calendar(struct hal_clock *clock, enum hal_time_source *source)
{
    (void)clock;
    *source = HAL_TIME_NONE;
    return 0;
}

static struct hal_clock board_clock = {uptime_ms, no_calendar};

static enum sek_status random_bytes(struct hal_entropy *entropy, void *buf, size_t len)
{
    (void)entropy;
    for (size_t i = 0; i < len; i++)
        ((uint8_t *)buf)[i] = (uint8_t)board_rng;
    return SEK_OK;
}

static struct hal_entropy board_entropy = {random_bytes};

psa_status_t mbedtls_psa_external_get_random(mbedtls_psa_external_random_context_t *context,
                                             uint8_t *output, size_t output_size,
                                             size_t *output_length)
{
    (void)context;
    if (board_entropy.read(&board_entropy, output, output_size) != SEK_OK)
        return PSA_ERROR_INSUFFICIENT_ENTROPY;
    *output_length = output_size;
    return PSA_SUCCESS;
}

static enum sek_status get_record(struct hal_vault *vault, enum hal_vault_record record, void *buf,
                                  size_t cap, size_t *len)
{
    size_t size = board_vault[record][0];

    (void)vault;
    if (size == 0)
        return SEK_ERR_NOT_FOUND;
    if (size > cap)
        return SEK_ERR_NO_SPACE;
    memcpy(buf, &board_vault[record][1], size);
    *len = size;
    return SEK_OK;
}

static enum sek_status put_record(struct hal_vault *vault, enum hal_vault_record record,
                                  const void *data, size_t len)
{
    (void)vault;
    memcpy(&board_vault[record][1], data, len);
    board_vault[record][0] = (uint8_t)len;
    return SEK_OK;
}

static const struct hal_vault_ops vault_ops = {get_record, put_record};
static struct hal_vault vault = {&vault_ops, HAL_KEY_FLASH};

static struct sek_memory_source medium;

static enum sek_status open_medium(struct hal_media *media, const struct hal_media_place *place,
                                   struct sek_source **source)
{
    (void)media;
    medium = sek_memory_source_make(board_flash + place->offset, (size_t)place->len);
    *source = &medium.base;
    return SEK_OK;
}

static void close_medium(struct hal_media *media)
{
    (void)media;
}

static struct hal_media media = {open_medium, close_medium, NULL};

static enum sek_status load_store(struct sek_store_slots *slots, uint8_t *buf, size_t cap,
                                  size_t *len)
{
    size_t size = sek_get_u32be(board_store);

    (void)slots;
    if (size > cap)
        return SEK_ERR_NOT_FOUND;
    memcpy(buf, board_store + SLOT_HEAD, size);
    *len = size;
    return SEK_OK;
}

static enum sek_status save_store(struct sek_store_slots *slots, const uint8_t *data, size_t len)
{
    (void)slots;
    memcpy(board_store + SLOT_HEAD, data, len);
    sek_put_u32be(board_store, (uint32_t)len);
    return SEK_OK;
}

static struct sek_store_slots slots = {load_store, save_store};

static enum sek_status uart_write(struct hal_uart *uart, const void *data, size_t len)
{
    (void)uart;
    for (size_t i = 0; i < len; i++)
        board_uart = ((const uint8_t *)data)[i];
    return SEK_OK;
}

static enum sek_status uart_read(struct hal_uart *uart, uint8_t *buf, size_t cap, size_t *len)
{
    (void)uart;
    *len = 0;
    while (*len < cap && (board_uart & 0x100))
        buf[(*len)++] = (uint8_t)board_uart;
    return SEK_OK;
}

static struct hal_uart uart = {uart_write, uart_read};

/* ---- Start ---- */

static const struct sek_agent_config config = {
    .clock = &board_clock,
    .entropy = &board_entropy,
    .vault = &vault,
    .media = &media,
    .slots = &slots,
    .method = SEK_METHOD_AGENT,
    .assurance = "gate",
    SEK_AGENT_MEMORY(m),
};

int main(void)
{
    struct sek_agent_config mine = config;
    const char *why;

    mine.authority = (struct sek_bytes){board_authority, board_authority_len};
    mine.description =
        (struct sek_bytes){board_description, (size_t)(board_description_end - board_description)};
    mbedtls_memory_buffer_alloc_init(m.crypto, sizeof m.crypto);
    if (sek_agent_start(&agent, &mine, &why) != SEK_OK)
        return 1;
    sek_agent_serve(&agent, &server, &(const struct sek_agent_buffers)SEK_AGENT_BUFFERS(m));
    sek_line_init(&line, &agent, &server, &uart, uptime_ms(&board_clock));
    for (;;) {
        uint8_t bytes[64];
        size_t len = 0;

        (void)sek_agent_step(&agent);
        if (uart_read(&uart, bytes, sizeof bytes, &len) == SEK_OK && len > 0)
            sek_line_input(&line, bytes, len, uptime_ms(&board_clock));
        sek_line_idle(&line, uptime_ms(&board_clock));
    }
}
