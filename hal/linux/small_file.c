#define _POSIX_C_SOURCE 200809L
#include "hal/linux/small_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum sek_status linux_path(char out[LINUX_PATH_MAX], const char *root, const char *folder,
                           const char *name)
{
    int len =
        snprintf(out, LINUX_PATH_MAX, "%s%s%s%s", root, folder, name[0] != '\0' ? "/" : "", name);

    return len >= 0 && len < LINUX_PATH_MAX ? SEK_OK : SEK_ERR_NO_SPACE;
}

enum sek_status linux_read_text(const char *path, char *text, size_t cap)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    size_t len = 0;
    ssize_t n = 1;

    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR ? SEK_ERR_NOT_FOUND
               : errno == EACCES || errno == EPERM ? SEK_ERR_DENIED
                                                   : SEK_ERR_IO;
    while (len + 1 < cap && (n > 0 || (n < 0 && errno == EINTR))) {
        n = read(fd, text + len, cap - 1 - len);
        len += n > 0 ? (size_t)n : 0;
    }
    close(fd);
    if (n < 0)
        return SEK_ERR_IO;
    while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\0'))
        len--;
    text[len] = '\0';
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)text[i] < 0x20)
            text[i] = ' ';
    }
    return SEK_OK;
}

enum sek_status linux_link_name(const char *path, char *name, size_t cap)
{
    char target[LINUX_PATH_MAX];
    ssize_t len = readlink(path, target, sizeof target - 1);
    const char *last;

    if (len <= 0)
        return SEK_ERR_NOT_FOUND;
    target[len] = '\0';
    last = strrchr(target, '/');
    last = last ? last + 1 : target;
    if (strlen(last) >= cap)
        return SEK_ERR_NO_SPACE;
    memcpy(name, last, strlen(last) + 1);
    return SEK_OK;
}
