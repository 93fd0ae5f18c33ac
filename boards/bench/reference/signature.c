#include "boards/bench/reference/signature.h"

#include "boards/bench/store/store.h"

#include <string.h>

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

enum list_signed list_signature_check(const struct list_signature *signature, const char *list,
                                      FILE *out)
{
    const char *form = signature->cms && strstr(signature->cms, ".pem") ? "PEM" : "DER";
    char *key = (char *)signature->key, *file = (char *)list;
    char *usign[] = {
        (char *)"signify-openbsd", (char *)"-V", (char *)"-q", (char *)"-p", key, (char *)"-x",
        (char *)signature->usign,  (char *)"-m", file,         NULL};
    char *openpgp[] = {
        (char *)"gpgv", (char *)"-q", (char *)"--keyring", key, (char *)signature->openpgp,
        file,           NULL};
    char *cms[] = {(char *)"openssl",
                   (char *)"cms",
                   (char *)"-verify",
                   (char *)"-binary",
                   (char *)"-inform",
                   (char *)form,
                   (char *)"-in",
                   (char *)signature->cms,
                   (char *)"-content",
                   file,
                   (char *)"-CAfile",
                   key,
                   (char *)"-purpose",
                   (char *)"any",
                   (char *)"-out",
                   (char *)"/dev/null",
                   NULL};
    int count =
        (signature->usign != NULL) + (signature->openpgp != NULL) + (signature->cms != NULL);

    if (count == 0 && !key) {
        fputs("/* The list was NOT signed: nothing says that it is the supplier's. */\n", out);
        return LIST_UNSIGNED;
    }
    if (count != 1 || !key) {
        bench_fail(false, 0, 0, "reference import: one of --usign, --openpgp, --cms, with --key");
        return LIST_USAGE;
    }
    if (signature->usign)
        return verify(usign, list, "usign", out);
    if (signature->openpgp)
        return verify(openpgp, list, "OpenPGP", out);
    return verify(cms, list, "CMS", out);
}
