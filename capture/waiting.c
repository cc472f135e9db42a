/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/waiting.h"

#include <assert.h>

enum {
    RING_FIRST = 4096,   /* two full segments of Ethernet and some more */
    RING_MOST = 1 << 30, /* so that signed differences of sequence numbers hold */
    INTERVALS_FIRST = 8,
};

static uint32_t
smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

uint32_t
waiting_limit(uint32_t bytes)
{
    uint32_t limit = 1;
    if (bytes == 0)
        return 0;
    while (limit <= bytes / 2 && limit < RING_MOST)
        limit *= 2;
    return limit;
}

struct waiting *
waiting_new(struct pool *pool)
{
    return pool_take(pool, sizeof(struct waiting));
}

void
waiting_free(struct pool *pool, struct waiting *waiting)
{
    if (!waiting)
        return;
    pool_give(pool, waiting->ring, waiting->ring_size);
    pool_give(pool, waiting->intervals, waiting->room * sizeof *waiting->intervals);
    pool_give(pool, waiting, sizeof *waiting);
}

const struct interval *
waiting_first(const struct waiting *waiting)
{
    return waiting->count ? &waiting->intervals[waiting->head] : NULL;
}

/* How many bytes from `seq` on lie in one piece of a ring of this size. */
static uint32_t
straight(uint32_t ring_size, uint32_t seq, uint32_t n)
{
    return smaller(n, ring_size - (seq & (ring_size - 1)));
}

static void
ring_write(uint8_t *ring, uint32_t ring_size, uint32_t seq, struct bytes data)
{
    while (data.len) {
        uint32_t n = straight(ring_size, seq, (uint32_t)data.len);
        memcpy(ring + (seq & (ring_size - 1)), data.at, n);
        seq += n;
        data = bytes_skip(data, n);
    }
}

static bool
ring_equals(const struct waiting *w, uint32_t seq, struct bytes data)
{
    while (data.len) {
        uint32_t n = straight(w->ring_size, seq, (uint32_t)data.len);
        if (memcmp(w->ring + (seq & (w->ring_size - 1)), data.at, n) != 0)
            return false;
        seq += n;
        data = bytes_skip(data, n);
    }
    return true;
}

/* Brings what waits to its places in a larger ring. */
static void
ring_move(const struct waiting *w, uint8_t *ring, uint32_t ring_size)
{
    for (uint32_t i = w->head; i < w->head + w->count; i++) {
        const struct interval *interval = &w->intervals[i];
        for (uint32_t at = interval->start; !interval->lost && at != interval->end;) {
            uint32_t n = straight(w->ring_size, at, interval->end - at);
            ring_write(ring, ring_size, at, bytes_of(w->ring + (at & (w->ring_size - 1)), n));
            at += n;
        }
    }
}

static enum waiting_put
ring_reserve(struct waiting *w, const struct waiting_rules *rules, uint32_t span)
{
    if (span > rules->limit)
        return WAITING_FULL;
    uint32_t size = w->ring_size ? w->ring_size : smaller(RING_FIRST, rules->limit);
    while (size < span)
        size *= 2;
    if (size == w->ring_size)
        return WAITING_KEPT;
    uint8_t *ring = pool_take(rules->pool, size);
    if (!ring)
        return WAITING_NO_MEMORY;
    ring_move(w, ring, size);
    pool_give(rules->pool, w->ring, w->ring_size);
    w->ring = ring;
    w->ring_size = size;
    return WAITING_KEPT;
}

bool
waiting_reserve(
    struct waiting *waiting, const struct waiting_rules *rules, uint32_t base, uint32_t span)
{
    if (waiting->count) {
        uint32_t last = waiting->intervals[waiting->head + waiting->count - 1].end - base;
        span = last > span ? last : span;
    }
    return ring_reserve(waiting, rules, span) == WAITING_KEPT;
}

/* The first interval that ends behind `at`, counted from the head; `count` when there is none. */
static uint32_t
interval_after(const struct waiting *w, uint32_t base, uint32_t at)
{
    uint32_t low = 0;
    uint32_t high = w->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (w->intervals[w->head + middle].end - base > at - base)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* Makes room for one more interval at the end of the array. */
static enum waiting_put
intervals_reserve(struct waiting *w, struct pool *pool)
{
    if (w->head + w->count < w->room)
        return WAITING_KEPT;
    if (w->head) {
        memmove(w->intervals, w->intervals + w->head, w->count * sizeof *w->intervals);
        w->head = 0;
        return WAITING_KEPT;
    }
    if (w->count == WAITING_INTERVALS)
        return WAITING_FULL;
    uint32_t room = w->room ? 2 * w->room : INTERVALS_FIRST;
    struct interval *grown =
        pool_resize(pool, w->intervals, w->room * sizeof *grown, room * sizeof *grown);
    if (!grown)
        return WAITING_NO_MEMORY;
    w->intervals = grown;
    w->room = room;
    return WAITING_KEPT;
}

static void
interval_remove(struct waiting *w, uint32_t which)
{
    struct interval *at = w->intervals + w->head + which;
    memmove(at, at + 1, (w->count - which - 1) * sizeof *at);
    w->count--;
}

/* Marks a hole's part as there: before the interval `which`, and touching no other but at ends. */
static enum waiting_put
interval_insert(struct waiting *w, struct pool *pool, uint32_t which, struct interval fresh)
{
    struct interval *at = w->intervals + w->head + which;
    bool joins_left = which > 0 && at[-1].end == fresh.start && at[-1].lost == fresh.lost;
    bool joins_right = which < w->count && at->start == fresh.end && at->lost == fresh.lost;

    if (joins_left) {
        at[-1].end = joins_right ? at->end : fresh.end;
        if (joins_right)
            interval_remove(w, which);
    } else if (joins_right) {
        at->start = fresh.start;
    } else {
        enum waiting_put reserved = intervals_reserve(w, pool);
        if (reserved != WAITING_KEPT)
            return reserved;
        at = w->intervals + w->head + which;
        memmove(at + 1, at, (w->count - which) * sizeof *at);
        *at = fresh;
        w->count++;
    }
    w->kept += fresh.end - fresh.start;
    return WAITING_KEPT;
}

/* What is said again: is it the same, and which counts? */
static void
overlap(struct waiting *w, const struct waiting_rules *rules, uint32_t seq, struct bytes data,
    bool *conflict)
{
    if (ring_equals(w, seq, data))
        return;
    *conflict = true;
    if (rules->overlap == OVERLAP_LAST)
        ring_write(w->ring, w->ring_size, seq, data);
}

/* Puts `len` bytes from `at` on: `data`, or, where that is empty, lost ones. */
static enum waiting_put
put_range(struct waiting *w, const struct waiting_rules *rules, uint32_t base,
    struct interval range, struct bytes data, bool *conflict)
{
    while (range.start != range.end) {
        uint32_t left = range.end - range.start;
        uint32_t which = interval_after(w, base, range.start);
        const struct interval *next = which < w->count ? &w->intervals[w->head + which] : NULL;
        uint32_t n;

        if (next && next->start - base <= range.start - base) {
            n = smaller(left, next->end - range.start);
            if (!range.lost && !next->lost)
                overlap(w, rules, range.start, bytes_first(data, n), conflict);
        } else {
            n = next ? smaller(left, next->start - range.start) : left;
            struct interval fresh = {range.start, range.start + n, range.lost};
            enum waiting_put put = interval_insert(w, rules->pool, which, fresh);
            if (put != WAITING_KEPT)
                return put;
            if (!range.lost)
                ring_write(w->ring, w->ring_size, range.start, bytes_first(data, n));
        }
        range.start += n;
        data = bytes_skip(data, n);
    }
    return WAITING_KEPT;
}

enum waiting_put
waiting_put(struct waiting *waiting, const struct waiting_rules *rules, uint32_t base,
    const struct segment *segment, bool *conflict)
{
    uint32_t middle = segment->seq + (uint32_t)segment->data.len;
    uint32_t end = middle + segment->missing;
    enum waiting_put put = ring_reserve(waiting, rules, end - base);
    if (put == WAITING_KEPT)
        put = put_range(waiting, rules, base, (struct interval){segment->seq, middle, false},
            segment->data, conflict);
    if (put == WAITING_KEPT)
        put = put_range(waiting, rules, base, (struct interval){middle, end, true},
            (struct bytes){0}, conflict);
    return put;
}

struct bytes
waiting_front(const struct waiting *waiting)
{
    const struct interval *first = waiting_first(waiting);
    if (!first || first->lost)
        return (struct bytes){0};
    uint32_t n = straight(waiting->ring_size, first->start, first->end - first->start);
    return bytes_of(waiting->ring + (first->start & (waiting->ring_size - 1)), n);
}

void
waiting_pop(struct waiting *waiting, uint32_t n)
{
    struct interval *first = waiting->intervals + waiting->head;
    assert(waiting->count && n <= first->end - first->start);
    first->start += n;
    waiting->kept -= n;
    if (first->start != first->end)
        return;
    waiting->head++;
    waiting->count--;
    waiting->hole_acked = false;
}
