#include "tests/unit/fit_signer.h"

#include "base/bytes.h"
#include "base/crc.h"

#include <mbedtls/pk.h>
#include <mbedtls/psa_util.h>

#include <assert.h>
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEYS "build/keys/demo"

enum { KEY_FILE_MAX = 8192, DIGEST_MAX = 64 };

/* ---- Digests ---- */

static psa_algorithm_t hash_named(const char *name, size_t len)
{
    static const struct {
        const char *name;
        psa_algorithm_t alg;
    } hashes[] = {
        {"sha256", PSA_ALG_SHA_256}, {"sha384", PSA_ALG_SHA_384}, {"sha512", PSA_ALG_SHA_512}};

    for (size_t i = 0; i < sizeof hashes / sizeof hashes[0]; i++) {
        if (strlen(hashes[i].name) == len && memcmp(hashes[i].name, name, len) == 0)
            return hashes[i].alg;
    }
    return PSA_ALG_NONE;
}

/* What nothing of ours computes (sha1, md5, an unknown word) gets zeros. */
static size_t hash_value(const char *algo, const void *data, size_t len, uint8_t out[DIGEST_MAX])
{
    psa_algorithm_t alg = hash_named(algo, strlen(algo));
    size_t n = 0;
    psa_status_t status;

    memset(out, 0, DIGEST_MAX);
    if (strcmp(algo, "crc32") == 0) {
        sek_put_u32be(out, sek_crc32(0, data, len));
        return 4;
    }
    if (alg == PSA_ALG_NONE)
        return strcmp(algo, "md5") == 0 ? 16 : 20;
    status = psa_hash_compute(alg, data, len, out, DIGEST_MAX, &n);
    assert(status == PSA_SUCCESS);
    return n;
}

void fit_hash(struct fit_writer *w, const char *name, const char *algo, const void *data,
              size_t len)
{
    uint8_t value[DIGEST_MAX];
    size_t value_len = hash_value(algo, data, len, value);

    fit_begin(w, name);
    fit_text(w, "algo", algo);
    fit_prop(w, "value", value, value_len);
    fit_end(w);
}

static void property_path(char out[2 * FIT_PATH_MAX], const char *node, const char *name)
{
    int len = snprintf(out, 2 * FIT_PATH_MAX, "%s:%s", node, name);

    assert(len > 0 && len < 2 * FIT_PATH_MAX);
}

static const struct fit_token *property(const struct fit_writer *w, const char *node,
                                        const char *name)
{
    char path[2 * FIT_PATH_MAX];

    property_path(path, node, name);
    return fit_has(w, path) ? &w->token[fit_find(w, path)] : NULL;
}

static void parent_of(const char *path, char out[FIT_PATH_MAX + 1])
{
    size_t len = (size_t)(strrchr(path, '/') - path);

    assert(len > 0 && len <= FIT_PATH_MAX);
    memcpy(out, path, len);
    out[len] = '\0';
}

void fit_rehash(struct fit_writer *w, const char *hash_node)
{
    char image[FIT_PATH_MAX + 1], path[2 * FIT_PATH_MAX];
    uint8_t value[DIGEST_MAX];
    const struct fit_token *data, *algo = property(w, hash_node, "algo");
    size_t len;

    parent_of(hash_node, image);
    data = property(w, image, "data");
    assert(algo && data);
    len = hash_value((const char *)algo->value, data->value, data->len, value);
    property_path(path, hash_node, "value");
    fit_set(w, path, value, len);
}

/* ---- What a configuration's signature covers ---- */

static void add_path(struct fit_paths *paths, const char *node, const char *child)
{
    char path[2 * FIT_PATH_MAX];

    (void)snprintf(path, sizeof path, "%s/%s", node, child);
    assert(paths->count < FIT_PATHS_MAX && strlen(path) <= FIT_PATH_MAX);
    for (size_t i = 0; i < paths->count; i++) {
        if (strcmp(paths->path[i], path) == 0)
            return;
    }
    strcpy(paths->path[paths->count++], path);
}

/* An image and those children of it that a signature covers. */
static void add_image_paths(const struct fit_writer *w, const char *name, struct fit_paths *out)
{
    char path[2 * FIT_PATH_MAX];
    size_t begin, end;

    (void)snprintf(path, sizeof path, "/images/%s", name);
    if (!name[0] || !fit_has(w, path))
        return;
    add_path(out, "/images", name);
    begin = fit_find(w, path);
    end = fit_end_of(w, begin);
    for (size_t i = begin + 1; i < end; i++) {
        const struct fit_token *token = &w->token[i];

        if (token->raw || token->tag != FDT_BEGIN_NODE)
            continue;
        if (strncmp(token->name, "hash", 4) == 0 || strcmp(token->name, "cipher") == 0 ||
            strcmp(token->name, "dm-verity") == 0)
            add_path(out, path, token->name);
        i = fit_end_of(w, i);
    }
}

void fit_paths_of(const struct fit_writer *w, const char *conf, struct fit_paths *out)
{
    size_t i = fit_find(w, conf) + 1;

    out->count = 0;
    strcpy(out->path[out->count++], "/");
    strcpy(out->path[out->count++], conf);
    for (; w->token[i].tag == FDT_PROP || w->token[i].tag == FDT_NOP; i++) {
        const struct fit_token *token = &w->token[i];
        size_t at = 0;

        if (token->tag != FDT_PROP || strcmp(token->name, "description") == 0 ||
            strcmp(token->name, "compatible") == 0 || strcmp(token->name, "default") == 0 ||
            token->len == 0 || token->value[token->len - 1] != '\0')
            continue;
        for (; at < token->len; at += strlen((const char *)token->value + at) + 1)
            add_image_paths(w, (const char *)token->value + at, out);
    }
}

static bool listed(const struct fit_paths *paths, const char *path)
{
    for (size_t i = 0; i < paths->count; i++) {
        if (strcmp(paths->path[i], path) == 0)
            return true;
    }
    return false;
}

/* The walk: where it stands, and how much of each level it wants. */
struct walk {
    char path[FIT_PATH_MAX + 1];
    size_t cut[FIT_PATHS_MAX]; /* length of the path above each level */
    int want[FIT_PATHS_MAX], level;
};

/* Is this token part of what is signed? 2: all of the node, 1: only its begin and end, 0: nothing
 */
static bool is_signed(struct walk *k, const struct fit_token *token, const struct fit_paths *paths)
{
    static const char *const payload[] = {"data", "data-size", "data-position", "data-offset"};
    int want = k->level > 0 ? k->want[k->level - 1] : 0;

    switch (token->tag) {
    case FDT_BEGIN_NODE:
        k->cut[k->level] = strlen(k->path);
        if (k->level > 1 || (k->level == 1 && strcmp(k->path, "/") != 0))
            strncat(k->path, "/", FIT_PATH_MAX - strlen(k->path));
        strncat(k->path, k->level == 0 ? "/" : token->name, FIT_PATH_MAX - strlen(k->path));
        want = listed(paths, k->path) ? 2 : want > 0 ? want - 1 : 0;
        k->want[k->level++] = want;
        return want > 0;
    case FDT_END_NODE:
        assert(k->level > 0);
        k->path[k->cut[--k->level]] = '\0';
        return want > 0;
    case FDT_PROP:
        for (size_t i = 0; i < sizeof payload / sizeof payload[0]; i++) {
            if (strcmp(payload[i], token->name) == 0)
                return false;
        }
        return want == 2;
    case FDT_NOP:
        return want == 2;
    default:
        return true; /* FDT_END */
    }
}

uint8_t *fit_signed_bytes(const struct fit_writer *w, const struct fit_paths *paths,
                          size_t strings_len, size_t *len)
{
    static const struct fit_token end = {.tag = FDT_END};
    struct fit_file all = fit_write(w); /* as large as what is signed, or larger */
    uint8_t *out = all.data;
    struct walk walk = {.level = 0};

    *len = 0;
    for (size_t i = 0; i <= w->count; i++) {
        const struct fit_token *token = i < w->count ? &w->token[i] : &end;

        if (is_signed(&walk, token, paths))
            *len += fit_token_bytes(token, out + *len);
    }
    memcpy(out + *len, w->strings, strings_len);
    *len += strings_len;
    return out;
}

/* ---- Keys ---- */

static void import(struct fit_key *key, mbedtls_pk_context *pk)
{
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    int len, failed = mbedtls_pk_get_psa_attributes(pk, PSA_KEY_USAGE_SIGN_HASH, &attributes);

    assert(!failed);
    key->rsa = mbedtls_pk_get_type(pk) == MBEDTLS_PK_RSA;
    if (key->rsa) { /* either padding: with the first as policy, the second as its enrolment */
        psa_set_key_algorithm(&attributes, PSA_ALG_RSA_PKCS1V15_SIGN(PSA_ALG_ANY_HASH));
        psa_set_key_enrollment_algorithm(&attributes, PSA_ALG_RSA_PSS(PSA_ALG_ANY_HASH));
    } else {
        psa_set_key_algorithm(&attributes, PSA_ALG_ECDSA(PSA_ALG_ANY_HASH));
    }
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_SIGN_HASH);
    failed = mbedtls_pk_import_into_psa(pk, &attributes, &key->id);
    assert(!failed);
    (void)snprintf(key->algo, sizeof key->algo, "%s%zu", key->rsa ? "rsa" : "ecdsa",
                   mbedtls_pk_get_bitlen(pk));
    len = mbedtls_pk_write_pubkey_der(pk, key->spki, sizeof key->spki);
    assert(len > 0);
    key->spki_len = (size_t)len;
    memmove(key->spki, key->spki + sizeof key->spki - len, (size_t)len); /* written at the end */
}

void fit_key_load(struct fit_key *key, const char *name)
{
    char path[128];
    uint8_t pem[KEY_FILE_MAX];
    mbedtls_pk_context pk;
    FILE *in;
    size_t len;
    int failed;

    memset(key, 0, sizeof *key);
    (void)snprintf(path, sizeof path, KEYS "/%s.pem", name);
    in = fopen(path, "rb");
    if (!in) {
        (void)snprintf(path, sizeof path, KEYS "/%s.key", name);
        in = fopen(path, "rb");
    }
    assert(in);
    len = fread(pem, 1, sizeof pem - 1, in);
    fclose(in);
    pem[len] = '\0';
    mbedtls_pk_init(&pk);
    failed = mbedtls_pk_parse_key(&pk, pem, len + 1, NULL, 0, mbedtls_psa_get_random,
                                  MBEDTLS_PSA_RANDOM_STATE);
    assert(!failed);
    import(key, &pk);
    mbedtls_pk_free(&pk);
}

void fit_key_make(struct fit_key *key, size_t bits)
{
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    psa_key_id_t id;
    mbedtls_pk_context pk;
    psa_status_t status;
    int failed;

    memset(key, 0, sizeof *key);
    psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
    psa_set_key_bits(&attributes, bits);
    psa_set_key_usage_flags(&attributes, PSA_KEY_USAGE_SIGN_HASH | PSA_KEY_USAGE_EXPORT);
    psa_set_key_algorithm(&attributes, PSA_ALG_ECDSA(PSA_ALG_ANY_HASH));
    status = psa_generate_key(&attributes, &id);
    assert(status == PSA_SUCCESS);
    mbedtls_pk_init(&pk);
    failed = mbedtls_pk_copy_from_psa(id, &pk);
    assert(!failed);
    import(key, &pk);
    mbedtls_pk_free(&pk);
    psa_destroy_key(id);
}

void fit_key_drop(struct fit_key *key)
{
    psa_destroy_key(key->id);
}

/* ---- Signing ---- */

void fit_add_signature(struct fit_writer *w, const char *node, const char *name, const char *hash,
                       const struct fit_key *key, const char *padding, const char *hint)
{
    char algo[40];

    (void)snprintf(algo, sizeof algo, "%s,%s", hash, key->algo);
    fit_at_last(w, node);
    fit_begin(w, name);
    fit_text(w, "algo", algo);
    if (padding)
        fit_text(w, "padding", padding);
    fit_text(w, "key-name-hint", hint);
    fit_end(w);
    fit_at_end(w);
}

static void sign_bytes(struct fit_writer *w, const char *signature, const struct fit_key *key,
                       const uint8_t *bytes, size_t len)
{
    const struct fit_token *algo = property(w, signature, "algo");
    const struct fit_token *padding = property(w, signature, "padding");
    const char *word = algo ? (const char *)algo->value : "";
    psa_algorithm_t hash = hash_named(word, strcspn(word, ","));
    bool pss = padding && strcmp((const char *)padding->value, "pss") == 0;
    char path[2 * FIT_PATH_MAX];
    uint8_t digest[DIGEST_MAX], value[512];
    size_t digest_len, value_len;
    psa_status_t status = psa_hash_compute(hash, bytes, len, digest, sizeof digest, &digest_len);

    assert(status == PSA_SUCCESS);
    status = psa_sign_hash(key->id,
                           !key->rsa ? PSA_ALG_ECDSA(hash)
                           : pss     ? PSA_ALG_RSA_PSS(hash)
                                     : PSA_ALG_RSA_PKCS1V15_SIGN(hash),
                           digest, digest_len, value, sizeof value, &value_len);
    assert(status == PSA_SUCCESS);
    property_path(path, signature, "value");
    fit_set(w, path, value, value_len);
}

/* Strings of these paths, one behind the other. */
static void set_hashed_nodes(struct fit_writer *w, const char *signature,
                             const struct fit_paths *paths)
{
    static char list[FIT_PATHS_MAX * (FIT_PATH_MAX + 1)];
    char path[2 * FIT_PATH_MAX];
    size_t len = 0;

    for (size_t i = 0; i < paths->count; i++) {
        strcpy(list + len, paths->path[i]);
        len += strlen(paths->path[i]) + 1;
    }
    property_path(path, signature, "hashed-nodes");
    fit_set(w, path, list, len);
}

void fit_sign_paths(struct fit_writer *w, const char *signature, const struct fit_key *key,
                    const struct fit_paths *paths)
{
    size_t strings_len = w->signed_strings ? w->signed_strings : w->strings_len;
    uint8_t size[8] = {0}, *bytes;
    char path[2 * FIT_PATH_MAX];
    size_t len;

    assert(strings_len <= w->strings_len);
    set_hashed_nodes(w, signature, paths);
    sek_put_u32be(size + 4, (uint32_t)strings_len);
    property_path(path, signature, "hashed-strings");
    fit_set(w, path, size, sizeof size);
    bytes = fit_signed_bytes(w, paths, strings_len, &len);
    sign_bytes(w, signature, key, bytes, len);
    free(bytes);
}

size_t fit_told_strings(const struct fit_writer *w, const char *signature)
{
    const struct fit_token *told = property(w, signature, "hashed-strings");

    assert(told && told->len == 8);
    return sek_get_u32be(told->value + 4);
}

void fit_sign(struct fit_writer *w, const char *signature, const struct fit_key *key)
{
    static struct fit_paths paths;
    char node[FIT_PATH_MAX + 1];

    parent_of(signature, node);
    if (strncmp(signature, "/images/", 8) == 0) {
        const struct fit_token *data = property(w, node, "data");

        assert(data);
        sign_bytes(w, signature, key, data->value, data->len);
        return;
    }
    fit_paths_of(w, node, &paths);
    fit_sign_paths(w, signature, key, &paths);
}

void fit_signed_sample(struct fit_writer *w, const struct fit_key *key, const char *hint)
{
    fit_sample(w, "sha256");
    fit_add_signature(w, "/configurations/conf-1", "signature-1", "sha256", key, NULL, hint);
    fit_sign(w, "/configurations/conf-1/signature-1", key);
}
