/* sekisho enroll: a device gets its certificate. The request comes from the device itself, its key
 * never leaves it; who signs is the lab's device authority. */
#include "boards/bench/enroll/ca.h"
#include "boards/bench/files.h"
#include "boards/bench/hook.h"
#include "boards/bench/link/session.h"
#include "boards/bench/trust.h"
#include "crypto/crypto.h"

#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct bench_option options[] = {
    {"ca-key", "FILE", "private key of the device authority (PEM)"},
    {"ca-cert", "FILE", "its certificate (PEM), which the trust store names"},
    {"serial-number", "TEXT", "the number on the label: refused if the device says another"},
};

enum { KEY_FILE_MAX = 16384 };

static struct ca *open_authority(const struct bench_args *args)
{
    const char *key_path = bench_value(args, "ca-key"), *cert_path = bench_value(args, "ca-cert");
    uint8_t *key = NULL, *certificate = NULL;
    size_t key_len = 0, certificate_len = 0;
    const char *why = "";
    struct ca *ca = NULL;

    if (bench_read_file(key_path, KEY_FILE_MAX, &key, &key_len) != SEK_OK)
        bench_fail(false, 0, 0, "%s: %s", key_path, strerror(errno));
    else if (bench_read_file(cert_path, KEY_FILE_MAX, &certificate, &certificate_len) != SEK_OK)
        bench_fail(false, 0, 0, "%s: %s", cert_path, strerror(errno));
    else {
        ca = ca_open((struct sek_bytes){key, key_len},
                     (struct sek_bytes){certificate, certificate_len}, &why);
        if (!ca)
            bench_fail(false, 0, 0, "%s: %s", key_path, why);
    }
    if (key)
        memset(key, 0, key_len);
    free(key);
    free(certificate);
    return ca;
}

struct enrolment {
    const struct ca *ca;
    const char *label; /* what stands on the device, or NULL */
    const char *target;
    struct bench_session session;
};

static int no_answer(const struct enrolment *e, sek_rule rule, const char *why)
{
    return bench_fail(false, BENCH_EXIT_REACH, rule, "%s: %s", e->target, why);
}

static int enroll(struct enrolment *e)
{
    struct sek_client_request request = {
        .method = SEK_COAP_POST, .path = "sekisho/csr", .content_format = -1, .accept = -1};
    uint8_t csr[SEK_CERTIFICATE_MAX], der[SEK_CERTIFICATE_MAX];
    struct sek_client_answer answer;
    struct ca_request wanted;
    size_t len = 0;
    char why[LINK_WHY], serial[2 * SEK_SERIAL_MAX];
    sek_rule rule;

    if (!bench_session_ask(&e->session, &request, csr, sizeof csr, &answer, &rule, why))
        return no_answer(e, rule, why);
    if (answer.code != SEK_COAP_CONTENT ||
        ca_request_read((struct sek_bytes){csr, answer.len}, &wanted) != SEK_OK)
        return no_answer(e, SEK_RULE(BN, 2), "the device gives no request that its key has signed");
    sek_text_clean((struct sek_bytes){(const uint8_t *)wanted.serial, strlen(wanted.serial)},
                   serial, sizeof serial);
    if (e->label && strcmp(e->label, wanted.serial) != 0)
        return bench_fail(false, BENCH_EXIT_HOLD, SEK_RULE(ID, 1),
                          "%s: the label says %s, the device %s: not enrolled", e->target, e->label,
                          serial);
    if (ca_issue(e->ca, &wanted, bench_today(), der, sizeof der, &len) != SEK_OK)
        return bench_fail(false, BENCH_EXIT_REACH, 0, "the certificate cannot be made");
    request = (struct sek_client_request){.method = SEK_COAP_PUT,
                                          .path = "sekisho/cert",
                                          .content_format = SEK_CF_PKIX_CERT,
                                          .accept = -1,
                                          .payload = {der, len}};
    if (!bench_session_ask(&e->session, &request, csr, sizeof csr, &answer, &rule, why))
        return no_answer(e, rule, why);
    if (answer.code != SEK_COAP_CHANGED)
        return bench_fail(false, BENCH_EXIT_HOLD, SEK_RULE(EV, 3),
                          "%s: the device refuses the certificate (%u.%02u): does its trust store "
                          "name this device authority?",
                          e->target, answer.code >> 5u, answer.code & 0x1fu);
    printf("enrolled %s: serial number %s\n", e->target, serial);
    printf("compare it with the label: a first enrolment is trust on first use\n");
    return BENCH_EXIT_OK;
}

static int enroll_target(struct enrolment *e)
{
    struct bench_link link;
    char why[LINK_WHY];
    sek_rule rule;
    int status;

    if (!bench_link_open(&link, e->target, &rule, why))
        return bench_fail(false, rule ? BENCH_EXIT_REACH : BENCH_EXIT_USAGE, rule, "%s", why);
    status = bench_session_start(&e->session, &link, 0)
                 ? enroll(e)
                 : no_answer(e, SEK_RULE(BN, 1), "the connection is gone");
    bench_link_close(&link);
    return status;
}

static int run(const struct bench_args *args)
{
    struct enrolment e = {.label = bench_value(args, "serial-number")};
    struct ca *ca;
    int status = BENCH_EXIT_OK;

    if (args->operand_count == 0 || !bench_value(args, "ca-key") || !bench_value(args, "ca-cert"))
        return bench_fail(false, BENCH_EXIT_USAGE, 0,
                          "enroll: --ca-key FILE, --ca-cert FILE and a target are needed");
    if (e.label && args->operand_count > 1)
        return bench_fail(false, BENCH_EXIT_USAGE, 0, "enroll: one label is of one device");
    if (sek_crypto_start(bench_digest_hook()) != SEK_OK)
        return bench_fail(false, BENCH_EXIT_REACH, 0,
                          "the crypto library fails its known-answer tests");
    ca = open_authority(args);
    if (!ca)
        return BENCH_EXIT_REACH;
    e.ca = ca;
    for (size_t i = 0; i < args->operand_count; i++) {
        e.target = args->operand[i];
        status = bench_exit_worse(status, enroll_target(&e));
    }
    ca_close(ca);
    return status;
}

const struct bench_command bench_enroll = {
    .name = "enroll",
    .operands = "TARGET...",
    .help = "Gives a device its certificate.",
    .option = options,
    .option_count = SEK_LEN(options),
    .run = run,
};
