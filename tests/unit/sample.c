#include "tests/unit/sample.h"

#include <stdio.h>
#include <string.h>

static struct sek_bytes text(const char *word)
{
    return (struct sek_bytes){.data = (const uint8_t *)word, .len = strlen(word)};
}

static struct sek_row *add(struct sample *s, enum sek_row_kind kind, const char *name,
                           enum sek_class component_class)
{
    struct sek_row *row = &s->row[s->row_count++];

    *row = (struct sek_row){.kind = kind,
                            .component_class = component_class,
                            .method = SEK_METHOD_OS,
                            .integrity = SEK_INTEGRITY_UNVERIFIED,
                            .supplier = SEK_SUPPLIER_NO_MATCH,
                            .evidence_class = SEK_EVIDENCE_SIGNED,
                            .verdict = SEK_VERDICT_UNVERIFIED};
    (void)snprintf(row->name, sizeof row->name, "%s", name);
    return row;
}

static void region(struct sample *s, const char *name, const char *location, uint64_t size,
                   enum sek_class component_class, bool container)
{
    struct sek_row *row = add(s, SEK_ROW_REGION, name, component_class);

    (void)snprintf(row->location, sizeof row->location, "%s", location);
    (void)snprintf(row->format, sizeof row->format, "%s", container ? "fit" : "raw");
    row->size = size;
    row->container = container;
}

static void image(struct sample *s, const char *name, enum sek_class component_class)
{
    struct sek_row *row = add(s, SEK_ROW_IMAGE, name, component_class);

    (void)snprintf(row->location, sizeof row->location, "%s", s->row[0].location);
    (void)snprintf(row->format, sizeof row->format, "fit");
    if (strstr(name, "kernel"))
        (void)snprintf(row->version, sizeof row->version, "4.2.1");
    row->size = 4000000 + s->row_count;
    row->digest[0].alg = SEK_DIGEST_SHA256;
    memset(row->digest[0].bytes, (int)s->row_count, 32);
    row->has_key = true;
    memset(row->key, 0x3f, sizeof row->key);
    row->integrity = SEK_INTEGRITY_VERIFIED;
    row->supplier = SEK_SUPPLIER_APPROVED;
    row->rule = SEK_RULE(SIG, 1);
}

/* A region whose bytes a reference vouches for. */
static void region_of_reference(struct sample *s, const char *name, const char *location,
                                enum sek_class component_class)
{
    struct sek_row *row;

    region(s, name, location, 0xe0000, component_class, false);
    row = &s->row[s->row_count - 1];
    row->digest[0].alg = SEK_DIGEST_SHA256;
    memset(row->digest[0].bytes, 0x77, 32);
    row->integrity = SEK_INTEGRITY_VERIFIED;
    row->supplier = SEK_SUPPLIER_APPROVED;
    row->rule = SEK_RULE(REF, 1);
}

static void part(struct sample *s, const char *name, enum sek_class component_class,
                 struct sek_observation *observation)
{
    static const struct {
        enum sek_kind kind;
        const char *word;
    } said[] = {
        {SEK_KIND_VENDOR, "EXAMPLE OPTICS"},
        {SEK_KIND_PART_NUMBER, "EX-SFP-10G-SR"},
        {SEK_KIND_SERIAL_NUMBER, "EX2031A0042"},
    };
    struct sek_row *row = add(s, SEK_ROW_PART, name, component_class);

    (void)snprintf(row->location, sizeof row->location, "i2c10:0x50");
    (void)snprintf(row->format, sizeof row->format, "sff-8472");
    row->size = 512;
    row->integrity = SEK_INTEGRITY_CLAIMED;
    row->rule = SEK_RULE(VND, 1);
    row->evidence_class = SEK_EVIDENCE_CHECKED;
    row->observation = observation;
    for (size_t i = 0; i < SEK_LEN(said); i++)
        observation[row->observation_count++] =
            (struct sek_observation){.kind = said[i].kind,
                                     .type = SEK_VALUE_TEXT,
                                     .value = text(said[i].word),
                                     .evidence = SEK_EVIDENCE_CHECKED};
    observation[row->observation_count++] =
        (struct sek_observation){.kind = SEK_KIND_OUI24,
                                 .type = SEK_VALUE_BYTES,
                                 .value = {(const uint8_t *)"\x02\xac\x3e", 3},
                                 .evidence = SEK_EVIDENCE_CHECKED};
}

void sample_make(struct sample *s)
{
    static const uint8_t seed[16] = "boot seed 16 by";
    static const uint8_t ueid[SEK_UEID_LEN] = {1, 0xd1, 0xc9, 0xe2};
    struct sek_row *row;

    memset(s, 0, sizeof *s);
    s->token = (struct sek_token){.ueid = {ueid, sizeof ueid},
                                  .oem_pen = 32473,
                                  .hw_model = text("FUJI-BMC"),
                                  .uptime = 4711,
                                  .debug = SEK_DEBUG_DISABLED,
                                  .boot_count = 42,
                                  .boot_seed = {seed, sizeof seed},
                                  .sw_name = text("sekisho"),
                                  .sw_version = text("1.0.0"),
                                  .time_source = HAL_TIME_FLOOR,
                                  .floor = 1795000000,
                                  .store_serial = 42,
                                  .key_protection = HAL_KEY_FILE};
    memset(s->token.nonce, 0xa5, sizeof s->token.nonce);
    memset(s->token.store_authority, 0x11, sizeof s->token.store_authority);
    memset(s->token.store_sha256, 0x22, sizeof s->token.store_sha256);
    memset(s->token.description_sha256, 0x33, sizeof s->token.description_sha256);

    region(s, "fit", "spi0.0:0x00100000", 0x7700000, SEK_CLASS_KERNEL, true);
    image(s, "fit/kernel-1", SEK_CLASS_KERNEL);
    image(s, "fit/fdt-1", SEK_CLASS_KERNEL);
    image(s, "fit/ramdisk-1", SEK_CLASS_ROOTFS);
    region(s, "fit-backup", "spi0.1:0x00100000", 0x7f00000, SEK_CLASS_KERNEL, true);
    image(s, "fit-backup/kernel-1", SEK_CLASS_KERNEL);
    image(s, "fit-backup/ramdisk-1", SEK_CLASS_ROOTFS);
    image(s, "fit-backup/fdt-1", SEK_CLASS_KERNEL);
    row = &s->row[s->row_count - 1];
    row->integrity = SEK_INTEGRITY_TAMPERED; /* a bad signature vouches for nobody */
    row->rule = SEK_RULE(SIG, 4);
    row->supplier = SEK_SUPPLIER_NO_MATCH;
    row->has_key = false;
    memset(row->key, 0, sizeof row->key);
    row = add(s, SEK_ROW_CONFIGURATION, "fit-backup/conf-1", SEK_CLASS_KERNEL);
    (void)snprintf(row->location, sizeof row->location, "spi0.1:0x00100000");
    row->integrity = SEK_INTEGRITY_TAMPERED;
    row->rule = SEK_RULE(SIG, 4);
    region_of_reference(s, "u-boot", "spi0.0:0x00000000", SEK_CLASS_BOOT);
    region_of_reference(s, "agent", "spi0.0:0x000e0000", SEK_CLASS_AGENT);
    region(s, "env", "spi0.0:0x000f0000", 0x10000, SEK_CLASS_CONFIG, false);
    s->row[s->row_count - 1].rule = SEK_RULE(SIG, 2);
    part(s, "port1", SEK_CLASS_TRANSCEIVER, s->observation);
    part(s, "port2", SEK_CLASS_TRANSCEIVER, s->observation + 4);
    s->row[s->row_count - 1].optional = true;
    part(s, "chassis", SEK_CLASS_PRODUCT, s->observation + 8);
    s->row[s->row_count - 1].damaged = true;
    s->observation[8].flags = SEK_OBSERVATION_DAMAGED;
}
