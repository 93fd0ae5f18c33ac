#define _DEFAULT_SOURCE
#include "tests/unit/root.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

char root[32];

bool root_make(void)
{
    strcpy(root, "/tmp/sekisho-root-XXXXXX");
    return mkdtemp(root) != NULL;
}

int root_drop(void)
{
    char command[64];

    snprintf(command, sizeof command, "rm -r %s", root);
    return system(command);
}

/* The path with root in front; every folder on the way to it is there afterwards. */
static void place(const char *path, char full[512])
{
    assert_true((size_t)snprintf(full, 512, "%s%s", root, path) < 512);
    for (char *slash = strchr(full + strlen(root) + 1, '/'); slash;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(full, 0755);
        *slash = '/';
    }
}

void root_put(const char *path, const void *data, size_t len)
{
    char full[512];
    FILE *file;

    place(path, full);
    file = fopen(full, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

void root_text(const char *path, const char *text)
{
    root_put(path, text, strlen(text));
}

void root_link(const char *path, const char *target)
{
    char full[512];

    place(path, full);
    assert_int_equal(symlink(target, full), 0);
}

void root_run(const char *command)
{
    char full[1024];

    assert_true((size_t)snprintf(full, sizeof full, "cd %s && %s", root, command) < sizeof full);
    assert_int_equal(system(full), 0);
}
