/* Media on Linux: a path that the board description names, else the MTD partition of that label. */
#ifndef SEK_HAL_LINUX_MEDIA_H
#define SEK_HAL_LINUX_MEDIA_H

#include "hal/linux/file_source.h"
#include "hal/media.h"

struct linux_media {
    struct hal_media base;
    struct linux_file_source file;
    const char *root; /* put in front of every path, for tests; "" in service */
};

void linux_media_init(struct linux_media *media, const char *root);

#endif
