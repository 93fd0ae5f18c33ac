/* The gate: after the measuring cycle it lets the board's system start, or holds it.
 *
 * What starts is verified once more in the memory from which it starts. Under "enforce" that needs
 * an accepted device and an approved configuration; under "report" whatever can be started is. A
 * device that is held, and not rejected, is released by an officer's signed order. */
#ifndef SEK_AGENT_GATE_H
#define SEK_AGENT_GATE_H

#include "agent/agent.h"
#include "agent/boot.h"

/* All numbers of decisions lie far apart. */
enum sek_gate_mode { SEK_GATE_ENFORCE = 0x69d2a5b1, SEK_GATE_REPORT = 0x1e2f5c86 };

enum sek_gate_state {
    SEK_GATE_MEASURING = 0x4be1d637, /* the first: nothing is decided */
    SEK_GATE_WAITING = 0x350c7a9e,   /* will be released; the bench may still ask */
    SEK_GATE_HELD = 0x7c93b04d,
    SEK_GATE_RELEASED = 0x02564fe8, /* the board starts what stands in boot */
};

/* How a board description sets it: node /gate. */
struct sek_gate_config {
    enum sek_gate_mode mode; /* sekisho,release = "enforce" (also if absent) or "report" */
    bool undated;          /* sekisho,undated: without a clock, judge as of the newest day known */
    uint32_t window_ms;    /* sekisho,window-ms: between verdict and release */
    const char *partition; /* sekisho,boot: what is started */
    const char *bootargs;  /* bootargs: its command line; NULL: its device tree's own */
    /* The board's memory into which the cycle's reading of the partition goes. */
    struct sek_bytes memory;
};

struct sek_gate {
    struct sek_agent *agent; /* borrowed */
    struct sek_gate_config config;
    enum sek_gate_state state;
    uint64_t release_at_ms;
    enum sek_outcome outcome;    /* of the device, as of that day */
    sek_day as_of;               /* 0: no day */
    const struct sek_row *worst; /* the row that decided; NULL: none */
    const char *why;             /* constant text: why it is held */
    bool ordered;                /* an officer released it */
    uint64_t cycle;              /* of the agent, that was judged: an order is about no other */
    int first_officer;           /* whose order waits for another one's; < 0: nobody's */
    struct sek_boot boot; /* once held or released: what would start; digest all 0: nothing */
    /* sek_gate_next and sek_gate_order: words and resources call them through here, so that a board
     * without a gate links none of it. */
    const char *(*next)(const struct sek_gate *gate);
    enum sek_status (*order)(struct sek_gate *gate, struct sek_bytes order);
};

/* Reads the settings of a board description. SEK_ERR_NOT_FOUND: no node /gate, or it names no
 * partition. SEK_ERR_MALFORMED: a mode that does not exist. out->memory is untouched. */
SEK_CHECKED enum sek_status sek_gate_configure(struct sek_bytes description,
                                               struct sek_gate_config *out);

/* Both borrowed or copied. agent->gate then points here, so that words and resources find it. */
void sek_gate_init(struct sek_gate *gate, struct sek_agent *agent,
                   const struct sek_gate_config *config);

/* Goes on; call it when the agent has nothing to do. True: the state has changed. */
bool sek_gate_step(struct sek_gate *gate, uint64_t now_ms);

/* An officer's order. SEK_OK: released, or, where the store's policy has release-two, counted: then
 * it is still held until another officer's order comes. SEK_ERR_STATE: nothing is held, it was
 * rejected, or it is measured anew. SEK_ERR_KEY: nobody who may, or who did already;
 * SEK_ERR_SIGNATURE; SEK_ERR_MALFORMED: for another device, moment or content. */
SEK_CHECKED enum sek_status sek_gate_order(struct sek_gate *gate, struct sek_bytes order);

/* What to do about a device that is held: constant text. */
const char *sek_gate_next(const struct sek_gate *gate);

#endif
