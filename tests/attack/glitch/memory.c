#define _GNU_SOURCE
#include "tests/attack/glitch/memory.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

bool memory_make(struct memory *memory, const struct snapshot *snapshot)
{
    *memory = (struct memory){.count = snapshot->region_count};
    for (size_t i = 0; i < memory->count; i++) {
        struct region *region = &memory->region[i];
        int fd = memfd_create("region", 0);

        *region = snapshot->region[i];
        if (fd < 0 || ftruncate(fd, region->size) != 0)
            return false;
        memory->base[i] = *region;
        memory->base[i].bytes = mmap(NULL, region->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        region->bytes = mmap(NULL, region->size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
        close(fd);
        if (memory->base[i].bytes == MAP_FAILED || region->bytes == MAP_FAILED)
            return false;
        memcpy(memory->base[i].bytes, snapshot->region[i].bytes, region->size);
    }
    return true;
}

void memory_drop(struct memory *memory)
{
    for (size_t i = 0; i < memory->count; i++) {
        munmap(memory->base[i].bytes, memory->region[i].size);
        munmap(memory->region[i].bytes, memory->region[i].size);
    }
}

void memory_go_back(struct memory *memory)
{
    for (size_t i = 0; i < memory->count; i++)
        if (memory->region[i].writable) /* pages that were written go; the others stand behind */
            madvise(memory->region[i].bytes, memory->region[i].size, MADV_DONTNEED);
}

uint8_t *memory_at(struct memory *memory, uint32_t address, size_t len)
{
    return region_at(memory->region, memory->count, address, len);
}

void memory_keep(struct memory *memory, uint32_t address, size_t len, const uint8_t *bytes)
{
    uint8_t *at = region_at(memory->base, memory->count, address, len);

    if (at)
        memcpy(at, bytes, len);
}
