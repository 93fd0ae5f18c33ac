#include "tests/attack/fault_board.h"

#include "agent/line.h"
#include "agent/resources.h"
#include "evidence/release.h"
#include "hal/x86/sha256_ni.h"
#include "tests/unit/fit_signer.h"

#include <libfdt.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { TODAY_S = 1795824000 /* 2026-11-28 */, OS_AT = 0x4000, OS_LEN = 0x8000, TOKEN = 16384 };

/* The rig's store vouches for os by reference: here a signature has to. */
#define KEY_1 "key-1 { public-key = /incbin/(\"hakone.spki.der\"); algo = \"sha256,ecdsa256\"; }; "
#define FROM_KEY_1                                                                                 \
    KEY_1 "}; };\n references {\n"                                                                 \
          "  boot { supplier = <&sup_a>; component = \"boot\"; sha256 = [@0@]; };\n"               \
          "  os { supplier = <&sup_a>; component = \"os\"; sha256 = [@1@]; };\n"
#define TO_BOOT                                                                                    \
    KEY_1 "key-2 { public-key = /incbin/(\"stranger.spki.der\"); algo = \"sha256,rsa2048\";\n"     \
          "   padding = \"pkcs-1.5\"; key-name-hint = \"known\"; };\n"                             \
          "  }; };\n officers { chief { label = \"Chief\"; may = \"release\";\n"                   \
          "   public-key = /incbin/(\"officer.spki.der\"); }; };\n references {\n"                 \
          "  boot { supplier = <&sup_a>; component = \"boot\"; sha256 = [@0@]; };\n"

const char *fault_board_name(enum fault_board_kind kind)
{
    static const char *const name[FAULT_BOARDS] = {
        [FAULT_BOARD_GOOD] = "a good board",
        [FAULT_BOARD_NEW] = "a good board, started for the first time",
        [FAULT_BOARD_BYTES] = "a region differs from its reference",
        [FAULT_BOARD_PAYLOAD] = "an image differs from its signed hash",
        [FAULT_BOARD_FORGED] = "a forged ECDSA signature",
        [FAULT_BOARD_FORGED_RSA] = "a forged RSA signature",
        [FAULT_BOARD_STRANGER] = "signed by a stranger",
        [FAULT_BOARD_EXCLUDED] = "a part of an excluded maker",
        [FAULT_BOARD_LARGER] = "a chip larger than its map",
        [FAULT_BOARD_FORGED_STORE] = "a store that nobody signed",
        [FAULT_BOARD_MEMORY] = "memory is not what was measured",
        [FAULT_BOARD_UNDATED] = "no date, and an order that nobody signed",
    };

    return name[kind];
}

/* ---- What lies on the board ---- */

/* A signed FIT into the region os, with what looks like an ARM Linux zImage. */
static void put_image(struct rig *rig, enum fault_board_kind kind)
{
    static const char signature[] = "/configurations/conf-1/signature-1";
    static const uint8_t zimage[] = {0x18, 0x28, 0x6f, 0x01}; /* at 24h */
    struct fit_writer w;
    struct fit_key key;
    struct fit_file file;

    if (kind == FAULT_BOARD_STRANGER)
        fit_key_make(&key, 256);
    else
        fit_key_load(&key, kind == FAULT_BOARD_FORGED_RSA ? "stranger" : "hakone");
    fit_sample(&w, "sha256");
    memcpy(w.token[fit_find(&w, "/images/kernel-1:data")].value + 0x24, zimage, sizeof zimage);
    fit_rehash(&w, "/images/kernel-1/hash-1");
    fit_add_signature(&w, "/configurations/conf-1", "signature-1", "sha256", &key,
                      key.rsa ? "pkcs-1.5" : NULL, "known");
    fit_sign(&w, signature, &key);
    if (kind == FAULT_BOARD_PAYLOAD)
        w.token[fit_find(&w, "/images/kernel-1:data")].value[40] ^= 0x01;
    if (kind == FAULT_BOARD_FORGED || kind == FAULT_BOARD_FORGED_RSA)
        w.token[fit_find(&w, "/configurations/conf-1/signature-1:value")].value[20] ^= 0x01;
    file = fit_write(&w);
    assert_true(file.len <= OS_LEN);
    memset(rig->chip + OS_AT, 0xff, OS_LEN);
    memcpy(rig->chip + OS_AT, file.data, file.len);
    free(file.data);
    fit_free(&w);
    fit_key_drop(&key);
}

static struct sek_bytes copy_of(struct sek_bytes bytes)
{
    uint8_t *data = malloc(bytes.len);

    assert_non_null(data);
    memcpy(data, bytes.data, bytes.len);
    return (struct sek_bytes){data, bytes.len};
}

/* The same store with another value of its signature. */
static struct sek_bytes forge_store(struct sek_bytes store)
{
    struct sek_bytes forged = copy_of(store);
    int node = fdt_path_offset(forged.data, "/configurations/store/signature-1"), len = 0;
    const uint8_t *value = node < 0 ? NULL : fdt_getprop(forged.data, node, "value", &len);

    assert_true(value && len > 20);
    ((uint8_t *)(uintptr_t)value)[20] ^= 0x01;
    return forged;
}

static void put_store(struct rig *rig, struct sek_bytes store)
{
    assert_true(store.len <= sizeof rig->slots.kept);
    memcpy(rig->slots.kept, store.data, store.len);
    rig->slots.len = store.len;
}

static void spoil(struct rig *rig, enum fault_board_kind kind)
{
    if (kind == FAULT_BOARD_BYTES)
        rig->chip[17] ^= 0x01;
    if (kind == FAULT_BOARD_EXCLUDED)
        rig_make_port(rig->port, "OUTCAST OPTICS");
    if (kind == FAULT_BOARD_LARGER)
        rig->chip_size = 3 * RIG_CHIP; /* half of it is still too much */
    if (kind == FAULT_BOARD_UNDATED)
        rig->clock.source = HAL_TIME_NONE;
}

static size_t find_kernel(const uint8_t *fit)
{
    int node = fdt_path_offset(fit, "/images/kernel-1");
    const uint8_t *data = node < 0 ? NULL : fdt_getprop(fit, node, "data", NULL);

    assert_non_null(data);
    return (size_t)(data - fit);
}

/* What the driver has kept in memory of the region os. */
static void put_memory(struct fault_board *board, enum fault_board_kind kind)
{
    struct sek_bytes officer = rig_authority("officer");
    uint8_t id[SEK_KEY_ID_LEN];

    board->memory = aligned_alloc(64, OS_LEN);
    assert_non_null(board->memory);
    memcpy(board->memory, board->rig->chip + OS_AT, OS_LEN);
    if (kind == FAULT_BOARD_MEMORY)
        board->memory[find_kernel(board->memory) + 0x28] ^= 0x01;
    assert_int_equal(sek_key_id(officer, id), SEK_OK);
    memcpy(board->officer, id, sizeof board->officer);
    free((void *)officer.data);
}

/* ---- The board ---- */

static void put_devices_in_front(struct fault_board *board)
{
    struct sek_agent_config *config = &board->rig->agent.config;
    struct faulty_devices *devices = &board->devices;

    devices->real_media = config->media;
    devices->real_clock = config->clock;
    devices->real_entropy = config->entropy;
    devices->real_vault = config->vault;
    devices->real_registers = config->registers;
    devices->real_uart = &board->rig->uart.base;
    devices->real_hook = hal_x86_digest();
    faulty_devices_init(devices);
    config->media = &devices->media;
    config->clock = &devices->clock;
    config->entropy = &devices->entropy;
    config->vault = &devices->vault;
    config->registers = &devices->registers;
    config->hook = devices->real_hook ? &devices->hook : NULL;
}

/* A first life, without faults, gives the device its key and so its certificate. */
static void make_certificate(struct fault_board *board)
{
    struct rig *rig = board->rig;
    uint8_t der[SEK_CERTIFICATE_MAX];
    const char *why = "";
    size_t len;

    if (rig_start(rig, &why) != SEK_OK)
        fail_msg("%s", why);
    rig_measure(rig);
    len = rig_certificate(rig, rig->agent.serial, rig->agent.ueid, der);
    board->certificate = copy_of((struct sek_bytes){der, len});
    der[len - 1] ^= 0x01;
    board->forged_certificate = copy_of((struct sek_bytes){der, len});
}

static enum sek_status load(struct sek_store_slots *slots, uint8_t *buf, size_t cap, size_t *len);
static enum sek_status save(struct sek_store_slots *slots, const uint8_t *data, size_t len);
static struct sek_store_slots real_slots;

void fault_board_make(struct fault_board *board, enum fault_board_kind kind)
{
    static const struct rig_plan plan = {.store_find = FROM_KEY_1, .store_put = TO_BOOT};
    struct rig *rig = rig_make(&plan);
    struct sek_agent_config config;

    memset(board, 0, sizeof *board);
    board->rig = rig;
    rig->clock.source = HAL_TIME_AUTHENTICATED;
    rig->clock.date_s = TODAY_S;
    put_image(rig, kind);
    board->first_store = copy_of((struct sek_bytes){rig->slots.kept, rig->slots.len});
    board->later_store = rig_store(rig, plan.store_find, plan.store_put);
    board->forged_store = forge_store(board->later_store);
    spoil(rig, kind);
    put_memory(board, kind);
    config = rig->agent.config;
    make_certificate(board);
    sek_identity_close(&rig->agent.identity);
    memset(&rig->agent, 0, sizeof rig->agent);
    rig->agent.config = config;
    if (kind == FAULT_BOARD_NEW)
        memset(rig->vault.there, 0, sizeof rig->vault.there);
    if (kind == FAULT_BOARD_FORGED_STORE)
        put_store(rig, board->forged_store);
    put_devices_in_front(board);
    real_slots = rig->slots.base;
    rig->slots.base = (struct sek_store_slots){load, save};
    board->as_made = malloc(sizeof *rig);
    assert_non_null(board->as_made);
    memcpy(board->as_made, rig, sizeof *rig);
}

void fault_board_drop(struct fault_board *board)
{
    memcpy(board->rig, board->as_made, sizeof *board->rig);
    rig_drop(board->rig);
    free(board->as_made);
    free(board->memory);
    free((void *)board->first_store.data);
    free((void *)board->later_store.data);
    free((void *)board->forged_store.data);
    free((void *)board->certificate.data);
    free((void *)board->forged_certificate.data);
}

/* The slots of the store, in front of the rig's. */
static enum sek_status load(struct sek_store_slots *slots, uint8_t *buf, size_t cap, size_t *len)
{
    enum faulty way = faulty_next("sek_store_slots.load");
    enum sek_status status;

    if (way == FAULTY_FAILS || way == FAULTY_IDLE)
        return way == FAULTY_IDLE ? SEK_OK : SEK_ERR_IO;
    status = real_slots.load(slots, buf, cap, len);
    if (status == SEK_OK && way == FAULTY_SHORT)
        *len /= 2;
    return status;
}

static enum sek_status save(struct sek_store_slots *slots, const uint8_t *data, size_t len)
{
    enum faulty way = faulty_next("sek_store_slots.save");

    if (way == FAULTY_FAILS || way == FAULTY_IDLE)
        return way == FAULTY_IDLE ? SEK_OK : SEK_ERR_IO;
    return real_slots.save(slots, data, len);
}

/* ---- A life ---- */

static void note_rows(const struct rig *rig, struct fault_cycle *out)
{
    static const char *const names[] = {
        "boot", "os", "os/kernel-1", "os/fdt-1", "os/ramdisk-1", "fpga", "chassis", "fan", "port1"};
    const struct sek_cycle *cycle = &rig->agent.cycle;

    out->accepted = sek_cycle_outcome(cycle) == SEK_OUTCOME_ACCEPT;
    for (size_t i = 0; i < cycle->row_count; i++) {
        uint32_t bit = 1u << SEK_LEN(names);

        if (rig->row[i].verdict != SEK_VERDICT_APPROVED &&
            rig->row[i].integrity != SEK_INTEGRITY_VERIFIED)
            continue;
        for (size_t n = 0; n < SEK_LEN(names); n++)
            if (strcmp(rig->row[i].name, names[n]) == 0)
                bit = 1u << n;
        out->approved |= bit;
    }
}

static enum sek_status sign_nothing(struct sek_signer *signer, struct sek_bytes digest,
                                    uint8_t signature[SEK_COSE_SIGNATURE_MAX])
{
    (void)signer;
    (void)digest;
    memset(signature, 0x5a, SEK_COSE_SIGNATURE_MAX);
    return SEK_OK;
}

/* In an officer's name, for this device, moment and content; only the signature is nobody's. */
static void offer_order(struct fault_board *board)
{
    const struct sek_agent *agent = &board->rig->agent;
    struct sek_signer signer = {sign_nothing, SEK_COSE_ES256, {0}};
    struct sek_release order = {.issued_at = TODAY_S};
    uint8_t buf[SEK_RELEASE_MAX];
    struct sek_cbor_writer w = sek_cbor_writer_make(buf, sizeof buf);

    memcpy(signer.kid, board->officer, sizeof signer.kid);
    memcpy(order.ueid, agent->ueid, sizeof order.ueid);
    memcpy(order.device_nonce, agent->device_nonce, sizeof order.device_nonce);
    memcpy(order.boot_digest, board->gate.boot.digest, sizeof order.boot_digest);
    sek_release_write(&w, &order, &signer);
    if (w.status == SEK_OK)
        (void)!sek_gate_order(&board->gate, (struct sek_bytes){buf, w.len});
}

/* After each cycle it decides anew: until there is nothing more to decide, however often asked. */
static void run_gate(struct fault_board *board, struct fault_life *life)
{
    enum { STEPS = 4 };
    const struct sek_gate_config config = {
        .mode = SEK_GATE_ENFORCE, .partition = "os", .memory = {board->memory, OS_LEN}};

    sek_gate_init(&board->gate, &board->rig->agent, &config);
    for (uint64_t i = 0; i < STEPS; i++)
        (void)sek_gate_step(&board->gate, i);
    offer_order(board);
    life->released = life->released || board->gate.state == SEK_GATE_RELEASED;
}

static void measure_and_attest(struct rig *rig, struct fault_cycle *out)
{
    static uint8_t token[TOKEN];
    const struct sek_challenge challenge = {.request = 0};
    size_t len;

    rig_measure(rig);
    note_rows(rig, out);
    (void)!sek_agent_attest(&rig->agent, &challenge, token, sizeof token, &len);
}

/* A person asks on the console, too. */
static void talk(struct fault_board *board)
{
    static const uint8_t words[] = "info\r\ncomponents\r\nverify\r\nstore\r\n";
    static struct sek_line line;
    struct rig *rig = board->rig;

    rig_serve(rig, sek_agent_resources, SEK_AGENT_RESOURCES);
    sek_line_init(&line, &rig->agent, &rig->server, &board->devices.uart, 0);
    sek_line_input(&line, words, sizeof words - 1, 0);
}

static bool same(struct sek_bytes bytes, const uint8_t *data, size_t len)
{
    return bytes.len == len && memcmp(bytes.data, data, len) == 0;
}

static void offer_store(struct rig *rig, struct sek_bytes store)
{
    memcpy(rig->incoming, store.data, store.len);
    (void)!sek_agent_take_store(&rig->agent, store.len);
}

/* Is what is kept and used something that was signed? */
static bool keeps_forged(const struct fault_board *board, enum sek_status started)
{
    const struct rig *rig = board->rig;
    const struct rig_slots *was = &board->as_made->slots;
    const uint8_t *certificate = rig->vault.record[HAL_VAULT_DEVICE_CERT];
    bool store_ok = same(board->first_store, rig->slots.kept, rig->slots.len) ||
                    same(board->later_store, rig->slots.kept, rig->slots.len) ||
                    same((struct sek_bytes){was->kept, was->len}, rig->slots.kept, rig->slots.len);
    bool used_ok = started != SEK_OK || !rig->agent.trust.dtb ||
                   same(board->first_store, rig->store, board->first_store.len) ||
                   same(board->later_store, rig->store, board->later_store.len);
    bool certificate_ok =
        !rig->vault.there[HAL_VAULT_DEVICE_CERT] ||
        same(board->certificate, certificate, rig->vault.len[HAL_VAULT_DEVICE_CERT]);

    return !store_ok || !used_ok || !certificate_ok;
}

void fault_board_live(struct fault_board *board, enum faulty way, size_t call,
                      enum faulty_reach reach, struct fault_life *life)
{
    struct rig *rig = board->rig;
    struct sek_agent *agent = &rig->agent;
    enum sek_status started;
    const char *why = "";

    memcpy(rig, board->as_made, sizeof *rig);
    mbedtls_psa_crypto_free();
    memset(life, 0, sizeof *life);
    faulty_plan(way, call, reach);
    started = rig_start(rig, &why);
    if (started == SEK_OK) {
        measure_and_attest(rig, &life->cycle[0]);
        run_gate(board, life);
        offer_store(rig, board->forged_store);
        (void)!sek_agent_take_certificate(agent, board->forged_certificate);
        life->took_forged = keeps_forged(board, started);
        (void)!sek_agent_take_certificate(agent, board->certificate);
        offer_store(rig, board->later_store);
        measure_and_attest(rig, &life->cycle[1]);
        run_gate(board, life);
        talk(board);
    }
    life->calls = faulty_calls();
    faulty_stop();
    life->took_forged = life->took_forged || keeps_forged(board, started);
}
