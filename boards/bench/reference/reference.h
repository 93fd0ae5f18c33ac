/* sekisho reference: the known good, drafted for the authority to read and sign. */
#ifndef SEK_BENCH_REFERENCE_REFERENCE_H
#define SEK_BENCH_REFERENCE_REFERENCE_H

#include "agent/inventory.h"
#include "boards/bench/bench.h"
#include "crypto/digest.h"
#include "trust/store.h"

#include <stdio.h>

enum { REFERENCE_REGIONS = 64, REFERENCE_CHIPS = 16 };

/* A dump's regions: those of one chip of a board description, or the whole file as one. */
struct regions {
    struct sek_unit unit[REFERENCE_REGIONS];
    size_t count;
    uint8_t *description; /* owned; NULL: none */
};

/* Reads a board description (.dtb) and keeps the partitions on one chip ("spi0.0"); path NULL: one
 * region that is named by the caller, of any length. False after a message. */
bool regions_read(const char *path, const char *chip, struct regions *regions);
void regions_free(struct regions *regions);

/* Bytes of a region inside a dump of size bytes: a single region is all of it, and what lies beyond
 * a dump's end has no bytes. False: nothing of it is in the dump. */
bool regions_place(const struct regions *regions, size_t i, uint64_t size, uint64_t *offset,
                   uint64_t *len);

/* Digest of a range of a file. False after a message. */
bool region_digest(const char *path, uint64_t offset, uint64_t len, enum sek_digest_alg alg,
                   uint8_t out[SEK_DIGEST_MAX]);

/* Size of a file. False after a message. */
bool region_size(const char *path, uint64_t *size);

/* What drafts say of where they come from. */
struct reference_origin {
    const char *supplier;  /* node of the store that is held to account for the bytes */
    const char *component; /* its name where no board description names it; NULL: the file's */
    const char *version;   /* NULL: none */
    const char *source;    /* where the list was found; NULL: its file name */
    sek_day not_after;     /* last day on which the values are good; 0: no end */
};

/* One value to be drafted. */
struct reference_value {
    const char *component;
    const char *version; /* NULL: the origin's */
    const char *source;  /* where it comes from; kept in the store */
    enum sek_digest_alg alg;
    const uint8_t *digest;
    uint64_t size;     /* 0: not said */
    sek_day not_after; /* 0: no end */
};

/* Drafts references of the regions in which all dumps agree; those in which they differ are named
 * in comments. Exit status of the command. */
int reference_learn(const struct reference_origin *origin, const struct regions *regions,
                    char *const *dump, size_t count, FILE *out);

/* Prints where two dumps differ, region by region. Exit status: 0 they do not, 1 they do. */
int reference_diff(const struct regions *regions, const char *a, const char *b, FILE *out);

/* Prints region by region what a store knows of a dump's bytes on a day. Exit status: 0 each region
 * that has a reference is as it says, and one has; 1 else. */
int reference_against(const struct regions *regions, const char *dump,
                      const struct sek_store *store, sek_day today, FILE *out);

/* Drafts references from a vendor's list: "sha256sums" (SHA256SUMS, SHA512SUMS), CycloneDX JSON,
 * LVFS metadata (XML), also packed by gzip; CoRIM or CoSWID (CBOR), whose own signature is verified
 * with key (PEM or DER; NULL: it has to be unsigned). names: only files of these names, none: all.
 * Exit status of the command. */
int reference_import(const struct reference_origin *origin, const char *list, const char *key,
                     char *const *names, size_t count, FILE *out);

/* Writes one draft: a node of the store's `references` that lint refuses until its line
 * `unreviewed` is gone. */
void reference_draft(const struct reference_origin *origin, const struct reference_value *value,
                     FILE *out);

/* The head and the foot around drafts. */
void reference_begin(const struct reference_origin *origin, FILE *out);
void reference_end(FILE *out);

#endif
