/* Arista's SWI and SWIX: a zip with a member that holds a signature over the whole file, in which
 * this member reads as zeros. Source: Arista's swi-tools; zip by APPNOTE.TXT 6.3. */
#include "image/image.h"

#include "base/base64.h"
#include "base/bytes.h"
#include "base/crc.h"
#include "crypto/x509.h"

#include <string.h>

enum {
    END_LEN = 22, /* of the end record, without a comment */
    END_MAGIC = 0x06054b50,
    ENTRY_LEN = 46,
    ENTRY_MAGIC = 0x02014b50,
    LOCAL_LEN = 30,
    LOCAL_MAGIC = 0x04034b50,
    DIRECTORY_MAX = 32 * 1024,
    SIGNATURE_FILE_MAX = 16 * 1024,
    STREAMED = 0x08, /* flag: sizes stand behind the data */
    CRC_PADDING = 4,
};

struct swi {
    struct sek_image *image;
    struct sek_fault *fault;
    uint64_t offset; /* of the local header of the member, then of its data; 0: there is none */
    uint32_t len, crc;
    bool found;
    struct sek_bytes name;
    struct sek_hole *hole;
    struct sek_bytes *certificate; /* one */
    struct sek_bytes signature;
    bool by_sha256;
};

static bool probe(struct sek_bytes head)
{
    return head.len >= 4 && sek_get_u32le(head.data) == LOCAL_MAGIC;
}

static enum sek_status malformed(struct swi *s, uint64_t at, const char *why)
{
    return sek_fault_set(s->fault, SEK_ERR_MALFORMED, at, why);
}

static bool is(struct sek_bytes a, const char *word)
{
    return a.len == strlen(word) && memcmp(a.data, word, a.len) == 0;
}

/* One entry of the directory: remembered if it is the member, which may be there once. */
static void take_entry(struct swi *s, struct sek_reader *directory, bool *version)
{
    struct sek_bytes fixed = sek_reader_bytes(directory, ENTRY_LEN), name;
    const uint8_t *f = fixed.data;

    if (!f || sek_get_u32le(f) != ENTRY_MAGIC) {
        sek_reader_fail(directory, SEK_ERR_MALFORMED, "no entry of a zip's directory");
        return;
    }
    name = sek_reader_bytes(directory, sek_get_u16le(f + 28));
    (void)sek_reader_bytes(directory, sek_get_u16le(f + 30));
    (void)sek_reader_bytes(directory, sek_get_u16le(f + 32));
    if (!name.data)
        return;
    *version = *version || is(name, "version");
    if (!is(name, "swi-signature") && !is(name, "swix-signature"))
        return;
    if (s->found || sek_get_u16le(f + 10) != 0 || (sek_get_u16le(f + 8) & STREAMED) ||
        sek_get_u32le(f + 20) != sek_get_u32le(f + 24))
        sek_reader_fail(directory, SEK_ERR_MALFORMED, "two signatures, or one that is compressed");
    s->found = true;
    s->crc = sek_get_u32le(f + 16);
    s->len = sek_get_u32le(f + 20);
    s->offset = sek_get_u32le(f + 42);
    s->name = name;
}

/* The directory at the end. NOT_THIS_FORMAT: a zip without a member "version". */
static enum sek_status read_directory(struct swi *s)
{
    uint64_t size = s->image->claims.size, at;
    struct sek_fault fault = {0};
    struct sek_reader directory;
    const uint8_t *bytes;
    bool version = false;
    uint32_t len;

    if (size < END_LEN)
        return sek_fault_set(s->fault, SEK_ERR_TRUNCATED, size, "ends inside the zip");
    if (sek_image_read(s->image, size - END_LEN, END_LEN, &bytes) != SEK_OK)
        return s->fault->status;
    len = sek_get_u32le(bytes + 12);
    at = sek_get_u32le(bytes + 16);
    if (sek_get_u32le(bytes) != END_MAGIC || sek_get_u16le(bytes + 20) != 0)
        return malformed(s, size - END_LEN, "a zip without an end, or with something behind it");
    if (at + len != size - END_LEN || len > DIRECTORY_MAX)
        return malformed(s, size - END_LEN + 12, "a directory that is not where it has to be");
    if (sek_image_read(s->image, at, len, &bytes) != SEK_OK)
        return s->fault->status;
    directory = sek_reader_make((struct sek_bytes){bytes, len}, &fault);
    while (sek_reader_left(&directory) > 0)
        take_entry(s, &directory, &version);
    if (fault.status != SEK_OK)
        return malformed(s, at + fault.offset, fault.why);
    return version || s->found ? SEK_OK : SEK_ERR_NOT_THIS_FORMAT;
}

/* The member's own header must say what the directory says. Moves offset to the data. */
static enum sek_status read_local(struct swi *s, const uint8_t **content)
{
    const uint8_t *f, *name;
    uint16_t name_len;

    if (sek_image_read(s->image, s->offset, LOCAL_LEN, &f) != SEK_OK)
        return s->fault->status;
    name_len = sek_get_u16le(f + 26);
    if (sek_get_u32le(f) != LOCAL_MAGIC || (sek_get_u16le(f + 6) & STREAMED) ||
        sek_get_u16le(f + 8) != 0 || sek_get_u32le(f + 14) != s->crc ||
        sek_get_u32le(f + 18) != s->len || sek_get_u32le(f + 22) != s->len ||
        name_len != s->name.len || s->len > SIGNATURE_FILE_MAX)
        return malformed(s, s->offset, "the signature's header is not what the directory says");
    if (sek_image_read(s->image, s->offset + LOCAL_LEN, name_len, &name) != SEK_OK)
        return s->fault->status;
    if (memcmp(name, s->name.data, name_len) != 0)
        return malformed(s, s->offset + LOCAL_LEN, "the signature has two names");
    s->offset += LOCAL_LEN + (uint64_t)name_len + sek_get_u16le(f + 28);
    if (sek_image_read(s->image, s->offset, s->len, content) != SEK_OK)
        return s->fault->status;
    return sek_crc32(0, *content, s->len) == s->crc
               ? SEK_OK
               : malformed(s, s->offset, "the signature's checksum is wrong");
}

/* Base64 of something into memory of its own. */
static struct sek_bytes decode(struct swi *s, struct sek_bytes text)
{
    uint8_t *out = sek_image_scratch(s->image, text.len);
    size_t len = 0;

    if (!out)
        (void)sek_fault_set(s->fault, SEK_ERR_NO_SPACE, s->offset, "no memory for a signature");
    else if (sek_base64_decode(text, out, &len) != SEK_OK || len == 0)
        (void)malformed(s, s->offset, "a field of the signature is no Base64");
    return (struct sek_bytes){out, len};
}

/* The certificate is Base64 of PEM, and the PEM may lack its last LF. */
static void take_certificate(struct swi *s, struct sek_bytes value)
{
    struct sek_bytes pem = decode(s, value);
    uint8_t *der = sek_image_scratch(s->image, pem.len);
    size_t len = 0;

    if (s->fault->status != SEK_OK)
        return;
    if (!der || sek_pem_decode(pem, "CERTIFICATE", der, &len) != SEK_OK) {
        (void)malformed(s, s->offset, "no certificate in the signature");
        return;
    }
    *s->certificate = (struct sek_bytes){der, len};
}

static bool all_stars(struct sek_bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] != '*')
            return false;
    }
    return true;
}

/* "Key:value", each key once, in this order; the last holds 4 bytes that make the checksum right.
 */
static enum sek_status read_fields(struct swi *s, struct sek_bytes text)
{
    static const char *const keys[] = {
        "HashAlgorithm:", "IssuerCert:", "Signature:", "Version:", "Padding:", "CRCPadding:"};
    size_t at = 0;

    for (size_t i = 0; i < SEK_LEN(keys) && s->fault->status == SEK_OK; i++) {
        bool last = i == SEK_LEN(keys) - 1;
        size_t key_len = strlen(keys[i]);
        const uint8_t *start = text.data + at, *end;
        struct sek_bytes value;

        if (!text.data || text.len - at < key_len || memcmp(start, keys[i], key_len) != 0)
            return malformed(s, s->offset + at, "a field of the signature is not there");
        end = last ? text.data + text.len : memchr(start, '\n', text.len - at);
        if (!end)
            return malformed(s, s->offset + at, "a field of the signature has no end");
        value = (struct sek_bytes){start + key_len, (size_t)(end - start) - key_len};
        at += key_len + value.len + 1;
        if (i == 0)
            s->by_sha256 = is(value, "SHA-256");
        else if (i == 1)
            take_certificate(s, value);
        else if (i == 2)
            s->signature = decode(s, value);
        else if (i == 3 ? !is(value, "1") : i == 4 ? !all_stars(value) : value.len != CRC_PADDING)
            return malformed(s, s->offset + at, "a version or padding that cannot be");
    }
    return s->fault->status;
}

static void fill_claim(struct swi *s, struct sek_signature_claim *claim)
{
    static const char *const rsa[] = {"sha256,rsa2048", "sha256,rsa3072", "sha256,rsa4096"};
    static const char ecdsa[] = "sha256,ecdsa256";
    struct sek_sig_alg kind;
    struct sek_x509 crt;
    uint8_t *raw;

    claim->chain = s->certificate;
    claim->chain_count = 1;
    claim->value = s->signature;
    if (!s->by_sha256 || sek_x509_parse(*s->certificate, &crt) != SEK_OK ||
        sek_key_kind(crt.spki, &kind) != SEK_OK)
        return; /* no scheme that we take */
    claim->alg = (struct sek_sig_alg){kind.scheme, SEK_DIGEST_SHA256, kind.key_bits};
    if (kind.scheme == SEK_SCHEME_RSA_PKCS1 && kind.key_bits % 1024 == 0) {
        memcpy(claim->algo, rsa[kind.key_bits / 1024 - 2], sizeof "sha256,rsa2048");
    } else if (kind.scheme == SEK_SCHEME_ECDSA && kind.key_bits == 256) {
        memcpy(claim->algo, ecdsa, sizeof ecdsa);
        raw = sek_image_scratch(s->image, SEK_ECDSA_MAX);
        claim->value = (struct sek_bytes){raw, 64};
        if (!raw)
            (void)sek_fault_set(s->fault, SEK_ERR_NO_SPACE, 0, "no memory for a signature");
        else if (sek_ecdsa_from_der(s->signature, 256, raw) != SEK_OK)
            claim->value.len = 0; /* verifies under no key */
    } else {
        claim->alg.scheme = SEK_SCHEME_NONE;
    }
}

static enum sek_status add_signature(struct swi *s, struct sek_image_claim *image)
{
    struct sek_signature_claim *claim;
    enum sek_status status;

    if (!sek_statement_add(s->image, "swi", SEK_STATEMENT_WHOLE))
        return s->fault->status;
    claim = sek_signature_add(s->image, "swi-signature", 0);
    if (!claim)
        return s->fault->status;
    fill_claim(s, claim);
    image->covered_by = image->direct_by = 1;
    status = sek_pass_plan(&s->image->pass, 0, s->image->claims.size, SEK_DIGEST_SHA256,
                           &claim->measured);
    if (status != SEK_OK)
        return status;
    *s->hole = (struct sek_hole){s->offset, s->len, true};
    claim->measured->hole = s->hole;
    claim->measured->hole_count = 1;
    return s->fault->status;
}

static enum sek_status prepare(struct sek_image *image)
{
    struct swi s = {.image = image, .fault = &image->claims.fault};
    struct sek_image_claim *claim;
    const uint8_t *content = NULL;
    enum sek_status status = read_directory(&s);

    if (status != SEK_OK)
        return status;
    s.hole = sek_image_scratch(image, sizeof *s.hole);
    s.certificate = sek_image_scratch(image, sizeof *s.certificate);
    claim = sek_image_add(image, "swi", 0, image->claims.size);
    if (!s.hole || !s.certificate || !claim)
        return sek_fault_set(s.fault, SEK_ERR_NO_SPACE, 0, "no memory for a signature");
    claim->class_hint = SEK_CLASS_ROOTFS;
    status = sek_pass_plan(&image->pass, 0, image->claims.size, SEK_DIGEST_SHA256, &claim->extra);
    if (status != SEK_OK || !s.found) {
        claim->checksum_only = true; /* a CRC of each member */
        return status;
    }
    status = read_local(&s, &content);
    if (status == SEK_OK)
        status = read_fields(&s, (struct sek_bytes){content, s.len});
    return status == SEK_OK ? add_signature(&s, claim) : status;
}

const struct sek_format sek_format_swi = {.name = "swi", .probe = probe, .prepare = prepare};
