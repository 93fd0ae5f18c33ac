/* Signatures that are almost good: F20 (padding), F21 (RSA), F22 (ECDSA). The encodings are made
 * here, bit by bit, and go through the raw private key. */
#include "base/bytes.h"
#include "crypto/spki.h"
#include "tests/attack/fit_lab.h"

#include <mbedtls/pk.h>
#include <mbedtls/psa_util.h>

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RSA_LEN = 256, HASH_LEN = 32, EC_LEN = 32, PEM_MAX = 4096 };

/* ---- A signature's value ---- */

/* em to the private exponent of a key of build/keys. */
static void raw_sign(const char *file, const uint8_t em[RSA_LEN], uint8_t out[RSA_LEN])
{
    uint8_t pem[PEM_MAX];
    mbedtls_pk_context pk;
    FILE *in = fopen(file, "rb");
    size_t len;
    int status;

    assert(in);
    len = fread(pem, 1, sizeof pem - 1, in);
    fclose(in);
    pem[len] = '\0';
    mbedtls_pk_init(&pk);
    status = mbedtls_pk_parse_key(&pk, pem, len + 1, NULL, 0, mbedtls_psa_get_random,
                                  MBEDTLS_PSA_RANDOM_STATE);
    assert(status == 0);
    status = mbedtls_rsa_private(mbedtls_pk_rsa(pk), mbedtls_psa_get_random,
                                 MBEDTLS_PSA_RANDOM_STATE, em, out);
    assert(status == 0);
    mbedtls_pk_free(&pk);
}

static void sha256(const void *data, size_t len, uint8_t out[HASH_LEN])
{
    size_t n;
    psa_status_t status = psa_hash_compute(PSA_ALG_SHA_256, data, len, out, HASH_LEN, &n);

    assert(status == PSA_SUCCESS);
}

/* A sample that lacks only its signature's value, and the digest that has to be signed. */
static void prepare(struct fit_writer *w, const struct fit_key *key, const char *hint,
                    uint8_t digest[HASH_LEN])
{
    static struct fit_paths paths;
    const struct fit_token *told;
    uint8_t *bytes;
    size_t len;

    lab_unsigned(w, "sha256");
    lab_sign(w, key, hint);
    fit_paths_of(w, LAB_CONF, &paths);
    told = &w->token[fit_find(w, LAB_SIGNATURE ":hashed-strings")];
    bytes = fit_signed_bytes(w, &paths, sek_get_u32be(told->value + 4), &len);
    sha256(bytes, len, digest);
    free(bytes);
}

/* 00 01 FF.. 00 DigestInfo: RFC 8017, 9.2, with some of it as a case wants it. */
struct pkcs1 {
    size_t ones;     /* FFs; the rest of the room is garbage behind the digest */
    uint8_t type;    /* 1 */
    uint8_t fill;    /* 0xff */
    bool no_null;    /* DigestInfo without the NULL of its parameters */
    uint8_t hash_id; /* 1: SHA-256 */
};

static void encode_pkcs1(const struct pkcs1 *how, const uint8_t digest[HASH_LEN],
                         uint8_t em[RSA_LEN])
{
    uint8_t info[] = {0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                      0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20};
    size_t info_len = sizeof info;

    info[14] = how->hash_id;
    if (how->no_null) {
        static const uint8_t without[] = {0x30, 0x2f, 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48,
                                          0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x04, 0x20};

        memcpy(info, without, sizeof without);
        info_len = sizeof without;
    }
    memset(em, 0x5a, RSA_LEN);
    em[0] = 0;
    em[1] = how->type;
    memset(em + 2, how->fill, how->ones);
    em[2 + how->ones] = 0;
    memcpy(em + 3 + how->ones, info, info_len);
    memcpy(em + 3 + how->ones + info_len, digest, HASH_LEN);
}

/* PSS with a salt of any length: RFC 8017, 9.1.1, MGF1 with SHA-256; modulus of 2048 bits. */
static void encode_pss(const uint8_t digest[HASH_LEN], size_t salt_len, uint8_t salt, uint8_t last,
                       uint8_t em[RSA_LEN])
{
    uint8_t message[8 + HASH_LEN + RSA_LEN] = {0}, seed[HASH_LEN + 4] = {0}, mask[HASH_LEN];
    size_t db_len = RSA_LEN - HASH_LEN - 1;

    memset(message + 8 + HASH_LEN, salt, salt_len);
    memcpy(message + 8, digest, HASH_LEN);
    sha256(message, 8 + HASH_LEN + salt_len, em + db_len);
    memset(em, 0, db_len);
    em[db_len - salt_len - 1] = 0x01;
    memset(em + db_len - salt_len, salt, salt_len);
    memcpy(seed, em + db_len, HASH_LEN);
    for (size_t i = 0; i < db_len; i++) {
        if (i % HASH_LEN == 0) {
            sek_put_u32be(seed + HASH_LEN, (uint32_t)(i / HASH_LEN));
            sha256(seed, sizeof seed, mask);
        }
        em[i] ^= mask[i % HASH_LEN];
    }
    em[0] &= 0x7f;
    em[RSA_LEN - 1] = last;
}

static void try_value(struct attack_result *result, const char *name, struct fit_writer *w,
                      const void *value, size_t len, const char *expected)
{
    bool good = strncmp(expected, "approved", 8) == 0;

    fit_set(w, LAB_SIGNATURE ":value", value, len);
    lab_try(result, name, w, "/kernel-1", expected, good ? LAB_FORGED : LAB_APPROVED);
}

/* ---- F20: padding ---- */

#define TOKAI "build/keys/demo/stranger.key"
#define PSS   "build/keys/attack/pss.key"

/* A right encoding but for its top bit, which a modulus of 2048 bits leaves no room for. */
static void try_top_bit(struct attack_result *result)
{
    uint8_t digest[HASH_LEN], em[RSA_LEN], value[RSA_LEN];
    struct fit_writer w;
    struct sek_spki key;
    unsigned salt = 0;
    enum sek_status status =
        sek_spki_parse((struct sek_bytes){lab_pss.spki, lab_pss.spki_len}, &key);

    assert(status == SEK_OK);
    prepare(&w, &lab_pss, "pss", digest);
    do {
        encode_pss(digest, HASH_LEN, (uint8_t)salt, 0xbc, em);
        em[0] |= 0x80;
    } while (memcmp(em, key.modulus.data, RSA_LEN) >= 0 && salt++ < UINT8_MAX);
    raw_sign(PSS, em, value);
    try_value(result, "the top bit", &w, value, sizeof value, "tampered SIG-004");
}

static void f20(struct attack_result *result)
{
    static const struct {
        const char *name;
        size_t salt;
        uint8_t last;
        const char *expected;
    } rows[] = {
        {"a salt as long as the hash", HASH_LEN, 0xbc, "approved SIG-001"},
        {"the longest salt", RSA_LEN - HASH_LEN - 2, 0xbc, "approved SIG-001"},
        {"no salt", 0, 0xbc, "tampered SIG-004"},
        {"a salt of 31 bytes", HASH_LEN - 1, 0xbc, "tampered SIG-004"},
        {"a salt of 33 bytes", HASH_LEN + 1, 0xbc, "tampered SIG-004"},
        {"all but the longest salt", RSA_LEN - HASH_LEN - 3, 0xbc, "tampered SIG-004"},
        {"another last byte", HASH_LEN, 0xbd, "tampered SIG-004"},
        {"no last byte", HASH_LEN, 0x00, "tampered SIG-004"},
    };
    uint8_t digest[HASH_LEN], em[RSA_LEN], value[RSA_LEN];
    const struct pkcs1 good = {RSA_LEN - 3 - 19 - HASH_LEN, 1, 0xff, false, 1};
    struct fit_writer w;

    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        prepare(&w, &lab_pss, "pss", digest);
        encode_pss(digest, rows[i].salt, 0x77, rows[i].last, em);
        raw_sign(PSS, em, value);
        try_value(result, rows[i].name, &w, value, sizeof value, rows[i].expected);
    }
    try_top_bit(result);
    prepare(&w, &lab_pss, "pss", digest);
    encode_pkcs1(&good, digest, em);
    raw_sign(PSS, em, value);
    try_value(result, "pkcs-1.5 that is called pss", &w, value, sizeof value, "tampered SIG-004");
    lab_unsigned(&w, "sha256");
    fit_add_signature(&w, LAB_CONF, "signature-1", "sha256", &lab_pss, "pkcs-1.5", "pss");
    fit_sign(&w, LAB_SIGNATURE, &lab_pss);
    lab_try(result, "pkcs-1.5 by a key of pss", &w, "/kernel-1", "unverified SIG-007",
            LAB_APPROVED);
    lab_unsigned(&w, "sha256");
    fit_add_signature(&w, LAB_CONF, "signature-1", "sha256", &lab_tokai, "pss", "tokai");
    fit_sign(&w, LAB_SIGNATURE, &lab_tokai);
    lab_try(result, "pss by a key of pkcs-1.5", &w, "/kernel-1", "unverified SIG-007",
            LAB_APPROVED);
    prepare(&w, &lab_pss, "pss", digest);
    fit_set_text(&w, LAB_SIGNATURE ":padding", "none");
    lab_try(result, "no such padding", &w, "/kernel-1", "unverified SIG-007", LAB_APPROVED);
}

/* ---- F21: RSA ---- */

static void f21(struct attack_result *result)
{
    enum { ROOM = RSA_LEN - 3 - 19 - HASH_LEN };
    static const struct {
        const char *name;
        struct pkcs1 how;
        const char *expected;
    } rows[] = {
        {"right", {ROOM, 1, 0xff, false, 1}, "approved SIG-001"},
        {"garbage behind the digest", {8, 1, 0xff, false, 1}, "tampered SIG-004"},
        {"one byte behind the digest", {ROOM - 1, 1, 0xff, false, 1}, "tampered SIG-004"},
        {"no padding", {0, 1, 0xff, false, 1}, "tampered SIG-004"},
        {"padding of encryption", {ROOM, 2, 0xff, false, 1}, "tampered SIG-004"},
        {"padding of zeros", {ROOM, 1, 0x00, false, 1}, "tampered SIG-004"},
        {"no parameters", {ROOM + 2, 1, 0xff, true, 1}, "tampered SIG-004"},
        {"the name of another hash", {ROOM, 1, 0xff, false, 4}, "tampered SIG-004"},
    };
    uint8_t digest[HASH_LEN], em[RSA_LEN], value[RSA_LEN + 1] = {0};
    struct sek_bytes spki = {lab_tokai.spki, lab_tokai.spki_len};
    struct fit_writer w;
    struct sek_spki key;

    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        prepare(&w, &lab_tokai, "tokai", digest);
        encode_pkcs1(&rows[i].how, digest, em);
        raw_sign(TOKAI, em, value);
        try_value(result, rows[i].name, &w, value, RSA_LEN, rows[i].expected);
    }
    encode_pkcs1(&rows[0].how, digest, em);
    raw_sign(TOKAI, em, value + 1);
    value[0] = 0;
    prepare(&w, &lab_tokai, "tokai", digest);
    try_value(result, "a byte too long", &w, value, RSA_LEN + 1, "tampered SIG-004");
    prepare(&w, &lab_tokai, "tokai", digest);
    try_value(result, "a byte too short", &w, value + 1, RSA_LEN - 1, "tampered SIG-004");
    memset(value, 0, sizeof value);
    prepare(&w, &lab_tokai, "tokai", digest);
    try_value(result, "s = 0", &w, value, RSA_LEN, "tampered SIG-004");
    value[RSA_LEN - 1] = 1;
    prepare(&w, &lab_tokai, "tokai", digest);
    try_value(result, "s = 1", &w, value, RSA_LEN, "tampered SIG-004");
    if (sek_spki_parse(spki, &key) != SEK_OK)
        return;
    prepare(&w, &lab_tokai, "tokai", digest);
    try_value(result, "s = n", &w, key.modulus.data, RSA_LEN, "tampered SIG-004");
    memset(value, 0xff, sizeof value);
    prepare(&w, &lab_tokai, "tokai", digest);
    try_value(result, "s > n", &w, value, RSA_LEN, "tampered SIG-004");
}

/* ---- F22: ECDSA ---- */

/* n, b and p of P-256: FIPS 186-4, D.1.2.3. */
static const uint8_t order[EC_LEN] = {
    0xff, 0xff, 0xff, 0xff, 0,    0,    0,    0,    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};

static void f22_values(struct attack_result *result)
{
    static const uint8_t zero[EC_LEN], one[EC_LEN] = {[EC_LEN - 1] = 1};
    static uint8_t ones[EC_LEN];
    const struct {
        const char *name;
        const uint8_t *r, *s; /* NULL: that of the good signature */
        size_t len;
    } rows[] = {
        {"r = 0", zero, NULL, 2 * EC_LEN},     {"s = 0", NULL, zero, 2 * EC_LEN},
        {"r = s = 0", zero, zero, 2 * EC_LEN}, {"r = n", order, NULL, 2 * EC_LEN},
        {"s = n", NULL, order, 2 * EC_LEN},    {"r = s = n", order, order, 2 * EC_LEN},
        {"r = s = 1", one, one, 2 * EC_LEN},   {"r > n", ones, NULL, 2 * EC_LEN},
        {"s > n", NULL, ones, 2 * EC_LEN},     {"a byte too short", NULL, NULL, 2 * EC_LEN - 1},
        {"r alone", NULL, NULL, EC_LEN},
    };

    memset(ones, 0xff, sizeof ones);
    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        uint8_t value[2 * EC_LEN];
        struct fit_writer w;

        lab_sample(&w);
        memcpy(value, w.token[fit_find(&w, LAB_SIGNATURE ":value")].value, sizeof value);
        if (rows[i].r)
            memcpy(value, rows[i].r, EC_LEN);
        if (rows[i].s)
            memcpy(value + EC_LEN, rows[i].s, EC_LEN);
        try_value(result, rows[i].name, &w, value, rows[i].len, "tampered SIG-004");
    }
}

/* Keys that are none: no signature verifies under them, and no store has them checked. */
static void f22_keys(struct attack_result *result)
{
    static const struct {
        const char *name;
        size_t at, len; /* in the SPKI: the point is its last 65 bytes, the curve's OID before */
        uint8_t byte;
    } rows[] = {
        {"a point that is not on the curve", 90, 1, 0x5a},
        {"the point at infinity", 27, 64, 0x00},
        {"a point that is not uncompressed", 26, 1, 0x02},
        {"a coordinate over p", 27, 32, 0xff},
        {"another curve", 22, 1, 0x22},
        {"a shorter point", 24, 1, 0x41},
    };
    static const uint8_t digest[HASH_LEN] = {1};
    const struct sek_sig_alg alg = {SEK_SCHEME_ECDSA, SEK_DIGEST_SHA256, 256};
    uint8_t value[2 * EC_LEN] = {[EC_LEN - 1] = 1, [2 * EC_LEN - 1] = 1};

    for (size_t i = 0; i < SEK_LEN(rows); i++) {
        uint8_t spki[128];
        struct sek_bytes key = {spki, lab_hakone.spki_len};
        enum sek_status status;

        memcpy(spki, lab_hakone.spki, lab_hakone.spki_len);
        memset(spki + rows[i].at, rows[i].byte, rows[i].len);
        status = sek_verify_digest(&alg, key, (struct sek_bytes){digest, sizeof digest},
                                   (struct sek_bytes){value, sizeof value});
        attack_case(result, rows[i].name, sek_status_text(status), sek_status_text(SEK_ERR_KEY),
                    status == SEK_OK);
    }
}

static void f22(struct attack_result *result)
{
    f22_values(result);
    f22_keys(result);
}

static const struct attack attacks[] = {
    {"F20", "paddings exchanged, salts of other lengths, no trailer", "tampered SIG-004, SIG-007",
     lab_sample_is_good, f20},
    {"F21", "RSA values out of range, garbage behind the digest (CVE-2006-4339)",
     "tampered SIG-004", lab_sample_is_good, f21},
    {"F22", "ECDSA values 0, n and more (CVE-2022-21449), points off the curve", "tampered SIG-004",
     lab_sample_is_good, f22},
};

int main(int argc, char **argv)
{
    return attack_main(argc, argv, attacks, SEK_LEN(attacks), lab_start, lab_stop);
}
