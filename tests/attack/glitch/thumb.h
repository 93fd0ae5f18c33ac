/* What a fault has to know of an ARM instruction: its length, its condition, where its result
 * goes. Source: ARM DDI 0406C, A5 and A6. */
#ifndef SEK_TESTS_GLITCH_THUMB_H
#define SEK_TESTS_GLITCH_THUMB_H

#include <stdbool.h>
#include <stdint.h>

enum { THUMB_STATE = 1 << 5 }; /* of CPSR */

/* Bytes of the instruction that starts with these four. */
unsigned thumb_len(uint32_t code, bool thumb);

/* The state of an IT block (ITSTATE, A2.5.2) behind an instruction that is executed in it. */
uint8_t thumb_it_next(uint8_t it, uint32_t code);
uint8_t thumb_it_skip(uint8_t it); /* ... that is skipped in it */
bool thumb_is_it(uint32_t code);
uint32_t thumb_put_it(uint32_t cpsr, uint8_t it);

/* Turns the condition of a branch or of an IT block round. False: it has none. */
bool thumb_invert(uint32_t *code, bool thumb);

enum { RESULT_FLAGS = 1 << 16 };

/* Registers that an instruction writes, as bits 0 to 14, PC not among them; RESULT_FLAGS if it
 * writes flags alone. */
uint32_t thumb_result(uint32_t address, uint32_t code, bool thumb);

#endif
