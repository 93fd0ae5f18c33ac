/* What main.c and release.c of this board share: where things lie in memory, besides board.ld.
 *
 * The kernel decompresses itself to the beginning of the 128 MiB in which it lies; what is handed
 * over lies within the kernel's low memory, and the agent beyond all of it. */
#ifndef SEK_BOARDS_FUJI_BMC_BOARD_H
#define SEK_BOARDS_FUJI_BMC_BOARD_H

#include "agent/gate.h"

#define BOARD_KEEP      0x82000000u /* the boot partition as it was measured, up to the agent */
#define BOARD_KEEP_SIZE 0x08000000u
#define BOARD_TREE      0x8b000000u /* the device tree that is handed over */
#define BOARD_TREE_SIZE 0x00100000u
#define BOARD_LOG       0x8b200000u /* the gate's signed log, which stays reserved: whole ... */
#define BOARD_LOG_SIZE  0x00200000u /* ... sections of the kernel's page table */

/* Makes log and device tree of a released gate. SEK_ERR_STATE: it is not released; SEK_ERR_*: what
 * could not be made. Then nothing starts. */
SEK_CHECKED enum sek_status board_prepare(struct sek_gate *gate);

#endif
