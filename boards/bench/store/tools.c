#define _GNU_SOURCE
/* What other programs do for us: dtc compiles, mkimage signs. */
#include "boards/bench/files.h"
#include "boards/bench/store/store.h"

#include "base/bytes.h"

#include <libfdt.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int store_run(char *const argv[])
{
    pid_t child;
    int status;

    fflush(NULL);
    child = fork();
    if (child == 0) {
        /* Their chatter is no result of ours, and what goes wrong they say on standard error. */
        (void)!freopen("/dev/null", "w", stdout);
        execvp(argv[0], argv);
        dprintf(STDERR_FILENO, "sekisho: %s: %s\n", argv[0], strerror(errno));
        _exit(127);
    }
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
        return -1;
    return WEXITSTATUS(status);
}

static bool ends_with(const char *text, const char *end)
{
    size_t a = strlen(text), b = strlen(end);

    return a >= b && strcmp(text + a - b, end) == 0;
}

/* Compiles a source with dtc into a file of its own, read whole. */
static bool compile(const char *path, uint8_t **data, size_t *len)
{
    char temporary[] = "/tmp/sekisho-store-XXXXXX";
    int fd = mkstemp(temporary);
    char *argv[] = {(char *)"dtc", (char *)"-q", (char *)"-I", (char *)"dts", (char *)"-O",
                    (char *)"dtb", (char *)"-o", temporary,    (char *)path,  NULL};
    bool ok;

    if (fd < 0)
        return false;
    close(fd);
    ok = store_run(argv) == 0 && bench_read_file(temporary, BENCH_STORE_MAX, data, len) == SEK_OK;
    unlink(temporary);
    return ok;
}

/* The payload of a signed store: `data`, or behind the tree as mkimage -E puts it. */
static struct sek_bytes payload_of(const uint8_t *itb, size_t len)
{
    int image = fdt_path_offset(itb, "/images/store"), n;
    const fdt32_t *size = fdt_getprop(itb, image, "data-size", &n);
    const fdt32_t *at = fdt_getprop(itb, image, "data-offset", &n);
    uint64_t start;

    if (image < 0 || !size || !at)
        return (struct sek_bytes){0};
    start = ((uint64_t)fdt_totalsize(itb) + 3) / 4 * 4 + fdt32_ld(at);
    if (start + fdt32_ld(size) > len)
        return (struct sek_bytes){0};
    return (struct sek_bytes){itb + start, fdt32_ld(size)};
}

bool store_read_tree(const char *path, void **memory, struct sek_bytes *tree)
{
    uint8_t *data = NULL, *aligned;
    size_t len = 0;

    if (ends_with(path, ".dts")) {
        if (!compile(path, &data, &len)) {
            bench_fail(false, 0, 0, "%s: dtc does not accept it", path);
            return false;
        }
    } else if (bench_read_file(path, BENCH_STORE_MAX, &data, &len) != SEK_OK) {
        bench_fail(false, 0, 0, "%s: %s", path, strerror(errno));
        return false;
    }
    *tree = (struct sek_bytes){data, len};
    if (len >= 40 && fdt_check_full(data, len) == 0 && fdt_path_offset(data, "/images/store") >= 0)
        *tree = payload_of(data, len);
    aligned = malloc(tree->len + 8);
    if (aligned && tree->len > 0)
        memcpy(aligned, tree->data, tree->len);
    free(data);
    if (!aligned || tree->len < 40 || fdt_check_full(aligned, tree->len) != 0) {
        bench_fail(false, 0, SEK_RULE(TS, 5), "%s: not a device tree", path);
        free(aligned);
        return false;
    }
    *memory = aligned;
    *tree = (struct sek_bytes){aligned, tree->len};
    return true;
}

/* The algorithm that a key of the folder signs with, for mkimage; NULL: no usable key. */
static const char *algorithm(const char *key_dir)
{
    static const struct {
        const char *file, *test, *algo;
    } kinds[] = {
        {"authority.pem", "prime256v1", "sha256,ecdsa256"},
        {"authority.pem", "secp384r1", "sha384,ecdsa384"},
        {"authority.key", "(2048 bit", "sha256,rsa2048"},
        {"authority.key", "(3072 bit", "sha256,rsa3072"},
        {"authority.key", "(4096 bit", "sha256,rsa4096"},
    };
    const char *found = NULL;

    for (size_t i = 0; i < SEK_LEN(kinds) && !found; i++) {
        char command[2048], text[512];
        FILE *pipe;
        size_t n;

        if (strchr(key_dir, '\''))
            return NULL;
        snprintf(command, sizeof command, "openssl pkey -in '%s/%s' -noout -text_pub 2>/dev/null",
                 key_dir, kinds[i].file);
        pipe = popen(command, "r");
        if (!pipe)
            return NULL;
        n = fread(text, 1, sizeof text - 1, pipe);
        text[n] = '\0';
        while (fgetc(pipe) != EOF)
            ;
        if (pclose(pipe) == 0 && strstr(text, kinds[i].test))
            found = kinds[i].algo;
        else if (strstr(kinds[i].test, "prime") && strstr(text, "P-256"))
            found = kinds[i].algo;
    }
    return found;
}

static bool write_its(const char *its, const char *payload, const char *algo, unsigned long serial)
{
    FILE *out = fopen(its, "w");

    if (!out)
        return false;
    fprintf(out,
            "/dts-v1/;\n/ {\n\tdescription = \"Sekisho trust store\";\n\t#address-cells = <1>;\n"
            "\timages {\n\t\tstore {\n\t\t\tdescription = \"serial %lu\";\n"
            "\t\t\tdata = /incbin/(\"%s\");\n\t\t\ttype = \"flat_dt\";\n"
            "\t\t\tcompression = \"none\";\n\t\t\thash-1 { algo = \"sha256\"; };\n\t\t};\n\t};\n"
            "\tconfigurations {\n\t\tdefault = \"store\";\n\t\tstore {\n\t\t\tfdt = \"store\";\n"
            "\t\t\tsignature-1 {\n\t\t\t\talgo = \"%s\";\n%s"
            "\t\t\t\tkey-name-hint = \"authority\";\n\t\t\t\tsign-images = \"fdt\";\n"
            "\t\t\t};\n\t\t};\n\t};\n};\n",
            serial, payload, algo, strstr(algo, "rsa") ? "\t\t\t\tpadding = \"pkcs-1.5\";\n" : "");
    return fclose(out) == 0;
}

bool store_sign(const char *key_dir, const char *payload, const char *out)
{
    const char *algo = algorithm(key_dir);
    char its[] = "/tmp/sekisho-store-XXXXXX", full[4096];
    char *argv[] = {(char *)"mkimage", (char *)"-q", (char *)"-E", (char *)"-B",
                    (char *)"8",       (char *)"-f", its,          (char *)"-k",
                    (char *)key_dir,   (char *)out,  NULL};
    void *memory;
    struct sek_bytes tree;
    struct sek_store store;
    struct sek_store_fault why;
    int fd;
    bool ok;

    if (!algo) {
        bench_fail(false, 0, 0,
                   "%s: no authority.pem (ECDSA P-256, P-384) or authority.key (RSA 2048 to 4096)",
                   key_dir);
        return false;
    }
    if (!store_read_tree(payload, &memory, &tree))
        return false;
    ok = sek_store_open_payload(&store, tree, &why) == SEK_OK;
    if (!ok)
        bench_fail(false, 0, why.rule, "%s: offset %llu: %s", payload,
                   (unsigned long long)why.fault.offset, why.fault.why);
    if (!ok || !realpath(payload, full) || strpbrk(full, "\"\\")) {
        free(memory);
        return false;
    }
    fd = mkstemp(its);
    ok = fd >= 0 && close(fd) == 0 && write_its(its, full, algo, store.serial) &&
         store_run(argv) == 0;
    free(memory);
    unlink(its);
    if (!ok)
        bench_fail(false, 0, 0, "%s: mkimage does not sign it", out);
    return ok;
}
