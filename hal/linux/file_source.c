#define _POSIX_C_SOURCE   200809L
#define _FILE_OFFSET_BITS 64
#include "hal/linux/file_source.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mtd/mtd-user.h>

static enum sek_status file_read(struct sek_source *source, uint64_t offset, void *buf, size_t len)
{
    const struct linux_file_source *file = (const struct linux_file_source *)source;
    uint8_t *to = buf;

    offset += file->from;
    while (len > 0) {
        ssize_t n = pread(file->fd, to, len, (off_t)offset);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            if (n < 0 && (errno == ENXIO || errno == ETIMEDOUT || errno == ENODEV))
                return SEK_ERR_ABSENT; /* an I2C part that does not answer */
            return SEK_ERR_IO;
        }
        to += n;
        offset += (uint64_t)n;
        len -= (size_t)n;
    }
    return SEK_OK;
}

/* Size in bytes of what fd is, or SEK_ERR_UNSUPPORTED / SEK_ERR_IO. */
static enum sek_status find_size(int fd, uint64_t *size)
{
    struct stat st;
    struct mtd_info_user mtd;

    if (fstat(fd, &st) != 0)
        return SEK_ERR_IO;
    if (S_ISREG(st.st_mode)) {
        *size = (uint64_t)st.st_size;
        return SEK_OK;
    }
    if (S_ISBLK(st.st_mode))
        return ioctl(fd, BLKGETSIZE64, size) == 0 ? SEK_OK : SEK_ERR_IO;
    if (S_ISCHR(st.st_mode) && ioctl(fd, MEMGETINFO, &mtd) == 0) {
        *size = mtd.size;
        return SEK_OK;
    }
    errno = S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
    return SEK_ERR_UNSUPPORTED;
}

enum sek_status linux_file_source_open(struct linux_file_source *file, const char *path)
{
    enum sek_status status;
    uint64_t size = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR ? SEK_ERR_NOT_FOUND
               : errno == EACCES || errno == EPERM ? SEK_ERR_DENIED
                                                   : SEK_ERR_IO;
    status = find_size(fd, &size);
    if (status != SEK_OK) {
        int cause = errno;

        close(fd);
        errno = cause;
        return status;
    }
    *file = (struct linux_file_source){.base = {.read = file_read, .size = size}, .fd = fd};
    return SEK_OK;
}

void linux_file_source_close(struct linux_file_source *file)
{
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}
