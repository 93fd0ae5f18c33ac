#include "boards/bench/inspect/ahead.h"

#include <pthread.h>
#include <stdatomic.h>

/* What is waited for takes some ten microseconds, less than a thread takes to wake up: so a waiter
 * looks again and again at first, and sleeps when it takes longer. */
enum { LOOKS = 400000 }; /* a tenth of a millisecond */

struct ahead {
    struct slot *slot;
    atomic_uint made; /* chunks whose jobs are made: the next may be read */
    atomic_uint run;  /* chunks whose jobs have run: the jobs of the next may be made */
    atomic_uint sleepers;
    bool ended; /* written before made, read behind it */
    pthread_mutex_t lock;
    pthread_cond_t counted;
};

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

/* Every other chunk, from chunk on. */
static void take_turns(struct ahead *ahead, unsigned chunk)
{
    for (unsigned half = chunk % 2;; chunk += 2) {
        struct sek_digest_job job[SEK_PASS_ACTIVE];
        size_t jobs = 0;

        await(ahead, &ahead->made, chunk);
        if (ahead->ended)
            return;
        slot_fill(ahead->slot, half);
        await(ahead, &ahead->run, chunk);
        ahead->ended = !slot_jobs(ahead->slot, job, &jobs);
        count(ahead, &ahead->made, chunk + 1);
        sek_digest_run(job, jobs);
        count(ahead, &ahead->run, chunk + 1);
        if (jobs == 0 && ahead->ended)
            return;
    }
}

static void *second(void *argument)
{
    take_turns(argument, 1);
    return NULL;
}

void ahead_measure(struct slot *slot)
{
    struct ahead ahead = {
        .slot = slot, .lock = PTHREAD_MUTEX_INITIALIZER, .counted = PTHREAD_COND_INITIALIZER};
    pthread_t thread;

    if (pthread_create(&thread, NULL, second, &ahead) != 0)
        return;
    take_turns(&ahead, 0);
    pthread_join(thread, NULL);
}
