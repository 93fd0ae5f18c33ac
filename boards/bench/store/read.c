#define _POSIX_C_SOURCE 200809L
/* What store commands look at: sources, trees, signed stores; and running the tools that make them.
 */
#include "boards/bench/files.h"
#include "boards/bench/store/store.h"

#include "trust/container.h"
#include "trust/schema.h"

#include <libfdt.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOT_FOUND = 127, ERROR_MAX = 512 };

/* The first line of a stream, without its end; what is not one line of text is dropped later by the
 * cleaning of messages. */
static void first_line(FILE *stream, char *out, size_t cap)
{
    out[0] = '\0';
    rewind(stream);
    if (fgets(out, (int)cap, stream))
        out[strcspn(out, "\n")] = '\0';
}

static void become(char *const argv[], FILE *out, FILE *err)
{
    FILE *null = out ? NULL : fopen("/dev/null", "w");

    if (!out)
        out = null;
    if (out && dup2(fileno(out), STDOUT_FILENO) >= 0 && dup2(fileno(err), STDERR_FILENO) >= 0)
        execvp(argv[0], argv);
    dprintf(fileno(err), "%s\n", strerror(errno));
    _exit(NOT_FOUND);
}

int store_run(char *const argv[], FILE *out, char *error, size_t error_cap)
{
    FILE *err = tmpfile();
    pid_t child;
    int status;

    if (!err) {
        snprintf(error, error_cap, "%s", strerror(errno));
        return -1;
    }
    fflush(NULL);
    child = fork();
    if (child == 0)
        become(argv, out, err);
    while (child >= 0 && waitpid(child, &status, 0) < 0) {
        if (errno != EINTR)
            child = -1;
    }
    first_line(err, error, error_cap);
    fclose(err);
    if (child < 0 || !WIFEXITED(status))
        return -1;
    return WEXITSTATUS(status);
}

static bool ends_with(const char *text, const char *end)
{
    size_t a = strlen(text), b = strlen(end);

    return a >= b && strcmp(text + a - b, end) == 0;
}

/* All of a stream, 8-aligned; the caller frees. */
static uint8_t *slurp(FILE *stream, size_t *len)
{
    uint8_t *data;
    long end;

    if (fseek(stream, 0, SEEK_END) != 0 || (end = ftell(stream)) < 0 || end > BENCH_STORE_MAX)
        return NULL;
    rewind(stream);
    data = malloc((size_t)end + 1); /* aligned to 16 */
    *len = (size_t)end;
    if (data && fread(data, 1, *len, stream) != *len) {
        free(data);
        data = NULL;
    }
    return data;
}

static uint8_t *compile(const char *path, const char *include, size_t *len)
{
    char *argv[] = {(char *)"dtc", (char *)"-q",  (char *)"-I", (char *)"dts",
                    (char *)"-O",  (char *)"dtb", (char *)"-i", (char *)include,
                    (char *)"--",  (char *)path,  NULL};
    char *plain[] = {(char *)"dtc", (char *)"-q", (char *)"-I", (char *)"dts", (char *)"-O",
                     (char *)"dtb", (char *)"--", (char *)path, NULL};
    char error[ERROR_MAX];
    FILE *out = tmpfile();
    uint8_t *data = NULL;
    int status = out ? store_run(include ? argv : plain, out, error, sizeof error) : -1;

    if (status == NOT_FOUND)
        bench_fail(false, 0, 0, "%s: dtc cannot be run (package device-tree-compiler): %s", path,
                   error);
    else if (status != 0)
        bench_fail(false, 0, SEK_RULE(TS, 5), "%s: dtc does not accept it: %s", path,
                   out ? error : strerror(errno));
    else if (!(data = slurp(out, len)))
        bench_fail(false, 0, SEK_RULE(TS, 5), "%s: what dtc made of it is too long", path);
    if (out)
        fclose(out);
    return data;
}

/* Places the payload of a signed store: behind the tree as mkimage -E puts it. */
static struct sek_bytes payload_of(const uint8_t *itb, size_t len)
{
    int image = fdt_first_subnode(itb, fdt_subnode_offset(itb, 0, "images"));
    int size_len = 0, at_len = 0;
    const void *size = fdt_getprop(itb, image, "data-size", &size_len);
    const void *at = fdt_getprop(itb, image, "data-offset", &at_len);
    uint64_t start;

    if (image < 0 || !size || size_len != 4 || !at || at_len != 4)
        return (struct sek_bytes){0};
    start = ((uint64_t)fdt_totalsize(itb) + 3) / 4 * 4 + fdt32_ld(at);
    if (start > len || fdt32_ld(size) > len - start)
        return (struct sek_bytes){0};
    return (struct sek_bytes){itb + start, fdt32_ld(size)};
}

static bool wrapped(struct sek_bytes file)
{
    return sek_schema_readable(file) && fdt_subnode_offset(file.data, 0, "images") >= 0;
}

/* Moves the payload to the front of its memory. */
static bool unwrap(const char *path, struct store_tree *tree)
{
    struct sek_bytes payload = payload_of(tree->dtb.data, tree->dtb.len);

    if (!payload.data) {
        bench_fail(false, 0, SEK_RULE(TS, 5), "%s: a FIT without a payload (mkimage -E -B 8)",
                   path);
        return false;
    }
    memmove(tree->memory, payload.data, payload.len);
    tree->dtb.len = payload.len;
    tree->wrapped = true;
    return true;
}

bool store_tree_read(const char *path, const char *include, struct store_tree *tree)
{
    struct sek_fault fault = {0};
    size_t len = 0;

    *tree = (struct store_tree){0};
    if (ends_with(path, ".dts")) {
        tree->memory = compile(path, include, &len);
    } else if (bench_read_file(path, BENCH_STORE_MAX, &tree->memory, &len) != SEK_OK) {
        bench_fail(false, 0, SEK_RULE(TS, 1), "%s: %s", path, strerror(errno));
        tree->memory = NULL;
    }
    if (!tree->memory)
        return false;
    tree->dtb = sek_store_last_part((struct sek_bytes){tree->memory, len});
    if (tree->dtb.len > 0 && tree->dtb.data != tree->memory)
        memmove(tree->memory, tree->dtb.data, tree->dtb.len);
    tree->dtb.data = tree->memory;
    if (wrapped(tree->dtb) && !unwrap(path, tree)) {
        store_tree_free(tree);
        return false;
    }
    if (sek_schema_check_tree(tree->dtb, &fault) == SEK_OK)
        return true;
    bench_fail(false, 0, SEK_RULE(TS, 5), "%s: offset %llu: %s", path,
               (unsigned long long)fault.offset, fault.why);
    store_tree_free(tree);
    return false;
}

void store_tree_free(struct store_tree *tree)
{
    free(tree->memory);
    *tree = (struct store_tree){0};
}
