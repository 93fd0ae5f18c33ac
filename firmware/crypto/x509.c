#include "crypto/x509.h"

#include "crypto/der.h"

#include <string.h>

enum {
    KEY_USAGE_SIGN = 0x80,
    KEY_USAGE_ISSUE = 0x04,
    NETSCAPE_SIGN = 0x30,  /* objects, mail */
    NETSCAPE_ISSUE = 0x03, /* CAs of these */
    UTC_LEN = 13,
    GENERALIZED_LEN = 15,
};

#define OID_PKCS1 "\x2a\x86\x48\x86\xf7\x0d\x01\x01" /* 1.2.840.113549.1.1, and one more byte */
#define OID_ECDSA "\x2a\x86\x48\xce\x3d\x04\x03"     /* 1.2.840.10045.4.3, and one more byte */
#define OID_SHA2  "\x60\x86\x48\x01\x65\x03\x04\x02" /* 2.16.840.1.101.3.4.2, and one more byte */

static bool same(struct sek_bytes a, struct sek_bytes b)
{
    return a.len == b.len && a.len > 0 && memcmp(a.data, b.data, a.len) == 0;
}

/* The last byte of an OID of this family; 0: of another. */
static uint8_t in_family(struct sek_bytes oid, const char *family, size_t len)
{
    return oid.data && oid.len == len + 1 && memcmp(oid.data, family, len) == 0 ? oid.data[len] : 0;
}

/* ---- Algorithms ---- */

/* Parameters that say nothing: a NULL, or none. */
static void take_null(struct sek_reader *algorithm)
{
    if (sek_der_peek(algorithm) == SEK_DER_NULL) {
        struct sek_reader null = sek_der_take(algorithm, SEK_DER_NULL);

        sek_der_end(&null);
    }
}

enum sek_digest_alg sek_x509_digest(struct sek_bytes identifier)
{
    struct sek_fault fault = {0};
    struct sek_reader in = sek_reader_make(identifier, &fault);
    struct sek_reader algorithm = sek_der_take(&in, SEK_DER_SEQUENCE);
    struct sek_bytes oid = sek_der_contents(&algorithm, SEK_DER_OID);

    take_null(&algorithm);
    sek_der_end(&algorithm);
    sek_der_end(&in);
    if (fault.status != SEK_OK)
        return SEK_DIGEST_NONE;
    switch (in_family(oid, OID_SHA2, sizeof OID_SHA2 - 1)) {
    case 1:
        return SEK_DIGEST_SHA256;
    case 2:
        return SEK_DIGEST_SHA384;
    case 3:
        return SEK_DIGEST_SHA512;
    default:
        return SEK_DIGEST_NONE;
    }
}

/* RSASSA-PSS-params (RFC 4055, 3.1): the hash, MGF1 with the same; defaults are SHA-1. */
static enum sek_digest_alg pss_hash(struct sek_reader *algorithm)
{
    struct sek_reader params = sek_der_take(algorithm, SEK_DER_SEQUENCE);
    struct sek_reader hash = sek_der_take(&params, SEK_DER_CONTEXT);
    enum sek_digest_alg alg = sek_x509_digest(sek_der_whole(&hash, SEK_DER_SEQUENCE));
    struct sek_reader mask = sek_der_take(&params, SEK_DER_CONTEXT + 1);
    struct sek_reader generator = sek_der_take(&mask, SEK_DER_SEQUENCE);
    bool mgf1 = sek_der_is_oid(&generator, OID_PKCS1 "\x08", sizeof OID_PKCS1);
    enum sek_digest_alg other = sek_x509_digest(sek_der_whole(&generator, SEK_DER_SEQUENCE));

    return mgf1 && alg == other ? alg : SEK_DIGEST_NONE;
}

struct sek_sig_alg sek_x509_algorithm(struct sek_bytes identifier,
                                      enum sek_digest_alg hash_of_content)
{
    static const enum sek_digest_alg rsa[] = {SEK_DIGEST_SHA256, SEK_DIGEST_SHA384,
                                              SEK_DIGEST_SHA512}; /* 11, 12, 13 */
    struct sek_sig_alg alg = {SEK_SCHEME_NONE, SEK_DIGEST_NONE, 0};
    struct sek_fault fault = {0};
    struct sek_reader in = sek_reader_make(identifier, &fault);
    struct sek_reader algorithm = sek_der_take(&in, SEK_DER_SEQUENCE);
    struct sek_bytes oid = sek_der_contents(&algorithm, SEK_DER_OID);
    uint8_t pkcs1 = in_family(oid, OID_PKCS1, sizeof OID_PKCS1 - 1);
    uint8_t ecdsa = in_family(oid, OID_ECDSA, sizeof OID_ECDSA - 1);

    if (ecdsa == 0)
        take_null(&algorithm);
    if (pkcs1 == 1)
        alg = (struct sek_sig_alg){SEK_SCHEME_RSA_PKCS1, hash_of_content, 0};
    else if (pkcs1 >= 11 && pkcs1 <= 13)
        alg = (struct sek_sig_alg){SEK_SCHEME_RSA_PKCS1, rsa[pkcs1 - 11], 0};
    else if (pkcs1 == 10)
        alg = (struct sek_sig_alg){SEK_SCHEME_RSA_PSS, pss_hash(&algorithm), 0};
    else if (ecdsa >= 2 && ecdsa <= 4)
        alg = (struct sek_sig_alg){SEK_SCHEME_ECDSA, rsa[ecdsa - 2], 0};
    sek_der_end(&algorithm);
    sek_der_end(&in);
    if (fault.status != SEK_OK || !sek_digest_strong(alg.hash))
        return (struct sek_sig_alg){SEK_SCHEME_NONE, SEK_DIGEST_NONE, 0};
    return alg;
}

/* ---- Certificates ---- */

/* "YYMMDDHHMMSSZ" or "YYYYMMDDHHMMSSZ": its day. */
static sek_day take_time(struct sek_reader *validity)
{
    bool utc = sek_der_peek(validity) == SEK_DER_UTC_TIME;
    struct sek_bytes time =
        sek_der_contents(validity, utc ? SEK_DER_UTC_TIME : SEK_DER_GENERALIZED_TIME);
    char text[SEK_DATE_LEN] = {'2', '0', 0, 0, '-', 0, 0, '-', 0, 0}; /* no NUL at its end */
    sek_day day = 0;

    if (!time.data || time.len != (utc ? UTC_LEN : GENERALIZED_LEN) ||
        time.data[time.len - 1] != 'Z') {
        sek_reader_fail(validity, SEK_ERR_MALFORMED, "a date in a form of its own");
        return 0;
    }
    if (utc && time.data[0] >= '5') { /* RFC 5280, 4.1.2.5.1 */
        text[0] = '1';
        text[1] = '9';
    }
    memcpy(text + (utc ? 2 : 0), time.data, utc ? 2 : 4);
    memcpy(text + 5, time.data + (utc ? 2 : 4), 2);
    memcpy(text + 8, time.data + (utc ? 4 : 6), 2);
    if (sek_date_parse(text, sizeof text, &day) != SEK_OK)
        sek_reader_fail(validity, SEK_ERR_MALFORMED, "a date that does not exist");
    return day;
}

static void read_constraints(struct sek_reader *value, struct sek_x509 *out)
{
    struct sek_reader constraints = sek_der_take(value, SEK_DER_SEQUENCE);

    if (sek_der_peek(&constraints) == SEK_DER_BOOLEAN) {
        struct sek_bytes flag = sek_der_contents(&constraints, SEK_DER_BOOLEAN);

        if (!flag.data || flag.len != 1 || flag.data[0] != 0xff)
            sek_reader_fail(&constraints, SEK_ERR_MALFORMED, "a flag that is not true");
        out->is_ca = true;
    }
    if (sek_der_peek(&constraints) == SEK_DER_INTEGER) {
        struct sek_bytes number = sek_der_contents(&constraints, SEK_DER_INTEGER);

        if (!number.data || number.len != 1 || number.data[0] >= 0x80)
            sek_reader_fail(&constraints, SEK_ERR_MALFORMED, "a path length that cannot be");
        else
            out->path_len = number.data[0];
    }
    sek_der_end(&constraints);
}

static void read_key_usage(struct sek_reader *value, struct sek_x509 *out)
{
    struct sek_bytes bits = sek_der_contents(value, SEK_DER_BIT_STRING);

    if (!bits.data || bits.len < 2) {
        sek_reader_fail(value, SEK_ERR_MALFORMED, "a keyUsage without a bit");
        return;
    }
    out->may_sign = bits.data[1] & KEY_USAGE_SIGN;
    out->may_issue = out->may_issue && (bits.data[1] & KEY_USAGE_ISSUE);
}

/* Netscape's certificate types, which CAs of code still carry as critical. */
static void read_netscape_type(struct sek_reader *value, struct sek_x509 *out)
{
    struct sek_bytes bits = sek_der_contents(value, SEK_DER_BIT_STRING);

    if (!bits.data || bits.len != 2) {
        sek_reader_fail(value, SEK_ERR_MALFORMED, "a certificate type that is none");
        return;
    }
    out->may_sign_code = out->may_sign_code && (bits.data[1] & NETSCAPE_SIGN);
    out->may_issue = out->may_issue && (bits.data[1] & NETSCAPE_ISSUE);
}

static void read_extended_usage(struct sek_reader *value, struct sek_x509 *out)
{
    static const char code[] = "\x2b\x06\x01\x05\x05\x07\x03\x03",
                      mail[] = "\x2b\x06\x01\x05\x05\x07\x03\x04", any[] = "\x55\x1d\x25\x00";
    struct sek_reader usages = sek_der_take(value, SEK_DER_SEQUENCE);
    bool found = false;

    while (sek_reader_left(&usages) > 0) {
        struct sek_bytes oid = sek_der_contents(&usages, SEK_DER_OID);

        if (same(oid, (struct sek_bytes){(const uint8_t *)code, sizeof code - 1}) ||
            same(oid, (struct sek_bytes){(const uint8_t *)mail, sizeof mail - 1}) ||
            same(oid, (struct sek_bytes){(const uint8_t *)any, sizeof any - 1}))
            found = true;
    }
    out->for_code = found;
    out->may_sign_code = out->may_sign_code && found;
}

static void read_key_id(struct sek_reader *value, struct sek_x509 *out)
{
    out->key_id = sek_der_contents(value, SEK_DER_OCTET_STRING);
}

/* Extensions that say something to us: of id-ce (2.5.29), and Netscape's. */
static const struct extension {
    const char *oid;
    size_t len;
    void (*read)(struct sek_reader *value, struct sek_x509 *out);
} known[] = {
    {"\x55\x1d\x0e", 3, read_key_id},
    {"\x55\x1d\x0f", 3, read_key_usage},
    {"\x55\x1d\x13", 3, read_constraints},
    {"\x55\x1d\x25", 3, read_extended_usage},
    {"\x60\x86\x48\x01\x86\xf8\x42\x01\x01", 9, read_netscape_type},
};

static void read_extension(struct sek_reader *in, struct sek_x509 *out, unsigned *seen)
{
    struct sek_reader extension = sek_der_take(in, SEK_DER_SEQUENCE);
    struct sek_bytes oid = sek_der_contents(&extension, SEK_DER_OID), flag = {0};
    struct sek_reader value;

    if (sek_der_peek(&extension) == SEK_DER_BOOLEAN)
        flag = sek_der_contents(&extension, SEK_DER_BOOLEAN);
    if (flag.data && (flag.len != 1 || flag.data[0] != 0xff)) /* FALSE is the default */
        sek_reader_fail(in, SEK_ERR_MALFORMED, "a flag that is not true");
    value = sek_der_take(&extension, SEK_DER_OCTET_STRING);
    sek_der_end(&extension);
    for (size_t i = 0; i < SEK_LEN(known); i++) {
        if (!same(oid, (struct sek_bytes){(const uint8_t *)known[i].oid, known[i].len}))
            continue;
        if (*seen & 1u << i)
            sek_reader_fail(in, SEK_ERR_MALFORMED, "one extension twice");
        *seen |= 1u << i;
        known[i].read(&value, out);
        sek_der_end(&value);
        return;
    }
    if (flag.len > 0)
        sek_reader_fail(in, SEK_ERR_UNSUPPORTED, "a critical extension that is not known");
}

static void read_tbs(struct sek_reader *tbs, struct sek_bytes outer_alg, struct sek_x509 *out)
{
    bool has_version = sek_der_peek(tbs) == SEK_DER_CONTEXT;
    struct sek_reader validity;
    unsigned seen = 0;

    if (has_version) {
        struct sek_reader version = sek_der_take(tbs, SEK_DER_CONTEXT);
        struct sek_bytes number = sek_der_contents(&version, SEK_DER_INTEGER);

        if (!number.data || number.len != 1 || number.data[0] != 2)
            sek_reader_fail(tbs, SEK_ERR_UNSUPPORTED, "a certificate of another version");
        sek_der_end(&version);
    }
    out->serial = sek_der_contents(tbs, SEK_DER_INTEGER);
    if (!same(sek_der_whole(tbs, SEK_DER_SEQUENCE), outer_alg))
        sek_reader_fail(tbs, SEK_ERR_MALFORMED, "signed with another algorithm than it says");
    out->issuer = sek_der_whole(tbs, SEK_DER_SEQUENCE);
    validity = sek_der_take(tbs, SEK_DER_SEQUENCE);
    out->from = take_time(&validity);
    out->until = take_time(&validity);
    sek_der_end(&validity);
    out->subject = sek_der_whole(tbs, SEK_DER_SEQUENCE);
    out->spki = sek_der_whole(tbs, SEK_DER_SEQUENCE);
    if (has_version && sek_der_peek(tbs) == SEK_DER_CONTEXT + 3) {
        struct sek_reader wrapped = sek_der_take(tbs, SEK_DER_CONTEXT + 3);
        struct sek_reader extensions = sek_der_take(&wrapped, SEK_DER_SEQUENCE), all = extensions;

        sek_der_end(&wrapped);
        out->extensions = sek_reader_bytes(&all, sek_reader_left(&all));
        while (sek_reader_left(&extensions) > 0)
            read_extension(&extensions, out, &seen);
    }
    sek_der_end(tbs);
}

enum sek_status sek_x509_parse(struct sek_bytes der, struct sek_x509 *out)
{
    struct sek_x509 crt = {.path_len = SEK_X509_PATH_ANY,
                           .may_sign = true,
                           .may_issue = true,
                           .for_code = true,
                           .may_sign_code = true};
    struct sek_fault fault = {0};
    struct sek_reader in = sek_reader_make(der, &fault);
    struct sek_reader crt_in = sek_der_take(&in, SEK_DER_SEQUENCE), tbs, look = crt_in;
    struct sek_bytes algorithm;

    sek_der_end(&in);
    crt.tbs = sek_der_whole(&look, SEK_DER_SEQUENCE);
    tbs = sek_der_take(&crt_in, SEK_DER_SEQUENCE);
    algorithm = sek_der_whole(&crt_in, SEK_DER_SEQUENCE);
    crt.signature = sek_der_contents(&crt_in, SEK_DER_BIT_STRING);
    sek_der_end(&crt_in);
    if (fault.status == SEK_OK && (crt.signature.len < 2 || crt.signature.data[0] != 0))
        sek_reader_fail(&crt_in, SEK_ERR_MALFORMED, "a signature that is no whole bytes");
    read_tbs(&tbs, algorithm, &crt);
    if (fault.status != SEK_OK)
        return fault.status == SEK_ERR_UNSUPPORTED ? SEK_ERR_UNSUPPORTED : SEK_ERR_MALFORMED;
    crt.signature.data++;
    crt.signature.len--;
    crt.alg = sek_x509_algorithm(algorithm, SEK_DIGEST_NONE);
    *out = crt;
    return SEK_OK;
}

/* ---- Chains ---- */

static enum sek_status verify_issuer(const struct sek_x509 *crt, const struct sek_x509 *issuer)
{
    struct sek_bytes signature = crt->signature;
    struct sek_sig_alg kind;
    uint8_t raw[SEK_ECDSA_MAX];
    enum sek_status status = sek_key_kind(issuer->spki, &kind);

    if (status == SEK_OK && crt->alg.scheme == SEK_SCHEME_ECDSA) {
        status = sek_ecdsa_from_der(signature, kind.key_bits, raw);
        signature = (struct sek_bytes){raw, kind.key_bits / 4u};
    }
    return status == SEK_OK ? sek_verify_message(&crt->alg, issuer->spki, crt->tbs, signature)
                            : status;
}

enum sek_status sek_x509_issued_by(const struct sek_x509 *crt, const struct sek_x509 *issuer,
                                   unsigned below)
{
    if (!same(crt->issuer, issuer->subject) || !issuer->is_ca || !issuer->may_issue ||
        (issuer->path_len != SEK_X509_PATH_ANY && below > issuer->path_len))
        return SEK_ERR_KEY;
    return verify_issuer(crt, issuer);
}

static void share_dates(const struct sek_x509 *crt, sek_day *from, sek_day *until)
{
    if (crt->from > *from)
        *from = crt->from;
    if (crt->until < *until)
        *until = crt->until;
}

/* Whether one of the signer's certificates issued crt. */
static bool is_next(const struct sek_x509 *crt, struct sek_bytes der, unsigned below,
                    unsigned *looks, struct sek_x509 *out)
{
    return sek_x509_parse(der, out) == SEK_OK && same(crt->issuer, out->subject) && out->for_code &&
           (*looks)++ < SEK_X509_LOOKS_MAX && sek_x509_issued_by(crt, out, below) == SEK_OK;
}

enum sek_status sek_x509_chain(struct sek_bytes signer, const struct sek_bytes *others,
                               size_t count, struct sek_bytes anchor, sek_day *from, sek_day *until)
{
    struct sek_x509 crt, top, next;
    enum sek_status status = sek_x509_parse(signer, &crt);
    sek_day first = 0, last = UINT32_MAX;
    unsigned below = 0, looks = 0;

    if (status == SEK_OK)
        status = sek_x509_parse(anchor, &top);
    if (status != SEK_OK)
        return SEK_ERR_MALFORMED;
    if (!crt.may_sign || !crt.may_sign_code)
        return SEK_ERR_KEY;
    share_dates(&crt, &first, &last);
    for (; !same(signer, anchor); below++) {
        size_t i = 0;

        if (below + 2 > SEK_X509_CHAIN_MAX)
            return SEK_ERR_KEY;
        status = sek_x509_issued_by(&crt, &top, below);
        if (status == SEK_OK || status == SEK_ERR_CRYPTO)
            break;
        while (i < count && !is_next(&crt, others[i], below, &looks, &next))
            i++;
        if (i == count)
            return SEK_ERR_KEY;
        crt = next;
        share_dates(&crt, &first, &last);
    }
    if (status == SEK_ERR_CRYPTO)
        return status;
    share_dates(&top, &first, &last);
    *from = first;
    *until = last;
    return SEK_OK;
}
