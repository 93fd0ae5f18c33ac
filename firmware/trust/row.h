/* A row: one component, image or configuration, what was measured of it and what it came to. The
 * agent's table, the evidence and the report are all made of rows. */
#ifndef SEK_TRUST_ROW_H
#define SEK_TRUST_ROW_H

#include "base/class.h"
#include "base/date.h"
#include "crypto/verify.h"
#include "part/part.h"
#include "trust/verdict.h"

#include <stdbool.h>

enum {
    SEK_ROW_NAME_MAX = 63,     /* "REGION/IMAGE"; [A-Za-z0-9,._+/-] */
    SEK_ROW_LOCATION_MAX = 47, /* "spi0.0:0x00100000", "i2c9/70.0:0x56" */
    SEK_ROW_VERSION_MAX = 63,
    SEK_ROW_DIGESTS = 2,
};

enum sek_row_kind {
    SEK_ROW_REGION,        /* a component with bytes: partition, file; also when it has images */
    SEK_ROW_IMAGE,         /* an image found inside a region */
    SEK_ROW_CONFIGURATION, /* a configuration whose signature fails; only then has it a row */
    SEK_ROW_PART,          /* a part that says who made it */
};

enum sek_bank { SEK_BANK_ACTIVE, SEK_BANK_BACKUP, SEK_BANK_RECOVERY };

/* How the bytes were read (numbers of the evidence). */
enum sek_method { SEK_METHOD_AGENT = 1, SEK_METHOD_OS = 2, SEK_METHOD_SELF_REPORTED = 3 };

struct sek_digest_value {
    enum sek_digest_alg alg; /* SEK_DIGEST_NONE: not there */
    uint8_t bytes[SEK_DIGEST_MAX];
};

/* The rule of the policy that decided, all borrowed from the store; rule NULL: none did. */
struct sek_policy_ref {
    const char *rule;   /* node name of the rule */
    const char *entity; /* node name of the entity that was hit; NULL: none */
    const char *authority, *clause;
    sek_day effective_from; /* 0: unknown */
    sek_day ends;           /* last day of a transition or exception; 0: none */
    const char *exception;  /* reference of the exception that relieves; NULL */
    bool overdue;           /* a transition that has ended */
    bool undated;           /* VND-007: no trusted date, so the rule holds and no relief does */
};

struct sek_row {
    enum sek_row_kind kind;
    char name[SEK_ROW_NAME_MAX + 1];
    enum sek_class component_class;
    bool optional;
    enum sek_bank bank;
    enum sek_method method;
    char location[SEK_ROW_LOCATION_MAX + 1];
    char format[16]; /* "fit", "raw", "onie-tlv"; empty: unknown */
    char version[SEK_ROW_VERSION_MAX + 1];
    uint64_t size;
    uint64_t offset; /* of an image in its medium; not in evidence */
    bool has_timestamp, has_counter;
    uint32_t timestamp, security_counter;

    struct sek_digest_value digest[SEK_ROW_DIGESTS]; /* measured */
    struct sek_digest_value expected; /* what was signed or vouched for, if it differs */
    bool has_key;
    uint8_t key[SEK_KEY_ID_LEN]; /* who verified it, or whose signature failed */
    const char *signer; /* node name of the supplier in the store, borrowed; NULL: nobody */

    const struct sek_observation *observation; /* borrowed */
    size_t observation_count;
    bool blank, damaged;
    bool container; /* a region whose images have rows of their own, without a finding of its own */
    enum sek_evidence_class evidence_class;

    struct sek_fault fault; /* what went wrong in the bytes: status, offset, cause */
    uint64_t fault_len;     /* bytes from there on that it is about; 0: not said */

    enum sek_integrity integrity;
    enum sek_supplier supplier;
    enum sek_verdict verdict;
    sek_rule rule; /* of the check that gave the verdict */
    struct sek_policy_ref policy;
};

/* A row before anything is known: unverified, not evaluated. */
void sek_row_init(struct sek_row *row);

#endif
