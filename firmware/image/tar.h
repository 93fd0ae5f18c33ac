/* tar archives (POSIX.1-1988 ustar): plain files one after another, nothing else. */
#ifndef SEK_IMAGE_TAR_H
#define SEK_IMAGE_TAR_H

#include "image/image.h"

enum { TAR_BLOCK = 512 };

/* What a header block says; borrowed. */
struct tar_header {
    bool blank;            /* the end of the archive */
    struct sek_bytes name; /* as it stands there, without "./" ahead of it */
    uint8_t type;          /* '0' and NUL: a plain file; '5': a folder */
    uint64_t size;
};

/* Reads a block of TAR_BLOCK bytes by itself: magic, checksum, an octal size. SEK_ERR_MALFORMED. */
SEK_CHECKED enum sek_status tar_header_read(const uint8_t *block, struct tar_header *out);

/* One file of an archive. */
struct tar_member {
    const char *name;      /* borrowed from the header that was read; fit for an image's name */
    uint64_t offset, size; /* of its bytes; its header lies ahead of them */
    bool folder;           /* "./" itself: nothing of it is told */
    bool last;             /* there is no file here: the archive ends with two blank blocks */
};

/* True if the medium begins with a header of a tar file. */
bool tar_begins(struct sek_image *image);

/* Where the next header is: behind the padding. */
uint64_t tar_end(const struct tar_member *member);

/* Reads the header at offset, which must be a multiple of 512. Strict: checksum, magic, numbers in
 * octal, plain files only (or the folder "./" itself), names without folders. On failure the
 * fault of the claims is set: MALFORMED, TRUNCATED, UNSUPPORTED (anything else than a plain file).
 */
SEK_CHECKED enum sek_status tar_next(struct sek_image *image, uint64_t offset,
                                     struct tar_member *out);

#endif
