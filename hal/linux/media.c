#define _POSIX_C_SOURCE 200809L
#include "hal/linux/media.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { PATH_LEN = 512, LINE_LEN = 256 };

/* The device of the MTD partition of this name: /proc/mtd has lines
 * `mtd3: 07700000 00001000 "fit"`. */
static bool find_mtd(const char *root, const char *label, char path[PATH_LEN])
{
    char name[PATH_LEN], line[LINE_LEN];
    bool found = false;
    FILE *table;

    snprintf(name, sizeof name, "%s/proc/mtd", root);
    table = fopen(name, "re");
    if (!table)
        return false;
    while (!found && fgets(line, sizeof line, table)) {
        char *colon = strchr(line, ':'), *open_quote = strchr(line, '"');
        char *close_quote = open_quote ? strrchr(open_quote + 1, '"') : NULL;

        if (strncmp(line, "mtd", 3) != 0 || !colon || !close_quote)
            continue;
        *colon = '\0';
        *close_quote = '\0';
        found = strcmp(open_quote + 1, label) == 0;
        if (found)
            snprintf(path, PATH_LEN, "%s/dev/%s", root, line);
    }
    fclose(table);
    return found;
}

static enum sek_status media_open(struct hal_media *base, const struct hal_media_place *place,
                                  struct sek_source **source)
{
    struct linux_media *media = (struct linux_media *)base;
    char path[PATH_LEN];
    enum sek_status status;

    if (place->path)
        snprintf(path, sizeof path, "%s%s", media->root, place->path);
    else if (!place->label || !find_mtd(media->root, place->label, path))
        return SEK_ERR_NOT_FOUND;
    status = linux_file_source_open(&media->file, path);
    if (status == SEK_OK)
        *source = &media->file.base;
    else
        media->file.fd = -1;
    return status;
}

static void media_close(struct hal_media *base)
{
    linux_file_source_close(&((struct linux_media *)base)->file);
}

void linux_media_init(struct linux_media *media, const char *root)
{
    *media =
        (struct linux_media){.base = {media_open, media_close}, .file = {.fd = -1}, .root = root};
}
