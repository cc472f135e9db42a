/* SPDX-License-Identifier: Apache-2.0 */
#include "sensor/list_watch.h"

#include <errno.h>
#include <libgen.h>
#include <stdalign.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

/* A list in a folder that is watched; a whole folder has no name. */
struct watched {
    int folder;
    char *name;
};

struct list_watch {
    int events;
    struct watched *at;
    size_t len;
};

/* Without the format in front of it, where there is one. */
static const char *
path_of(const char *source)
{
    const char *colon = strchr(source, ':');
    return colon && access(source, F_OK) != 0 ? colon + 1 : source;
}

static char *
copy_of(const char *string)
{
    char *copy = strdup(string);
    if (!copy)
        abort();
    return copy;
}

static bool
add(struct list_watch *watch, const char *path, struct fault *why)
{
    struct stat about;
    bool is_folder = stat(path, &about) == 0 && S_ISDIR(about.st_mode);
    char *folder = copy_of(path);
    char *name = is_folder ? NULL : copy_of(path);
    struct watched *w = &watch->at[watch->len];
    const char *place = is_folder ? folder : dirname(folder);
    w->folder = inotify_add_watch(watch->events, place, IN_MOVED_TO | IN_ONLYDIR);
    if (w->folder < 0)
        fault_set(why, "%s: cannot be watched: %s", place, strerror(errno));
    w->name = name ? copy_of(basename(name)) : NULL;
    watch->len++;
    free(folder);
    free(name);
    return w->folder >= 0;
}

struct list_watch *
list_watch_open(const struct strings *sources, struct fault *why)
{
    struct list_watch *watch = calloc(1, sizeof *watch);
    if (!watch || !(watch->at = calloc(sources->len + 1, sizeof *watch->at)))
        abort();
    watch->events = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    bool good = watch->events >= 0 || fault_set(why, "inotify: %s", strerror(errno));
    for (size_t i = 0; good && i < sources->len; i++)
        good = add(watch, path_of(sources->at[i]), why);
    if (good)
        return watch;
    list_watch_close(watch);
    return NULL;
}

int
list_watch_descriptor(const struct list_watch *watch)
{
    return watch->events;
}

static bool
is_list(const struct list_watch *watch, const struct inotify_event *event)
{
    if (event->mask & IN_Q_OVERFLOW)
        return true;
    for (size_t i = 0; i < watch->len; i++) {
        const struct watched *w = &watch->at[i];
        if (w->folder == event->wd && (!w->name || (event->len && !strcmp(w->name, event->name))))
            return true;
    }
    return false;
}

bool
list_watch_read(struct list_watch *watch)
{
    alignas(struct inotify_event) char buffer[4096];
    bool any = false;
    ssize_t got;
    while ((got = read(watch->events, buffer, sizeof buffer)) > 0)
        for (const char *at = buffer; at < buffer + got;) {
            const struct inotify_event *event = (const void *)at;
            any |= is_list(watch, event);
            at += sizeof *event + event->len;
        }
    return any;
}

void
list_watch_close(struct list_watch *watch)
{
    if (!watch)
        return;
    if (watch->events >= 0)
        close(watch->events);
    for (size_t i = 0; i < watch->len; i++)
        free(watch->at[i].name);
    free(watch->at);
    free(watch);
}
