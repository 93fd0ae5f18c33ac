/* AST2600: where things are, as its public drivers and emulator have them. */
#ifndef SEK_HAL_ASPEED_AST2600_H
#define SEK_HAL_ASPEED_AST2600_H

#define AST2600_SRAM      0x10000000u
#define AST2600_SRAM_SIZE 0x16400u /* the word behind it aborts */
#define AST2600_FMC       0x1e620000u
#define AST2600_FMC_CS0   0x20000000u
#define AST2600_FMC_CS1   0x28000000u
#define AST2600_SPI1      0x1e630000u
#define AST2600_SPI1_CS0  0x30000000u
#define AST2600_MDIO4     0x1e650018u
#define AST2600_MAC4      0x1e690000u
#define AST2600_SCU       0x1e6e2000u
#define AST2600_SBC       0x1e6f2000u
#define AST2600_TIMER     0x1e782000u
#define AST2600_UART1     0x1e783000u
#define AST2600_WDT1      0x1e785000u
#define AST2600_I2C       0x1e78a000u
#define AST2600_GIC_DIST  0x40461000u
#define AST2600_GIC_CPU   0x40462000u
#define AST2600_DRAM      0x80000000u

/* In the system control unit. */

/* Interrupt ids of the GIC: 32 + the SoC's number; the timer is a private one. */
enum { AST2600_IRQ_TIMER = 29, AST2600_IRQ_MAC4 = 32 + 33, AST2600_IRQ_UART1 = 32 + 47 };

#endif
