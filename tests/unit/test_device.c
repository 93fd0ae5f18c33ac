/* sekisho check against a device that answers as it likes: what the bench makes of it. The device
 * is a child process with the real agent, server and console behind a unix socket; what it does
 * wrong is a row of a table. */
#define _DEFAULT_SOURCE
#include "boards/bench/check/device.h"
#include "tests/unit/device_wrong.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/rows.h"

enum {
    TODAY = 20785, /* 2026-11-28 */
    SECONDS = 20,
};

struct bench {
    struct rig *rig, *gate; /* gate NULL: none */
    struct bench_trust trust;
    struct sek_appraiser appraiser;
    struct sek_order order;
    struct sek_bytes itb;
    char folder[32], target[128];
    int listener;
    pid_t child;
};

static void open_bench_store(struct bench *b, const struct wrong *w)
{
    static _Alignas(8) uint8_t scratch[65536];
    struct sek_bytes authority = rig_authority("authority");
    struct sek_store_fault why;

    b->trust.today = TODAY;
    if (w->no_store) {
        b->trust.rule = SEK_RULE(TS, 1);
    } else {
        b->itb = rig_store(b->rig, w->store_find, w->store_put);
        assert_int_equal(
            sek_store_open(&b->trust.store, b->itb, authority, 0, scratch, sizeof scratch, &why),
            SEK_OK);
    }
    free((void *)authority.data);
    b->appraiser = (struct sek_appraiser){.store = &b->trust.store, .context = {.today = TODAY}};
}

static void open_socket(struct bench *b)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    strcpy(b->folder, "/tmp/sekisho-device-XXXXXX");
    assert_non_null(mkdtemp(b->folder));
    snprintf(address.sun_path, sizeof address.sun_path, "%s/socket", b->folder);
    snprintf(b->target, sizeof b->target, "unix:%s", address.sun_path);
    b->listener = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(b->listener, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(b->listener, 1), 0);
}

/* The device as it was at its last check: the bench has seen its third start, or its gate's. */
static void remember(const struct bench *b, struct rig *rig)
{
    char path[192], ueid[2 * SEK_UEID_LEN + 1], key[2 * SEK_KID_LEN + 1];
    FILE *file;

    for (size_t i = 0; i < SEK_UEID_LEN; i++)
        snprintf(ueid + 2 * i, 3, "%02x", rig->agent.ueid[i]);
    for (size_t i = 0; i < SEK_KID_LEN; i++)
        snprintf(key + 2 * i, 3, "%02x", rig->agent.identity.key_id[i]);
    snprintf(path, sizeof path, "%s/boot-%s-%s", b->folder, ueid, key);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs("3 00112233445566778899aabbccddeeff\n", file);
    fclose(file);
}

static void bench_start(struct bench *b, const struct wrong *w)
{
    const char *why;

    *b = (struct bench){.rig = rig_make(&w->plan)};
    open_bench_store(b, w); /* vouches for what the media are now */
    assert_int_equal(rig_start(b->rig, &why), SEK_OK);
    rig_measure(b->rig);
    if (!w->not_enrolled)
        rig_enroll(b->rig);
    open_socket(b);
    remember(b, b->rig);
    b->rig->agent.boot_count = 4;
    if (w->gate) {
        b->gate = device_gate(b->rig, w->gate);
        remember(b, b->gate);
    }
    if (w->prepare)
        w->prepare(b->rig);
    b->child = fork();
    assert_true(b->child >= 0);
    if (b->child == 0) {
        device_serve(b->rig, w, b->listener);
        _exit(0);
    }
}

static void bench_end(struct bench *b)
{
    char command[64];

    kill(b->child, SIGKILL);
    waitpid(b->child, NULL, 0);
    close(b->listener);
    snprintf(command, sizeof command, "rm -r %s", b->folder);
    assert_int_equal(system(command), 0);
    free((void *)b->itb.data);
    if (b->gate)
        rig_drop(b->gate);
    rig_drop(b->rig);
}

/* text: of a finding, or NULL: any, or a row's. */
static bool found(const struct report_subject *subject, sek_rule rule, const char *text)
{
    for (size_t i = 0; i < subject->finding_count; i++) {
        if (subject->finding[i].rule == rule && (!text || strstr(subject->finding[i].detail, text)))
            return true;
    }
    for (size_t i = 0; i < subject->row_count && !text; i++) {
        if (subject->row[i].rule == rule && rule)
            return true;
    }
    return false;
}

static bool noted(const struct report_subject *subject, const char *text)
{
    for (size_t i = 0; i < subject->note_count; i++) {
        if (strstr(subject->note[i], text))
            return true;
    }
    return false;
}

static void print_subject(const struct report_subject *subject)
{
    char rule[SEK_RULE_TEXT_LEN + 1];

    print_message("outcome %s\n", sek_outcome_name(subject->outcome));
    for (size_t i = 0; i < subject->finding_count; i++) {
        sek_rule_format(subject->finding[i].rule, rule);
        print_message("  %s %s\n", rule, subject->finding[i].detail);
    }
    for (size_t i = 0; i < subject->note_count; i++)
        print_message("  note %s\n", subject->note[i]);
    for (size_t i = 0; i < subject->row_count; i++) {
        sek_rule_format(subject->row[i].rule, rule);
        print_message("  %s %s %s\n", subject->row[i].name,
                      sek_verdict_name(subject->row[i].verdict), rule);
    }
}

static void the_bench_says(void **state)
{
    const struct wrong *w = *state;
    struct bench b;
    struct device *device = calloc(1, sizeof *device);
    const struct report_subject *subject;
    bool right;

    assert_non_null(device);
    bench_start(&b, w);
    device->trust = &b.trust;
    device->appraiser = &b.appraiser;
    device->order = &b.order;
    device->state_dir = b.folder;
    device->label = w->label;
    device->seconds = w->seconds ? w->seconds : SECONDS;
    device_check(device, b.target);
    subject = &device->subject;
    right = subject->outcome == w->outcome && (!w->rule || found(subject, w->rule, w->finding)) &&
            (!w->note || noted(subject, w->note)) &&
            (w->outcome != SEK_OUTCOME_ACCEPT || subject->finding_count == (w->rule != 0)) &&
            (!w->gate || w->outcome != SEK_OUTCOME_ACCEPT || subject->gate);
    for (size_t i = 0; i < subject->row_count; i++) {
        if ((w->no_store || w->not_enrolled) && subject->row[i].verdict == SEK_VERDICT_APPROVED)
            right = false;
    }
    if (!right)
        print_subject(subject);
    bench_end(&b);
    free(device);
    assert_true(right);
}

static void a_socket_that_nobody_serves_is_an_error(void **state)
{
    struct device *device = calloc(1, sizeof *device);
    struct bench_trust trust = {.today = TODAY};
    struct sek_order order = {0};
    struct sek_appraiser appraiser = {.store = &trust.store};

    (void)state;
    assert_non_null(device);
    device->trust = &trust;
    device->appraiser = &appraiser;
    device->order = &order;
    device_check(device, "unix:/tmp/sekisho-device-that-is-not-there");
    assert_int_equal(device->subject.outcome, SEK_OUTCOME_ERROR);
    assert_int_equal(device->subject.exit_status, BENCH_EXIT_REACH);
    assert_true(found(&device->subject, SEK_RULE(BN, 1), NULL));
    free(device);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_socket_that_nobody_serves_is_an_error),
    };
    size_t count = device_wrong_count + device_gate_count;
    struct CMUnitTest *rows = calloc(count, sizeof *rows);
    int failed;

    if (!rows)
        return 1;
    signal(SIGPIPE, SIG_IGN);
    rows_put(rows, device_wrongs, sizeof *device_wrongs, device_wrong_count, the_bench_says);
    rows_put(rows + device_wrong_count, device_gates, sizeof *device_gates, device_gate_count,
             the_bench_says);
    failed = _cmocka_run_group_tests("the bench says", rows, count, NULL, NULL);
    free(rows);
    return cmocka_run_group_tests(tests, NULL, NULL) + failed;
}
