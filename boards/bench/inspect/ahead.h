/* One large file by two threads. */
#ifndef SEK_BENCH_INSPECT_AHEAD_H
#define SEK_BENCH_INSPECT_AHEAD_H

#include "boards/bench/inspect/slot.h"

/* Takes all steps of an open slot but the last, its chunks in turn with a second thread: while one
 * digests, the other reads, and each digests what lies in its own processor's cache. Where there is
 * no thread to be had, nothing is done: slot_step does it as well. */
void ahead_measure(struct slot *slot);

#endif
