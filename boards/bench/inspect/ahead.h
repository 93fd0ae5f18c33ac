/* One large file by two threads. */
#ifndef SEK_BENCH_INSPECT_AHEAD_H
#define SEK_BENCH_INSPECT_AHEAD_H

#include "boards/bench/inspect/slot.h"

/* Takes all steps of an open slot but the last, with the help of a second thread: it reads the next
 * chunk while this one is digested, or digests its half where an image needs several digests. A
 * thread that has no processor holds nobody up. Where there is none to be had, nothing is done:
 * slot_step does it as well. */
void ahead_measure(struct slot *slot);

#endif
