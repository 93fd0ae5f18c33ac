#define _DEFAULT_SOURCE
#include "tests/unit/agent_rig.h"

#include "agent/resources.h"
#include "base/bytes.h"
#include "base/crc.h"
#include "boards/bench/enroll/ca.h"
#include "boards/bench/files.h"
#include "boards/bench/store/store.h"
#include "crypto/crypto.h"
#include "hal/linux/entropy.h"
#include "tests/unit/board_source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define KEYS "build/keys/demo"

enum { FILE_MAX = 1024 * 1024, BOOT_LEN = 0x4000, OS_LEN = 0x8000 };

/* @N@ are put in by rig_store. */
const char rig_store_source[] =
    "/dts-v1/;\n"
    "/ {\n"
    " compatible = \"sekisho,store-1\";\n"
    " label = \"Rig store\"; authority = \"Rig Authority\";\n"
    " serial = <7>; issued = \"2026-01-01\"; not-after = \"2036-12-31\";\n"
    " policy { unverified-accept = \"data\"; };\n"
    " entities { ent_a: alpha { label = \"Alpha\"; alias = \"ALPHA WORKS\"; };\n"
    "  ent_x: outcast { label = \"Outcast\"; alias = \"OUTCAST OPTICS\"; }; };\n"
    " suppliers { sup_a: alpha { entity = <&ent_a>; allow = \"boot\", \"kernel\", \"fpga\";\n"
    "  key-1 { public-key = /incbin/(\"hakone.spki.der\"); algo = \"sha256,ecdsa256\"; }; }; };\n"
    " references {\n"
    "  boot { supplier = <&sup_a>; component = \"boot\"; sha256 = [@0@]; };\n"
    "  os { supplier = <&sup_a>; component = \"os\"; sha256 = [@1@]; };\n"
    "  fpga { supplier = <&sup_a>; component = \"fpga\"; sha256 = [@2@]; }; };\n"
    " device-authorities { lab { certificate = /incbin/(\"device-ca.der\"); }; };\n"
    " maps { box { model = \"BOX\"; description-sha256 = [@3@]; }; };\n"
    " rules { no-outcast { label = \"No Outcast\"; authority = \"A\"; clause = \"1\";\n"
    "  source = \"s\"; basis = \"named\"; force = \"in-force\"; subject = <&ent_x>;\n"
    "  effective-from = \"2026-04-01\"; verdict = \"excluded\"; }; };\n"
    "};\n";

/* ---- Fakes ---- */

static enum sek_status vault_get(struct hal_vault *base, enum hal_vault_record record, void *buf,
                                 size_t cap, size_t *len)
{
    const struct rig_vault *vault = (const struct rig_vault *)base;

    if (vault->broken)
        return SEK_ERR_IO;
    if (!vault->there[record])
        return SEK_ERR_NOT_FOUND;
    if (vault->len[record] > cap)
        return SEK_ERR_NO_SPACE;
    memcpy(buf, vault->record[record], vault->len[record]);
    *len = vault->len[record];
    return SEK_OK;
}

static enum sek_status vault_put(struct hal_vault *base, enum hal_vault_record record,
                                 const void *data, size_t len)
{
    struct rig_vault *vault = (struct rig_vault *)base;

    if (vault->broken)
        return SEK_ERR_IO;
    memcpy(vault->record[record], data, len);
    vault->len[record] = len;
    vault->there[record] = true;
    return SEK_OK;
}

static enum sek_status media_open(struct hal_media *base, const struct hal_media_place *place,
                                  struct sek_source **source)
{
    struct rig_media *media = (struct rig_media *)base;
    struct rig *rig = media->rig;
    const struct {
        const char *label;
        const uint8_t *data;
        size_t len;
    } rows[] = {
        {"chassis", rig->chassis, sizeof rig->chassis},
        {"fan", rig->fan, sizeof rig->fan},
        {"port1", rig->port, sizeof rig->port},
        {"fpga", rig->fpga, sizeof rig->fpga},
    };

    rig->opened++;
    if (rig->missing && strcmp(place->label, rig->missing) == 0)
        return SEK_ERR_NOT_FOUND;
    if (rig->silent && strcmp(place->label, rig->silent) == 0)
        return SEK_ERR_ABSENT;
    if (place->partition) {
        if (place->offset + place->len > sizeof rig->chip)
            return SEK_ERR_IO;
        media->source = sek_memory_source_make(rig->chip + place->offset, (size_t)place->len);
        *source = &media->source.base;
        return SEK_OK;
    }
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        if (strcmp(rows[i].label, place->label) != 0)
            continue;
        media->source = sek_memory_source_make(rows[i].data, rows[i].len);
        *source = &media->source.base;
        return SEK_OK;
    }
    return SEK_ERR_NOT_FOUND;
}

static void media_close(struct hal_media *base)
{
    (void)base;
}

static enum sek_status chip_size(struct hal_media *base, const struct hal_media_place *place,
                                 uint64_t *size)
{
    assert_string_equal(place->chip_name, "spi0.0");
    if (((struct rig_media *)base)->rig->chip_size == 0)
        return SEK_ERR_UNSUPPORTED;
    *size = ((struct rig_media *)base)->rig->chip_size;
    return SEK_OK;
}

static enum sek_status slots_load(struct sek_store_slots *base, uint8_t *buf, size_t cap,
                                  size_t *len)
{
    const struct rig_slots *slots = (const struct rig_slots *)base;

    if (slots->len == 0)
        return SEK_ERR_NOT_FOUND;
    assert_true(slots->len <= cap);
    memcpy(buf, slots->kept, slots->len);
    *len = slots->len;
    return SEK_OK;
}

static enum sek_status slots_save(struct sek_store_slots *base, const uint8_t *data, size_t len)
{
    struct rig_slots *slots = (struct rig_slots *)base;

    if (slots->broken)
        return SEK_ERR_IO;
    memcpy(slots->kept, data, len);
    slots->len = len;
    return SEK_OK;
}

static uint64_t uptime(struct hal_clock *base)
{
    return ((struct rig_clock *)base)->now_ms++;
}

static uint64_t date(struct hal_clock *base, enum hal_time_source *source)
{
    *source = ((struct rig_clock *)base)->source;
    return ((struct rig_clock *)base)->date_s;
}

static enum sek_status read_register(struct hal_registers *base, uint32_t address, uint32_t *value)
{
    const struct rig_registers *registers = (const struct rig_registers *)base;

    if (registers->broken)
        return SEK_ERR_IO;
    if (!registers->idle)
        *value = registers->value[address != 0x1e6e20c8];
    return SEK_OK;
}

static enum sek_status uart_write(struct hal_uart *base, const void *data, size_t len)
{
    struct rig_uart *uart = (struct rig_uart *)base;

    assert_true(len < sizeof uart->said - uart->len);
    memcpy(uart->said + uart->len, data, len);
    uart->len += len;
    uart->said[uart->len] = '\0';
    return SEK_OK;
}

/* ---- Records ---- */

void rig_make_chassis(uint8_t record[RIG_RECORD], const char *serial)
{
    size_t len = strlen(serial), at = 11;
    static const char vendor[] = "Alpha Works";

    memset(record, 0xff, RIG_RECORD);
    memcpy(record, "TlvInfo\0\x01", 9);
    record[at++] = 0x23; /* serial number */
    record[at++] = (uint8_t)len;
    memcpy(record + at, serial, len);
    at += len;
    record[at++] = 0x2d; /* vendor */
    record[at++] = sizeof vendor - 1;
    memcpy(record + at, vendor, sizeof vendor - 1);
    at += sizeof vendor - 1;
    record[at++] = 0xfe; /* CRC-32 over all before it */
    record[at++] = 4;
    sek_put_u16be(record + 9, (uint16_t)(at + 4 - 11));
    sek_put_u32be(record + at, sek_crc32(0, record, at));
}

void rig_make_port(uint8_t record[256], const char *vendor)
{
    memset(record, 0xff, 256);
    memset(record, 0, 128);
    record[0] = 0x03; /* SFP; SFF-8472, table 5-1 */
    record[1] = 0x04;
    memset(record + 20, ' ', 16);
    memcpy(record + 20, vendor, strlen(vendor));
    memcpy(record + 40, "OP-10G          ", 16);
    memcpy(record + 68, "T-1             ", 16);
    memcpy(record + 84, "260301  ", 8);
    record[63] = sek_sum8(record, 63);
    record[95] = sek_sum8(record + 64, 31);
}

/* ---- The store ---- */

static void put_digest(FILE *out, const uint8_t *data, size_t len)
{
    uint8_t digest[SEK_DIGEST_MAX];

    assert_int_equal(sek_digest_of(SEK_DIGEST_SHA256, NULL, data, len, digest), SEK_OK);
    for (size_t i = 0; i < 32; i++)
        fprintf(out, "%02x ", digest[i]);
}

static void put_source(FILE *out, const struct rig *rig, const char *source)
{
    for (; *source; source++) {
        if (source[0] != '@') {
            fputc(*source, out);
            continue;
        }
        switch (source[1]) {
        case '0':
            put_digest(out, rig->chip, BOOT_LEN);
            break;
        case '1':
            put_digest(out, rig->chip + BOOT_LEN, OS_LEN);
            break;
        case '2':
            put_digest(out, rig->fpga, sizeof rig->fpga);
            break;
        default:
            put_digest(out, rig->dtb.data, rig->dtb.len);
        }
        source += 2;
    }
}

static void write_source(const char *path, const struct rig *rig, const char *find, const char *put)
{
    const char *at = find ? strstr(rig_store_source, find) : NULL;
    char *text = NULL;
    size_t len;
    FILE *changed = open_memstream(&text, &len), *out = fopen(path, "w");

    assert_non_null(changed);
    assert_non_null(out);
    assert_true(!find || at);
    if (at)
        fprintf(changed, "%.*s%s%s", (int)(at - rig_store_source), rig_store_source, put,
                at + strlen(find));
    else
        fputs(rig_store_source, changed);
    fclose(changed);
    put_source(out, rig, text);
    free(text);
    assert_int_equal(fclose(out), 0);
}

struct sek_bytes rig_store(const struct rig *rig, const char *find, const char *put)
{
    char folder[] = "/tmp/sekisho-rig-XXXXXX", source[64], dtb[64], itb[64];
    struct store_tree tree;
    uint8_t *built = NULL, *bytes = NULL;
    size_t len = 0;

    assert_non_null(mkdtemp(folder));
    snprintf(source, sizeof source, "%s/store.dts", folder);
    snprintf(dtb, sizeof dtb, "%s/store.dtb", folder);
    snprintf(itb, sizeof itb, "%s/store.itb", folder);
    write_source(source, rig, find, put);
    assert_true(store_tree_read(source, KEYS, &tree));
    assert_true(store_build("rig", tree.dtb.data, &built, &len));
    store_tree_free(&tree);
    assert_int_equal(bench_write_file(dtb, built, len, 0600), SEK_OK);
    free(built);
    assert_true(store_sign(&store_seal_store, &(const struct store_keys){KEYS, NULL}, dtb, itb));
    assert_int_equal(bench_read_file(itb, FILE_MAX, &bytes, &len), SEK_OK);
    unlink(source);
    unlink(dtb);
    unlink(itb);
    rmdir(folder);
    return (struct sek_bytes){bytes, len};
}

struct sek_bytes rig_authority(const char *name)
{
    char path[128];
    uint8_t *der = NULL;
    size_t len = 0;

    snprintf(path, sizeof path, KEYS "/%s.spki.der", name);
    assert_int_equal(bench_read_file(path, FILE_MAX, &der, &len), SEK_OK);
    return (struct sek_bytes){der, len};
}

/* ---- The agent ---- */

static void fill(struct rig *rig)
{
    rig->chip_size = sizeof rig->chip;
    for (size_t i = 0; i < sizeof rig->chip; i++)
        rig->chip[i] = (uint8_t)(i * 7 + i / 251);
    for (size_t i = 0; i < sizeof rig->fpga; i++)
        rig->fpga[i] = (uint8_t)(i * 5 + 1);
    rig_make_chassis(rig->chassis, RIG_SERIAL);
    rig_make_port(rig->port, "ALPHA WORKS");
    memset(rig->fan, 0xff, sizeof rig->fan);
    rig->registers.value[0] = 0x107;
    rig->registers.value[1] = 0xfa;
}

static void configure(struct rig *rig, const struct rig_plan *plan)
{
    rig->agent.config = (struct sek_agent_config){
        .clock = &rig->clock.base,
        .entropy = &linux_entropy,
        .vault = plan->visit ? NULL : &rig->vault.base,
        .media = &rig->media.base,
        .registers = &rig->registers.base,
        .slots = &rig->slots.base,
        .authority = rig_authority(plan->no_authority ? "other-authority" : "authority"),
        .description = rig->dtb,
        .method = SEK_METHOD_OS,
        .assurance = "service",
        .cycle =
            {
                .image = {.pass = {rig->chunk, sizeof rig->chunk, rig->extent,
                                   SEK_LEN(rig->extent)},
                          .scratch = rig->tree,
                          .scratch_len = sizeof rig->tree,
                          .image = rig->image,
                          .image_cap = SEK_LEN(rig->image),
                          .statement = rig->statement,
                          .statement_cap = SEK_STATEMENTS_MAX,
                          .signature = rig->signature,
                          .signature_cap = SEK_LEN(rig->signature)},
                .record = rig->record,
                .record_cap = sizeof rig->record,
                .row = rig->row,
                .row_cap = SEK_LEN(rig->row),
                .observation = rig->observation,
                .observation_cap = SEK_LEN(rig->observation),
                .text = rig->text,
                .text_cap = sizeof rig->text,
            },
        .store = rig->store,
        .incoming = rig->incoming,
        .store_cap = RIG_STORE,
        .scratch = rig->scratch,
    };
}

struct rig *rig_make(const struct rig_plan *plan)
{
    static const struct hal_vault_ops ops = {vault_get, vault_put};
    struct rig *rig = aligned_alloc(64, (sizeof *rig + 63) / 64 * 64);

    assert_non_null(rig);
    assert_int_equal(sek_crypto_start(NULL), SEK_OK);
    memset(rig, 0, sizeof *rig);
    rig->dtb = board_source_dtb(plan->find, plan->put);
    rig->vault.base = (struct hal_vault){&ops, HAL_KEY_FLASH};
    rig->media.base = (struct hal_media){media_open, media_close, chip_size};
    rig->media.rig = rig;
    rig->slots.base = (struct sek_store_slots){slots_load, slots_save};
    rig->clock.base = (struct hal_clock){uptime, date};
    rig->registers.base = (struct hal_registers){read_register};
    rig->uart.base = (struct hal_uart){uart_write, NULL};
    fill(rig);
    if (!plan->no_store) {
        struct sek_bytes itb = rig_store(rig, plan->store_find, plan->store_put);

        assert_true(itb.len <= sizeof rig->slots.kept);
        memcpy(rig->slots.kept, itb.data, itb.len);
        rig->slots.len = itb.len;
        free((void *)itb.data);
    }
    configure(rig, plan);
    return rig;
}

enum sek_status rig_start(struct rig *rig, const char **why)
{
    const struct sek_agent_config config = rig->agent.config;

    return sek_agent_start(&rig->agent, &config, why);
}

void rig_drop(struct rig *rig)
{
    free((void *)rig->dtb.data);
    free((void *)rig->agent.config.authority.data);
    sek_identity_close(&rig->agent.identity);
    free(rig);
}

void rig_measure(struct rig *rig)
{
    while (sek_agent_step(&rig->agent))
        ;
}

const struct sek_row *rig_row(const struct rig *rig, const char *name)
{
    for (size_t i = 0; i < rig->agent.cycle.row_count; i++) {
        if (strcmp(rig->row[i].name, name) == 0)
            return &rig->row[i];
    }
    fail_msg("no row %s", name);
    return NULL;
}

size_t rig_certificate(struct rig *rig, const char *serial, const uint8_t *ueid,
                       uint8_t der[SEK_CERTIFICATE_MAX])
{
    uint8_t request[SEK_CERTIFICATE_MAX], *key = NULL, *certificate = NULL;
    size_t len = 0, key_len = 0, certificate_len = 0;
    struct ca_request wanted;
    const char *why = "";
    struct ca *ca;

    assert_int_equal(bench_read_file(KEYS "/device-ca.pem", FILE_MAX, &key, &key_len), SEK_OK);
    assert_int_equal(
        bench_read_file(KEYS "/device-ca.crt.pem", FILE_MAX, &certificate, &certificate_len),
        SEK_OK);
    ca = ca_open((struct sek_bytes){key, key_len}, (struct sek_bytes){certificate, certificate_len},
                 &why);
    assert_non_null(ca);
    free(key);
    free(certificate);
    assert_int_equal(
        sek_identity_request(&rig->agent.identity,
                             (struct sek_bytes){(const uint8_t *)serial, strlen(serial)}, ueid,
                             request, sizeof request, &len),
        SEK_OK);
    assert_int_equal(ca_request_read((struct sek_bytes){request, len}, &wanted), SEK_OK);
    assert_int_equal(
        ca_issue(ca, &wanted, sek_date_from_seconds(1767225600), der, SEK_CERTIFICATE_MAX, &len),
        SEK_OK);
    ca_close(ca);
    return len;
}

void rig_enroll(struct rig *rig)
{
    uint8_t der[SEK_CERTIFICATE_MAX];
    size_t len = rig_certificate(rig, rig->agent.serial, rig->agent.ueid, der);

    assert_int_equal(sek_agent_take_certificate(&rig->agent, (struct sek_bytes){der, len}), SEK_OK);
}

/* ---- The server ---- */

static void make_tag(void *ctx, const uint8_t *data, size_t len, uint8_t out[SEK_ECHO_TAG_LEN])
{
    (void)ctx;
    memset(out, 0, SEK_ECHO_TAG_LEN);
    for (size_t i = 0; i < len; i++)
        out[i % SEK_ECHO_TAG_LEN] = (uint8_t)(out[i % SEK_ECHO_TAG_LEN] * 31 + data[i]);
}

void rig_serve(struct rig *rig, const struct sek_resource *resource, size_t count)
{
    struct sek_server_config config = {
        .resource = resource,
        .resource_count = count,
        .ctx = &rig->agent,
        .tag = make_tag,
        .answer = rig->answer,
        .answer_count = RIG_ANSWERS,
        .exchange = rig->exchange,
        .exchange_count = SEK_LEN(rig->exchange),
        .verified = rig->verified,
        .verified_count = SEK_LEN(rig->verified),
        .upload = rig->upload,
        .upload_cap = RIG_UPLOAD,
        .szx_max = SEK_COAP_SZX_MAX,
    };

    for (size_t i = 0; i < RIG_ANSWERS; i++) {
        rig->answer[i].buf = rig->answer_buf[i];
        rig->answer[i].cap = RIG_ANSWER;
    }
    sek_server_init(&rig->server, &config);
}
