/* Asks one device again and again, and looks at every answer:
 *   soak_client TARGET COUNT CA.der [WORD]
 * Each resource in turn, wrong requests among them; every answer must be the one that came first,
 * or evidence for the nonce that was sent, signed by the enrolled key, of the same components. WORD
 * is typed on the line after every tenth request, as a person would. Exit 0: none wrong. */
#define _POSIX_C_SOURCE 200809L
#include "boards/bench/files.h"
#include "boards/bench/link/session.h"
#include "crypto/crypto.h"
#include "evidence/certificate.h"
#include "evidence/challenge.h"
#include "evidence/token_decode.h"
#include "hal/linux/entropy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BODY = 65536,
    ROWS = 256,
    PER_SESSION = 50, /* a session has a time limit */
    TYPED_EVERY = 10,
    FILE_MAX = 65536,
    WRONG_MAX = 5, /* that are told */
};

struct answer {
    uint8_t body[BODY];
    size_t len;
};

struct soak {
    struct bench_link link;
    struct bench_session session;
    const char *target, *word;
    struct sek_certificate certificate;
    struct answer now;
    unsigned long asked, wrong, typed;
    struct sek_row row[ROWS];
    struct sek_observation observation[4 * ROWS];
};

/* What is asked in turn, and the code that it must come to; the content must not change. */
static struct question {
    uint8_t method, code;
    const char *path;
    bool evidence; /* a challenge with a nonce of its own */
    bool known;
    struct answer first;
} questions[] = {
    {.method = SEK_COAP_GET, .code = SEK_COAP_CONTENT, .path = "sekisho/info"},
    {.method = SEK_COAP_GET, .code = SEK_COAP_CONTENT, .path = "sekisho/components"},
    {.method = SEK_COAP_GET, .code = SEK_COAP_CONTENT, .path = "sekisho/store"},
    {.method = SEK_COAP_GET, .code = SEK_COAP_CONTENT, .path = "sekisho/cert"},
    {.method = SEK_COAP_GET, .code = SEK_COAP_CONTENT, .path = ".well-known/core"},
    {.method = SEK_COAP_GET, .code = SEK_COAP_NOT_FOUND, .path = "sekisho/nothing"},
    {.method = SEK_COAP_PUT, .code = SEK_COAP_NOT_ALLOWED, .path = "sekisho/info"},
    {.method = SEK_COAP_FETCH, .code = SEK_COAP_BAD_REQUEST, .path = "sekisho/attest"},
    {.method = SEK_COAP_GET, .code = SEK_COAP_CONTENT, .path = "sekisho/info"},
    {.method = SEK_COAP_GET, .code = SEK_COAP_CONTENT, .path = "sekisho/components"},
    {.method = SEK_COAP_GET, .code = SEK_COAP_CONTENT, .path = "sekisho/info"},
    {.method = SEK_COAP_GET, .code = SEK_COAP_CONTENT, .path = "sekisho/cert"},
    {.method = SEK_COAP_FETCH,
     .code = SEK_COAP_CONTENT,
     .path = "sekisho/attest",
     .evidence = true},
};

static bool ask(struct soak *s, const struct question *q, struct sek_bytes payload,
                const char **why)
{
    const struct sek_client_request request = {.method = q->method,
                                               .path = q->path,
                                               .content_format = SEK_CF_CBOR,
                                               .accept = -1,
                                               .payload = payload};
    static char text[LINK_WHY];
    struct sek_client_answer answer;
    sek_rule rule;

    *why = text;
    if (!bench_session_ask(&s->session, &request, s->now.body, BODY, &answer, &rule, text))
        return false;
    s->now.len = answer.len;
    snprintf(text, sizeof text, "code %u.%02u", (unsigned)answer.code >> 5,
             (unsigned)answer.code & 0x1f);
    return answer.code == q->code;
}

/* The same as the first time? */
static bool is_same(struct question *q, const struct answer *now)
{
    if (!q->known) {
        q->first = *now;
        q->known = true;
    }
    return q->first.len == now->len && memcmp(q->first.body, now->body, now->len) == 0;
}

/* Evidence for this nonce; what it says of its components goes into *rows. */
static bool verify(struct soak *s, const uint8_t nonce[SEK_NONCE_LEN], size_t *rows)
{
    struct sek_fault fault = {0};
    struct sek_cose cose;
    struct sek_token_content content = {.row = s->row,
                                        .row_cap = ROWS,
                                        .observation = s->observation,
                                        .observation_cap = SEK_LEN(s->observation)};

    if (sek_cose_open(sek_reader_make((struct sek_bytes){s->now.body, s->now.len}, &fault),
                      &cose) != SEK_OK ||
        sek_cose_verify(&cose, (struct sek_bytes){s->certificate.spki, s->certificate.spki_len}) !=
            SEK_OK ||
        sek_token_decode(cose.payload, &content) != SEK_OK ||
        memcmp(content.claims.nonce, nonce, SEK_NONCE_LEN) != 0)
        return false;
    *rows = content.row_count;
    return true;
}

/* Names, digests and words of all rows as bytes: the same at every asking. */
static void gather(const struct soak *s, size_t rows, struct answer *out)
{
    out->len = 0;
    for (size_t i = 0; i < rows; i++) {
        const struct sek_row *row = &s->row[i];
        const size_t part = sizeof row->name + sizeof row->digest + 2;

        if (out->len + part > BODY)
            return;
        memcpy(out->body + out->len, row->name, sizeof row->name);
        memcpy(out->body + out->len + sizeof row->name, row->digest, sizeof row->digest);
        out->body[out->len + part - 2] = (uint8_t)row->integrity;
        out->body[out->len + part - 1] = (uint8_t)row->supplier;
        out->len += part;
    }
}

static bool ask_evidence(struct soak *s, struct question *q, const char **why)
{
    static struct answer told;
    struct sek_challenge challenge = {.request = SEK_REQUEST_INVENTORY};
    uint8_t bytes[SEK_CHALLENGE_MAX];
    struct sek_cbor_writer w = sek_cbor_writer_make(bytes, sizeof bytes);
    size_t rows = 0;

    if (linux_entropy.read(&linux_entropy, challenge.nonce, SEK_NONCE_LEN) != SEK_OK)
        return false;
    sek_challenge_write(&w, &challenge, NULL);
    if (!ask(s, q, (struct sek_bytes){bytes, w.len}, why))
        return false;
    *why = "evidence that does not verify";
    if (!verify(s, challenge.nonce, &rows))
        return false;
    *why = "other components than the first time";
    gather(s, rows, &told);
    return is_same(q, &told);
}

static void ask_one(struct soak *s)
{
    struct question *q = &questions[s->asked % SEK_LEN(questions)];
    const char *why = "";
    bool good;

    if (q->evidence) {
        good = ask_evidence(s, q, &why);
    } else {
        good = ask(s, q, (struct sek_bytes){0}, &why);
        if (good && !is_same(q, &s->now)) {
            good = false;
            why = "another content than the first time";
        }
    }
    s->asked++;
    if (!good && s->wrong++ < WRONG_MAX)
        fprintf(stderr, "soak: request %lu, %s: %s\n", s->asked, q->path, why);
}

static void type(struct soak *s)
{
    if (!s->word || !s->link.framed || s->asked % TYPED_EVERY != TYPED_EVERY / 2)
        return;
    (void)!s->link.serial.base.write(&s->link.serial.base, s->word, strlen(s->word));
    (void)!s->link.serial.base.write(&s->link.serial.base, "\r", 1);
    s->typed++;
}

/* The key that signs: of the device's certificate, issued by this authority. */
static bool learn_key(struct soak *s, const char *ca_path)
{
    const struct question *q = &questions[3];
    struct sek_bytes ca;
    uint8_t *der = NULL;
    const char *why;
    bool good;

    if (bench_read_file(ca_path, FILE_MAX, &der, &ca.len) != SEK_OK)
        return false;
    ca.data = der;
    good = ask(s, q, (struct sek_bytes){0}, &why) &&
           sek_certificate_check((struct sek_bytes){s->now.body, s->now.len}, &ca, 1, 0,
                                 &s->certificate) == SEK_OK;
    if (!good)
        fprintf(stderr, "soak: certificate: %s\n", why);
    free(der);
    return good;
}

int main(int argc, char **argv)
{
    static struct soak s;
    unsigned long count = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
    uint64_t began = bench_now_ms();
    char why[LINK_WHY];
    sek_rule rule;

    if (argc < 4 || sek_crypto_start(NULL) != SEK_OK)
        return 2;
    s.target = argv[1];
    s.word = argc > 4 ? argv[4] : NULL;
    if (!bench_link_open(&s.link, s.target, &rule, why) ||
        !bench_session_start(&s.session, &s.link, 0) || !learn_key(&s, argv[3])) {
        fprintf(stderr, "soak: %s: no enrolled device\n", s.target);
        return 2;
    }
    while (s.asked < count && s.wrong <= count / 10) {
        if (s.asked % PER_SESSION == 0 && !bench_session_start(&s.session, &s.link, 0))
            break;
        ask_one(&s);
        type(&s);
    }
    printf("soak: %-40s %lu requests, %lu wrong, %lu words typed, %llu s\n", s.target, s.asked,
           s.wrong, s.typed, (unsigned long long)((bench_now_ms() - began) / 1000));
    bench_link_close(&s.link);
    return s.wrong == 0 && s.asked == count ? 0 : 1;
}
