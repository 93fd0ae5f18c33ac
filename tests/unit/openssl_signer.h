/* Signatures by another implementation: OpenSSL's command, with keys made at test time. */
#ifndef SEK_TESTS_UNIT_OPENSSL_SIGNER_H
#define SEK_TESTS_UNIT_OPENSSL_SIGNER_H

#include "tests/unit/fit_signer.h"

enum { OPENSSL_SIGNATURE_MAX = 4096 };

enum openssl_way {
    OPENSSL_PKCS1_SHA256,  /* over a digest */
    OPENSSL_PKCS1_BARE,    /* over a digest, without DigestInfo */
    OPENSSL_PSS_SHA256,    /* salt as long as the digest */
    OPENSSL_PSS_SHA384_20, /* salt of 20 bytes */
    OPENSSL_RSA_RAW,       /* of a padded block */
    OPENSSL_ECDSA,         /* over a digest; DER */
    OPENSSL_ED25519,       /* over a message */
};

/* Makes the keys, once per build folder. */
void openssl_keys(void);

/* The public half of a key of tests/unit/format_keys.sh, as the stores of judge.h take it. */
void openssl_key_load(struct fit_key *key, const char *name);

/* Signs; returns the length (at most OPENSSL_SIGNATURE_MAX). */
size_t openssl_sign(const char *name, enum openssl_way way, const void *data, size_t len,
                    uint8_t *out);

/* The source of a key node NAME { ... } for a supplier: this certificate of format_keys.sh as a CA,
 * with every algorithm that the tests sign with; more: further properties. The caller frees it. */
char *openssl_anchor(const char *certificate, const char *more);

/* Runs a shell command; fails the program if it fails. */
void openssl_run(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Files of tests: the whole of one, in a block of exact size that the caller frees; and back. */
uint8_t *test_read_file(const char *path, size_t *len);
void test_write_file(const char *path, const void *data, size_t len);

/* Leaves a sample as a seed for the fuzzer of its format: build/test/data/FORMAT/NAME. */
void test_keep_seed(const char *format, const char *name, const void *data, size_t len);

#endif
