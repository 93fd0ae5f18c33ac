/* Boards for the campaign of failing calls: the agent's rig with one thing wrong, its devices
 * behind those of faulty.h, and the whole of its life in one go. */
#ifndef SEK_TESTS_ATTACK_FAULT_BOARD_H
#define SEK_TESTS_ATTACK_FAULT_BOARD_H

#include "agent/gate.h"
#include "tests/attack/faulty.h"
#include "tests/unit/agent_rig.h"

enum fault_board_kind {
    FAULT_BOARD_GOOD,
    FAULT_BOARD_NEW,          /* good, and starts for the first time: makes its key */
    FAULT_BOARD_BYTES,        /* a region differs from its reference */
    FAULT_BOARD_PAYLOAD,      /* an image differs from its signed hash */
    FAULT_BOARD_FORGED,       /* a signature does not verify: ECDSA, */
    FAULT_BOARD_FORGED_RSA,   /* RSA */
    FAULT_BOARD_STRANGER,     /* signed by a key that the store does not have */
    FAULT_BOARD_EXCLUDED,     /* a transceiver of an excluded maker */
    FAULT_BOARD_LARGER,       /* the chip holds more than the map names */
    FAULT_BOARD_FORGED_STORE, /* its store is not signed by the authority */
    FAULT_BOARD_MEMORY,       /* good, but the system in memory is not what was measured */
    FAULT_BOARD_UNDATED,      /* good, but it knows no date: held, and offered a forged order */
    FAULT_BOARDS,
};

struct fault_board {
    struct rig *rig, *as_made; /* it, and what it goes back to before each life */
    struct faulty_devices devices;
    struct sek_bytes later_store;  /* the authority's, to be taken */
    struct sek_bytes forged_store; /* nobody's, to be refused */
    struct sek_bytes certificate;  /* of the device CA for this device */
    struct sek_bytes forged_certificate;
    struct sek_bytes first_store;
    struct sek_gate gate;
    uint8_t *memory; /* from which the gate would start the system */
    uint8_t officer[SEK_KID_LEN];
};

/* What one measuring cycle came to. */
struct fault_cycle {
    uint32_t approved; /* bits: components that were approved, or called verified in evidence */
    bool accepted;
};

/* What a life came to: two cycles, before and after stores and certificates were offered. */
struct fault_life {
    struct fault_cycle cycle[2];
    bool took_forged; /* a store or certificate that nobody signed was kept or used */
    bool released;    /* the gate, under "enforce", let the system start */
    size_t calls;
};

void fault_board_make(struct fault_board *board, enum fault_board_kind kind);
void fault_board_drop(struct fault_board *board);
const char *fault_board_name(enum fault_board_kind kind);

/* Starts agent and gate, measures, attests, offers it a forged order, a forged and a good store and
 * certificate, measures and attests again. */
void fault_board_live(struct fault_board *board, enum faulty way, size_t call,
                      enum faulty_reach reach, struct fault_life *life);

#endif
