/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/herald.h"

#include "sensor/thread.h"

#include <stdlib.h>
#include <time.h>

enum {
    QUEUE_MOST = 1024,       /* alerts that wait, */
    QUEUE_BYTES = 16 << 20,  /* and their bytes */
    TEND_NS = 50000000,      /* how often what goes on between alerts is looked after */
    FAREWELL_NS = 500000000, /* what is left of patience when all is over, in half seconds: */
    FAREWELLS = 20,
};

struct letter {
    struct letter *next;
    size_t len;
    uint8_t at[];
};

struct herald {
    const struct herald_kind *kind;
    void *carrier;
    struct text news; /* the judge's */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct letter *first, *last;
    size_t len, bytes;
    uint64_t lost;
    bool over, done;
};

static struct timespec
in_a_while(int64_t ns)
{
    struct timespec when;
    clock_gettime(CLOCK_REALTIME, &when);
    when.tv_nsec += ns;
    when.tv_sec += when.tv_nsec / 1000000000;
    when.tv_nsec %= 1000000000;
    return when;
}

static struct letter *
take_letter(struct herald *herald)
{
    struct letter *letter = herald->first;
    if (!letter)
        return NULL;
    herald->first = letter->next;
    if (!letter->next)
        herald->last = NULL;
    herald->len--;
    herald->bytes -= letter->len;
    return letter;
}

static void *
run(void *argument)
{
    struct herald *herald = argument;
    bool tending = false;
    pthread_mutex_lock(&herald->lock);
    for (;;) {
        struct letter *letter = take_letter(herald);
        bool over = herald->over;
        if (!letter && !tending && over)
            break;
        if (!letter && !tending) {
            pthread_cond_wait(&herald->changed, &herald->lock);
            continue;
        }
        if (!letter) {
            struct timespec when = in_a_while(TEND_NS);
            pthread_cond_timedwait(&herald->changed, &herald->lock, &when);
        }
        pthread_mutex_unlock(&herald->lock);
        bool lost = letter &&
                    !herald->kind->carry(herald->carrier, bytes_of(letter->at, letter->len), over);
        free(letter);
        tending = herald->kind->tend && herald->kind->tend(herald->carrier, over);
        pthread_mutex_lock(&herald->lock);
        herald->lost += lost;
    }
    herald->done = true;
    pthread_cond_broadcast(&herald->changed);
    pthread_mutex_unlock(&herald->lock);
    return NULL;
}

struct herald *
herald_new(const struct herald_kind *kind, void *taken)
{
    struct herald *herald = calloc(1, sizeof *herald);
    if (!herald)
        abort();
    herald->kind = kind;
    herald->carrier = taken;
    pthread_mutex_init(&herald->lock, NULL);
    pthread_cond_init(&herald->changed, NULL);
    herald->thread = thread_start(run, herald);
    return herald;
}

void
herald_tell(struct herald *herald, const struct alert *alert)
{
    text_clear(&herald->news);
    herald->kind->spell(herald->carrier, alert, &herald->news);
    struct bytes news = text_bytes(&herald->news);
    pthread_mutex_lock(&herald->lock);
    struct letter *letter = NULL;
    if (herald->len < QUEUE_MOST && herald->bytes + news.len <= QUEUE_BYTES)
        letter = malloc(sizeof *letter + news.len);
    if (letter) {
        *letter = (struct letter){.len = news.len};
        memcpy(letter->at, news.at, news.len);
        if (herald->last)
            herald->last->next = letter;
        else
            herald->first = letter;
        herald->last = letter;
        herald->len++;
        herald->bytes += news.len;
        pthread_cond_broadcast(&herald->changed);
    } else {
        herald->lost++;
    }
    pthread_mutex_unlock(&herald->lock);
}

uint64_t
herald_lost(struct herald *herald)
{
    if (!herald)
        return 0;
    pthread_mutex_lock(&herald->lock);
    uint64_t lost = herald->lost;
    pthread_mutex_unlock(&herald->lock);
    return lost;
}

/* What still waits when patience is over is lost. */
static void
give_up(struct herald *herald)
{
    struct letter *letter;
    while ((letter = take_letter(herald))) {
        free(letter);
        herald->lost++;
    }
}

uint64_t
herald_free(struct herald *herald)
{
    if (!herald)
        return 0;
    pthread_mutex_lock(&herald->lock);
    herald->over = true;
    pthread_cond_broadcast(&herald->changed);
    for (int i = 0; i < FAREWELLS && !herald->done; i++) {
        struct timespec when = in_a_while(FAREWELL_NS);
        pthread_cond_timedwait(&herald->changed, &herald->lock, &when);
    }
    give_up(herald);
    pthread_mutex_unlock(&herald->lock);
    pthread_join(herald->thread, NULL);
    uint64_t lost = herald->lost;
    herald->kind->free(herald->carrier);
    pthread_mutex_destroy(&herald->lock);
    pthread_cond_destroy(&herald->changed);
    text_free(&herald->news);
    free(herald);
    return lost;
}

const char *
herald_setting(const struct herald *herald)
{
    return herald->kind->setting;
}
