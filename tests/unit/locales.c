#define _POSIX_C_SOURCE 200809L
#include "tests/unit/locales.h"

#include "boards/bench/store/store.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#define MADE "build/test/locale"

static bool make(const char *name)
{
    char path[64], language[16], error[128];
    struct stat there;
    char *argv[] = {"localedef", "-c", "-i", language, "-f", "UTF-8", path, NULL};

    (void)snprintf(path, sizeof path, MADE "/%s", name);
    (void)snprintf(language, sizeof language, "%.5s", name);
    (void)mkdir(MADE, 0777);
    if (stat(path, &there) != 0) /* before setlocale looks: it remembers what it did not find */
        (void)store_run(argv, NULL, error, sizeof error);
    (void)setenv("LOCPATH", MADE, 1);
    return setlocale(LC_ALL, name) != NULL;
}

void locales_each(void (*test)(void **state), void **state)
{
    static const char *const names[] = {"C", "C.UTF-8", "tr_TR.UTF-8", "ja_JP.UTF-8"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        (void)unsetenv("LOCPATH");
        if (setlocale(LC_ALL, names[i]) || make(names[i]))
            test(state);
        else
            print_message("  %s is not installed\n", names[i]);
    }
    (void)unsetenv("LOCPATH");
    (void)setlocale(LC_ALL, "C");
}
