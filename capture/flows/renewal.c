/* SPDX-License-Identifier: Apache-2.0
 *
 * A new connection between the same ends. Its SYN alone may be forged or late, and must not end
 * what is being listened to: it is a proposal, which data behind it confirms.
 */
#include "capture/flows/tracker.h"

/* A connection is not opened twice with the same number, but a capture may be played twice. What
 * repeats a SYN of a connection that is alive comes soon; what comes after so long a silence, or
 * from the past, is played again. */
static const int64_t AGAIN_NS = INT64_C(1000000000);

enum { ELSEWHERE_AHEAD = 1 << 24, ELSEWHERE_SEGMENTS = 3 };

struct renewal {
    uint64_t frame; /* of the SYN */
    int64_t ns;
    uint32_t first_seq[2]; /* where data would begin, by side of the flow as it is */
    bool has[2];
    bool again; /* the numbers of the connection as it is */
    bool has_opener;
    enum side opener;
};

void
renewal_drop(struct tracker *tracker, struct tracked *t)
{
    pool_give(tracker->pool, t->renewal, sizeof *t->renewal);
    t->renewal = NULL;
}

static bool
played_again(const struct tracked *t, const struct packet *packet)
{
    bool data = t->flow.payload[ORIGINATOR] && t->flow.payload[RESPONDER];
    return data && (packet->ts_ns < t->flow.last_ns || packet->ts_ns - t->flow.last_ns > AGAIN_NS);
}

/* A SYN, of either side, that does not belong to the connection as it is. */
static bool
proposes(const struct tracked *t, enum side from, const struct packet *packet, bool *again)
{
    uint32_t first = packet->seq + 1;
    *again = t->has_isn && (tcp_opens(packet) ? t->isn == packet->seq
                                              : from == RESPONDER && t->isn + 1 == packet->ack);
    if (*again)
        return (t->renewal && t->renewal->again) || played_again(t, packet);
    if (!t->tcp)
        return true;
    const struct tcp_side *side = &t->tcp->side[from];
    return side->stream.begun &&
           (t->list == LIST_CLOSED || !tcp_near(side->stream.next_seq, first));
}

static void
note_proposal(
    struct tracker *tracker, struct tracked *t, enum side from, const struct packet *packet)
{
    bool again;
    if (!proposes(t, from, packet, &again))
        return;
    struct renewal *r = t->renewal;
    if (!r)
        r = t->renewal = pool_take(tracker->pool, sizeof *r);
    if (!r)
        return;
    uint32_t first = packet->seq + 1;
    bool opens = tcp_opens(packet);
    if (opens && !(r->has_opener && r->has[from] && r->first_seq[from] == first))
        *r = (struct renewal){.frame = packet->frame, .ns = packet->ts_ns};
    else if (!r->frame)
        *r = (struct renewal){.frame = packet->frame, .ns = packet->ts_ns};
    r->again = again;
    r->has[from] = true;
    r->first_seq[from] = first;
    if (opens) {
        r->has_opener = true;
        r->opener = from;
    }
}

bool
renewal_concerns(const struct tracked *t, enum side from, const struct packet *packet)
{
    const struct renewal *r = t->renewal;
    if (!r || r->again)
        return false;
    enum side to = other_side(from);
    bool own = packet->tcp_flags & TCP_SYN && r->has[from] && packet->seq + 1 == r->first_seq[from];
    bool acks = packet->tcp_flags & TCP_ACK && r->has[to] && packet->ack == r->first_seq[to];
    return own || acks;
}

/* Data whose numbers are those of the proposed connection, and not of the one as it is. */
static bool
confirms(const struct tracked *t, enum side from, const struct packet *packet)
{
    const struct renewal *r = t->renewal;
    if (!r || packet->payload.len == 0 || packet->tcp_flags & TCP_SYN)
        return false;
    enum side to = other_side(from);
    if (r->again)
        return r->has[from] && packet->seq == r->first_seq[from];
    if (r->has[from] && packet->seq == r->first_seq[from])
        return !t->tcp || !t->tcp->side[from].stream.begun ||
               t->tcp->side[from].stream.next_seq != packet->seq;
    bool own = r->has[from] && packet->seq - r->first_seq[from] <= BELIEVED_AHEAD;
    bool acked = packet->tcp_flags & TCP_ACK && r->has[to] &&
                 packet->ack - r->first_seq[to] <= BELIEVED_AHEAD;
    if (!own && !acked)
        return false;
    const struct tcp_side *side = t->tcp ? &t->tcp->side[from] : NULL;
    return !side || !side->stream.begun || !tcp_near(side->stream.next_seq, packet->seq);
}

/* Data that goes on from others far from where the stream is, and that no lost part explains: the
 * new connection's SYN was not captured. */
static bool
is_elsewhere(const struct tcp_side *side, const struct packet *packet)
{
    if (!side->stream.begun || !side->strays || packet->payload.len == 0)
        return false;
    int32_t ahead = stream_ahead(&side->stream, packet->seq);
    if (ahead <= ELSEWHERE_AHEAD && ahead >= -BELIEVED_AHEAD)
        return false;
    return strays_run(side->strays, packet->seq, packet->payload.len).segments >=
           ELSEWHERE_SEGMENTS;
}

/* The old flow ends, a new one with the same ends begins. Who opened it is who sent the plain SYN;
 * without one, who opened the old. */
static uint32_t
renew(struct tracker *tracker, uint32_t place, const struct packet *packet, uint32_t tag,
    bool higher, enum side from)
{
    struct tracked *old = flow_at(&tracker->table, place);
    struct renewal r = old->renewal ? *old->renewal : (struct renewal){0};
    struct strays *strays = NULL;
    if (old->tcp && !old->renewal) {
        strays = old->tcp->side[from].strays;
        old->tcp->side[from].strays = NULL;
    }
    bool swapped = old->swapped;
    old->flow.frame = packet->frame;
    tracker_remove(tracker, place, ending_or(old, FLOW_REUSED));
    uint32_t fresh = tracker_begin_flow(tracker, packet, tag, higher);
    if (!fresh) {
        strays_drop(&strays, tracker->pool);
        return 0;
    }
    struct tracked *t = flow_at(&tracker->table, fresh);
    bool turned = r.has_opener && r.opener == RESPONDER;
    if (t->swapped != (swapped != turned))
        tracker_swap(t);
    if (r.frame) {
        t->flow.first_frame = r.frame;
        t->flow.first_ns = r.ns;
        t->flow.guessed = false;
    }
    for (int i = 0; i < 2; i++)
        if (r.has[i])
            beginning_propose(&t->tcp->side[turned ? 1 - i : i], r.first_seq[i]);
    t->tcp->side[tracked_side(t, higher)].strays = strays;
    return fresh;
}

uint32_t
renewal_look(
    struct tracker *tracker, uint32_t place, const struct packet *packet, uint32_t tag, bool higher)
{
    struct tracked *t = flow_at(&tracker->table, place);
    bool syn = packet->tcp_flags & TCP_SYN;
    if (!syn && !t->renewal && !t->tcp)
        return place;
    enum side from = tracked_side(t, higher);
    if (t->ended && tcp_opens(packet)) {
        t->flow.frame = packet->frame;
        tracker_remove(tracker, place, FLOW_REUSED);
        return tracker_begin_flow(tracker, packet, tag, higher);
    }
    if (confirms(t, from, packet) || (t->tcp && is_elsewhere(&t->tcp->side[from], packet)))
        return renew(tracker, place, packet, tag, higher, from);
    if (syn && !(packet->tcp_flags & TCP_RST))
        note_proposal(tracker, t, from, packet);
    return place;
}
