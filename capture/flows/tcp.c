/* SPDX-License-Identifier: Apache-2.0
 *
 * One TCP connection (RFC 9293) as a bystander sees it. Anybody may have forged any segment, so one
 * alone proves little; what two agree on is believed. A SYN is a proposal that data confirms, a
 * segment where none was expected waits for another that agrees with it, and data that still comes
 * after a RST is heard.
 */
#include "capture/flows/offload.h"
#include "capture/flows/tracker.h"

enum {
    JUMP_MOST = 1 << 24, /* how much a capture may plausibly lose of a flow that goes on */
    JUMP_SEGMENTS = 3,   /* how many must go on from each other to make that believable */
};

/* How long a hole is waited for. What was acknowledged has arrived at the other end, and is late
 * here at most. Where the other side is not captured nobody says so, and it may be sent again. */
static const struct patience {
    uint32_t packets, ms;
} acknowledged_hole = {256, 2000}, lone_hole = {4096, 10000};

static void
tell_bytes(void *owner, struct bytes data)
{
    const struct hearing *hearing = owner;
    const struct flow_listener *listener = &hearing->tracker->listener;
    struct tcp_side *side = &hearing->t->tcp->side[hearing->side];
    past_add(&side->past, side->stream.next_seq, data, &hearing->tracker->pasts);
    listener->bytes(listener->owner, &hearing->t->flow, hearing->side, data);
}

static void
tell_gap(void *owner, uint64_t missing)
{
    const struct hearing *hearing = owner;
    const struct flow_listener *listener = &hearing->tracker->listener;
    hearing->t->flow.missing[hearing->side] += missing;
    hearing->tracker->counts.gaps++;
    hearing->tracker->counts.gap_bytes += missing;
    listener->gap(listener->owner, &hearing->t->flow, hearing->side, missing);
}

static struct stream_teller
teller_of(const struct hearing *hearing)
{
    return (struct stream_teller){(void *)hearing, tell_bytes, tell_gap, &hearing->t->flow.quiet};
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
    for (int i = 0; i < 2; i++) {
        stream_drop(&t->tcp->side[i].stream, tracker->pool);
        strays_drop(&t->tcp->side[i].strays, tracker->pool);
        past_drop(&t->tcp->side[i].past, &tracker->pasts);
    }
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

static struct tcp_side *
side_of(const struct hearing *hearing)
{
    return &hearing->t->tcp->side[hearing->side];
}

/* Data beyond the window. A capture that lost that much goes on there, segment after segment; a
 * forged segment stands alone. */
static void
hear_far(const struct hearing *hearing, const struct stray *segment)
{
    struct tracker *tracker = hearing->tracker;
    struct tcp_side *side = side_of(hearing);
    if (!strays_keep(&side->strays, segment, tracker->options->stream_bytes, tracker->pool))
        return;
    struct run run = strays_run(side->strays, segment->seq, segment->data.len);
    int32_t ahead = stream_ahead(&side->stream, run.first);
    if (run.segments < JUMP_SEGMENTS || ahead <= 0 || ahead > JUMP_MOST)
        return;
    struct stream_teller teller = teller_of(hearing);
    stream_jump(&side->stream, run.first, tracker->pool, &teller);
    tracker->counts.stream_shed++;
    struct strays *strays = side->strays;
    side->strays = NULL;
    for (unsigned i = 0; i < strays->len && !hearing->t->flow.quiet; i++)
        if (stream_ahead(&side->stream, strays->at[i].seq) <= (int32_t)(run.end - run.first))
            tcp_take(hearing, &strays->at[i]);
    strays_drop(&strays, tracker->pool);
}

/* What comes behind a FIN that was acknowledged, its receiver does not take. */
static bool
behind_the_end(const struct hearing *hearing, uint32_t seq)
{
    return ending_acknowledged(hearing->t, hearing->side) &&
           (int32_t)(seq - side_of(hearing)->fin_seq) >= 0;
}

/* What was told already comes again, and is not the same. The one byte of a keep-alive probe (RFC
 * 9293 section 3.8.4) may be anything. */
static bool
contradicts(const struct hearing *hearing, const struct stray *segment)
{
    const struct tcp_side *side = side_of(hearing);
    int32_t ahead = stream_ahead(&side->stream, segment->seq);
    bool probe = ahead == -1 && segment->data.len == 1;
    return ahead < 0 && !probe && past_differs(side->past, segment->seq, segment->data);
}

void
tcp_take(const struct hearing *hearing, const struct stray *segment)
{
    struct tracker *tracker = hearing->tracker;
    struct stream *stream = &side_of(hearing)->stream;
    struct stream_teller teller = teller_of(hearing);
    struct stream_limits limits = {
        tracker->pool, tracker->options->stream_bytes, tracker->options->overlap};
    if (behind_the_end(hearing, segment->seq))
        return;
    uint32_t before = stream->next_seq;
    if (contradicts(hearing, segment)) {
        tracker->counts.overlap_conflicts++;
        hearing->t->flow.ambiguous = true;
    }
    switch (stream_take(stream, segment->seq, segment->data, &limits, &teller)) {
    case STREAM_CONFLICT:
        tracker->counts.overlap_conflicts++;
        hearing->t->flow.ambiguous = true;
        break;
    case STREAM_FULL:
        tracker->counts.stream_shed++;
        break;
    case STREAM_FAR:
        hear_far(hearing, segment);
        break;
    case STREAM_TAKEN:
        break;
    }
    uint32_t end = segment->seq + (uint32_t)segment->data.len;
    if (segment->missing && !hearing->t->flow.quiet && stream->next_seq == end)
        stream_lose(stream, segment->missing, tracker->pool, &teller);
    if (stream->next_seq != before)
        side_of(hearing)->hole_known = false;
}

static void
hear_data(const struct hearing *hearing, uint32_t seq, const struct packet *packet)
{
    struct stray segment = {
        seq, packet->payload_missing, packet->tcp_flags & TCP_SYN, packet->payload};
    hearing->t->flow.cut |= packet->payload_missing > 0;
    if (!side_of(hearing)->stream.begun)
        beginning_hear(hearing, &segment);
    else if (!segment.with_syn)
        tcp_take(hearing, &segment);
}

/* An acknowledgement of what was never seen: the capture may have lost it. It may also only come
 * early, so the hole is given up some time later. */
static void
mind_hole(const struct hearing *hearing, const struct packet *packet)
{
    struct tcp_side *side = side_of(hearing);
    const struct stream *stream = &side->stream;
    bool acked = side->has_acked && stream_ahead(stream, side->acked) > 0;
    bool alone = !hearing->t->flow.packets[other_side(hearing->side)];
    uint32_t now_ms = (uint32_t)(packet->ts_ns / 1000000);
    if (!stream_waiting(stream) || !(acked || alone)) {
        side->hole_known = false;
        return;
    }
    if (!side->hole_known) {
        side->hole_known = true;
        side->hole_ms = now_ms;
        side->hole_packets = 0;
    }
    const struct patience *patience = acked ? &acknowledged_hole : &lone_hole;
    int32_t waited_ms = (int32_t)(now_ms - side->hole_ms);
    if (++side->hole_packets < patience->packets && waited_ms < (int32_t)patience->ms)
        return;
    struct stream_teller teller = teller_of(hearing);
    side->hole_known = false;
    stream_give_up(&side->stream, hearing->tracker->pool, &teller);
}

static void
note_isn(struct tracked *t, enum side from, const struct packet *packet)
{
    bool opens = !(packet->tcp_flags & TCP_ACK);
    if (t->has_isn || opens != (from == ORIGINATOR))
        return;
    t->has_isn = true;
    t->isn = opens ? packet->seq : packet->ack - 1;
}

static void
hear_syn(struct tracked *t, enum side from, const struct packet *packet)
{
    note_isn(t, from, packet);
    if (!t->tcp->side[from].stream.begun)
        beginning_propose(&t->tcp->side[from], packet->seq + 1);
    if (packet->tcp_flags & TCP_ACK)
        beginning_acknowledged(&t->tcp->side[other_side(from)], packet->ack);
}

/* An endpoint looks at an acknowledgement only when the segment stands where it may (RFC 9293
 * section 3.10.7.4), and at a SYN that answers only when it is one it waits for. */
static bool
acceptable(const struct tracked *t, enum side from, const struct packet *packet)
{
    const struct tcp_side *side = &t->tcp->side[from];
    if (packet->tcp_flags & TCP_SYN)
        return beginning_answered(&t->tcp->side[other_side(from)], packet->ack);
    if (side->stream.begun)
        return tcp_near(side->stream.next_seq, packet->seq);
    return !side->candidates_len || beginning_answered(side, packet->seq + 1);
}

/* Hears a segment while somebody listens. True when it acknowledges more than was known. */
static bool
listen(struct tracker *tracker, struct tracked *t, enum side from, const struct packet *packet)
{
    struct hearing own = {tracker, t, from};
    struct hearing other = {tracker, t, other_side(from)};
    struct tcp_side *side = &t->tcp->side[from];
    bool syn = packet->tcp_flags & TCP_SYN;
    bool ack = packet->tcp_flags & TCP_ACK && acceptable(t, from, packet);
    uint32_t seq = packet->seq + syn;
    uint32_t length = (uint32_t)packet->payload.len + packet->payload_missing;
    bool progress = ack && beginning_note_ack(&t->tcp->side[other.side], packet->ack);

    if (syn && packet->tcp_flags & TCP_ACK && !ack)
        return false;
    if (syn)
        hear_syn(t, from, packet);
    if (ack)
        beginning_settle(&other, &packet->ack);
    if (length)
        hear_data(&own, seq, packet);
    else if (!syn && !(packet->tcp_flags & TCP_RST))
        beginning_settle(&own, &seq);
    if (!(packet->tcp_flags & (TCP_SYN | TCP_RST))) {
        side->has_end = true;
        side->end_seq = seq + length;
    }
    for (int i = 0; i < 2 && !t->flow.quiet; i++)
        mind_hole(i ? &other : &own, packet);
    return progress;
}

/* Has the other side what was told of this one? */
static void
note_acknowledged(struct tracked *t, enum side of)
{
    const struct tcp_side *side = &t->tcp->side[of];
    t->flow.acknowledged[of] =
        side->has_acked && side->stream.begun && stream_ahead(&side->stream, side->acked) >= 0;
}

void
tcp_hear(struct tracker *tracker, uint32_t place, struct tracked *t, enum side from,
    const struct packet *packet)
{
    bool progress = false;
    if (renewal_concerns(t, from, packet))
        return;
    if (t->tcp) {
        progress = listen(tracker, t, from, packet);
        note_acknowledged(t, ORIGINATOR);
        note_acknowledged(t, RESPONDER);
        if (t->flow.quiet)
            tcp_drop(tracker, t);
    }
    bool ends = packet->tcp_flags & (TCP_FIN | TCP_RST);
    bool closing = t->list == LIST_CLOSED || t->fins[from] || t->resets[from];
    if (ends || (closing && !t->ended))
        ending_hear(tracker, place, t, from, packet, progress);
}

/* The other side acknowledged more than was ever captured: that is missing too. The FIN counts for
 * one; so does a SYN of which nothing more was seen. */
static void
finish_side(const struct hearing *hearing)
{
    struct tcp_side *side = side_of(hearing);
    struct stream_teller teller = teller_of(hearing);
    const bool *quiet = &hearing->t->flow.quiet;
    beginning_force(hearing);
    while (stream_waiting(&side->stream) && !*quiet)
        stream_give_up(&side->stream, hearing->tracker->pool, &teller);
    if (*quiet || !side->has_acked)
        return;
    uint32_t known = side->stream.begun     ? side->stream.next_seq
                     : side->candidates_len ? side->candidates[0]
                                            : side->acked;
    int32_t missing = (int32_t)(side->acked - known) - 1;
    if (missing > 0 && missing <= BELIEVED_AHEAD)
        stream_lose(&side->stream, (uint32_t)missing, hearing->tracker->pool, &teller);
}

void
tcp_finish(struct tracker *tracker, struct tracked *t)
{
    for (int i = 0; i < 2; i++)
        if (t->tcp && !t->flow.quiet)
            finish_side(&(struct hearing){tracker, t, (enum side)i});
}
