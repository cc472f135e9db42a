/* SPDX-License-Identifier: Apache-2.0
 *
 * The folder in which what was learned outlives the process. One certtap uses it at a time. Each
 * kind of thing has a file of its own: so far what is remembered of sessions that are over.
 */
#ifndef CERTTAP_SENSOR_HISTORY_H
#define CERTTAP_SENSOR_HISTORY_H

#include "rules/remembered.h"

struct history;

/* The folder is made unless it is there. `seconds`: how often it is saved on the way. */
struct history *history_open(const char *folder, unsigned seconds, struct fault *why);

/* Takes over what was saved. A file that is no good is set aside, and `trouble` says so; false with
 * `why` when not even that can be done. */
bool history_load(struct history *history, const struct remembered *remembered,
    struct fault *trouble, struct fault *why);

enum history_found {
    HISTORY_NONE,    /* nothing was saved yet */
    HISTORY_FOUND,   /* it was taken over */
    HISTORY_DAMAGED, /* a run would set it aside, and `trouble` says why */
    HISTORY_REFUSED, /* a run would not begin, and `why` says why not */
};

/* Takes over what was saved as a run would, and leaves the folder as it is: it is neither made nor
 * locked, so a certtap may be using it. */
enum history_found history_check(const char *folder, const struct remembered *remembered,
    struct fault *trouble, struct fault *why);

/* Between two rounds, after which packet time is `now_ns`: saves when it is time to, or when
 * `asked`; the disk is not waited for. False when an earlier saving has failed, with `why`. */
bool history_tick(struct history *history, const struct remembered *remembered, int64_t now_ns,
    bool asked, struct fault *why);

/* At the end: what was saved is on the disk then. */
bool history_save(struct history *history, const struct remembered *remembered, int64_t now_ns,
    struct fault *why);

void history_close(struct history *history); /* NULL is fine */

#endif
