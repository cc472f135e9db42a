/* SPDX-License-Identifier: Apache-2.0
 *
 * One side of a TCP connection, put in order (RFC 9293 section 3.10). What comes in order is told
 * at once, in place; what comes early waits in a window until the hole before it is filled or given
 * up.
 */
#ifndef CERTTAP_CAPTURE_STREAM_H
#define CERTTAP_CAPTURE_STREAM_H

#include "capture/flow.h"

struct window; /* what waits out of order */

/* A zeroed stream is a valid one that has not begun. */
struct stream {
    struct window *window; /* NULL: nothing waits */
    uint32_t next_seq;     /* sequence number of the next byte to be told */
    bool begun;            /* next_seq is known */
};

/* Who hears of it. */
struct stream_teller {
    void *owner;
    void (*bytes)(void *owner, struct bytes data);
    void (*gap)(void *owner, uint64_t missing);
    const bool *enough; /* set by the listener: it wants no more */
};

struct stream_limits {
    struct pool *pool; /* budget of the window */
    uint32_t bytes;    /* how far ahead data may be */
    enum overlap_policy overlap;
};

enum stream_step {
    STREAM_TAKEN,    /* told, kept, or already known */
    STREAM_CONFLICT, /* likewise; and it differs from what waits at the same place */
    STREAM_FULL,     /* a hole was given up to make room */
    STREAM_FAR,      /* not taken: implausibly far ahead, or behind */
};

void stream_begin(struct stream *stream, uint32_t seq);

/* How far `seq` is ahead of the next byte to be told; negative: behind it. */
static inline int32_t
stream_ahead(const struct stream *stream, uint32_t seq)
{
    return (int32_t)(seq - stream->next_seq);
}

/* Takes `data`, which stands at `seq`. The stream must have begun. */
enum stream_step stream_take(struct stream *stream, uint32_t seq, struct bytes data,
    const struct stream_limits *limits, const struct stream_teller *teller);

/* Does something wait behind a hole? */
bool stream_waiting(const struct stream *stream);

/* Gives up the first hole: tells it as a gap, then what follows it up to the next hole. */
void stream_give_up(struct stream *stream, struct pool *pool, const struct stream_teller *teller);

/* Goes on at `seq`, which is ahead: all holes are given up, and what lies between is a gap. */
void stream_jump(
    struct stream *stream, uint32_t seq, struct pool *pool, const struct stream_teller *teller);

/* `missing` bytes that come next are known to be lost. */
void stream_lose(
    struct stream *stream, uint32_t missing, struct pool *pool, const struct stream_teller *teller);

/* Gives back what waits. */
void stream_drop(struct stream *stream, struct pool *pool);

#endif
