#define _POSIX_C_SOURCE 200809L
#include "boards/bench/store/signer.h"

#include "boards/bench/files.h"

#include <stdlib.h>
#include <string.h>

#include <mbedtls/pk.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/psa_util.h>

enum { KEY_FILE_MAX = 16 * 1024, URI_MAX = 1024, ERROR_MAX = 512 }; /* bytes */

/* mkimage takes ECDSA keys from NAME.pem and RSA keys from NAME.key. */
static const struct {
    const char *ending;
    enum sek_scheme scheme;
    unsigned bits;
    const char *algo;
} kinds[] = {
    {"pem", SEK_SCHEME_ECDSA, 256, "sha256,ecdsa256"},
    {"pem", SEK_SCHEME_ECDSA, 384, "sha384,ecdsa384"},
    {"key", SEK_SCHEME_RSA_PKCS1, 2048, "sha256,rsa2048"},
    {"key", SEK_SCHEME_RSA_PKCS1, 3072, "sha256,rsa3072"},
    {"key", SEK_SCHEME_RSA_PKCS1, 4096, "sha256,rsa4096"},
};

/* Public half of a private key in PEM. */
static bool public_half(uint8_t *pem, size_t len, struct store_signer *signer)
{
    uint8_t text[KEY_FILE_MAX + 1], der[STORE_SPKI_MAX];
    mbedtls_pk_context key;
    int n = -1;

    memcpy(text, pem, len);
    text[len] = '\0';
    mbedtls_pk_init(&key);
    if (mbedtls_pk_parse_key(&key, text, len + 1, NULL, 0, mbedtls_psa_get_random,
                             MBEDTLS_PSA_RANDOM_STATE) == 0)
        n = mbedtls_pk_write_pubkey_der(&key, der, sizeof der);
    mbedtls_pk_free(&key);
    mbedtls_platform_zeroize(text, sizeof text);
    mbedtls_platform_zeroize(pem, len);
    if (n <= 0)
        return false;
    signer->spki_len = (size_t)n;
    memcpy(signer->spki, der + sizeof der - (size_t)n, (size_t)n); /* written from its end */
    return true;
}

static bool set_algo(struct store_signer *signer, const char *ending)
{
    struct sek_bytes spki = {signer->spki, signer->spki_len};
    struct sek_sig_alg kind;

    if (sek_key_kind(spki, &kind) != SEK_OK)
        return false;
    for (size_t i = 0; i < SEK_LEN(kinds); i++) {
        if (kinds[i].scheme != kind.scheme || kinds[i].bits != kind.key_bits ||
            strcmp(kinds[i].ending, ending) != 0)
            continue;
        signer->algo = kinds[i].algo;
        signer->rsa = kind.scheme == SEK_SCHEME_RSA_PKCS1;
        return true;
    }
    return false;
}

static bool read_file(const char *key_dir, const char *name, struct store_signer *signer)
{
    static const char *const endings[] = {"pem", "key"};

    for (size_t e = 0; e < SEK_LEN(endings); e++) {
        char path[BENCH_PATH_MAX];
        uint8_t *pem = NULL;
        size_t len;
        bool ok;

        if ((size_t)snprintf(path, sizeof path, "%s/%s.%s", key_dir, name, endings[e]) >=
                sizeof path ||
            bench_read_file(path, KEY_FILE_MAX, &pem, &len) != SEK_OK)
            continue;
        ok = public_half(pem, len, signer);
        free(pem);
        if (ok && set_algo(signer, endings[e]))
            return true;
    }
    bench_fail(false, 0, 0, "%s: no %s.pem (ECDSA P-256, P-384) or %s.key (RSA 2048 to 4096)",
               key_dir, name, name);
    return false;
}

/* The public half of a token's key, which needs no PIN: OpenSSL asks the token for it. */
static bool read_token(const char *token, const char *name, struct store_signer *signer)
{
    char uri[URI_MAX], error[ERROR_MAX] = "";
    char *argv[] = {(char *)"openssl",
                    (char *)"pkey",
                    (char *)"-engine",
                    (char *)"pkcs11",
                    (char *)"-inform",
                    (char *)"engine",
                    (char *)"-pubin",
                    (char *)"-in",
                    uri,
                    (char *)"-pubout",
                    (char *)"-outform",
                    (char *)"DER",
                    NULL};
    FILE *out = tmpfile();
    int len = snprintf(uri, sizeof uri, "pkcs11:%s;object=%s;type=public", token, name);
    bool ok = out && len > 0 && (size_t)len < sizeof uri &&
              store_run(argv, out, error, sizeof error) == 0;

    if (ok) {
        rewind(out);
        signer->spki_len = fread(signer->spki, 1, sizeof signer->spki, out);
    }
    if (out)
        fclose(out);
    if (ok && set_algo(signer, "key"))
        return true;
    bench_fail(false, 0, 0,
               "%s: no RSA key (2048 to 4096) %s in this token (package "
               "libengine-pkcs11-openssl): %s",
               token, name,
               ok         ? "another kind of key"
               : error[0] ? error
                          : "no message");
    return false;
}

bool store_signer_read(const struct store_keys *keys, const char *name, struct store_signer *signer)
{
    *signer = (struct store_signer){.algo = NULL};
    return keys->token ? read_token(keys->token, name, signer)
                       : read_file(keys->folder, name, signer);
}
