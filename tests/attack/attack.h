/* Attacks as tests: each is tried against the real code, beside a control that must pass.
 *
 * A program of attacks is a cmocka program like others; besides, `--list` prints its ids, `--run
 * ID` tries one and prints a line of the table that `make attack` shows. The same call against a
 * build that is weakened in one line (weaken.tsv) must say that the attack got through. */
#ifndef SEK_TESTS_ATTACK_H
#define SEK_TESTS_ATTACK_H

#include <stdbool.h>
#include <stddef.h>

/* Exit status of `--run ID`; anything else is a crash or a sanitizer's report. */
enum attack_exit {
    ATTACK_HELD = 0,
    ATTACK_THROUGH = 21,       /* the attack reached what it wants */
    ATTACK_CONTROL_FAILS = 22, /* the untouched case is not good: the test says nothing */
    ATTACK_OTHERWISE = 23,     /* neither through nor seen as expected */
    ATTACK_UNKNOWN = 24,       /* no attack of this id */
};

enum { ATTACK_SEEN = 200 };

/* What came of one attack so far; starts as zeros. */
struct attack_result {
    bool through;
    unsigned cases, as_expected;
    char seen[ATTACK_SEEN]; /* the first case that was not as expected, else the last one */
};

struct attack {
    const char *id;       /* "F05", of the list of attacks */
    const char *name;     /* what is tried */
    const char *expected; /* what must be seen, in short */
    bool (*control)(void);
    void (*run)(struct attack_result *result);
};

/* Notes one case of an attack: its name (NULL: the only one), what was seen and what must be, and
 * whether the attacker got what he wants, which is worse than seeing something else. */
void attack_case(struct attack_result *result, const char *name, const char *seen,
                 const char *expected, bool through);

struct judge;

/* The same for a row of what was judged ("" : the medium; "/image"), whose verdict and rule must
 * read as expected: "tampered SIG-003". */
void judge_attack(struct attack_result *result, const char *name, const struct judge *judge,
                  const char *row, const char *expected, bool through);

/* The main function of a program of attacks. set_up (may be NULL) runs once, before everything;
 * false ends the program. */
int attack_main(int argc, char **argv, const struct attack *attack, size_t count,
                bool (*set_up)(void), void (*tear_down)(void));

#endif
