#include "image/tar.h"

#include <string.h>

/* Where the fields of a header are: POSIX.1-1988, 10.1.1. */
enum {
    NAME_LEN = 100,
    SIZE_AT = 124,
    NUMBER_LEN = 12,
    SUM_AT = 148,
    SUM_LEN = 8,
    TYPE_AT = 156,
    MAGIC_AT = 257,
    PREFIX_AT = 345,
    TYPE_FOLDER = '5',
};

/* Octal digits up to a NUL or a space. False: something else, or none. */
static bool octal(const uint8_t *field, size_t len, uint64_t *out)
{
    size_t at = 0;

    *out = 0;
    while (at < len && field[at] == ' ')
        at++;
    if (at == len || field[at] < '0' || field[at] > '7')
        return false;
    for (; at < len && field[at] >= '0' && field[at] <= '7'; at++)
        *out = *out << 3 | (uint64_t)(field[at] - '0'); /* 12 digits: 36 bits */
    return at == len || field[at] == 0 || field[at] == ' ';
}

/* The sum of all bytes, its own taken for spaces. */
static bool sum_fits(const uint8_t *header)
{
    uint64_t told, sum = 0;

    for (size_t i = 0; i < TAR_BLOCK; i++)
        sum += i >= SUM_AT && i < SUM_AT + SUM_LEN ? ' ' : header[i];
    /* Six digits, NUL, space: what the sum itself does not cover has one form. */
    return octal(header + SUM_AT, SUM_LEN - 1, &told) && told == sum &&
           header[SUM_AT + SUM_LEN - 2] == 0 && header[SUM_AT + SUM_LEN - 1] == ' ';
}

static bool is_blank(const uint8_t *header)
{
    for (size_t i = 0; i < TAR_BLOCK; i++) {
        if (header[i] != 0)
            return false;
    }
    return true;
}

enum sek_status tar_header_read(const uint8_t *block, struct tar_header *out)
{
    size_t start = block[0] == '.' && block[1] == '/' ? 2 : 0, len = 0;

    if (is_blank(block)) {
        *out = (struct tar_header){.blank = true};
        return SEK_OK;
    }
    if (memcmp(block + MAGIC_AT, "ustar", 5) != 0 || !sum_fits(block) ||
        !octal(block + SIZE_AT, NUMBER_LEN, &out->size))
        return SEK_ERR_MALFORMED;
    while (start + len < NAME_LEN && block[start + len] != 0)
        len++;
    out->blank = false;
    out->name = (struct sek_bytes){block + start, len};
    out->type = block[TYPE_AT];
    return SEK_OK;
}

/* A name that ends in NUL and is fit for an image's name; NULL: it is not. */
static const char *name_of(const struct tar_header *header)
{
    char checked[SEK_NAME_MAX + 1];

    return header->name.data[header->name.len] == 0 && sek_image_name(header->name, checked)
               ? (const char *)header->name.data
               : NULL;
}

uint64_t tar_end(const struct tar_member *member)
{
    return member->offset + (member->size + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
}

bool tar_begins(struct sek_image *image)
{
    const uint8_t *header;

    return image->claims.size >= TAR_BLOCK &&
           sek_image_read(image, 0, TAR_BLOCK, &header) == SEK_OK &&
           memcmp(header + MAGIC_AT, "ustar", 5) == 0;
}

enum sek_status tar_next(struct sek_image *image, uint64_t offset, struct tar_member *out)
{
    struct sek_fault *fault = &image->claims.fault;
    struct tar_member member = {.offset = offset + TAR_BLOCK};
    struct tar_header header;
    const uint8_t *block;

    if (sek_image_read(image, offset, TAR_BLOCK, &block) != SEK_OK)
        return fault->status;
    if (tar_header_read(block, &header) != SEK_OK || (!header.blank && block[PREFIX_AT] != 0))
        return sek_fault_set(fault, SEK_ERR_MALFORMED, offset, "no header of a tar file");
    if (header.blank) {
        *out = (struct tar_member){.last = true, .offset = offset + TAR_BLOCK};
        return SEK_OK;
    }
    member.size = header.size;
    member.folder =
        header.type == TYPE_FOLDER && member.size == 0 && memcmp(block, "./", sizeof "./") == 0;
    if (member.folder) {
        *out = member;
        return SEK_OK;
    }
    if (header.type != '0' && header.type != 0)
        return sek_fault_set(fault, SEK_ERR_UNSUPPORTED, offset + TYPE_AT,
                             "something else than a plain file");
    member.name = name_of(&header);
    if (!member.name)
        return sek_fault_set(fault, SEK_ERR_MALFORMED, offset,
                             "a name that is empty, too long or has odd characters");
    if (member.size > image->claims.size - member.offset)
        return sek_fault_set(fault, SEK_ERR_TRUNCATED, offset + SIZE_AT,
                             "a file is longer than the archive");
    *out = member;
    return SEK_OK;
}
