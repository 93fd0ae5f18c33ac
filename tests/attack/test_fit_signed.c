/* What a signature covers, and whose it is: F01, F02, F05, F11 to F19, F24, F27, F28. */
#include "base/bytes.h"
#include "tests/attack/fit_lab.h"

#include <libfdt.h>
#include <stdio.h>
#include <string.h>

/* ---- Bytes and hashes ---- */

static void f01(struct attack_result *result)
{
    struct fit_writer w;

    lab_sample(&w);
    lab_forge(&w, LAB_KERNEL);
    lab_try(result, "in the tree", &w, "/kernel-1", "tampered SIG-003", LAB_FORGED);
    lab_sample(&w);
    lab_forge(&w, LAB_KERNEL);
    fit_make_external(&w, 8, 0);
    lab_try(result, "behind the tree", &w, "/kernel-1", "tampered SIG-003", LAB_FORGED);
}

static void f12(struct attack_result *result)
{
    struct fit_writer w;

    lab_unsigned(&w, "sha256");
    fit_set_u32(&w, "/:timestamp", LAB_TIMESTAMP_MIN - 1);
    lab_sign(&w, &lab_hakone, "hakone");
    lab_try(result, NULL, &w, "/kernel-1", "tampered SIG-009", LAB_APPROVED);
}

/* Changes data and leaves its CRC-32 as it was: a multiple of the generator polynomial, in the
 * order in which the checksum takes bits, is added. */
static void forge_under_crc(uint8_t *data)
{
    for (unsigned i = 0; i <= 32; i++) {
        uint64_t generator = UINT64_C(0x104c11db7);
        unsigned at = 8 * 100 + i;

        if (generator >> (32 - i) & 1)
            data[at / 8] ^= (uint8_t)(1u << at % 8);
    }
}

static void f13(struct attack_result *result)
{
    static const char *const weak[] = {"crc32", "sha1", "md5"};

    for (size_t i = 0; i < SEK_LEN(weak); i++) {
        struct fit_writer w;

        lab_unsigned(&w, weak[i]);
        lab_sign(&w, &lab_hakone, "hakone");
        forge_under_crc(w.token[fit_find(&w, LAB_KERNEL ":data")].value);
        lab_try(result, weak[i], &w, "/kernel-1", "unverified SIG-007", LAB_FORGED);
    }
}

static void f14(struct attack_result *result)
{
    struct fit_writer w;

    lab_unsigned(&w, "sha256");
    fit_set_u32(&w, LAB_KERNEL "/hash-1:uboot-ignore", 1);
    lab_sign(&w, &lab_hakone, "hakone");
    lab_forge(&w, LAB_KERNEL);
    lab_try(result, NULL, &w, "/kernel-1", "tampered SIG-003", LAB_FORGED);
}

static void f15(struct attack_result *result)
{
    struct fit_writer w;

    lab_unsigned(&w, "");
    lab_sign(&w, &lab_hakone, "hakone");
    lab_forge(&w, LAB_KERNEL);
    lab_try(result, NULL, &w, "/conf-1", "unverified FMT-001", LAB_FORGED);
}

/* ---- What is covered ---- */

static void f02(struct attack_result *result)
{
    uint8_t evil[64];
    struct fit_writer w;

    memset(evil, 0xee, sizeof evil);
    lab_sample(&w);
    fit_at_last(&w, "/images");
    fit_image(&w, "kernel-2", "kernel", evil, sizeof evil, "sha256");
    fit_at_last(&w, "/configurations");
    fit_copy(&w, LAB_CONF, "conf-2");
    fit_set_text(&w, "/configurations/conf-2:kernel", "kernel-2");
    fit_set_text(&w, "/configurations:default", "conf-2");
    lab_try(result, NULL, &w, "/kernel-2", "tampered SIG-004", LAB_FORGED);
}

/* The clones stand where no reader looks for images, and give the bytes that were signed. */
static void f05(struct attack_result *result)
{
    static const char list[] = "/\0/configurations/conf-1\0"
                               "/images/images/kernel-1\0/images/images/kernel-1/hash-1\0"
                               "/images/images/fdt-1\0/images/images/fdt-1/hash-1\0"
                               "/images/images/ramdisk-1\0/images/images/ramdisk-1/hash-1";
    struct fit_writer w;

    lab_sample(&w);
    fit_at_last(&w, "/images");
    fit_begin(&w, "images");
    fit_end(&w);
    fit_at_last(&w, "/images/images");
    fit_prop(&w, "data", "x", 1); /* so that it passes for an image without a hash */
    fit_copy(&w, "/images/kernel-1", "kernel-1");
    fit_copy(&w, "/images/fdt-1", "fdt-1");
    fit_copy(&w, "/images/ramdisk-1", "ramdisk-1");
    fit_remove(&w, "/images/images/kernel-1:data");
    fit_remove(&w, "/images/images/fdt-1:data");
    fit_remove(&w, "/images/images/ramdisk-1:data");
    fit_set(&w, LAB_SIGNATURE ":hashed-nodes", list, sizeof list);
    lab_forge_hashed(&w, LAB_KERNEL);
    lab_try(result, NULL, &w, "/kernel-1", "tampered SIG-004", LAB_FORGED);
}

static void f11(struct attack_result *result)
{
    struct fit_writer w;

    lab_unsigned(&w, "sha256");
    fit_add_signature(&w, LAB_KERNEL, "signature-1", "sha256", &lab_hakone, NULL, "hakone");
    fit_sign(&w, LAB_KERNEL "/signature-1", &lab_hakone);
    fit_set_u32(&w, LAB_KERNEL ":entry", 0xdeadbeef);
    lab_try(result, NULL, &w, "/kernel-1", "unverified SIG-006", LAB_APPROVED);
}

/* Signs all that has to be covered but for the paths that begin like this. */
static void sign_without(struct fit_writer *w, const char *left_out)
{
    static struct fit_paths all, some;

    fit_add_signature(w, LAB_CONF, "signature-1", "sha256", &lab_hakone, NULL, "hakone");
    fit_paths_of(w, LAB_CONF, &all);
    some.count = 0;
    for (size_t i = 0; i < all.count; i++) {
        if (strncmp(all.path[i], left_out, strlen(left_out)) != 0)
            memcpy(some.path[some.count++], all.path[i], sizeof some.path[0]);
    }
    fit_sign_paths(w, LAB_SIGNATURE, &lab_hakone, &some);
}

static void f17(struct attack_result *result)
{
    struct fit_writer w;

    lab_unsigned(&w, "sha256");
    sign_without(&w, "/images/ramdisk-1");
    lab_forge_hashed(&w, "/images/ramdisk-1");
    lab_try(result, NULL, &w, "/ramdisk-1", "unverified SIG-006", LAB_FORGED);
}

static void f24(struct attack_result *result)
{
    uint8_t evil[64];
    struct fit_writer w;

    memset(evil, 0xee, sizeof evil);
    lab_sample(&w);
    fit_at_last(&w, "/images");
    fit_image(&w, "kernel-2", "kernel", evil, sizeof evil, "sha256");
    lab_try(result, "an image", &w, "/kernel-2", "unverified SIG-006", LAB_ACCEPT);
    lab_sample(&w);
    fit_at_last(&w, "/configurations");
    fit_begin(&w, "conf-2");
    fit_text(&w, "kernel", "kernel-1");
    fit_end(&w);
    lab_try(result, "a configuration", &w, "/conf-2", "unverified SIG-002", LAB_ACCEPT);
    lab_sample(&w);
    fit_at_last(&w, "/");
    fit_begin(&w, "more");
    fit_end(&w);
    lab_try(result, "a child of the root", &w, "/conf-1", "tampered SIG-004", LAB_ACCEPT);
}

static void add_verity(struct fit_writer *w)
{
    static const uint8_t root_hash[32] = {0x5a, 0xa5};

    fit_at_last(w, "/images/ramdisk-1");
    fit_begin(w, "dm-verity");
    fit_text(w, "algo", "sha256");
    fit_prop(w, "digest", root_hash, sizeof root_hash);
    fit_end(w);
    fit_at_end(w);
}

static bool verity_is_signed(void)
{
    struct fit_writer w;

    lab_unsigned(&w, "sha256");
    add_verity(&w);
    lab_sign(&w, &lab_hakone, "hakone");
    judge_writer(&lab_judge, &w);
    fit_free(&w);
    return lab_judge.outcome == SEK_OUTCOME_ACCEPT;
}

static void f27(struct attack_result *result)
{
    struct fit_writer w;

    lab_unsigned(&w, "sha256");
    add_verity(&w);
    sign_without(&w, "/images/ramdisk-1/dm-verity");
    w.token[fit_find(&w, "/images/ramdisk-1/dm-verity:digest")].value[0] ^= 1;
    lab_try(result, "as an older signer leaves it", &w, "/ramdisk-1", "unverified SIG-006",
            LAB_APPROVED);
    lab_unsigned(&w, "sha256");
    add_verity(&w);
    lab_sign(&w, &lab_hakone, "hakone");
    w.token[fit_find(&w, "/images/ramdisk-1/dm-verity:digest")].value[0] ^= 1;
    lab_try(result, "as a newer one does", &w, "/ramdisk-1", "tampered SIG-004", LAB_APPROVED);
}

/* ---- Whose signature ---- */

static void f16(struct attack_result *result)
{
    static const char expected[] = "HOLD";
    struct sek_store store = lab_judge.store;
    struct fit_writer w;

    lab_judge.store = (struct sek_store){0};
    lab_sample(&w);
    judge_writer(&lab_judge, &w);
    attack_case(result, "no store", sek_outcome_name(lab_judge.outcome), expected,
                lab_judge.outcome == SEK_OUTCOME_ACCEPT || judge_approved(&lab_judge) > 0);
    fit_free(&w);
    lab_judge.store = store;
    lab_judge.store.suppliers = -1; /* a store without that folder */
    lab_sample(&w);
    lab_try(result, "no supplier", &w, "/kernel-1", "unverified SIG-005", LAB_APPROVED);
    lab_judge.store = store;
    lab_unsigned(&w, "sha256");
    lab_try(result, "no signature", &w, "/kernel-1", "unverified FMT-004", LAB_APPROVED);
}

static void f18(struct attack_result *result)
{
    struct fit_writer w;

    lab_unsigned(&w, "sha256");
    fit_at_last(&w, "/");
    fit_begin(&w, "signature");
    fit_begin(&w, "key-1");
    fit_text(&w, "required", "conf");
    fit_prop(&w, "public-key", lab_nobody.spki, lab_nobody.spki_len);
    fit_end(&w);
    fit_end(&w);
    fit_at_end(&w);
    lab_sign(&w, &lab_nobody, "key-1");
    lab_try(result, NULL, &w, "/kernel-1", "unverified SIG-005", LAB_APPROVED);
}

static void f19(struct attack_result *result)
{
    struct fit_writer w;

    lab_sample(&w);
    fit_set_text(&w, LAB_SIGNATURE ":algo", "sha1,ecdsa256");
    lab_try(result, "a weaker hash", &w, "/kernel-1", "unverified SIG-007", LAB_APPROVED);
    lab_sample(&w);
    fit_set_text(&w, LAB_SIGNATURE ":algo", "sha256,rsa2048");
    lab_try(result, "another scheme", &w, "/kernel-1", "unverified SIG-005", LAB_APPROVED);
    lab_sample(&w);
    fit_set_text(&w, LAB_SIGNATURE ":algo", "sha256,ecdsa256,none");
    lab_try(result, "no such scheme", &w, "/kernel-1", "unverified SIG-007", LAB_APPROVED);
    lab_unsigned(&w, "sha256");
    fit_add_signature(&w, LAB_CONF, "signature-1", "sha384", &lab_hakone, NULL, "hakone");
    fit_sign(&w, LAB_SIGNATURE, &lab_hakone);
    lab_try(result, "a hash that is not pinned", &w, "/kernel-1", "unverified SIG-007",
            LAB_APPROVED);
}

static void f28(struct attack_result *result)
{
    struct fit_writer w;

    lab_unsigned(&w, "sha256");
    lab_sign(&w, &lab_kiso, "kiso");
    lab_try(result, "a supplier of boot loaders", &w, "/kernel-1", "unverified SIG-010",
            LAB_APPROVED);
    lab_unsigned(&w, "sha256");
    lab_sign(&w, &lab_kiso, "hakone");
    lab_try(result, "under another's hint", &w, "/kernel-1", "unverified SIG-010", LAB_APPROVED);
    lab_unsigned(&w, "sha256");
    lab_sign(&w, &lab_nobody, "hakone");
    lab_try(result, "nobody under another's hint", &w, "/kernel-1", "tampered SIG-004",
            LAB_APPROVED);
}

static const struct attack attacks[] = {
    {"F01", "a byte of a payload is changed", "tampered SIG-003", lab_sample_is_good, f01},
    {"F02", "a signed configuration is copied and points elsewhere (CVE-2020-10648)",
     "tampered SIG-004", lab_sample_is_good, f02},
    {"F05", "hashed-nodes names clones of the signed images (CVE-2026-46728)", "tampered SIG-004",
     lab_sample_is_good, f05},
    {"F11", "only the payload is signed, and the entry is another", "unverified SIG-006",
     lab_sample_is_good, f11},
    {"F12", "an older image, validly signed", "tampered SIG-009", lab_sample_is_good, f12},
    {"F13", "forged data under a weak hash that was signed", "unverified SIG-007",
     lab_sample_is_good, f13},
    {"F14", "uboot-ignore on the only hash", "tampered SIG-003", lab_sample_is_good, f14},
    {"F15", "a signed image without a hash", "unverified FMT-001", lab_sample_is_good, f15},
    {"F16", "nobody's key is required", "HOLD, SIG-005, FMT-004", lab_sample_is_good, f16},
    {"F17", "the ramdisk was not signed, and is replaced", "unverified SIG-006", lab_sample_is_good,
     f17},
    {"F18", "the image brings its own key", "unverified SIG-005", lab_sample_is_good, f18},
    {"F19", "the algorithm is exchanged", "unverified SIG-005, -007", lab_sample_is_good, f19},
    {"F24", "nodes are added", "unverified SIG-002, -006, tampered SIG-004", lab_sample_is_good,
     f24},
    {"F27", "the root hash of dm-verity is changed", "unverified SIG-006, tampered SIG-004",
     verity_is_signed, f27},
    {"F28", "another key of the store, out of its scope", "unverified SIG-010", lab_sample_is_good,
     f28},
};

int main(int argc, char **argv)
{
    return attack_main(argc, argv, attacks, SEK_LEN(attacks), lab_start, lab_stop);
}
