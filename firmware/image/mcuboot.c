/* MCUboot: header, payload and tag-length-value areas of which one is signed with them. Source:
 * MCUboot, docs/design.md and imgtool; numbers are little-endian. */
#include "image/image.h"

#include "base/bytes.h"
#include "base/text.h"

#include <string.h>

enum {
    HEADER_LEN = 32,
    INFO_LEN = 4,
    AREA_MAX = 4096, /* bytes of an area: a key, a digest and a signature take 1,000 */
    MAGIC = 0x96f3b83d,
    MAGIC_OLD = 0x96f3b83c, /* another layout, given up in 2018 */
    INFO_MAGIC = 0x6907,
    INFO_MAGIC_PROTECTED = 0x6908,
    FLAG_AES128 = 0x4,
    FLAG_AES256 = 0x8,
    DEPENDENCY_LEN = 12,
    SIGNATURES_MAX = 4,
};

enum tag {
    TAG_KEY_HASH = 0x01,
    TAG_KEY = 0x02,
    TAG_SHA256 = 0x10,
    TAG_SHA384 = 0x11,
    TAG_SHA512 = 0x12,
    TAG_RSA2048 = 0x20,
    TAG_ECDSA224 = 0x21,
    TAG_ECDSA = 0x22,
    TAG_RSA3072 = 0x23,
    TAG_ED25519 = 0x24,
    TAG_PURE = 0x25,
    TAG_ENCRYPTED_FIRST = 0x30,
    TAG_ENCRYPTED_LAST = 0x34,
    TAG_DEPENDENCY = 0x40,
    TAG_COUNTER = 0x50,
};

/* A signature with the key that was named ahead of it. */
struct signature {
    uint16_t tag;
    struct sek_bytes value, key_hash, key;
};

struct mcuboot {
    struct sek_image *image;
    struct sek_fault *fault;
    uint64_t payload_end;
    uint64_t signed_len; /* with the protected area */
    struct sek_bytes hash;
    enum sek_digest_alg hash_alg;
    struct signature signature[SIGNATURES_MAX];
    size_t signature_count;
    struct sek_bytes key_hash, key; /* named, waiting for their signature */
    bool pure, encrypted, has_counter;
    uint32_t counter;
};

static bool probe(struct sek_bytes head)
{
    uint32_t magic = head.len >= 4 ? sek_get_u32le(head.data) : 0;

    return magic == MAGIC || magic == MAGIC_OLD;
}

static void take_hash(struct mcuboot *m, struct sek_reader *area, enum sek_digest_alg alg,
                      struct sek_bytes value)
{
    if (m->hash.len > 0 || value.len != sek_digest_len(alg)) {
        sek_reader_fail(area, SEK_ERR_MALFORMED, "two digests, or one of a wrong length");
        return;
    }
    m->hash = value;
    m->hash_alg = alg;
}

static void take_key(struct mcuboot *m, struct sek_reader *area, struct sek_bytes *key,
                     struct sek_bytes value)
{
    if (m->key_hash.len > 0 || m->key.len > 0 || value.len == 0)
        sek_reader_fail(area, SEK_ERR_MALFORMED, "a key that no signature follows");
    *key = value;
}

static void take_signature(struct mcuboot *m, struct sek_reader *area, uint16_t tag,
                           struct sek_bytes value)
{
    if (m->signature_count == SIGNATURES_MAX || (m->key_hash.len == 0 && m->key.len == 0)) {
        sek_reader_fail(area, SEK_ERR_MALFORMED, "a signature without a key, or too many");
        return;
    }
    m->signature[m->signature_count++] = (struct signature){tag, value, m->key_hash, m->key};
    m->key_hash = m->key = (struct sek_bytes){0};
}

/* What may stand where nothing covers it: digests, keys and signatures (CVE-2024-32883). */
static void take_unprotected(struct mcuboot *m, struct sek_reader *area, uint16_t tag,
                             struct sek_bytes value)
{
    switch (tag) {
    case TAG_KEY_HASH:
        take_key(m, area, &m->key_hash, value);
        break;
    case TAG_KEY:
        take_key(m, area, &m->key, value);
        break;
    case TAG_SHA256:
    case TAG_SHA384:
    case TAG_SHA512:
        take_hash(m, area, (enum sek_digest_alg)(SEK_DIGEST_SHA256 + (tag - TAG_SHA256)), value);
        break;
    case TAG_RSA2048:
    case TAG_ECDSA224:
    case TAG_ECDSA:
    case TAG_RSA3072:
    case TAG_ED25519:
        take_signature(m, area, tag, value);
        break;
    case TAG_PURE:
        if (m->pure || value.len != 1 || value.data[0] != 1)
            sek_reader_fail(area, SEK_ERR_MALFORMED, "a wrong mark of a pure signature");
        m->pure = true;
        break;
    default:
        if (tag < TAG_ENCRYPTED_FIRST || tag > TAG_ENCRYPTED_LAST)
            sek_reader_fail(area, SEK_ERR_MALFORMED, "a tag that must be protected is not");
        m->encrypted = true;
        break;
    }
}

static void take_protected(struct mcuboot *m, struct sek_reader *area, uint16_t tag,
                           struct sek_bytes value)
{
    if (tag == TAG_COUNTER) {
        if (m->has_counter || value.len != 4)
            sek_reader_fail(area, SEK_ERR_MALFORMED, "two security counters, or a wrong one");
        else
            m->counter = sek_get_u32le(value.data);
        m->has_counter = true;
    } else if (tag == TAG_DEPENDENCY) {
        if (value.len != DEPENDENCY_LEN)
            sek_reader_fail(area, SEK_ERR_MALFORMED, "a dependency of a wrong length");
    } else if (tag < TAG_DEPENDENCY) {
        sek_reader_fail(area, SEK_ERR_MALFORMED, "a digest, key or signature is protected");
    }
}

/* An area: magic, length with these four bytes, then tags, lengths and values without padding.
 * offset is where it begins; *len what it takes. */
static enum sek_status read_area(struct mcuboot *m, uint64_t offset, uint16_t magic, uint64_t *len)
{
    struct sek_fault fault = {0};
    struct sek_reader area;
    const uint8_t *bytes;
    size_t total;

    if (sek_image_read(m->image, offset, INFO_LEN, &bytes) != SEK_OK)
        return m->fault->status;
    total = sek_get_u16le(bytes + 2);
    if (sek_get_u16le(bytes) != magic || total < INFO_LEN || total > AREA_MAX)
        return sek_fault_set(m->fault, SEK_ERR_MALFORMED, offset,
                             "no area of tags, or of a length that cannot be");
    if (sek_image_read(m->image, offset + INFO_LEN, total - INFO_LEN, &bytes) != SEK_OK)
        return m->fault->status;
    area = sek_reader_make((struct sek_bytes){bytes, total - INFO_LEN}, &fault);
    while (sek_reader_left(&area) > 0) {
        uint16_t tag = sek_reader_u16le(&area);
        size_t value_len = sek_reader_u16le(&area);
        struct sek_bytes value = sek_reader_bytes(&area, value_len);

        if (fault.status != SEK_OK)
            break;
        if (magic == INFO_MAGIC_PROTECTED)
            take_protected(m, &area, tag, value);
        else
            take_unprotected(m, &area, tag, value);
    }
    *len = total;
    if (fault.status == SEK_OK)
        return SEK_OK;
    return sek_fault_set(m->fault, SEK_ERR_MALFORMED, offset + INFO_LEN + fault.offset, fault.why);
}

/* "1.2.3+4"; a build number of 0 is not shown. */
static void put_version(const uint8_t *version, char *out)
{
    out += sek_text_decimal(version[0], out);
    *out++ = '.';
    out += sek_text_decimal(version[1], out);
    *out++ = '.';
    out += sek_text_decimal(sek_get_u16le(version + 2), out);
    if (sek_get_u32le(version + 4) == 0)
        return;
    *out++ = '+';
    (void)sek_text_decimal(sek_get_u32le(version + 4), out);
}

static enum sek_status add_image(struct mcuboot *m)
{
    struct sek_image_claim *claim = sek_image_add(m->image, "image", 0, m->signed_len);

    if (!claim)
        return m->fault->status;
    claim->class_hint = SEK_CLASS_MCU;
    claim->has_counter = m->has_counter;
    claim->security_counter = m->counter;
    put_version(m->image->head + 20, claim->version);
    if (m->encrypted) { /* what was signed is the plain text */
        (void)sek_fault_set(&claim->fault, SEK_ERR_UNSUPPORTED, 16, "encrypted");
        return sek_pass_plan(&m->image->pass, 0, m->signed_len, SEK_DIGEST_SHA256, &claim->extra);
    }
    claim->covered_by = m->signature_count > 0;
    claim->hash_count = 1;
    claim->hash[0] = (struct sek_hash_claim){.alg = m->hash_alg, .expected = m->hash};
    return sek_pass_plan(&m->image->pass, 0, m->signed_len, m->hash_alg, &claim->hash[0].measured);
}

/* How a tag signs; the digest that was signed has to be the one that the kind of key goes with. */
static const struct kind {
    uint16_t tag;
    enum sek_digest_alg hash;
    struct sek_sig_alg alg;
    const char *algo;
} kinds[] = {
    {TAG_RSA2048,
     SEK_DIGEST_SHA256,
     {SEK_SCHEME_RSA_PSS, SEK_DIGEST_SHA256, 2048},
     "sha256,rsa2048"},
    {TAG_RSA3072,
     SEK_DIGEST_SHA256,
     {SEK_SCHEME_RSA_PSS, SEK_DIGEST_SHA256, 3072},
     "sha256,rsa3072"},
    {TAG_ECDSA, SEK_DIGEST_SHA256, {SEK_SCHEME_ECDSA, SEK_DIGEST_SHA256, 256}, "sha256,ecdsa256"},
    {TAG_ECDSA, SEK_DIGEST_SHA384, {SEK_SCHEME_ECDSA, SEK_DIGEST_SHA384, 384}, "sha384,ecdsa384"},
    {TAG_ED25519,
     SEK_DIGEST_SHA256,
     {SEK_SCHEME_ED25519, SEK_DIGEST_SHA256, 256},
     "sha512,ed25519"},
    {TAG_ED25519,
     SEK_DIGEST_SHA512,
     {SEK_SCHEME_ED25519, SEK_DIGEST_SHA512, 256},
     "sha512,ed25519"},
};

static const struct kind *kind_of(const struct mcuboot *m, uint16_t tag)
{
    for (size_t i = 0; i < SEK_LEN(kinds); i++) {
        if (kinds[i].tag == tag && kinds[i].hash == m->hash_alg)
            return &kinds[i];
    }
    return NULL;
}

static struct sek_signature_claim *new_claim(struct mcuboot *m, const struct signature *signature)
{
    struct sek_signature_claim *claim = sek_signature_add(m->image, "signature", 0);

    if (claim) {
        claim->value = signature->value;
        claim->key.hash = signature->key_hash;
        claim->key.hash_alg = m->hash_alg;
        claim->key.spki = signature->key;
        claim->alg.hash = m->hash_alg;
    }
    return claim;
}

/* ECDSA comes in DER. */
static void set_ecdsa(struct mcuboot *m, struct sek_signature_claim *claim)
{
    uint8_t *raw = sek_image_scratch(m->image, SEK_ECDSA_MAX);

    claim->digest_status = raw ? sek_ecdsa_from_der(claim->value, claim->alg.key_bits, raw)
                               : sek_fault_set(m->fault, SEK_ERR_NO_SPACE, 0, "no memory");
    claim->value = (struct sek_bytes){raw, raw ? claim->alg.key_bits / 4 : 0};
}

/* Over the digest in the tags, which is compared with that of the bytes. */
static void add_signature(struct mcuboot *m, const struct signature *signature)
{
    const struct kind *kind = kind_of(m, signature->tag);
    struct sek_signature_claim *claim = new_claim(m, signature);

    if (!claim || signature->tag == TAG_ECDSA224) /* weak: no scheme */
        return;
    if (!kind) {
        (void)sek_fault_set(m->fault, SEK_ERR_MALFORMED, 0,
                            "a digest that does not go with the signature");
        return;
    }
    claim->alg = kind->alg;
    memcpy(claim->algo, kind->algo, strlen(kind->algo) + 1);
    memcpy(claim->digest, m->hash.data, m->hash.len);
    claim->digest_status = SEK_OK;
    if (kind->alg.scheme == SEK_SCHEME_ECDSA)
        set_ecdsa(m, claim);
}

/* Over all bytes: they are read under every key that may be meant. If there is none, the signature
 * stands there and verifies under no key. */
static enum sek_status add_pure(struct mcuboot *m, const struct signature *signature)
{
    static const char algo[] = "sha512,ed25519";
    const struct sek_key_claim named = {signature->key_hash, m->hash_alg, signature->key};
    bool found = false;

    if (signature->tag != TAG_ED25519)
        return sek_fault_set(m->fault, SEK_ERR_MALFORMED, 0, "a pure signature of another kind");
    for (size_t i = 0; i <= m->image->candidate_count; i++) {
        bool last = i == m->image->candidate_count;
        struct sek_bytes spki = last ? (struct sek_bytes){0} : m->image->candidate[i];
        struct sek_signature_claim *claim;
        enum sek_status status;

        if (last ? found : !sek_key_claim_fits(&named, spki))
            continue;
        claim = new_claim(m, signature);
        if (!claim)
            return m->fault->status;
        claim->alg = (struct sek_sig_alg){SEK_SCHEME_ED25519_LONG, SEK_DIGEST_SHA512, 256};
        memcpy(claim->algo, algo, sizeof algo);
        if (last)
            break;
        found = true;
        status = sek_image_plan_ed25519(m->image, 0, m->signed_len, spki, claim);
        if (status != SEK_OK)
            return status;
    }
    return SEK_OK;
}

static enum sek_status add_signatures(struct mcuboot *m)
{
    enum sek_status status = SEK_OK;

    if (m->signature_count == 0)
        return SEK_OK;
    if (!sek_statement_add(m->image, "image", SEK_STATEMENT_WHOLE))
        return m->fault->status;
    for (size_t i = 0; i < m->signature_count && status == SEK_OK; i++) {
        if (m->pure)
            status = add_pure(m, &m->signature[i]);
        else
            add_signature(m, &m->signature[i]);
        if (status == SEK_OK)
            status = m->fault->status;
    }
    return status;
}

/* Header: sizes that add up inside the medium. */
static enum sek_status read_header(struct mcuboot *m)
{
    const uint8_t *head = m->image->head;
    uint32_t header_len;

    if (m->image->head_len < HEADER_LEN)
        return sek_fault_set(m->fault, SEK_ERR_TRUNCATED, m->image->head_len,
                             "ends inside the header");
    if (sek_get_u32le(head) == MAGIC_OLD)
        return sek_fault_set(m->fault, SEK_ERR_UNSUPPORTED, 0, "an image of the first layout");
    header_len = sek_get_u16le(head + 8);
    if (header_len < HEADER_LEN)
        return sek_fault_set(m->fault, SEK_ERR_MALFORMED, 8, "a header of less than 32 bytes");
    m->payload_end = (uint64_t)header_len + sek_get_u32le(head + 12);
    m->signed_len = m->payload_end + sek_get_u16le(head + 10);
    m->encrypted = sek_get_u32le(head + 16) & (FLAG_AES128 | FLAG_AES256);
    if (m->signed_len > m->image->claims.size)
        return sek_fault_set(m->fault, SEK_ERR_TRUNCATED, 12,
                             "announces more bytes than there are");
    return SEK_OK;
}

static enum sek_status prepare(struct sek_image *image)
{
    struct mcuboot m = {.image = image, .fault = &image->claims.fault};
    uint64_t len = 0;
    enum sek_status status = read_header(&m);

    if (status == SEK_OK && m.signed_len > m.payload_end) {
        status = read_area(&m, m.payload_end, INFO_MAGIC_PROTECTED, &len);
        if (status == SEK_OK && len != m.signed_len - m.payload_end)
            status = sek_fault_set(m.fault, SEK_ERR_MALFORMED, m.payload_end,
                                   "the protected area has another length than the header says");
    }
    if (status == SEK_OK)
        status = read_area(&m, m.signed_len, INFO_MAGIC, &len);
    if (status != SEK_OK)
        return status;
    if (m.key_hash.len > 0 || m.key.len > 0 || m.hash.len == 0 ||
        (m.pure && m.signature_count == 0))
        return sek_fault_set(m.fault, SEK_ERR_MALFORMED, m.signed_len,
                             "no digest, or a key that no signature follows");
    status = sek_pass_plan(&image->pass, m.signed_len, len, SEK_DIGEST_NONE, NULL);
    if (status == SEK_OK)
        status = add_image(&m);
    if (status == SEK_OK && !m.encrypted)
        status = add_signatures(&m);
    return status;
}

const struct sek_format sek_format_mcuboot = {
    .name = "mcuboot", .sized = true, .probe = probe, .prepare = prepare};
