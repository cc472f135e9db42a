/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/shrunk.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <unistd.h>

enum { WATCHES = 64 };

enum handler_state { HANDLER_NONE, HANDLER_COMING, HANDLER_THERE };

/* A slot is free while `end` is 0. `begin` is written before `end`, so that the handler, which may
 * run in another thread, never sees half of a map. */
struct shrunk_watch {
    atomic_uintptr_t begin;
    atomic_uintptr_t end;
    atomic_bool taken;
    atomic_bool seen;
};

static struct shrunk_watch watches[WATCHES];
static atomic_int handler_state;
static struct sigaction before; /* what SIGBUS did; written once, before our handler can run */

static struct shrunk_watch *
find_watch(uintptr_t address)
{
    for (size_t i = 0; i < WATCHES; i++)
        if (address < atomic_load(&watches[i].end) && address >= atomic_load(&watches[i].begin))
            return &watches[i];
    return NULL;
}

/* Puts a page of zeros where there is no more file; the instruction is then tried again. mmap() is
 * a bare system call, so it may be called here. A fault that is not ours goes to whom it went. */
static void
on_bus_error(int signal, siginfo_t *info, void *context)
{
    (void)context;
    int saved = errno;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uint8_t *address = info->si_addr;
    struct shrunk_watch *watch = find_watch((uintptr_t)address);
    const void *zeros = MAP_FAILED;
    if (watch) {
        atomic_store(&watch->seen, true);
        zeros = mmap(address - (uintptr_t)address % page, page, PROT_READ,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    }
    if (zeros == MAP_FAILED)
        sigaction(signal, &before, NULL);
    errno = saved;
}

/* True when our handler is in place. */
static bool
install_handler(void)
{
    int none = HANDLER_NONE;
    if (atomic_compare_exchange_strong(&handler_state, &none, HANDLER_COMING)) {
        struct sigaction action = {.sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO};
        sigemptyset(&action.sa_mask);
        bool good = sigaction(SIGBUS, NULL, &before) == 0 && sigaction(SIGBUS, &action, NULL) == 0;
        atomic_store(&handler_state, good ? HANDLER_THERE : HANDLER_NONE);
    }
    return atomic_load(&handler_state) == HANDLER_THERE;
}

struct shrunk_watch *
shrunk_watch(struct bytes map)
{
    if (!install_handler())
        return NULL;
    for (size_t i = 0; i < WATCHES; i++) {
        struct shrunk_watch *watch = &watches[i];
        if (atomic_exchange(&watch->taken, true))
            continue;
        atomic_store(&watch->seen, false);
        atomic_store(&watch->begin, (uintptr_t)map.at);
        atomic_store(&watch->end, (uintptr_t)map.at + map.len);
        return watch;
    }
    return NULL;
}

bool
shrunk_seen(const struct shrunk_watch *watch)
{
    return atomic_load_explicit(&watch->seen, memory_order_relaxed);
}

void
shrunk_forget(struct shrunk_watch *watch)
{
    if (!watch)
        return;
    atomic_store(&watch->end, 0);
    atomic_store(&watch->taken, false);
}
