/* Every Wycheproof vector of a signature that the agent can be asked to verify, through the calls
 * that it uses. The vectors are third-party (C2SP/wycheproof, testvectors_v1, Apache-2.0) and not
 * kept here: SEKISHO_WYCHEPROOF names their folder, else ../shared/data/wycheproof beside the
 * repository is taken; without a folder the tests are skipped and say so.
 *
 * What is "valid" there and refused here is counted, and pinned with its reason in the tables. */
#include "crypto/crypto.h"
#include "crypto/ed25519.h"
#include "crypto/verify.h"

#include <jansson.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum form { RAW, DER };

/* What of a file's vectors must come out. */
static const struct expectation {
    const char *file;
    enum sek_scheme scheme;
    enum form form;
    unsigned taken;   /* "valid" and SEK_OK */
    unsigned refused; /* "valid" but not by our rules */
    unsigned invalid; /* "invalid" or "acceptable", refused */
    unsigned salted;  /* "invalid" for the salt of that file alone, which our rule takes */
} files[] = {
    {"ecdsa_secp256r1_sha256_p1363_test.json", SEK_SCHEME_ECDSA, RAW, 173, 0, 89, 0},
    {"ecdsa_secp256r1_sha256_test.json", SEK_SCHEME_ECDSA, DER, 174, 0, 310, 0},
    {"ecdsa_secp256r1_sha512_p1363_test.json", SEK_SCHEME_ECDSA, RAW, 242, 0, 90, 0},
    {"ecdsa_secp256r1_sha512_test.json", SEK_SCHEME_ECDSA, DER, 243, 0, 311, 0},
    {"ecdsa_secp384r1_sha256_test.json", SEK_SCHEME_ECDSA, DER, 162, 0, 310, 0},
    {"ecdsa_secp384r1_sha384_p1363_test.json", SEK_SCHEME_ECDSA, RAW, 193, 0, 87, 0},
    {"ecdsa_secp384r1_sha384_test.json", SEK_SCHEME_ECDSA, DER, 194, 0, 310, 0},
    {"ecdsa_secp384r1_sha512_p1363_test.json", SEK_SCHEME_ECDSA, RAW, 230, 0, 88, 0},
    {"ecdsa_secp384r1_sha512_test.json", SEK_SCHEME_ECDSA, DER, 231, 0, 311, 0},
    /* salt of 0 bytes: neither as long as the hash nor maximal */
    {"rsa_pss_2048_sha256_mgf1_0_test.json", SEK_SCHEME_RSA_PSS, RAW, 0, 61, 40, 2},
    {"rsa_pss_2048_sha256_mgf1_32_test.json", SEK_SCHEME_RSA_PSS, RAW, 63, 0, 44, 1},
    {"rsa_pss_2048_sha384_mgf1_48_test.json", SEK_SCHEME_RSA_PSS, RAW, 95, 0, 45, 1},
    {"rsa_pss_3072_sha256_mgf1_32_test.json", SEK_SCHEME_RSA_PSS, RAW, 63, 0, 44, 1},
    {"rsa_pss_4096_sha256_mgf1_32_test.json", SEK_SCHEME_RSA_PSS, RAW, 63, 0, 44, 1},
    {"rsa_pss_4096_sha384_mgf1_48_test.json", SEK_SCHEME_RSA_PSS, RAW, 95, 0, 45, 1},
    /* salt of 32 bytes with SHA-512: as above */
    {"rsa_pss_4096_sha512_mgf1_32_test.json", SEK_SCHEME_RSA_PSS, RAW, 0, 132, 44, 1},
    {"rsa_pss_4096_sha512_mgf1_64_test.json", SEK_SCHEME_RSA_PSS, RAW, 132, 0, 46, 1},
    /* mostly weak hashes, MGF1 with another hash, other salts */
    {"rsa_pss_misc_test.json", SEK_SCHEME_RSA_PSS, RAW, 3, 147, 0, 0},
    /* acceptable: DigestInfo without the NULL of its algorithm, which RFC 8017 lets a verifier
     * refuse; one encoding is enough for us. Refused: exponent 3 */
    {"rsa_signature_2048_sha256_test.json", SEK_SCHEME_RSA_PKCS1, RAW, 7, 2, 250, 0},
    {"rsa_signature_2048_sha384_test.json", SEK_SCHEME_RSA_PKCS1, RAW, 7, 0, 251, 0},
    {"rsa_signature_2048_sha512_test.json", SEK_SCHEME_RSA_PKCS1, RAW, 7, 1, 251, 0},
    {"rsa_signature_3072_sha256_test.json", SEK_SCHEME_RSA_PKCS1, RAW, 7, 1, 251, 0},
    {"rsa_signature_3072_sha384_test.json", SEK_SCHEME_RSA_PKCS1, RAW, 7, 0, 252, 0},
    {"rsa_signature_3072_sha512_test.json", SEK_SCHEME_RSA_PKCS1, RAW, 7, 1, 252, 0},
    {"rsa_signature_4096_sha256_test.json", SEK_SCHEME_RSA_PKCS1, RAW, 7, 0, 251, 0},
    {"rsa_signature_4096_sha384_test.json", SEK_SCHEME_RSA_PKCS1, RAW, 7, 0, 252, 0},
    {"rsa_signature_4096_sha512_test.json", SEK_SCHEME_RSA_PKCS1, RAW, 7, 0, 252, 0},
    {"ed25519_test.json", SEK_SCHEME_ED25519_LONG, RAW, 88, 0, 63, 0},
};

static unsigned nibble(char c)
{
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a') + 10;
}

/* The bytes of a hex text in a block of exact size, which the caller frees. */
static struct sek_bytes unhex(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    assert_non_null(text);
    size_t len = strlen(text) / 2;
    uint8_t *data = malloc(len ? len : 1);

    assert_non_null(data);
    for (size_t i = 0; i < len; i++)
        data[i] = (uint8_t)(nibble(text[2 * i]) << 4 | nibble(text[2 * i + 1]));
    return (struct sek_bytes){.data = data, .len = len};
}

/* "SHA-256" and so on; NONE for what we do not verify. */
static enum sek_digest_alg hash_of(const json_t *group)
{
    const char *name = json_string_value(json_object_get(group, "sha"));

    if (!name) /* Ed25519 has but one */
        return SEK_DIGEST_SHA512;
    if (strcmp(name, "SHA-256") == 0)
        return SEK_DIGEST_SHA256;
    if (strcmp(name, "SHA-384") == 0)
        return SEK_DIGEST_SHA384;
    return strcmp(name, "SHA-512") == 0 ? SEK_DIGEST_SHA512 : SEK_DIGEST_NONE;
}

static bool has_flag(const json_t *test, const char *flag)
{
    const json_t *flags = json_object_get(test, "flags");

    for (size_t i = 0; i < json_array_size(flags); i++)
        if (strcmp(json_string_value(json_array_get(flags, i)), flag) == 0)
            return true;
    return false;
}

/* True for a PSS signature that is right but for a salt that is not as long as its file wants, if
 * our rule takes that length: the hash's, or the maximum. */
static bool salt_of_our_rule(const json_t *group, const json_t *test, enum sek_digest_alg hash)
{
    const char *comment = json_string_value(json_object_get(test, "comment"));
    size_t bits = (size_t)json_integer_value(json_object_get(group, "keySize"));
    size_t salt, len = sek_digest_len(hash);

    if (sscanf(comment, "s_len changed to %zu", &salt) != 1)
        return false;
    return salt == len || salt == bits / 8 - len - 2;
}

/* What a refused vector may be refused with. */
static bool good_refusal(enum sek_status status, enum sek_digest_alg hash, const json_t *test)
{
    if (hash == SEK_DIGEST_NONE)
        return status == SEK_ERR_UNSUPPORTED;
    return status == (has_flag(test, "SmallPublicKey") ? SEK_ERR_KEY : SEK_ERR_SIGNATURE);
}

/* SHA-512 of R, the key and the message; a signature too short to have an R has another digest. */
static enum sek_status digest_edwards(struct sek_bytes spki, struct sek_bytes message,
                                      struct sek_bytes signature, uint8_t out[SEK_DIGEST_MAX])
{
    uint8_t prefix[SEK_ED25519_PREFIX_LEN] = {0};
    struct sek_digest digest;
    enum sek_status status = sek_digest_start(&digest, SEK_DIGEST_SHA512, NULL);

    if (signature.len == SEK_ED25519_LEN)
        sek_ed25519_prefix(spki.data + spki.len - SEK_ED25519_KEY_LEN, signature.data, prefix);
    sek_digest_update(&digest, prefix, sizeof prefix);
    sek_digest_update(&digest, message.data, message.len);
    return status == SEK_OK ? sek_digest_finish(&digest, out) : status;
}

static enum sek_status verify(const struct expectation *file, enum sek_digest_alg hash,
                              const json_t *test, struct sek_bytes spki)
{
    struct sek_sig_alg kind;
    uint8_t digest[SEK_DIGEST_MAX], raw[SEK_ECDSA_MAX];
    struct sek_bytes message = unhex(test, "msg"), signature = unhex(test, "sig"), used = signature;

    enum sek_status status = sek_key_kind(spki, &kind);
    kind.scheme = file->scheme;
    kind.hash = hash;
    if (status == SEK_OK && kind.scheme == SEK_SCHEME_ED25519_LONG)
        status = digest_edwards(spki, message, signature, digest);
    else if (status == SEK_OK)
        status = sek_digest_of(hash, NULL, message.data, message.len, digest);
    if (status == SEK_OK && file->form == DER) {
        status = sek_ecdsa_from_der(signature, kind.key_bits, raw);
        used = (struct sek_bytes){.data = raw, .len = kind.key_bits / 4u};
    }
    if (status == SEK_OK)
        status = sek_verify_digest(
            &kind, spki, (struct sek_bytes){.data = digest, .len = sek_digest_len(hash)}, used);
    free((void *)(uintptr_t)message.data);
    free((void *)(uintptr_t)signature.data);
    return status;
}

static const char *folder(void)
{
    const char *name = getenv("SEKISHO_WYCHEPROOF");

    return name && *name ? name : "../shared/data/wycheproof";
}

static json_t *open_file(const char *name)
{
    char path[4096];
    json_error_t error;

    assert_true(snprintf(path, sizeof path, "%s/%s", folder(), name) < (int)sizeof path);
    return json_load_file(path, 0, &error);
}

static void run_group(const struct expectation *file, const json_t *group,
                      struct expectation *found)
{
    struct sek_bytes spki = unhex(group, "publicKeyDer");
    const json_t *tests = json_object_get(group, "tests");
    enum sek_digest_alg hash = hash_of(group);

    for (size_t i = 0; i < json_array_size(tests); i++) {
        const json_t *test = json_array_get(tests, i);
        bool valid = strcmp(json_string_value(json_object_get(test, "result")), "valid") == 0;
        enum sek_status status = verify(file, hash, test, spki);

        bool salted =
            !valid && file->scheme == SEK_SCHEME_RSA_PSS && salt_of_our_rule(group, test, hash);

        if ((!valid && (status == SEK_OK) != salted) ||
            (status != SEK_OK && !good_refusal(status, hash, test)))
            fail_msg("%s: test %lld gives \"%s\"", file->file,
                     (long long)json_integer_value(json_object_get(test, "tcId")),
                     sek_status_text(status));
        found->taken += valid && status == SEK_OK;
        found->refused += valid && status != SEK_OK;
        found->invalid += !valid && !salted;
        found->salted += salted;
    }
    free((void *)(uintptr_t)spki.data);
}

static void every_vector_comes_out_as_its_file_says(void **state)
{
    const struct expectation *file = *state;
    struct expectation found = {0};
    json_t *root = open_file(file->file);

    if (!root) {
        print_message("no vectors in %s: skipped\n", folder());
        skip();
    }
    const json_t *groups = json_object_get(root, "testGroups");
    for (size_t i = 0; i < json_array_size(groups); i++)
        run_group(file, json_array_get(groups, i), &found);
    assert_int_equal(found.taken + found.refused + found.invalid + found.salted,
                     json_integer_value(json_object_get(root, "numberOfTests")));
    json_decref(root);
    assert_int_equal(found.taken, file->taken);
    assert_int_equal(found.refused, file->refused);
    assert_int_equal(found.invalid, file->invalid);
    assert_int_equal(found.salted, file->salted);
}

int main(void)
{
    struct CMUnitTest tests[SEK_LEN(files)];

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    for (size_t i = 0; i < SEK_LEN(files); i++)
        tests[i] = (struct CMUnitTest){
            .name = files[i].file,
            .test_func = every_vector_comes_out_as_its_file_says,
            .initial_state = (void *)(uintptr_t)&files[i],
        };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
