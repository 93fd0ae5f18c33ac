#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include "hal/linux/registers.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PATH_LEN = 512 };

static enum sek_status registers_read(struct hal_registers *base, uint32_t address, uint32_t *value)
{
    const struct linux_registers *registers = (const struct linux_registers *)base;
    uint32_t page = (uint32_t)sysconf(_SC_PAGESIZE);
    char path[PATH_LEN];
    void *window;
    int fd;

    if (address % 4 != 0)
        return SEK_ERR_IO;
    snprintf(path, sizeof path, "%s/dev/mem", registers->root);
    fd = open(path, O_RDONLY | O_SYNC | O_CLOEXEC);
    if (fd < 0)
        return SEK_ERR_IO;
    window = mmap(NULL, page, PROT_READ, MAP_SHARED, fd, (off_t)(address & ~(page - 1)));
    close(fd);
    if (window == MAP_FAILED)
        return SEK_ERR_IO;
    *value = *(const volatile uint32_t *)((const char *)window + (address & (page - 1)));
    munmap(window, page);
    return SEK_OK;
}

void linux_registers_init(struct linux_registers *registers, const char *root)
{
    *registers = (struct linux_registers){.base = {registers_read}, .root = root};
}
