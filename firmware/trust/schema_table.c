/* The schema as rows: a new property of the trust store is a new row. */
#include "trust/schema.h"

#include <string.h>

/* A name that ends in '#' stands for it with a number, "*" for any id. Of two rows that fit the
 * first counts, so that "minimum-1" is no key. */
static const struct {
    enum sek_schema_node node, parent;
    const char *name;
} nodes[] = {
    {SEK_NODE_SUCCESSOR, SEK_NODE_ROOT, "successor"},
    {SEK_NODE_POLICY, SEK_NODE_ROOT, "policy"},
    {SEK_NODE_INDEX, SEK_NODE_ROOT, "index"},
    {SEK_NODE_ENTITIES, SEK_NODE_ROOT, "entities"},
    {SEK_NODE_ENTITY, SEK_NODE_ENTITIES, "*"},
    {SEK_NODE_AFFILIATION, SEK_NODE_ENTITY, "affiliation-#"},
    {SEK_NODE_SUPPLIERS, SEK_NODE_ROOT, "suppliers"},
    {SEK_NODE_SUPPLIER, SEK_NODE_SUPPLIERS, "*"},
    {SEK_NODE_MINIMUM, SEK_NODE_SUPPLIER, "minimum-#"},
    {SEK_NODE_KEY, SEK_NODE_SUPPLIER, "*"},
    {SEK_NODE_REFERENCES, SEK_NODE_ROOT, "references"},
    {SEK_NODE_REFERENCE, SEK_NODE_REFERENCES, "*"},
    {SEK_NODE_DEVICE_AUTHORITIES, SEK_NODE_ROOT, "device-authorities"},
    {SEK_NODE_DEVICE_AUTHORITY, SEK_NODE_DEVICE_AUTHORITIES, "*"},
    {SEK_NODE_MAPS, SEK_NODE_ROOT, "maps"},
    {SEK_NODE_MAP, SEK_NODE_MAPS, "*"},
    {SEK_NODE_DENIED, SEK_NODE_ROOT, "denied"},
    {SEK_NODE_DENIED_DIGEST, SEK_NODE_DENIED, "*"},
    {SEK_NODE_OFFICERS, SEK_NODE_ROOT, "officers"},
    {SEK_NODE_OFFICER, SEK_NODE_OFFICERS, "*"},
    {SEK_NODE_RULES, SEK_NODE_ROOT, "rules"},
    {SEK_NODE_RULE, SEK_NODE_RULES, "*"},
    {SEK_NODE_TRANSITION, SEK_NODE_RULE, "transition"},
    {SEK_NODE_EXCEPTION, SEK_NODE_RULE, "exception-#"},
    {SEK_NODE_DETERMINATIONS, SEK_NODE_ROOT, "determinations"},
    {SEK_NODE_DETERMINATION, SEK_NODE_DETERMINATIONS, "*"},
    {SEK_NODE_MANIFESTS, SEK_NODE_ROOT, "manifests"},
    {SEK_NODE_MANIFEST, SEK_NODE_MANIFESTS, "*"},
    {SEK_NODE_MANIFEST_PART, SEK_NODE_MANIFEST, "*"},
    {SEK_NODE_PACKS, SEK_NODE_ROOT, "packs"},
    {SEK_NODE_PACK, SEK_NODE_PACKS, "*"},
};

/* How well a fact is known: read at its source, or told by others. */
#define CONFIDENCE "verified secondary"

static const struct sek_schema_property properties[] = {
    {SEK_NODE_ROOT, "compatible", SEK_TYPE_WORDS, true, 1, "sekisho,store-1"},
    {SEK_NODE_ROOT, "serial", SEK_TYPE_U32, true, 0, NULL},
    {SEK_NODE_ROOT, "label", SEK_TYPE_TEXT, true, 0, NULL},
    {SEK_NODE_ROOT, "authority", SEK_TYPE_TEXT, true, 0, NULL},
    {SEK_NODE_ROOT, "issued", SEK_TYPE_DATE, true, 0, NULL},
    {SEK_NODE_ROOT, "not-after", SEK_TYPE_DATE, true, 0, NULL},
    {SEK_NODE_SUCCESSOR, "public-key", SEK_TYPE_BYTES, true, 0, NULL},

    {SEK_NODE_POLICY, "unverified-hold", SEK_TYPE_CLASSES, false, 0, NULL},
    {SEK_NODE_POLICY, "unverified-accept", SEK_TYPE_CLASSES, false, 0, NULL},
    {SEK_NODE_POLICY, "transitional", SEK_TYPE_WORDS, false, 1, "hold accept"},
    {SEK_NODE_POLICY, "unattributed-consult", SEK_TYPE_TEXTS, false, 0, NULL},
    {SEK_NODE_POLICY, "identified-hold", SEK_TYPE_TEXTS, false, 0, NULL},
    {SEK_NODE_POLICY, "identified-reject", SEK_TYPE_TEXTS, false, 0, NULL},
    {SEK_NODE_POLICY, "release-two", SEK_TYPE_TEXTS, false, 0, NULL},
    {SEK_NODE_POLICY, "determinations-serial", SEK_TYPE_U32, false, 0, NULL},
    {SEK_NODE_POLICY, "generic-name", SEK_TYPE_TEXTS, false, 0, NULL},

    {SEK_NODE_ENTITY, "label", SEK_TYPE_TEXT, true, 0, NULL},
    {SEK_NODE_ENTITY, "source", SEK_TYPE_TEXT, false, 0, NULL},
    {SEK_NODE_ENTITY, "confidence", SEK_TYPE_WORDS, false, 1, CONFIDENCE},
    {SEK_NODE_ENTITY, "alias", SEK_TYPE_TEXTS, false, 0, NULL},
    {SEK_NODE_ENTITY, "not-alias", SEK_TYPE_TEXTS, false, 0, NULL},
    {SEK_NODE_ENTITY, "skeleton", SEK_TYPE_TEXTS, false, 0, NULL},
    {SEK_NODE_ENTITY, "pen", SEK_TYPE_U32S, false, 0, NULL},
    {SEK_NODE_ENTITY, "pci-vendor", SEK_TYPE_U32S, false, 0, NULL},
    {SEK_NODE_ENTITY, "usb-vendor", SEK_TYPE_U32S, false, 0, NULL},
    {SEK_NODE_ENTITY, "midr-impl", SEK_TYPE_U32S, false, 0, NULL},
    {SEK_NODE_ENTITY, "jedec", SEK_TYPE_U32S, false, 0, NULL},
    {SEK_NODE_ENTITY, "oui24", SEK_TYPE_OUIS, false, 3, NULL},
    {SEK_NODE_ENTITY, "oui28", SEK_TYPE_OUIS, false, 4, NULL},
    {SEK_NODE_ENTITY, "oui36", SEK_TYPE_OUIS, false, 5, NULL},
    {SEK_NODE_ENTITY, "dt-prefix", SEK_TYPE_TEXTS, false, 0, NULL},
    {SEK_NODE_ENTITY, "gpon-vid", SEK_TYPE_TEXTS, false, 0, NULL},
    {SEK_NODE_ENTITY, "acpi-hid", SEK_TYPE_TEXTS, false, 0, NULL},
    {SEK_NODE_ENTITY, "pnp", SEK_TYPE_TEXTS, false, 0, NULL},
    {SEK_NODE_AFFILIATION, "parent", SEK_TYPE_NODE, true, 0, "entities"},
    {SEK_NODE_AFFILIATION, "kind", SEK_TYPE_WORDS, true, 1,
     "subsidiary affiliate joint-venture brand relabel former"},
    {SEK_NODE_AFFILIATION, "from", SEK_TYPE_DATE, false, 0, NULL},
    {SEK_NODE_AFFILIATION, "until", SEK_TYPE_DATE, false, 0, NULL},
    {SEK_NODE_AFFILIATION, "source", SEK_TYPE_TEXT, false, 0, NULL},
    {SEK_NODE_AFFILIATION, "confidence", SEK_TYPE_WORDS, false, 1, CONFIDENCE},

    {SEK_NODE_SUPPLIER, "label", SEK_TYPE_TEXT, false, 0, NULL},
    {SEK_NODE_SUPPLIER, "entity", SEK_TYPE_NODE, false, 0, "entities"},
    {SEK_NODE_SUPPLIER, "allow", SEK_TYPE_CLASSES, true, 0, NULL},
    {SEK_NODE_SUPPLIER, "allow-component", SEK_TYPE_TEXTS, false, 0, NULL},
    {SEK_NODE_KEY, "public-key", SEK_TYPE_BYTES, false, 0, NULL},
    {SEK_NODE_KEY, "certificate", SEK_TYPE_BYTES, false, 0, NULL},
    {SEK_NODE_KEY, "ignore-certificate-dates", SEK_TYPE_FLAG, false, 0, NULL},
    {SEK_NODE_KEY, "algo", SEK_TYPE_WORDS, false, 0,
     "sha256,rsa2048 sha384,rsa2048 sha512,rsa2048 sha256,rsa3072 sha384,rsa3072 sha512,rsa3072 "
     "sha256,rsa4096 sha384,rsa4096 sha512,rsa4096 sha256,ecdsa256 sha384,ecdsa256 "
     "sha512,ecdsa256 sha256,ecdsa384 sha384,ecdsa384 sha512,ecdsa384 sha512,ed25519"},
    {SEK_NODE_KEY, "padding", SEK_TYPE_WORDS, false, 1, "pkcs-1.5 pss"},
    {SEK_NODE_KEY, "key-name-hint", SEK_TYPE_TEXT, false, 0, NULL},
    {SEK_NODE_KEY, "not-before", SEK_TYPE_DATE, false, 0, NULL},
    {SEK_NODE_KEY, "not-after", SEK_TYPE_DATE, false, 0, NULL},
    {SEK_NODE_KEY, "revoked", SEK_TYPE_DATE, false, 0, NULL},
    {SEK_NODE_KEY, "key-id", SEK_TYPE_BYTES, false, 32, NULL},
    {SEK_NODE_MINIMUM, "component", SEK_TYPE_TEXT, false, 0, NULL},
    {SEK_NODE_MINIMUM, "version", SEK_TYPE_TEXT, false, 0, NULL},
    {SEK_NODE_MINIMUM, "security-counter", SEK_TYPE_U32, false, 0, NULL},
    {SEK_NODE_MINIMUM, "timestamp", SEK_TYPE_U32, false, 0, NULL},

    {SEK_NODE_REFERENCE, "supplier", SEK_TYPE_NODE, true, 0, "suppliers"},
    {SEK_NODE_REFERENCE, "component", SEK_TYPE_TEXTS, false, 0, NULL},
    {SEK_NODE_REFERENCE, "size", SEK_TYPE_U32, false, 0, NULL},
    {SEK_NODE_REFERENCE, "sha256", SEK_TYPE_BYTES, false, 32, NULL},
    {SEK_NODE_REFERENCE, "sha384", SEK_TYPE_BYTES, false, 48, NULL},
    {SEK_NODE_REFERENCE, "sha512", SEK_TYPE_BYTES, false, 64, NULL},
    {SEK_NODE_REFERENCE, "version", SEK_TYPE_TEXT, false, 0, NULL},
    {SEK_NODE_REFERENCE, "source", SEK_TYPE_TEXT, false, 0, NULL},
    {SEK_NODE_REFERENCE, "not-after", SEK_TYPE_DATE, false, 0, NULL},
    {SEK_NODE_DEVICE_AUTHORITY, "certificate", SEK_TYPE_BYTES, true, 0, NULL},
    {SEK_NODE_MAP, "model", SEK_TYPE_TEXT, true, 0, NULL},
    {SEK_NODE_MAP, "description-sha256", SEK_TYPE_BYTES, true, 32, NULL},
    {SEK_NODE_MAP, "independent", SEK_TYPE_FLAG, false, 0, NULL},
    {SEK_NODE_DENIED_DIGEST, "sha256", SEK_TYPE_BYTES, false, 32, NULL},
    {SEK_NODE_DENIED_DIGEST, "sha384", SEK_TYPE_BYTES, false, 48, NULL},
    {SEK_NODE_DENIED_DIGEST, "sha512", SEK_TYPE_BYTES, false, 64, NULL},
    {SEK_NODE_DENIED_DIGEST, "label", SEK_TYPE_TEXT, true, 0, NULL},
    {SEK_NODE_DENIED_DIGEST, "source", SEK_TYPE_TEXT, true, 0, NULL},
    {SEK_NODE_OFFICER, "label", SEK_TYPE_TEXT, true, 0, NULL},
    {SEK_NODE_OFFICER, "public-key", SEK_TYPE_BYTES, true, 0, NULL},
    {SEK_NODE_OFFICER, "may", SEK_TYPE_WORDS, true, 0, "order release determine"},

    {SEK_NODE_RULE, "label", SEK_TYPE_TEXT, true, 0, NULL},
    {SEK_NODE_RULE, "authority", SEK_TYPE_TEXT, true, 0, NULL},
    {SEK_NODE_RULE, "clause", SEK_TYPE_TEXT, true, 0, NULL},
    {SEK_NODE_RULE, "source", SEK_TYPE_TEXT, true, 0, NULL},
    {SEK_NODE_RULE, "confidence", SEK_TYPE_WORDS, false, 1, CONFIDENCE},
    {SEK_NODE_RULE, "basis", SEK_TYPE_WORDS, true, 1, "named criteria class case"},
    {SEK_NODE_RULE, "force", SEK_TYPE_WORDS, true, 1, "in-force draft proposed repealed"},
    {SEK_NODE_RULE, "subject", SEK_TYPE_NODES, false, 0, "entities"},
    {SEK_NODE_RULE, "follow", SEK_TYPE_WORDS, false, 0,
     "subsidiary affiliate joint-venture brand relabel former"},
    {SEK_NODE_RULE, "not-origin", SEK_TYPE_TEXTS, false, 0, NULL},
    {SEK_NODE_RULE, "tier", SEK_TYPE_TEXTS, false, 0, NULL},
    {SEK_NODE_RULE, "event", SEK_TYPE_TEXTS, false, 0, NULL},
    {SEK_NODE_RULE, "role", SEK_TYPE_CLASSES, false, 0, NULL},
    {SEK_NODE_RULE, "product-class", SEK_TYPE_TEXTS, false, 0, NULL},
    {SEK_NODE_RULE, "min-evidence", SEK_TYPE_U32, false, 0, NULL},
    {SEK_NODE_RULE, "effective-from", SEK_TYPE_DATE, true, 0, NULL},
    {SEK_NODE_RULE, "effective-until", SEK_TYPE_DATE, false, 0, NULL},
    {SEK_NODE_RULE, "verdict", SEK_TYPE_WORDS, true, 1, "excluded consult"},
    {SEK_NODE_TRANSITION, "acquired-before", SEK_TYPE_DATE, true, 0, NULL},
    {SEK_NODE_TRANSITION, "keep-until", SEK_TYPE_DATE, false, 0, NULL},
    {SEK_NODE_EXCEPTION, "tier", SEK_TYPE_TEXTS, false, 0, NULL},
    {SEK_NODE_EXCEPTION, "event", SEK_TYPE_TEXTS, false, 0, NULL},
    {SEK_NODE_EXCEPTION, "role", SEK_TYPE_CLASSES, false, 0, NULL},
    {SEK_NODE_EXCEPTION, "until", SEK_TYPE_DATE, false, 0, NULL},
    {SEK_NODE_EXCEPTION, "reference", SEK_TYPE_TEXT, true, 0, NULL},
    {SEK_NODE_DETERMINATION, "rule", SEK_TYPE_NODE, true, 0, "rules"},
    {SEK_NODE_DETERMINATION, "subject", SEK_TYPE_NODE, true, 0, "entities"},
    {SEK_NODE_DETERMINATION, "verdict", SEK_TYPE_WORDS, true, 1, "excluded cleared"},
    {SEK_NODE_DETERMINATION, "reference", SEK_TYPE_TEXT, true, 0, NULL},
    {SEK_NODE_DETERMINATION, "date", SEK_TYPE_DATE, true, 0, NULL},
    {SEK_NODE_MANIFEST, "model", SEK_TYPE_TEXT, true, 0, NULL},
    {SEK_NODE_MANIFEST, "serial-number", SEK_TYPE_TEXT, false, 0, NULL},
    {SEK_NODE_MANIFEST_PART, "component", SEK_TYPE_TEXT, false, 0, NULL},
    {SEK_NODE_MANIFEST_PART, "class", SEK_TYPE_CLASSES, false, 0, NULL},
    {SEK_NODE_MANIFEST_PART, "optional", SEK_TYPE_FLAG, false, 0, NULL},
    {SEK_NODE_MANIFEST_PART, "says", SEK_TYPE_TEXTS, true, 0, NULL},
    {SEK_NODE_PACK, "label", SEK_TYPE_TEXT, true, 0, NULL},
    {SEK_NODE_PACK, "as-of", SEK_TYPE_DATE, true, 0, NULL},
    {SEK_NODE_PACK, "notice", SEK_TYPE_TEXT, true, 0, NULL},
};

const struct sek_schema_property *sek_schema_properties(size_t *count)
{
    *count = SEK_LEN(properties);
    return properties;
}

static bool name_fits(const char *pattern, const char *name)
{
    size_t len = strlen(pattern);

    if (strcmp(pattern, "*") == 0)
        return true;
    if (pattern[len - 1] != '#')
        return strcmp(pattern, name) == 0;
    return strncmp(pattern, name, len - 1) == 0 && name[len - 1] != '\0' &&
           strspn(name + len - 1, "0123456789") == strlen(name + len - 1);
}

enum sek_schema_node sek_schema_child(enum sek_schema_node parent, const char *name)
{
    for (size_t i = 0; i < SEK_LEN(nodes); i++) {
        if (nodes[i].parent == parent && name_fits(nodes[i].name, name))
            return nodes[i].node;
    }
    return SEK_NODE_UNKNOWN;
}

bool sek_schema_once(enum sek_schema_node kind)
{
    for (size_t i = 0; i < SEK_LEN(nodes); i++) {
        if (nodes[i].node == kind)
            return strcspn(nodes[i].name, "*#") == strlen(nodes[i].name);
    }
    return false;
}
