#include "image/fit_signature.h"

#include <libfdt.h>

#include <string.h>

/* "sha256,rsa2048" and the padding. What we do not know stays NONE. */
static void read_algorithm(const char *algo, const char *padding, struct sek_sig_alg *alg)
{
    static const struct {
        const char *name;
        enum sek_scheme scheme;
        uint16_t bits;
    } schemes[] = {
        {"rsa2048", SEK_SCHEME_RSA_PKCS1, 2048}, {"rsa3072", SEK_SCHEME_RSA_PKCS1, 3072},
        {"rsa4096", SEK_SCHEME_RSA_PKCS1, 4096}, {"ecdsa256", SEK_SCHEME_ECDSA, 256},
        {"ecdsa384", SEK_SCHEME_ECDSA, 384},
    };
    const char *comma = strchr(algo, ',');

    if (!comma)
        return;
    alg->hash = sek_digest_find(algo, (size_t)(comma - algo));
    for (size_t i = 0; i < SEK_LEN(schemes); i++) {
        if (strcmp(schemes[i].name, comma + 1) != 0)
            continue;
        alg->scheme = schemes[i].scheme;
        alg->key_bits = schemes[i].bits;
    }
    if (padding[0] == '\0' || strcmp(padding, "pkcs-1.5") == 0)
        return;
    if (strcmp(padding, "pss") == 0 && alg->scheme == SEK_SCHEME_RSA_PKCS1)
        alg->scheme = SEK_SCHEME_RSA_PSS;
    else
        alg->scheme = SEK_SCHEME_NONE;
}

/* A signature node holds these properties and no others, as clean text where they are text. None of
 * them is signed. */
static bool known_properties(const struct fit_tree *tree, int node)
{
    static const struct {
        const char *name;
        bool text; /* shown to people; the others are read, or bytes */
    } known[] = {
        {"algo", true},           {"padding", true},
        {"key-name-hint", true},  {"signer-name", true},
        {"signer-version", true}, {"comment", true},
        {"sign-images", false},   {"value", false},
        {"hashed-nodes", false},  {"hashed-strings", false},
        {"timestamp", false},
    };
    char text[SEK_NAME_MAX + 1];
    int property;

    fdt_for_each_property_offset(property, tree->fdt, node)
    {
        const char *name;
        size_t i = 0;

        fdt_getprop_by_offset(tree->fdt, property, &name, NULL);
        while (i < SEK_LEN(known) && strcmp(known[i].name, name) != 0)
            i++;
        if (i == SEK_LEN(known) ||
            (known[i].text && !fit_tree_text(tree, node, name, text, sizeof text)))
            return false;
    }
    return true;
}

enum sek_status fit_signature_read(const struct fit_tree *tree, int node,
                                   struct sek_signature_claim *claim, struct sek_fault *fault)
{
    char padding[16];
    int len;
    const uint8_t *value = fdt_getprop(tree->fdt, node, "value", &len);

    if (!value || len < 1 || len > SEK_SIGNATURE_MAX || !known_properties(tree, node) ||
        !fit_tree_text(tree, node, "algo", claim->algo, sizeof claim->algo) ||
        !fit_tree_text(tree, node, "padding", padding, sizeof padding) ||
        !fit_tree_text(tree, node, "key-name-hint", claim->hint, sizeof claim->hint))
        return sek_fault_set(fault, SEK_ERR_MALFORMED, fit_tree_place(tree, node),
                             "a signature without value, or with a property that it must not have");
    claim->value = (struct sek_bytes){value, (size_t)len};
    read_algorithm(claim->algo, padding, &claim->alg);
    return SEK_OK;
}
