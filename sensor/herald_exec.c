/* SPDX-License-Identifier: Apache-2.0
 *
 * alert-exec. The alert is in a file in memory that becomes the program's standard input: so nobody
 * waits for a program that does not read.
 */
#include "sensor/herald.h"

#include "sensor/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PROGRAMS = 4, PATIENCE_S = 30, FAREWELL_S = 5, NAP_NS = 10000000 };

struct exec {
    char *program;
    struct {
        pid_t pid;     /* 0: none */
        int64_t until; /* seconds of the monotonic clock */
    } running[PROGRAMS];
    bool hurried;
};

static void
spell(void *owner, const struct alert *alert, struct text *out)
{
    (void)owner;
    text_add_string(out, alert->json);
    text_add_char(out, '\n');
}

/* Lets go of those that have ended, and ends those that take too long. */
static bool
tend(void *owner, bool over)
{
    struct exec *exec = owner;
    int64_t now = monotonic_s();
    bool any = false;
    for (int i = 0; i < PROGRAMS; i++) {
        if (!exec->running[i].pid)
            continue;
        if (over && !exec->hurried && exec->running[i].until > now + FAREWELL_S)
            exec->running[i].until = now + FAREWELL_S;
        if (now >= exec->running[i].until)
            kill(-exec->running[i].pid, SIGKILL);
        if (waitpid(exec->running[i].pid, NULL, WNOHANG) != 0)
            exec->running[i].pid = 0;
        else
            any = true;
    }
    exec->hurried = over;
    return any;
}

/* A place for one more; waits for one that ends. */
static int
find_place(struct exec *exec, bool over)
{
    for (;;) {
        tend(exec, over);
        for (int i = 0; i < PROGRAMS; i++)
            if (!exec->running[i].pid)
                return i;
        nanosleep(&(struct timespec){.tv_nsec = NAP_NS}, NULL);
    }
}

static int
input_of(struct bytes news)
{
    int file = memfd_create("alert", MFD_CLOEXEC);
    if (file < 0)
        return -1;
    if (write(file, news.at, news.len) != (ssize_t)news.len || lseek(file, 0, SEEK_SET) != 0) {
        close(file);
        return -1;
    }
    return file;
}

/* In a process group of its own, with no signal blocked. */
static bool
start(struct exec *exec, int input, pid_t *pid)
{
    char *arguments[] = {exec->program, NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    bool good = posix_spawn(pid, exec->program, &files, &attributes, arguments, environ) == 0;
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    return good;
}

static bool
carry(void *owner, struct bytes news, bool over)
{
    struct exec *exec = owner;
    int place = find_place(exec, over);
    int input = input_of(news);
    pid_t pid;
    bool good = input >= 0 && start(exec, input, &pid);
    if (input >= 0)
        close(input);
    if (!good)
        return false;
    exec->running[place].pid = pid;
    exec->running[place].until = monotonic_s() + (over ? FAREWELL_S : PATIENCE_S);
    return true;
}

static void
free_exec(void *owner)
{
    struct exec *exec = owner;
    free(exec->program);
    free(exec);
}

static const struct herald_kind exec_kind = {"alert-exec", spell, carry, tend, free_exec};

struct herald *
herald_exec(const char *program, struct fault *why)
{
    if (access(program, X_OK) != 0) {
        fault_set(why, "alert-exec: %s: %s", program, strerror(errno));
        return NULL;
    }
    struct exec *exec = calloc(1, sizeof *exec);
    if (!exec || !(exec->program = strdup(program)))
        abort();
    return herald_new(&exec_kind, exec);
}
