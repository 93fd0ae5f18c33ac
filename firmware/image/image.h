/* Images: what a region or file says it is, what its signatures cover, and what its bytes digest
 * to.
 *
 * Everything here is a *claim*: facts for the appraisal, which alone knows keys and policy. A
 * format never decides whether something is good. */
#ifndef SEK_IMAGE_IMAGE_H
#define SEK_IMAGE_IMAGE_H

#include "base/class.h"
#include "base/date.h"
#include "base/reader.h"
#include "crypto/verify.h"
#include "image/pass.h"

#include <stdbool.h>

enum {
    SEK_NAME_MAX = 63,       /* characters of a component's or image's name */
    SEK_VERSION_MAX = 63,    /* characters of a version */
    SEK_IMAGE_HASHES = 4,    /* hashes of one image; more is malformed */
    SEK_STATEMENTS_MAX = 32, /* signed statements of one container: bits of covered_by */
    SEK_HEAD_LEN = 64, /* first bytes of the medium, which the formats recognise themselves by */
    SEK_WRAPPER_SCRATCH = 2048, /* memory that is left to a wrapper after what it wraps */
    SEK_TAIL_LEN = 16,          /* last bytes, which wrappers recognise themselves by */
};

/* One hash that the container states for an image, and what the bytes really digest to. */
struct sek_hash_claim {
    enum sek_digest_alg alg;     /* SEK_DIGEST_NONE: weak or unknown, not computed */
    struct sek_bytes expected;   /* borrowed from the format's memory */
    struct sek_extent *measured; /* NULL if not computed */
    bool optional; /* the boot loader is told to pass over it: it vouches for nothing */
};

/* One image inside the medium. */
struct sek_image_claim {
    char name[SEK_NAME_MAX + 1];       /* of the node inside: "kernel-1"; [A-Za-z0-9,._+-] */
    const char *format;                /* constant: of what it is an image */
    enum sek_class class_hint;         /* by the image's type; SEK_CLASS_NONE: not said */
    uint64_t offset, size;             /* bytes of its payload in the medium */
    char version[SEK_VERSION_MAX + 1]; /* cleaned text, empty: none */
    bool has_timestamp, has_counter;
    uint32_t timestamp; /* seconds since 1970 from signed bytes */
    uint32_t security_counter;
    struct sek_fault fault; /* of this image alone: unsupported, malformed; SEK_OK: none */
    struct sek_hash_claim hash[SEK_IMAGE_HASHES];
    uint8_t hash_count;
    struct sek_extent *extra; /* a strong digest where no hash is one; NULL: not needed */
    uint32_t covered_by;      /* bit n: statement n covers its hashes and properties */
    uint32_t direct_by;       /* of covered_by: statements whose signatures are over its bytes */
    uint32_t data_only_by;    /* bit n: statement n covers its bytes, but not its properties */
    uint32_t version_by;      /* bit n: the version counts only if statement n is good, too */
    bool checksum_only;       /* the format has no signature at all: at most a checksum */
};

/* Which key a signature names, beside the text in its hint. */
struct sek_key_claim {
    struct sek_bytes hash; /* digest of its SPKI, or of its RSAPublicKey; len 0: not said */
    enum sek_digest_alg hash_alg;
    struct sek_bytes spki; /* the key itself; len 0: not said. Only with this key can it verify */
};

/* True if the claim names a key at all; true if this key is the one that it names, or it names
 * none. Naming is not trusting: it only rules others out. */
bool sek_key_claim_names(const struct sek_key_claim *claim);
bool sek_key_claim_fits(const struct sek_key_claim *claim, struct sek_bytes spki);

/* A key that the key before it vouches for (of the first: one of the store), by an Ed25519
 * signature over a message that names it: OpenWrt's certificates. Borrowed. */
struct sek_delegation {
    struct sek_bytes message, value;
    struct sek_bytes spki; /* the key that is vouched for */
    sek_day from, until;   /* first and last day */
};

/* One signature of a statement: an alternative to its other signatures. */
struct sek_signature_claim {
    uint8_t statement;           /* index of the statement that it signs */
    char name[SEK_NAME_MAX + 1]; /* "signature-1" */
    struct sek_sig_alg alg;      /* as the image says; scheme NONE or hash NONE: weak or unknown */
    char algo[24];               /* the image's own word for it, cleaned: "sha256,rsa2048" */
    char hint[SEK_NAME_MAX + 1]; /* key-name-hint, cleaned; a look-up hint only */
    /* SEK_OK: digest is valid. SEK_ERR_SIGNATURE: it cannot verify, whatever the key. */
    enum sek_status digest_status;
    uint8_t digest[SEK_DIGEST_MAX]; /* over what is signed, if digest_status is SEK_OK */
    struct sek_bytes value;         /* borrowed */
    struct sek_extent *measured; /* digest is that of an extent, known after the pass; else NULL */
    /* The signer left some images of the configuration out: what it covers is signed, and still
     * nothing of it is approved. */
    bool partial;
    bool reversed;            /* what is signed is that digest, its last byte first */
    struct sek_bytes message; /* what is signed, if it is short and in memory; borrowed */
    /* What the container says of the key; a look-up hint that must not lie. All borrowed. */
    struct sek_key_claim key;
    bool guessed; /* key is one under which the bytes are read to see whether it was that one */
    /* Certificates that the container carries; chain[signer] is of the key that signed. Borrowed.
     */
    const struct sek_bytes *chain;
    size_t chain_count, signer;
    /* Keys from that of the store to that which signed; none: a key of the store signed. Borrowed.
     */
    const struct sek_delegation *delegation;
    size_t delegation_count;
};

enum sek_statement_kind {
    SEK_STATEMENT_CONFIGURATION, /* covers properties and hashes of images: a FIT configuration */
    SEK_STATEMENT_IMAGE,         /* covers one image's bytes only */
    SEK_STATEMENT_WHOLE,         /* covers the container */
};

/* Something that can be signed: it is signed if one of its signatures verifies. */
struct sek_statement_claim {
    char name[SEK_NAME_MAX + 1]; /* "conf-1" */
    enum sek_statement_kind kind;
    bool selected;          /* what the container would start by itself: FIT's default */
    uint32_t covered_by;    /* bit n: statement n covers all of this one, as a wrapper does */
    struct sek_fault fault; /* of this statement alone; SEK_OK: none */
};

/* All claims of one medium: the caller's tables. */
struct sek_image_claims {
    const char *format;     /* constant: "fit"; NULL: no format claims it */
    const void *tree;       /* FIT: its device tree without payloads; NULL: none */
    struct sek_fault fault; /* of the container: malformed, unsupported; SEK_OK: none */
    struct sek_image_claim *image;
    size_t image_count, image_cap;
    struct sek_statement_claim *statement; /* cap at most SEK_STATEMENTS_MAX */
    size_t statement_count, statement_cap;
    struct sek_signature_claim *signature;
    size_t signature_count, signature_cap;
    /* The whole medium: digests where wanted, and what nothing covers. */
    struct sek_extent *whole[SEK_DIGEST_COUNT]; /* by algorithm; NULL: not wanted */
    uint64_t size;
    bool blank;                        /* every byte 00, or every byte FF, or empty */
    const struct sek_range *uncovered; /* not blank, and nothing covers them; the first few */
    size_t uncovered_count;            /* all of them */
};

/* A measurement under way. */
struct sek_image {
    struct sek_pass pass;
    struct sek_image_claims claims;
    const struct sek_format *format;
    uint8_t *scratch; /* the format's memory: headers, trees (FIT: the skeleton); 8-aligned */
    size_t scratch_len;
    size_t scratch_used;
    size_t whole_count; /* extents of claims.whole: the first ones */
    uint8_t head[SEK_HEAD_LEN];
    size_t head_len;
    uint8_t tail[SEK_TAIL_LEN];        /* read only where a wrapper may be */
    const struct sek_bytes *candidate; /* of the memory */
    size_t candidate_count;
};

/* One image format: a file under image/ that defines `const struct sek_format sek_format_NAME`. */
struct sek_format {
    const char *name;
    bool sized; /* an image tells where it ends: it can be found inside a larger medium */
    /* Does the medium begin like this format? Looks at the head only. NULL: content does not show
     * it, it has to be named. */
    bool (*probe)(struct sek_bytes head);
    /* Does the medium end like this format? Then it wraps what stands ahead of that and is asked
     * first; what is wrapped, it has recognised by sek_image_unwrap. NULL: it is no wrapper. */
    bool (*probe_end)(struct sek_bytes tail);
    /* Reads what must be known, plans the extents, fills statements and signatures as far as they
     * are known. A fault of the container goes to claims.fault (and is returned); a fault of one
     * image or statement to that claim. SEK_ERR_NOT_THIS_FORMAT: begins like it and is something
     * else (claims untouched, nothing planned): the next format is asked. */
    enum sek_status (*prepare)(struct sek_image *image);
};

/* The formats of this build, NULL at the end; made by make from the board's FORMATS. */
extern const struct sek_format *const sek_formats[];

/* Tables and buffers for one measurement, all the caller's. */
struct sek_image_memory {
    /* Keys (SPKI) of signatures that digest their key before the message (Ed25519 over a long one):
     * such a message is read under each key that it names of these. Borrowed; may be none. */
    const struct sek_bytes *candidate;
    size_t candidate_count;
    struct sek_pass_memory pass;
    uint8_t *scratch; /* 8-aligned; FIT's tree without payloads must fit */
    size_t scratch_len;
    struct sek_image_claim *image;
    size_t image_cap;
    struct sek_statement_claim *statement;
    size_t statement_cap;
    struct sek_signature_claim *signature;
    size_t signature_cap;
};

/* Opens a measurement of source: recognises the format by content (forced: by this name instead,
 * "raw" forces none), lets it read and plan. whole_algs: bit n set wants the digest of algorithm n
 * over the whole medium. A medium of no known format is measured all the same: claims.format NULL.
 * Returns SEK_OK also where the container is malformed (claims.fault says so, and the medium is
 * still read to its end); SEK_ERR_IO, SEK_ERR_ABSENT: the medium does not answer;
 * SEK_ERR_NOT_FOUND: no format of the forced name. */
SEK_CHECKED enum sek_status sek_image_open(struct sek_image *image, struct sek_source *source,
                                           const struct hal_digest *hook, const char *forced,
                                           unsigned whole_algs,
                                           const struct sek_image_memory *memory);

/* Of an open measurement: where what belongs to its images ends. */
uint64_t sek_image_end(const struct sek_image *image);

/* Ends the medium of an open measurement at end: for an image found inside a larger one. Its
 * source's size is changed. */
void sek_image_cut(struct sek_image *image, uint64_t end);

/* Runs the pass and completes the claims. For interleaving, step image->pass yourself and then call
 * sek_image_finish. SEK_ERR_IO, SEK_ERR_ABSENT: the medium failed on the way; claims are
 * incomplete. */
SEK_CHECKED enum sek_status sek_image_run(struct sek_image *image);
void sek_image_finish(struct sek_image *image);

/* Takes len bytes (8-aligned) of the scratch memory, or NULL if it does not hold that many. */
void *sek_image_scratch(struct sek_image *image, size_t len);

/* Reads bytes of the medium ahead of the pass into scratch memory; what was read ahead already is
 * copied. *out is borrowed until the end. On failure claims.fault is set: SEK_ERR_TRUNCATED
 * (outside the medium), SEK_ERR_NO_SPACE (no memory, or more pieces than a pass keeps), SEK_ERR_IO,
 * SEK_ERR_ABSENT. */
SEK_CHECKED enum sek_status sek_image_read(struct sek_image *image, uint64_t offset, size_t len,
                                           const uint8_t **out);

/* The same into memory of the format's own, which must stay as it is until the pass has ended. Sets
 * no fault. SEK_ERR_RANGE: outside the medium; others as sek_pass_read. */
SEK_CHECKED enum sek_status sek_image_read_into(struct sek_image *image, uint64_t offset,
                                                uint8_t *buf, size_t len);

/* For a wrapper: lets the formats recognise and prepare the first size bytes of the medium as if
 * there were no more. Without images: nothing known. Statuses as those of prepare. */
SEK_CHECKED enum sek_status sek_image_unwrap(struct sek_image *image, uint64_t size);

/* Plans the digest of a range that Ed25519 signs under this key (SPKI); claim->value is R and S.
 * Sets measured of the claim, and its key. */
SEK_CHECKED enum sek_status sek_image_plan_ed25519(struct sek_image *image, uint64_t offset,
                                                   uint64_t len, struct sek_bytes spki,
                                                   struct sek_signature_claim *claim);

/* Copies a file's name from a container if it is fit to name an image: 1 to 63 characters of
 * [A-Za-z0-9,._+-], not "." or "..". False: it is not. */
bool sek_image_name(struct sek_bytes name, char out[SEK_NAME_MAX + 1]);

/* For a statement that is signed over all bytes, such as a wrapper's: it covers every image, and
 * what other statements there are. */
void sek_image_cover_all(struct sek_image *image, size_t statement);
void sek_image_cover_statements(struct sek_image *image, size_t statement); /* the latter alone */

/* A new entry of a table of claims, zeroed; NULL: the table is full (claims.fault is set). */
struct sek_image_claim *sek_image_add(struct sek_image *image, const char *name, uint64_t offset,
                                      uint64_t size);
struct sek_statement_claim *sek_statement_add(struct sek_image *image, const char *name,
                                              enum sek_statement_kind kind);
struct sek_signature_claim *sek_signature_add(struct sek_image *image, const char *name,
                                              size_t statement);

#endif
