/* Whole FITs from bytes to verdicts: who signed, and how. */
#include "crypto/crypto.h"
#include "tests/unit/fit_verdicts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void rsa(struct fit_writer *w)
{
    fit_sign_with(w, &kiso, "sha256", NULL, "kiso");
}

static void pss(struct fit_writer *w)
{
    fit_sign_with(w, &tenryu, "sha384", "pss", "tenryu");
}

static void p384(struct fit_writer *w)
{
    fit_set_text(w, "/images/ramdisk-1:type", "script");
    fit_sign_with(w, &sumida, "sha384", NULL, "sumida");
}

static void old_root(struct fit_writer *w)
{
    fit_set_u32(w, "/:timestamp", 1699999999);
    pss(w);
}

static void no_timestamp(struct fit_writer *w)
{
    fit_remove(w, "/:timestamp");
    pss(w);
}

static void by_nobody(struct fit_writer *w)
{
    fit_sign_with(w, &nobody, "sha256", NULL, "nobody");
}

static void good_without_hint(struct fit_writer *w)
{
    fit_sign_well(w);
    fit_remove(w, SIGNATURE ":key-name-hint");
}

static void more_in_the_list_of_nodes(struct fit_writer *w)
{
    static struct fit_paths paths;

    fit_sign_well(w);
    fit_paths_of(w, CONF, &paths);
    strcpy(paths.path[paths.count++], "/images");
    fit_sign_paths(w, SIGNATURE, &hakone, &paths);
}

static void image_that_nobody_names(struct fit_writer *w)
{
    fit_sign_well(w);
    fit_at_last(w, "/images");
    fit_image(w, "kernel-2", "kernel", "evil", 4, "sha256");
}

static void stolen_signature(struct fit_writer *w)
{
    image_that_nobody_names(w);
    fit_at_last(w, "/configurations");
    fit_copy(w, CONF, "conf-2");
    fit_set_text(w, "/configurations/conf-2:kernel", "kernel-2");
    fit_set_text(w, "/configurations:default", "conf-2");
}

static void unsigned_configuration_beside(struct fit_writer *w)
{
    image_that_nobody_names(w);
    fit_at_last(w, "/configurations");
    fit_begin(w, "conf-2");
    fit_text(w, "kernel", "kernel-2");
    fit_text(w, "fdt", "fdt-1");
    fit_end(w);
}

/* An old signer: the ramdisk is not in its list. */
static void sign_partly(struct fit_writer *w, const char *name)
{
    static struct fit_paths paths;
    char path[64] = CONF "/";

    fit_add_signature(w, CONF, name, "sha256", &hakone, NULL, "hakone");
    fit_paths_of(w, CONF, &paths);
    paths.count -= 2;
    fit_sign_paths(w, strcat(path, name), &hakone, &paths);
}

static void partly_signed(struct fit_writer *w)
{
    sign_partly(w, "signature-1");
}

static void partly_signed_beside_a_complete_one(struct fit_writer *w)
{
    fit_add_signature(w, CONF, "signature-1", "sha256", &hakone, NULL, "hakone");
    sign_partly(w, "signature-2");
    fit_sign(w, SIGNATURE, &hakone);
    sign_partly(w, "signature-3");
    fit_remove(w, CONF "/signature-3");
}

static void two_good_signers(struct fit_writer *w)
{
    fit_add_signature(w, CONF, "signature-1", "sha256", &hakone, NULL, "hakone");
    fit_add_signature(w, CONF, "signature-2", "sha256", &kiso, NULL, "kiso");
    fit_sign(w, SIGNATURE, &hakone);
    fit_sign(w, CONF "/signature-2", &kiso);
}

static void a_good_and_an_unknown_signer(struct fit_writer *w)
{
    fit_add_signature(w, CONF, "signature-1", "sha256", &nobody, NULL, "nobody");
    fit_add_signature(w, CONF, "signature-2", "sha256", &hakone, NULL, "hakone");
    fit_sign(w, SIGNATURE, &nobody);
    fit_sign(w, CONF "/signature-2", &hakone);
}

static void configuration_without_strings(struct fit_writer *w)
{
    fit_sign_well(w);
    fit_remove(w, SIGNATURE ":hashed-strings");
}

static void another_version(struct fit_writer *w)
{
    fit_sign_well(w);
    fit_rename(w, "/", "fake");
}

static void key_of_its_own(struct fit_writer *w)
{
    by_nobody(w);
    fit_at_last(w, "/");
    fit_begin(w, "signature");
    fit_begin(w, "key-nobody");
    fit_text(w, "required", "conf");
    fit_text(w, "algo", "sha256,ecdsa256");
    fit_end(w);
    fit_end(w);
    fit_sign(w, SIGNATURE, &nobody);
}

static const struct fit_row fit_rows[] = {
    {"ECDSA P-256", 3, {{KERNEL, APPROVED, SIG(1)}}, .make = fit_sign_well},
    {"RSA-4096", 3, {{KERNEL, APPROVED, SIG(1)}}, .make = rsa},
    {"RSA-4096 that says its padding",
     3,
     {{KERNEL, APPROVED, SIG(1)}},
     .key = &kiso,
     .hash = "sha256",
     .padding = "pkcs-1.5",
     .hint = "kiso"},
    {"RSA-2048 PSS with SHA-384", 3, {{"/ramdisk-1", APPROVED, SIG(1)}}, .make = pss},
    {"ECDSA P-384 with SHA-384", 3, {{KERNEL, APPROVED, SIG(1)}}, .make = p384},
    {"a hint that is not the key's",
     3,
     {{KERNEL, APPROVED, SIG(1)}},
     .key = &hakone,
     .hash = "sha256",
     .hint = "kiso"},
    {"older than the supplier's minimum", 0, {{KERNEL, TAMPERED, SIG(9)}}, .make = old_root},
    {"no timestamp where there is a minimum",
     0,
     {{KERNEL, TAMPERED, SIG(9)}},
     .make = no_timestamp},
    {"a revoked key",
     0,
     {{KERNEL, TAMPERED, SIG(8)}},
     .key = &arakawa,
     .hash = "sha512",
     .hint = "arakawa"},
    {"a root file system by a signer of kernels",
     2,
     {{"/ramdisk-1", UNVERIFIED, SIG(10)}, {KERNEL, APPROVED, SIG(1)}},
     .key = &sumida,
     .hash = "sha384",
     .hint = "sumida"},
    {"another hash than pinned",
     0,
     {{KERNEL, UNVERIFIED, SIG(7)}},
     .key = &hakone,
     .hash = "sha512",
     .hint = "hakone"},
    {"another padding than pinned",
     0,
     {{KERNEL, UNVERIFIED, SIG(7)}},
     .key = &kiso,
     .hash = "sha256",
     .padding = "pss",
     .hint = "kiso"},
    {"a padding that does not exist",
     0,
     {{KERNEL, UNVERIFIED, SIG(7)}, {"/conf-1", UNVERIFIED, SIG(7)}},
     .make = rsa,
     .set = SIGNATURE ":padding",
     .text = "none"},
    {"a padding with a curve",
     0,
     {{KERNEL, UNVERIFIED, SIG(7)}},
     .make = fit_sign_well,
     .set = SIGNATURE ":padding",
     .text = "pss"},
    {"a signature over SHA-1",
     0,
     {{KERNEL, UNVERIFIED, SIG(7)}},
     .make = fit_sign_well,
     .set = SIGNATURE ":algo",
     .text = "sha1,ecdsa256"},
    {"a scheme that we do not know",
     0,
     {{KERNEL, UNVERIFIED, SIG(7)}},
     .make = fit_sign_well,
     .set = SIGNATURE ":algo",
     .text = "sha256,secp521r1"},
    {"an algorithm of one word",
     0,
     {{KERNEL, UNVERIFIED, SIG(7)}},
     .make = fit_sign_well,
     .set = SIGNATURE ":algo",
     .text = "sha256"},
    {"a key that nobody knows",
     0,
     {{KERNEL, UNVERIFIED, SIG(5)}, {"/conf-1", UNVERIFIED, SIG(5)}},
     .make = by_nobody},
    {"a key that nobody knows, brought along",
     0,
     {{KERNEL, UNVERIFIED, SIG(5)}},
     .make = key_of_its_own},
    {"somebody signs in another's name",
     0,
     {{KERNEL, TAMPERED, SIG(4)}, {"/conf-1", TAMPERED, SIG(4)}},
     .key = &nobody,
     .hash = "sha256",
     .hint = "hakone"},
    {"in the name of one with another algorithm",
     0,
     {{KERNEL, UNVERIFIED, SIG(5)}},
     .key = &nobody,
     .hash = "sha256",
     .hint = "kiso"},
    {"a broken signature",
     0,
     {{KERNEL, TAMPERED, SIG(4)}},
     .make = fit_sign_well,
     .flip = SIGNATURE ":value"},
    {"a broken signature of nobody",
     0,
     {{KERNEL, UNVERIFIED, SIG(5)}},
     .make = good_without_hint,
     .flip = SIGNATURE ":value"},
    {"a signature of five bytes",
     0,
     {{KERNEL, TAMPERED, SIG(4)}},
     .make = fit_sign_well,
     .set = SIGNATURE ":value",
     .text = "value"},
    {"a changed load address",
     0,
     {{KERNEL, TAMPERED, SIG(4)}},
     .make = fit_sign_well,
     .flip = "/images/kernel-1:load"},
    {"a changed timestamp",
     0,
     {{KERNEL, TAMPERED, SIG(4)}},
     .make = fit_sign_well,
     .flip = "/:timestamp"},
    {"a list of nodes that names too few",
     0,
     {{KERNEL, TAMPERED, SIG(4)}},
     .make = fit_sign_well,
     .set = SIGNATURE ":hashed-nodes",
     .text = "/"},
    {"a list of nodes that names more, validly signed",
     0,
     {{KERNEL, TAMPERED, SIG(4)}},
     .make = more_in_the_list_of_nodes},
    {"a signature copied to another configuration",
     3,
     {{"/kernel-2", TAMPERED, SIG(4)}, {"/conf-2", TAMPERED, SIG(4)}},
     .make = stolen_signature},
    {"an unsigned configuration beside a signed one",
     3,
     {{"/kernel-2", UNVERIFIED, SIG(6)}, {"/conf-2", UNVERIFIED, SIG(2)}},
     .make = unsigned_configuration_beside},
    {"a ramdisk that the signer left out",
     0,
     {{"/ramdisk-1", UNVERIFIED, SIG(6)}, {KERNEL, UNVERIFIED, SIG(6)}},
     .make = partly_signed},
    {"such a signature beside a complete one",
     3,
     {{KERNEL, APPROVED, SIG(1)}},
     .make = partly_signed_beside_a_complete_one},
    {"two good signers", 3, {{KERNEL, APPROVED, SIG(1)}}, .make = two_good_signers},
    {"a good and a bad signer",
     0,
     {{KERNEL, TAMPERED, SIG(4)}, {"/conf-1", TAMPERED, SIG(4)}},
     .make = two_good_signers,
     .flip = CONF "/signature-2:value"},
    {"a good and an unknown signer",
     3,
     {{KERNEL, APPROVED, SIG(1)}},
     .make = a_good_and_an_unknown_signer},
    {"a good and a weak signer",
     3,
     {{KERNEL, APPROVED, SIG(1)}},
     .make = a_good_and_an_unknown_signer,
     .set = SIGNATURE ":algo",
     .text = "md5,rsa1024"},
    {"a configuration without hashed-strings",
     0,
     {{"/conf-1", UNVERIFIED, FMT(1)}, {KERNEL, UNVERIFIED, SIG(6)}},
     .make = configuration_without_strings},
    {"a malformed tree", 0, {{"", UNVERIFIED, FMT(1)}}, .make = another_version},
};

int main(void)
{
    static struct CMUnitTest tests[SEK_LEN(fit_rows)];

    if (sek_crypto_start(NULL) != SEK_OK)
        return 1;
    for (size_t i = 0; i < SEK_LEN(fit_rows); i++)
        tests[i] = (struct CMUnitTest){fit_rows[i].name, fit_check_verdicts, NULL, NULL,
                                       (void *)(uintptr_t)&fit_rows[i]};
    return cmocka_run_group_tests(tests, fit_verdicts_set_up, fit_verdicts_tear_down);
}
