/* Signs what tests/unit/fit_writer.h writes: the digest of a FIT configuration, reckoned from the
 * tokens by paths, as the format's description says and apart from how firmware/image does it. */
#ifndef SEK_TESTS_UNIT_FIT_SIGNER_H
#define SEK_TESTS_UNIT_FIT_SIGNER_H

#include "tests/unit/fit_writer.h"

#include <psa/crypto.h>

enum { FIT_PATHS_MAX = 512, FIT_PATH_MAX = 200 };

struct fit_key {
    psa_key_id_t id;
    char algo[16]; /* second half of `algo`: "rsa4096", "ecdsa384" */
    bool rsa;
    uint8_t spki[640]; /* its public half, DER */
    size_t spki_len;
};

/* A key of build/keys/demo by name ("kiso": RSA-4096, "hakone": P-256, "stranger": RSA-2048, ...),
 * and a new one of a NIST curve (256, 384). */
void fit_key_load(struct fit_key *key, const char *name);
void fit_key_make(struct fit_key *key, size_t bits);
void fit_key_drop(struct fit_key *key);

/* A list of node paths. */
struct fit_paths {
    char path[FIT_PATHS_MAX][FIT_PATH_MAX + 1];
    size_t count;
};

/* The nodes that the signature of a configuration ("/configurations/conf-1") has to cover. */
void fit_paths_of(const struct fit_writer *w, const char *conf, struct fit_paths *out);

/* What a signature over these nodes and the first strings_len bytes of the strings is made of: the
 * bytes themselves, in a block that the caller frees. */
uint8_t *fit_signed_bytes(const struct fit_writer *w, const struct fit_paths *paths,
                          size_t strings_len, size_t *len);

/* Adds a signature node to a configuration or image, last in it, without a value: `algo` (hash and
 * the key's: "sha256"), `padding` (NULL: none; "pss", "pkcs-1.5"), `key-name-hint`. */
void fit_add_signature(struct fit_writer *w, const char *node, const char *name, const char *hash,
                       const struct fit_key *key, const char *padding, const char *hint);

/* Signs a signature node as its `algo` and `padding` say: of a configuration, with `hashed-nodes`,
 * `hashed-strings` (w->signed_strings) and `value`; of an image, over its data. Call it again
 * after a change that shall be signed. */
void fit_sign(struct fit_writer *w, const char *signature, const struct fit_key *key);

/* The same over other nodes than those that have to be covered; they become `hashed-nodes`. */
void fit_sign_paths(struct fit_writer *w, const char *signature, const struct fit_key *key,
                    const struct fit_paths *paths);

/* How many bytes of the strings the `hashed-strings` of a signature node tells. */
size_t fit_told_strings(const struct fit_writer *w, const char *signature);

/* Sets a hash node's value anew from its image's data. */
void fit_rehash(struct fit_writer *w, const char *hash_node);

/* fit_sample with a signature of this key on conf-1: "/configurations/conf-1/signature-1". */
void fit_signed_sample(struct fit_writer *w, const struct fit_key *key, const char *hint);

#endif
