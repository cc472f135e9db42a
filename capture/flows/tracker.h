/* SPDX-License-Identifier: Apache-2.0
 *
 * What tracker.c and those who know TCP share: tcp.c hears segments, beginning.c finds out where a
 * side's data begins, ending.c when a connection has ended, renewal.c when another one took its
 * addresses and ports.
 */
#ifndef CERTTAP_CAPTURE_TRACKER_H
#define CERTTAP_CAPTURE_TRACKER_H

#include "capture/flows/flow_table.h"

enum {
    BELIEVED_AHEAD = 1 << 20, /* how far ahead of what is known a segment may plausibly be */
    BELIEVED_BEHIND = 1 << 16,
};

struct tracker {
    struct pool *pool; /* borrowed */
    struct past_shelf pasts;
    const struct tracker_options *options;
    struct flow_listener listener;
    struct tracker_counts counts;
    struct flow_table table;
    int64_t now_ns;
};

/* Who hears of a stream: one side of a flow. */
struct hearing {
    struct tracker *tracker;
    struct tracked *t;
    enum side side;
};

enum tcp_checked { TCP_GOOD, TCP_OFFLOADED, TCP_REFUSED };

static inline bool
tcp_opens(const struct packet *packet) /* a SYN as the originator sends it */
{
    return (packet->tcp_flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN;
}

/* Is `seq` near `known`? */
static inline bool
tcp_near(uint32_t known, uint32_t seq)
{
    int32_t ahead = (int32_t)(seq - known);
    return ahead >= -BELIEVED_BEHIND && ahead <= BELIEVED_AHEAD;
}

/* A new flow's TCP state; false when there is no room. */
bool tcp_begin(struct tracker *tracker, struct tracked *t);

/* May this segment be believed? */
enum tcp_checked tcp_check(
    struct tracker *tracker, struct tracked *t, enum side from, const struct packet *packet);

void tcp_hear(struct tracker *tracker, uint32_t place, struct tracked *t, enum side from,
    const struct packet *packet);

/* Takes a segment of a side whose stream has begun. */
void tcp_take(const struct hearing *hearing, const struct stray *segment);

/* Tells what still waits, holes as gaps. */
void tcp_finish(struct tracker *tracker, struct tracked *t);

/* Gives back all that is only needed while the flow is listened to. */
void tcp_drop(struct tracker *tracker, struct tracked *t);

/* The data of this side may begin at `first_seq`. */
void beginning_propose(struct tcp_side *side, uint32_t first_seq);

/* Can the other side have acknowledged this? */
bool beginning_answered(const struct tcp_side *side, uint32_t ack);

/* The other side's SYN acknowledged this side's: its data begins at `ack`. */
void beginning_acknowledged(struct tcp_side *side, uint32_t ack);

/* The other side acknowledged this; true when that is more than was known. */
bool beginning_note_ack(struct tcp_side *side, uint32_t ack);

/* A segment of a side whose stream has not begun: it begins, or the segment is kept aside. */
void beginning_hear(const struct hearing *hearing, const struct stray *segment);

/* Can the stream begin with what is kept aside? `agreed`: another packet says that the data goes as
 * far as this (NULL: none does). */
void beginning_settle(const struct hearing *hearing, const uint32_t *agreed);

/* No more will come: begins with whatever is kept aside. */
void beginning_force(const struct hearing *hearing);

/* The flow was begun by a packet that was no SYN. Who opened it is corrected when its SYN is seen
 * before anything was told. */
void beginning_orient(struct tracked *t, enum side from, const struct packet *packet);

/* FIN and RST, and what comes behind them. `progress`: the sender
 * acknowledged more. */
void ending_hear(struct tracker *tracker, uint32_t place, struct tracked *t, enum side from,
    const struct packet *packet, bool progress);

/* How a flow ended that is waited for no longer: as its endpoints said, or else as we say. */
enum flow_end ending_or(const struct tracked *t, enum flow_end otherwise);

/* Is this side's FIN acknowledged? */
bool ending_acknowledged(const struct tracked *t, enum side side);

/* The flow this segment belongs to: another one than `place` when it begins, or confirms, a new
 * connection between the same ends. 0: there was no room for that. */
uint32_t renewal_look(struct tracker *tracker, uint32_t place, const struct packet *packet,
    uint32_t tag, bool higher);

/* It belongs to the proposed connection, which was not confirmed yet. */
bool renewal_concerns(const struct tracked *t, enum side from, const struct packet *packet);
void renewal_drop(struct tracker *tracker, struct tracked *t);

static inline enum side
tracked_side(const struct tracked *t, bool higher)
{
    return higher == t->swapped ? ORIGINATOR : RESPONDER;
}

/* Who was taken for the originator is the responder. Nothing was told yet. */
void tracker_swap(struct tracked *t);

uint32_t tracker_begin_flow(
    struct tracker *tracker, const struct packet *packet, uint32_t tag, bool higher);
void tracker_end_flow(struct tracker *tracker, struct tracked *t, enum flow_end why);
void tracker_remove(struct tracker *tracker, uint32_t place, enum flow_end why);

#endif
