/* A second thread for one thing at a time, beside what the first does meanwhile. */
#ifndef SEK_BENCH_INSPECT_HELPER_H
#define SEK_BENCH_INSPECT_HELPER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

struct helper {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    atomic_int state;
    void (*work)(void *argument);
    void *argument;
};

/* Starts the thread. False: there is none to be had. */
bool helper_start(struct helper *helper);
void helper_stop(struct helper *helper);

/* Lets it do work(argument); the next thing to be called is helper_wait, which returns when that is
 * done: what the work has written can then be read. */
void helper_ask(struct helper *helper, void (*work)(void *argument), void *argument);
void helper_wait(struct helper *helper);

#endif
