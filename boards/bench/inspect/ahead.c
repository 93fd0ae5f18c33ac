#include "boards/bench/inspect/ahead.h"

#include <pthread.h>
#include <stdatomic.h>

/* What is waited for takes some ten microseconds, less than a thread takes to wake up: so a waiter
 * looks again and again at first, and sleeps when it takes longer. */
enum { LOOKS = 100000 }; /* some 40 microseconds */

/* Work that either thread can do: digests over the chunk at hand, and reading the next one. */
struct errand {
    const struct sek_digest_job *job;
    size_t jobs;
    bool fill;
    unsigned half; /* to read into */
};

/* Errands are numbered. Each is given to the second thread; who takes it does it, and that is the
 * giver if the other has not come to it yet: it may have no processor. */
struct ahead {
    struct slot *slot;
    struct errand errand; /* the last one given */
    atomic_uint given, taken, done;
    atomic_uint sleepers;
    pthread_mutex_t lock;
    pthread_cond_t counted;
};

enum { NO_MORE = 1u << 31 }; /* given instead of a number: the second thread ends */

/* Waits until a counter is at least value. */
static void await(struct ahead *ahead, const atomic_uint *counter, unsigned value)
{
    for (int i = 0; i < LOOKS; i++)
        if (atomic_load_explicit(counter, memory_order_acquire) >= value)
            return;
    pthread_mutex_lock(&ahead->lock);
    atomic_fetch_add(&ahead->sleepers, 1); /* before the last look: see count */
    while (atomic_load(counter) < value)
        pthread_cond_wait(&ahead->counted, &ahead->lock);
    atomic_fetch_sub(&ahead->sleepers, 1);
    pthread_mutex_unlock(&ahead->lock);
}

/* The lock is only for a sleeper: who is about to sleep has counted itself before it looks at the
 * counter for the last time, so either it sees the new value or we see it. */
static void count(struct ahead *ahead, atomic_uint *counter, unsigned value)
{
    atomic_store(counter, value);
    if (atomic_load(&ahead->sleepers) == 0)
        return;
    pthread_mutex_lock(&ahead->lock);
    pthread_cond_signal(&ahead->counted);
    pthread_mutex_unlock(&ahead->lock);
}

/* True for the one of both threads that comes first. */
static bool take(struct ahead *ahead, unsigned number)
{
    unsigned before = number - 1;

    return atomic_compare_exchange_strong(&ahead->taken, &before, number);
}

static void run(struct ahead *ahead, const struct errand *errand)
{
    sek_digest_run(errand->job, errand->jobs);
    if (errand->fill)
        slot_fill(ahead->slot, errand->half);
}

static void *second(void *argument)
{
    struct ahead *ahead = argument;

    for (unsigned number = 0;;) {
        await(ahead, &ahead->given, number + 1);
        number = atomic_load(&ahead->given);
        if (number == NO_MORE)
            return NULL;
        if (!take(ahead, number))
            continue;
        run(ahead, &ahead->errand);
        count(ahead, &ahead->done, number);
    }
}

/* Gives one errand away and runs the other; both are done when it returns. True: the second thread
 * did its own. */
static bool share(struct ahead *ahead, unsigned number, const struct errand *away,
                  const struct errand *own)
{
    ahead->errand = *away;
    count(ahead, &ahead->given, number);
    run(ahead, own);
    if (take(ahead, number)) {
        run(ahead, away);
        return false;
    }
    await(ahead, &ahead->done, number);
    return true;
}

/* A chunk is digested where it was read, in that processor's cache: the threads change places from
 * chunk to chunk. Several digests are divided, unless the second thread had no processor of late:
 * two streams in one thread take less than one after the other. */
static void measure(struct ahead *ahead)
{
    struct sek_digest_job job[SEK_PASS_ACTIVE];
    size_t jobs = 0;
    bool helped = false;

    slot_fill(ahead->slot, 0);
    for (unsigned chunk = 1, number = 0; slot_jobs(ahead->slot, job, &jobs); chunk++, jobs = 0) {
        size_t half = helped ? (jobs + 1) / 2 : jobs;
        const struct errand errand[2] = {
            {.job = job, .jobs = half},
            {.job = job + half, .jobs = jobs - half, .fill = true, .half = chunk % 2},
        };

        if (jobs == 0)
            run(ahead, &errand[1]);
        else
            helped = share(ahead, ++number, &errand[chunk % 2], &errand[(chunk + 1) % 2]);
    }
}

void ahead_measure(struct slot *slot)
{
    struct ahead ahead = {
        .slot = slot, .lock = PTHREAD_MUTEX_INITIALIZER, .counted = PTHREAD_COND_INITIALIZER};
    pthread_t thread;

    if (pthread_create(&thread, NULL, second, &ahead) != 0)
        return;
    measure(&ahead);
    count(&ahead, &ahead.given, NO_MORE);
    pthread_join(thread, NULL);
}
