/* SPDX-License-Identifier: Apache-2.0
 *
 * One TCP connection (RFC 9293) as a bystander sees it. Anybody may have forged any segment, so a
 * SYN or a RST alone proves little: a SYN is a proposal that data confirms, and data that still
 * comes after a RST is heard.
 */
#include "capture/flows/offload.h"
#include "capture/flows/tracker.h"

enum {
    BELIEVED_AHEAD = 1 << 20, /* how far ahead of what is known a segment may plausibly be */
    BELIEVED_BEHIND = 1 << 16,
    HOLE_PACKETS = 256, /* a hole that was acknowledged is given up after so many packets, */
};
static const int64_t HOLE_NS = INT64_C(2) * 1000000000; /* or so long */

/* Who hears of a stream: one side of a flow. */
struct hearing {
    struct tracker *tracker;
    struct tracked *t;
    enum side side;
};

static void
tell_bytes(void *owner, struct bytes data)
{
    struct hearing *hearing = owner;
    const struct flow_listener *listener = &hearing->tracker->listener;
    listener->bytes(listener->owner, &hearing->t->flow, hearing->side, data);
}

static void
tell_gap(void *owner, uint64_t missing)
{
    struct hearing *hearing = owner;
    const struct flow_listener *listener = &hearing->tracker->listener;
    hearing->t->flow.missing[hearing->side] += missing;
    hearing->tracker->counts.gaps++;
    hearing->tracker->counts.gap_bytes += missing;
    listener->gap(listener->owner, &hearing->t->flow, hearing->side, missing);
}

static struct stream_teller
teller_of(struct hearing *hearing)
{
    return (struct stream_teller){hearing, tell_bytes, tell_gap, &hearing->t->flow.quiet};
}

bool
tcp_begin(struct tracker *tracker, struct tracked *t)
{
    t->tcp = pool_take(tracker->pool, sizeof *t->tcp);
    return t->tcp != NULL;
}

void
tcp_drop(struct tracker *tracker, struct tracked *t)
{
    if (!t->tcp)
        return;
    stream_drop(&t->tcp->side[ORIGINATOR].stream, tracker->pool);
    stream_drop(&t->tcp->side[RESPONDER].stream, tracker->pool);
    pool_give(tracker->pool, t->tcp, sizeof *t->tcp);
    t->tcp = NULL;
}

enum tcp_checked
tcp_check(struct tracker *tracker, struct tracked *t, enum side from, const struct packet *packet)
{
    bool matters = packet->payload.len || packet->tcp_flags & (TCP_SYN | TCP_FIN | TCP_RST);
    bool listening = t->tcp != NULL || packet->payload.len == 0;
    if (tracker->options->no_checksums || packet->checksum != CHECKSUM_UNTRIED || !matters ||
        !listening)
        return TCP_GOOD;
    struct tcp_side *side = t->tcp ? &t->tcp->side[from] : NULL;
    if (packet_checksum_good(packet)) {
        if (side)
            side->good_checksum = true;
        return TCP_GOOD;
    }
    /* Where not one was right so far, the capture was made before they were filled in, or its
     * addresses were rewritten: they prove nothing. */
    bool never_right = side && !side->good_checksum;
    return never_right || packet_checksum_left_out(packet) ? TCP_OFFLOADED : TCP_REFUSED;
}

static void
add_candidate(struct tcp_side *side, uint32_t first_seq)
{
    enum { MOST = sizeof side->candidates / sizeof *side->candidates };
    for (unsigned i = 0; i < side->candidates_len; i++)
        if (side->candidates[i] == first_seq)
            return;
    memmove(side->candidates + 1, side->candidates, sizeof side->candidates - sizeof(uint32_t));
    side->candidates[0] = first_seq;
    if (side->candidates_len < MOST)
        side->candidates_len++;
}

static bool
believable(const struct tcp_side *side, uint32_t seq)
{
    int32_t ahead = (int32_t)(seq - side->stream.next_seq);
    return ahead >= -BELIEVED_BEHIND && ahead <= BELIEVED_AHEAD;
}

/* Data whose sequence number is just behind a proposed SYN and nowhere near the old stream. */
static bool
confirms(const struct tcp_side *side, const struct packet *packet)
{
    if (!side->has_proposal || packet->payload.len == 0 || packet->tcp_flags & TCP_SYN)
        return false;
    int32_t ahead = (int32_t)(packet->seq - side->proposal);
    return ahead >= 0 && ahead <= BELIEVED_AHEAD && !believable(side, packet->seq);
}

static void
restart(struct tracked *t, const struct tcp *proposed)
{
    for (int i = 0; i < 2; i++)
        if (proposed->side[i].has_proposal)
            add_candidate(&t->tcp->side[i], proposed->side[i].proposal);
    t->flow.guessed = false;
}

/* The new connection's SYNs were seen on the old flow; whoever sent the plain one opens it again.
 */
static uint32_t
renew_confirmed(
    struct tracker *tracker, uint32_t place, const struct packet *packet, uint32_t tag, bool higher)
{
    struct tracked *old = flow_at(&tracker->table, place);
    struct tcp proposed = *old->tcp;
    bool swapped = old->swapped;
    struct flow before = old->flow;
    old->flow.frame = packet->frame;
    tracker_remove(tracker, place, FLOW_REUSED);
    uint32_t fresh = tracker_begin_flow(tracker, packet, tag, higher);
    if (!fresh)
        return 0;
    struct tracked *t = flow_at(&tracker->table, fresh);
    t->swapped = swapped;
    for (int i = 0; i < 2; i++) {
        t->flow.address[i] = before.address[i];
        t->flow.port[i] = before.port[i];
        memcpy(t->flow.path.l2[i], before.path.l2[i], sizeof before.path.l2[i]);
    }
    restart(t, &proposed);
    return fresh;
}

uint32_t
tcp_renew(
    struct tracker *tracker, uint32_t place, const struct packet *packet, uint32_t tag, bool higher)
{
    struct tracked *t = flow_at(&tracker->table, place);
    enum side from = higher == t->swapped ? ORIGINATOR : RESPONDER;
    bool opens = packet->tcp_flags & TCP_SYN && !(packet->tcp_flags & (TCP_ACK | TCP_RST));
    bool repeated = t->has_isn && t->isn == packet->seq;

    if (opens && !repeated && (t->list == LIST_CLOSED || !t->tcp)) {
        t->flow.frame = packet->frame;
        tracker_remove(tracker, place, t->reset ? FLOW_RESET : FLOW_REUSED);
        return tracker_begin_flow(tracker, packet, tag, higher);
    }
    if (t->tcp && confirms(&t->tcp->side[from], packet))
        return renew_confirmed(tracker, place, packet, tag, higher);
    return place;
}

static void
hear_syn(struct tracked *t, enum side from, const struct packet *packet)
{
    struct tcp_side *side = &t->tcp->side[from];
    if (!(packet->tcp_flags & TCP_ACK) && !t->has_isn) {
        t->has_isn = true;
        t->isn = packet->seq;
    }
    if (!side->stream.begun)
        add_candidate(side, packet->seq + 1);
    else if (packet->seq + 1 != side->stream.next_seq && !believable(side, packet->seq + 1)) {
        side->has_proposal = true;
        side->proposal = packet->seq + 1;
    }
}

/* Where this side's data begins: just behind one of its SYNs, or where the capture begins. */
static uint32_t
find_beginning(const struct tcp_side *side, uint32_t seq)
{
    for (unsigned i = 0; i < side->candidates_len; i++)
        if (side->candidates[i] == seq)
            return seq;
    for (unsigned i = 0; i < side->candidates_len; i++) {
        int32_t ahead = (int32_t)(seq - side->candidates[i]);
        if (ahead > 0 && ahead <= BELIEVED_AHEAD)
            return side->candidates[i];
    }
    return seq;
}

static void
begin_stream(struct tracked *t, struct tcp_side *side, uint32_t seq)
{
    if (!side->candidates_len)
        t->flow.guessed = true;
    stream_begin(&side->stream, find_beginning(side, seq));
}

static void
hear_data(struct tracker *tracker, struct tracked *t, enum side from, uint32_t seq,
    const struct packet *packet)
{
    struct tcp_side *side = &t->tcp->side[from];
    struct hearing hearing = {tracker, t, from};
    struct stream_teller teller = teller_of(&hearing);
    struct stream_limits limits = {
        tracker->pool, tracker->options->stream_bytes, tracker->options->overlap};
    if (!side->stream.begun)
        begin_stream(t, side, seq);
    t->flow.cut |= packet->payload_missing > 0;
    switch (stream_take(&side->stream, seq, packet->payload, &limits, &teller)) {
    case STREAM_CONFLICT:
        tracker->counts.overlap_conflicts++;
        break;
    case STREAM_FULL:
        tracker->counts.stream_shed++;
        break;
    case STREAM_TAKEN:
    case STREAM_FAR:
        break;
    }
    uint32_t end = seq + (uint32_t)packet->payload.len;
    if (packet->payload_missing && !t->flow.quiet && side->stream.next_seq == end)
        stream_lose(&side->stream, packet->payload_missing, tracker->pool, &teller);
}

/* An acknowledgement of what was never seen: the capture may have lost it. It may also only come
 * early, so the hole is given up some time later. */
static void
hear_ack(struct tracked *t, enum side from, const struct packet *packet)
{
    struct tcp_side *other = &t->tcp->side[other_side(from)];
    if (!other->has_acked || (int32_t)(packet->ack - other->acked) > 0) {
        other->has_acked = true;
        other->acked = packet->ack;
    }
    bool ahead = other->stream.begun && stream_waiting(&other->stream) &&
                 (int32_t)(other->acked - other->stream.next_seq) > 0;
    if (ahead && !other->hole_acked) {
        other->hole_ns = packet->ts_ns;
        other->hole_packets = 0;
    }
    other->hole_acked = ahead;
}

static void
mind_holes(struct tracker *tracker, struct tracked *t, const struct packet *packet)
{
    for (int i = 0; i < 2 && !t->flow.quiet; i++) {
        struct tcp_side *side = &t->tcp->side[i];
        if (!side->hole_acked)
            continue;
        if (++side->hole_packets < HOLE_PACKETS && packet->ts_ns - side->hole_ns < HOLE_NS)
            continue;
        struct hearing hearing = {tracker, t, (enum side)i};
        struct stream_teller teller = teller_of(&hearing);
        side->hole_acked = false;
        stream_give_up(&side->stream, tracker->pool, &teller);
    }
}

static bool
side_is_done(const struct tracked *t, enum side side)
{
    if (!t->fins[side])
        return false;
    if (!t->tcp)
        return true;
    const struct tcp_side *s = &t->tcp->side[side];
    return !s->stream.begun || s->stream.next_seq == s->fin_seq;
}

static bool
reset_is_plausible(const struct tracked *t, enum side from, const struct packet *packet)
{
    return !t->tcp || !t->tcp->side[from].stream.begun ||
           believable(&t->tcp->side[from], packet->seq);
}

static void
hear_end(struct tracker *tracker, uint32_t place, struct tracked *t, enum side from,
    uint32_t end_seq, const struct packet *packet)
{
    if (packet->tcp_flags & TCP_FIN) {
        t->fins[from] = true;
        if (t->tcp)
            t->tcp->side[from].fin_seq = end_seq;
    }
    if (packet->tcp_flags & TCP_RST && reset_is_plausible(t, from, packet))
        t->reset = true;
    bool both = t->fins[ORIGINATOR] && t->fins[RESPONDER];
    if (!t->reset && !both)
        return;
    if (t->list != LIST_CLOSED)
        flow_table_move(&tracker->table, place, LIST_CLOSED, tracker->now_ns);
    if (t->reset && !t->tcp)
        tracker_end_flow(tracker, t, FLOW_RESET);
    else if (side_is_done(t, ORIGINATOR) && side_is_done(t, RESPONDER))
        tracker_end_flow(tracker, t, FLOW_CLOSED);
}

void
tcp_hear(struct tracker *tracker, uint32_t place, struct tracked *t, enum side from,
    const struct packet *packet)
{
    bool syn = packet->tcp_flags & TCP_SYN;
    uint32_t seq = packet->seq + syn;
    if (t->tcp) {
        if (syn)
            hear_syn(t, from, packet);
        if (packet->payload.len || packet->payload_missing)
            hear_data(tracker, t, from, seq, packet);
        if (packet->tcp_flags & TCP_ACK)
            hear_ack(t, from, packet);
        mind_holes(tracker, t, packet);
        if (t->flow.quiet)
            tcp_drop(tracker, t);
    }
    bool closing = t->list == LIST_CLOSED && !t->ended;
    if (packet->tcp_flags & (TCP_FIN | TCP_RST) || closing) {
        uint32_t length = (uint32_t)packet->payload.len + packet->payload_missing;
        hear_end(tracker, place, t, from, seq + length, packet);
    }
}

/* The other side acknowledged more than was ever captured: that is missing too. The FIN counts for
 * one; so does a SYN of which nothing more was seen. */
static void
finish_side(struct tracker *tracker, struct tracked *t, enum side which)
{
    struct tcp_side *side = &t->tcp->side[which];
    struct hearing hearing = {tracker, t, which};
    struct stream_teller teller = teller_of(&hearing);
    while (stream_waiting(&side->stream) && !t->flow.quiet)
        stream_give_up(&side->stream, tracker->pool, &teller);
    if (t->flow.quiet || !side->has_acked)
        return;
    uint32_t known = side->stream.begun     ? side->stream.next_seq
                     : side->candidates_len ? side->candidates[0]
                                            : side->acked;
    int32_t missing = (int32_t)(side->acked - known) - 1;
    if (missing > 0 && missing <= BELIEVED_AHEAD)
        stream_lose(&side->stream, (uint32_t)missing, tracker->pool, &teller);
}

void
tcp_finish(struct tracker *tracker, struct tracked *t)
{
    for (int i = 0; i < 2; i++)
        if (t->tcp && !t->flow.quiet)
            finish_side(tracker, t, (enum side)i);
}
