/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/attendant.h"

#include "sensor/clock.h"
#include "sensor/list_watch.h"
#include "sensor/manager.h"
#include "sensor/thread.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    CALM_MS = 200,  /* lists that are moved one after the other are one reload */
    TURN_MS = 1000, /* how often the manager is thought of */
};

struct attendant {
    struct loader *loader;
    struct list_watch *watch; /* NULL: nobody wants to know */
    struct control *control;  /* likewise */
    struct manager manager;
    int wake;
    pthread_t thread;
    bool running;
    atomic_bool over;
    int64_t reload_ms; /* when to reload; 0: no need */
    pthread_mutex_t lock;
    struct control_status status; /* under the lock, as the next */
    uint64_t rounds;
    uint64_t rounds_known; /* when the manager was told last */
    int64_t manager_ms;
};

static uint64_t
ask_reload(void *owner)
{
    struct attendant *attendant = owner;
    return loader_ask(attendant->loader);
}

static bool
reload_done(void *owner, uint64_t number, struct reload *reload)
{
    struct attendant *attendant = owner;
    return loader_answer(attendant->loader, number, reload);
}

static struct control_status
read_status(void *owner)
{
    struct attendant *attendant = owner;
    pthread_mutex_lock(&attendant->lock);
    struct control_status status = attendant->status;
    pthread_mutex_unlock(&attendant->lock);
    return status;
}

/* The main thread hears it as if an operator had sent it. */
static void
send_signal(void *owner, int signal)
{
    (void)owner;
    kill(getpid(), signal);
}

struct attendant *
attendant_open(const struct options *options, struct fault *why)
{
    struct attendant *attendant = calloc(1, sizeof *attendant);
    if (!attendant)
        abort();
    pthread_mutex_init(&attendant->lock, NULL);
    attendant->manager = manager_open();
    attendant->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    bool good = attendant->wake >= 0 || fault_set(why, "eventfd: no more descriptors");
    if (good && options->interfaces.len && options->reload_on_move) {
        attendant->watch = list_watch_open(&options->watchlists, why);
        good = attendant->watch;
    }
    if (good && options->control_socket) {
        struct control_calls calls = {attendant, ask_reload, reload_done, read_status, send_signal};
        attendant->control = control_open(options->control_socket, calls, why);
        good = attendant->control;
    }
    if (good)
        return attendant;
    attendant_close(attendant);
    return NULL;
}

void
attendant_wake(void *owner)
{
    const struct attendant *attendant = owner;
    const uint64_t one = 1;
    ssize_t done = write(attendant->wake, &one, sizeof one);
    (void)done; /* when it is full, it is awake */
}

void
attendant_tell(struct attendant *attendant, const struct control_status *status)
{
    pthread_mutex_lock(&attendant->lock);
    attendant->status = *status;
    attendant->rounds++;
    pthread_mutex_unlock(&attendant->lock);
}

/* The watchdog is fed while rounds go by: a judge that hangs is one that must be restarted. */
static void
tell_manager(struct attendant *attendant, int64_t now_ms)
{
    if (!manager_listens(&attendant->manager) || now_ms - attendant->manager_ms < TURN_MS)
        return;
    attendant->manager_ms = now_ms;
    pthread_mutex_lock(&attendant->lock);
    bool alive = attendant->rounds != attendant->rounds_known;
    attendant->rounds_known = attendant->rounds;
    struct control_status status = attendant->status;
    pthread_mutex_unlock(&attendant->lock);
    manager_tell(&attendant->manager, alive, &status);
}

static void
look_at_lists(struct attendant *attendant, int64_t now_ms)
{
    if (attendant->watch && list_watch_read(attendant->watch))
        attendant->reload_ms = now_ms + CALM_MS;
    if (!attendant->reload_ms || now_ms < attendant->reload_ms)
        return;
    attendant->reload_ms = 0;
    loader_ask(attendant->loader);
}

static void *
run(void *argument)
{
    struct attendant *attendant = argument;
    struct pollfd polled[2 + CONTROL_POLLED];
    while (!atomic_load(&attendant->over)) {
        uint64_t woken;
        size_t clients = 0;
        polled[0] = (struct pollfd){.fd = attendant->wake, .events = POLLIN};
        polled[1] =
            (struct pollfd){.fd = attendant->watch ? list_watch_descriptor(attendant->watch) : -1,
                .events = POLLIN};
        if (attendant->control)
            clients = control_poll(attendant->control, polled + 2);
        poll(polled, 2 + clients, attendant->reload_ms ? CALM_MS : TURN_MS);
        int64_t now_ms = monotonic_ms();
        if (read(attendant->wake, &woken, sizeof woken) > 0 && attendant->control)
            control_reloaded(attendant->control);
        look_at_lists(attendant, now_ms);
        if (attendant->control)
            control_serve(attendant->control, polled + 2, clients);
        tell_manager(attendant, now_ms);
    }
    return NULL;
}

void
attendant_start(struct attendant *attendant, struct loader *loader)
{
    attendant->loader = loader;
    manager_ready(&attendant->manager);
    attendant->thread = thread_start(run, attendant);
    attendant->running = true;
}

void
attendant_stop(struct attendant *attendant)
{
    if (!attendant || !attendant->running)
        return;
    atomic_store(&attendant->over, true);
    attendant_wake(attendant);
    pthread_join(attendant->thread, NULL);
    attendant->running = false;
    manager_stopping(&attendant->manager);
}

void
attendant_close(struct attendant *attendant)
{
    if (!attendant)
        return;
    attendant_stop(attendant);
    control_close(attendant->control);
    list_watch_close(attendant->watch);
    manager_close(&attendant->manager);
    if (attendant->wake >= 0)
        close(attendant->wake);
    pthread_mutex_destroy(&attendant->lock);
    free(attendant);
}
