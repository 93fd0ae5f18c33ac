/* Walks through a window of a program's work and tries faults at each instruction on the way. */
#ifndef SEK_TESTS_GLITCH_CAMPAIGN_H
#define SEK_TESTS_GLITCH_CAMPAIGN_H

#include "tests/attack/glitch/machine.h"

enum model {
    MODEL_SKIP_1, /* the instruction, and up to three behind it, are not executed */
    MODEL_SKIP_2,
    MODEL_SKIP_3,
    MODEL_SKIP_4,
    MODEL_ZERO,   /* what it writes is 0: registers, else flags, else memory */
    MODEL_ONES,   /* ... all ones */
    MODEL_FLIP,   /* one bit of its encoding is the other one, this once */
    MODEL_INVERT, /* the condition of a branch or IT block is the opposite, this once */
    MODELS,
};

enum outcome {
    OUTCOME_RELEASED, /* the system was started; or */
    OUTCOME_APPROVED, /* the stored word says so, or */
    OUTCOME_VERIFIED, /* the integrity beside it, which evidence carries to the bench */
    OUTCOME_DETECTED,
    OUTCOME_CRASHED,
    OUTCOME_HUNG,
    OUTCOMES,
};

enum { SITES_MAX = 16 };

/* What was tried and what came of it; shared by the processes that work on it. */
struct tally {
    uint64_t tried[MODELS][OUTCOMES];
    uint64_t executed, places; /* instructions in the window; different ones among them */
    uint32_t site_count;
    struct site {
        uint32_t address, code, detail;
        uint64_t when;
        enum model model;
        enum outcome outcome;
    } site[SITES_MAX]; /* where these came from */
};

/* Where the rows of the decision lie. */
struct rows {
    uint32_t table; /* 0: they may approve, only a release counts */
    uint32_t size, verdict_at, integrity_at;
    uint32_t count_at; /* address of their number */
};

/* One window. */
struct window {
    const struct snapshot *from;
    uint32_t walk_end; /* faults are tried up to here */
    uint32_t run_end;  /* where a run with a fault ends and its verdict is read */
    struct rows rows;
    const struct calls *calls;
    const struct board *board;           /* NULL: a process */
    uint32_t meeting_at[MEETING_PLACES]; /* where runs may meet the one without a fault; 0: none */
    unsigned instances; /* of each place so many, the first and the last among them; 0: all */
    uint64_t blocks_max, bignum_blocks_max;
    /* Of each place of bignum arithmetic only three instances: first, last, one between. */
    struct range bignum[BIGNUM_RANGES];
    bool bignum_whole;       /* exponentiations are walked through, not answered */
    bool verify_answered;    /* so are whole verifications: not walked through */
    struct range only;       /* faults at these places alone; to 0: everywhere */
    unsigned every;          /* only each so many-th instruction */
    unsigned last;           /* only so many at the end of the window; 0: all */
    unsigned share, workers; /* of them the share of this process */
    void (*progress)(uint64_t executed);
};

/* What the rows of the decision say: OUTCOME_APPROVED, OUTCOME_VERIFIED, else OUTCOME_DETECTED. */
enum outcome rows_say(struct memory *memory, const struct rows *rows);

/* False: the walk did not come to its end. */
bool campaign_walk(const struct window *window, struct tally *tally);

const char *model_name(enum model model);

#endif
