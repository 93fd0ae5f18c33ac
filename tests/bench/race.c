/* Times whole processes against each other.
 *
 *   race ROUNDS < CONTENDERS
 *
 * A contender is a line: NAME COUNT COMMAND [ARGUMENT]..., words between blanks, COUNT runs of the
 * command in a row. In each round each contender runs once, so that what else this machine does
 * hits all of them alike; the minimum of the rounds counts. Output per contender:
 *
 *   NAME SECONDS KIB      least wall time; peak resident memory of the largest process
 *
 * Started by posix_spawn, output to /dev/null. What fails may be fast: a command that exits other
 * than 0 is not timed and runs again (swupdate 2022.12 dies now and then after all is done), and
 * one that does so a third time ends the race with exit status 1. (This program is small on
 * purpose: Linux lets a child's peak memory begin at what its parent had.) */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

enum { CONTENDERS = 32, LINE_LEN = 64 * 1024, WORDS = 2048, FAILURES = 3 };

extern char **environ;

struct contender {
    char *name;
    long count;
    char **words;
    double best; /* seconds; 0: not run yet */
    long kib;
    int failures;
};

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool read_line(struct contender *c)
{
    static char line[LINE_LEN];
    char *copy, *word, *rest = NULL;
    size_t count = 0;

    if (!fgets(line, sizeof line, stdin))
        return false;
    copy = strdup(line);
    c->words = calloc(WORDS, sizeof *c->words);
    if (!copy || !c->words)
        return false;
    for (word = strtok_r(copy, " \n", &rest); word && count < WORDS - 1;
         word = strtok_r(NULL, " \n", &rest))
        c->words[count++] = word;
    if (count < 3)
        return false;
    c->name = c->words[0];
    c->count = strtol(c->words[1], NULL, 10);
    c->words += 2;
    return c->count > 0;
}

/* Runs a command once. False: it did not exit with 0, which is counted. */
static bool run(struct contender *c, const posix_spawn_file_actions_t *actions)
{
    struct rusage usage;
    int status;
    pid_t pid;

    if (posix_spawnp(&pid, c->words[0], actions, NULL, c->words, environ) != 0 ||
        wait4(pid, &status, 0, &usage) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        c->failures++;
        return false;
    }
    if (usage.ru_maxrss > c->kib)
        c->kib = usage.ru_maxrss;
    return true;
}

/* All runs of a contender in one round. False: it fails too often. */
static bool run_all(struct contender *c, const posix_spawn_file_actions_t *actions)
{
    double start, took;
    long done;

    do {
        start = now();
        for (done = 0; done < c->count && run(c, actions); done++)
            ;
        took = now() - start;
    } while (done < c->count && c->failures < FAILURES);
    if (done < c->count) {
        (void)fprintf(stderr, "race: %s: %s fails\n", c->name, c->words[0]);
        return false;
    }
    if (c->best == 0 || took < c->best)
        c->best = took;
    return true;
}

int main(int argc, char **argv)
{
    static struct contender contender[CONTENDERS];
    posix_spawn_file_actions_t actions;
    long rounds = argc == 2 ? strtol(argv[1], NULL, 10) : 0;
    size_t count = 0;

    while (count < CONTENDERS && read_line(&contender[count]))
        count++;
    if (rounds < 1 || count == 0 || !feof(stdin)) {
        (void)fputs("usage: race ROUNDS < CONTENDERS\n", stderr);
        return 2;
    }
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    for (long round = 0; round < rounds; round++)
        for (size_t i = 0; i < count; i++)
            if (!run_all(&contender[i], &actions))
                return 1;
    for (size_t i = 0; i < count; i++)
        printf("%s %.6f %ld\n", contender[i].name, contender[i].best, contender[i].kib);
    return 0;
}
