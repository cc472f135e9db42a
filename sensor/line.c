/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/line.h"

#include "sensor/thread.h"

#include <stdlib.h>

struct line {
    struct round *rounds[ROUNDS];
    struct shard *shards[SHARDS];
    unsigned workers;
    void (*judge)(void *owner, struct round *round);
    void *owner;

    pthread_t threads[SHARDS + 1];
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint64_t sent;           /* rounds, as the next two */
    uint64_t worked[SHARDS]; /* by worker */
    uint64_t judged;
};

struct task {
    struct line *line;
    unsigned worker;
};

static struct round *
round_at(const struct line *line, uint64_t number)
{
    return line->rounds[number % ROUNDS];
}

static void
work(struct line *line, unsigned worker, struct round *round)
{
    for (unsigned shard = worker; shard < SHARDS; shard += line->workers)
        shard_work(line->shards[shard], round);
}

static void *
run_worker(void *argument)
{
    struct task *task = argument;
    struct line *line = task->line;
    unsigned worker = task->worker;
    free(task);
    for (uint64_t number = 0;; number++) {
        pthread_mutex_lock(&line->lock);
        while (line->sent == number)
            pthread_cond_wait(&line->changed, &line->lock);
        pthread_mutex_unlock(&line->lock);

        struct round *round = round_at(line, number);
        bool over = round->over;
        work(line, worker, round);

        pthread_mutex_lock(&line->lock);
        line->worked[worker] = number + 1;
        pthread_cond_broadcast(&line->changed);
        pthread_mutex_unlock(&line->lock);
        if (over)
            return NULL;
    }
}

static bool
all_worked(const struct line *line, uint64_t number)
{
    for (unsigned worker = 0; worker < line->workers; worker++)
        if (line->worked[worker] <= number)
            return false;
    return true;
}

static void *
run_judge(void *argument)
{
    struct line *line = argument;
    for (uint64_t number = 0;; number++) {
        pthread_mutex_lock(&line->lock);
        while (!all_worked(line, number))
            pthread_cond_wait(&line->changed, &line->lock);
        pthread_mutex_unlock(&line->lock);

        struct round *round = round_at(line, number);
        bool over = round->over;
        line->judge(line->owner, round);

        pthread_mutex_lock(&line->lock);
        line->judged = number + 1;
        pthread_cond_broadcast(&line->changed);
        pthread_mutex_unlock(&line->lock);
        if (over)
            return NULL;
    }
}

static void
start_all(struct line *line)
{
    pthread_mutex_init(&line->lock, NULL);
    pthread_cond_init(&line->changed, NULL);
    for (unsigned worker = 0; worker < line->workers; worker++) {
        struct task *task = malloc(sizeof *task);
        if (!task)
            abort();
        *task = (struct task){line, worker};
        line->threads[worker] = thread_start(run_worker, task);
    }
    line->threads[line->workers] = thread_start(run_judge, line);
}

struct line *
line_new(unsigned workers, const struct shard_options *options,
    void (*judge)(void *owner, struct round *round), void *owner)
{
    struct line *line = calloc(1, sizeof *line);
    if (!line)
        abort();
    line->workers = workers < SHARDS ? workers : SHARDS;
    line->judge = judge;
    line->owner = owner;
    for (unsigned i = 0; i < ROUNDS; i++) /* one worker ends one before the next begins */
        line->rounds[i] = round_new(i && line->workers == 1 ? line->rounds[0] : NULL);
    struct shard_options share = *options;
    share.memory_limit /= SHARDS;
    for (unsigned i = 0; i < SHARDS; i++)
        line->shards[i] = shard_new(i, &share);
    if (line->workers > 1)
        start_all(line);
    return line;
}

static void
wait_until_judged(struct line *line, uint64_t number)
{
    if (line->workers == 1)
        return;
    pthread_mutex_lock(&line->lock);
    while (line->judged < number)
        pthread_cond_wait(&line->changed, &line->lock);
    pthread_mutex_unlock(&line->lock);
}

struct round *
line_round(struct line *line)
{
    if (line->sent >= ROUNDS)
        wait_until_judged(line, line->sent - ROUNDS + 1);
    struct round *round = round_at(line, line->sent);
    round_clear(round);
    return round;
}

void
line_send(struct line *line)
{
    struct round *round = round_at(line, line->sent);
    if (line->workers == 1) {
        work(line, 0, round);
        line->judge(line->owner, round);
        line->sent++;
        return;
    }
    pthread_mutex_lock(&line->lock);
    line->sent++;
    pthread_cond_broadcast(&line->changed);
    pthread_mutex_unlock(&line->lock);
}

void
line_drain(struct line *line)
{
    wait_until_judged(line, line->sent);
}

void
line_free(struct line *line)
{
    if (line->workers > 1) {
        for (unsigned i = 0; i <= line->workers; i++)
            pthread_join(line->threads[i], NULL);
        pthread_cond_destroy(&line->changed);
        pthread_mutex_destroy(&line->lock);
    }
    for (unsigned i = 0; i < SHARDS; i++)
        shard_free(line->shards[i], line->rounds, ROUNDS);
    for (unsigned i = ROUNDS; i-- > 0;)
        round_free(line->rounds[i]);
    free(line);
}
