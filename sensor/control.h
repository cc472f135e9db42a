/* SPDX-License-Identifier: Apache-2.0
 *
 * A Unix socket by which an operator's programs ask a running certtap: a command a line, an answer
 * in JSON a line. Only the user it runs as, and root, may connect.
 *
 *     reload   loads the lists anew; answered when that is done
 *     status   what was seen so far
 *     reopen   reopens the logs, as SIGHUP
 *     stop     ends in good order, as SIGTERM
 */
#ifndef CERTTAP_SENSOR_CONTROL_H
#define CERTTAP_SENSOR_CONTROL_H

#include "base/fault.h"
#include "base/text.h"
#include "sensor/loader.h"

#include <poll.h>

enum { CONTROL_CLIENTS = 8, CONTROL_POLLED = CONTROL_CLIENTS + 1 };

/* What `status` tells. */
struct control_status {
    uint64_t generation;
    size_t lists, entries;
    uint64_t frames, sessions, alerts;
};

/* What can be asked for. */
struct control_calls {
    void *owner;
    uint64_t (*reload)(void *owner); /* the number of loader_ask() */
    bool (*reloaded)(void *owner, uint64_t number, struct reload *reload);
    struct control_status (*status)(void *owner);
    void (*signal)(void *owner, int signal);
};

struct control;

/* Takes the place of a socket that nobody listens to. NULL with `why`. */
struct control *control_open(const char *path, struct control_calls calls, struct fault *why);

/* What to poll; the number of them. Then control_serve() with what poll() said of them. */
size_t control_poll(const struct control *control, struct pollfd polled[CONTROL_POLLED]);
void control_serve(struct control *control, const struct pollfd *polled, size_t count);

/* Answers those who wait for a reload that is done. */
void control_reloaded(struct control *control);

void control_close(struct control *control); /* removes the socket; NULL is fine */

/* `certtap control SOCKET COMMAND`: asks, and appends the answer. False with `why` when there is
 * none; `good` says whether the answer was a yes. */
bool control_ask(
    const char *path, const char *command, struct text *answer, bool *good, struct fault *why);

#endif
