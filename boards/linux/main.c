/* The agent as a service on a Linux appliance: composes drivers, memory and channels. */
#define _GNU_SOURCE
#include "agent/datagrams.h"
#include "agent/line.h"
#include "agent/memory.h"
#include "boards/linux/found.h"
#include "hal/linux/clock.h"
#include "hal/linux/entropy.h"
#include "hal/linux/media.h"
#include "hal/linux/registers.h"
#include "hal/linux/serial.h"
#include "hal/linux/udp.h"
#include "hal/linux/vault.h"
#include "hal/x86/sha256_ni.h"
#include "trust/manifest.h"

#include <mbedtls/memory_buffer_alloc.h>
#include <psa/crypto.h>

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Sizes of everything; nothing is allocated after the start. */
enum {
    CRYPTO_POOL = 64 * 1024,
    CHUNK = 64 * 1024,
    TREE = 256 * 1024, /* a FIT's tree without payloads */
    EXTENTS = 512,
    IMAGES = 128,
    SIGNATURES = 64,
    RECORD = 64 * 1024,
    ROWS = 1024, /* as many as evidence may have */
    FOUND = 768, /* parts that the system finds */
    OBSERVATIONS = 4096,
    TEXT = 128 * 1024,
    STORE = 512 * 1024,
    DESCRIPTION = 64 * 1024,
    ANSWERS = 4,
    ANSWER = 66 * 1024, /* a request and a token */
    EXCHANGES = 32,
    PEERS = 16,
    UPLOAD = 4 * 1024,
    TICK_MS = 1000,
    DEFAULT_PORT = 5683,
};

static struct memory {
    uint8_t crypto[CRYPTO_POOL];
    _Alignas(64) uint8_t chunk[CHUNK];
    _Alignas(8) uint8_t tree[TREE];
    struct sek_extent extent[EXTENTS];
    struct sek_image_claim image[IMAGES];
    struct sek_statement_claim statement[SEK_STATEMENTS_MAX];
    struct sek_signature_claim signature[SIGNATURES];
    uint8_t record[RECORD];
    struct sek_row row[ROWS];
    struct linux_part part[FOUND];
    struct sek_unit found[FOUND];
    struct sek_observation observation[OBSERVATIONS];
    uint8_t text[TEXT];
    _Alignas(8) uint8_t store[STORE], incoming[STORE];
    _Alignas(8) uint8_t scratch[SEK_AGENT_SCRATCH];
    _Alignas(8) uint8_t description[DESCRIPTION];
    uint8_t gate_log[ANSWER], gate_certificate[SEK_CERTIFICATE_MAX];
    struct sek_answer answer[ANSWERS];
    uint8_t answer_buf[ANSWERS][ANSWER];
    struct sek_exchange exchange[EXCHANGES];
    struct sek_verified verified[PEERS];
    uint8_t upload[UPLOAD];
} m;

static struct board {
    struct sek_agent agent;
    struct sek_server server;
    struct sek_line line;
    struct linux_vault vault;
    struct linux_media media;
    struct linux_registers registers;
    struct linux_finder finder;
    struct linux_parts parts;
    struct linux_serial serial;
    struct linux_udp udp;
    struct sek_store_slots slots;
    const char *factory_store; /* used until one has been received */
} board = {.serial.fd = -1, .udp.fd = -1};

static volatile sig_atomic_t stop;

static void on_signal(int number)
{
    (void)number;
    stop = 1;
}

static int fail(const char *what, const char *why)
{
    fprintf(stderr, "sekisho-agent: %s: %s\n", what, why);
    return 1;
}

/* ---- Files ---- */

/* Reads a whole file of at most cap bytes; *len untouched on failure (errno tells). */
static enum sek_status read_file(const char *path, uint8_t *buf, size_t cap, size_t *len)
{
    struct linux_file_source file;
    enum sek_status status = linux_file_source_open(&file, path);

    if (status != SEK_OK)
        return status;
    if (file.base.size > cap) {
        errno = EFBIG;
        status = SEK_ERR_NO_SPACE;
    } else {
        status = sek_source_read(&file.base, 0, buf, (size_t)file.base.size);
    }
    if (status == SEK_OK)
        *len = (size_t)file.base.size;
    linux_file_source_close(&file);
    return status;
}

static enum sek_status load_store(struct sek_store_slots *slots, uint8_t *buf, size_t cap,
                                  size_t *len)
{
    char path[LINUX_VAULT_PATH_MAX + 16];

    (void)slots;
    snprintf(path, sizeof path, "%s/store.itb", board.vault.folder);
    if (read_file(path, buf, cap, len) == SEK_OK)
        return SEK_OK;
    return board.factory_store ? read_file(board.factory_store, buf, cap, len) : SEK_ERR_NOT_FOUND;
}

static enum sek_status save_store(struct sek_store_slots *slots, const uint8_t *data, size_t len)
{
    (void)slots;
    return linux_replace_file(board.vault.folder, "store.itb", data, len);
}

/* ---- Network ---- */

static void serve_serial(uint64_t now_ms)
{
    uint8_t bytes[256];
    size_t len = 0;
    enum sek_status status = board.serial.base.read(&board.serial.base, bytes, sizeof bytes, &len);

    if (status == SEK_ERR_ABSENT)
        usleep(20000); /* nobody holds the other end of the pty: it may come back */
    if (len > 0)
        sek_line_input(&board.line, bytes, len, now_ms);
}

/* ---- Start ---- */

struct options {
    const char *description, *vault, *store, *serial, *pty, *number, *root;
    int port; /* 0: none */
};

static void usage(FILE *out)
{
    fputs("usage: sekisho-agent --board FILE.dtb --vault FOLDER [OPTION]...\n"
          "  --store FILE      factory trust store, used until one has been received\n"
          "  --serial TTY[,BAUD]  answer on this line\n"
          "  --pty LINK        answer on a pty; LINK becomes a symbolic link to it\n"
          "  --udp PORT        answer CoAP on this port (default 5683; 0: not)\n"
          "  --number TEXT     the board's serial number (default: the product part's)\n"
          "  --root FOLDER     put in front of every path of the board description\n"
          "  --version\n",
          out);
}

static bool read_options(int argc, char **argv, struct options *o)
{
    static const struct option names[] = {
        {"board", 1, 0, 'b'},
        {"vault", 1, 0, 'v'},
        {"store", 1, 0, 's'},
        {"serial", 1, 0, 't'},
        {"pty", 1, 0, 'p'},
        {"udp", 1, 0, 'u'},
        {"number", 1, 0, 'n'},
        {"root", 1, 0, 'r'},
        {"help", 0, 0, 'h'},
        {"version", 0, 0, 'V'},
        {0},
    };
    int c;
    char *end;

    *o = (struct options){.port = DEFAULT_PORT, .root = ""};
    while ((c = getopt_long(argc, argv, "", names, NULL)) != -1) {
        switch (c) {
        case 'b':
            o->description = optarg;
            break;
        case 'v':
            o->vault = optarg;
            break;
        case 's':
            o->store = optarg;
            break;
        case 't':
            o->serial = optarg;
            break;
        case 'p':
            o->pty = optarg;
            break;
        case 'n':
            o->number = optarg;
            break;
        case 'r':
            o->root = optarg;
            break;
        case 'u':
            o->port = (int)strtol(optarg, &end, 10);
            if (*end || o->port < 0 || o->port > 65535)
                return false;
            break;
        case 'h':
            usage(stdout);
            exit(0);
        case 'V':
            puts("sekisho-agent " SEK_AGENT_VERSION);
            exit(0);
        default:
            return false;
        }
    }
    return optind == argc && o->description && o->vault;
}

static bool open_channels(const struct options *o)
{
    if (o->serial) {
        char path[256];
        const char *comma = strchr(o->serial, ',');

        snprintf(path, sizeof path, "%.*s",
                 (int)(comma ? comma - o->serial : (long)strlen(o->serial)), o->serial);
        if (linux_serial_open(&board.serial, path,
                              comma ? (unsigned)strtoul(comma + 1, NULL, 10) : 0) != SEK_OK)
            return fail(o->serial, strerror(errno)), false;
    } else if (o->pty) {
        char name[256];

        if (linux_serial_pty(&board.serial, name, sizeof name) != SEK_OK)
            return fail("pty", strerror(errno)), false;
        (void)unlink(o->pty);
        if (symlink(name, o->pty) != 0)
            return fail(o->pty, strerror(errno)), false;
    }
    if (o->port && linux_udp_open(&board.udp, (uint16_t)o->port) != SEK_OK)
        return fail("UDP", strerror(errno)), false;
    return true;
}

extern const uint8_t board_authority[];
extern const size_t board_authority_len;

/* What a gate handed this system in its device tree; most systems have none. */
static struct sek_bytes read_chosen(const struct options *o, const char *name, uint8_t *buf,
                                    size_t cap)
{
    char path[512];
    size_t len = 0;

    snprintf(path, sizeof path, "%s/proc/device-tree/chosen/%s", o->root, name);
    return (struct sek_bytes){buf, read_file(path, buf, cap, &len) == SEK_OK ? len : 0};
}

static int start_agent(const struct options *o, size_t description_len)
{
    const struct sek_agent_config config = {
        .clock = &linux_clock,
        .entropy = &linux_entropy,
        .vault = &board.vault.base,
        .media = &board.media.base,
        .hook = hal_x86_digest(),
        .registers = &board.registers.base,
        .slots = &board.slots,
        .authority = {board_authority, board_authority_len},
        .description = {m.description, description_len},
        .serial = {(const uint8_t *)o->number, o->number ? strlen(o->number) : 0},
        .method = SEK_METHOD_OS, /* the kernel reads for it */
        .assurance = "service",
        SEK_AGENT_MEMORY(m),
        .finder = &board.finder.base,
        .found = m.found,
        .found_cap = FOUND,
        .judge_parts = sek_manifest_rows,
        .gate_log = read_chosen(o, "sekisho,log", m.gate_log, sizeof m.gate_log),
        .gate_certificate = read_chosen(o, "sekisho,log-certificate", m.gate_certificate,
                                        sizeof m.gate_certificate),
    };
    const char *why = "";

    if (sek_agent_start(&board.agent, &config, &why) != SEK_OK)
        return fail("start", why);
    if (!board.agent.trust.dtb)
        fprintf(stderr, "sekisho-agent: no usable trust store: %s\n",
                board.agent.store_why.fault.why);
    return 0;
}

static void run(void)
{
    bool told = false; /* what may not be read, once */

    while (!stop) {
        struct pollfd fds[2] = {{.fd = board.serial.fd, .events = POLLIN},
                                {.fd = board.udp.fd, .events = POLLIN}};
        bool busy = sek_agent_step(&board.agent);
        uint64_t now_ms;

        if (!busy && !told) {
            linux_tell(&board.agent, stderr);
            told = true;
        }
        if (poll(fds, 2, busy ? 0 : TICK_MS) < 0 && errno != EINTR)
            return;
        now_ms = linux_clock.uptime_ms(&linux_clock);
        if (fds[0].revents)
            serve_serial(now_ms);
        if (fds[1].revents)
            sek_datagrams_serve(&board.server, &board.udp.base, now_ms);
        if (board.serial.fd >= 0)
            sek_line_idle(&board.line, now_ms);
    }
}

int main(int argc, char **argv)
{
    struct sigaction action = {.sa_handler = on_signal};
    struct options o;
    size_t description_len = 0;
    int status;

    if (!read_options(argc, argv, &o)) {
        usage(stderr);
        return 2;
    }
    mbedtls_memory_buffer_alloc_init(m.crypto, sizeof m.crypto);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    if (read_file(o.description, m.description, DESCRIPTION, &description_len) != SEK_OK)
        return fail(o.description, strerror(errno));
    if (linux_vault_open(&board.vault, o.vault) != SEK_OK)
        return fail(o.vault,
                    errno == EPERM ? "others may look into it (mode 0700)" : strerror(errno));
    linux_media_init(&board.media, o.root);
    linux_registers_init(&board.registers, o.root);
    board.finder =
        (struct linux_finder){.base = {linux_find}, .root = o.root, .found = &board.parts};
    board.parts = (struct linux_parts){.part = m.part, .cap = FOUND};
    board.slots = (struct sek_store_slots){load_store, save_store};
    board.factory_store = o.store;
    status = start_agent(&o, description_len);
    if (status)
        return status;
    sek_agent_serve(&board.agent, &board.server,
                    &(const struct sek_agent_buffers)SEK_AGENT_BUFFERS(m));
    if (!open_channels(&o))
        return 1;
    sek_line_init(&board.line, &board.agent, &board.server, &board.serial.base,
                  linux_clock.uptime_ms(&linux_clock));
    run();
    sek_identity_close(&board.agent.identity);
    linux_serial_close(&board.serial);
    linux_udp_close(&board.udp);
    if (o.pty)
        (void)unlink(o.pty);
    return 0;
}
