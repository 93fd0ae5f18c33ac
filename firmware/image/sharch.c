/* ONIE installer: a shell script, a line "exit_marker", a payload; SONiC's carry a detached CMS in
 * PEM behind it, over all that stands ahead. Source: ONIE (sharch), SONiC's secure upgrade. */
#include "image/cms.h"

#include "base/base64.h"

#include <string.h>

enum {
    SCRIPT_MAX = 64 * 1024,
    WINDOW = 2048,
    PEM_MAX = 96 * 1024, /* DER of 64 KiB, and its lines */
    LINES_SEARCHED = 50, /* SONiC's verifier looks no further */
};

static const char marker[] = "exit_marker",
                  size_key[] = "payload_image_size=", sum_key[] = "payload_sha1=";

struct sharch {
    struct sek_image *image;
    struct sek_fault *fault;
    uint8_t *script; /* the first bytes of the file */
    size_t script_len, read;
    bool is_onie, sized;
    uint64_t payload_len;
};

static bool probe(struct sek_bytes head)
{
    static const char shell[] = "#!/bin/"; /* sh, bash */

    return head.len >= sizeof shell - 1 && memcmp(head.data, shell, sizeof shell - 1) == 0;
}

/* Reads another window behind what is there. False: no more can be read. */
static bool read_more(struct sharch *s)
{
    uint64_t left = s->image->claims.size - s->read;
    size_t n = left < WINDOW ? (size_t)left : WINDOW;
    const uint8_t *bytes;

    if (n == 0 || s->read + n > SCRIPT_MAX ||
        sek_image_read(s->image, s->read, n, &bytes) != SEK_OK)
        return false;
    if (s->read == 0)
        s->script = (uint8_t *)(uintptr_t)bytes;
    s->read += n;
    return bytes == s->script + s->read - n; /* windows lie one behind the other */
}

/* The line that begins at start, without its LF; len SIZE_MAX: it does not end in the script. */
static struct sek_bytes line_at(struct sharch *s, size_t start)
{
    size_t at = start;

    for (;; at++) {
        if (at == s->read && !read_more(s))
            return (struct sek_bytes){NULL, SIZE_MAX};
        if (s->script[at] == '\n')
            return (struct sek_bytes){s->script + start, at - start};
    }
}

static bool begins(struct sek_bytes line, const char *word)
{
    size_t len = strlen(word);

    return line.len >= len && memcmp(line.data, word, len) == 0;
}

static bool has(struct sek_bytes line, const char *word)
{
    size_t len = strlen(word);

    for (size_t at = 0; at + len <= line.len; at++) {
        if (memcmp(line.data + at, word, len) == 0)
            return true;
    }
    return false;
}

/* "payload_image_size=N": decimal digits to the end of the line, and only one such line. */
static enum sek_status take_size(struct sharch *s, struct sek_bytes line, size_t number, size_t at)
{
    size_t i = sizeof size_key - 1;

    if (s->sized || number > LINES_SEARCHED || !begins(line, size_key) || i == line.len ||
        line.len - i > 12)
        return sek_fault_set(s->fault, SEK_ERR_MALFORMED, at,
                             "the payload's size is told twice, too late or not as a number");
    for (; i < line.len; i++) {
        if (line.data[i] < '0' || line.data[i] > '9')
            return sek_fault_set(s->fault, SEK_ERR_MALFORMED, at + i,
                                 "the payload's size is no decimal number");
        s->payload_len = s->payload_len * 10 + (uint64_t)(line.data[i] - '0');
    }
    s->sized = true;
    return SEK_OK;
}

/* Reads the script up to its marker. NOT_THIS_FORMAT: some other script. */
static enum sek_status read_script(struct sharch *s)
{
    size_t at = 0;

    for (size_t number = 1;; number++) {
        struct sek_bytes line = line_at(s, at);

        if (line.len == SIZE_MAX)
            break;
        if (line.len == sizeof marker - 1 && begins(line, marker)) {
            s->script_len = at + line.len + 1;
            return s->is_onie ? SEK_OK : SEK_ERR_NOT_THIS_FORMAT;
        }
        if (begins(line, marker))
            return sek_fault_set(s->fault, SEK_ERR_MALFORMED, at,
                                 "a marker with something behind it on its line");
        s->is_onie = s->is_onie || begins(line, size_key) || begins(line, sum_key);
        if (has(line, size_key) && take_size(s, line, number, at) != SEK_OK)
            return s->fault->status;
        at += line.len + 1;
    }
    if (s->fault->status != SEK_OK)
        return s->fault->status;
    return s->is_onie
               ? sek_fault_set(s->fault, SEK_ERR_TRUNCATED, at, "an installer without marker")
               : SEK_ERR_NOT_THIS_FORMAT;
}

/* The signature in PEM, from at to the end of the file. */
static enum sek_status add_signature(struct sharch *s, uint64_t at, struct sek_image_claim *claim)
{
    uint64_t len = s->image->claims.size - at;
    uint8_t *der = sek_image_scratch(s->image, len <= PEM_MAX ? (size_t)len : SIZE_MAX);
    struct sek_cms cms = {.hash = SEK_DIGEST_NONE};
    const uint8_t *pem;
    size_t der_len;

    if (!der)
        return sek_fault_set(s->fault, SEK_ERR_NO_SPACE, at, "the signature is too long for us");
    if (sek_image_read(s->image, at, (size_t)len, &pem) != SEK_OK)
        return s->fault->status;
    if (sek_pem_decode((struct sek_bytes){pem, (size_t)len}, "CMS", der, &der_len) != SEK_OK)
        return sek_fault_set(s->fault, SEK_ERR_MALFORMED, at,
                             "no signature in PEM behind the payload, or not it alone");
    if (!sek_statement_add(s->image, "installer", SEK_STATEMENT_WHOLE) ||
        sek_cms_add(s->image, (struct sek_bytes){der, der_len}, at, SEK_CMS_DETACHED, 0, &cms) !=
            SEK_OK)
        return s->fault->status;
    return sek_cms_cover(s->image, &cms, claim, 0);
}

static enum sek_status prepare(struct sek_image *image)
{
    struct sharch s = {.image = image, .fault = &image->claims.fault};
    enum sek_status status = read_script(&s);
    struct sek_image_claim *claim;
    uint64_t end;

    if (status != SEK_OK)
        return status;
    end = s.sized ? s.script_len + s.payload_len : image->claims.size;
    if (end > image->claims.size)
        return sek_fault_set(s.fault, SEK_ERR_TRUNCATED, s.script_len,
                             "announces more bytes than there are");
    claim = sek_image_add(image, "installer", 0, end);
    if (!claim)
        return s.fault->status;
    claim->class_hint = SEK_CLASS_ROOTFS;
    if (end < image->claims.size) {
        status = sek_pass_plan(&image->pass, end, image->claims.size - end, SEK_DIGEST_NONE, NULL);
        return status == SEK_OK ? add_signature(&s, end, claim) : status;
    }
    claim->checksum_only = true; /* SHA-1, told by the script that it is to check */
    return sek_pass_plan(&image->pass, 0, end, SEK_DIGEST_SHA256, &claim->extra);
}

const struct sek_format sek_format_sharch = {
    .name = "onie-installer", .probe = probe, .prepare = prepare};
