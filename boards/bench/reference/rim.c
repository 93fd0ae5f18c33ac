#include "boards/bench/reference/rim.h"

#include "boards/bench/reference/cbor_item.h"
#include "evidence/cose.h"

#include <string.h>

/* CBOR tags: draft-ietf-rats-corim-11, 13.3; RFC 9393, 2.2. */
enum { TAG_SIGN1 = 18, TAG_COSWID = 505, TAG_COMID = 506 };

/* Keys of the maps, by the map. */
enum {
    COSE_ALG = 1,
    CORIM_TAGS = 1,
    CORIM_VALIDITY = 4,
    VALIDITY_NOT_AFTER = 1,
    COMID_TRIPLES = 4,
    TRIPLES_REFERENCE = 0,
    ENVIRONMENT_CLASS = 0,
    CLASS_MODEL = 2,
    MEASUREMENT_KEY = 0,
    MEASUREMENT_VALUE = 1,
    VALUE_VERSION = 0,
    VALUE_DIGESTS = 2,
    VALUE_NAME = 11,
    VERSION_TEXT = 0,
    SWID_VERSION = 13,
    SWID_PAYLOAD = 6,
    SWID_HASH = 7,
    SWID_DIRECTORY = 16,
    SWID_FILE = 17,
    SWID_SIZE = 20,
    SWID_FILE_VERSION = 21,
    SWID_FS_NAME = 24,
    SWID_PATH_ELEMENTS = 26,
};

enum { DIRECTORIES = 256, SECONDS_A_DAY = 86400 };

/* "Named Information Hash Algorithm Registry" of IANA, the strong ones that are not cut. */
static enum sek_digest_alg by_registry(uint64_t id)
{
    switch (id) {
    case 1:
        return SEK_DIGEST_SHA256;
    case 7:
        return SEK_DIGEST_SHA384;
    case 8:
        return SEK_DIGEST_SHA512;
    default:
        return SEK_DIGEST_NONE;
    }
}

bool rim_probe(struct sek_bytes bytes)
{
    return bytes.len > 0 && bytes.data[0] >= 0x80 && bytes.data[0] < 0xe0; /* array, map, tag */
}

/* ---- The envelope ---- */

/* A byte string; a text is none. */
static struct sek_bytes bytes_of(struct sek_reader *r)
{
    struct cbor_item item = cbor_item_take(r);

    return item.type == SEK_CBOR_BYTES ? item.bytes : (struct sek_bytes){0};
}

enum sek_status rim_open(struct sek_bytes bytes, struct rim *out, struct sek_fault *fault)
{
    struct sek_reader r = sek_reader_make(bytes, fault), header, alg;
    struct rim rim = {.is_signed = false};
    struct cbor_item item;

    if (cbor_item_tags(&r) != TAG_SIGN1) {
        rim.payload = bytes;
        if (fault->status == SEK_OK)
            *out = rim;
        return fault->status;
    }
    item = cbor_item_take(&r);
    if (item.type != SEK_CBOR_ARRAY || item.value != 4)
        return sek_reader_fail(&r, SEK_ERR_MALFORMED, "COSE_Sign1: not an array of four");
    rim.is_signed = true;
    rim.protected_header = bytes_of(&r);
    if (sek_cbor_peek(&r) != SEK_CBOR_MAP)
        return sek_reader_fail(&r, SEK_ERR_MALFORMED, "COSE_Sign1: no unprotected header");
    cbor_item_skip(&r); /* what is not protected says nothing */
    rim.payload = bytes_of(&r);
    rim.signature = bytes_of(&r);
    if (sek_reader_left(&r) > 0)
        return sek_reader_fail(&r, SEK_ERR_MALFORMED, "COSE_Sign1: bytes behind it");
    if (!rim.protected_header.data || !rim.payload.data || !rim.signature.data)
        return sek_reader_fail(&r, SEK_ERR_MALFORMED,
                               "COSE_Sign1: no protected header, payload or signature");
    header = sek_reader_make(rim.protected_header, fault);
    if (!cbor_item_find(header, COSE_ALG, &alg))
        return sek_reader_fail(&r, SEK_ERR_MALFORMED, "COSE_Sign1: no algorithm in its header");
    item = cbor_item_take(&alg);
    if (item.type == SEK_CBOR_NINT && item.value < 256)
        rim.alg = -1 - (int64_t)item.value;
    if (fault->status == SEK_OK)
        *out = rim;
    return fault->status;
}

enum sek_status rim_verify(const struct rim *rim, struct sek_bytes spki)
{
    const bool p256 = rim->alg == SEK_COSE_ES256;
    const struct sek_sig_alg alg = {SEK_SCHEME_ECDSA, p256 ? SEK_DIGEST_SHA256 : SEK_DIGEST_SHA384,
                                    p256 ? 256 : 384};
    uint8_t digest[SEK_DIGEST_MAX];
    enum sek_status status;

    if (!p256 && rim->alg != SEK_COSE_ES384)
        return SEK_ERR_UNSUPPORTED;
    status = sek_cose_digest((enum sek_cose_alg)rim->alg, rim->protected_header,
                             (struct sek_bytes){0}, rim->payload, digest);
    if (status != SEK_OK)
        return status;
    return sek_verify_digest(&alg, spki, (struct sek_bytes){digest, sek_digest_len(alg.hash)},
                             rim->signature);
}

/* ---- Values ---- */

struct reading {
    struct list_sink *sink;
    char model[LIST_NAME_MAX + 1]; /* of the environment */
    char name[LIST_NAME_MAX + 1], version[LIST_NAME_MAX + 1];
};

/* Copies a text; false: it is none, is longer, or holds a zero. */
static bool text_of(struct sek_reader r, char out[LIST_NAME_MAX + 1])
{
    struct cbor_item item;

    (void)cbor_item_tags(&r);
    item = cbor_item_take(&r);
    if (item.type != SEK_CBOR_TEXT || item.bytes.len == 0 || item.bytes.len > LIST_NAME_MAX ||
        memchr(item.bytes.data, 0, item.bytes.len))
        return false;
    memcpy(out, item.bytes.data, item.bytes.len);
    out[item.bytes.len] = '\0';
    return true;
}

static bool text_at(struct sek_reader map, uint64_t key, char out[LIST_NAME_MAX + 1])
{
    struct sek_reader value;

    return cbor_item_find(map, key, &value) && text_of(value, out);
}

/* One [algorithm, digest]; what is weak or unknown is passed over. */
static enum sek_digest_alg digest_of(struct sek_reader r, struct sek_bytes *out)
{
    struct sek_reader start = r;
    struct cbor_item pair = cbor_item_take(&r), id = cbor_item_take(&r), value = cbor_item_take(&r);
    enum sek_digest_alg alg = id.type == SEK_CBOR_UINT ? by_registry(id.value)
                              : id.type == SEK_CBOR_TEXT
                                  ? sek_digest_find((const char *)id.bytes.data, id.bytes.len)
                                  : SEK_DIGEST_NONE;

    if (pair.type != SEK_CBOR_ARRAY || pair.value != 2 || value.type != SEK_CBOR_BYTES)
        sek_reader_fail(&start, SEK_ERR_MALFORMED, "a digest that is no algorithm and bytes");
    else if (sek_digest_strong(alg) && value.bytes.len != sek_digest_len(alg))
        sek_reader_fail(&start, SEK_ERR_MALFORMED,
                        "a digest of another length than its algorithm's");
    *out = value.bytes;
    return start.fault->status == SEK_OK && sek_digest_strong(alg) ? alg : SEK_DIGEST_NONE;
}

static void give(struct reading *reading, const char *version, enum sek_digest_alg alg,
                 struct sek_bytes digest, uint64_t size)
{
    const struct list_value value = {reading->name, version, alg, digest.data, size};

    if (alg != SEK_DIGEST_NONE)
        reading->sink->value(reading->sink, &value);
}

/* Of several digests of one thing the shortest strong one: what devices compute anyway. */
static enum sek_digest_alg best_digest(struct sek_reader r, struct sek_bytes *out)
{
    enum sek_digest_alg best = SEK_DIGEST_NONE;
    struct cbor_item list = cbor_item_take(&r);

    for (uint64_t i = 0; list.type == SEK_CBOR_ARRAY && i < list.value; i++) {
        struct sek_bytes bytes;
        enum sek_digest_alg alg = digest_of(r, &bytes);

        if (alg != SEK_DIGEST_NONE && (best == SEK_DIGEST_NONE || alg < best)) {
            best = alg;
            *out = bytes;
        }
        cbor_item_skip(&r);
    }
    return best;
}

/* ---- CoMID ---- */

/* A measurement is called by its name, else by its key, else by the model of its environment. */
static void read_measurement(struct reading *reading, struct sek_reader measurement)
{
    struct sek_reader value, at;
    struct sek_bytes digest = {0};
    bool versioned;

    if (!cbor_item_find(measurement, MEASUREMENT_VALUE, &value) ||
        !cbor_item_find(value, VALUE_DIGESTS, &at))
        return;
    enum sek_digest_alg alg = best_digest(at, &digest);

    versioned =
        cbor_item_find(value, VALUE_VERSION, &at) && text_at(at, VERSION_TEXT, reading->version);
    if (!text_at(value, VALUE_NAME, reading->name) &&
        !text_at(measurement, MEASUREMENT_KEY, reading->name))
        memcpy(reading->name, reading->model, sizeof reading->name);
    give(reading, versioned ? reading->version : NULL, alg, digest, 0);
}

static void read_comid(struct reading *reading, struct sek_reader comid)
{
    struct sek_reader triples, r;
    struct cbor_item list;

    if (!cbor_item_find(comid, COMID_TRIPLES, &triples) ||
        !cbor_item_find(triples, TRIPLES_REFERENCE, &r))
        return;
    list = cbor_item_take(&r);
    for (uint64_t i = 0; list.type == SEK_CBOR_ARRAY && i < list.value; i++) {
        struct sek_reader triple = r, at;
        struct cbor_item pair = cbor_item_take(&triple);

        if (!cbor_item_find(triple, ENVIRONMENT_CLASS, &at) ||
            !text_at(at, CLASS_MODEL, reading->model))
            memcpy(reading->model, "component", sizeof "component");
        cbor_item_skip(&triple);
        if (pair.type != SEK_CBOR_ARRAY || pair.value < 2) {
            sek_reader_fail(&r, SEK_ERR_MALFORMED, "a reference triple that is no pair");
            return;
        }
        for (size_t n = cbor_item_elements(&triple); n > 0; n--) {
            read_measurement(reading, triple);
            cbor_item_skip(&triple);
        }
        cbor_item_skip(&r);
    }
}

/* ---- CoSWID ---- */

static void read_file(struct reading *reading, struct sek_reader file)
{
    struct sek_reader at;
    struct sek_bytes digest = {0};
    struct cbor_item size = {.value = 0};
    bool versioned = text_at(file, SWID_FILE_VERSION, reading->version);

    if (!text_at(file, SWID_FS_NAME, reading->name) || !cbor_item_find(file, SWID_HASH, &at))
        return;
    enum sek_digest_alg alg = digest_of(at, &digest);

    if (cbor_item_find(file, SWID_SIZE, &at))
        size = cbor_item_take(&at);
    give(reading, versioned ? reading->version : NULL, alg, digest,
         size.type == SEK_CBOR_UINT ? size.value : 0);
}

/* Files of a payload and of the directories in it, one directory after the other. */
static void read_coswid(struct reading *reading, struct sek_reader tag)
{
    struct sek_reader directory[DIRECTORIES], at;
    size_t count = 0;

    if (!cbor_item_find(tag, SWID_PAYLOAD, &at))
        return;
    directory[count++] = at;
    for (size_t i = 0; i < count; i++) {
        if (cbor_item_find(directory[i], SWID_FILE, &at)) {
            for (size_t n = cbor_item_elements(&at); n > 0; n--) {
                read_file(reading, at);
                cbor_item_skip(&at);
            }
        }
        if (!cbor_item_find(directory[i], SWID_DIRECTORY, &at))
            continue;
        for (size_t n = cbor_item_elements(&at); n > 0; n--) {
            struct sek_reader elements;

            if (cbor_item_find(at, SWID_PATH_ELEMENTS, &elements)) {
                if (count == DIRECTORIES) {
                    sek_reader_fail(&at, SEK_ERR_NO_SPACE, "more than 256 directories");
                    return;
                }
                directory[count++] = elements;
            }
            cbor_item_skip(&at);
        }
    }
}

/* ---- CoRIM ---- */

/* A point in time: seconds since 1970, with or without its tag. */
static sek_day day_at(struct sek_reader map, uint64_t key)
{
    struct sek_reader at;
    struct cbor_item seconds;

    if (!cbor_item_find(map, key, &at))
        return 0;
    (void)cbor_item_tags(&at);
    seconds = cbor_item_take(&at);
    if (seconds.type != SEK_CBOR_UINT || seconds.value / SECONDS_A_DAY > UINT32_MAX)
        sek_reader_fail(&map, SEK_ERR_UNSUPPORTED, "a validity that is not whole seconds");
    return seconds.type == SEK_CBOR_UINT ? sek_date_from_seconds(seconds.value) : 0;
}

static void read_corim(struct reading *reading, struct sek_reader corim, struct sek_reader tags,
                       sek_day *not_after)
{
    struct sek_reader at;

    if (cbor_item_find(corim, CORIM_VALIDITY, &at))
        *not_after = day_at(at, VALIDITY_NOT_AFTER);
    for (size_t n = cbor_item_elements(&tags); n > 0; n--) {
        uint64_t tag = cbor_item_tags(&tags);
        struct sek_bytes content = bytes_of(&tags);
        struct sek_reader inner = tags;

        /* Inside the same bytes, so that offsets stay those of the whole. */
        inner.pos = tags.pos - content.len;
        inner.end = tags.pos;
        if (!content.data || content.len == 0)
            sek_reader_fail(&inner, SEK_ERR_MALFORMED, "a tag that is not in a byte string");
        (void)cbor_item_tags(&inner);
        if (tag == TAG_COMID)
            read_comid(reading, inner);
        else if (tag == TAG_COSWID)
            read_coswid(reading, inner);
    }
}

enum sek_status rim_read(struct sek_bytes payload, struct list_sink *sink, sek_day *not_after,
                         struct sek_fault *fault)
{
    struct sek_reader r = sek_reader_make(payload, fault), whole, at;
    struct reading reading = {.sink = sink};

    *not_after = 0;
    (void)cbor_item_tags(&r);
    whole = r;
    cbor_item_skip(&whole); /* all of it is there, before a part of it counts */
    if (sek_reader_left(&whole) > 0)
        return sek_reader_fail(&whole, SEK_ERR_MALFORMED, "bytes behind the manifest");
    if (cbor_item_find(r, CORIM_TAGS, &at) && sek_cbor_peek(&at) == SEK_CBOR_ARRAY)
        read_corim(&reading, r, at, not_after);
    else if (fault->status == SEK_OK && sek_cbor_peek(&r) == SEK_CBOR_MAP)
        read_coswid(&reading, r);
    else
        sek_reader_fail(&r, SEK_ERR_MALFORMED, "neither CoRIM nor CoSWID");
    return fault->status;
}
