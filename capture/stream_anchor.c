/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a stream begins: the candidates, and which of them the data means.
 */
#include "capture/stream.h"

/* So many segments that fit no candidate, and none of the candidates was meant. */
enum { STRAYS_BEFORE = 16 };

static bool
near(uint32_t seq, uint32_t next)
{
    int32_t above = sequence_distance(seq, next);
    return above >= -STREAM_BELOW && above <= STREAM_ABOVE;
}

/* The candidate whose first byte is `seq`, or STREAM_CANDIDATES. */
static unsigned
exact_candidate(const struct stream *s, uint32_t seq)
{
    for (unsigned i = 0; i < s->candidates; i++)
        if (s->candidate[i] + 1 == seq)
            return i;
    return STREAM_CANDIDATES;
}

/* The latest candidate that is not far below `seq`, or STREAM_CANDIDATES. */
static unsigned
near_candidate(const struct stream *s, uint32_t seq)
{
    for (unsigned i = s->candidates; i > 0; i--) {
        int32_t above = sequence_distance(seq, s->candidate[i - 1]);
        if (above > 0 && above <= STREAM_ABOVE)
            return i - 1;
    }
    return STREAM_CANDIDATES;
}

enum stream_fit
stream_fit(const struct stream *stream, uint32_t seq)
{
    if (stream->anchored && stream->next == seq)
        return FIT_EXACT;
    if (stream->anchored)
        return near(seq, stream->next) ? FIT_NEAR : FIT_NONE;
    if (!stream->candidates)
        return FIT_UNKNOWN;
    if (exact_candidate(stream, seq) < STREAM_CANDIDATES)
        return FIT_EXACT;
    return near_candidate(stream, seq) < STREAM_CANDIDATES ? FIT_NEAR : FIT_NONE;
}

bool
stream_knows(const struct stream *stream, uint32_t initial)
{
    return exact_candidate(stream, initial + 1) < STREAM_CANDIDATES;
}

void
stream_propose(struct stream *stream, uint32_t initial)
{
    if (stream_knows(stream, initial))
        return;
    if (stream->candidates == STREAM_CANDIDATES) {
        unsigned oldest = stream->anchored ? 1 : 0;
        stream->candidates--;
        memmove(stream->candidate + oldest, stream->candidate + oldest + 1,
            (stream->candidates - oldest) * sizeof *stream->candidate);
    }
    stream->candidate[stream->candidates++] = initial;
}

bool
stream_begins_other(const struct stream *stream, uint32_t seq)
{
    unsigned which = exact_candidate(stream, seq);
    return stream->anchored && which > 0 && which < STREAM_CANDIDATES;
}

static void
anchor_at(struct stream *s, unsigned which)
{
    uint32_t initial = s->candidate[which];
    s->candidate[which] = s->candidate[0];
    s->candidate[0] = initial;
    s->next = initial + 1;
    s->anchored = true;
    s->strays = 0;
    if (s->ack_seen && !near(s->acked, s->next))
        s->ack_seen = false;
}

/* Nothing was told yet, and now there is a better beginning. */
static void
anchor_again(const struct stream_context *c, struct stream *s, uint32_t seq)
{
    struct waiting_rules rules = stream_rules(c);
    uint32_t down = s->next - seq;
    if (s->waiting && (down > rules.limit || !waiting_reserve(s->waiting, &rules, seq, 0)))
        stream_drop(c->pool, s);
    s->guessed = s->guessed && exact_candidate(s, seq) == STREAM_CANDIDATES;
    if (exact_candidate(s, seq) == STREAM_CANDIDATES)
        s->candidate[0] = seq - 1;
    anchor_at(s, exact_candidate(s, seq));
}

bool
stream_anchor(const struct stream_context *context, struct stream *stream, uint32_t seq)
{
    unsigned which = exact_candidate(stream, seq);
    if (stream->anchored) {
        int32_t above = sequence_distance(seq, stream->next);
        bool earlier = stream->guessed && above < 0 && above >= -STREAM_BELOW;
        if (!stream->told && above != 0 && (which < STREAM_CANDIDATES || earlier))
            anchor_again(context, stream, seq);
        return true;
    }
    if (which == STREAM_CANDIDATES)
        which = near_candidate(stream, seq);
    if (which == STREAM_CANDIDATES && stream->candidates && stream->strays++ < STRAYS_BEFORE)
        return false;
    if (which == STREAM_CANDIDATES) {
        stream_propose(stream, seq - 1);
        stream->guessed = true;
        which = stream->candidates - 1U;
    }
    anchor_at(stream, which);
    return true;
}

void
stream_acknowledge(struct stream *stream, uint32_t ack)
{
    if (stream->anchored && !near(ack, stream->next))
        return;
    if (stream->ack_seen && stream->anchored && sequence_distance(ack, stream->acked) <= 0)
        return;
    stream->acked = ack;
    stream->ack_seen = true;
}
