#define _POSIX_C_SOURCE 200809L
/* U10: an excluded maker's record is not passed by another spelling. From the bytes of the record
 * to the verdict; what is compared how is the business of tests/unit/test_look_alike.c. */
#include "base/bytes.h"
#include "base/crc.h"
#include "crypto/crypto.h"
#include "tests/attack/attack.h"
#include "tests/unit/locales.h"
#include "tests/unit/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { RECORD = 2048, NAME = 1600, ITEMS = 16, TLV_MAX = 255 };

static struct policy policy;

static const char *const aliases[] = {"YAMABIKO OPTICS", "KUROGANE", "OZORA LIBELLE 8", "B5 SILK"};

/* ---- From a name to a verdict ---- */

/* A TlvInfo record whose vendor is this name, cut to what one field holds. */
static size_t make_record(const char *name, uint8_t record[RECORD])
{
    size_t len = strnlen(name, TLV_MAX), at = 11;

    memcpy(record, "TlvInfo\0\x01", 9);
    record[at++] = 0x2d; /* vendor */
    record[at++] = (uint8_t)len;
    memcpy(record + at, name, len);
    at += len;
    record[at++] = 0xfe; /* CRC-32 */
    record[at++] = 4;
    sek_put_u16be(record + 9, (uint16_t)(at + 4 - 11));
    sek_put_u32be(record + at, sek_crc32(0, record, at));
    return at + 4;
}

struct sink {
    struct sek_row_sink base;
    enum sek_verdict verdict;
};

static void keep(struct sek_row_sink *base, const struct sek_row *row)
{
    ((struct sink *)base)->verdict = row->verdict;
}

static enum sek_verdict judge(const char *name)
{
    const struct sek_appraiser appraiser = {&policy.store, {.today = policy_day("2026-11-23")}};
    const struct sek_component component = {
        .name = "chassis", .component_class = SEK_CLASS_PRODUCT, .location = ""};
    uint8_t record[RECORD], text[RECORD];
    struct sek_observation item[ITEMS];
    struct sek_part_claims claims = {
        .item = item, .cap = ITEMS, .text = text, .text_cap = sizeof text};
    struct sink sink = {{keep}, SEK_VERDICT_APPROVED};
    size_t len = make_record(name, record);

    if (sek_part_read((struct sek_bytes){record, len}, NULL, &claims) != SEK_OK)
        return SEK_VERDICT_UNVERIFIED;
    sek_appraise_part(&appraiser, &component, &claims, len, &sink.base);
    return sink.verdict;
}

static void try_name(struct attack_result *result, const char *rule, const char *name)
{
    enum sek_verdict verdict = judge(name);
    bool caught = verdict == SEK_VERDICT_EXCLUDED || verdict == SEK_VERDICT_CONSULT;

    attack_case(result, rule, caught ? "excluded or consulted" : sek_verdict_name(verdict),
                "excluded or consulted", !caught);
}

/* ---- Spellings ---- */

/* What looks like a letter, one behind the other. */
static const struct {
    char letter;
    const char *like;
} looks[] = {
    {'A', "\xd0\x90 \xd0\xb0 \xce\x91 \xc3\x84 \xef\xbd\x81 @ 4"},
    {'B', "\xd0\x92 \xce\x92 8 \xef\xbc\xa2"},
    {'C', "\xd0\xa1 \xd1\x81 \xcf\xb9 \xc3\xa7"},
    {'E', "\xd0\x95 \xce\x95 \xc3\x89 \xef\xbd\x85 3"},
    {'G', "\xd4\x8c \xc4\x9e \xef\xbc\xa7"},
    {'I', "\xd0\x86 \xd1\x96 \xce\x99 \xc4\xb0 1 l |"},
    {'K', "\xd0\x9a \xce\x9a \xe2\x84\xaa \xc7\xa8"},
    {'L', "1 I \xc5\x81 \xef\xbc\xac"},
    {'M', "\xd0\x9c \xce\x9c \xf0\x9d\x90\x8c"},
    {'N', "\xce\x9d \xc3\x91 \xd0\x98"},
    {'O', "0 \xd0\x9e \xce\x9f \xc3\x98 \xe2\x93\x84"},
    {'P', "\xd0\xa0 \xce\xa1 \xef\xbc\xb0"},
    {'R', "\xd0\xaf \xc5\x98 \xca\x80"},
    {'S', "5 $ \xd0\x85 \xc5\xa0 \xc5\xbf"},
    {'T', "\xd0\xa2 \xce\xa4 7 \xc5\xa4"},
    {'Y', "\xd2\xae \xce\xa5 \xc3\x9d \xc5\xb8"},
    {'Z', "\xce\x96 \xc5\xbd \xef\xbc\xba"},
    {'0', "O \xd0\x9e"},
    {'5', "S \xd0\x85"},
    {'8', "B \xd0\x92"},
};

static const char *const between[] = {
    "-",
    ".",
    "_",
    " ",
    "/",
    "\xc2\xb7",
    "\xc2\xa0",
    "\xe3\x80\x80",
    "\xc2\xad",
    "\xe2\x80\x8b",
    "\xe2\x80\x8d",
    "\xe2\x81\xa0",
    "\xef\xbb\xbf",
    "\xe2\x80\xae",
    "\xcc\x81",
    "\xef\xb8\x8f",
};

static const char *look_of(char letter)
{
    for (size_t i = 0; i < SEK_LEN(looks); i++) {
        if (looks[i].letter == letter)
            return looks[i].like;
    }
    return NULL;
}

/* One letter of an alias after the other, written in each of its other ways. */
static void other_letters(struct attack_result *result, const char *alias)
{
    for (size_t at = 0; alias[at]; at++) {
        const char *like = look_of(alias[at]);
        size_t n;

        for (; like && *like; like += n + (like[n] == ' ')) {
            char name[NAME];

            n = strcspn(like, " ");
            (void)snprintf(name, sizeof name, "%.*s%.*s%s", (int)at, alias, (int)n, like,
                           alias + at + 1);
            try_name(result, "a letter that looks alike", name);
        }
    }
}

/* Something between two letters, and between all of them. */
static void separated(struct attack_result *result, const char *alias)
{
    for (size_t b = 0; b < SEK_LEN(between); b++) {
        char all[NAME] = "";

        for (size_t at = 0; alias[at]; at++) {
            char name[NAME];

            (void)snprintf(name, sizeof name, "%.*s%s%s", (int)at, alias, between[b], alias + at);
            if (at > 0 && (at == strlen(alias) / 2 || b >= 8)) /* those that leave nothing: any */
                try_name(result, "something between", name);
            (void)snprintf(all + strlen(all), sizeof all - strlen(all), "%s%c",
                           at > 0 ? between[b] : "", alias[at]);
        }
        try_name(result, "something between all", all);
    }
}

static void surrounded(struct attack_result *result, const char *alias)
{
    static const char *const words[] = {"%s Co., Ltd.", "The %s Group", "(%s)",  "new-%s",
                                        "%s\xc2\xae",   "\t%s\t",       "\"%s\""};
    char name[NAME];

    for (size_t i = 0; i < SEK_LEN(words); i++) {
        const char *at = strstr(words[i], "%s");

        (void)snprintf(name, sizeof name, "%.*s%s%s", (int)(at - words[i]), words[i], alias,
                       at + 2);
        try_name(result, "words around", name);
    }
    for (size_t many = 6; many <= 110; many += 13) {
        name[0] = '\0';
        for (size_t i = 0; i < many; i++)
            strcat(name, "x ");
        strcat(name, alias);
        try_name(result, "many words in front", name);
    }
    for (size_t i = 0; alias[i]; i++) {
        (void)snprintf(name, sizeof name, "%s", alias);
        for (size_t k = i; name[k]; k += 2)
            name[k] = (char)(name[k] >= 'A' && name[k] <= 'Z' ? name[k] + 32 : name[k]);
        try_name(result, "small letters", name);
    }
}

static struct attack_result *present;

static void all_spellings(void **state)
{
    (void)state;
    for (size_t i = 0; i < SEK_LEN(aliases); i++) {
        other_letters(present, aliases[i]);
        separated(present, aliases[i]);
        surrounded(present, aliases[i]);
    }
}

static void u10(struct attack_result *result)
{
    present = result;
    locales_each(all_spellings, NULL);
}

static bool the_name_is_excluded_and_others_are_not(void)
{
    for (size_t i = 0; i < SEK_LEN(aliases); i++) {
        if (judge(aliases[i]) != SEK_VERDICT_EXCLUDED)
            return false;
    }
    return judge("KISO NETWORKS") == SEK_VERDICT_IDENTIFIED;
}

static bool set_up(void)
{
    char body[512] = "entities { e: e { label = \"l\"; alias = ";

    if (sek_crypto_start(NULL) != SEK_OK)
        return false;
    for (size_t i = 0; i < SEK_LEN(aliases); i++)
        (void)snprintf(body + strlen(body), sizeof body - strlen(body), "%s\"%s\"", i ? ", " : "",
                       aliases[i]);
    (void)snprintf(body + strlen(body), sizeof body - strlen(body), "; }; }; rules { %s };",
                   RULE("r", "subject = <&e>;"));
    policy_open(&policy, body);
    return true;
}

static void tear_down(void)
{
    policy_close(&policy);
}

static const struct attack attacks[] = {
    {"U10", "an excluded maker's name in other spellings, from record to verdict",
     "excluded or consulted", the_name_is_excluded_and_others_are_not, u10},
};

int main(int argc, char **argv)
{
    return attack_main(argc, argv, attacks, SEK_LEN(attacks), set_up, tear_down);
}
