/* Boot images of ASPEED controllers with their secure-boot header: AST2600 SPL, AST1030. The header
 * has no magic and does not say how it is signed (the chip's fuses do): the format has to be named,
 * and every way of signing that the boot ROM knows is tried. Source: ASPEED's socsec. */
#include "image/image.h"

#include "base/bytes.h"

#include <string.h>

enum {
    HEADER_LEN = 32,
    AST2600_HEADER = 0x20,
    AST1030_HEADER = 0x400,
    BLOCK = 512, /* the signed length is a multiple of it; the signature has as much room */
    SIGNED_MAX = 64 * 1024 - BLOCK,
    ECDSA_LEN = 96,
};

struct spl {
    struct sek_image *image;
    struct sek_fault *fault;
    uint32_t signed_len;
    bool encrypted;
    struct sek_bytes signature; /* without the zeros behind it */
    const uint8_t *reversed;    /* the same, last byte first */
};

/* The words of the header: encrypted data at, encryption from, signed length, signature at,
 * revision (two), patch, checksum. */
static enum sek_status read_header(struct spl *spl, uint64_t at, uint64_t *signature_at)
{
    const uint8_t *header;
    uint32_t word[HEADER_LEN / 4], sum = 0;

    if (sek_image_read(spl->image, at, HEADER_LEN, &header) != SEK_OK)
        return spl->fault->status;
    for (size_t i = 0; i < SEK_LEN(word); i++) {
        word[i] = sek_get_u32le(header + 4 * i);
        sum += word[i];
    }
    if (sum != 0)
        return sek_fault_set(spl->fault, SEK_ERR_MALFORMED, at, "header checksum is wrong");
    spl->encrypted = word[0] != 0 || word[1] != 0;
    spl->signed_len = word[2];
    *signature_at = word[3];
    if (word[2] % BLOCK != 0 || word[2] < at + HEADER_LEN || word[2] > SIGNED_MAX)
        return sek_fault_set(
            spl->fault, SEK_ERR_MALFORMED, at + 8,
            "the signed length cannot be: not whole blocks, too short or too long");
    if (word[3] < word[2])
        return sek_fault_set(spl->fault, SEK_ERR_MALFORMED, at + 12,
                             "the signature lies inside what it signs");
    return SEK_OK;
}

/* How long the signature is shows in the zeros that fill its room: 96, 256, 384 or 512 bytes. */
static enum sek_status read_signature(struct spl *spl, uint64_t at)
{
    uint64_t size = spl->image->claims.size, room = at < size ? size - at : 0;
    size_t len = room < BLOCK ? (size_t)room : BLOCK, whole = ECDSA_LEN;
    const uint8_t *bytes;
    uint8_t *turned = sek_image_scratch(spl->image, BLOCK);

    if (!turned)
        return sek_fault_set(spl->fault, SEK_ERR_NO_SPACE, at, "no memory for a signature");
    if (sek_image_read(spl->image, at, len, &bytes) != SEK_OK)
        return spl->fault->status;
    while (len > 0 && bytes[len - 1] == 0)
        len--;
    while (whole < len)
        whole = whole == ECDSA_LEN ? 256 : whole + 128;
    if (whole > room)
        return sek_fault_set(spl->fault, SEK_ERR_TRUNCATED, at, "ends inside the signature");
    for (size_t i = 0; i < whole; i++)
        turned[i] = bytes[whole - 1 - i];
    spl->signature = (struct sek_bytes){bytes, len > 0 ? whole : 0};
    spl->reversed = turned;
    return SEK_OK;
}

static const struct way {
    enum sek_scheme scheme;
    enum sek_digest_alg hash;
    uint16_t bits;
    bool reversed; /* the ROM takes numbers last byte first */
    const char *algo;
} ways[] = {
    {SEK_SCHEME_ECDSA, SEK_DIGEST_SHA384, 384, false, "sha384,ecdsa384"},
    {SEK_SCHEME_RSA_PKCS1_BARE, SEK_DIGEST_SHA256, 2048, true, "sha256,rsa2048"},
    {SEK_SCHEME_RSA_PKCS1_BARE, SEK_DIGEST_SHA256, 2048, false, "sha256,rsa2048"},
    {SEK_SCHEME_RSA_PSS_20, SEK_DIGEST_SHA256, 2048, false, "sha256,rsa2048"},
    {SEK_SCHEME_RSA_PKCS1_BARE, SEK_DIGEST_SHA384, 3072, true, "sha384,rsa3072"},
    {SEK_SCHEME_RSA_PKCS1_BARE, SEK_DIGEST_SHA384, 3072, false, "sha384,rsa3072"},
    {SEK_SCHEME_RSA_PSS_20, SEK_DIGEST_SHA384, 3072, false, "sha384,rsa3072"},
    {SEK_SCHEME_RSA_PKCS1_BARE, SEK_DIGEST_SHA256, 4096, true, "sha256,rsa4096"},
    {SEK_SCHEME_RSA_PKCS1_BARE, SEK_DIGEST_SHA256, 4096, false, "sha256,rsa4096"},
    {SEK_SCHEME_RSA_PKCS1_BARE, SEK_DIGEST_SHA512, 4096, true, "sha512,rsa4096"},
    {SEK_SCHEME_RSA_PKCS1_BARE, SEK_DIGEST_SHA512, 4096, false, "sha512,rsa4096"},
    {SEK_SCHEME_RSA_PSS_20, SEK_DIGEST_SHA512, 4096, false, "sha512,rsa4096"},
};

static size_t way_len(const struct way *way)
{
    return way->scheme == SEK_SCHEME_ECDSA ? ECDSA_LEN : way->bits / 8;
}

static enum sek_status add_signatures(struct spl *spl)
{
    struct sek_extent *extent[SEK_DIGEST_COUNT] = {0};
    enum sek_status status;

    for (size_t i = 0; i < SEK_LEN(ways); i++) {
        const struct way *way = &ways[i];
        struct sek_signature_claim *claim;

        if (way_len(way) != spl->signature.len)
            continue;
        if (!extent[way->hash]) {
            status =
                sek_pass_plan(&spl->image->pass, 0, spl->signed_len, way->hash, &extent[way->hash]);
            if (status != SEK_OK)
                return status;
        }
        claim = sek_signature_add(spl->image, "signature", 0);
        if (!claim)
            return spl->fault->status;
        claim->alg = (struct sek_sig_alg){way->scheme, way->hash, way->bits};
        claim->measured = extent[way->hash];
        claim->reversed = way->reversed;
        claim->value = spl->signature;
        if (way->reversed)
            claim->value.data = spl->reversed;
        memcpy(claim->algo, way->algo, strlen(way->algo) + 1);
    }
    return SEK_OK;
}

static enum sek_status prepare(struct sek_image *image, uint64_t at)
{
    struct spl spl = {.image = image, .fault = &image->claims.fault};
    struct sek_image_claim *claim;
    uint64_t signature_at = 0;
    enum sek_status status = read_header(&spl, at, &signature_at);

    if (status == SEK_OK && spl.signed_len > image->claims.size)
        status = sek_fault_set(spl.fault, SEK_ERR_TRUNCATED, at + 8,
                               "announces more bytes than there are");
    if (status == SEK_OK)
        status = read_signature(&spl, signature_at);
    if (status != SEK_OK)
        return status;
    claim = sek_image_add(image, "spl", 0, spl.signed_len);
    if (!claim || !sek_statement_add(image, "spl", SEK_STATEMENT_WHOLE))
        return spl.fault->status;
    claim->class_hint = SEK_CLASS_BOOT;
    claim->covered_by = claim->direct_by = 1;
    if (spl.encrypted)
        (void)sek_fault_set(&claim->fault, SEK_ERR_UNSUPPORTED, at, "encrypted");
    status = sek_pass_plan(&image->pass, 0, spl.signed_len, SEK_DIGEST_SHA256, &claim->extra);
    if (status == SEK_OK)
        status =
            sek_pass_plan(&image->pass, signature_at, spl.signature.len, SEK_DIGEST_NONE, NULL);
    return status == SEK_OK && !spl.encrypted ? add_signatures(&spl) : status;
}

static enum sek_status prepare_ast2600(struct sek_image *image)
{
    return prepare(image, AST2600_HEADER);
}

static enum sek_status prepare_ast1030(struct sek_image *image)
{
    return prepare(image, AST1030_HEADER);
}

const struct sek_format sek_format_spl_ast2600 = {.name = "spl-ast2600",
                                                  .prepare = prepare_ast2600};
const struct sek_format sek_format_spl_ast1030 = {.name = "spl-ast1030",
                                                  .prepare = prepare_ast1030};
