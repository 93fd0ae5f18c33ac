#define _POSIX_C_SOURCE 200809L
#include "hal/linux/vault.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const names[HAL_VAULT_RECORDS] = {
    [HAL_VAULT_DEVICE_KEY] = "device-key",       [HAL_VAULT_DEVICE_CERT] = "device-cert",
    [HAL_VAULT_STORE_COUNTER] = "store-counter", [HAL_VAULT_BOOT_COUNT] = "boot-count",
    [HAL_VAULT_TIME_FLOOR] = "time-floor",       [HAL_VAULT_LOG_HEAD] = "log-head",
};

enum { PATH_LEN = LINUX_VAULT_PATH_MAX + 64 };

static enum sek_status vault_get(struct hal_vault *base, enum hal_vault_record record, void *buf,
                                 size_t cap, size_t *len)
{
    const struct linux_vault *vault = (const struct linux_vault *)base;
    char path[PATH_LEN];
    struct stat st;
    size_t done = 0;
    int fd;

    snprintf(path, sizeof path, "%s/%s", vault->folder, names[record]);
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return errno == ENOENT ? SEK_ERR_NOT_FOUND : SEK_ERR_IO;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size < 0) {
        close(fd);
        return SEK_ERR_IO;
    }
    if ((size_t)st.st_size > cap) {
        close(fd);
        return SEK_ERR_NO_SPACE;
    }
    while (done < (size_t)st.st_size) {
        ssize_t n = read(fd, (uint8_t *)buf + done, (size_t)st.st_size - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        done += (size_t)n;
    }
    close(fd);
    if (done != (size_t)st.st_size)
        return SEK_ERR_IO;
    *len = done;
    return SEK_OK;
}

static bool write_all(int fd, const uint8_t *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        data += n;
        len -= (size_t)n;
    }
    return true;
}

static bool sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0)
        close(fd);
    return ok;
}

enum sek_status linux_replace_file(const char *folder, const char *name, const void *data,
                                   size_t len)
{
    char path[PATH_LEN], temporary[PATH_LEN];
    int fd;
    bool ok;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    snprintf(temporary, sizeof temporary, "%s/.%s.new", folder, name);
    fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return SEK_ERR_IO;
    ok = write_all(fd, data, len) && fsync(fd) == 0;
    ok = close(fd) == 0 && ok;
    if (!ok || rename(temporary, path) != 0) {
        unlink(temporary);
        return SEK_ERR_IO;
    }
    return sync_folder(folder) ? SEK_OK : SEK_ERR_IO;
}

static enum sek_status vault_put(struct hal_vault *base, enum hal_vault_record record,
                                 const void *data, size_t len)
{
    const struct linux_vault *vault = (const struct linux_vault *)base;

    return linux_replace_file(vault->folder, names[record], data, len);
}

static const struct hal_vault_ops ops = {vault_get, vault_put};

enum sek_status linux_vault_open(struct linux_vault *vault, const char *folder)
{
    struct stat st;
    size_t len = strlen(folder);

    if (len == 0 || len >= LINUX_VAULT_PATH_MAX)
        return SEK_ERR_RANGE;
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return SEK_ERR_IO;
    if (stat(folder, &st) != 0 || !S_ISDIR(st.st_mode))
        return SEK_ERR_IO;
    if (st.st_mode & 077 || st.st_uid != geteuid()) {
        errno = EPERM;
        return SEK_ERR_IO;
    }
    *vault = (struct linux_vault){.base = {&ops, HAL_KEY_FILE}};
    memcpy(vault->folder, folder, len + 1);
    return SEK_OK;
}
