/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/tcp.h"

/* ---- Which flow. */

static bool
has_payload(const struct packet *packet)
{
    return packet->payload.len || packet->payload_missing;
}

static bool
was_told(const struct tracked *f)
{
    return f->stream[ORIGINATOR].told || f->stream[RESPONDER].told;
}

static struct tracked *
begin_anew(struct tracker *t, struct tracked *f, const struct packet *packet)
{
    uint32_t tag = f->tag;
    if (f->rival)
        tracked_remove(t, flow_table_at(&t->table, f->rival), FLOW_REUSED);
    tracked_remove(t, f, FLOW_REUSED);
    return tracked_begin(t, packet, tag);
}

/* Is this SYN, or the answer to one, of the connection that the rival would be? */
static bool
is_rivals(const struct tracked *rival, const struct packet *packet)
{
    enum side from = flow_table_side(rival, packet);
    if (stream_knows(&rival->stream[from], packet->seq))
        return true;
    return packet->tcp_flags & TCP_ACK &&
           stream_knows(&rival->stream[other_side(from)], packet->ack - 1);
}

static struct tracked *
flow_of_syn(struct tracker *t, struct tracked *f, const struct packet *packet, enum side from)
{
    const struct stream *s = &f->stream[from];
    bool answer = packet->tcp_flags & TCP_ACK;
    bool known = stream_knows(s, packet->seq);

    if (f->ended || f->closing) {
        /* After RST, a handshake goes on when the RST was forged, or the same SYN is tried again.
         */
        bool goes_on =
            answer ? known || (!f->ended && !s->anchored) : known && !f->ended && !was_told(f);
        return goes_on ? f : begin_anew(t, f, packet);
    }
    struct tracked *rival = f->rival ? flow_table_at(&t->table, f->rival) : NULL;
    if (known)
        return f;
    if (rival && is_rivals(rival, packet))
        return rival;
    if (!s->anchored && (!f->flow.quiet || !s->candidates))
        return f;
    if (!rival)
        rival = tracked_propose(t, f, packet);
    return rival ? rival : f;
}

/* Does the packet show that the rival is what both ends speak of, and not the old flow? */
static bool
proves(const struct tracked *f, const struct tracked *rival, const struct packet *packet,
    enum side from)
{
    enum side rivals_from = flow_table_side(rival, packet);
    const struct stream *theirs = &rival->stream[other_side(rivals_from)];
    const struct stream *old = &f->stream[from];
    const struct stream *old_theirs = &f->stream[other_side(from)];
    enum stream_fit fit = stream_fit(&rival->stream[rivals_from], packet->seq);

    bool acks = packet->tcp_flags & TCP_ACK && stream_knows(theirs, packet->ack - 1);
    if (acks && fit != FIT_NONE &&
        (f->flow.quiet || stream_fit(old_theirs, packet->ack) <= FIT_UNKNOWN))
        return true;
    return has_payload(packet) && fit >= FIT_NEAR &&
           (f->flow.quiet || stream_fit(old, packet->seq) <= FIT_UNKNOWN);
}

/* Two SYNs came before the first data, and that was of a forged one: now the other side of the
 * story begins. Sets a flow of its own beside the old one. */
static struct tracked *
split(struct tracker *t, struct tracked *f, enum side from)
{
    if (f->rival)
        tracked_remove(t, flow_table_at(&t->table, f->rival), FLOW_REUSED);
    struct tracked *other = tracked_propose(t, f, NULL);
    if (!other)
        return NULL;
    other->sound_originator = f->sound_originator;
    other->sound_responder = f->sound_responder;
    for (enum side side = ORIGINATOR; side <= RESPONDER; side++)
        for (unsigned i = side == from; i < f->stream[side].candidates; i++)
            stream_propose(&other->stream[side], f->stream[side].candidate[i]);
    return other;
}

static struct tracked *
flow_of_rest(struct tracker *t, struct tracked *f, const struct packet *packet, enum side from)
{
    struct tracked *rival = f->rival ? flow_table_at(&t->table, f->rival) : NULL;
    const struct stream *s = &f->stream[from];
    bool live = !f->flow.quiet && !f->ended;

    if (rival && !proves(f, rival, packet, from))
        rival = NULL;
    if (!rival && live && has_payload(packet) && stream_begins_other(s, packet->seq) &&
        stream_fit(s, packet->seq) == FIT_NONE)
        rival = split(t, f, from);
    if (!rival)
        return f;
    tracked_confirm(t, rival);
    return rival;
}

struct tracked *
tcp_flow(
    struct tracker *tracker, struct tracked *tracked, const struct packet *packet, enum side *from)
{
    struct tracked *found = tracked;
    if (packet->tcp_flags & TCP_RST)
        return tracked;
    if (packet->tcp_flags & TCP_SYN)
        found = flow_of_syn(tracker, tracked, packet, *from);
    else
        found = flow_of_rest(tracker, tracked, packet, *from);
    if (found)
        *from = flow_table_side(found, packet);
    return found;
}

/* ---- What it says. */

/* Returns the side it came from, which changes when it shows that we had them the wrong way. */
static enum side
hear_syn(struct tracked *f, const struct packet *packet, enum side from)
{
    enum side originator = packet->tcp_flags & TCP_ACK ? other_side(from) : from;
    if (f->flow.guessed && originator == RESPONDER && !was_told(f)) {
        tracked_turn(f);
        originator = ORIGINATOR;
        from = other_side(from);
    }
    if (originator == ORIGINATOR)
        f->flow.guessed = false;
    if (f->closing && f->why == FLOW_RESET && !was_told(f))
        f->closing = false;
    if (!f->stream[from].anchored)
        stream_propose(&f->stream[from], packet->seq);
    return from;
}

static void
hear_reset(struct tracker *t, struct tracked *f, const struct packet *packet, enum side from)
{
    if (!f->flow.quiet && stream_fit(&f->stream[from], packet->seq) == FIT_NONE)
        return;
    f->closing = true;
    f->why = FLOW_RESET;
    if (f->flow.quiet)
        tracked_end(t, f, FLOW_RESET);
}

static void
hear_segment(struct tracker *t, struct tracked *f, const struct packet *packet, enum side from)
{
    struct stream *s = &f->stream[from];
    struct stream *peer = &f->stream[other_side(from)];
    struct stream_context context = tracked_context(t, f, from);
    struct stream_context peer_context = tracked_context(t, f, other_side(from));
    struct segment segment = {
        .seq = packet->seq + (packet->tcp_flags & TCP_SYN ? 1 : 0),
        .data = packet->payload,
        .missing = packet->payload_missing,
    };
    if (packet->tcp_flags & TCP_ACK)
        stream_acknowledge(peer, packet->ack);
    stream_take(&context, s, segment);
    if (packet->tcp_flags & TCP_FIN && !f->flow.quiet)
        stream_take_fin(&context, s, segment.seq + segment_len(&segment));
    if (!f->flow.quiet)
        stream_age(&context, s);
    if (!f->flow.quiet)
        stream_age(&peer_context, peer);
}

static bool
side_finished(const struct tracked *f, enum side side)
{
    return f->flow.quiet ? f->stream[side].fin_seen : stream_finished(&f->stream[side]);
}

/* Ends the flow, or has it wait for its end, as far as FINs say so. */
static void
close_finished(struct tracker *t, struct tracked *f)
{
    const struct flow *flow = &f->flow;
    bool originator = side_finished(f, ORIGINATOR);
    bool responder = side_finished(f, RESPONDER);
    if (originator && responder) {
        f->closing = false;
        tracked_end(t, f, FLOW_CLOSED);
    } else if (!f->closing || f->why == FLOW_CLOSED) {
        /* There is a hole before a FIN, or only one direction is captured. */
        f->closing = (f->stream[ORIGINATOR].fin_seen && f->stream[RESPONDER].fin_seen) ||
                     (originator && !flow->packets[RESPONDER]) ||
                     (responder && !flow->packets[ORIGINATOR]);
        f->why = FLOW_CLOSED;
    }
}

void
tcp_hear(
    struct tracker *tracker, struct tracked *tracked, const struct packet *packet, enum side from)
{
    if (tracked->ended)
        return;
    if (packet->tcp_flags & TCP_RST) {
        hear_reset(tracker, tracked, packet, from);
        return;
    }
    if (packet->tcp_flags & TCP_SYN)
        from = hear_syn(tracked, packet, from);
    if (!tracked->flow.quiet)
        hear_segment(tracker, tracked, packet, from);
    if (tracked->flow.quiet && packet->tcp_flags & TCP_FIN)
        tracked->stream[from].fin_seen = true;
    if (!tracked->proposed)
        close_finished(tracker, tracked);
}
