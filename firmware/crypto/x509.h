/* X.509 certificates (RFC 5280), as far as a signature needs them: who it is, who says so, for how
 * long and for what. Read strictly as DER and without a heap. */
#ifndef SEK_CRYPTO_X509_H
#define SEK_CRYPTO_X509_H

#include "base/date.h"
#include "crypto/verify.h"

#include <stdbool.h>

enum {
    SEK_X509_CHAIN_MAX = 5, /* certificates from the signer to the anchor, both included */
    SEK_X509_LOOKS_MAX = 8, /* others that may be asked on the way: each costs a verification */
    SEK_X509_PATH_ANY = 255,
};

/* One certificate; all bytes borrowed from it. */
struct sek_x509 {
    struct sek_bytes tbs; /* what its issuer signed */
    struct sek_bytes serial, issuer, subject, spki;
    struct sek_bytes key_id; /* subjectKeyIdentifier; len 0: none */
    struct sek_sig_alg alg;  /* scheme NONE: one that we do not take */
    struct sek_bytes signature;
    sek_day from, until;
    bool is_ca;
    uint8_t path_len;   /* CAs allowed below it; SEK_X509_PATH_ANY: not said */
    bool may_sign;      /* keyUsage digitalSignature, or no keyUsage */
    bool may_issue;     /* keyUsage keyCertSign, or no keyUsage */
    bool for_code;      /* extKeyUsage codeSigning, emailProtection or any, or no extKeyUsage */
    bool may_sign_code; /* for_code, and no Netscape type that says otherwise */
    struct sek_bytes extensions; /* one behind the other; len 0: none */
};

/* Reads one certificate, of version 3, or of version 1 without extensions, which must end where it
 * ends. SEK_ERR_MALFORMED: it is none, or has a known extension twice. SEK_ERR_UNSUPPORTED: a
 * critical extension that is not known. */
SEK_CHECKED enum sek_status sek_x509_parse(struct sek_bytes der, struct sek_x509 *out);

/* What an AlgorithmIdentifier (whole) says of a signature. hash_of_content: what rsaEncryption,
 * which does not say, goes with. Unknown and weak ones: scheme NONE. */
struct sek_sig_alg sek_x509_algorithm(struct sek_bytes identifier,
                                      enum sek_digest_alg hash_of_content);

/* The digest that an AlgorithmIdentifier (whole) names; SEK_DIGEST_NONE: unknown or weak. */
enum sek_digest_alg sek_x509_digest(struct sek_bytes identifier);

/* Whether issuer, a CA that may issue and allows `below` CAs below it, issued crt: by name and by
 * signature, whatever the dates. SEK_ERR_KEY: it may not, or is another. SEK_ERR_SIGNATURE,
 * SEK_ERR_UNSUPPORTED: it did not, or with an algorithm that we do not take. SEK_ERR_CRYPTO. */
SEK_CHECKED enum sek_status sek_x509_issued_by(const struct sek_x509 *crt,
                                               const struct sek_x509 *issuer, unsigned below);

/* From a signer's certificate to an anchor that is trusted: over certificates of the signer's
 * choice, each issued by the next, at most SEK_X509_CHAIN_MAX in all. The anchor may be the
 * signer's certificate itself. Each issuer must be a CA that may issue, and allow as many CAs below
 * it; one of the signer's choice must be for code where it says what it is for.
 *
 * Dates are the caller's to judge: *from and *until are the days that all of them share.
 * SEK_ERR_KEY: there is no such chain, or the signer may not sign code. SEK_ERR_MALFORMED: the
 * signer's certificate or the anchor is none. SEK_ERR_CRYPTO. */
SEK_CHECKED enum sek_status sek_x509_chain(struct sek_bytes signer, const struct sek_bytes *others,
                                           size_t count, struct sek_bytes anchor, sek_day *from,
                                           sek_day *until);

#endif
