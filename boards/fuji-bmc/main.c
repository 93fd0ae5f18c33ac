/* Meta Fuji switch BMC: composes drivers, memory and channels. The agent is the gate if it came
 * from the reset vector, a visitor if somebody loaded it into memory. */
#include "agent/datagrams.h"
#include "agent/gate.h"
#include "agent/line.h"
#include "agent/resources.h"
#include "agent/words.h"
#include "base/bytes.h"
#include "boards/fuji-bmc/board.h"
#include "boards/fuji-bmc/network.h"
#include "hal/aspeed/ast2600.h"
#include "hal/aspeed/clock.h"
#include "hal/aspeed/gic.h"
#include "hal/aspeed/i2c.h"
#include "hal/aspeed/mmio.h"
#include "hal/aspeed/mmu.h"
#include "hal/aspeed/rng.h"
#include "hal/aspeed/scu.h"
#include "hal/aspeed/spi_flash.h"
#include "hal/aspeed/uart.h"
#include "hal/aspeed/wdt.h"
#include "hal/portable/flash_store.h"
#include "hal/portable/flash_vault.h"
#include "hal/portable/media.h"

#include <libfdt.h>
#include <mbedtls/memory_buffer_alloc.h>
#include <psa/crypto.h>

#include <string.h>

/* Sizes of everything; the linker counts them against board.ld. */
enum {
    CRYPTO_POOL = 24 * 1024,
    CHUNK = 32 * 1024,
    TREE = 128 * 1024, /* a FIT's tree without payloads */
    EXTENTS = 128,
    IMAGES = 32,
    SIGNATURES = 16,
    RECORD = 8 * 1024,
    ROWS = 96,
    OBSERVATIONS = 256,
    TEXT = 16 * 1024,
    STORE = 512 * 1024,
    ANSWERS = 4,
    ANSWER = 24 * 1024, /* a request and a token */
    EXCHANGES = 16,
    PEERS = 16,
    UPLOAD = 4 * 1024,
    COSTLY_MS = 200, /* between two signatures */
    TICK_MS = 500,
    WATCHDOG_MS = 60 * 1000, /* the longest step is a signature check */
    FEED_MS = 1000,          /* at every step it would cost a tenth of a cycle */
    BUSES = 16,
    CHIPS = 3,
    BAUD_115200 = 1,
    INPUT = 256,
    NETWORK_TICK_MS = 50, /* lwIP's timers */
};

static struct memory {
    uint8_t crypto[CRYPTO_POOL];
    _Alignas(64) uint8_t chunk[CHUNK];
    _Alignas(8) uint8_t tree[TREE];
    struct sek_extent extent[EXTENTS];
    struct sek_image_claim image[IMAGES];
    struct sek_statement_claim statement[SEK_STATEMENTS_MAX];
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
    struct sek_verified verified[PEERS];
    uint8_t upload[UPLOAD];
} m;

static struct board {
    struct sek_agent agent;
    struct sek_server server;
    struct sek_line line;
    struct aspeed_uart console;
    struct aspeed_clock clock;
    struct aspeed_rng rng;
    struct aspeed_wdt watchdog;
    struct aspeed_scu scu;
    struct aspeed_spi_flash flash[CHIPS];
    struct aspeed_i2c i2c[BUSES];
    struct board_chip chip[CHIPS];
    struct board_bus bus[BUSES];
    struct board_media media;
    struct flash_region vault_region, store_region[3];
    struct flash_vault vault;
    struct flash_slots stores;
    struct sek_store_slots slots;
    struct sek_gate gate;
    struct board_network network;
    bool from_flash; /* the gate; else a visit, which writes and starts nothing */
    bool starts;     /* there is something to start */
} board;

static uint32_t mmu_table[ASPEED_MMU_ENTRIES]
    __attribute__((section(".mmu_table"), aligned(4 * ASPEED_MMU_ENTRIES)));
static volatile uint32_t reset_state __attribute__((section(".state")));

#define STACK_PAINT UINT32_C(0x5ac35ac3) /* as in start.S */
enum { CRYPTO_PAINT = 0x5a, CRYPTO_HEAD = 64 /* where it keeps its first free block */ };
extern const uint32_t stack_from[], stack_end[];
extern const uint8_t board_dtb[], board_authority[];
extern const uint32_t board_dtb_len;
extern const size_t board_authority_len;

static struct sek_bytes description(void)
{
    return (struct sek_bytes){board_dtb, board_dtb_len};
}

static void say(const char *text)
{
    (void)!board.console.base.write(&board.console.base, text, strlen(text));
}

/* What Mbed TLS asks for. */
psa_status_t mbedtls_psa_external_get_random(mbedtls_psa_external_random_context_t *context,
                                             uint8_t *output, size_t output_size,
                                             size_t *output_length)
{
    (void)context;
    *output_length = 0;
    if (board.rng.base.read(&board.rng.base, output, output_size) != SEK_OK)
        return PSA_ERROR_INSUFFICIENT_ENTROPY;
    *output_length = output_size;
    return PSA_SUCCESS;
}

/* ---- Called by start.S ---- */

void board_interrupt(void);
void board_fault(unsigned kind, uint32_t at, uint32_t address);
_Noreturn void board_main(int moved);

void board_interrupt(void)
{
    unsigned id = aspeed_gic_begin();

    if (id == AST2600_IRQ_UART1)
        aspeed_uart_interrupt(&board.console);
    else if (id == AST2600_IRQ_MAC4)
        board_network_interrupt(&board.network);
    else if (id == AST2600_IRQ_TIMER)
        aspeed_clock_alarm(&board.clock, 0);
    if (id < ASPEED_GIC_NONE)
        aspeed_gic_end(id);
}

static void say_hex(uint32_t value)
{
    char text[9];

    for (unsigned i = 0; i < 8; i++)
        text[i] = "0123456789abcdef"[value >> (28 - 4 * i) & 0xf];
    text[8] = '\0';
    say(text);
}

/* A fault is a mistake of ours or an attack: say where and start anew. */
void board_fault(unsigned kind, uint32_t at, uint32_t address)
{
    static const char *const kinds[] = {"undefined instruction", "prefetch abort", "data abort"};

    say("\r\nsekisho: ");
    say(kinds[kind % SEK_LEN(kinds)]);
    say(" at ");
    say_hex(at);
    say(", address ");
    say_hex(address);
    say("; the board is reset\r\n");
    aspeed_wdt_reset(&board.watchdog);
}

/* ---- Start ---- */

static void start_memory(void)
{
    static const struct aspeed_mmu_area areas[] = {
        {AST2600_SRAM, 1 << 20, ASPEED_MMU_UNCACHED},
        {0x1e600000, 2 << 20, ASPEED_MMU_DEVICE},
        {AST2600_FMC_CS0, 1 << 20, ASPEED_MMU_DEVICE},
        {AST2600_FMC_CS1, 1 << 20, ASPEED_MMU_DEVICE},
        {AST2600_SPI1_CS0, 1 << 20, ASPEED_MMU_DEVICE},
        {0x40400000, 1 << 20, ASPEED_MMU_DEVICE},
        {BOARD_KEEP, BOARD_KEEP_SIZE, ASPEED_MMU_DATA},
        {0x8a000000, 1 << 20, ASPEED_MMU_CODE}, /* CODE of board.ld */
        {0x8a100000, 7 << 20, ASPEED_MMU_DATA}, /* RAM */
        {0x8aa00000, 1 << 20, ASPEED_MMU_DATA}, /* STACK: below it nothing is mapped */
        {BOARD_TREE, BOARD_TREE_SIZE, ASPEED_MMU_DATA},
        {BOARD_LOG, BOARD_LOG_SIZE, ASPEED_MMU_DATA},
    };

    aspeed_mmu_start(mmu_table, areas, SEK_LEN(areas));
}

/* Where the description says random numbers come from. Without it none do: the address of a word
 * that never changes fails the health test. */
static uintptr_t random_register(void)
{
    int node = fdt_node_offset_by_compatible(board_dtb, -1, "timeriomem_rng"), len = 0;
    const void *reg = fdt_getprop(board_dtb, node, "reg", &len);

    return reg && len >= 4 ? sek_get_u32be(reg) : AST2600_SCU;
}

static void start_devices(void)
{
    aspeed_uart_start(&board.console, AST2600_UART1, BAUD_115200);
    aspeed_clock_start(&board.clock);
    aspeed_wdt_start(&board.watchdog, AST2600_WDT1);
    board.watchdog.base.feed(&board.watchdog.base, WATCHDOG_MS);
    aspeed_gic_start();
    aspeed_gic_enable(AST2600_IRQ_UART1);
    aspeed_gic_enable(AST2600_IRQ_TIMER);
    __asm__ volatile("cpsie i" ::: "memory");
    aspeed_rng_start(&board.rng, random_register());
}

/* What the board description calls closed is closed; a visit changes nothing. */
static void close_bridges(void)
{
    struct sek_closed_register closed[SEK_AGENT_CLOSED_MAX];
    size_t count = sek_inventory_closed(description(), closed, SEK_LEN(closed));

    aspeed_scu_start(&board.scu);
    for (size_t i = 0; board.from_flash && i < count && i < SEK_LEN(closed); i++) {
        if (aspeed_scu_set(closed[i].address, closed[i].mask, closed[i].value) != SEK_OK)
            say("sekisho: a bridge into the board cannot be closed\r\n");
    }
}

static void start_media(void)
{
    static const struct {
        uintptr_t at, window;
        unsigned cs;
    } chips[CHIPS] = {
        {AST2600_FMC, AST2600_FMC_CS0, 0},
        {AST2600_FMC, AST2600_FMC_CS1, 1},
        {AST2600_SPI1, AST2600_SPI1_CS0, 0},
    };

    for (unsigned i = 0; i < CHIPS; i++) {
        bool there = aspeed_spi_flash_start(&board.flash[i], &board.clock.base, chips[i].at,
                                            chips[i].window, chips[i].cs) == SEK_OK;

        board.chip[i] = (struct board_chip){(uint32_t)chips[i].at, chips[i].cs,
                                            there ? &board.flash[i].base : NULL};
    }
    for (uint32_t i = 0; i < BUSES; i++) {
        uint32_t reg = 0x80 + 0x80 * i;

        aspeed_i2c_start(&board.i2c[i], &board.clock.base, AST2600_I2C + reg, 0);
        board.bus[i] = (struct board_bus){reg, &board.i2c[i].base};
    }
    board.media.chip = board.chip;
    board.media.chip_count = CHIPS;
    board.media.keep = (uint8_t *)BOARD_KEEP;
    board.media.keep_cap = BOARD_KEEP_SIZE;
    board.media.bus = board.bus;
    board.media.bus_count = BUSES;
    board_media_init(&board.media);
}

/* The region of the boot chip that the description keeps for this use. */
static enum sek_status find_region(const char *use, bool writable, struct flash_region *region)
{
    struct hal_media_place place;
    enum sek_status status = sek_inventory_use(description(), use, &place);

    if (status != SEK_OK)
        return status;
    for (unsigned i = 0; i < CHIPS; i++) {
        if (board.chip[i].controller == place.controller && board.chip[i].chip == place.chip &&
            board.chip[i].flash)
            return flash_region_init(region, board.chip[i].flash, place.offset, place.len,
                                     writable);
    }
    return SEK_ERR_ABSENT;
}

/* The factory store, as the programmer wrote it: a FIT tells its own length. */
static enum sek_status load_factory(uint8_t *buf, size_t cap, size_t *len)
{
    struct hal_flash *flash = &board.store_region[2].base;
    size_t all = flash->size < cap ? (size_t)flash->size : cap;
    enum sek_status status = hal_flash_read(flash, 0, buf, all);

    while (status == SEK_OK && all > 0 && buf[all - 1] == 0xff)
        all--;
    if (status == SEK_OK && all == 0)
        return SEK_ERR_NOT_FOUND;
    if (status == SEK_OK)
        *len = all;
    return status;
}

static enum sek_status load_store(struct sek_store_slots *slots, uint8_t *buf, size_t cap,
                                  size_t *len)
{
    (void)slots;
    if (flash_store_load(&board.stores, buf, cap, len) == SEK_OK)
        return SEK_OK;
    return load_factory(buf, cap, len);
}

static enum sek_status save_store(struct sek_store_slots *slots, const uint8_t *data, size_t len)
{
    (void)slots;
    return board.from_flash ? flash_store_save(&board.stores, data, len) : SEK_ERR_STATE;
}

/* What is ours in flash: vault and stores. A visit opens none of it for writing. */
static enum sek_status start_flash(void)
{
    enum sek_status status = find_region("store-factory", false, &board.store_region[2]);

    if (status == SEK_OK)
        status = find_region("store-a", board.from_flash, &board.store_region[0]);
    if (status == SEK_OK)
        status = find_region("store-b", board.from_flash, &board.store_region[1]);
    if (status == SEK_OK)
        status = flash_slots_open(&board.stores, &board.store_region[0].base,
                                  &board.store_region[1].base, board.from_flash);
    if (status == SEK_OK && board.from_flash)
        status = find_region("vault", true, &board.vault_region);
    if (status == SEK_OK && board.from_flash)
        status = flash_vault_open(&board.vault, &board.vault_region.base);
    return status;
}

/* start.S painted the stack; what it reached is another word now. */
static size_t stack_used(void)
{
    uintptr_t at = (uintptr_t)stack_from, end = (uintptr_t)stack_end;

    while (at < end && *(const uint32_t *)at == STACK_PAINT)
        at += sizeof(uint32_t);
    return end - at;
}

/* Mbed TLS takes from the beginning; what it never had is painted. */
static size_t crypto_used(void)
{
    size_t used = sizeof m.crypto;

    while (used > 0 && m.crypto[used - 1] == CRYPTO_PAINT)
        used--;
    return used;
}

static const struct sek_pool pools[] = {
    {"stack", stack_used},
    {"crypto", crypto_used},
    {"packets", lwip_net_packets},
};

static bool start_agent(void)
{
    struct sek_agent_config config = {
        .clock = &board.clock.base,
        .entropy = &board.rng.base,
        .vault = board.from_flash ? &board.vault.base : NULL,
        .media = &board.media.base,
        .registers = &board.scu.base,
        .slots = &board.slots,
        .authority = {board_authority, board_authority_len},
        .description = description(),
        .method = SEK_METHOD_AGENT,
        .assurance = board.from_flash ? "gate" : "visit",
        .has_reset_reason = true,
        .reset_reason = aspeed_reset_reason(&reset_state),
        .cycle =
            {
                .image = {.pass = {m.chunk, CHUNK, m.extent, EXTENTS},
                          .scratch = m.tree,
                          .scratch_len = TREE,
                          .image = m.image,
                          .image_cap = IMAGES,
                          .statement = m.statement,
                          .statement_cap = SEK_STATEMENTS_MAX,
                          .signature = m.signature,
                          .signature_cap = SIGNATURES},
                .record = m.record,
                .record_cap = RECORD,
                .row = m.row,
                .row_cap = ROWS,
                .observation = m.observation,
                .observation_cap = OBSERVATIONS,
                .text = m.text,
                .text_cap = TEXT,
            },
        .store = m.store,
        .incoming = m.incoming,
        .store_cap = STORE,
        .scratch = m.scratch,
        .pool = pools,
        .pool_count = SEK_LEN(pools),
    };
    const char *why = "";
    enum sek_status status;

    board.slots = (struct sek_store_slots){load_store, save_store};
    status = sek_agent_start(&board.agent, &config, &why);
    if (status != SEK_OK) {
        say("sekisho: the agent does not start: ");
        say(why);
        say(" (");
        say(sek_status_text(status));
        say(")\r\n");
    }
    return status == SEK_OK;
}

static void start_server(void)
{
    struct sek_server_config config = {
        .resource = sek_agent_resources,
        .resource_count = SEK_AGENT_RESOURCES,
        .ctx = &board.agent,
        .tag = sek_agent_tag,
        .answer = m.answer,
        .answer_count = ANSWERS,
        .exchange = m.exchange,
        .exchange_count = EXCHANGES,
        .verified = m.verified,
        .verified_count = PEERS,
        .upload = m.upload,
        .upload_cap = UPLOAD,
        .costly_ms = COSTLY_MS,
        .szx_max = SEK_COAP_SZX_MAX,
    };

    for (size_t i = 0; i < ANSWERS; i++) {
        m.answer[i].buf = m.answer_buf[i];
        m.answer[i].cap = ANSWER;
    }
    memcpy(&config.first_id, board.agent.boot_seed, sizeof config.first_id);
    sek_server_init(&board.server, &config);
}

/* ---- The gate ---- */

static void start_gate(void)
{
    struct sek_gate_config config = {.memory = {(const uint8_t *)BOARD_KEEP, BOARD_KEEP_SIZE}};
    enum sek_status status = sek_gate_configure(description(), &config);

    if (!board.from_flash)
        return;
    if (status != SEK_OK) {
        say("sekisho: the board description has no gate that can be used: nothing is started\r\n");
        return;
    }
    board.media.keep_label = config.partition;
    sek_gate_init(&board.gate, &board.agent, &config);
    board.starts = true;
}

/* Leaves the board as a system expects it and starts what was released. */
static _Noreturn void start_system(void)
{
    say("sekisho: released; the system starts\r\n");
    sek_identity_close(&board.agent.identity);
    memset(m.crypto, 0, sizeof m.crypto);
    board.watchdog.base.stop(&board.watchdog.base);
    aspeed_reset_wanted(&reset_state);
    aspeed_clock_alarm(&board.clock, 0);
    aspeed_uart_stop(&board.console);
    board_network_stop(&board.network);
    aspeed_gic_stop();
    aspeed_mmu_leave((uint32_t)(uintptr_t)board.gate.boot.kernel.data, UINT32_MAX, BOARD_TREE);
}

static void serve_gate(uint64_t now_ms)
{
    bool changed = board.starts && sek_gate_step(&board.gate, now_ms);

    if (board.starts && board.gate.state == SEK_GATE_RELEASED) {
        if (board_prepare(&board.gate) == SEK_OK)
            start_system();
        board.starts = false;
        say("sekisho: log or device tree could not be made: nothing is started\r\n");
    }
    if (changed)
        sek_agent_say_gate(&board.agent, &board.line.console);
}

/* ---- Run ---- */

static void serve_serial(uint64_t now_ms)
{
    uint8_t bytes[INPUT];
    size_t len = 0;

    if (board.console.base.read(&board.console.base, bytes, sizeof bytes, &len) == SEK_OK &&
        len > 0)
        sek_line_input(&board.line, bytes, len, now_ms);
    sek_line_idle(&board.line, now_ms);
}

static void serve_datagrams(uint64_t now_ms)
{
    char text[16];

    if (!board.network.up)
        return;
    sek_datagrams_serve(&board.server, &board.network.net.base, now_ms);
    if (board_network_news(&board.network, text)) {
        say("sekisho: coap://");
        say(text);
        say("\r\n");
    }
}

/* Sleeps until an interrupt; what came just before is not missed, because wfi looks past the mask.
 */
static void sleep(void)
{
    aspeed_clock_alarm(&board.clock, board.network.up ? NETWORK_TICK_MS : TICK_MS);
    __asm__ volatile("cpsid i" ::: "memory");
    if (!aspeed_uart_waiting(&board.console))
        __asm__ volatile("dsb\n\twfi" ::: "memory");
    __asm__ volatile("cpsie i" ::: "memory");
}

/* Feeds the watchdog from time to time; returns when next. */
static uint64_t feed(uint64_t at_ms)
{
    uint64_t now_ms = board.clock.base.uptime_ms(&board.clock.base);

    if (now_ms < at_ms)
        return at_ms;
    board.watchdog.base.feed(&board.watchdog.base, WATCHDOG_MS);
    return now_ms + FEED_MS;
}

static void run(void)
{
    uint64_t feed_at_ms = 0;

    for (;;) {
        bool busy = sek_agent_step(&board.agent);

        feed_at_ms = feed(feed_at_ms);
        serve_serial(board.clock.base.uptime_ms(&board.clock.base));
        serve_datagrams(board.clock.base.uptime_ms(&board.clock.base));
        if (!busy)
            serve_gate(board.clock.base.uptime_ms(&board.clock.base));
        if (!busy && !aspeed_uart_waiting(&board.console))
            sleep();
    }
}

_Noreturn void board_main(int moved)
{
    board.from_flash = moved != 0;
    start_memory();
    start_devices();
    say("\r\n" SEK_AGENT_NAME " " SEK_AGENT_VERSION ", ");
    say(board.from_flash ? "gate\r\n" : "visit\r\n");
    mbedtls_memory_buffer_alloc_init(m.crypto, sizeof m.crypto);
    memset(m.crypto + CRYPTO_HEAD, CRYPTO_PAINT, sizeof m.crypto - CRYPTO_HEAD);
    close_bridges();
    start_media();
    if (start_flash() != SEK_OK)
        say("sekisho: vault or trust store in flash cannot be used\r\n");
    if (start_agent()) {
        start_server();
        start_gate();
        if (board_network_start(&board.network, &board.clock.base, &board.rng.base, board_dtb))
            aspeed_gic_enable(AST2600_IRQ_MAC4);
        sek_line_init(&board.line, &board.agent, &board.server, &board.console.base,
                      board.clock.base.uptime_ms(&board.clock.base));
        run();
    }
    aspeed_wdt_reset(&board.watchdog);
}
