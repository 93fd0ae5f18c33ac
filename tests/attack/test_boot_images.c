/* Attacks on MCUboot images (M01 to M09) and on ASPEED's boot images (A01, A02). */
#include "base/bytes.h"
#include "crypto/verify.h"
#include "tests/attack/format_lab.h"
#include "tests/unit/mcuboot_writer.h"
#include "tests/unit/spl_writer.h"

#include <assert.h>
#include <string.h>

enum {
    PROTECTED_AT = MCUBOOT_HEADER + MCUBOOT_PAYLOAD,
    AREA_AT = PROTECTED_AT + MCUBOOT_PROTECTED_LEN,
};

static const char malformed[] = "unverified FMT-001";

/* ---- MCUboot ---- */

static struct mcuboot_writer good; /* by p256 */

static bool sample_is_good(void)
{
    mcuboot_sample(&good, "p256", "sha256", false);
    return lab_accepts(LAB_MCU, lab_copy(good.data, good.len));
}

static void try_image(struct attack_result *result, const char *name,
                      const struct mcuboot_writer *w, const char *row, const char *expected)
{
    lab_try_file(result, LAB_MCU, name, lab_copy(w->data, w->len), row, expected);
}

/* An image whose unprotected area an attack writes itself. */
static void begin(struct mcuboot_writer *w)
{
    mcuboot_begin(w, MCUBOOT_PROTECTED_LEN);
    mcuboot_protect(w);
    mcuboot_area(w, false);
}

static void sign(struct mcuboot_writer *w, const char *key, const char *hash)
{
    mcuboot_digest(w, hash);
    mcuboot_key_hash(w, lab_key(key), hash);
    mcuboot_sign(w, key, lab_key(key), hash, false);
}

static void m01(struct attack_result *result)
{
    static const struct {
        const char *name;
        uint16_t tag, len;
    } rows[] = {
        {"a dependency", 0x40, 12}, {"a security counter", 0x50, 4}, {"a boot record", 0x60, 4},
        {"a compressor", 0x70, 4},  {"a vendor's tag", 0x00a0, 4},   {"any tag", 0xffff, 4},
    };
    static const uint8_t value[12] = {0xff};

    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        struct mcuboot_writer w;

        begin(&w);
        sign(&w, "p256", "sha256");
        mcuboot_tag(&w, rows[i].tag, value, rows[i].len);
        mcuboot_area_end(&w);
        try_image(result, rows[i].name, &w, "", malformed);
    }
}

static void m02(struct attack_result *result)
{
    static const struct {
        const char *name;
        size_t at;
        uint8_t bytes[2];
        size_t len;
    } rows[] = {
        {"no magic of the protected area", PROTECTED_AT, {0x07, 0x69}, 2},
        {"a protected area of another length", PROTECTED_AT + 2, {MCUBOOT_PROTECTED_LEN - 4}, 1},
        {"a protected tag longer than its area", PROTECTED_AT + 4 + 2, {0xff}, 1},
        {"no magic of the area", AREA_AT, {0x08, 0x69}, 2},
        {"an area shorter than its head", AREA_AT + 2, {3, 0}, 2},
        {"an area that ends inside a tag", AREA_AT + 2, {0x30, 0}, 2},
        {"a tag longer than the area", AREA_AT + 4 + 2, {0x20, 1}, 2},
        {"no protected area where one is signed", 10, {0, 0}, 2},
    };

    struct mcuboot_writer w;

    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        w = good;

        memcpy(w.data + rows[i].at, rows[i].bytes, rows[i].len);
        try_image(result, rows[i].name, &w, "", malformed);
    }
    begin(&w);
    sign(&w, "p256", "sha256");
    mcuboot_tag(&w, 0x01, "more", 4);
    w.data[w.len - 6] = 5;
    mcuboot_area_end(&w);
    try_image(result, "a last tag longer than what is left", &w, "", malformed);
}

static void m03(struct attack_result *result)
{
    static const uint8_t digest[32] = {1};
    struct mcuboot_writer w;

    begin(&w);
    mcuboot_key_hash(&w, lab_key("p256"), "sha256");
    mcuboot_sign(&w, "p256", lab_key("p256"), "sha256", false);
    mcuboot_area_end(&w);
    try_image(result, "no digest", &w, "", malformed);
    begin(&w);
    mcuboot_tag(&w, 0x10, digest, sizeof digest);
    sign(&w, "p256", "sha256");
    mcuboot_area_end(&w);
    try_image(result, "two digests", &w, "", malformed);
    begin(&w);
    mcuboot_digest(&w, "sha256");
    mcuboot_sign(&w, "p256", lab_key("p256"), "sha256", false);
    mcuboot_key_hash(&w, lab_key("p256"), "sha256");
    mcuboot_area_end(&w);
    try_image(result, "the key behind its signature", &w, "", malformed);
    begin(&w);
    mcuboot_digest(&w, "sha256");
    mcuboot_key_hash(&w, lab_key("rsa2048"), "sha256");
    mcuboot_key_hash(&w, lab_key("p256"), "sha256");
    mcuboot_sign(&w, "p256", lab_key("p256"), "sha256", false);
    mcuboot_area_end(&w);
    try_image(result, "two keys, one signature", &w, "", malformed);
    begin(&w);
    mcuboot_digest(&w, "sha256");
    mcuboot_area_end(&w);
    try_image(result, "no signature", &w, "/image", "unverified FMT-004");
}

static void m04(struct attack_result *result)
{
    static const struct {
        const char *name;
        size_t at;
        uint8_t bytes[4];
        size_t len;
    } rows[] = {
        {"an image of 4 GiB", 12, {0xff, 0xff, 0xff, 0xff}, 4},
        {"an image longer than its slot", 12, {0, 8, 0, 0}, 4},
        {"a header longer than its slot", 8, {0xff, 0xff}, 2},
        {"a protected area longer than its slot", 10, {0xff, 0xff}, 2},
    };

    struct mcuboot_writer w;

    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        w = good;

        memcpy(w.data + rows[i].at, rows[i].bytes, rows[i].len);
        try_image(result, rows[i].name, &w, "", malformed);
    }
    mcuboot_begin(&w, MCUBOOT_PROTECTED_LEN);
    w.data[8] = 31;
    w.len = 31 + MCUBOOT_PAYLOAD;
    mcuboot_protect(&w);
    mcuboot_area(&w, false);
    sign(&w, "p256", "sha256");
    mcuboot_area_end(&w);
    try_image(result, "a header of 31 bytes, and signed so", &w, "", malformed);
}

static void m05(struct attack_result *result)
{
    static const uint8_t mark = 1, wrapped[24] = {0};
    struct mcuboot_writer w;

    mcuboot_begin(&w, MCUBOOT_PROTECTED_LEN);
    w.data[16] = 0x04; /* AES-128, and signed so */
    mcuboot_protect(&w);
    mcuboot_area(&w, false);
    sign(&w, "p256", "sha256");
    mcuboot_area_end(&w);
    try_image(result, "the flag of an encrypted image", &w, "/image", "unverified FMT-002");
    begin(&w);
    sign(&w, "p256", "sha256");
    mcuboot_tag(&w, 0x31, wrapped, sizeof wrapped);
    mcuboot_area_end(&w);
    try_image(result, "the key of an encrypted image", &w, "/image", "unverified FMT-002");
    begin(&w);
    sign(&w, "p256", "sha256");
    mcuboot_tag(&w, 0x25, &mark, 1);
    mcuboot_area_end(&w);
    try_image(result, "pure, by a kind of key that cannot", &w, "", malformed);
    begin(&w);
    mcuboot_digest(&w, "sha256");
    mcuboot_key_hash(&w, lab_key("ed25519"), "sha256");
    mcuboot_tag(&w, 0x25, &mark, 1);
    mcuboot_sign(&w, "ed25519", lab_key("ed25519"), "sha256", false);
    mcuboot_area_end(&w);
    try_image(result, "a signature over the digest, called pure", &w, "/image", "tampered SIG-004");
    begin(&w);
    mcuboot_digest(&w, "sha384");
    mcuboot_key_hash(&w, lab_key("rsa2048"), "sha384");
    mcuboot_sign(&w, "rsa2048", lab_key("rsa2048"), "sha256", false);
    mcuboot_area_end(&w);
    try_image(result, "a digest that does not go with the key", &w, "", malformed);
}

static void m06(struct attack_result *result)
{
    struct mcuboot_writer w;

    mcuboot_begin(&w, MCUBOOT_PROTECTED_LEN);
    mcuboot_protect(&w);
    assert(w.data[PROTECTED_AT + 8] == MCUBOOT_COUNTER);
    w.data[PROTECTED_AT + 8]--;
    mcuboot_area(&w, false);
    sign(&w, "p256", "sha256");
    mcuboot_area_end(&w);
    try_image(result, NULL, &w, "/image", "tampered SIG-009");
}

static void m07(struct attack_result *result)
{
    struct mcuboot_writer w;

    mcuboot_sample(&w, "rsa2048-other", "sha256", false);
    try_image(result, "RSA, of nobody", &w, "/image", "unverified SIG-005");
    mcuboot_sample(&w, "ed25519-other", "sha512", true);
    try_image(result, "Ed25519, of nobody", &w, "/image", "unverified SIG-005");
    begin(&w);
    mcuboot_digest(&w, "sha256");
    mcuboot_tag(&w, 0x02, lab_key("rsa2048-other")->spki, lab_key("rsa2048-other")->spki_len);
    mcuboot_sign(&w, "rsa2048-other", lab_key("rsa2048-other"), "sha256", false);
    mcuboot_area_end(&w);
    try_image(result, "RSA, of nobody, the key beside it", &w, "/image", "unverified SIG-005");
    begin(&w);
    mcuboot_digest(&w, "sha256");
    mcuboot_key_hash(&w, lab_key("rsa2048"), "sha256");
    mcuboot_sign(&w, "rsa2048-other", lab_key("rsa2048-other"), "sha256", false);
    mcuboot_area_end(&w);
    try_image(result, "of nobody, under a name that is approved", &w, "/image", "tampered SIG-004");
}

static void m08(struct attack_result *result)
{
    static const char *const names[] = {"a byte behind it", "a zero too many", "no DER"};
    size_t at = good.area + 4 + 36 + 36, len = sek_get_u16le(good.data + at + 2);
    uint8_t der[OPENSSL_SIGNATURE_MAX];

    for (size_t row = 0; row < SEK_LEN(names); row++) {
        struct mcuboot_writer w;
        size_t changed_len = len;

        memcpy(der, good.data + at + 4, len);
        if (row == 0)
            der[changed_len++] = 0;
        if (row == 1) {
            memmove(der + 5, der + 4, len - 4);
            der[4] = 0;
            der[1]++;
            der[3]++;
            changed_len++;
        }
        if (row == 2) {
            enum sek_status status =
                sek_ecdsa_from_der((struct sek_bytes){good.data + at + 4, len}, 256, der);

            assert(status == SEK_OK);
            changed_len = 64;
        }
        begin(&w);
        mcuboot_digest(&w, "sha256");
        mcuboot_key_hash(&w, lab_key("p256"), "sha256");
        mcuboot_tag(&w, 0x22, der, changed_len);
        mcuboot_area_end(&w);
        try_image(result, names[row], &w, "/image", "tampered SIG-004");
    }
}

static bool erased_rest_is_good(void)
{
    struct mcuboot_writer w;

    if (!sample_is_good())
        return false;
    w = good;
    memset(w.data + w.len, 0xff, 64);
    w.len += 64;
    return lab_accepts(LAB_MCU, lab_copy(w.data, w.len));
}

static void m09(struct attack_result *result)
{
    struct mcuboot_writer w = good;

    memset(w.data + w.len, 0xff, 64);
    w.len += 64;
    w.data[w.len - 1] = 0x77;
    try_image(result, NULL, &w, "", "unexpected SIG-012");
}

/* ---- ASPEED ---- */

static struct spl spl;

static bool spl_is_good(void)
{
    spl_begin(&spl);
    spl_sign(&spl, &spl_ways[0]);
    return lab_accepts(LAB_SPL, lab_copy(spl.data, SPL_SIZE));
}

static void a01(struct attack_result *result)
{
    static const struct {
        const char *name;
        size_t word;
        uint32_t value;
    } rows[] = {
        {"not whole blocks", SPL_LENGTH, SPL_SIGNED - 8},
        {"nothing is signed", SPL_LENGTH, 0},
        {"more than the ROM takes", SPL_LENGTH, 64 * 1024},
        {"the signature inside what it signs", SPL_SIGNATURE, SPL_SIGNED - 32},
        {"the signature outside", SPL_SIGNATURE, SPL_SIZE},
        {"the signature far outside", SPL_SIGNATURE, 0xfffffe00},
    };
    struct spl bad;

    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        bad = spl;
        spl_set(&bad, rows[i].word, rows[i].value);
        lab_try_file(result, LAB_SPL, rows[i].name, lab_copy(bad.data, SPL_SIZE), "", malformed);
    }
    bad = spl;
    memset(bad.data + SPL_SIZE, 0xea, 64);
    lab_try_file(result, LAB_SPL, "code behind the signed bytes", lab_copy(bad.data, SPL_SIZE + 64),
                 "", "unexpected SIG-012");
}

/* Made with the private key: with the exponent 65537 it cannot be forged without. */
static void a02(struct attack_result *result)
{
    static const struct {
        const char *name;
        uint8_t type, fill, end;
    } rows[] = {
        {"garbage ahead of the digest", 0x5a, 0x5a, 0x5a},
        {"padding of an encrypted block", 2, 0xff, 0},
        {"zeros", 1, 0, 0},
        {"no zero ahead of the digest", 1, 0xff, 0xff},
    };

    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        uint8_t block[256] = {0}, digest[SEK_DIGEST_MAX];
        struct spl bad;
        size_t len;
        enum sek_status status;

        spl_begin(&bad);
        status = sek_digest_of(SEK_DIGEST_SHA256, NULL, bad.data, SPL_SIGNED, digest);
        assert(status == SEK_OK);
        memset(block + 1, rows[i].fill, sizeof block - 33);
        block[1] = rows[i].type;
        block[sizeof block - 33] = rows[i].end;
        memcpy(block + sizeof block - 32, digest, 32);
        len = openssl_sign("rsa2048", OPENSSL_RSA_RAW, block, sizeof block, bad.data + SPL_SIGNED);
        assert(len == sizeof block);
        lab_try_file(result, LAB_SPL, rows[i].name, lab_copy(bad.data, SPL_SIZE), "/spl",
                     "unverified SIG-005");
    }
}

static const struct attack attacks[] = {
    {"M01", "MCUboot: counters and dependencies that are not signed (CVE-2024-32883)", malformed,
     sample_is_good, m01},
    {"M02", "MCUboot: areas and tags whose lengths do not add up", malformed, sample_is_good, m02},
    {"M03", "MCUboot: no digest, two, a key behind its signature", malformed, sample_is_good, m03},
    {"M04", "MCUboot: sizes beyond the slot", malformed, sample_is_good, m04},
    {"M05", "MCUboot: encrypted, called pure, a digest of another kind",
     "FMT-001, FMT-002, SIG-004", sample_is_good, m05},
    {"M06", "MCUboot: a security counter below the minimum", "tampered SIG-009", sample_is_good,
     m06},
    {"M07", "MCUboot: keys of nobody, also under another's name", "SIG-005, SIG-004",
     sample_is_good, m07},
    {"M08", "MCUboot: ECDSA that is not quite DER", "tampered SIG-004", sample_is_good, m08},
    {"M09", "MCUboot: bytes behind the tags that are not erased", "unexpected SIG-012",
     erased_rest_is_good, m09},
    {"A01", "ASPEED: lengths and places that cannot be, code behind what is signed", malformed,
     spl_is_good, a01},
    {"A02", "ASPEED: bad padding with the right digest behind it", "unverified SIG-005",
     spl_is_good, a02},
};

int main(int argc, char **argv)
{
    return attack_main(argc, argv, attacks, SEK_LEN(attacks), format_lab_start, format_lab_stop);
}
