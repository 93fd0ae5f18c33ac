/* Single-bit flips of small signed samples of every format and kind of key but FIT (test_flips.c).
 *
 * An independent reader (tests/interop/unsigned.py) lists the bytes that nothing covers. A flip
 * outside that list must cost the whole its acceptance, and a component its approval if it lies in
 * its bytes; a flip inside may change nothing that is reported of what stays approved. Without
 * arguments a few hundred flips of each; --full N OF: every bit of part N of the samples. */
/* link: -Wl,--wrap=sek_verify_digest */
#include "hal/x86/sha256_ni.h"
#include "tests/attack/format_lab.h"
#include "tests/unit/mcuboot_writer.h"
#include "tests/unit/openwrt_writer.h"
#include "tests/unit/spl_writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SHORT_FLIPS = 150, ROWS_MAX = 32, PATH_LEN = 128 };

/* ---- Samples ---- */

struct sample {
    const char *name, *format; /* format: as unsigned.py names it */
    enum lab_store store;
    struct fit_file (*make)(const struct sample *sample);
    const char *with, *hash; /* what make is to do it with */
};

static struct fit_file mcuboot(const struct sample *sample)
{
    static struct mcuboot_writer w;

    mcuboot_sample(&w, sample->with, sample->hash, strstr(sample->name, "pure") != NULL);
    return lab_copy(w.data, w.len);
}

static struct fit_file boot_rom(const struct sample *sample)
{
    struct spl spl;

    spl_begin(&spl);
    spl_sign(&spl, &spl_ways[sample->with[0] - '0']);
    return lab_copy(spl.data, SPL_SIZE);
}

static struct fit_file openbmc(const struct sample *sample)
{
    return openbmc_write(lab_folder, "", sample->with, "", "");
}

static struct fit_file sharch(const struct sample *sample)
{
    return sharch_write(lab_folder, SHARCH_SIZE, sample->with);
}

static struct fit_file rauc(const struct sample *sample)
{
    size_t tree_len;

    return sample->hash ? rauc_verity_write(lab_folder, 2, "", sample->with, &tree_len)
                        : rauc_plain_write(lab_folder, RAUC_BLOCK, sample->with);
}

static struct fit_file swu(const struct sample *sample)
{
    return swu_write(lab_folder, sample->hash, "", sample->with, "", SWU_PACK);
}

static struct fit_file pe(const struct sample *sample)
{
    return pe_write(lab_folder, sample->with);
}

static struct fit_file swi(const struct sample *sample)
{
    return swi_write(lab_folder, sample->with, "");
}

static struct fit_file openwrt(const struct sample *sample)
{
    static struct openwrt_writer w;
    static const uint8_t payload[] = "firmware of no format that anybody knows";

    openwrt_sample(&w, payload, sizeof payload, sample->hash, sample->with);
    return lab_copy(w.data, w.len);
}

#define SIGN_EC                                                                                    \
    "openssl cms -sign -nosmimecap -binary -signer $K/signer-ec.crt -inkey $K/signer-ec.key "      \
    "-certfile $K/sub-ca.crt -outform PEM -in in -out sig"

static const struct sample samples[] = {
    {"MCUboot RSA-2048", "mcuboot", LAB_MCU, mcuboot, "rsa2048", "sha256"},
    {"MCUboot RSA-3072", "mcuboot", LAB_MCU, mcuboot, "rsa3072", "sha256"},
    {"MCUboot P-256", "mcuboot", LAB_MCU, mcuboot, "p256", "sha256"},
    {"MCUboot P-384", "mcuboot", LAB_MCU, mcuboot, "p384", "sha384"},
    {"MCUboot Ed25519", "mcuboot", LAB_MCU, mcuboot, "ed25519", "sha256"},
    {"MCUboot Ed25519, pure", "mcuboot", LAB_MCU, mcuboot, "ed25519", "sha512"},
    {"ASPEED RSA-2048", "spl", LAB_SPL, boot_rom, "0", NULL},
    {"ASPEED RSA-2048, little", "spl", LAB_SPL, boot_rom, "1", NULL},
    {"ASPEED RSA-3072, PSS", "spl", LAB_SPL, boot_rom, "2", NULL},
    {"ASPEED P-384", "spl", LAB_SPL, boot_rom, "3", NULL},
    {"OpenBMC RSA-2048", "openbmc", LAB_RSA, openbmc, "RSA-SHA256", NULL},
    {"SONiC RSA-2048", "sharch", LAB_CMS, sharch, SHARCH_SIGN, NULL},
    {"SONiC RSA-2048, key identifier", "sharch", LAB_CMS, sharch, SHARCH_SIGN " -keyid", NULL},
    {"SONiC P-256, chain of two", "sharch", LAB_CMS, sharch, SIGN_EC, NULL},
    {"RAUC plain RSA-2048", "rauc-plain", LAB_CMS, rauc, RAUC_PLAIN, NULL},
    {"RAUC verity RSA-2048", "rauc-verity", LAB_CMS, rauc, RAUC_VERITY, "verity"},
    {"SWUpdate CMS", "swu", LAB_CMS, swu, SWU_CMS, SWU_LIBCONFIG},
    {"SWUpdate RSA-2048", "swu", LAB_RSA, swu, SWU_RSA, SWU_LIBCONFIG},
    {"SWUpdate RSA-3072, PSS, JSON", "swu", LAB_RSA, swu, SWU_PSS, SWU_JSON},
    {"PE RSA-2048", "pe", LAB_CMS, pe, "signer", NULL},
    {"SWI RSA-2048", "swi", LAB_CMS, swi, "signer", NULL},
    {"SWI P-256", "swi", LAB_CMS, swi, "signer-plain", NULL},
    {"OpenWrt Ed25519", "openwrt", LAB_USIGN, openwrt, "ed25519", NULL},
    {"OpenWrt Ed25519, chain", "openwrt", LAB_USIGN, openwrt, "ed25519-other", "ed25519"},
};

/* ---- The independent list ---- */

static bool *read_list(const struct sample *sample, const struct fit_file *file)
{
    bool *listed = calloc(file->len, sizeof *listed);
    char path[PATH_LEN], line[PATH_LEN];
    size_t at, count;
    FILE *in;

    assert_non_null(listed);
    (void)snprintf(path, sizeof path, "%s/sample", lab_folder);
    test_write_file(path, file->data, file->len);
    openssl_run("tests/interop/unsigned.py %s %s/sample >%s/list", sample->format, lab_folder,
                lab_folder);
    (void)snprintf(path, sizeof path, "%s/list", lab_folder);
    in = fopen(path, "r");
    assert_non_null(in);
    while (fgets(line, sizeof line, in)) {
        assert_int_equal(sscanf(line, "%zu %zu", &at, &count), 2);
        assert_true(at < file->len && count <= file->len - at);
        memset(listed + at, true, count);
    }
    (void)fclose(in);
    return listed;
}

/* ---- What was approved ---- */

static struct good {
    struct sek_row row[ROWS_MAX];
    uint64_t from[ROWS_MAX], to[ROWS_MAX];
    size_t count;
} good;

static void keep_good(const struct judge *judge)
{
    const struct sek_image_claims *claims = &judge->measure.image.claims;

    good.count = 0;
    for (size_t i = 0; i < judge->row_count; i++) {
        if (judge->row[i].verdict != SEK_VERDICT_APPROVED)
            continue;
        assert_true(good.count < ROWS_MAX && good.count < claims->image_count);
        good.row[good.count] = judge->row[i];
        good.from[good.count] = claims->image[good.count].offset;
        good.to[good.count] = good.from[good.count] + claims->image[good.count].size;
        good.count++;
    }
    assert_true(good.count > 0 && good.count == claims->image_count);
}

/* All that is reported and says what was approved, of a version or of none; digest: that of its
 * bytes, too. */
static bool same_row(const struct sek_row *a, const struct sek_row *b, bool digest)
{
    return strcmp(a->name, b->name) == 0 &&
           (!a->version[0] || strcmp(a->version, b->version) == 0) &&
           strcmp(a->format, b->format) == 0 && a->component_class == b->component_class &&
           a->size == b->size && a->has_counter == b->has_counter &&
           a->security_counter == b->security_counter && a->has_key == b->has_key &&
           memcmp(a->key, b->key, sizeof a->key) == 0 && strcmp(a->signer, b->signer) == 0 &&
           a->rule == b->rule && a->integrity == b->integrity && a->supplier == b->supplier &&
           (!digest || memcmp(a->digest, b->digest, sizeof a->digest) == 0);
}

/* True if what is approved after a flip at a byte is what was approved before, and does not hold
 * that byte unless it is listed. */
static bool approved_as_before(const struct judge *judge, size_t at, bool listed)
{
    for (size_t i = 0; i < judge->row_count; i++) {
        size_t k = 0;
        bool hit;

        if (judge->row[i].verdict != SEK_VERDICT_APPROVED)
            continue;
        while (k < good.count && strcmp(good.row[k].name, judge->row[i].name) != 0)
            k++;
        hit = k < good.count && good.from[k] <= at && at < good.to[k];
        if (k == good.count || (hit && !listed) || !same_row(&judge->row[i], &good.row[k], !hit))
            return false;
    }
    return true;
}

struct count {
    size_t flips, outside, inside, harmless, wrong;
};

/* Flips every bit, or some of them from the first to the last. */
static struct count flip(const struct sample *sample, bool every)
{
    struct fit_file file = sample->make(sample);
    const struct judge *judge = lab_judge_file(sample->store, lab_copy(file.data, file.len));
    bool *listed = read_list(sample, &file);
    size_t step = every ? 1 : 8 * file.len / SHORT_FLIPS + 1;
    struct count count = {0};

    if (judge->outcome != SEK_OUTCOME_ACCEPT)
        fail_msg("%s: the sample is not accepted", sample->name);
    keep_good(judge);
    for (size_t bit = 0; bit < 8 * file.len; bit += step) {
        size_t at = bit / 8;
        bool accepted;

        file.data[at] ^= (uint8_t)(1u << bit % 8);
        judge = lab_judge_file(sample->store, lab_copy(file.data, file.len));
        file.data[at] ^= (uint8_t)(1u << bit % 8);
        accepted = judge->outcome == SEK_OUTCOME_ACCEPT;
        count.flips++;
        *(listed[at] ? &count.inside : &count.outside) += 1;
        count.harmless += accepted;
        if ((accepted && !listed[at]) || !approved_as_before(judge, at, listed[at])) {
            if (count.wrong++ < 3)
                (void)fprintf(stderr, "%s: bit %zu of byte %zu, %s: %s\n", sample->name, bit % 8,
                              at, listed[at] ? "listed" : "covered",
                              accepted ? "accepted" : "approved");
        }
    }
    free(listed);
    free(file.data);
    printf("FLIP  %-32s %6zu bytes %7zu flips %7zu of covered bits, %zu falsely approved; "
           "%zu of others, %zu without effect\n",
           sample->name, file.len, count.flips, count.outside, count.wrong, count.inside,
           count.harmless);
    (void)fflush(stdout);
    return count;
}

static void no_flip_of_a_covered_bit_is_approved(void **state)
{
    const struct sample *sample = *state;

    if (sample->make == pe && !pe_can())
        skip();
    assert_int_equal(flip(sample, false).wrong, 0);
}

/* Part of the campaign: every of-th sample from this one on; several processes share it. */
static int campaign(size_t part, size_t of)
{
    size_t wrong = 0;

    for (size_t i = part; i < SEK_LEN(samples); i += of)
        if (samples[i].make != pe || pe_can())
            wrong += flip(&samples[i], true).wrong;
    return wrong > 0;
}

int main(int argc, char **argv)
{
    struct CMUnitTest tests[SEK_LEN(samples)];
    int status;

    if (!format_lab_start())
        return 1;
    lab_hook(hal_x86_digest());
    for (size_t i = 0; i < SEK_LEN(samples); i++)
        tests[i] = (struct CMUnitTest){samples[i].name, no_flip_of_a_covered_bit_is_approved, NULL,
                                       NULL, (void *)(uintptr_t)&samples[i]};
    if (argc == 4 && strcmp(argv[1], "--full") == 0)
        status = campaign(strtoul(argv[2], NULL, 10), strtoul(argv[3], NULL, 10));
    else
        status = cmocka_run_group_tests(tests, NULL, NULL);
    format_lab_stop();
    return status;
}
