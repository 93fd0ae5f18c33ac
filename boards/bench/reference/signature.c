#define _POSIX_C_SOURCE 200809L
#include "boards/bench/reference/signature.h"

#include "boards/bench/reference/rim.h"
#include "boards/bench/store/store.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ERROR_MAX = 512 };

/* Runs the verifier; a tool that is missing is as bad as a signature that is wrong. */
static enum list_signed verify(char *const argv[], const char *list, const char *kind, FILE *out)
{
    char error[ERROR_MAX];
    int status = store_run(argv, NULL, error, sizeof error);

    if (status != 0) {
        bench_fail(false, 0, 0, "%s: %s: its signature does not verify (%s): %s", list, kind,
                   argv[0], error[0] ? error : "no message");
        return LIST_BAD;
    }
    fprintf(out, "/* The list was signed: %s verified it. */\n", kind);
    return LIST_SIGNED;
}

/* A file name as an argument: one that begins with a dash is no option. The caller frees. */
static char *argument(const char *path)
{
    size_t len = path ? strlen(path) : 0;
    char *out = malloc(len + sizeof "./");

    if (out)
        snprintf(out, len + sizeof "./", "%s%s", path && path[0] == '-' ? "./" : "",
                 path ? path : "");
    return out;
}

static enum list_signed verify_cms(const char *cms, char *file, char *key, const char *kind,
                                   FILE *out)
{
    char *form = (char *)(strstr(cms, ".pem") ? "PEM" : "DER"), *in = argument(cms);
    char *argv[] = {(char *)"openssl",
                    (char *)"cms",
                    (char *)"-verify",
                    (char *)"-binary",
                    (char *)"-inform",
                    form,
                    (char *)"-in",
                    in,
                    (char *)"-content",
                    file,
                    (char *)"-CAfile",
                    key,
                    (char *)"-purpose",
                    (char *)"any",
                    (char *)"-out",
                    (char *)"/dev/null",
                    NULL};
    enum list_signed found = verify(argv, file, kind, out);

    free(in);
    return found;
}

static enum list_signed verify_jcat(const char *jcat, const char *list, char *file, char *key,
                                    FILE *out)
{
    char path[LIST_SIGNATURE_PATH];
    enum list_signed found;

    if (!list_signature_of_jcat(jcat, list, path))
        return LIST_BAD;
    found = verify_cms(path, file, key, "Jcat", out);
    unlink(path);
    return found;
}

static enum list_signed verify_one(const struct list_signature *signature, const char *list,
                                   char *file, char *key, FILE *out)
{
    char *detached = argument(signature->usign ? signature->usign : signature->openpgp);
    char *usign[] = {(char *)"signify-openbsd",
                     (char *)"-V",
                     (char *)"-q",
                     (char *)"-p",
                     key,
                     (char *)"-x",
                     detached,
                     (char *)"-m",
                     file,
                     NULL};
    char *openpgp[] = {(char *)"gpgv", (char *)"-q", (char *)"--keyring", key, detached,
                       file,           NULL};
    enum list_signed found = signature->usign     ? verify(usign, list, "usign", out)
                             : signature->openpgp ? verify(openpgp, list, "OpenPGP", out)
                             : signature->cms ? verify_cms(signature->cms, file, key, "CMS", out)
                                              : verify_jcat(signature->jcat, list, file, key, out);

    free(detached);
    return found;
}

/* True if the file is one that carries its own signature, or would. */
static bool is_rim(const char *list)
{
    FILE *in = fopen(list, "re");
    uint8_t first = 0;
    size_t len = in ? fread(&first, 1, 1, in) : 0;

    if (in)
        (void)fclose(in);
    return rim_probe((struct sek_bytes){&first, len});
}

enum list_signed list_signature_check(const struct list_signature *signature, const char *list,
                                      FILE *out)
{
    int count = (signature->usign != NULL) + (signature->openpgp != NULL) +
                (signature->cms != NULL) + (signature->jcat != NULL);
    enum list_signed found;
    char *file, *key;

    if (count == 0 && is_rim(list))
        return LIST_INSIDE;
    if (count == 0 && !signature->key) {
        fputs("/* The list was NOT signed: nothing says that it is the supplier's. */\n", out);
        return LIST_UNSIGNED;
    }
    if (count != 1 || !signature->key || is_rim(list)) {
        bench_fail(false, 0, 0,
                   "reference import: one of --usign, --openpgp, --cms, --jcat, with --key; for "
                   "CoRIM and CoSWID --key alone");
        return LIST_USAGE;
    }
    file = argument(list);
    key = argument(signature->key);
    found = verify_one(signature, list, file, key, out);
    free(key);
    free(file);
    return found;
}
