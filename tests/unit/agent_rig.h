/* A whole agent in memory: the board of board_source, media, vault and store of the test's. What
 * the real one gets from a kernel comes from tables here; nothing else is a stand-in. */
#ifndef SEK_TESTS_AGENT_RIG_H
#define SEK_TESTS_AGENT_RIG_H

#include "agent/agent.h"
#include "channel/server.h"
#include "hal/uart.h"

#include <sys/types.h>

#define RIG_SERIAL "BX-0001"

enum {
    RIG_CHIP = 0x10000,
    RIG_RECORD = 4096,
    RIG_ROWS = 32,
    RIG_STORE = 128 * 1024,
    RIG_SAID = 64 * 1024,
    RIG_ANSWERS = 2,
    RIG_ANSWER = 16 * 1024,
    RIG_UPLOAD = 4096,
};

struct rig_vault {
    struct hal_vault base;
    uint8_t record[HAL_VAULT_RECORDS][HAL_VAULT_RECORD_MAX];
    size_t len[HAL_VAULT_RECORDS];
    bool there[HAL_VAULT_RECORDS], broken;
};

struct rig_media {
    struct hal_media base;
    struct sek_memory_source source;
    struct rig *rig;
};

struct rig_slots {
    struct sek_store_slots base;
    uint8_t kept[RIG_STORE];
    size_t len;
    bool broken;
};

struct rig_clock {
    struct hal_clock base;
    uint64_t now_ms, date_s;
    enum hal_time_source source;
};

struct rig_registers {
    struct hal_registers base;
    uint32_t value[2]; /* of the two that board_source calls closed */
    bool broken, idle; /* idle: claims success and does nothing */
};

struct rig_uart {
    struct hal_uart base;
    char said[RIG_SAID];
    size_t len;
};

struct rig {
    struct sek_agent agent; /* first: the handlers' context */
    struct sek_bytes dtb;
    struct rig_vault vault;
    struct rig_media media;
    struct rig_slots slots;
    struct rig_clock clock;
    struct rig_registers registers;
    struct rig_uart uart;
    struct sek_server server;
    /* Media, to be changed at will. */
    uint8_t chip[RIG_CHIP];
    uint64_t chip_size;
    uint8_t chassis[RIG_RECORD], fan[256], port[256], fpga[4096];
    const char *missing; /* label of what is not there */
    const char *silent;  /* label of what does not answer */
    unsigned opened;     /* media, so far */
    /* Memory of the agent. */
    _Alignas(64) uint8_t chunk[4096];
    _Alignas(8) uint8_t tree[65536];
    struct sek_extent extent[64];
    struct sek_image_claim image[16];
    struct sek_statement_claim statement[SEK_STATEMENTS_MAX];
    struct sek_signature_claim signature[16];
    uint8_t record[RIG_RECORD];
    struct sek_row row[RIG_ROWS];
    struct sek_observation observation[128];
    uint8_t text[8192];
    _Alignas(8) uint8_t store[RIG_STORE], incoming[RIG_STORE];
    _Alignas(8) uint8_t scratch[SEK_AGENT_SCRATCH];
    struct sek_answer answer[RIG_ANSWERS];
    uint8_t answer_buf[RIG_ANSWERS][RIG_ANSWER];
    struct sek_exchange exchange[8];
    struct sek_verified verified[4];
    uint8_t upload[RIG_UPLOAD];
};

/* What differs from a board that is as it should be; all zero: nothing. */
struct rig_plan {
    const char *find, *put;             /* in board_source */
    const char *store_find, *store_put; /* in the store's source */
    bool no_store, no_authority, visit;
};

/* The source of the store that the rig's agent has: vouches for its regions and pins its board. */
extern const char rig_store_source[];

/* A signed store of that source with one change; the caller frees. map: the board description that
 * it pins. boot: content of the region boot, whose digest it vouches for, and so on. */
struct sek_bytes rig_store(const struct rig *rig, const char *find, const char *put);

/* The authority's public key (demo keys); the caller frees. */
struct sek_bytes rig_authority(const char *name);

/* Makes a rig, its media and its store; the agent is started with rig_start. */
struct rig *rig_make(const struct rig_plan *plan);
enum sek_status rig_start(struct rig *rig, const char **why);
void rig_drop(struct rig *rig);

/* Steps until nothing is left to measure. */
void rig_measure(struct rig *rig);

/* The row of a name, or a failed test. */
const struct sek_row *rig_row(const struct rig *rig, const char *name);

/* A certificate of the demo's device authority for a key, serial number and UEID. */
size_t rig_certificate(struct rig *rig, const char *serial, const uint8_t *ueid,
                       uint8_t der[SEK_CERTIFICATE_MAX]);
void rig_enroll(struct rig *rig);

/* Records: TlvInfo with a serial number, a transceiver of a vendor. */
void rig_make_chassis(uint8_t record[RIG_RECORD], const char *serial);
void rig_make_port(uint8_t record[256], const char *vendor);

/* Gets the server ready, with the agent's resources or others that wrap them. */
void rig_serve(struct rig *rig, const struct sek_resource *resource, size_t count);

#endif
