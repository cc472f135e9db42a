/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/flows/stream.h"

#include <assert.h>

enum {
    SPANS_MOST = 2048, /* runs of bytes between holes */
    SPANS_FIRST = 8,
    WINDOW_FIRST = 4096,
};

/* Offsets into the window: [from, to). */
struct span {
    uint32_t from, to;
};

struct window {
    uint32_t base_seq; /* of bytes[0] */
    uint32_t room;
    uint8_t *bytes;
    struct span *spans; /* in order, none touching the next */
    uint32_t spans_len, spans_room;
};

void
stream_begin(struct stream *stream, uint32_t seq)
{
    stream->begun = true;
    stream->next_seq = seq;
}

bool
stream_waiting(const struct stream *stream)
{
    return stream->window != NULL;
}

void
stream_drop(struct stream *stream, struct pool *pool)
{
    struct window *window = stream->window;
    if (!window)
        return;
    pool_give(pool, window->bytes, window->room);
    pool_give(pool, window->spans, window->spans_room * sizeof *window->spans);
    pool_give(pool, window, sizeof *window);
    stream->window = NULL;
}

static struct window *
window_of(struct stream *stream, struct pool *pool)
{
    if (!stream->window) {
        stream->window = pool_take(pool, sizeof *stream->window);
        if (stream->window)
            stream->window->base_seq = stream->next_seq;
    }
    return stream->window;
}

/* Moves what waits to the front of the window, once half of it lies behind. */
static void
compact(struct window *window, uint32_t next_seq)
{
    uint32_t behind = next_seq - window->base_seq;
    if (behind < window->room / 2 || behind == 0)
        return;
    uint32_t last = window->spans[window->spans_len - 1].to;
    memmove(window->bytes, window->bytes + behind, last - behind);
    for (uint32_t i = 0; i < window->spans_len; i++) {
        window->spans[i].from -= behind;
        window->spans[i].to -= behind;
    }
    window->base_seq = next_seq;
}

static bool
make_room(struct window *window, uint32_t to, struct pool *pool)
{
    if (to > window->room) {
        uint32_t room = window->room ? window->room : WINDOW_FIRST;
        while (room < to)
            room *= 2;
        uint8_t *bytes = pool_resize(pool, window->bytes, window->room, room);
        if (!bytes)
            return false;
        window->bytes = bytes;
        window->room = room;
    }
    if (window->spans_len == window->spans_room) {
        uint32_t room = window->spans_room ? window->spans_room * 2 : SPANS_FIRST;
        if (room > SPANS_MOST)
            return false;
        struct span *spans = pool_resize(
            pool, window->spans, window->spans_room * sizeof *spans, room * sizeof *spans);
        if (!spans)
            return false;
        window->spans = spans;
        window->spans_room = room;
    }
    return true;
}

/* The first span that ends at or behind `offset`. */
static uint32_t
span_at(const struct window *window, uint32_t offset)
{
    uint32_t low = 0;
    uint32_t high = window->spans_len;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (window->spans[middle].to < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Writes `data` at `from`: where bytes already wait, the policy says whose count. True when they
 * differ somewhere. */
static bool
write_bytes(struct window *window, uint32_t from, struct bytes data, enum overlap_policy policy)
{
    uint32_t to = from + (uint32_t)data.len;
    uint32_t at = from;
    bool differ = false;
    for (uint32_t i = span_at(window, from); i < window->spans_len && at < to; i++) {
        struct span span = window->spans[i];
        if (span.from >= to)
            break;
        if (at < span.from)
            memcpy(window->bytes + at, data.at + (at - from), span.from - at);
        uint32_t begin = span.from > from ? span.from : from;
        uint32_t end = span.to < to ? span.to : to;
        if (begin < end) {
            differ |= memcmp(window->bytes + begin, data.at + (begin - from), end - begin) != 0;
            if (policy == OVERLAP_LAST)
                memcpy(window->bytes + begin, data.at + (begin - from), end - begin);
        }
        at = end > at ? end : at;
    }
    if (at < to)
        memcpy(window->bytes + at, data.at + (at - from), to - at);
    return differ;
}

/* Joins [from, to) with all spans it touches. There is room for one more. */
static void
join_spans(struct window *window, uint32_t from, uint32_t to)
{
    uint32_t first = span_at(window, from);
    uint32_t last = first;
    while (last < window->spans_len && window->spans[last].from <= to) {
        if (window->spans[last].from < from)
            from = window->spans[last].from;
        if (window->spans[last].to > to)
            to = window->spans[last].to;
        last++;
    }
    memmove(&window->spans[first + 1], &window->spans[last],
        (window->spans_len - last) * sizeof *window->spans);
    window->spans_len = window->spans_len - (last - first) + 1;
    window->spans[first] = (struct span){from, to};
}

/* Tells what waits at the very front, if anything does. */
static void
flush(struct stream *stream, struct pool *pool, const struct stream_teller *teller)
{
    struct window *window = stream->window;
    while (window && window->spans_len && !*teller->enough) {
        uint32_t front = stream->next_seq - window->base_seq;
        struct span span = window->spans[0];
        if (span.from > front)
            break;
        window->spans_len--;
        memmove(window->spans, window->spans + 1, window->spans_len * sizeof *window->spans);
        if (span.to <= front)
            continue;
        stream->next_seq = window->base_seq + span.to;
        teller->bytes(teller->owner, bytes_of(window->bytes + front, span.to - front));
    }
    if (window && (window->spans_len == 0 || *teller->enough))
        stream_drop(stream, pool);
    else if (window)
        compact(window, stream->next_seq);
}

void
stream_give_up(struct stream *stream, struct pool *pool, const struct stream_teller *teller)
{
    struct window *window = stream->window;
    if (!window || !window->spans_len)
        return;
    uint32_t missing = window->base_seq + window->spans[0].from - stream->next_seq;
    stream->next_seq += missing;
    if (missing)
        teller->gap(teller->owner, missing);
    flush(stream, pool, teller);
}

void
stream_jump(
    struct stream *stream, uint32_t seq, struct pool *pool, const struct stream_teller *teller)
{
    while (stream_waiting(stream) && !*teller->enough)
        stream_give_up(stream, pool, teller);
    int32_t missing = stream_ahead(stream, seq);
    if (*teller->enough || missing <= 0)
        return;
    stream->next_seq = seq;
    teller->gap(teller->owner, (uint32_t)missing);
}

void
stream_lose(
    struct stream *stream, uint32_t missing, struct pool *pool, const struct stream_teller *teller)
{
    stream->next_seq += missing;
    teller->gap(teller->owner, missing);
    if (!*teller->enough)
        flush(stream, pool, teller);
}

/* Keeps `data`, which is `ahead` bytes ahead. */
static enum stream_step
keep(struct stream *stream, uint32_t ahead, struct bytes data, const struct stream_limits *limits,
    const struct stream_teller *teller)
{
    struct window *window = window_of(stream, limits->pool);
    if (!window)
        return STREAM_FULL;
    uint32_t from = stream->next_seq - window->base_seq + ahead;
    uint32_t to = from + (uint32_t)data.len;
    if (!make_room(window, to, limits->pool)) {
        if (!window->spans_len)
            stream_drop(stream, limits->pool);
        return STREAM_FULL;
    }
    bool differ = write_bytes(window, from, data, limits->overlap);
    join_spans(window, from, to);
    flush(stream, limits->pool, teller);
    return differ ? STREAM_CONFLICT : STREAM_TAKEN;
}

/* The hole before what waits is as long as `data`, or longer: it can be told in place. */
static bool
fits_before_waiting(const struct stream *stream, size_t len)
{
    const struct window *window = stream->window;
    return !window || len <= window->base_seq + window->spans[0].from - stream->next_seq;
}

static void
tell_next(struct stream *stream, struct bytes data, const struct stream_limits *limits,
    const struct stream_teller *teller)
{
    stream->next_seq += (uint32_t)data.len;
    teller->bytes(teller->owner, data);
    if (!*teller->enough)
        flush(stream, limits->pool, teller);
}

/* There is no room to keep `data`: holes are given up, the first first, until there is, or until it
 * can be told at once. */
static enum stream_step
make_way(struct stream *stream, uint32_t seq, struct bytes data, const struct stream_limits *limits,
    const struct stream_teller *teller)
{
    while (!*teller->enough && stream_waiting(stream) && stream_ahead(stream, seq) > 0) {
        stream_give_up(stream, limits->pool, teller);
        uint32_t ahead = seq - stream->next_seq;
        if (stream_waiting(stream) && (int32_t)ahead > 0 &&
            keep(stream, ahead, data, limits, teller) != STREAM_FULL)
            return STREAM_FULL;
    }
    stream_jump(stream, seq, limits->pool, teller);
    uint32_t known = stream->next_seq - seq;
    if (!*teller->enough && known < data.len)
        tell_next(stream, bytes_skip(data, known), limits, teller);
    return STREAM_FULL;
}

enum stream_step
stream_take(struct stream *stream, uint32_t seq, struct bytes data,
    const struct stream_limits *limits, const struct stream_teller *teller)
{
    assert(stream->begun);
    int64_t ahead = stream_ahead(stream, seq);
    if (ahead < -(int64_t)limits->bytes - (int64_t)data.len)
        return STREAM_FAR;
    if (ahead < 0) {
        data = bytes_skip(data, (size_t)-ahead);
        ahead = 0;
    }
    if (data.len == 0)
        return STREAM_TAKEN;
    if (ahead > 0 && (uint64_t)ahead + data.len > limits->bytes)
        return STREAM_FAR;
    if (ahead > 0 || !fits_before_waiting(stream, data.len)) {
        enum stream_step step = keep(stream, (uint32_t)ahead, data, limits, teller);
        uint32_t at = stream->next_seq + (uint32_t)ahead;
        return step == STREAM_FULL ? make_way(stream, at, data, limits, teller) : step;
    }
    tell_next(stream, data, limits, teller);
    return STREAM_TAKEN;
}
