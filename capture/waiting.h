/* SPDX-License-Identifier: Apache-2.0
 *
 * What one side of a TCP connection sent too early to be told: bytes that wait for others before
 * them. They lie in a ring, at their sequence number modulo its size, so that nothing moves when
 * the stream goes on; a sorted array of intervals says which are there.
 *
 * Sequence numbers wrap (RFC 9293 section 3.4), so every comparison is made from `base`, the next
 * byte of the stream: all that waits lies within the size of the ring above it.
 */
#ifndef CERTTAP_CAPTURE_WAITING_H
#define CERTTAP_CAPTURE_WAITING_H

#include "base/pool.h"
#include "capture/flow.h"

enum { WAITING_INTERVALS = 2048 }; /* at most; a power of two */

/* Some of a stream. Bytes that were on the wire and not captured follow those that were. */
struct segment {
    uint32_t seq;
    uint32_t missing;
    struct bytes data;
};

static inline uint32_t
segment_len(const struct segment *segment)
{
    return (uint32_t)segment->data.len + segment->missing;
}

struct interval {
    uint32_t start;
    uint32_t end; /* the byte after the last */
    bool lost;    /* sent, but cut off by the capture: there is nothing in the ring */
};

struct waiting {
    uint8_t *ring;
    struct interval *intervals; /* sorted, apart or of different kind; `head` is the first */
    uint32_t ring_size;         /* a power of two, or 0 */
    uint32_t room;              /* of `intervals` */
    uint32_t head;
    uint32_t count;
    uint32_t kept;          /* bytes in all intervals */
    bool hole_acked;        /* the other side has acknowledged what is missing before the first */
    int64_t acked_ns;       /* since then */
    uint64_t acked_packets; /* the flow's count of packets then */
};

enum waiting_put {
    WAITING_KEPT,
    WAITING_FULL,      /* too far above the base, or too many holes */
    WAITING_NO_MEMORY, /* the pool is used up */
};

struct waiting_rules {
    struct pool *pool;
    uint32_t limit; /* bytes of the ring */
    enum overlap_policy overlap;
};

/* The largest ring for `bytes` of budget. */
uint32_t waiting_limit(uint32_t bytes);

/* NULL when the pool is used up. */
struct waiting *waiting_new(struct pool *pool);

/* Keeps a segment that begins at `base` or above. Sets `conflict` when it says other bytes than
 * were there; never clears it. Some of the segment may have been kept even when not WAITING_KEPT.
 */
enum waiting_put waiting_put(struct waiting *waiting, const struct waiting_rules *rules,
    uint32_t base, const struct segment *segment, bool *conflict);

/* Is there room for `span` bytes above a new base? What waits stays as it is. */
bool waiting_reserve(
    struct waiting *waiting, const struct waiting_rules *rules, uint32_t base, uint32_t span);

/* The first interval, or NULL when nothing waits. Valid until the next put or pop. */
const struct interval *waiting_first(const struct waiting *waiting);

/* Bytes from the beginning of the first interval, as far as they lie in one piece; empty when the
 * interval is lost. Borrowed until the next put, pop or free. */
struct bytes waiting_front(const struct waiting *waiting);

/* Lets go of the first `n` bytes of the first interval. */
void waiting_pop(struct waiting *waiting, uint32_t n);

void waiting_free(struct pool *pool, struct waiting *waiting); /* NULL is fine */

#endif
