/* SPDX-License-Identifier: Apache-2.0
 *
 * One side of a TCP connection, put in order (RFC 9293). Bytes that come in order are told at once
 * and never copied; what comes too early waits, see waiting.h.
 *
 * Strangers can put segments before a sensor that no endpoint takes, so little is believed. Where
 * a stream begins is said by its SYN, but a SYN may be forged: all that were seen are candidates,
 * and the first data decides which was meant.
 */
#ifndef CERTTAP_CAPTURE_STREAM_H
#define CERTTAP_CAPTURE_STREAM_H

#include "capture/waiting.h"

enum {
    STREAM_CANDIDATES = 4,
    STREAM_ABOVE = 1 << 20, /* as far above the next byte, a segment is of this stream */
    STREAM_BELOW = 1 << 16, /* as far below it as well: it was sent again */
};

/* A zeroed stream is one of which nothing was seen. */
struct stream {
    struct waiting *waiting; /* NULL: nothing waits */
    uint32_t next;           /* the next byte to tell; once `anchored` */
    uint32_t fin;            /* where it ends; once `fin_seen` */
    uint32_t acked;          /* what the other side has acknowledged; once `ack_seen` */
    uint32_t candidate[STREAM_CANDIDATES]; /* initial sequence numbers, the latest last; once
                                              `anchored`, the first is the one that was meant */
    uint8_t candidates;
    uint8_t strays; /* segments in a row that fit nowhere */
    bool anchored : 1;
    bool guessed : 1; /* anchored where its first segment was, for want of a SYN */
    bool told : 1;
    bool fin_seen : 1;
    bool ack_seen : 1;
};

/* What a stream needs of the world for one call. */
struct stream_context {
    const struct tracker_options *options;
    const struct flow_listener *listener;
    struct pool *pool;
    struct tracker_counts *counts;
    struct flow *flow;
    enum side side;
    bool hold; /* tell nothing yet: it is not sure that this stream exists */
};

/* How far sequence number `a` is above `b`; negative: below. */
static inline int32_t
sequence_distance(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b);
}

static inline struct waiting_rules
stream_rules(const struct stream_context *context)
{
    return (struct waiting_rules){
        .pool = context->pool,
        .limit = waiting_limit(context->options->stream_bytes),
        .overlap = context->options->overlap,
    };
}

enum stream_fit {
    FIT_NONE,    /* an endpoint would drop it */
    FIT_UNKNOWN, /* nothing is known of the stream */
    FIT_NEAR,    /* not far from where the stream is */
    FIT_EXACT,   /* it is the next byte, or the first of a candidate */
};

enum stream_fit stream_fit(const struct stream *stream, uint32_t seq);

/* Is this initial sequence number a candidate? */
bool stream_knows(const struct stream *stream, uint32_t initial);

/* A SYN was seen. When there is no room, the oldest candidate that did not prove right goes. */
void stream_propose(struct stream *stream, uint32_t initial);

/* Does `seq` begin the stream of a candidate that was not taken for the right one? */
bool stream_begins_other(const struct stream *stream, uint32_t seq);

/* Finds out where the stream begins, unless it is known. False: `seq` is not of the stream. */
bool stream_anchor(const struct stream_context *context, struct stream *stream, uint32_t seq);

/* Each of these may call the listener, and does not once flow->quiet is set. */
void stream_take(
    const struct stream_context *context, struct stream *stream, struct segment segment);
void stream_take_fin(const struct stream_context *context, struct stream *stream, uint32_t seq);

/* Tells what was held back. */
void stream_release(const struct stream_context *context, struct stream *stream);

/* Declares the first hole a gap when it was acknowledged and has not been filled for a while.
 * To be called with each packet of the flow. */
void stream_age(const struct stream_context *context, struct stream *stream);

/* Tells all that waits, with its gaps: nothing more will come. */
void stream_finish(const struct stream_context *context, struct stream *stream);

/* The other side has everything before `ack`. */
void stream_acknowledge(struct stream *stream, uint32_t ack);

/* Was everything told up to the FIN? */
bool stream_finished(const struct stream *stream);

/* Frees what waits. */
void stream_drop(struct pool *pool, struct stream *stream);

#endif
