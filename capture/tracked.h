/* SPDX-License-Identifier: Apache-2.0
 *
 * The life of a flow: how it begins, when its time is up, how it ends and makes room.
 */
#ifndef CERTTAP_CAPTURE_TRACKED_H
#define CERTTAP_CAPTURE_TRACKED_H

#include "capture/flow_table.h"

struct tracker {
    struct pool *pool;                     /* borrowed */
    const struct tracker_options *options; /* borrowed */
    struct flow_listener listener;
    struct flow_table table;
    struct tracker_counts counts;
    uint64_t open;    /* flows whose end was not told */
    int64_t clock_ns; /* packet time; never goes back */
    uint64_t frame;   /* the latest */
};

struct stream_context tracked_context(
    struct tracker *tracker, struct tracked *tracked, enum side side);

/* Begins the flow of a packet. NULL when there is no room, not even after shedding. */
struct tracked *tracked_begin(struct tracker *tracker, const struct packet *packet, uint32_t tag);

/* Sets a rival beside a live flow: of the same ends, or, with a packet, as that describes it.
 * NULL when there is no room. */
struct tracked *tracked_propose(
    struct tracker *tracker, struct tracked *tracked, const struct packet *packet);

/* The rival has proven to be the flow: ends the old one and tells what was held back. */
void tracked_confirm(struct tracker *tracker, struct tracked *rival);

/* Turns a flow around: nothing was told of it yet, and its originator is the other side. */
void tracked_turn(struct tracked *tracked);

/* Counts a packet and makes the flow the newest of its list. */
void tracked_count(
    struct tracker *tracker, struct tracked *tracked, const struct packet *packet, enum side from);

/* Puts the flow into the list where it belongs now, and lets go of what it no longer needs. */
void tracked_settle(struct tracker *tracker, struct tracked *tracked);

/* Was it silent for too long? */
bool tracked_expired(const struct tracker *tracker, const struct tracked *tracked);

/* Tells what waits, and the end, once. The flow stays, so that what comes late finds it. */
void tracked_end(struct tracker *tracker, struct tracked *tracked, enum flow_end why);

/* Ends the flow, unless it has ended, and forgets it. */
void tracked_remove(struct tracker *tracker, struct tracked *tracked, enum flow_end why);

#endif
