/* SPDX-License-Identifier: Apache-2.0
 *
 * When a TCP connection has ended. A FIN ends one side's data (RFC 9293 section 3.6). A RST ends
 * both, where it stands exactly at the next byte; elsewhere its receiver would ask first (RFC 5961
 * section 3.2), and its sender, if it goes on, shows that it was forged.
 */
#include "capture/flows/tracker.h"

static bool
next_of(const struct tcp_side *side, uint32_t *seq)
{
    *seq = side->stream.begun     ? side->stream.next_seq
           : side->candidates_len ? side->candidates[0]
                                  : side->end_seq;
    return side->stream.begun || side->candidates_len || side->has_end;
}

bool
ending_acknowledged(const struct tracked *t, enum side which)
{
    const struct tcp_side *side = t->tcp ? &t->tcp->side[which] : NULL;
    return t->fins[which] && side && side->has_acked && side->acked == side->fin_seq + 1;
}

static void
hear_fin(struct tracked *t, enum side from, uint32_t fin_seq)
{
    struct tcp_side *side = t->tcp ? &t->tcp->side[from] : NULL;
    uint32_t next;
    if (side && next_of(side, &next) && !tcp_near(next, fin_seq))
        return;
    if (side && !ending_acknowledged(t, from))
        side->fin_seq = fin_seq;
    t->fins[from] = true;
}

/* True when its receiver surely took it. */
static bool
hear_reset(struct tracked *t, enum side from, uint32_t seq)
{
    struct tcp_side *side = t->tcp ? &t->tcp->side[from] : NULL;
    uint32_t next;
    if (!side || !next_of(side, &next)) {
        t->resets[from] = true;
        if (side)
            side->reset_seq = seq;
        return true;
    }
    bool exact = seq == next || (side->has_end && seq == side->end_seq) ||
                 (side->has_acked && seq == side->acked);
    if (exact || tcp_near(next, seq)) {
        t->resets[from] = true;
        side->reset_seq = seq;
    }
    return exact;
}

/* All that a side sent up to its FIN was heard. */
static bool
side_is_done(const struct tracked *t, enum side which)
{
    if (!t->fins[which] || !t->tcp)
        return t->fins[which];
    const struct tcp_side *side = &t->tcp->side[which];
    if (!ending_acknowledged(t, which) || side->strays)
        return false;
    if (side->stream.begun)
        return side->stream.next_seq == side->fin_seq;
    return !side->candidates_len || side->candidates[0] == side->fin_seq;
}

/* Both sides said FIN, or one did and nothing of the other is captured. */
static bool
both_fins(const struct tracked *t)
{
    return (t->fins[ORIGINATOR] || !t->flow.packets[ORIGINATOR]) &&
           (t->fins[RESPONDER] || !t->flow.packets[RESPONDER]) &&
           (t->fins[ORIGINATOR] || t->fins[RESPONDER]);
}

enum flow_end
ending_or(const struct tracked *t, enum flow_end otherwise)
{
    if (t->resets[ORIGINATOR] || t->resets[RESPONDER])
        return FLOW_RESET;
    return both_fins(t) ? FLOW_CLOSED : otherwise;
}

/* Who sends on did not send that RST, nor, if it is data in its place, that FIN. */
static void
take_back(
    struct tracked *t, enum side from, uint32_t seq, const struct packet *packet, bool progress)
{
    const struct tcp_side *side = &t->tcp->side[from];
    uint32_t length = (uint32_t)packet->payload.len + packet->payload_missing;
    if (progress || packet->tcp_flags & TCP_SYN || (int32_t)(seq + length - side->reset_seq) > 0)
        t->resets[from] = false;
    bool in_place = (int32_t)(side->fin_seq - seq) >= 0 && side->fin_seq - seq < length;
    if (in_place && !ending_acknowledged(t, from))
        t->fins[from] = false;
}

void
ending_hear(struct tracker *tracker, uint32_t place, struct tracked *t, enum side from,
    const struct packet *packet, bool progress)
{
    uint32_t seq = packet->seq + !!(packet->tcp_flags & TCP_SYN);
    bool resets = false;
    if (t->tcp && !(packet->tcp_flags & TCP_RST))
        take_back(t, from, seq, packet, progress);
    if (packet->tcp_flags & TCP_FIN)
        hear_fin(t, from, seq + (uint32_t)packet->payload.len + packet->payload_missing);
    if (packet->tcp_flags & TCP_RST)
        resets = hear_reset(t, from, packet->seq);

    bool any_reset = t->resets[ORIGINATOR] || t->resets[RESPONDER];
    if (t->list != LIST_CLOSED && (resets || both_fins(t)))
        flow_table_move(&tracker->table, place, LIST_CLOSED, tracker->now_ns);
    else if (t->list == LIST_CLOSED && !t->ended && !any_reset && !both_fins(t))
        flow_table_move(&tracker->table, place, LIST_OPEN, tracker->now_ns);
    if (any_reset && !t->tcp && t->list == LIST_CLOSED)
        tracker_end_flow(tracker, t, FLOW_RESET);
    else if (side_is_done(t, ORIGINATOR) && side_is_done(t, RESPONDER))
        tracker_end_flow(tracker, t, FLOW_CLOSED);
}
