#include "tests/attack/glitch/machine.h"

#include "tests/attack/glitch/thumb.h"

enum {
    COPROCESSORS = 0xf << 20, /* CPACR: VFP and NEON for all */
    VFP_ENABLED = 1 << 30,    /* FPEXC */
};

static const int registers[SNAPSHOT_REGISTERS] = {
    UC_ARM_REG_R0,  UC_ARM_REG_R1, UC_ARM_REG_R2, UC_ARM_REG_R3, UC_ARM_REG_R4,   UC_ARM_REG_R5,
    UC_ARM_REG_R6,  UC_ARM_REG_R7, UC_ARM_REG_R8, UC_ARM_REG_R9, UC_ARM_REG_R10,  UC_ARM_REG_R11,
    UC_ARM_REG_R12, UC_ARM_REG_SP, UC_ARM_REG_LR, UC_ARM_REG_PC, UC_ARM_REG_CPSR,
};

enum { ALL = SNAPSHOT_REGISTERS + STATE_VECTORS + 1 };

/* Names of all registers and where they stand in a state; the program counter is not written. */
static int list(struct state *state, bool writing, int name[ALL], void *value[ALL])
{
    int count = 0;

    for (int i = SNAPSHOT_REGISTERS - 1; i >= 0; i--) { /* CPSR first: its mode banks others */
        if (writing && i == SNAPSHOT_PC)
            continue;
        name[count] = registers[i];
        value[count++] = &state->reg[i];
    }
    for (int i = 0; i < STATE_VECTORS; i++) {
        name[count] = UC_ARM_REG_D0 + i;
        value[count++] = &state->vector[i];
    }
    name[count] = UC_ARM_REG_FPSCR;
    value[count++] = &state->fpscr;
    return count;
}

void machine_set(struct machine *machine, const struct state *state)
{
    struct state copy = *state;
    int name[ALL];
    void *value[ALL];

    machine->board.sleeps = state->sleeps;
    uc_reg_write_batch(machine->uc, name, value, list(&copy, true, name, value));
    if (machine->board.board)
        board_start(&machine->board, machine->uc);
}

void machine_get(struct machine *machine, struct state *state)
{
    int name[ALL];
    void *value[ALL];

    state->sleeps = machine->board.sleeps;
    uc_reg_read_batch(machine->uc, name, value, list(state, false, name, value));
}

static uint32_t start_of(const struct state *state)
{
    return state->reg[SNAPSHOT_PC] | (state->reg[SNAPSHOT_CPSR] & THUMB_STATE ? 1 : 0);
}

bool bignum_has(const struct range bignum[BIGNUM_RANGES], uint32_t address)
{
    for (size_t i = 0; i < BIGNUM_RANGES; i++)
        if (address - bignum[i].from < bignum[i].to - bignum[i].from)
            return true;
    return false;
}

static void count_block(uc_engine *uc, uint64_t address, uint32_t size, void *ctx)
{
    struct machine *machine = ctx;

    (void)size;
    if (bignum_has(machine->bignum, (uint32_t)address))
        machine->bignum_blocks++;
    else
        machine->blocks++;
    if (machine->blocks > machine->blocks_max ||
        machine->bignum_blocks > machine->bignum_blocks_max) {
        machine->hung = true;
        uc_emu_stop(uc);
    }
}

static void system_call(uc_engine *uc, uint32_t number, void *ctx)
{
    (void)number;
    ((struct machine *)ctx)->called = true;
    uc_emu_stop(uc);
}

/* At the entry of a call: goes on behind it if its answer is known. */
static void answer_call(uc_engine *uc, uint64_t address, uint32_t size, void *ctx)
{
    struct machine *machine = ctx;
    const struct known *known;
    struct state state;
    struct known asked;
    enum call call = address == machine->calls->at[CALL_RECOVER] ? CALL_RECOVER : CALL_VERIFY;

    (void)size;
    machine_get(machine, &state);
    state.reg[SNAPSHOT_PC] = (uint32_t)address;
    if (!call_ask(machine->calls, machine->memory, &state, call, &asked))
        return;
    known = calls_find(machine->calls, &asked);
    if (known && call_answer(machine->memory, &state, known)) {
        uc_reg_write(uc, UC_ARM_REG_R0, &known->status);
        uc_reg_write(uc, UC_ARM_REG_PC, &state.reg[SNAPSHOT_LR]);
    } else if (machine->stop_at_call) {
        machine->stop_at_call = false;
        machine->call = state;
        uc_emu_stop(uc);
    }
}

static void meet(uc_engine *uc, uint64_t address, uint32_t size, void *ctx)
{
    struct machine *machine = ctx;
    struct state state = {0};

    (void)size;
    machine_get(machine, &state);
    state.reg[SNAPSHOT_PC] = (uint32_t)address;
    if (machine->keeps && meeting_keep(machine->meetings, &state, machine->memory))
        machine->met++;
    else if (!machine->keeps) {
        machine->meets = meeting_is(machine->meetings, machine->met, &state, machine->memory);
        machine->met++;
        if (machine->meets && machine->ends)
            uc_emu_stop(uc);
    }
}

static bool add_meetings(struct machine *machine)
{
    bool ok = true;
    uc_hook hook;

    for (int i = 0; ok && machine->meetings && i < MEETING_PLACES; i++) {
        uint64_t at = machine->meetings->at[i];

        if (at)
            ok = uc_hook_add(machine->uc, &hook, UC_HOOK_CODE, (void *)meet, machine, at, at) ==
                 UC_ERR_OK;
    }
    return ok;
}

bool machine_make(struct machine *machine, struct memory *memory, bool counted)
{
    uint32_t access = COPROCESSORS, enabled = VFP_ENABLED;
    uc_hook hook;
    bool ok;

    machine->memory = memory;
    machine->blocks_max = machine->bignum_blocks_max = UINT64_MAX;
    ok = uc_open(UC_ARCH_ARM, UC_MODE_ARM, &machine->uc) == UC_ERR_OK &&
         uc_ctl_set_cpu_model(machine->uc, UC_CPU_ARM_CORTEX_A7) == UC_ERR_OK;
    for (size_t i = 0; ok && i < memory->count; i++)
        ok = uc_mem_map_ptr(machine->uc, memory->region[i].address, memory->region[i].size,
                            memory->region[i].writable ? UC_PROT_READ | UC_PROT_WRITE
                                                       : UC_PROT_READ | UC_PROT_EXEC,
                            memory->region[i].bytes) == UC_ERR_OK;
    ok = ok && uc_reg_write(machine->uc, UC_ARM_REG_C1_C0_2, &access) == UC_ERR_OK &&
         uc_reg_write(machine->uc, UC_ARM_REG_FPEXC, &enabled) == UC_ERR_OK &&
         uc_hook_add(machine->uc, &hook, UC_HOOK_INTR, (void *)system_call, machine, 1, 0) ==
             UC_ERR_OK;
    if (!counted)
        ok = ok && uc_hook_add(machine->uc, &hook, UC_HOOK_BLOCK, (void *)count_block, machine, 1,
                               0) == UC_ERR_OK;
    machine->board.memory = memory;
    if (machine->board.board)
        ok = ok && board_attach(&machine->board, machine->uc);
    ok = ok && add_meetings(machine);
    for (int call = 0; ok && call < CALLS; call++)
        if (machine->answers[call])
            ok = uc_hook_add(machine->uc, &hook, UC_HOOK_CODE, (void *)answer_call, machine,
                             machine->calls->at[call], machine->calls->at[call]) == UC_ERR_OK;
    return ok;
}

void machine_drop(struct machine *machine)
{
    uc_close(machine->uc);
}

enum stop machine_run(struct machine *machine, const struct state *state, uint32_t end)
{
    uint32_t pc = 0;
    uc_err err;

    machine->blocks = machine->bignum_blocks = 0;
    machine->hung = machine->called = machine->meets = false;
    machine->board.last_sleep = state->sleeps + BOARD_SLEEPS;
    machine_set(machine, state);
    err = uc_emu_start(machine->uc, start_of(state), end, 0, 0);
    uc_reg_read(machine->uc, UC_ARM_REG_PC, &pc);
    if (machine->board.board && board_has_released(machine->uc, pc))
        return STOP_RELEASED;
    if (machine->hung)
        return STOP_HANG;
    if (machine->board.asleep || (machine->meets && machine->ends))
        return STOP_END;
    return err == UC_ERR_OK && !machine->called && pc == end ? STOP_END : STOP_CRASH;
}

bool machine_step(struct machine *machine, struct state *state)
{
    uc_err err;

    machine->called = false;
    machine_set(machine, state);
    err = uc_emu_start(machine->uc, start_of(state), 0xfffffffe, 0, 1);
    machine_get(machine, state);
    return err == UC_ERR_OK && !machine->called;
}

void machine_forget(struct machine *machine, uint32_t address)
{
    uc_ctl_remove_cache(machine->uc, (uint64_t)address, (uint64_t)address + 4);
}
