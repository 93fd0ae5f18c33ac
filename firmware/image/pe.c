/* PE programs with Authenticode: UEFI's shim, GRUB, kernels. The digest leaves out the checksum,
 * the directory entry of the certificate table and the table itself. Source: Microsoft, Windows
 * Authenticode Portable Executable Signature Format (2008); PE/COFF specification. */
#include "image/cms.h"
#include "image/pe_version.h"

#include "base/bytes.h"
#include "crypto/der.h"
#include "crypto/x509.h"

#include <string.h>

enum {
    LFANEW_AT = 0x3c,
    LFANEW_MAX = 0x1000,
    COFF_LEN = 24, /* with "PE\0\0" */
    OPTIONAL_MAX = 512,
    CHECKSUM_AT = 64, /* in the optional header */
    HEADERS_AT = 60,
    PE32 = 0x10b,
    PE32_PLUS = 0x20b,
    RESOURCE_ENTRY = 2, /* of the data directories */
    CERTIFICATE_ENTRY = 4,
    SECTIONS_MAX = 96,
    TABLE_MAX = 64 * 1024,
    WIN_CERTIFICATE_LEN = 8,
    SIGNATURES_MAX = 4,
};

struct pe {
    struct sek_image *image;
    struct sek_fault *fault;
    uint64_t checksum_at, entry_at, headers_len, table_at, table_len;
    struct sek_bytes sections; /* their table */
    uint32_t resources_rva;
    struct sek_hole *hole; /* two: the checksum, the directory entry */
    struct sek_image_claim *claim;
};

static bool probe(struct sek_bytes head)
{
    return head.len >= 2 && head.data[0] == 'M' && head.data[1] == 'Z';
}

static enum sek_status malformed(struct pe *pe, uint64_t at, const char *why)
{
    return sek_fault_set(pe->fault, SEK_ERR_MALFORMED, at, why);
}

/* Sections must lie one behind the other from the headers on: what lies between them would not be
 * digested. sections is the table, count entries. */
static enum sek_status check_sections(struct pe *pe, const uint8_t *sections, size_t count)
{
    uint64_t end = pe->headers_len;
    size_t found = 0, used = 0;

    for (size_t i = 0; i < count; i++)
        used += sek_get_u32le(sections + i * PE_SECTION_HEADER + 16) != 0;
    while (found < used) {
        size_t i = 0;

        while (i < count && (sek_get_u32le(sections + i * PE_SECTION_HEADER + 16) == 0 ||
                             sek_get_u32le(sections + i * PE_SECTION_HEADER + 20) != end))
            i++;
        if (i == count)
            return malformed(pe, end, "sections overlap, or bytes between them belong to none");
        end += sek_get_u32le(sections + i * PE_SECTION_HEADER + 16);
        found++;
    }
    if (end > pe->image->claims.size || (pe->table_len > 0 && end > pe->table_at))
        return malformed(pe, end, "sections reach into the signatures or behind the end");
    return SEK_OK;
}

/* The certificate table is the last thing in the file. */
static enum sek_status take_table(struct pe *pe, const uint8_t *entry)
{
    pe->table_at = sek_get_u32le(entry);
    pe->table_len = sek_get_u32le(entry + 4);
    if (pe->table_at == 0 && pe->table_len == 0)
        return SEK_OK;
    if (pe->table_len == 0 || pe->table_len > TABLE_MAX || pe->table_at % 8 != 0 ||
        pe->table_at + pe->table_len != pe->image->claims.size)
        return malformed(pe, pe->entry_at, "the table of signatures is not where it has to be");
    return SEK_OK;
}

/* Headers: NOT_THIS_FORMAT if the file begins with MZ and is no PE. */
static enum sek_status read_headers(struct pe *pe)
{
    struct sek_image *image = pe->image;
    uint64_t at, optional_at;
    uint32_t sections, optional_len, directories_at;
    const uint8_t *bytes;
    uint16_t magic;

    if (image->head_len < SEK_HEAD_LEN)
        return SEK_ERR_NOT_THIS_FORMAT;
    at = sek_get_u32le(image->head + LFANEW_AT);
    if (at < SEK_HEAD_LEN || at > LFANEW_MAX || at + COFF_LEN > image->claims.size)
        return SEK_ERR_NOT_THIS_FORMAT;
    if (sek_image_read(image, at, COFF_LEN, &bytes) != SEK_OK)
        return pe->fault->status;
    if (memcmp(bytes, "PE\0\0", 4) != 0)
        return SEK_ERR_NOT_THIS_FORMAT;
    sections = sek_get_u16le(bytes + 6);
    optional_len = sek_get_u16le(bytes + 20);
    optional_at = at + COFF_LEN;
    if (sections == 0 || sections > SECTIONS_MAX || optional_len < CHECKSUM_AT + 4 ||
        optional_len > OPTIONAL_MAX)
        return malformed(pe, at, "a header of a size that cannot be");
    if (sek_image_read(image, optional_at, optional_len + sections * PE_SECTION_HEADER, &bytes) !=
        SEK_OK)
        return pe->fault->status;
    magic = sek_get_u16le(bytes);
    directories_at = magic == PE32_PLUS ? 112 : 96;
    if ((magic != PE32 && magic != PE32_PLUS) ||
        optional_len < directories_at + 8 * (CERTIFICATE_ENTRY + 1) ||
        sek_get_u32le(bytes + directories_at - 4) <= CERTIFICATE_ENTRY)
        return malformed(pe, optional_at, "no place for a table of signatures");
    pe->checksum_at = optional_at + CHECKSUM_AT;
    pe->entry_at = optional_at + directories_at + 8 * CERTIFICATE_ENTRY;
    pe->headers_len = sek_get_u32le(bytes + HEADERS_AT);
    if (pe->headers_len < optional_at + optional_len + sections * PE_SECTION_HEADER)
        return malformed(pe, optional_at + HEADERS_AT, "the headers are longer than they say");
    if (take_table(pe, bytes + directories_at + 8 * CERTIFICATE_ENTRY) != SEK_OK)
        return pe->fault->status;
    pe->resources_rva = sek_get_u32le(bytes + directories_at + 8 * RESOURCE_ENTRY);
    pe->sections = (struct sek_bytes){bytes + optional_len, (size_t)sections * PE_SECTION_HEADER};
    return check_sections(pe, bytes + optional_len, sections);
}

/* ---- Signatures ---- */

/* SpcIndirectDataContent: what the program is for, and its digest. */
static enum sek_status take_digest(struct pe *pe, struct sek_bytes content, uint64_t at,
                                   struct sek_extent *extent[SEK_DIGEST_COUNT])
{
    struct sek_fault fault = {0};
    struct sek_reader in = sek_reader_make(content, &fault), info;
    struct sek_hash_claim *hash = &pe->claim->hash[pe->claim->hash_count];
    struct sek_image_claims *claims = &pe->image->claims;
    enum sek_status status;

    (void)sek_der_take(&in, SEK_DER_SEQUENCE);
    info = sek_der_take(&in, SEK_DER_SEQUENCE);
    sek_der_end(&in);
    hash->alg = sek_x509_digest(sek_der_whole(&info, SEK_DER_SEQUENCE));
    hash->expected = sek_der_contents(&info, SEK_DER_OCTET_STRING);
    sek_der_end(&info);
    if (fault.status != SEK_OK)
        return malformed(pe, at, "a signature without the digest of a program");
    pe->claim->hash_count++;
    if (hash->alg == SEK_DIGEST_NONE) {
        /* Weak: nobody compares it, so a signature over it must not stand for a digest that another
         * signature says. */
        claims->signature[claims->signature_count - 1].alg.scheme = SEK_SCHEME_NONE;
        return SEK_OK;
    }
    if (!extent[hash->alg]) {
        uint64_t end = pe->table_len > 0 ? pe->table_at : pe->image->claims.size;

        status = sek_pass_plan(&pe->image->pass, 0, end, hash->alg, &extent[hash->alg]);
        if (status != SEK_OK)
            return status;
        extent[hash->alg]->hole = pe->hole;
        extent[hash->alg]->hole_count = 2;
    }
    hash->measured = extent[hash->alg];
    return SEK_OK;
}

/* One PKCS#7 in its WIN_CERTIFICATE: what fills it up behind the DER is zeros. */
static enum sek_status add_signature(struct pe *pe, struct sek_bytes room, uint64_t at,
                                     struct sek_extent *extent[SEK_DIGEST_COUNT])
{
    struct sek_fault fault = {0};
    struct sek_reader in = sek_reader_make(room, &fault);
    struct sek_bytes der = sek_der_whole(&in, SEK_DER_SEQUENCE);
    struct sek_cms cms;

    if (!der.data)
        return malformed(pe, at, "no signature in its place");
    for (size_t i = der.len; i < room.len; i++) {
        if (room.data[i] != 0)
            return malformed(pe, at + i, "bytes are hidden behind a signature");
    }
    if (sek_cms_add(pe->image, der, at, SEK_CMS_AUTHENTICODE, 0, &cms) != SEK_OK ||
        sek_cms_bind(pe->image, &cms, cms.content) != SEK_OK)
        return pe->fault->status;
    return take_digest(pe, cms.content, at, extent);
}

static enum sek_status add_signatures(struct pe *pe)
{
    struct sek_extent *extent[SEK_DIGEST_COUNT] = {0};
    const uint8_t *table;
    size_t at = 0, len = (size_t)pe->table_len, count = 0;

    if (sek_image_read(pe->image, pe->table_at, len, &table) != SEK_OK ||
        !sek_statement_add(pe->image, "program", SEK_STATEMENT_WHOLE))
        return pe->fault->status;
    pe->claim->covered_by = 1;
    while (at < len) {
        uint64_t offset = pe->table_at + at;
        uint32_t entry = len - at < WIN_CERTIFICATE_LEN ? 0 : sek_get_u32le(table + at);
        size_t padded = ((size_t)entry + 7) & ~(size_t)7;
        enum sek_status status;

        if (entry <= WIN_CERTIFICATE_LEN || padded > len - at || count++ == SIGNATURES_MAX ||
            sek_get_u16le(table + at + 4) != 0x0200 || sek_get_u16le(table + at + 6) != 0x0002)
            return malformed(pe, offset, "an entry of the table that is no signature");
        status = add_signature(
            pe, (struct sek_bytes){table + at + WIN_CERTIFICATE_LEN, padded - WIN_CERTIFICATE_LEN},
            offset + WIN_CERTIFICATE_LEN, extent);
        if (status != SEK_OK)
            return status;
        at += padded;
    }
    return sek_pass_plan(&pe->image->pass, pe->table_at, pe->table_len, SEK_DIGEST_NONE, NULL);
}

static enum sek_status prepare(struct sek_image *image)
{
    struct pe pe = {.image = image, .fault = &image->claims.fault};
    enum sek_status status = read_headers(&pe);
    uint64_t end;

    if (status != SEK_OK)
        return status;
    pe.hole = sek_image_scratch(image, 2 * sizeof *pe.hole);
    end = pe.table_len > 0 ? pe.table_at : image->claims.size;
    pe.claim = sek_image_add(image, "program", 0, end);
    if (!pe.hole || !pe.claim)
        return sek_fault_set(pe.fault, SEK_ERR_NO_SPACE, 0, "no memory for a program");
    pe.hole[0] = (struct sek_hole){pe.checksum_at, 4, false};
    pe.hole[1] = (struct sek_hole){pe.entry_at, 8, false};
    pe.claim->class_hint = SEK_CLASS_BOOT;
    if (pe_version_say(image, pe.sections, pe.resources_rva) != SEK_OK)
        return pe.fault->status;
    if (pe.table_len > 0)
        return add_signatures(&pe);
    return sek_pass_plan(&image->pass, 0, end, SEK_DIGEST_SHA256, &pe.claim->extra);
}

const struct sek_format sek_format_pe = {.name = "pe", .probe = probe, .prepare = prepare};
