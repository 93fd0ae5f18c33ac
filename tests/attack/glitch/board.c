#include "tests/attack/glitch/board.h"

#include "boards/fuji-bmc/board.h"
#include "hal/aspeed/ast2600.h"

#include <stdio.h>
#include <string.h>

enum {
    WFI_LEN = 2,
    COUNTER_READ_LEN = 4,
    CALL_LEN = 4,
    UART_STATUS = 0x14,
    UART_READY = 0x60,      /* room, and nothing under way */
    RANDOM = 0x540,         /* in the system control unit */
    TICKS_PER_MS = 1000000, /* of the emulated board */
    FIRST_MS = 10000,       /* it has run for less when the window begins */
    SLEEP_MS = 1000,
};

/* SCTLR (ARM DDI 0406C, B4.1.130). The engine runs without the MMU. That the program has it on is
 * told by the bit that it switches with it, which means nothing to the engine. */
enum { SCTLR_INSTRUCTION_CACHE = 1 << 12 };

static uc_arm_cp_reg sctlr(uint64_t value)
{
    return (uc_arm_cp_reg){.cp = 15, .crn = 1, .val = value};
}

bool board_has_released(uc_engine *uc, uint32_t pc)
{
    uc_arm_cp_reg reg = sctlr(0);

    return pc - BOARD_KEEP < BOARD_KEEP_SIZE &&
           uc_reg_read(uc, UC_ARM_REG_CP_REG, &reg) == UC_ERR_OK &&
           !(reg.val & SCTLR_INSTRUCTION_CACHE);
}

void board_start(struct board_view *view, uc_engine *uc)
{
    uc_arm_cp_reg reg = sctlr(SCTLR_INSTRUCTION_CACHE);

    view->asleep = false;
    uc_reg_write(uc, UC_ARM_REG_CP_REG, &reg);
}

/* MRRC p15, 0, Rt, Rt2, c14: the counter (ARM DDI 0406C, B4.1.30), its second half first. */
static bool is_counter_read(uint32_t code)
{
    return (code & 0x0ffffff0) == 0x0f0eec50;
}

static bool find_counter(struct board *board, const struct region *code)
{
    for (uint32_t at = 0; at + COUNTER_READ_LEN <= code->size; at += 2) {
        uint32_t word;

        memcpy(&word, code->bytes + at, sizeof word);
        if (!is_counter_read(word))
            continue;
        if (board->counter_count == BOARD_COUNTERS)
            return false;
        board->counter[board->counter_count].at = code->address + at;
        board->counter[board->counter_count++].code = word;
    }
    return board->counter_count > 0;
}

bool board_take(struct board *board, struct snapshot *out, const char *elf, const char *socket,
                uint32_t first, uint32_t second, uint32_t partition)
{
    const struct area areas[] = {
        {BOARD_KEEP, partition, false},    {BOARD_TREE, BOARD_TREE_SIZE, true},
        {BOARD_LOG, BOARD_LOG_SIZE, true}, {AST2600_GIC_DIST, 0x2000, true},
        {0x1e600000, 2 << 20, true}, /* what the board maps of its devices */
    };
    uint8_t *uart;

    if (!snapshot_take_board(out, elf, socket, first, second, areas,
                             sizeof areas / sizeof areas[0]))
        return false;
    uart = region_at(out->region, out->region_count, AST2600_UART1, UART_STATUS + 1);
    uart[UART_STATUS] = UART_READY;
    if (find_counter(board, &out->region[0]))
        return true;
    fprintf(stderr, "glitch: where does this board read its clock?\n");
    snapshot_free(out);
    return false;
}

static void on_sleep(uc_engine *uc, uint64_t address, uint32_t size, void *ctx)
{
    struct board_view *view = ctx;
    uint32_t behind = ((uint32_t)address + WFI_LEN) | 1;

    (void)size;
    view->sleeps++;
    if (view->sleeps == view->last_sleep) {
        view->asleep = true;
        uc_emu_stop(uc);
    } else {
        uc_reg_write(uc, UC_ARM_REG_PC, &behind);
    }
}

/* Goes on behind the call, whose status is good. */
static void on_log(uc_engine *uc, uint64_t address, uint32_t size, void *ctx)
{
    uint32_t status = 0, behind = ((uint32_t)address + CALL_LEN) | 1;

    (void)size;
    (void)ctx;
    uc_reg_write(uc, UC_ARM_REG_R0, &status);
    uc_reg_write(uc, UC_ARM_REG_PC, &behind);
}

/* Unicorn's numbers of r0 to r12, which stand in a row. */
static int low_register(uint32_t number)
{
    return UC_ARM_REG_R0 + (int)number;
}

static void on_counter(uc_engine *uc, uint64_t address, uint32_t size, void *ctx)
{
    const struct board_view *view = ctx;
    uint64_t ticks = (FIRST_MS + (uint64_t)view->sleeps * SLEEP_MS) * TICKS_PER_MS;
    uint32_t low = (uint32_t)ticks, high = (uint32_t)(ticks >> 32);
    uint32_t behind = ((uint32_t)address + COUNTER_READ_LEN) | 1;

    (void)size;
    for (size_t i = 0; i < view->board->counter_count; i++) {
        uint32_t code = view->board->counter[i].code;

        if (view->board->counter[i].at != address)
            continue;
        uc_reg_write(uc, low_register(code >> 28), &low);
        uc_reg_write(uc, low_register(code & 0xf), &high);
        uc_reg_write(uc, UC_ARM_REG_PC, &behind);
    }
}

/* The next number of a xorshift generator (Marsaglia, 2003), made as the old one is read. */
static void on_random(uc_engine *uc, uc_mem_type type, uint64_t address, int size, int64_t value,
                      void *ctx)
{
    uint8_t *at = memory_at(((struct board_view *)ctx)->memory, AST2600_SCU + RANDOM, 4);
    uint32_t word;

    (void)uc;
    (void)type;
    (void)address;
    (void)size;
    (void)value;
    memcpy(&word, at, sizeof word);
    word = word ? word : 0x9e3779b9;
    word ^= word << 13;
    word ^= word >> 17;
    word ^= word << 5;
    memcpy(at, &word, sizeof word);
}

bool board_attach(struct board_view *view, uc_engine *uc)
{
    uint64_t random = AST2600_SCU + RANDOM, sleep = view->board->sleep;
    uint64_t log = view->board->log;
    uc_hook hook;
    bool ok =
        uc_hook_add(uc, &hook, UC_HOOK_MEM_READ, (void *)on_random, view, random, random + 3) ==
            UC_ERR_OK &&
        uc_hook_add(uc, &hook, UC_HOOK_CODE, (void *)on_sleep, view, sleep, sleep) == UC_ERR_OK;

    if (log)
        ok =
            ok && uc_hook_add(uc, &hook, UC_HOOK_CODE, (void *)on_log, view, log, log) == UC_ERR_OK;
    for (size_t i = 0; ok && i < view->board->counter_count; i++) {
        uint64_t at = view->board->counter[i].at;

        ok = uc_hook_add(uc, &hook, UC_HOOK_CODE, (void *)on_counter, view, at, at) == UC_ERR_OK;
    }
    return ok;
}
