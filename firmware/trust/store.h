/* The signed trust store: a FIT around a device tree, read in place.
 *
 * The same code reads it on the device and on the bench. A store that breaks any rule is not used
 * at all. Source: the schema in trust/SPEC.md. */
#ifndef SEK_TRUST_STORE_H
#define SEK_TRUST_STORE_H

#include "base/class.h"
#include "base/date.h"
#include "crypto/verify.h"
#include "trust/verdict.h"

#include <stdbool.h>

enum {
    SEK_STORE_SERIAL_JUMP = 65536, /* a serial further above the counter is refused */
    SEK_STORE_RULES = 64,          /* in force, that are listed; more are searched for each time */
    SEK_CANDIDATES_MAX = 8,        /* keys that a caller of sek_store_candidates has room for */
};

/* Kinds of the index; the property names under /index are in the same order. */
enum sek_index {
    SEK_INDEX_ALIAS,
    SEK_INDEX_SKELETON,
    SEK_INDEX_OUI24,
    SEK_INDEX_OUI28,
    SEK_INDEX_OUI36,
    SEK_INDEX_PEN,
    SEK_INDEX_PCI,
    SEK_INDEX_USB,
    SEK_INDEX_MIDR,
    SEK_INDEX_JEDEC,
    SEK_INDEX_DT_PREFIX,
    SEK_INDEX_GPON,
    SEK_INDEX_ACPI_HID,
    SEK_INDEX_PNP,
    SEK_INDEX_KEY,
    SEK_INDEX_DIGEST,
    SEK_INDEX_PHANDLE,
    SEK_INDEX_COUNT,
};

/* A rule in force, found once: finding it again costs more than asking it. */
struct sek_store_rule {
    int node;
    bool has_subject; /* rules only on whom it names */
    bool excludes;    /* is of basis `named`; others consult, but for determinations */
};

struct sek_store {
    const void *dtb; /* payload, 8-aligned, borrowed; NULL: no usable store */
    size_t dtb_len;
    uint32_t serial;
    uint8_t digest[32]; /* SHA-256 of the whole payload */
    uint8_t authority_key[SEK_KEY_ID_LEN];
    const char *label, *authority; /* borrowed from the payload */
    sek_day issued, not_after;
    struct sek_bytes index[SEK_INDEX_COUNT]; /* 12-byte records, sorted */
    struct sek_store_rule rule[SEK_STORE_RULES];
    size_t rule_count;
    int unlisted;            /* the first node under `rules` behind those listed; < 0: none */
    unsigned reference_algs; /* bit set of the digests of references and denied: two at most */
    int rules, suppliers, entities, policy, references, denied, maps, determinations,
        device_authorities, manifests; /* nodes, < 0: none */
};

/* Why a store is not used: rule TS-002, TS-004 or TS-005, and where. */
struct sek_store_fault {
    sek_rule rule;
    struct sek_fault fault;
};

/* Opens a store.itb that lies in memory and stays there: 8-aligned, unchanging.
 *
 * - itb may be a chain: links, each signed by the key that is trusted so far and naming its
 *   successor, and behind them the store, signed by the last successor. It counts no longer than
 *   its links do. Source: trust/SPEC.md 6.
 * - authority: SubjectPublicKeyInfo (DER) of the one key that may have signed it, or the first
 * link.
 * - counter: highest serial seen, 0 for none; a lower serial is refused, and one that lies further
 *   above it than SEK_STORE_SERIAL_JUMP.
 * - scratch: 8-aligned memory for the container's tree (32 KiB is enough).
 *
 * An expired store opens (sek_store_expired tells): it rejects, but approves nothing.
 * SEK_ERR_SIGNATURE: not signed by the authority (TS-002). SEK_ERR_ROLLBACK (TS-004).
 * SEK_ERR_MALFORMED and all else (TS-005). On failure *store has dtb NULL, *why says what and
 * where. */
SEK_CHECKED enum sek_status sek_store_open(struct sek_store *store, struct sek_bytes itb,
                                           struct sek_bytes authority, uint32_t counter,
                                           void *scratch, size_t scratch_len,
                                           struct sek_store_fault *why);

/* Checks and opens a bare payload (store.dtb) whose bytes are already trusted or only to be shown:
 * for `store lint|show` and tests. Statuses as above, without the signature. */
SEK_CHECKED enum sek_status sek_store_open_payload(struct sek_store *store, struct sek_bytes dtb,
                                                   struct sek_store_fault *why);

/* The same where the payload's SHA-256 is known: that of bytes which nobody changed since. */
SEK_CHECKED enum sek_status sek_store_open_digested(struct sek_store *store, struct sek_bytes dtb,
                                                    const uint8_t sha256[32],
                                                    struct sek_store_fault *why);

/* What a clock's day is worth: 0, unknown, if it lies before the day on which the store was issued,
 * since that clock was put back (a day of grace for clocks that differ). No store: as it is. */
sek_day sek_store_day(const struct sek_store *store, sek_day today);

/* True if the store's last day lies before today, or today is unknown (0). */
bool sek_store_expired(const struct sek_store *store, sek_day today);

/* First record of kind with this key, or -1; sek_store_next gives further ones (skeletons only).
 * The caller compares the value in full: different values may have one key. Both give libfdt
 * offsets of nodes that hold such a value; *at is the place in the index. O(log n). */
int sek_store_find(const struct sek_store *store, enum sek_index kind, uint64_t key, size_t *at);
int sek_store_next(const struct sek_store *store, enum sek_index kind, uint64_t key, size_t *at);

/* Reads the rule at a node under `rules`; false: it is not in force. */
bool sek_store_rule_read(const struct sek_store *store, int node, struct sek_store_rule *out);

/* FNV-1a 64 of bytes: the index key of strings. */
uint64_t sek_fnv1a(struct sek_bytes bytes);

/* The node a phandle names, or -1. */
int sek_store_phandle(const struct sek_store *store, uint32_t phandle);

/* Property helpers over the payload. A missing property gives len 0 / false / 0. */
struct sek_bytes sek_store_bytes(const struct sek_store *store, int node, const char *name);
bool sek_store_has(const struct sek_store *store, int node, const char *name); /* also a flag */
const char *sek_store_string(const struct sek_store *store, int node,
                             const char *name); /* or NULL */
bool sek_store_list_has(const struct sek_store *store, int node, const char *name,
                        const char *word);
sek_day sek_store_date(const struct sek_store *store, int node, const char *name);
const char *sek_store_node_name(const struct sek_store *store, int node);

/* The key of a supplier's key node (SPKI, borrowed): its public-key, or that of its certificate;
 * len 0: it has neither, or a certificate that cannot be read. */
struct sek_bytes sek_store_spki(const struct sek_store *store, int key);

/* The store's keys of Ed25519 (SPKI, borrowed), at most cap of them: those under which a long
 * message has to be read (image.h). Returns their number. */
size_t sek_store_candidates(const struct sek_store *store, struct sek_bytes *out, size_t cap);

#endif
