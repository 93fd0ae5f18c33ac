/* Trust stores for tests, from readable sources: compiled with dtc, changed in one place. */
#ifndef SEK_TESTS_STORE_SOURCE_H
#define SEK_TESTS_STORE_SOURCE_H

#include "boards/bench/store/store.h"

/* A small store with every kind of node; its key files are those of the demo. */
extern const char store_source[];

/* Compiles a source, with the first occurrence of find replaced by put (find NULL: as it is).
 * Fails the test if it cannot be compiled. */
struct store_tree source_tree(const char *source, const char *find, const char *put);

/* The same of store_source. */
struct store_tree store_source_tree(const char *find, const char *put);

/* The same, built: a payload in a heap block of exact size, which the caller frees. */
uint8_t *store_source_payload(const char *find, const char *put, size_t *len);

/* The same of a source of the test's own. */
uint8_t *store_text_payload(const char *text, size_t *len);

#endif
