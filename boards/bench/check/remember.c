#include "boards/bench/check/remember.h"

#include "base/text.h"
#include "boards/bench/files.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_LEN = 128 };

enum remember remember_boot(const char *state_dir, const struct sek_token *claims)
{
    char ueid[2 * SEK_UEID_MAX + 1], seed[2 * SEK_SEED_MAX + 1], name[96], path[BENCH_PATH_MAX];
    char now[LINE_MAX_LEN];
    uint8_t *old = NULL;
    size_t old_len = 0;
    uint64_t before = 0;
    enum remember result = REMEMBER_NEW;

    if (claims->ueid.len > SEK_UEID_MAX || claims->boot_seed.len > SEK_SEED_MAX)
        return REMEMBER_NEW;
    sek_text_hex(claims->ueid, ueid);
    sek_text_hex(claims->boot_seed, seed);
    snprintf(name, sizeof name, "boot-%s", ueid);
    if (!bench_state_path(state_dir, name, path))
        return REMEMBER_NEW;
    if (bench_read_file(path, LINE_MAX_LEN - 1, &old, &old_len) == SEK_OK) {
        char text[LINE_MAX_LEN], *rest;

        memcpy(text, old, old_len);
        text[old_len] = '\0';
        free(old);
        before = strtoull(text, &rest, 10);
        if (rest != text && *rest == ' ') {
            const char *before_seed = rest + 1;

            rest[strcspn(rest, "\n")] = '\0';
            result = claims->boot_count < before ||
                             (claims->boot_count == before && strcmp(before_seed, seed) != 0)
                         ? REMEMBER_BACK
                         : REMEMBER_FORWARD;
        }
    }
    snprintf(now, sizeof now, "%" PRIu64 " %s\n", claims->boot_count, seed);
    if (result != REMEMBER_BACK)
        (void)!bench_write_file(path, now, strlen(now), 0600);
    return result;
}
