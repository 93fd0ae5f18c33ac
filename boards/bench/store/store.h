/* sekisho store: making and reading trust stores. */
#ifndef SEK_BENCH_STORE_STORE_H
#define SEK_BENCH_STORE_STORE_H

#include "boards/bench/bench.h"
#include "trust/store.h"

#include <stdio.h>

/* A tree in memory, 8-aligned; store_tree_free releases it. */
struct store_tree {
    uint8_t *memory; /* owned */
    struct sek_bytes dtb;
    bool wrapped; /* taken out of a .itb, whose signature nobody looked at */
};

/* Compiles a source (.dts) with dtc, or reads a tree (.dtb), or takes the payload out of a signed
 * store (.itb) without checking its signature. include (may be NULL): folder where dtc looks for
 * files that are not beside the source. False after a message. */
bool store_tree_read(const char *path, const char *include, struct store_tree *tree);
void store_tree_free(struct store_tree *tree);

/* What lint says of a tree, one line each, named by path: problems are counted and returned,
 * warnings only printed. today: for dates that are past. */
size_t store_lint(const char *path, const void *dtb, sek_day today, FILE *out);

/* A rule that hides this one: it finds all that this one would, no milder and without relief. -1:
 * none. */
int store_shadow(const void *dtb, int rule);

/* What is wrong with a word of a manifest's `says`, or NULL. */
const char *store_says_problem(const char *word);

/* A component's name as evidence has them: [A-Za-z0-9,._+/-], at most 63, no '/' at an end? */
bool store_component_ok(struct sek_bytes text);

/* What is to be said of a key that everybody can sign with, or NULL. */
const char *store_known_key(struct sek_bytes spki);

/* Prints text that may come from anybody, cleaned, however long it is. */
void store_print(const char *text, size_t len, FILE *out);

/* One record of an index. */
struct store_record {
    uint64_t key;
    uint32_t node; /* libfdt offset */
};

/* The values of a tree, by kind, sorted by key and node. */
struct store_values {
    struct store_record *record[SEK_INDEX_COUNT]; /* owned */
    size_t count[SEK_INDEX_COUNT], cap[SEK_INDEX_COUNT];
};

/* Collects them; store_values_free releases. SEK_ERR_MALFORMED: a value of a wrong type or twice in
 * its node, *node says where. SEK_ERR_NO_SPACE. */
SEK_CHECKED enum sek_status store_values_collect(const void *dtb, struct store_values *values,
                                                 int *node);
void store_values_free(struct store_values *values);

/* The next pair of records, from *at on, that give one value two owners; false: no more. */
bool store_values_clash(const struct store_values *values, enum sek_index kind, size_t *at);

/* A copy of a tree with names normalised, skeletons and key ids in it, without an index. The caller
 * frees. NULL: no memory, or a key id cannot be computed. */
uint8_t *store_normalise(const void *dtb);

/* A payload with index, from a tree that lint accepts. The caller frees *out. False after a
 * message. */
bool store_build(const char *path, const void *dtb, uint8_t **out, size_t *len);

/* Something that is signed as a store is. */
struct store_seal {
    const char *name; /* of its image and configuration */
    const char *key;  /* KEY.pem (ECDSA) or KEY.key (RSA) in the folder of keys */
    enum sek_status (*check)(struct sek_bytes dtb, struct sek_store_fault *why); /* payload */
};
extern const struct store_seal store_seal_store, store_seal_order, store_seal_determinations;

/* Where the private keys are. */
struct store_keys {
    const char *folder; /* of key files */
    const char *token;  /* attributes of a PKCS#11 URI (RFC 7512) that name a token; NULL: files */
};

/* Wraps a payload (.dtb, or a .dts that dtc compiles) in a FIT, lets mkimage sign it with the key,
 * and opens what came out before it is written. False after a message. */
bool store_sign(const struct store_seal *seal, const struct store_keys *keys, const char *payload,
                const char *out);

/* Prints what is only in a ("-") and only in b ("+"), a line per node and property; what a build
 * gives by itself (index, phandles) does not count. False after a message. */
bool store_diff(const struct store_tree *a, const struct store_tree *b, FILE *out,
                size_t *differences);

/* Writes the piece of source that revokes the key "SUPPLIER/KEY" on a date and raises the serial by
 * one. Refused, with a message: no such key, one that is revoked, the supplier's last one, one that
 * is the authority's own (its SubjectPublicKeyInfo; may be empty). */
bool store_revoke(const char *path, const struct store_tree *tree, const char *name, sek_day date,
                  struct sek_bytes authority, FILE *out);

/* Joins links and a store, all signed, to a chain (trust/SPEC.md 6), which is opened with the old
 * authority's key before it is written. False after a message. */
bool store_chain(struct sek_bytes authority, char *const *part, size_t count, const char *out);

/* Gives a signed store (.itb) to devices; each verifies it and keeps it, or refuses. The exit
 * status of the worst: BENCH_EXIT_TRUST: one refuses it; BENCH_EXIT_REACH: one does not answer. */
int store_send(const char *path, char *const *target, size_t count);

/* Prints a store for people. today: for an end that is near. */
void store_show(const char *path, const struct store_tree *tree, sek_day today, FILE *out);

/* The path of a node, for messages: "?" if there is none. */
const char *store_path(const void *dtb, int node, char *out, int cap);

/* Runs a program and waits for it. Its standard output goes to out (NULL: nowhere), the first line
 * of its standard error into error. Returns its exit status, or -1 if it cannot be run. */
int store_run(char *const argv[], FILE *out, char *error, size_t error_cap);

#endif
