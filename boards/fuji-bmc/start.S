/* From reset to main: parks the second core, moves the agent to where it is linked, clears and
 * paints memory. Runs from flash at address 0 (gate) or in DRAM (visit). */
    .syntax unified
    .arm
    .section .start, "ax"
    .global start

#define SCU_BOOT_ADDRESS 0x1e6e2180     /* AST2600: where the second core is sent ... */
#define SCU_BOOT_SIGNAL  0x1e6e2184     /* ... and the word that sends it */
#define SIGNAL_CORE1     0xabbaab01

start:
    cpsid   aif, #0x13
    mrc     p15, 0, r0, c0, c0, 5       /* which core? */
    ands    r0, r0, #3
    bne     park
    adr     r0, start                   /* where we are, where we should be */
    ldr     r1, =code_from
    subs    r4, r0, r1                  /* 0: already there */
    beq     2f
    ldr     r2, =image_end
1:  ldm     r0!, {r5-r8}
    stm     r1!, {r5-r8}
    cmp     r1, r2
    blo     1b
    dsb
    isb
2:  ldr     pc, =moved
moved:
    ldr     r0, =data_from
    ldr     r1, =data_to
    ldr     r2, =data_end
1:  cmp     r1, r2
    ldrlo   r3, [r0], #4
    strlo   r3, [r1], #4
    blo     1b
    mov     r3, #0
    ldr     r1, =bss_from
    ldr     r2, =bss_end
1:  cmp     r1, r2
    strlo   r3, [r1], #4
    blo     1b
    ldr     r3, =0x5ac35ac3             /* what the stack never reached stays so */
    ldr     r1, =stack_from
    ldr     r2, =stack_end
1:  cmp     r1, r2
    strlo   r3, [r1], #4
    blo     1b
    ldr     r0, =vectors
    mcr     p15, 0, r0, c12, c0, 0      /* VBAR: exceptions come here, also those of address 0 */
    mrc     p15, 0, r0, c1, c0, 0
    bic     r0, r0, #1 << 13
    mcr     p15, 0, r0, c1, c0, 0
    isb
    ldr     sp, =stack_end
    cmp     r4, #0
    moveq   r0, #0                      /* board_main(moved): 1 if we came from flash */
    movne   r0, #1
    blx     board_main
    b       board_fault_end

/* The second core: until the system that was started sends it somewhere. */
park:
    ldr     r1, =SCU_BOOT_SIGNAL
    ldr     r2, =SIGNAL_CORE1
1:  wfe
    ldr     r0, [r1]
    cmp     r0, r2
    bne     1b
    ldr     r1, =SCU_BOOT_ADDRESS
    ldr     pc, [r1]

    .balign 32
vectors:
    ldr     pc, =start                  /* a jump to 0 that got here: start anew */
    ldr     pc, =undefined
    ldr     pc, =undefined
    ldr     pc, =prefetch
    ldr     pc, =data
    ldr     pc, =undefined
    ldr     pc, =interrupt
    ldr     pc, =undefined

undefined:
    mov     r0, #0
    b       1f
prefetch:
    mov     r0, #1
    b       1f
data:
    mov     r0, #2
1:  sub     r1, lr, #4                  /* about where; the mode tells the rest */
    mrc     p15, 0, r2, c6, c0, 0       /* the address of a data abort */
    ldr     sp, =stack_from + 4096      /* far from what may be broken */
    cps     #0x13
    ldr     sp, =stack_from + 4096
    blx     board_fault
board_fault_end:
    b       board_fault_end             /* the watchdog resets us */

interrupt:
    sub     lr, lr, #4
    srsdb   sp!, #0x13                  /* return address and state on the supervisor's stack */
    cps     #0x13
    push    {r0-r3, r12, lr}
    and     r1, sp, #4
    sub     sp, sp, r1
    push    {r1, r2}
    blx     board_interrupt
    pop     {r1, r2}
    add     sp, sp, r1
    pop     {r0-r3, r12, lr}
    rfeia   sp!

    .ltorg

    .section .rodata.board_dtb, "a"
    .global board_dtb, board_dtb_len
    .balign 8
board_dtb:
    .incbin BOARD_DTB
board_dtb_end:
    .balign 4
board_dtb_len:
    .word   board_dtb_end - board_dtb
