#include "boards/bench/reference/list.h"

#include <expat.h>

#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 2 * SEK_DIGEST_MAX };

struct lvfs {
    XML_Parser parser;
    struct list_sink *sink;
    struct sek_fault *fault;
    bool in_release, in_checksum;
    char version[LIST_NAME_MAX + 1], name[LIST_NAME_MAX + 1];
    char text[TEXT_MAX + 1]; /* of the checksum under way */
    size_t text_len;         /* TEXT_MAX + 1: longer than any digest */
};

static void fail(struct lvfs *lvfs, const char *why)
{
    XML_Index at = XML_GetCurrentByteIndex(lvfs->parser);

    sek_fault_set(lvfs->fault, SEK_ERR_MALFORMED, at > 0 ? (uint64_t)at : 0, why);
    (void)XML_StopParser(lvfs->parser, XML_FALSE);
}

/* Copies an attribute; empty: it is not there, or too long to be a name. */
static void attribute(const char **pairs, const char *name, char out[LIST_NAME_MAX + 1])
{
    out[0] = '\0';
    for (; pairs[0]; pairs += 2) {
        size_t len = strlen(pairs[1]);

        if (strcmp(pairs[0], name) == 0 && len <= LIST_NAME_MAX)
            memcpy(out, pairs[1], len + 1);
    }
}

static void XMLCALL starts(void *context, const char *name, const char **pairs)
{
    struct lvfs *lvfs = context;

    if (strcmp(name, "release") == 0) {
        lvfs->in_release = true;
        attribute(pairs, "version", lvfs->version);
    } else if (strcmp(name, "checksum") == 0 && lvfs->in_release) {
        lvfs->in_checksum = true;
        lvfs->text_len = 0;
        attribute(pairs, "filename", lvfs->name);
    }
}

static void XMLCALL says(void *context, const char *text, int len)
{
    struct lvfs *lvfs = context;

    if (!lvfs->in_checksum)
        return;
    if ((size_t)len > TEXT_MAX || lvfs->text_len > TEXT_MAX - (size_t)len) {
        lvfs->text_len = TEXT_MAX + 1;
        return;
    }
    memcpy(lvfs->text + lvfs->text_len, text, (size_t)len);
    lvfs->text_len += (size_t)len;
}

/* A checksum without the name of a file is of nothing that we could look for. */
static void XMLCALL ends(void *context, const char *name)
{
    struct lvfs *lvfs = context;
    uint8_t digest[SEK_DIGEST_MAX];
    enum sek_digest_alg alg;

    if (strcmp(name, "release") == 0)
        lvfs->in_release = false;
    if (strcmp(name, "checksum") != 0 || !lvfs->in_checksum)
        return;
    lvfs->in_checksum = false;
    if (lvfs->name[0] == '\0' || lvfs->text_len > TEXT_MAX ||
        !list_unhex(lvfs->text, lvfs->text_len, &alg, digest))
        return;
    const struct list_value value = {lvfs->name, lvfs->version[0] ? lvfs->version : NULL, alg,
                                     digest, 0};

    lvfs->sink->value(lvfs->sink, &value);
}

static void XMLCALL declares(void *context, const char *name, const char *system,
                             const char *public_id, int internal)
{
    (void)name, (void)system, (void)public_id, (void)internal;
    fail(context, "XML with a document type");
}

enum sek_status lvfs_read(struct sek_bytes text, struct list_sink *sink, struct sek_fault *fault)
{
    struct lvfs lvfs = {.sink = sink, .fault = fault, .parser = XML_ParserCreate(NULL)};

    if (!lvfs.parser)
        return sek_fault_set(fault, SEK_ERR_NO_SPACE, 0, "no memory");
    XML_SetUserData(lvfs.parser, &lvfs);
    XML_SetElementHandler(lvfs.parser, starts, ends);
    XML_SetCharacterDataHandler(lvfs.parser, says);
    XML_SetStartDoctypeDeclHandler(lvfs.parser, declares);
    if (text.len > INT32_MAX)
        fail(&lvfs, "too long");
    else if (XML_Parse(lvfs.parser, (const char *)text.data, (int)text.len, 1) != XML_STATUS_OK)
        fail(&lvfs, "not well-formed XML");
    XML_ParserFree(lvfs.parser);
    return fault->status;
}
