#include "boards/bench/inspect/helper.h"

#include <sched.h>

enum { IDLE, ASKED, ENDED };

/* What is waited for takes microseconds, less than a thread takes to wake up: so a waiter only
 * gives way at first, and sleeps when it takes longer. */
enum { GIVE_WAY = 200 };

/* Waits until the state is another. */
static int await_change(struct helper *helper, int state)
{
    int now = state;

    for (int i = 0; i < GIVE_WAY && now == state; i++) {
        now = atomic_load(&helper->state);
        if (now == state)
            sched_yield();
    }
    if (now != state)
        return now;
    pthread_mutex_lock(&helper->lock);
    while ((now = atomic_load(&helper->state)) == state)
        pthread_cond_wait(&helper->changed, &helper->lock);
    pthread_mutex_unlock(&helper->lock);
    return now;
}

static void change(struct helper *helper, int state)
{
    pthread_mutex_lock(&helper->lock);
    atomic_store(&helper->state, state);
    pthread_cond_signal(&helper->changed);
    pthread_mutex_unlock(&helper->lock);
}

static void *run(void *argument)
{
    struct helper *helper = argument;

    while (await_change(helper, IDLE) == ASKED) {
        helper->work(helper->argument);
        change(helper, IDLE);
    }
    return NULL;
}

bool helper_start(struct helper *helper)
{
    pthread_mutex_init(&helper->lock, NULL);
    pthread_cond_init(&helper->changed, NULL);
    atomic_init(&helper->state, IDLE);
    if (pthread_create(&helper->thread, NULL, run, helper) == 0)
        return true;
    pthread_cond_destroy(&helper->changed);
    pthread_mutex_destroy(&helper->lock);
    return false;
}

void helper_stop(struct helper *helper)
{
    change(helper, ENDED);
    pthread_join(helper->thread, NULL);
    pthread_cond_destroy(&helper->changed);
    pthread_mutex_destroy(&helper->lock);
}

void helper_ask(struct helper *helper, void (*work)(void *argument), void *argument)
{
    helper->work = work;
    helper->argument = argument;
    change(helper, ASKED);
}

void helper_wait(struct helper *helper)
{
    (void)await_change(helper, ASKED);
}
