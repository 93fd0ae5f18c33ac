/* Drafts: source of a trust store that a person has to read before it can be signed. */
#include "boards/bench/reference/reference.h"

#include "base/reader.h"
#include "base/text.h"

#include <string.h>

enum { NODE_MAX = 31 };

/* A node's name out of a component's: small letters, digits, dashes. */
static void node_name(const char *component, const uint8_t *digest, char out[NODE_MAX + 1])
{
    size_t len = 0;

    while (*component && strchr("./-", *component))
        component++;
    for (; component[len] && len < NODE_MAX - 9; len++) {
        char c = component[len];
        bool fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');

        out[len] = fits ? c : (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : '-');
    }
    /* Two files of one name are two references. */
    snprintf(out + len, NODE_MAX + 1 - len, "-%02x%02x%02x%02x", digest[0], digest[1], digest[2],
             digest[3]);
}

/* Text for a string or a comment of the source: nothing that could end either. */
static void plain(const char *text, char *out, size_t cap)
{
    sek_text_clean((struct sek_bytes){(const uint8_t *)text, strlen(text)}, out, cap);
    for (char *at = out; *at; at++) {
        if (*at == '"' || *at == '\\' || *at == '*')
            *at = '_';
    }
}

static void put_text(const char *property, const char *value, FILE *out)
{
    char text[512];

    if (!value)
        return;
    plain(value, text, sizeof text);
    fprintf(out, "\t\t\t%s = \"%s\";\n", property, text);
}

void reference_draft(const struct reference_origin *origin, const struct reference_value *value,
                     FILE *out)
{
    char node[NODE_MAX + 1], text[256], day[SEK_DATE_LEN + 1];

    node_name(value->component, value->digest, node);
    fprintf(out, "\t\t%s {\n\t\t\tunreviewed;\n", node);
    plain(origin->supplier, text, sizeof text);
    fprintf(out, "\t\t\tsupplier = <&{/suppliers/%s}>;\n", text);
    put_text("component", value->component, out);
    put_text("version", value->version ? value->version : origin->version, out);
    put_text("source", value->source, out);
    if (value->not_after != 0) {
        sek_date_format(value->not_after, day);
        put_text("not-after", day, out);
    }
    if (value->size > 0 && value->size <= UINT32_MAX)
        fprintf(out, "\t\t\tsize = <%llu>;\n", (unsigned long long)value->size);
    fprintf(out, "\t\t\t%s = [", sek_digest_name(value->alg));
    for (size_t i = 0; i < sek_digest_len(value->alg); i++)
        fprintf(out, "%02x", value->digest[i]);
    fputs("];\n\t\t};\n", out);
}

void reference_begin(const struct reference_origin *origin, FILE *out)
{
    char text[256];

    plain(origin->supplier, text, sizeof text);
    fprintf(
        out,
        "/* Draft: references of supplier %s. Read each, compare it with what the supplier says,\n"
        " * then delete its line `unreviewed`: lint refuses it until then. */\n"
        "/ {\n\treferences {\n",
        text);
}

void reference_end(FILE *out)
{
    fputs("\t};\n};\n", out);
}
