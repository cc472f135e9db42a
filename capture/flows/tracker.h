/* SPDX-License-Identifier: Apache-2.0
 *
 * What tracker.c and tcp.c share.
 */
#ifndef CERTTAP_CAPTURE_TRACKER_H
#define CERTTAP_CAPTURE_TRACKER_H

#include "capture/flows/flow_table.h"

struct tracker {
    struct pool *pool; /* borrowed, as the next */
    const struct tracker_options *options;
    struct flow_listener listener;
    struct tracker_counts counts;
    struct flow_table table;
    int64_t now_ns;
};

enum tcp_checked { TCP_GOOD, TCP_OFFLOADED, TCP_REFUSED };

/* A new flow's TCP state; false when there is no room. */
bool tcp_begin(struct tracker *tracker, struct tracked *t);

/* May this segment be believed? */
enum tcp_checked tcp_check(
    struct tracker *tracker, struct tracked *t, enum side from, const struct packet *packet);

/* The flow this segment belongs to: another one than `place` when it begins, or confirms, a new
 * connection between the same ends. 0: there was no room for that. */
uint32_t tcp_renew(struct tracker *tracker, uint32_t place, const struct packet *packet,
    uint32_t tag, bool higher);

void tcp_hear(struct tracker *tracker, uint32_t place, struct tracked *t, enum side from,
    const struct packet *packet);

/* Tells what still waits, holes as gaps. */
void tcp_finish(struct tracker *tracker, struct tracked *t);

/* Gives back all that is only needed while the flow is listened to. */
void tcp_drop(struct tracker *tracker, struct tracked *t);

uint32_t tracker_begin_flow(
    struct tracker *tracker, const struct packet *packet, uint32_t tag, bool higher);
void tracker_end_flow(struct tracker *tracker, struct tracked *t, enum flow_end why);
void tracker_remove(struct tracker *tracker, uint32_t place, enum flow_end why);

#endif
