/* Board descriptions for tests, from a readable source: compiled with dtc, changed in one place. */
#ifndef SEK_TESTS_BOARD_SOURCE_H
#define SEK_TESTS_BOARD_SOURCE_H

#include "base/reader.h"

/* A flash chip of 64 KiB with four partitions, EEPROMs behind multiplexers, a file. */
extern const char board_source[];

/* Compiles the source with the first occurrence of find replaced by put (find NULL: as it is) into
 * a heap block, which the caller frees. Fails the test if it cannot be compiled. */
struct sek_bytes board_source_dtb(const char *find, const char *put);

#endif
