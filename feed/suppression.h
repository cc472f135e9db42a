/* SPDX-License-Identifier: Apache-2.0
 *
 * A notice that comes again and again is written once and then counted: per indicator (of a list),
 * source, destination, port and whether the proof of possession failed: who shows a certificate
 * without holding its key is somebody else than who holds it. When the time of suppression is over,
 * and at the end, one more row tells how many there were.
 *
 * Bounded: what was begun first is ended first, before its time. Nothing is lost by that; a repeat
 * is then written like the first.
 */
#ifndef CERTTAP_FEED_SUPPRESSION_H
#define CERTTAP_FEED_SUPPRESSION_H

#include "feed/logs/notice.h"

/* Told the last of the repeats, with `n` the number of them. Valid until the listener returns. */
struct suppression_listener {
    void *owner;
    void (*repeats)(void *owner, const struct notice_row *last);
};

struct suppression;

/* At most `most` notices are remembered, in at most `room` bytes. No suppression when
 * `suppress_ns` is 0. */
struct suppression *suppression_new(
    int64_t suppress_ns, size_t most, size_t room, struct suppression_listener listener);

/* True: the notice is to be written. False: it was counted. */
bool suppression_passes(
    struct suppression *suppression, const struct notice_row *row, int64_t now_ns);

/* False when nothing is held; else when the first of what is will be over. */
bool suppression_next(const struct suppression *suppression, int64_t *end_ns);

/* Ends what is over. `now_ns` never goes back. */
void suppression_tick(struct suppression *suppression, int64_t now_ns);

/* Ends everything, oldest first. */
void suppression_end(struct suppression *suppression);

void suppression_free(struct suppression *suppression); /* NULL is fine; tells nothing */

#endif
