/* SPDX-License-Identifier: Apache-2.0
 *
 * Carries alerts to somebody outside: a program, a syslog server. Each herald has a thread and a
 * queue of its own, so that whoever is slow or gone holds nothing up. The queue is bounded; what
 * does not fit is counted and told, never waited for.
 */
#ifndef CERTTAP_SENSOR_HERALD_H
#define CERTTAP_SENSOR_HERALD_H

#include "base/fault.h"
#include "base/text.h"
#include "feed/feed.h"

/* One way of carrying. All but `spell` is called on the herald's thread. */
struct herald_kind {
    const char *setting; /* names it in complaints */

    /* What is carried of an alert. On the judge's thread. */
    void (*spell)(void *carrier, const struct alert *alert, struct text *out);

    /* False when it was lost. `over`: there is no time to wait for anybody. */
    bool (*carry)(void *carrier, struct bytes news, bool over);

    /* Work that goes on between alerts; false when there is none. NULL: there never is. */
    bool (*tend)(void *carrier, bool over);
    void (*free)(void *carrier);
};

struct herald;

/* Takes the carrier. */
struct herald *herald_new(const struct herald_kind *kind, void *taken);

void herald_tell(struct herald *herald, const struct alert *alert);

uint64_t herald_lost(struct herald *herald); /* alerts, so far; NULL is fine */

/* Waits until all is carried, some seconds at most. How many alerts were lost. NULL is fine. */
uint64_t herald_free(struct herald *herald);
const char *herald_setting(const struct herald *herald);

/* alert-exec: each alert's JSON is the standard input of this program, which is run without a
 * shell, four at once, half a minute each. NULL with `why`. */
struct herald *herald_exec(const char *program, struct fault *why);

/* alert-syslog: RFC 5424 to "/dev/log", "udp:HOST:PORT" or "tcp:HOST:PORT" (RFC 6587, counted). */
struct herald *herald_syslog(const char *target, struct fault *why);

/* sightings: a line for each alert in this file, as MISP takes them. `sensor` may be NULL. */
struct herald *herald_sightings(const char *path, const char *sensor, struct fault *why);

#endif
