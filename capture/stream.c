/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/stream.h"

enum {
    STRAYS_ABOVE = 3, /* more segments beyond the window than these, and bytes are missing */
    AGE_PACKETS = 256,
};
#define AGE_NS INT64_C(2000000000)

void
stream_drop(struct pool *pool, struct stream *stream)
{
    waiting_free(pool, stream->waiting);
    stream->waiting = NULL;
}

bool
stream_finished(const struct stream *stream)
{
    return stream->anchored && stream->fin_seen && stream->next == stream->fin;
}

/* ---- Telling. Each goes on where the last ended, and not at all when the listener wants no more.
 */

static void
tell_bytes(const struct stream_context *c, struct stream *s, struct bytes data)
{
    if (data.len == 0 || c->flow->quiet)
        return;
    s->next += (uint32_t)data.len;
    s->told = true;
    c->listener->bytes(c->listener->owner, c->flow, c->side, data);
}

static void
tell_gap(const struct stream_context *c, struct stream *s, uint32_t missing)
{
    if (missing == 0 || c->flow->quiet)
        return;
    s->next += missing;
    s->told = true;
    c->flow->missing[c->side] += missing;
    c->counts->gaps++;
    c->counts->gap_bytes += missing;
    c->listener->gap(c->listener->owner, c->flow, c->side, missing);
}

/* Tells a piece of what waits for nothing any more, at most `most` bytes. */
static void
tell_front(const struct stream_context *c, struct stream *s, uint32_t most)
{
    const struct interval *first = waiting_first(s->waiting);
    uint32_t n = first->end - first->start;
    n = n < most ? n : most;
    if (first->lost) {
        tell_gap(c, s, n);
    } else {
        struct bytes front = bytes_first(waiting_front(s->waiting), n);
        n = (uint32_t)front.len;
        tell_bytes(c, s, front);
    }
    waiting_pop(s->waiting, n);
    if (!waiting_first(s->waiting))
        stream_drop(c->pool, s);
}

static void
tell_waiting(const struct stream_context *c, struct stream *s)
{
    while (s->waiting && !c->flow->quiet && waiting_first(s->waiting)->start == s->next)
        tell_front(c, s, UINT32_MAX);
}

/* The bytes before what waits first will not come. */
static void
declare_hole(const struct stream_context *c, struct stream *s)
{
    tell_gap(c, s, waiting_first(s->waiting)->start - s->next);
    tell_waiting(c, s);
}

/* ---- Taking. */

/* What is left of a segment after its first `n` bytes. */
static struct segment
segment_skip(struct segment segment, uint32_t n)
{
    uint32_t of_data = n < segment.data.len ? n : (uint32_t)segment.data.len;
    uint32_t of_missing = n - of_data < segment.missing ? n - of_data : segment.missing;
    return (struct segment){
        .seq = segment.seq + n,
        .data = bytes_skip(segment.data, of_data),
        .missing = segment.missing - of_missing,
    };
}

/* Tells the first `n` bytes of a segment that is next, and returns the rest. */
static struct segment
tell_segment(const struct stream_context *c, struct stream *s, struct segment segment, uint32_t n)
{
    struct bytes data = bytes_first(segment.data, n);
    uint32_t missing = n - (uint32_t)data.len;
    tell_bytes(c, s, data);
    tell_gap(c, s, missing < segment.missing ? missing : segment.missing);
    return segment_skip(segment, n);
}

/* The segment and the first interval begin with the same byte: tells some of either. */
static struct segment
tell_overlap(
    const struct stream_context *c, struct stream *s, struct segment segment, bool *conflict)
{
    struct bytes front = waiting_front(s->waiting);
    const struct interval *first = waiting_first(s->waiting);
    uint32_t n = front.len ? (uint32_t)front.len : first->end - first->start;
    uint32_t both = segment.data.len ? (uint32_t)segment.data.len : segment.missing;
    n = n < both ? n : both;

    bool comparable = front.len && segment.data.len;
    if (comparable && !bytes_equal(bytes_first(front, n), bytes_first(segment.data, n)))
        *conflict = true;
    bool take_new = segment.data.len && (c->options->overlap == OVERLAP_LAST || !front.len);
    if (!take_new) {
        tell_front(c, s, n);
        return segment_skip(segment, n);
    }
    segment = tell_segment(c, s, segment, n);
    waiting_pop(s->waiting, n);
    if (!waiting_first(s->waiting))
        stream_drop(c->pool, s);
    return segment;
}

static void
take_next(const struct stream_context *c, struct stream *s, struct segment segment)
{
    bool conflict = false;
    while (segment_len(&segment) && !c->flow->quiet) {
        uint32_t ahead = s->waiting ? waiting_first(s->waiting)->start - s->next : UINT32_MAX;
        uint32_t len = segment_len(&segment);
        if (ahead)
            segment = tell_segment(c, s, segment, ahead < len ? ahead : len);
        else
            segment = tell_overlap(c, s, segment, &conflict);
    }
    tell_waiting(c, s);
    c->counts->overlap_conflicts += conflict;
}

/* Does a segment reach beyond the window, and is it too early to believe it? A forged one must
 * not make us give up what is about to come; what is missing for good makes many. */
static bool
beyond_belief(const struct stream_context *c, struct stream *s, uint64_t span, uint32_t limit)
{
    if (span <= limit) {
        s->strays = 0;
        return false;
    }
    if (c->hold)
        return true;
    if (s->waiting && s->waiting->kept >= limit / 2)
        return false;
    return s->strays++ < STRAYS_ABOVE;
}

static enum waiting_put
put(const struct stream_context *c, struct stream *s, const struct waiting_rules *rules,
    const struct segment *segment, bool *conflict)
{
    uint64_t span = (uint64_t)(segment->seq - s->next) + segment_len(segment);
    if (span > rules->limit)
        return WAITING_FULL;
    if (!s->waiting)
        s->waiting = waiting_new(c->pool);
    if (!s->waiting)
        return WAITING_NO_MEMORY;
    enum waiting_put result = waiting_put(s->waiting, rules, s->next, segment, conflict);
    if (!waiting_first(s->waiting))
        stream_drop(c->pool, s);
    return result;
}

/* Is there no use in waiting for the bytes before `seq`, as the other side has them? */
static bool
acknowledged(const struct stream *s, uint32_t seq)
{
    return s->ack_seen && sequence_distance(s->acked, seq) >= 0;
}

/* A segment that is not next, or is not to be told yet. */
static void
take_early(const struct stream_context *c, struct stream *s, struct segment segment)
{
    struct waiting_rules rules = stream_rules(c);
    uint64_t span = (uint64_t)(segment.seq - s->next) + segment_len(&segment);
    bool conflict = false;
    enum waiting_put result =
        beyond_belief(c, s, span, rules.limit) ? WAITING_NO_MEMORY : WAITING_FULL;

    /* Each turn but the last gives up a hole, so that the segment comes nearer. */
    while (result == WAITING_FULL && !c->flow->quiet) {
        int32_t above = sequence_distance(segment.seq, s->next);
        if (above < 0)
            segment = segment_skip(segment, (uint32_t)-above);
        if (segment_len(&segment) == 0 || (above <= 0 && !c->hold)) {
            take_next(c, s, segment);
            break;
        }
        result = put(c, s, &rules, &segment, &conflict);
        if (result == WAITING_NO_MEMORY && acknowledged(s, segment.seq))
            result = WAITING_FULL;
        if (result == WAITING_FULL && c->hold)
            result = WAITING_NO_MEMORY;
        if (result == WAITING_FULL && s->waiting)
            declare_hole(c, s);
        else if (result == WAITING_FULL)
            tell_gap(c, s, segment.seq - s->next);
    }
    c->counts->stream_shed += result == WAITING_NO_MEMORY;
    c->counts->overlap_conflicts += conflict;
}

void
stream_take(const struct stream_context *context, struct stream *stream, struct segment segment)
{
    if (segment_len(&segment) == 0 || !stream_anchor(context, stream, segment.seq))
        return;
    int32_t above = sequence_distance(segment.seq, stream->next);
    if (above < 0)
        segment = segment_skip(segment, (uint32_t)-above);
    if (segment_len(&segment) == 0)
        return;
    /* A FIN before bytes that are still sent was none of the sender's. */
    int32_t behind = sequence_distance(segment.seq + segment_len(&segment), stream->fin);
    if (stream->fin_seen && behind > 0 && behind <= STREAM_ABOVE)
        stream->fin_seen = false;
    if (above <= 0 && !context->hold) {
        stream->strays = 0;
        take_next(context, stream, segment);
    } else {
        take_early(context, stream, segment);
    }
}

void
stream_take_fin(const struct stream_context *context, struct stream *stream, uint32_t seq)
{
    if (!stream_anchor(context, stream, seq))
        return;
    int32_t above = sequence_distance(seq, stream->next);
    if (above < 0 || above > STREAM_ABOVE)
        return;
    stream->fin = seq;
    stream->fin_seen = true;
}

void
stream_release(const struct stream_context *context, struct stream *stream)
{
    tell_waiting(context, stream);
}

void
stream_age(const struct stream_context *context, struct stream *stream)
{
    struct waiting *w = stream->waiting;
    const struct flow *flow = context->flow;
    uint64_t packets = flow->packets[ORIGINATOR] + flow->packets[RESPONDER];
    if (!w || context->hold || !acknowledged(stream, waiting_first(w)->start))
        return;
    if (!w->hole_acked) {
        w->hole_acked = true;
        w->acked_ns = flow->last_ns;
        w->acked_packets = packets;
        return;
    }
    uint64_t waited = (uint64_t)flow->last_ns - (uint64_t)w->acked_ns;
    if (waited >= AGE_NS || packets - w->acked_packets >= AGE_PACKETS)
        declare_hole(context, stream);
}

void
stream_finish(const struct stream_context *context, struct stream *stream)
{
    while (stream->waiting && !context->flow->quiet)
        declare_hole(context, stream);
    if (stream->anchored && stream->fin_seen && sequence_distance(stream->fin, stream->next) > 0)
        tell_gap(context, stream, stream->fin - stream->next);
}
