#define _POSIX_C_SOURCE 200809L
#include "tests/attack/glitch/snapshot.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
    PAGE = 4096,
    PIECE = 1024, /* bytes of memory per question: fits the stub's packets */
    PACKET_MAX = 2 * PAGE + 16,
    STACK_BELOW = 256 * 1024, /* what the program may still use of its stack */
    STACK_ABOVE = 64 * 1024,
    HEAP_MAX = 1024 * 1024,
    CONNECT_TRIES = 1500, /* 20 ms apart */
    STUB_CPSR = 25,       /* its number in the stub: GDB's org.gnu.gdb.arm.core */
};

static bool fail(const char *what)
{
    fprintf(stderr, "glitch: %s\n", what);
    return false;
}

/* ---- GDB remote serial protocol: $text#sum, each answered by + ---- */

static bool put_packet(int fd, const char *text)
{
    char packet[PACKET_MAX];
    unsigned sum = 0;
    int len;

    for (const char *c = text; *c; c++)
        sum += (unsigned char)*c;
    len = snprintf(packet, sizeof packet, "$%s#%02x", text, sum & 0xff);
    return write(fd, packet, (size_t)len) == len;
}

/* The next packet's text; acknowledgements are passed over. */
static bool get_packet(int fd, char text[PACKET_MAX])
{
    size_t len = 0;
    char c;

    do {
        if (read(fd, &c, 1) != 1)
            return false;
    } while (c != '$');
    while (read(fd, &c, 1) == 1 && c != '#') {
        if (len + 1 == PACKET_MAX)
            return false;
        text[len++] = c;
    }
    text[len] = '\0';
    return read(fd, &c, 1) == 1 && read(fd, &c, 1) == 1 && write(fd, "+", 1) == 1;
}

static bool ask(int fd, const char *question, char answer[PACKET_MAX])
{
    return put_packet(fd, question) && get_packet(fd, answer);
}

static bool run_to(int fd, uint32_t address)
{
    char text[64], answer[PACKET_MAX];

    snprintf(text, sizeof text, "Z0,%x,2", address);
    if (!ask(fd, text, answer) || strcmp(answer, "OK") != 0)
        return fail("the stub takes no breakpoint");
    if (!ask(fd, "c", answer) || answer[0] != 'T')
        return fail("the program ended before it came to the decision");
    text[0] = 'z';
    return ask(fd, text, answer);
}

static uint8_t hex_byte(const char *text)
{
    char pair[3] = {text[0], text[1], '\0'};

    return (uint8_t)strtoul(pair, NULL, 16);
}

static bool read_register(int fd, unsigned number, uint32_t *out)
{
    char text[16], answer[PACKET_MAX];

    snprintf(text, sizeof text, "p%x", number);
    if (!ask(fd, text, answer) || strlen(answer) != 8)
        return fail("the stub does not tell its registers");
    *out = 0;
    for (unsigned i = 0; i < 4; i++) /* as in memory: little-endian */
        *out |= (uint32_t)hex_byte(answer + 2 * i) << 8 * i;
    return true;
}

/* Memory may end within a page. */
static bool read_page(int fd, uint32_t address, uint8_t out[PAGE])
{
    char text[32], answer[PACKET_MAX];

    for (uint32_t at = 0; at < PAGE; at += PIECE) {
        snprintf(text, sizeof text, "m%x,%x", address + at, PIECE);
        if (!ask(fd, text, answer) || strlen(answer) != 2 * (size_t)PIECE)
            return at > 0;
        for (size_t i = 0; i < PIECE; i++)
            out[at + i] = hex_byte(answer + 2 * i);
    }
    return true;
}

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const struct timespec pause = {.tv_nsec = 20000000};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    for (int i = 0; fd >= 0 && i < CONNECT_TRIES; i++) {
        if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
            return fd;
        nanosleep(&pause, NULL);
    }
    fail("no stub answers");
    return -1;
}

/* ---- What there is ---- */

static struct region *add_region(struct snapshot *s, uint32_t from, uint32_t to, bool writable)
{
    struct region *region = &s->region[s->region_count++];

    region->address = from & ~(uint32_t)(PAGE - 1);
    region->size = ((to + PAGE - 1) & ~(uint32_t)(PAGE - 1)) - region->address;
    region->writable = writable;
    region->bytes = calloc(1, region->size);
    return region;
}

/* Pages from the stub; returns how many were there before the first that was not. */
static uint32_t fill(int fd, struct region *region, uint32_t from)
{
    uint32_t at = from;

    while (at < region->address + region->size &&
           read_page(fd, at, region->bytes + (at - region->address)))
        at += PAGE;
    return (at - from) / PAGE;
}

/* The program's segments, code and constants first. */
static bool add_segments(struct snapshot *s, const char *path)
{
    Elf32_Ehdr header;
    Elf32_Phdr segment;
    FILE *file = fopen(path, "rb");
    bool ok = file && fread(&header, sizeof header, 1, file) == 1 &&
              memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 &&
              header.e_ident[EI_CLASS] == ELFCLASS32 && header.e_machine == EM_ARM;

    for (unsigned writable = 0; writable < 2; writable++) {
        for (long i = 0; ok && i < header.e_phnum; i++) {
            ok = fseek(file, (long)header.e_phoff + i * (long)sizeof segment, SEEK_SET) == 0 &&
                 fread(&segment, sizeof segment, 1, file) == 1;
            if (ok && segment.p_type == PT_LOAD && (segment.p_flags & PF_W) / PF_W == writable &&
                s->region_count < SNAPSHOT_REGIONS)
                add_region(s, segment.p_vaddr, segment.p_vaddr + segment.p_memsz, writable != 0);
        }
    }
    if (file)
        fclose(file);
    return (ok && s->region_count >= 2 && !s->region[0].writable) ||
           fail("not a static ARM program");
}

static bool fill_all(int fd, struct region *region)
{
    return fill(fd, region, region->address) == region->size / PAGE ||
           fail("memory cannot be read");
}

/* Runs to the place and takes the program's registers and segments. */
static bool come_to(int fd, struct snapshot *s, const char *elf, uint32_t first, uint32_t second)
{
    char answer[PACKET_MAX];
    /* Single registers are told only to those who have asked for their description. */
    bool ok = fd >= 0 && add_segments(s, elf) &&
              ask(fd, "qXfer:features:read:target.xml:0,ffb", answer) && run_to(fd, first) &&
              run_to(fd, second);

    for (unsigned i = 0; ok && i < SNAPSHOT_REGISTERS; i++)
        ok = read_register(fd, i == SNAPSHOT_CPSR ? STUB_CPSR : i, &s->reg[i]);
    for (size_t i = 0; ok && i < s->region_count; i++)
        ok = fill_all(fd, &s->region[i]);
    return ok;
}

static bool let_go(int fd, bool ok, struct snapshot *s, struct snapshot *out)
{
    if (fd >= 0) {
        (void)put_packet(fd, "k");
        close(fd);
    }
    if (ok)
        *out = *s;
    else
        snapshot_free(s);
    return ok;
}

bool snapshot_take(struct snapshot *out, const char *elf, const char *path, uint32_t first,
                   uint32_t second)
{
    struct snapshot s = {.region_count = 0};
    int fd = connect_to(path);
    bool ok = come_to(fd, &s, elf, first, second);

    if (ok) {
        uint32_t sp = s.reg[SNAPSHOT_SP] & ~(uint32_t)(PAGE - 1);
        struct region *data = &s.region[s.region_count - 1];
        struct region *stack = add_region(&s, sp - STACK_BELOW, sp + STACK_ABOVE, true);
        uint32_t end = data->address + data->size;
        struct region *heap = add_region(&s, end, end + HEAP_MAX, true);

        ok = fill(fd, stack, sp) > 0;
        heap->size = fill(fd, heap, heap->address) * PAGE;
        s.region_count -= heap->size == 0;
    }
    return let_go(fd, ok, &s, out);
}

bool snapshot_take_board(struct snapshot *out, const char *elf, const char *path, uint32_t first,
                         uint32_t second, const struct area *area, size_t area_count)
{
    struct snapshot s = {.region_count = 0};
    int fd = connect_to(path);
    bool ok = come_to(fd, &s, elf, first, second);

    for (size_t i = 0; ok && i < area_count; i++) {
        struct region *region = NULL;

        if (s.region_count < SNAPSHOT_REGIONS)
            region = add_region(&s, area[i].from, area[i].from + area[i].size, true);
        ok = region && (area[i].fresh || fill_all(fd, region));
    }
    return let_go(fd, ok, &s, out);
}

uint8_t *region_at(const struct region *region, size_t count, uint32_t address, size_t len)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t offset = address - region[i].address;

        if (offset < region[i].size && len <= region[i].size - offset)
            return region[i].bytes + offset;
    }
    return NULL;
}

void snapshot_free(struct snapshot *snapshot)
{
    for (size_t i = 0; i < SNAPSHOT_REGIONS; i++)
        free(snapshot->region[i].bytes);
    snapshot->region_count = 0;
}
