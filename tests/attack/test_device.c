#define _GNU_SOURCE
/* The whole way, from a board's chip to the bench's word: U01 (the map lies), U03 (good images,
 * another start), U03b (a second chance). */
#include "tests/attack/attack.h"
#include "tests/attack/device_rig.h"
#include "tests/unit/fit_signer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { OS_AT = 0x4000, OS_LEN = 0x8000, ENV_AT = 0xd000, ENV_LEN = 0x3000, KERNEL = 600 };

/* ---- U01: the map ---- */

/* A device with this map, which the store pins, or another's store. */
static void try_map(struct attack_result *result, const char *name, const struct rig_plan *plan,
                    const struct rig *store_of, sek_rule rule)
{
    struct rig *rig = rig_make(plan);
    struct device_rig d;
    const char *why = "";
    char seen[32] = "does not start";
    bool through = false;

    if (store_of) {
        memcpy(rig->slots.kept, store_of->slots.kept, store_of->slots.len);
        rig->slots.len = store_of->slots.len;
    }
    if (device_rig_start(&d, rig, &why)) {
        enum sek_outcome outcome = device_rig_check(&d);
        bool told = device_rig_found(&d, rule);

        for (size_t i = 0; i < d.device->subject.row_count; i++)
            told = told || d.device->subject.row[i].rule == rule;
        through = outcome == SEK_OUTCOME_ACCEPT;
        (void)snprintf(seen, sizeof seen, "%s",
                       through ? "ACCEPT"
                       : told  ? "held, and said why"
                               : "held, for another reason");
        device_rig_stop(&d);
    } else {
        rig_drop(rig);
        (void)snprintf(seen, sizeof seen, "held, and said why"); /* a map that is refused */
    }
    attack_case(result, name, seen, "held, and said why", through);
}

static bool the_pinned_map_is_accepted(void)
{
    static const struct rig_plan plan;
    struct device_rig d;
    const char *why = "";
    bool good;

    if (!device_rig_start(&d, rig_make(&plan), &why))
        return false;
    good = device_rig_check(&d) == SEK_OUTCOME_ACCEPT;
    device_rig_stop(&d);
    return good;
}

static void u01(struct attack_result *result)
{
#define OS "label = \"os\"; reg = <0x4000 0x8000>; sekisho,class = \"kernel\";"
#define AT "reg = <0x4000 0x8000>;"
    static const struct {
        const char *name, *find, *put;
        sek_rule alone; /* what is said where the store pins this very map; 0: nothing can be */
    } maps[] = {
        {"a chip's EEPROM is left out", "sekisho,class = \"fan\"; sekisho,optional;", "", 0},
        {"a partition is left out", OS, "label = \"os\"; " AT, 0},
        {"a partition is shorter", AT, "reg = <0x4000 0x4000>;", SEK_RULE(MAP, 2)},
        {"two partitions are one copy", AT, "reg = <0 0x4000>;", SEK_RULE(MAP, 3)},
        {"two partitions overlap", AT, "reg = <0x2000 0xa000>;", SEK_RULE(MAP, 3)},
        {"a partition lies over the vault", AT, "reg = <0x4000 0x9000>;", SEK_RULE(MAP, 3)},
        {"two names are exchanged", "label = \"boot\"; reg = <0 0x4000>",
         "label = \"boot\"; reg = <0 0x3000>", SEK_RULE(MAP, 2)},
        {"code is called data", OS, "label = \"os\"; " AT " sekisho,class = \"data\";", 0},
        {"another file", "/data/fpga.itb", "/data/clean.itb", 0},
        {"what is required is optional", "sekisho,class = \"product\";",
         "sekisho,class = \"product\"; sekisho,optional;", 0},
        {"another model", "model = \"BOX\"", "model = \"BOX2\"", 0},
        {"another bank", "sekisho,bank = \"active\"", "sekisho,bank = \"backup\"", 0},
        {"registers are not looked at", "<0x1e6e20c8 0x107 0x107>", "<0x1e6e20c8 0 0>", 0},
    };
    static const struct rig_plan genuine;
    struct rig *pinned = rig_make(&genuine);

    for (size_t i = 0; i < SEK_LEN(maps); i++) {
        const struct rig_plan plan = {.find = maps[i].find, .put = maps[i].put};
        sek_rule rule =
            strcmp(maps[i].name, "another model") == 0 ? SEK_RULE(MAP, 4) : SEK_RULE(MAP, 1);

        try_map(result, maps[i].name, &plan, pinned, rule);
        if (maps[i].alone) { /* also if the authority was made to pin it */
            char name[64];

            (void)snprintf(name, sizeof name, "%s, and it is pinned", maps[i].name);
            try_map(result, name, &plan, NULL, maps[i].alone);
        }
    }
    rig_drop(pinned);
}

/* ---- U03: what is started, and how ---- */

static const char environment[] = "bootcmd=bootm 20100000\0bootargs=console=ttyS0 ro\0bootdelay=2\0"
                                  "preboot=\0bootslot=a\0fdtoverlay=\0serverip=\0verify=yes\0";

static void put_environment(struct rig *rig)
{
    memset(rig->chip + ENV_AT, 0, ENV_LEN);
    memcpy(rig->chip + ENV_AT + 4, environment, sizeof environment);
}

/* A board with an environment region, for whose content the store vouches, and this policy. */
static struct rig *make_board(const char *policy)
{
    static char change[1024];
    const struct rig_plan plan = {
        .find = "label = \"unused\"; reg = <0xd000 0x3000>;",
        .put = "label = \"env\"; reg = <0xd000 0x3000>; sekisho,class = \"config\";",
        .store_find = "policy { unverified-accept = \"data\"; };",
        .store_put = change};
    uint8_t digest[SEK_DIGEST_MAX], *bytes = calloc(1, ENV_LEN);
    struct rig *rig;
    size_t len;

    assert_non_null(bytes);
    memcpy(bytes + 4, environment, sizeof environment);
    assert_int_equal(sek_digest_of(SEK_DIGEST_SHA256, NULL, bytes, ENV_LEN, digest), SEK_OK);
    free(bytes);
    len = (size_t)snprintf(change, sizeof change,
                           "policy { %s }; suppliers { sup_e: env-maker { allow = \"config\"; }; };"
                           " references { env { supplier = <&sup_e>; component = \"env\";"
                           " sha256 = [",
                           policy);
    for (size_t i = 0; i < 32; i++)
        len += (size_t)snprintf(change + len, sizeof change - len, "%02x", digest[i]);
    (void)snprintf(change + len, sizeof change - len, "]; }; }; };\n/ {");
    rig = rig_make(&plan);
    put_environment(rig);
    return rig;
}

static const char *check_board(struct rig *rig, bool *accepted)
{
    struct device_rig d;
    const char *why = "";
    const char *seen;

    *accepted = false;
    if (!device_rig_start(&d, rig, &why)) {
        rig_drop(rig);
        return "does not start";
    }
    *accepted = device_rig_check(&d) == SEK_OUTCOME_ACCEPT;
    seen = sek_outcome_name(d.device->subject.outcome);
    device_rig_stop(&d);
    return seen;
}

static bool the_vouched_environment_is_accepted(void)
{
    bool accepted;

    (void)check_board(make_board("unverified-accept = \"data\";"), &accepted);
    return accepted;
}

/* Everything that runs is approved; one variable is another. */
static void u03(struct attack_result *result)
{
    static const struct {
        const char *name, *find, *put;
    } changes[] = {
        {"bootcmd", "bootm 20100000", "bootm 20900000"}, {"bootargs", "ttyS0 ro", "ttyS0 rw"},
        {"preboot", "preboot=", "preboot\x01"},          {"slot", "bootslot=a", "bootslot=b"},
        {"overlay", "fdtoverlay=", "fdtoverlayX"},       {"server", "serverip=", "serverip1"},
        {"verify", "verify=yes", "verify=no "},          {"delay", "bootdelay=2", "bootdelay=9"},
    };
    static const struct {
        const char *name, *policy, *expected;
    } policies[] = {
        {"by default", "unverified-accept = \"data\";", "REJECT"},
        {"held", "unverified-hold = \"config\";", "HOLD"},
        {"a policy that would accept it", "unverified-accept = \"config\", \"data\";", "REJECT"},
    };

    for (size_t p = 0; p < SEK_LEN(policies); p++)
        for (size_t i = 0; i < SEK_LEN(changes); i++) {
            struct rig *rig = make_board(policies[p].policy);
            size_t find_len = strlen(changes[i].find);
            uint8_t *at = memmem(rig->chip + ENV_AT, ENV_LEN, changes[i].find, find_len);
            char name[64];
            bool accepted;
            const char *seen;

            assert_non_null(at);
            memcpy(at, changes[i].put, find_len);
            seen = check_board(rig, &accepted);
            (void)snprintf(name, sizeof name, "%s, %s", changes[i].name, policies[p].name);
            attack_case(result, name, seen, policies[p].expected, accepted);
        }
}

/* ---- U03b: a second chance ---- */

static struct fit_file signed_fit;

/* A FIT where the OS lies, signed, and the rest of its partition blank. */
static void make_fit(void)
{
    uint8_t kernel[KERNEL];
    struct fit_writer w;
    struct fit_key key;

    memset(kernel, 0x5a, sizeof kernel);
    fit_key_load(&key, "hakone");
    fit_init(&w);
    fit_begin(&w, "");
    fit_u32(&w, "timestamp", 1700000000);
    fit_text(&w, "description", "OS");
    fit_begin(&w, "images");
    fit_image(&w, "kernel-1", "kernel", kernel, sizeof kernel, "sha256");
    fit_end(&w);
    fit_begin(&w, "configurations");
    fit_text(&w, "default", "conf-1");
    fit_begin(&w, "conf-1");
    fit_text(&w, "kernel", "kernel-1");
    fit_end(&w);
    fit_end(&w);
    fit_end(&w);
    fit_add_signature(&w, "/configurations/conf-1", "signature-1", "sha256", &key, NULL, "hakone");
    fit_sign(&w, "/configurations/conf-1/signature-1", &key);
    signed_fit = fit_write(&w);
    fit_free(&w);
    fit_key_drop(&key);
}

static void show_os(struct rig *rig, bool dirty)
{
    uint8_t *os = rig->chip + OS_AT, *kernel;

    memset(os, 0xff, OS_LEN);
    memcpy(os, signed_fit.data, signed_fit.len);
    kernel = memmem(os, signed_fit.len, "\x5a\x5a\x5a\x5a", 4);
    assert_non_null(kernel);
    kernel[7] ^= dirty;
}

static struct device_rig flipper;

static bool a_clean_device_is_accepted(void)
{
    flipper.script = "C";
    return device_rig_check(&flipper) == SEK_OUTCOME_ACCEPT;
}

/* Every order of three faces: what the bench has seen of a dirty one is never forgotten. */
static void u03b(struct attack_result *result)
{
    static const char faces[] = {FACE_CLEAN, FACE_DIRTY, FACE_CLEAN_STALE, FACE_DIRTY_STALE};

    for (size_t i = 0; i < 4 * 4 * 4; i++) {
        char script[] = {faces[i / 16], faces[i / 4 % 4], faces[i % 4], '\0'}, name[32];
        bool accepted, dirty = false, clean = false;
        const char *seen, *expected = "held";

        flipper.script = script;
        accepted = device_rig_check(&flipper) == SEK_OUTCOME_ACCEPT;
        for (size_t k = 0; k < flipper.answers; k++) {
            dirty = dirty || script[k] == FACE_DIRTY || script[k] == FACE_DIRTY_STALE;
            clean = clean || script[k] == FACE_CLEAN;
        }
        seen = accepted ? "accepted" : "held";
        if (!dirty && clean)
            expected = "accepted";
        if (dirty && clean && !accepted && !device_rig_found(&flipper, SEK_RULE(EV, 8)) &&
            !device_rig_found(&flipper, SEK_RULE(EV, 2)))
            seen = "held, and nothing said of two faces";
        (void)snprintf(name, sizeof name, "answers %.*s", (int)flipper.answers, script);
        attack_case(result, name, seen, expected, accepted && dirty);
    }
}

/* ---- */

static bool set_up(void)
{
    static const struct rig_plan plan;
    struct rig *rig = rig_make(&plan);
    const char *why = "";

    make_fit();
    show_os(rig, false);
    if (!device_rig_start(&flipper, rig, &why))
        return false;
    flipper.show = show_os;
    return true;
}

static void tear_down(void)
{
    device_rig_stop(&flipper);
    free(signed_fit.data);
}

static const struct attack attacks[] = {
    {"U01", "a board description that leaves out, shrinks, aliases or renames",
     "held, and said why", the_pinned_map_is_accepted, u01},
    {"U03", "approved images, and one variable of the boot environment changed", "HOLD or REJECT",
     the_vouched_environment_is_accepted, u03},
    {"U03b", "a device that answers dirty and clean, in every order", "held once seen dirty",
     a_clean_device_is_accepted, u03b},
};

int main(int argc, char **argv)
{
    return attack_main(argc, argv, attacks, SEK_LEN(attacks), set_up, tear_down);
}
