/* sekisho store: making and reading trust stores. */
#ifndef SEK_BENCH_STORE_STORE_H
#define SEK_BENCH_STORE_STORE_H

#include "boards/bench/bench.h"
#include "trust/store.h"

#include <stdio.h>

/* Runs dtc on a source, or reads a .dtb as it is, or takes the payload out of a .itb without
 * checking its signature: what `show` and `lint` look at. The tree is 8-aligned; the caller frees
 * *memory. False after a message. */
bool store_read_tree(const char *path, void **memory, struct sek_bytes *tree);

/* What lint says of a tree; problems are printed to out, one a line, named by path. Returns their
 * number; warnings are printed and not counted. */
size_t store_lint(const char *path, const void *tree, FILE *out);

/* A payload with index, from a tree that lint accepts: aliases normalised, skeletons and key ids
 * added. The caller frees *out. False after a message. */
bool store_build(const char *path, const void *tree, size_t tree_len, uint8_t **out, size_t *len);

/* Wraps a payload in a FIT and lets mkimage sign it with the key authority.pem or authority.key of
 * a folder. False after a message. */
bool store_sign(const char *key_dir, const char *payload, const char *out);

/* Prints a store for people. */
void store_show(const char *path, const void *tree, FILE *out);

/* Runs a program with these arguments (NULL at the end); its messages go to standard error. Returns
 * its exit status, or -1. */
int store_run(char *const argv[]);

#endif
