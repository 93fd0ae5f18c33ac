#define _GNU_SOURCE
#include "boards/bench/inspect/run.h"

#include "boards/bench/inspect/ahead.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

enum {
    WORKERS_MAX = 4,
    SLOTS_MAX = HAL_SHA256_MANY, /* of one worker, stepped together */
    SLOTS_ALL = 2 * SLOTS_MAX,   /* of all workers: keeps memory within bounds */
    WINDOW = 4 * SLOTS_ALL,      /* finished files that wait for an earlier one to be printed */
};

struct waiting {
    char *text; /* rendered, or NULL: not finished */
    size_t len;
};

struct run {
    const struct slot_setup *setup;
    char *const *path;
    size_t count;
    size_t workers, slots; /* threads; files that each steps together */
    bool spare;            /* a processor has nothing to do */
    FILE *out;
    struct inspect_printer *printer;

    pthread_mutex_t lock;
    pthread_cond_t printed;
    size_t next;      /* file that nobody has taken */
    size_t print_pos; /* file that is printed next */
    struct waiting waiting[WINDOW];
    struct inspect_result result;
    bool failed;
};

/* Takes the next file, waiting while too many results wait to be printed. A worker that still has a
 * file at work (may_wait false) does not wait: its own file may be the one that is waited for. */
static bool take(struct run *run, bool may_wait, size_t *index)
{
    bool taken;

    pthread_mutex_lock(&run->lock);
    while (may_wait && run->next < run->count && run->next >= run->print_pos + WINDOW)
        pthread_cond_wait(&run->printed, &run->lock);
    taken = run->next < run->count && run->next < run->print_pos + WINDOW && !run->failed;
    if (taken)
        *index = run->next++;
    pthread_mutex_unlock(&run->lock);
    return taken;
}

/* Prints what is due, in order. Called with the lock. */
static void print_due(struct run *run)
{
    struct waiting *due;

    while ((due = &run->waiting[run->print_pos % WINDOW])->text) {
        if (due->len != fwrite(due->text, 1, due->len, run->out))
            run->failed = true;
        free(due->text);
        due->text = NULL;
        run->print_pos++;
    }
    pthread_cond_broadcast(&run->printed);
}

/* Hands a finished file in. */
static void deliver(struct run *run, const struct slot *slot)
{
    struct waiting ready = {0};
    FILE *text = open_memstream(&ready.text, &ready.len);

    if (text) {
        run->printer->print(run->printer, text, &slot->subject, slot->index == 0);
        fclose(text);
    }
    pthread_mutex_lock(&run->lock);
    run->result.outcome = report_worse(run->result.outcome, slot->subject.outcome);
    run->result.exit_status = bench_exit_worse(run->result.exit_status, slot->subject.exit_status);
    if (ready.text) {
        run->waiting[slot->index % WINDOW] = ready;
        print_due(run);
    } else {
        run->failed = true;
    }
    pthread_mutex_unlock(&run->lock);
}

/* Gives an idle slot a file that has to be stepped; files that are done at once are delivered on
 * the way. False: there is none for now. */
static bool fill(struct run *run, struct slot *slot, bool may_wait)
{
    size_t index;

    while (take(run, may_wait, &index)) {
        if (slot_open(slot, index, run->path[index]))
            return true;
        deliver(run, slot);
    }
    return false;
}

/* Steps the busy slots together once; those at their end are closed and delivered. */
static void step(struct run *run, struct slot slot[])
{
    struct sek_digest_job job[SLOTS_MAX * SEK_PASS_ACTIVE];
    bool more[SLOTS_MAX] = {false};
    size_t jobs = 0;

    for (size_t i = 0; i < run->slots; i++) {
        if (slot[i].busy)
            more[i] = slot_step(&slot[i], job, &jobs);
    }
    sek_digest_run(job, jobs);
    for (size_t i = 0; i < run->slots; i++) {
        if (!slot[i].busy || more[i] || slot_close(&slot[i]))
            continue;
        deliver(run, &slot[i]);
        slot[i].busy = false;
    }
}

static void *work(void *argument)
{
    struct run *run = argument;
    struct slot *slot = calloc(run->slots, sizeof *slot);
    bool ready = slot != NULL;

    for (size_t i = 0; slot && i < run->slots; i++)
        ready = slot_init(&slot[i], run->setup, run->slots * run->workers) && ready;
    while (ready) {
        size_t busy = 0;

        for (size_t i = 0; i < run->slots; i++)
            busy += slot[i].busy;
        for (size_t i = 0; i < run->slots; i++) {
            if (!slot[i].busy && fill(run, &slot[i], busy == 0)) {
                slot[i].busy = true;
                busy++;
            }
        }
        if (busy == 0)
            break;
        if (run->spare && slot[0].image.pass.source->size >= SLOT_LARGE)
            ahead_measure(&slot[0]);
        step(run, slot);
    }
    for (size_t i = 0; slot && i < run->slots; i++)
        slot_free(&slot[i]);
    free(slot);
    if (!ready) {
        pthread_mutex_lock(&run->lock);
        run->failed = true;
        pthread_cond_broadcast(&run->printed);
        pthread_mutex_unlock(&run->lock);
    }
    return NULL;
}

/* Processors that we may use. */
static size_t processors(void)
{
    cpu_set_t set;

    return sched_getaffinity(0, sizeof set, &set) == 0 ? (size_t)CPU_COUNT(&set) : 1;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Files worth stepping together: what the hook takes at once, if each worker has as many. */
static size_t slot_count(const struct hal_digest *hook, size_t files, size_t workers)
{
    size_t each = (files + workers - 1) / workers;
    bool many =
        hook && hook->sha256_many && each >= hook->many_from && workers * SLOTS_MAX <= SLOTS_ALL;

    return smaller(each, many ? SLOTS_MAX : 2);
}

bool inspect_run(const struct slot_setup *setup, char *const *path, size_t count, FILE *out,
                 struct inspect_printer *printer, struct inspect_result *result)
{
    struct run run = {
        .setup = setup,
        .path = path,
        .count = count,
        .workers = smaller(smaller(processors(), WORKERS_MAX), count),
        .out = out,
        .printer = printer,
        .lock = PTHREAD_MUTEX_INITIALIZER,
        .printed = PTHREAD_COND_INITIALIZER,
        .result = {SEK_OUTCOME_ACCEPT, BENCH_EXIT_OK},
    };
    pthread_t thread[WORKERS_MAX];
    size_t started = 0;

    run.slots = slot_count(setup->hook, count, run.workers);
    run.spare = count == 1 && processors() > 1;
    while (started + 1 < run.workers && pthread_create(&thread[started], NULL, work, &run) == 0)
        started++;
    work(&run); /* this thread works too */
    for (size_t i = 0; i < started; i++)
        pthread_join(thread[i], NULL);
    for (size_t i = 0; i < WINDOW; i++)
        free(run.waiting[i].text);
    if (run.failed || run.print_pos != count)
        return false;
    *result = run.result;
    return true;
}
