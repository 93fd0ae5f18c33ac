/* What a file holds, one thing after the other: files of a tar or cpio archive, or the images of a
 * dump and the bytes between them. Each is then measured as a medium of its own, so that memory
 * does not grow with their number. */
#ifndef SEK_BENCH_INSPECT_CONTENTS_H
#define SEK_BENCH_INSPECT_CONTENTS_H

#include "image/image.h"

enum contents_kind {
    CONTENTS_WHOLE, /* the file itself, as one */
    CONTENTS_TAR,
    CONTENTS_CPIO,
    CONTENTS_DUMP,
};

/* A part of a file. */
struct content {
    char name[SEK_NAME_MAX + 1]; /* of the component, in its alphabet; whole: empty */
    uint64_t offset, size;
    const char *format;     /* whose first bytes stand there; NULL: by content */
    bool open_end;          /* it ends where its image ends: see contents_end */
    bool between;           /* bytes between images, or behind an archive: they have to be blank */
    struct sek_fault fault; /* of the archive, here: nothing behind it is told; SEK_OK: none */
};

/* A walk over a file; source is borrowed. */
struct contents {
    struct sek_source *source;
    enum contents_kind kind;
    uint64_t at;
};

/* A walk over the file as one. */
struct contents contents_whole(struct sek_source *source);

/* Looks whether an open measurement of the whole file is of something that holds others: then the
 * walk begins anew, over these. False: it stands for itself. Heads of images are looked for where
 * erase blocks begin, by formats that tell where they end. */
bool contents_split(struct contents *contents, const struct sek_image *image);

/* The next part, in ascending order; they leave nothing out but what an archive is made of. False:
 * there is none. */
bool contents_next(struct contents *contents, struct content *out);

/* Says where the last part, whose end was open, really ends: bytes from its start, at least 1. */
void contents_end(struct contents *contents, const struct content *content, uint64_t len);

#endif
