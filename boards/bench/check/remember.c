#include "boards/bench/check/remember.h"

#include "base/text.h"
#include "boards/bench/files.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_MAX_LEN = 128 };

/* Is what was remembered an earlier start, or the same? A device that keeps no count (0) has none
 * to go back, unless it had one before. */
static enum remember compare(const char *text, const struct sek_token *claims, const char *seed)
{
    char *rest;
    uint64_t before = strtoull(text, &rest, 10);
    size_t len;

    if (rest == text || *rest != ' ')
        return REMEMBER_LOST; /* damaged: not taken for "never seen" */
    len = strcspn(++rest, "\n");
    if (claims->boot_count < before)
        return REMEMBER_BACK;
    return claims->boot_count == before && before > 0 &&
                   (len != strlen(seed) || memcmp(rest, seed, len) != 0)
               ? REMEMBER_BACK
               : REMEMBER_FORWARD;
}

enum remember remember_boot(const char *state_dir, const uint8_t key_id[SEK_KEY_ID_LEN],
                            const struct sek_token *claims)
{
    char ueid[2 * SEK_UEID_MAX + 1], key[2 * SEK_KID_LEN + 1], seed[2 * SEK_SEED_MAX + 1];
    char name[128], path[BENCH_PATH_MAX];
    char now[LINE_MAX_LEN];
    uint8_t *old = NULL;
    size_t old_len = 0;
    enum remember result = REMEMBER_NEW;
    enum sek_status status;

    if (claims->ueid.len > SEK_UEID_MAX || claims->boot_seed.len > SEK_SEED_MAX)
        return REMEMBER_LOST;
    sek_text_hex(claims->ueid, ueid);
    sek_text_hex(claims->boot_seed, seed);
    sek_text_hex((struct sek_bytes){key_id, SEK_KID_LEN}, key);
    snprintf(name, sizeof name, "boot-%s-%s", ueid, key);
    if (!bench_state_path(state_dir, name, path))
        return REMEMBER_LOST;
    status = bench_read_file(path, LINE_MAX_LEN - 1, &old, &old_len);
    if (status == SEK_OK) {
        char text[LINE_MAX_LEN];

        memcpy(text, old, old_len);
        text[old_len] = '\0';
        free(old);
        result = compare(text, claims, seed);
    } else if (status != SEK_ERR_NOT_FOUND) {
        return REMEMBER_LOST;
    }
    snprintf(now, sizeof now, "%" PRIu64 " %s\n", claims->boot_count, seed);
    if (result == REMEMBER_NEW || result == REMEMBER_FORWARD) {
        if (bench_write_file(path, now, strlen(now), 0600) != SEK_OK)
            return REMEMBER_LOST;
    }
    return result;
}
