/* sekisho release: an officer lets a gate start what it holds, once. The gate tells what it holds;
 * the order names device, moment and content. */
#include "boards/bench/bench.h"
#include "boards/bench/files.h"
#include "boards/bench/hook.h"
#include "boards/bench/link/session.h"

#include "base/text.h"
#include "crypto/crypto.h"
#include "evidence/claim_map.h"
#include "evidence/claims.h"
#include "evidence/release.h"

#include <mbedtls/pk.h>
#include <psa/crypto.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct bench_option options[] = {
    {"key", "FILE", "the officer's private key (PEM, P-256), whom the device's store names"},
    {"yes", NULL, "sign an order; without it, what is held is only shown"},
};

enum { KEY_FILE_MAX = 16384, ANSWER_MAX = 512 };

/* ---- The officer's key ---- */

struct officer {
    struct sek_signer signer; /* first */
    psa_key_id_t key;
};

static enum sek_status sign(struct sek_signer *signer, struct sek_bytes digest,
                            uint8_t signature[SEK_COSE_SIGNATURE_MAX])
{
    size_t len = 0;

    return psa_sign_hash(((struct officer *)signer)->key, PSA_ALG_ECDSA(PSA_ALG_SHA_256),
                         digest.data, digest.len, signature, SEK_COSE_SIGNATURE_MAX,
                         &len) == PSA_SUCCESS &&
                   len == 64
               ? SEK_OK
               : SEK_ERR_CRYPTO;
}

static int random_bytes(void *context, unsigned char *out, size_t len)
{
    (void)context;
    return psa_generate_random(out, len) == PSA_SUCCESS ? 0 : MBEDTLS_ERR_PK_BAD_INPUT_DATA;
}

/* The key behind a handle, its id as kid. */
static bool take_key(struct officer *officer, uint8_t *text, size_t len)
{
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    mbedtls_pk_context pk;
    uint8_t spki[256], id[SEK_KEY_ID_LEN];
    int spki_len = 0;
    bool good;

    mbedtls_pk_init(&pk);
    good = mbedtls_pk_parse_key(&pk, text, len, NULL, 0, random_bytes, NULL) == 0 &&
           mbedtls_pk_can_do(&pk, MBEDTLS_PK_ECDSA) && mbedtls_pk_get_bitlen(&pk) == 256 &&
           mbedtls_pk_get_psa_attributes(&pk, PSA_KEY_USAGE_SIGN_HASH, &attributes) == 0 &&
           mbedtls_pk_import_into_psa(&pk, &attributes, &officer->key) == 0;
    if (good)
        spki_len = mbedtls_pk_write_pubkey_der(&pk, spki, sizeof spki); /* at the end of it */
    good = good && spki_len > 0 &&
           sek_key_id((struct sek_bytes){spki + sizeof spki - spki_len, (size_t)spki_len}, id) ==
               SEK_OK;
    mbedtls_pk_free(&pk);
    if (good)
        memcpy(officer->signer.kid, id, SEK_KID_LEN);
    return good;
}

static bool open_officer(struct officer *officer, const char *path)
{
    uint8_t *file = NULL, *text;
    size_t len = 0;
    bool good;

    if (bench_read_file(path, KEY_FILE_MAX, &file, &len) != SEK_OK) {
        bench_fail(false, 0, 0, "%s: %s", path, strerror(errno));
        return false;
    }
    text = calloc(1, len + 1); /* PEM must end in NUL */
    if (text)
        memcpy(text, file, len);
    memset(file, 0, len);
    free(file);
    *officer = (struct officer){.signer = {.sign = sign, .alg = SEK_COSE_ES256}};
    good = text && take_key(officer, text, len + 1);
    if (text)
        memset(text, 0, len + 1);
    free(text);
    if (!good)
        bench_fail(false, 0, 0, "%s: no private key on P-256", path);
    return good;
}

/* ---- What the gate holds ---- */

struct held {
    uint64_t state, outcome;
    struct sek_bytes ueid, nonce, digest; /* borrowed from the answer */
};

static void read_state(struct sek_reader *r, void *context)
{
    ((struct held *)context)->state = sek_cbor_uint(r, 3);
}

static void read_outcome(struct sek_reader *r, void *context)
{
    ((struct held *)context)->outcome = sek_cbor_uint(r, 2);
}

static void read_ueid(struct sek_reader *r, void *context)
{
    ((struct held *)context)->ueid = sek_cbor_bytes(r, SEK_UEID_LEN, SEK_UEID_LEN);
}

static void read_nonce(struct sek_reader *r, void *context)
{
    ((struct held *)context)->nonce = sek_cbor_bytes(r, SEK_DEVICE_NONCE_LEN, SEK_DEVICE_NONCE_LEN);
}

static void read_digest(struct sek_reader *r, void *context)
{
    ((struct held *)context)->digest = sek_cbor_bytes(r, 0, 32);
}

static void ignore(void *context, int64_t key, uint64_t offset)
{
    (void)context;
    (void)key;
    (void)offset;
}

static bool read_held(struct sek_bytes body, struct held *held)
{
    static const struct sek_claim_row rows[] = {
        {1, "no state (1)", read_state},
        {2, "no outcome (2)", read_outcome},
        {SEK_CLAIM_UEID, "no UEID (256)", read_ueid},
        {SEK_CLAIM_DEVICE_NONCE, "no device nonce (-82010)", read_nonce},
        {SEK_CLAIM_BOOT_DIGEST, "no digest (-82024)", read_digest},
    };
    struct sek_fault fault = {0};
    struct sek_reader r = sek_reader_make(body, &fault);

    if (sek_cbor_check(r) != SEK_OK)
        return false;
    sek_claim_map_read(&r, rows, SEK_LEN(rows), ignore, held);
    return fault.status == SEK_OK;
}

/* ---- The order ---- */

struct release {
    struct officer *officer; /* NULL: only look */
    const char *target;
    struct bench_session session;
};

static int no_answer(const struct release *r, sek_rule rule, const char *why)
{
    return bench_fail(false, BENCH_EXIT_REACH, rule, "%s: %s", r->target, why);
}

static void show(const struct release *r, const struct held *held)
{
    static const char *const states[] = {"measuring", "waiting to start", "held", "released"};
    static const char *const outcomes[] = {"ACCEPT", "HOLD", "REJECT"};
    char hex[2 * 33 + 1];

    printf("%s: %s, %s\n", r->target, states[held->state], outcomes[held->outcome]);
    sek_text_hex(held->ueid, hex);
    printf("  device   %s\n", hex);
    sek_text_hex(held->digest, hex);
    printf("  content  %s (SHA-256 of kernel, device tree, RAM disk)\n",
           held->digest.len ? hex : "nothing that can be started");
}

static int send_order(struct release *r, const struct held *held)
{
    struct sek_release order = {.issued_at = (uint64_t)time(NULL)};
    uint8_t bytes[SEK_RELEASE_MAX], body[ANSWER_MAX];
    struct sek_cbor_writer w = sek_cbor_writer_make(bytes, sizeof bytes);
    struct sek_client_request request = {.method = SEK_COAP_PUT,
                                         .path = "sekisho/release",
                                         .content_format = SEK_CF_CBOR,
                                         .accept = -1};
    struct sek_client_answer answer;
    char why[LINK_WHY];
    sek_rule rule;

    memcpy(order.ueid, held->ueid.data, SEK_UEID_LEN);
    memcpy(order.device_nonce, held->nonce.data, SEK_DEVICE_NONCE_LEN);
    memcpy(order.boot_digest, held->digest.data, sizeof order.boot_digest);
    sek_release_write(&w, &order, &r->officer->signer);
    if (w.status != SEK_OK)
        return bench_fail(false, BENCH_EXIT_REACH, 0, "the order cannot be signed");
    request.payload = (struct sek_bytes){bytes, w.len};
    if (!bench_session_ask(&r->session, &request, body, sizeof body, &answer, &rule, why))
        return no_answer(r, rule, why);
    if (answer.code == SEK_COAP_CREATED) {
        printf("counted: the policy wants the order of another officer, too\n");
        return BENCH_EXIT_HOLD;
    }
    if (answer.code != SEK_COAP_CHANGED)
        return bench_fail(
            false, BENCH_EXIT_HOLD, 0,
            "%s: the gate refuses the order (%u.%02u): does its trust store name this "
            "officer, with \"release\", and did another one sign before?",
            r->target, answer.code >> 5u, answer.code & 0x1fu);
    printf("released %s: what it held starts now, this once\n", r->target);
    return BENCH_EXIT_OK;
}

static int release(struct release *r)
{
    const struct sek_client_request request = {.method = SEK_COAP_GET,
                                               .path = "sekisho/release",
                                               .content_format = -1,
                                               .accept = SEK_CF_CBOR};
    uint8_t body[ANSWER_MAX];
    struct sek_client_answer answer;
    struct held held = {0};
    char why[LINK_WHY];
    sek_rule rule;

    if (!bench_session_ask(&r->session, &request, body, sizeof body, &answer, &rule, why))
        return no_answer(r, rule, why);
    if (answer.code != SEK_COAP_CONTENT || !read_held((struct sek_bytes){body, answer.len}, &held))
        return no_answer(r, SEK_RULE(BN, 2), "this device has no gate");
    show(r, &held);
    if (!r->officer)
        return held.state == 2 ? BENCH_EXIT_HOLD : BENCH_EXIT_OK;
    if (held.state != 2 || held.outcome == 2 || held.digest.len != 32)
        return bench_fail(false, BENCH_EXIT_HOLD, 0, "%s: nothing is held that an order releases",
                          r->target);
    return send_order(r, &held);
}

static int run(const struct bench_args *args)
{
    struct release r = {.target = args->operand_count == 1 ? args->operand[0] : NULL};
    struct officer officer = {.key = 0};
    struct bench_link link;
    char why[LINK_WHY];
    sek_rule rule;
    int status;

    if (!r.target || (bench_value(args, "yes") && !bench_value(args, "key")))
        return bench_fail(false, BENCH_EXIT_USAGE, 0,
                          "release: one target; to release it --key FILE and --yes");
    if (sek_crypto_start(bench_digest_hook()) != SEK_OK)
        return bench_fail(false, BENCH_EXIT_REACH, 0,
                          "the crypto library fails its known-answer tests");
    if (bench_value(args, "yes")) {
        if (!open_officer(&officer, bench_value(args, "key")))
            return BENCH_EXIT_TRUST;
        r.officer = &officer;
    }
    if (!bench_link_open(&link, r.target, &rule, why)) {
        status = bench_fail(false, rule ? BENCH_EXIT_REACH : BENCH_EXIT_USAGE, rule, "%s", why);
    } else {
        status = bench_session_start(&r.session, &link, 0)
                     ? release(&r)
                     : no_answer(&r, SEK_RULE(BN, 1), "the connection is gone");
        bench_link_close(&link);
    }
    if (r.officer)
        psa_destroy_key(officer.key);
    return status;
}

const struct bench_command bench_release = {
    .name = "release",
    .operands = "TARGET",
    .help = "Shows what a gate holds; with --key and --yes, starts it.",
    .option = options,
    .option_count = SEK_LEN(options),
    .run = run,
};
