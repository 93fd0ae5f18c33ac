/* From bytes to verdicts: a medium in memory, measured and appraised under a store of the test's
 * own keys, with the tables that a workstation has. */
#ifndef SEK_TESTS_UNIT_JUDGE_H
#define SEK_TESTS_UNIT_JUDGE_H

#include "tests/unit/fit_signer.h"
#include "tests/unit/measure.h"
#include "trust/appraise.h"

enum { JUDGE_ROWS = 320 };

/* A supplier of the store with one key. */
struct judge_supplier {
    const char *name;          /* node name, reported as signer */
    const struct fit_key *key; /* public half goes into the store */
    const char *hash;          /* pin: "sha256" */
    const char *padding;       /* NULL: none */
    const char *hint;          /* NULL: none */
    const char *allow;         /* "\"kernel\", \"rootfs\"" */
    const char *key_more;      /* source of further properties of the key, or "" */
    const char *more;          /* source of further nodes of the supplier, or "" */
};

struct judge {
    struct sek_store store;
    uint8_t *payload; /* owned: the store */
    struct sek_context context;
    struct sek_component component;
    const char *format; /* NULL: by content */
    struct measure measure;
    struct sek_row row[JUDGE_ROWS];
    size_t row_count;
    enum sek_outcome outcome;
};

/* A store with these suppliers; more: source of further nodes of its root, or "". */
void judge_init(struct judge *judge, const struct judge_supplier *supplier, size_t count,
                const char *more);
void judge_free(struct judge *judge);

/* Measures and appraises a medium named "file". */
void judge_bytes(struct judge *judge, const void *data, size_t len);
void judge_source(struct judge *judge, struct sek_source *source);

/* The same for what a writer would write now. */
void judge_writer(struct judge *judge, const struct fit_writer *w);

/* A rule of a store's root that excludes Acme: by its name ACME OPTICS, and by this prefix in
 * device trees. */
#define JUDGE_EXCLUDES(prefix)                                                                     \
    "entities { ent: acme { label = \"Acme\"; alias = \"ACME OPTICS\"; dt-prefix = \"" prefix      \
    "\"; }; };\n"                                                                                  \
    "rules { r { label = \"l\"; authority = \"a\"; clause = \"c\"; source = \"s\"; "               \
    "basis = \"named\"; force = \"in-force\"; subject = <&ent>; "                                  \
    "effective-from = \"2026-01-01\"; verdict = \"excluded\"; }; };"

/* The verdict on a row ("file/rootfs") of a medium where Acme is excluded (prefix "acme") and only
 * this supplier is approved. */
enum sek_verdict judge_without_acme(const struct judge_supplier *supplier, const void *data,
                                    size_t len, const char *row);

/* The row of this name ("file", "file/kernel-1"), or NULL. */
const struct sek_row *judge_row(const struct judge *judge, const char *name);

/* How many rows are approved. */
size_t judge_approved(const struct judge *judge);

#endif
