#include "tests/attack/glitch/thumb.h"

#include <capstone/capstone.h>

#include <stddef.h>

enum { ALWAYS = 0xe };

static unsigned upper(uint32_t code)
{
    return code & 0xffff;
}

unsigned thumb_len(uint32_t code, bool thumb)
{
    return thumb && upper(code) >> 11 < 0x1d ? 2 : 4;
}

bool thumb_is_it(uint32_t code)
{
    return (code & 0xff00) == 0xbf00 && (code & 0xf) != 0;
}

uint8_t thumb_it_skip(uint8_t it)
{
    return it & 7 ? (uint8_t)((it & 0xe0) | (it << 1 & 0x1f)) : 0;
}

uint8_t thumb_it_next(uint8_t it, uint32_t code)
{
    return it == 0 && thumb_is_it(code) ? (uint8_t)code : thumb_it_skip(it);
}

uint32_t thumb_put_it(uint32_t cpsr, uint8_t it)
{
    return (cpsr & ~UINT32_C(0x0600fc00)) | (uint32_t)(it >> 2) << 10 | (uint32_t)(it & 3) << 25;
}

/* IT: the first condition and, above the 1 that ends the mask, then or else of those behind it. */
static uint32_t invert_it(uint32_t code)
{
    uint32_t mask = code & 0xf, end = mask & (0 - mask);

    return code ^ 0x10 ^ ((0xf & ~(2 * end - 1)));
}

bool thumb_invert(uint32_t *code, bool thumb)
{
    unsigned first = upper(*code), second = *code >> 16;

    if (!thumb) {
        if (*code >> 28 >= ALWAYS)
            return false;
        *code ^= UINT32_C(1) << 28;
    } else if (thumb_is_it(*code)) {
        if ((first >> 4 & 0xf) == ALWAYS)
            return false;
        *code = invert_it(*code);
    } else if (first >> 12 == 0xd && (first >> 8 & 0xf) < ALWAYS) { /* B, T1 */
        *code ^= 1 << 8;
    } else if ((first & 0xf500) == 0xb100) { /* CBZ, CBNZ */
        *code ^= 1 << 11;
    } else if (first >> 11 == 0x1e && (second & 0xd000) == 0x8000 &&
               (first >> 6 & 0xf) < ALWAYS) { /* B, T3 */
        *code ^= 1 << 6;
    } else {
        return false;
    }
    return true;
}

/* Bit of a register of capstone; 0: another. */
static uint32_t bit_of(unsigned reg)
{
    if (reg >= ARM_REG_R0 && reg <= ARM_REG_R12)
        return UINT32_C(1) << (reg - ARM_REG_R0);
    return reg == ARM_REG_SP     ? 1 << 13
           : reg == ARM_REG_LR   ? 1 << 14
           : reg == ARM_REG_CPSR ? (uint32_t)RESULT_FLAGS
                                 : 0;
}

uint32_t thumb_result(uint32_t address, uint32_t code, bool thumb)
{
    static csh handle[2];
    static cs_insn *insn;
    const uint8_t bytes[] = {(uint8_t)code, (uint8_t)(code >> 8), (uint8_t)(code >> 16),
                             (uint8_t)(code >> 24)};
    const uint8_t *at = bytes;
    size_t left = sizeof bytes;
    uint64_t pc = address;
    cs_regs read, written;
    uint8_t read_count, written_count;
    uint32_t bits = 0;

    if (!handle[thumb]) {
        if (cs_open(CS_ARCH_ARM, thumb ? CS_MODE_THUMB : CS_MODE_ARM, &handle[thumb]) != CS_ERR_OK)
            return 0;
        cs_option(handle[thumb], CS_OPT_DETAIL, CS_OPT_ON);
    }
    if (!insn)
        insn = cs_malloc(handle[thumb]);
    if (!cs_disasm_iter(handle[thumb], &at, &left, &pc, insn) ||
        cs_regs_access(handle[thumb], insn, read, &read_count, written, &written_count) !=
            CS_ERR_OK)
        return 0;
    for (size_t i = 0; i < written_count; i++)
        bits |= bit_of(written[i]);
    return bits & ~(uint32_t)RESULT_FLAGS ? bits & ~(uint32_t)RESULT_FLAGS : bits;
}
