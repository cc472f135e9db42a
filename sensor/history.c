/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/history.h"

#include "base/text.h"
#include "sensor/clock.h"
#include "sensor/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct history {
    char *name; /* of the folder */
    struct snapshot_place place;
    int64_t every_ns;
    int64_t next_ns; /* of the clock: when it is time to save */

    /* The thread that waits for the disk. */
    struct snapshot_writer *writer;
    pthread_t thread;
    bool started;
    atomic_bool done;
    struct fault failed; /* it reads this once it is done */
};

static bool
complain(const struct history *h, const struct fault *detail, struct fault *why)
{
    return fault_set(why, "history %s: %s", h->name, detail->text);
}

static bool
open_folder(struct history *h, struct fault *why)
{
    const char *trouble = NULL;
    if (mkdir(h->name, 0700) == 0 || errno == EEXIST)
        h->place.folder = open(h->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (h->place.folder < 0 || faccessat(h->place.folder, ".", W_OK | X_OK, AT_EACCESS) != 0)
        trouble = strerror(errno);
    else if (flock(h->place.folder, LOCK_EX | LOCK_NB) != 0)
        trouble = errno == EWOULDBLOCK ? "another certtap uses it" : strerror(errno);
    return !trouble || fault_set(why, "history %s: %s", h->name, trouble);
}

static struct history *
history_new(const char *folder)
{
    struct history *h = calloc(1, sizeof *h);
    if (!h || !(h->name = strdup(folder)))
        abort();
    h->place = (struct snapshot_place){
        .folder = -1,
        .name = "remembered",
        .kind = "certtap sessions",
        .version = REMEMBERED_VERSION,
    };
    return h;
}

struct history *
history_open(const char *folder, unsigned seconds, struct fault *why)
{
    struct history *h = history_new(folder);
    h->every_ns = (int64_t)seconds * 1000000000;
    h->next_ns = monotonic_ns() + h->every_ns;
    if (open_folder(h, why))
        return h;
    history_close(h);
    return NULL;
}

static enum snapshot_found
read_saved(const struct history *h, const struct remembered *remembered, struct fault *detail)
{
    struct snapshot snapshot;
    enum snapshot_found found = snapshot_open(&h->place, &snapshot, detail);
    if (found != SNAPSHOT_FOUND)
        return found;
    bool good = remembered_load(remembered, snapshot.body);
    snapshot_close(&snapshot);
    if (good)
        return SNAPSHOT_FOUND;
    fault_set(detail, "%s: it cannot be understood", h->place.name);
    return SNAPSHOT_DAMAGED;
}

bool
history_load(struct history *h, const struct remembered *remembered, struct fault *trouble,
    struct fault *why)
{
    struct fault detail = {0};
    enum snapshot_found found = read_saved(h, remembered, &detail);
    if (found == SNAPSHOT_NONE || found == SNAPSHOT_FOUND)
        return true;
    fault_set(trouble, "history %s: %s; it is set aside, and earlier sessions are not known",
        h->name, detail.text);
    detail = (struct fault){0};
    return snapshot_set_aside(&h->place, &detail) || complain(h, &detail, why);
}

/* A folder that is not there is made by a run, if that in which it will be is. */
static bool
may_be_made(const struct history *h)
{
    char *name = strdup(h->name);
    if (!name)
        abort();
    bool good = faccessat(AT_FDCWD, dirname(name), W_OK | X_OK, AT_EACCESS) == 0;
    free(name);
    return good;
}

enum history_found
history_check(const char *folder, const struct remembered *remembered, struct fault *trouble,
    struct fault *why)
{
    struct history *h = history_new(folder);
    struct fault detail = {0};
    enum history_found result = HISTORY_REFUSED;
    h->place.folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (h->place.folder < 0 && errno == ENOENT && may_be_made(h)) {
        result = HISTORY_NONE;
    } else if (h->place.folder < 0 ||
               faccessat(h->place.folder, ".", W_OK | X_OK, AT_EACCESS) != 0) {
        fault_set(why, "history %s: %s", folder, strerror(errno));
    } else {
        enum snapshot_found found = read_saved(h, remembered, &detail);
        result = found == SNAPSHOT_NONE    ? HISTORY_NONE
                 : found == SNAPSHOT_FOUND ? HISTORY_FOUND
                                           : HISTORY_DAMAGED;
    }
    if (result == HISTORY_DAMAGED)
        fault_set(trouble, "%s", detail.text);
    history_close(h);
    return result;
}

static void *
wait_for_disk(void *argument)
{
    struct history *h = argument;
    snapshot_finish(h->writer, &h->failed);
    atomic_store(&h->done, true);
    return NULL;
}

/* Is the thread through? What became of its work is told once. */
static bool
join(struct history *h, struct fault *why)
{
    if (!h->started)
        return true;
    pthread_join(h->thread, NULL);
    h->started = false;
    struct fault failed = h->failed;
    h->failed = (struct fault){0};
    return !failed.text[0] || complain(h, &failed, why);
}

static struct snapshot_writer *
begin(struct history *h, const struct remembered *remembered, int64_t now_ns, struct fault *why)
{
    struct fault detail = {0};
    struct snapshot_writer *writer = snapshot_begin(&h->place, &detail);
    if (writer)
        remembered_save(remembered, writer, now_ns);
    else
        complain(h, &detail, why);
    return writer;
}

bool
history_tick(struct history *h, const struct remembered *remembered, int64_t now_ns, bool asked,
    struct fault *why)
{
    int64_t clock_ns = monotonic_ns();
    if (h->started && !atomic_load(&h->done))
        return true; /* the disk is slow: the next one will do */
    if (!join(h, why))
        return false;
    if (!asked && clock_ns < h->next_ns)
        return true;
    h->next_ns = clock_ns + h->every_ns;
    h->writer = begin(h, remembered, now_ns, why);
    if (!h->writer)
        return false;
    atomic_store(&h->done, false);
    h->thread = thread_start(wait_for_disk, h);
    h->started = true;
    return true;
}

bool
history_save(
    struct history *h, const struct remembered *remembered, int64_t now_ns, struct fault *why)
{
    struct fault earlier = {0};
    struct fault detail = {0};
    join(h, &earlier); /* whatever became of it: this one counts */
    struct snapshot_writer *writer = begin(h, remembered, now_ns, why);
    return writer && (snapshot_finish(writer, &detail) || complain(h, &detail, why));
}

void
history_close(struct history *h)
{
    struct fault ignored = {0};
    if (!h)
        return;
    join(h, &ignored);
    if (h->place.folder >= 0)
        close(h->place.folder);
    free(h->name);
    free(h);
}
