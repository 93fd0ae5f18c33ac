/* A folder that stands for the root of a Linux system. */
#ifndef SEK_TESTS_UNIT_ROOT_H
#define SEK_TESTS_UNIT_ROOT_H

#include <stdbool.h>
#include <stddef.h>

extern char root[32]; /* its path */

/* Makes a new one, empty; false: it cannot be made. root_drop removes it: 0, or what rm said. */
bool root_make(void);
int root_drop(void);

/* Writes a file of it, whose folder is there or is made. */
void root_put(const char *path, const void *data, size_t len);
void root_text(const char *path, const char *text);

/* Makes a symbolic link; its folder is made. */
void root_link(const char *path, const char *target);

/* Runs a command of the shell inside it. */
void root_run(const char *command);

#endif
