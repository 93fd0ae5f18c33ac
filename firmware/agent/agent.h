/* The agent: what it knows of itself and its board, and what it answers.
 *
 * The board's main hands in drivers and memory, calls sek_agent_start once, then runs
 * sek_agent_step between packets; resources.h and words.h answer for it. */
#ifndef SEK_AGENT_AGENT_H
#define SEK_AGENT_AGENT_H

#include "agent/cycle.h"
#include "evidence/challenge.h"
#include "evidence/identity.h"
#include "hal/clock.h"
#include "hal/entropy.h"
#include "hal/registers.h"
#include "hal/vault.h"

#define SEK_AGENT_NAME    "sekisho-agent"
#define SEK_AGENT_VERSION "0.1.0"

enum {
    SEK_AGENT_UNITS_MAX = 64,
    SEK_AGENT_CHIPS_MAX = 8,
    SEK_AGENT_CLOSED_MAX = 16,     /* registers that close ways in */
    SEK_AGENT_AUTHORITIES_MAX = 8, /* device CAs of the store */
    SEK_AGENT_SCRATCH = 64 * 1024, /* bytes for opening a store */
    SEK_AGENT_FRESH_MAX = 4,
    SEK_CHIP_ID_WORDS = 4,
    SEK_SEED_LEN = 32,
    SEK_TAG_KEY_LEN = 32,
};

/* Where trust stores lie. On Linux a folder, on a board two slots in flash. */
struct sek_store_slots {
    /* Reads the store that counts into buf (8-aligned). SEK_ERR_NOT_FOUND: there is none. */
    enum sek_status (*load)(struct sek_store_slots *slots, uint8_t *buf, size_t cap, size_t *len);
    /* Makes these bytes the store that counts: after SEK_OK they survive power loss; else the old
     * one still counts. */
    enum sek_status (*save)(struct sek_store_slots *slots, const uint8_t *data, size_t len);
};

/* Memory of a fixed size, as `info` tells of it: what is not given back shows in time. */
struct sek_pool {
    const char *name;
    size_t (*used)(void); /* at most so far */
};

/* How a system finds parts by itself, where the description wants it. */
struct sek_finder {
    /* Lists those that the inventory does not have in its table of found ones; before each cycle.
     */
    void (*find)(const struct sek_finder *finder, struct sek_inventory *inventory);
};

struct sek_agent_config {
    struct hal_clock *clock;
    struct hal_entropy *entropy;
    struct hal_vault *vault; /* NULL: a visit; nothing is kept */
    struct hal_media *media;
    const struct hal_digest *hook;
    struct hal_registers *registers; /* NULL: none can be read; then debug access counts as open */
    struct sek_store_slots *slots;
    struct sek_bytes authority;   /* SubjectPublicKeyInfo whose stores are taken */
    struct sek_bytes description; /* the board's device tree, 8-aligned */
    struct sek_bytes serial;      /* the board's serial number; len 0: the product part's */
    enum sek_method method;
    const char *assurance; /* "service", "gate", "visit" */
    bool has_reset_reason;
    uint32_t reset_reason; /* enum hal_reset_reason */
    struct sek_cycle_memory cycle;
    uint8_t *store; /* two of these: the store in use and one that arrives; 8-aligned */
    uint8_t *incoming;
    size_t store_cap;            /* of each */
    uint8_t *scratch;            /* SEK_AGENT_SCRATCH bytes, 8-aligned */
    const struct sek_pool *pool; /* borrowed */
    size_t pool_count;
    const struct sek_finder *finder; /* NULL: this board finds no parts by itself */
    struct sek_unit *found;          /* room for them */
    size_t found_cap;
    /* sek_manifest_rows; NULL: a board that leaves manifests, and their code, to the bench. */
    bool (*judge_parts)(const struct sek_appraiser *appraiser, struct sek_bytes model,
                        struct sek_bytes serial, struct sek_row *row, size_t *count, size_t cap);
    struct sek_bytes gate_log; /* evidence of the gate that started this system; len 0: none */
    struct sek_bytes gate_certificate; /* that gate's own; len 0: it is not enrolled */
};

struct sek_gate;

struct sek_agent {
    struct sek_agent_config config;
    struct sek_gate *gate; /* NULL: this agent starts nothing */
    struct sek_unit unit[SEK_AGENT_UNITS_MAX];
    struct sek_chip chip[SEK_AGENT_CHIPS_MAX];
    struct sek_inventory inventory;
    enum sek_debug debug; /* as read when the last cycle began */
    bool has_secure_boot; /* the chip tells */
    bool secure_boot;     /* so at the last cycle */
    struct sek_cycle cycle;
    struct sek_identity identity;
    struct sek_store trust;
    size_t store_len;
    struct sek_store_fault store_why; /* why there is no usable one */
    uint32_t counter;                 /* highest serial seen */
    uint64_t boot_count;
    uint8_t boot_seed[SEK_SEED_LEN];
    uint8_t device_nonce[SEK_DEVICE_NONCE_LEN];
    uint8_t tag_key[SEK_TAG_KEY_LEN];       /* of the server's Echo options; new at each start */
    uint8_t chip_id[4 * SEK_CHIP_ID_WORDS]; /* of the registers that the description names */
    size_t chip_id_len;
    uint8_t gate_log_sha256[32]; /* if there is a log */
    uint8_t ueid[SEK_UEID_LEN];
    char serial[SEK_SERIAL_MAX + 1];
    bool serial_known;
    uint8_t description_sha256[32];
    uint64_t measured_at_ms;
    uint64_t cycles; /* begun so far; the number of the last one */
    /* Challenges that asked for a measurement which begins after them; the oldest one yields. */
    struct sek_fresh {
        uint8_t nonce[SEK_NONCE_LEN];
        uint64_t cycle; /* first one that will do; 0: unused */
    } fresh[SEK_AGENT_FRESH_MAX];
    size_t fresh_next;
};

/* Starts crypto with its known-answer tests, opens the vault's key, counts the boot, reads the
 * board description and the store, and begins the first cycle. A missing or bad store is no
 * failure: then everything is measured and nothing judged. Statuses of what fails; why gives the
 * text. */
SEK_CHECKED enum sek_status
sek_agent_start(struct sek_agent *agent, const struct sek_agent_config *config, const char **why);

/* Goes on measuring. False: nothing to do until a packet or a word comes. */
bool sek_agent_step(struct sek_agent *agent);

/* Begins a new cycle; dropped the one that runs. */
void sek_agent_measure(struct sek_agent *agent);

/* Writes evidence for a challenge into buf. SEK_ERR_BUSY: measuring; ask again. Others: nothing is
 * there, the crypto or the buffer failed. */
SEK_CHECKED enum sek_status sek_agent_attest(struct sek_agent *agent,
                                             const struct sek_challenge *challenge, uint8_t *buf,
                                             size_t cap, size_t *len);

/* The same for somebody who may not see the inventory: how many components came to what. */
SEK_CHECKED enum sek_status sek_agent_attest_summary(struct sek_agent *agent,
                                                     const struct sek_challenge *challenge,
                                                     uint8_t *buf, size_t cap, size_t *len);

/* Takes a new trust store that lies in config.incoming: verified whole, then kept, then used; the
 * old one counts until then; nothing is done about one of the same content. Statuses of
 * sek_store_open; SEK_ERR_IO: cannot be kept. */
SEK_CHECKED enum sek_status sek_agent_take_store(struct sek_agent *agent, size_t len);

/* Takes a device certificate issued by a CA of the store. Statuses of sek_identity_accept;
 * SEK_ERR_STATE: the store names no CA, or the serial number is not known yet. */
SEK_CHECKED enum sek_status sek_agent_take_certificate(struct sek_agent *agent,
                                                       struct sek_bytes der);

/* Evaluation date by the device's own clock; 0: it has no trusted one. */
sek_day sek_agent_today(const struct sek_agent *agent);

#endif
