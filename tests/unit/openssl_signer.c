#define _DEFAULT_SOURCE
#include "tests/unit/openssl_signer.h"

#include "crypto/verify.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEYS "build/test/keys"

enum { COMMAND_MAX = 4096 };

void openssl_run(const char *format, ...)
{
    char command[COMMAND_MAX];
    va_list arguments;
    int len;

    va_start(arguments, format);
    len = vsnprintf(command, sizeof command, format, arguments);
    va_end(arguments);
    assert(len > 0 && len < COMMAND_MAX);
    if (system(command) != 0) {
        (void)fprintf(stderr, "failed: %s\n", command);
        abort();
    }
}

uint8_t *test_read_file(const char *path, size_t *len)
{
    FILE *in = fopen(path, "rb");
    uint8_t *data;
    long size;

    assert(in && fseek(in, 0, SEEK_END) == 0);
    size = ftell(in);
    assert(size >= 0);
    rewind(in);
    data = malloc(size > 0 ? (size_t)size : 1);
    assert(data);
    *len = fread(data, 1, (size_t)size, in);
    assert(*len == (size_t)size);
    (void)fclose(in);
    return data;
}

void test_write_file(const char *path, const void *data, size_t len)
{
    FILE *out = fopen(path, "wb");

    assert(out);
    if (fwrite(data, 1, len, out) != len || fclose(out) != 0)
        abort();
}

void test_keep_seed(const char *format, const char *name, const void *data, size_t len)
{
    char path[256];

    openssl_run("mkdir -p build/test/data/%s", format);
    (void)snprintf(path, sizeof path, "build/test/data/%s/%s", format, name);
    for (char *at = path; *at; at++)
        *at = strchr(", ", *at) ? '-' : *at;
    test_write_file(path, data, len);
}

void openssl_keys(void)
{
    openssl_run("tests/unit/format_keys.sh " KEYS);
}

void openssl_key_load(struct fit_key *key, const char *name)
{
    char path[128];
    struct sek_sig_alg kind;
    uint8_t *spki;
    int known;

    (void)snprintf(path, sizeof path, KEYS "/%s.spki.der", name);
    memset(key, 0, sizeof *key);
    spki = test_read_file(path, &key->spki_len);
    assert(key->spki_len <= sizeof key->spki);
    memcpy(key->spki, spki, key->spki_len);
    free(spki);
    known = sek_key_kind((struct sek_bytes){key->spki, key->spki_len}, &kind) == SEK_OK;
    assert(known);
    key->rsa = kind.scheme == SEK_SCHEME_RSA_PKCS1;
    if (kind.scheme == SEK_SCHEME_ED25519)
        strcpy(key->algo, "ed25519");
    else
        (void)snprintf(key->algo, sizeof key->algo, "%s%u", key->rsa ? "rsa" : "ecdsa",
                       (unsigned)kind.key_bits);
}

char *openssl_anchor(const char *certificate, const char *more)
{
    static const char
        head[] = " { certificate = [",
        tail[] =
            "]; padding = \"pkcs-1.5\"; algo = "
            "\"sha256,rsa2048\", \"sha256,rsa3072\", \"sha256,ecdsa256\", \"sha256,ecdsa384\"; ";
    char path[128], *text, *at;
    size_t len;
    uint8_t *der;

    (void)snprintf(path, sizeof path, KEYS "/%s.der", certificate);
    der = test_read_file(path, &len);
    text = malloc(strlen(certificate) + sizeof head + 2 * len + sizeof tail + strlen(more) + 8);
    assert(text);
    at = text + sprintf(text, "%s%s", certificate, head);
    for (size_t i = 0; i < len; i++)
        at += sprintf(at, "%02x", der[i]);
    (void)sprintf(at, "%s%s };", tail, more);
    free(der);
    return text;
}

size_t openssl_sign(const char *name, enum openssl_way way, const void *data, size_t len,
                    uint8_t *out)
{
    static const char *const options[] = {
        [OPENSSL_PKCS1_SHA256] = "-sign -pkeyopt digest:sha256",
        [OPENSSL_PKCS1_BARE] = "-sign -pkeyopt rsa_padding_mode:pkcs1",
        [OPENSSL_PSS_SHA256] = "-sign -pkeyopt digest:sha256 -pkeyopt rsa_padding_mode:pss "
                               "-pkeyopt rsa_pss_saltlen:digest -pkeyopt rsa_mgf1_md:sha256",
        [OPENSSL_PSS_SHA384_20] = "-sign -pkeyopt digest:sha384 -pkeyopt rsa_padding_mode:pss "
                                  "-pkeyopt rsa_pss_saltlen:20 -pkeyopt rsa_mgf1_md:sha384",
        [OPENSSL_RSA_RAW] = "-decrypt -pkeyopt rsa_padding_mode:none",
        [OPENSSL_ECDSA] = "-sign",
        [OPENSSL_ED25519] = "-sign -rawin",
    };
    char in_path[] = "/tmp/sekisho-test-XXXXXX", out_path[sizeof in_path + 4];
    int fd = mkstemp(in_path);
    uint8_t *signature;
    size_t signature_len;

    assert(fd >= 0);
    (void)close(fd);
    (void)snprintf(out_path, sizeof out_path, "%s.sig", in_path);
    test_write_file(in_path, data, len);
    openssl_run("openssl pkeyutl -inkey " KEYS "/%s.pem %s -in %s -out %s", name, options[way],
                in_path, out_path);
    signature = test_read_file(out_path, &signature_len);
    assert(signature_len <= OPENSSL_SIGNATURE_MAX);
    memcpy(out, signature, signature_len);
    free(signature);
    (void)unlink(in_path);
    (void)unlink(out_path);
    return signature_len;
}
