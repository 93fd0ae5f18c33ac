#include "boards/bench/inspect/contents.h"

#include "image/cpio.h"
#include "image/tar.h"

#include <stdio.h>
#include <string.h>

enum {
    ERASE_BLOCK = 4096, /* the smallest of NOR flash: where images begin */
    NAME_MAX_ = 40,     /* so that "FILE/IMAGE" fits into a row's name */
    CPIO_KIND = 0170000,
    CPIO_PLAIN = 0100000,
    CPIO_NAME_MAX = 4096, /* PATH_MAX of Linux */
};

struct contents contents_whole(struct sek_source *source)
{
    return (struct contents){.source = source, .kind = CONTENTS_WHOLE};
}

/* ---- Dumps ---- */

/* The format that tells its own length and whose first bytes stand at an offset, or NULL. */
static const char *format_at(struct sek_source *source, uint64_t offset)
{
    uint8_t head[SEK_HEAD_LEN];
    uint64_t left = source->size - offset;
    size_t len = left < sizeof head ? (size_t)left : sizeof head;

    if (sek_source_read(source, offset, head, len) != SEK_OK)
        return NULL; /* whoever measures these bytes will say so */
    for (const struct sek_format *const *at = sek_formats; *at; at++) {
        if ((*at)->sized && (*at)->probe((struct sek_bytes){head, len}))
            return (*at)->name;
    }
    return NULL;
}

/* The next image at or behind an offset: there, or where an erase block begins. The file's size:
 * there is none. */
static uint64_t find_image(struct sek_source *source, uint64_t offset, const char **format)
{
    for (uint64_t at = offset; at < source->size; at = (at / ERASE_BLOCK + 1) * ERASE_BLOCK) {
        *format = format_at(source, at);
        if (*format)
            return at;
    }
    return source->size;
}

static void next_of_dump(struct contents *contents, struct content *out)
{
    const char *format = NULL;
    uint64_t at = contents->at, image = find_image(contents->source, at, &format);

    out->between = image > at;
    out->offset = at;
    out->size = out->between ? image - at : contents->source->size - at;
    out->format = out->between ? NULL : format;
    out->open_end = !out->between;
    if (out->between)
        (void)snprintf(out->name, sizeof out->name, "0x%08llx..0x%08llx", (unsigned long long)at,
                       (unsigned long long)(image - 1));
    else
        (void)snprintf(out->name, sizeof out->name, "0x%08llx", (unsigned long long)at);
    contents->at = at + out->size;
}

void contents_end(struct contents *contents, const struct content *content, uint64_t len)
{
    contents->at = content->offset + len;
}

/* ---- Archives ---- */

/* A path in the alphabet of components' names: what else is in it becomes '_', of a long one the
 * end is kept. */
static void put_path(struct sek_bytes path, char out[SEK_NAME_MAX + 1])
{
    static const char also[] = ",._+-/";
    size_t from = path.len > NAME_MAX_ ? path.len - NAME_MAX_ : 0, len = 0;

    for (size_t i = from; i < path.len; i++) {
        char c = (char)path.data[i];
        bool fits = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                    (c != '\0' && strchr(also, c));

        if (len > 0 || c != '/')
            out[len++] = fits ? c : '_';
    }
    out[len] = '\0';
    if (len == 0)
        memcpy(out, "file", sizeof "file");
}

/* Bytes behind an archive's end, to the end of the file. */
static bool behind(struct contents *contents, uint64_t at, struct content *out)
{
    uint64_t size = contents->source->size;

    *out = (struct content){.name = "behind", .offset = at, .between = true};
    out->size = at < size ? size - at : 0;
    contents->at = size;
    return out->size > 0;
}

static bool broken(struct contents *contents, enum sek_status status, uint64_t at, const char *why,
                   struct content *out)
{
    if (at > contents->source->size)
        at = contents->source->size;
    *out = (struct content){.name = "archive", .offset = at, .fault = {status, at, why}};
    out->format = contents->kind == CONTENTS_TAR ? "tar" : "cpio";
    contents->at = contents->source->size;
    return true;
}

/* Takes a member whose bytes begin at an offset, and goes on behind its padding, which is zeros.
 * False: a fault is told. */
static bool take_member(struct contents *contents, uint64_t offset, uint64_t size, unsigned align,
                        struct content *out)
{
    uint8_t padding[TAR_BLOCK];
    uint64_t whole = contents->source->size;
    size_t len = (size_t)((align - size % align) % align);

    if (offset > whole || size > whole - offset || len > whole - offset - size) {
        (void)broken(contents, SEK_ERR_TRUNCATED, offset, "a file is longer than the archive", out);
        return false;
    }
    contents->at = offset + size + len;
    out->offset = offset;
    out->size = size;
    if (sek_source_read(contents->source, offset + size, padding, len) != SEK_OK)
        return true; /* whoever measures will say so */
    for (size_t i = 0; i < len; i++) {
        if (padding[i] != 0) {
            (void)broken(contents, SEK_ERR_MALFORMED, offset + size + i,
                         "something is hidden behind a file", out);
            return false;
        }
    }
    return true;
}

static bool next_of_tar(struct contents *contents, struct content *out)
{
    uint8_t block[TAR_BLOCK];

    while (contents->at < contents->source->size) {
        uint64_t at = contents->at;
        struct tar_header header;

        if (contents->source->size - at < sizeof block ||
            sek_source_read(contents->source, at, block, sizeof block) != SEK_OK)
            return broken(contents, SEK_ERR_TRUNCATED, at, "ends inside a header", out);
        if (tar_header_read(block, &header) != SEK_OK)
            return broken(contents, SEK_ERR_MALFORMED, at, "no header of a tar file", out);
        if (header.blank)
            return behind(contents, at + TAR_BLOCK, out);
        *out = (struct content){.size = 0};
        if (!take_member(contents, at + TAR_BLOCK, header.size, TAR_BLOCK, out))
            return true;
        put_path(header.name, out->name);
        if (out->size > 0 && header.type != 'x' && header.type != 'g' && header.type != 'L')
            return true; /* what the others hold are names */
    }
    return false;
}

static bool next_of_cpio(struct contents *contents, struct content *out)
{
    uint8_t bytes[CPIO_HEADER], name[CPIO_NAME_MAX];

    while (contents->at < contents->source->size) {
        uint64_t at = contents->at, size = contents->source->size;
        struct cpio_header header;

        if (size - at < sizeof bytes ||
            sek_source_read(contents->source, at, bytes, sizeof bytes) != SEK_OK)
            return broken(contents, SEK_ERR_TRUNCATED, at, "ends inside a header", out);
        if (cpio_header_read(bytes, &header) != SEK_OK || header.name_size < 2 ||
            header.name_size > sizeof name || header.name_size > size - at - sizeof bytes ||
            sek_source_read(contents->source, at + sizeof bytes, name, header.name_size) !=
                SEK_OK ||
            name[header.name_size - 1] != 0)
            return broken(contents, SEK_ERR_MALFORMED, at, "no header of a cpio file", out);
        at = (at + sizeof bytes + header.name_size + 3) & ~(uint64_t)3;
        if (strcmp((const char *)name, cpio_last_name) == 0)
            return behind(contents, at, out);
        *out = (struct content){.size = 0};
        if (!take_member(contents, at, header.size, 4, out))
            return true;
        put_path((struct sek_bytes){name, header.name_size - 1}, out->name);
        if (out->size > 0 && (header.mode & CPIO_KIND) == CPIO_PLAIN)
            return true; /* of a link it would be a name */
    }
    return false;
}

/* ---- The walk ---- */

/* What holds others and is no format by itself. */
static enum contents_kind kind_of(struct sek_source *source)
{
    uint8_t block[TAR_BLOCK];
    size_t len = source->size < sizeof block ? (size_t)source->size : sizeof block;
    struct tar_header header;
    const char *format;

    if (sek_source_read(source, 0, block, len) != SEK_OK)
        return CONTENTS_WHOLE;
    if (len == sizeof block && tar_header_read(block, &header) == SEK_OK && !header.blank)
        return CONTENTS_TAR;
    if (cpio_begins((struct sek_bytes){block, len}))
        return CONTENTS_CPIO;
    return find_image(source, 0, &format) < source->size ? CONTENTS_DUMP : CONTENTS_WHOLE;
}

bool contents_split(struct contents *contents, const struct sek_image *image)
{
    struct sek_source *source = contents->source;
    const char *format;
    uint64_t end;

    if (contents->kind != CONTENTS_WHOLE || image->claims.fault.status != SEK_OK)
        return false;
    if (!image->format) {
        contents->kind = kind_of(source);
    } else if (image->format->sized) {
        end = sek_image_end(image);
        if (end > 0 && find_image(source, end, &format) < source->size)
            contents->kind = CONTENTS_DUMP;
    }
    if (contents->kind == CONTENTS_WHOLE)
        return false;
    contents->at = 0;
    return true;
}

bool contents_next(struct contents *contents, struct content *out)
{
    uint64_t size = contents->source->size;

    *out = (struct content){.size = size};
    switch (contents->kind) {
    case CONTENTS_WHOLE:
        if (contents->at > 0)
            return false;
        contents->at = size > 0 ? size : 1;
        return true;
    case CONTENTS_TAR:
        return next_of_tar(contents, out);
    case CONTENTS_CPIO:
        return next_of_cpio(contents, out);
    case CONTENTS_DUMP:
        if (contents->at >= size)
            return false;
        next_of_dump(contents, out);
        return true;
    }
    return false;
}
