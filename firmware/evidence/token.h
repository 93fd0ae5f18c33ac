/* Evidence: one signed token (EAT, RFC 9711) that says what was measured when one nonce was
 * answered.
 *
 * The agent fills struct sek_token and hands over its rows; the bench gets the same struct and rows
 * back (token_decode.h). The claims byte by byte: SPEC.md. */
#ifndef SEK_EVIDENCE_TOKEN_H
#define SEK_EVIDENCE_TOKEN_H

#include "evidence/cose.h"
#include "hal/clock.h"
#include "hal/vault.h"
#include "trust/row.h"

enum {
    SEK_NONCE_LEN = 32,
    SEK_UEID_MIN = 7,
    SEK_UEID_MAX = 33,
    SEK_UEID_LEN = 33, /* ours: type RAND and a SHA-256 */
    SEK_MODEL_MAX = 32,
    SEK_SEED_MIN = 16,
    SEK_SEED_MAX = 32,
    SEK_TOKEN_TEXT_MAX = 64,
    SEK_TOKEN_MAX = 65536, /* bytes of a token that the bench takes */
    SEK_TOKEN_ROWS = 1024, /* rows that it takes */
};

/* Claim 263: the worst is 0. */
enum sek_debug {
    SEK_DEBUG_ENABLED,
    SEK_DEBUG_DISABLED,
    SEK_DEBUG_DISABLED_SINCE_BOOT,
    SEK_DEBUG_DISABLED_PERMANENTLY,
    SEK_DEBUG_DISABLED_FULLY,
};

/* Claims on the device as a whole. Bytes and text are borrowed; data NULL: the claim is absent. */
struct sek_token {
    bool summary; /* no components, only how many came to what: another profile, never ACCEPT */
    uint8_t nonce[SEK_NONCE_LEN];
    struct sek_bytes ueid;       /* 7 to 33 */
    struct sek_bytes oemid;      /* 3 (OUI) or 16 (random); NULL: oem_pen is it */
    uint32_t oem_pen;            /* IANA private enterprise number */
    struct sek_bytes hw_model;   /* 1 to 32, UTF-8 with us; compared with maps/model of the store */
    struct sek_bytes hw_version; /* optional text */
    uint64_t uptime;             /* seconds */
    bool has_oem_boot, oem_boot; /* the maker's secure boot was on */
    enum sek_debug debug;
    uint64_t boot_count;                  /* 0: there is none */
    struct sek_bytes boot_seed;           /* 16 to 32, new at each start */
    struct sek_bytes sw_name, sw_version; /* the agent */
    uint64_t issued_at; /* seconds since 1970; only with a time source of 3 and more; 0: absent */
    enum hal_time_source time_source;
    uint64_t now;                         /* seconds since 1970; not sent for sources 0 and 1 */
    uint64_t floor;                       /* seconds since 1970: not before this; 0: unknown */
    uint8_t store_authority[SEK_KID_LEN]; /* kid of who signed the store; all 0: there is none */
    uint32_t store_serial;
    uint8_t store_sha256[32]; /* of its whole DTB payload */
    bool has_measured_at;
    uint64_t measured_at;     /* uptime in seconds when the media were read */
    struct sek_bytes binding; /* TLS exporter, 32; optional */
    enum hal_key_protection key_protection;
    bool has_reset_reason;
    uint32_t reset_reason;
    struct sek_bytes log_head;      /* 32; optional */
    uint8_t description_sha256[32]; /* of the board description as built */
};

/* Writes a signed token over rows into w: deterministic, the same input gives the same bytes up to
 * the signature. Rows may come in any order; an image's row needs the row of its region. Failures
 * stick in w: NO_SPACE; RANGE: a claim, a name or a number that no bench would take, no row at all;
 * MALFORMED: text that is not UTF-8, two components of one name, an image without its region; what
 * the signer says. */
void sek_token_write(struct sek_cbor_writer *w, const struct sek_token *token,
                     const struct sek_row *row, size_t count, struct sek_signer *signer);

/* True if name may stand in evidence: 1 to SEK_ROW_NAME_MAX of [A-Za-z0-9,._+/-], no '/' at its
 * beginning or end. */
bool sek_token_name_valid(struct sek_bytes name);

#endif
