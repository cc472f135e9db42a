/* SPDX-License-Identifier: Apache-2.0
 *
 * Where one side's data begins: behind its SYN, or where the capture begins. A forged SYN, or a
 * forged segment before the first true one, must not hide what follows: where the packets that were
 * seen contradict each other, segments are kept aside until others tell which to believe.
 */
#include "capture/flows/tracker.h"

enum {
    RUN_UNANNOUNCED = 2,  /* segments that go on from each other make a beginning without a SYN */
    RUN_CONTRADICTING = 3 /* and against one */
};

static struct tcp_side *
side_of(const struct hearing *hearing)
{
    return &hearing->t->tcp->side[hearing->side];
}

static bool
reaches(uint32_t from, uint32_t seq)
{
    return seq - from <= BELIEVED_AHEAD;
}

/* The other side acknowledges data that begins here. */
static bool
supported(const struct tcp_side *side, uint32_t candidate)
{
    return side->has_acked && reaches(candidate, side->acked);
}

/* The oldest gives way, unless it is the one that is supported. */
void
beginning_propose(struct tcp_side *side, uint32_t first_seq)
{
    enum { MOST = sizeof side->candidates / sizeof *side->candidates };
    unsigned len = side->candidates_len;
    for (unsigned i = 0; i < len; i++)
        if (side->candidates[i] == first_seq)
            return;
    unsigned last = len < MOST ? len : MOST - 1;
    if (len == MOST && supported(side, side->candidates[last]))
        side->candidates[last - 1] = side->candidates[last];
    memmove(side->candidates + 1, side->candidates, last * sizeof *side->candidates);
    side->candidates[0] = first_seq;
    side->candidates_len = (uint8_t)(last + 1);
}

static bool
any_reaches(const struct tcp_side *side, uint32_t seq)
{
    for (unsigned i = 0; i < side->candidates_len; i++)
        if (reaches(side->candidates[i], seq))
            return true;
    return false;
}

static bool
any_supported(const struct tcp_side *side)
{
    return side->has_acked && any_reaches(side, side->acked);
}

bool
beginning_answered(const struct tcp_side *side, uint32_t ack)
{
    return side->stream.begun ? tcp_near(side->stream.next_seq, ack)
                              : !side->candidates_len || any_reaches(side, ack);
}

void
beginning_acknowledged(struct tcp_side *side, uint32_t ack)
{
    if (side->stream.begun)
        return;
    side->has_acked = true;
    side->acked = ack;
    if (!any_supported(side))
        beginning_propose(side, ack);
}

/* Until the stream has begun the latest counts: one that was forged is corrected by the next. */
bool
beginning_note_ack(struct tcp_side *side, uint32_t ack)
{
    bool near = side->has_acked && tcp_near(side->acked, ack);
    bool more = !side->has_acked || (int32_t)(ack - side->acked) > 0;
    if (!beginning_answered(side, ack) || (near && !more) || (side->stream.begun && !more))
        return false;
    side->has_acked = true;
    side->acked = ack;
    return true;
}

/* Data from `seq` to `end` begins at the candidate, or covers it, or is near behind it. */
static bool
fits(uint32_t candidate, uint32_t seq, uint32_t end)
{
    int32_t ahead = (int32_t)(seq - candidate);
    return ahead <= BELIEVED_AHEAD && ahead >= -BELIEVED_BEHIND && (int32_t)(end - candidate) > 0;
}

/* The candidate that fits best: where the segment stands, else one that was acknowledged, else the
 * newest. -1: none. */
static int
fitting(const struct tcp_side *side, uint32_t seq, uint32_t end)
{
    int best = -1;
    for (int i = side->candidates_len; i-- > 0;) {
        uint32_t candidate = side->candidates[i];
        if (candidate == seq)
            return i;
        bool better =
            best < 0 || supported(side, candidate) || !supported(side, side->candidates[best]);
        if (fits(candidate, seq, end) && better)
            best = i;
    }
    return best;
}

static uint32_t
end_of(const struct stray *segment)
{
    return segment->seq + (uint32_t)segment->data.len + segment->missing;
}

/* No SYN was seen: another packet must say that this is the place. */
static bool
find_unannounced(const struct tcp_side *side, const struct stray *segment, uint32_t *first)
{
    *first = strays_run(side->strays, segment->seq, end_of(segment) - segment->seq).first;
    return (side->has_acked && tcp_near(side->acked, segment->seq)) ||
           (side->has_end && side->end_seq == segment->seq);
}

/* Where the data begins to which this segment belongs; false when nothing speaks for it. */
static bool
find_beginning(const struct tcp_side *side, const struct stray *segment, uint32_t *first)
{
    if (!side->candidates_len)
        return find_unannounced(side, segment, first);
    int best = fitting(side, segment->seq, end_of(segment));
    if (best < 0)
        return false;
    *first = side->candidates[best];
    if (segment->with_syn)
        return supported(side, *first) && side->acked != *first;
    if (side->has_acked)
        return supported(side, *first) || !any_supported(side);
    return side->candidates_len == 1 || (side->has_end && side->end_seq == *first);
}

/* Data in a SYN counts when it was acknowledged (RFC 7413), or its sender goes on behind it; who
 * does not take it is sent it again. */
static bool
left_out(const struct tcp_side *side, const struct stray *kept, const struct stray *now)
{
    if (!kept->with_syn || (now && now->seq == end_of(kept)))
        return false;
    bool again = now && now->seq == kept->seq;
    return again || (side->has_acked && side->acked == kept->seq);
}

static void
begin_at(const struct hearing *hearing, uint32_t first, const struct stray *now)
{
    struct tracked *t = hearing->t;
    struct tcp_side *side = side_of(hearing);
    struct strays *strays = side->strays;
    side->strays = NULL;
    t->flow.guessed |= !side->candidates_len;
    if (hearing->side == ORIGINATOR) {
        t->has_isn = true;
        t->isn = first - 1;
    }
    if (!tcp_near(first, side->fin_seq))
        t->fins[hearing->side] = false;
    if (!tcp_near(first, side->reset_seq))
        t->resets[hearing->side] = false;
    stream_begin(&side->stream, first);
    for (unsigned i = 0; strays && i < strays->len && !t->flow.quiet; i++)
        if (!left_out(side, &strays->at[i], now))
            tcp_take(hearing, &strays->at[i]);
    strays_drop(&strays, hearing->tracker->pool);
    if (now && !t->flow.quiet)
        tcp_take(hearing, now);
}

/* It lies before where the data begins, or is a single byte that was acknowledged already: it is no
 * data but keeps the connection alive (RFC 9293 section 3.8.4). */
static bool
keeps_alive(const struct tcp_side *side, const struct stray *segment)
{
    uint32_t end = end_of(segment);
    for (unsigned i = 0; i < side->candidates_len; i++)
        if (tcp_near(side->candidates[i], segment->seq) &&
            (int32_t)(end - side->candidates[i]) <= 0)
            return true;
    return !side->candidates_len && side->has_acked && side->acked == end &&
           end - segment->seq == 1;
}

void
beginning_hear(const struct hearing *hearing, const struct stray *segment)
{
    struct tracker *tracker = hearing->tracker;
    struct tcp_side *side = side_of(hearing);
    uint32_t first = segment->seq;
    if (keeps_alive(side, segment))
        return;
    if (find_beginning(side, segment, &first) ||
        !strays_keep(&side->strays, segment, tracker->options->stream_bytes, tracker->pool))
        begin_at(hearing, first, segment);
    else
        beginning_settle(hearing, NULL);
}

void
beginning_settle(const struct hearing *hearing, const uint32_t *agreed)
{
    struct tcp_side *side = side_of(hearing);
    unsigned needed = side->candidates_len ? RUN_CONTRADICTING : RUN_UNANNOUNCED;
    if (!side->strays || side->stream.begun || hearing->t->flow.quiet)
        return;
    for (unsigned i = 0; i < side->strays->len; i++) {
        const struct stray *kept = &side->strays->at[i];
        struct run run = strays_run(side->strays, kept->seq, kept->data.len + kept->missing);
        uint32_t length = end_of(kept) - kept->seq;
        uint32_t first = run.first;
        bool agrees = agreed && *agreed - kept->seq - 1 < length;
        if (find_beginning(side, kept, &first) || agrees || run.segments >= needed) {
            begin_at(hearing, first, NULL);
            return;
        }
    }
}

void
beginning_force(const struct hearing *hearing)
{
    struct tcp_side *side = side_of(hearing);
    struct strays *strays = side->strays;
    if (!strays || !strays->len || side->stream.begun || hearing->t->flow.quiet)
        return;
    struct run longest = {0};
    for (unsigned i = 0; i < strays->len; i++) {
        const struct stray *kept = &strays->at[i];
        struct run run = strays_run(strays, kept->seq, kept->data.len + kept->missing);
        int best = fitting(side, kept->seq, end_of(kept));
        if (best >= 0)
            run = (struct run){.first = side->candidates[best], .segments = STRAYS_MOST + 1};
        if (run.segments > longest.segments)
            longest = run;
    }
    begin_at(hearing, longest.first, NULL);
}

static bool
is_candidate(const struct tcp_side *side, uint32_t first_seq)
{
    for (unsigned i = 0; i < side->candidates_len; i++)
        if (side->candidates[i] == first_seq)
            return true;
    return false;
}

/* A plain SYN says that its sender opened, unless the other did so before; a SYN that answers says
 * that its sender did not, unless it repeats a plain one: then both opened at once. */
void
beginning_orient(struct tracked *t, enum side from, const struct packet *packet)
{
    if (!t->tcp || !(packet->tcp_flags & TCP_SYN) || packet->tcp_flags & TCP_RST ||
        t->tcp->side[0].stream.begun || t->tcp->side[1].stream.begun)
        return;
    const struct tcp_side *side = &t->tcp->side[from];
    bool wrong = tcp_opens(packet) ? from == RESPONDER && !t->opened
                                   : from == ORIGINATOR && !is_candidate(side, packet->seq + 1) &&
                                         beginning_answered(&t->tcp->side[RESPONDER], packet->ack);
    if (wrong)
        tracker_swap(t);
    t->opened |= tcp_opens(packet);
    t->flow.guessed = false;
}
