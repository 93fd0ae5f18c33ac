#include "trust/version.h"

#include <stdint.h>
#include <string.h>

enum { PARTS_MAX = 8 };

struct version {
    uint32_t part[PARTS_MAX]; /* missing ones are 0 */
    const char *ending;       /* "-rc1", "+build5", "" */
};

static bool read_part(const char **at, uint32_t *out)
{
    uint64_t value = 0;
    const char *start = *at;

    for (; **at >= '0' && **at <= '9'; ++*at) {
        value = value * 10 + (uint64_t)(**at - '0');
        if (value > UINT32_MAX)
            return false;
    }
    *out = (uint32_t)value;
    return *at > start;
}

static bool read_version(const char *text, struct version *out)
{
    const char *at = text + (text[0] == 'v' || text[0] == 'V');

    memset(out, 0, sizeof *out);
    for (unsigned i = 0; i < PARTS_MAX; i++) {
        if (!read_part(&at, &out->part[i]))
            return false;
        if (*at != '.') {
            out->ending = at;
            return *at == '\0' || *at == '-' || *at == '+';
        }
        at++;
    }
    return false;
}

bool sek_version_compare(const char *a, const char *b, int *order)
{
    struct version x, y;

    if (!read_version(a, &x) || !read_version(b, &y))
        return false;
    for (unsigned i = 0; i < PARTS_MAX; i++) {
        if (x.part[i] != y.part[i]) {
            *order = x.part[i] < y.part[i] ? -1 : 1;
            return true;
        }
    }
    *order = 0;
    return strcmp(x.ending, y.ending) == 0;
}
