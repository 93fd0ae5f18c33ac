/* Media: how the bytes behind a component of the board description are reached. */
#ifndef SEK_HAL_MEDIA_H
#define SEK_HAL_MEDIA_H

#include "base/source.h"

#include <stdbool.h>

/* Where a component lies, as its board description says; borrowed, NULL: not said. */
struct hal_media_place {
    const char *label;    /* of the partition or part */
    const char *path;     /* sekisho,path */
    bool partition;       /* on a flash chip */
    unsigned chip;        /* which one: its chip select */
    uint64_t offset, len; /* of a partition */
};

struct hal_media {
    /* Opens a medium; one at a time. SEK_ERR_NOT_FOUND: there is no such thing. SEK_ERR_ABSENT: it
     * does not answer. SEK_ERR_IO. On success *source is valid until close. */
    enum sek_status (*open)(struct hal_media *media, const struct hal_media_place *place,
                            struct sek_source **source);
    void (*close)(struct hal_media *media);
};

#endif
