/* SPDX-License-Identifier: Apache-2.0
 *
 * The bytes of CRYPTO frames in order (RFC 9000 section 19.6): they come in any order, over any
 * number of packets, and more than once. Where two frames differ the first counts.
 *
 * What waits is kept in pieces as large as what came: a far offset alone takes no memory.
 */
#ifndef CERTTAP_DISSECT_QUIC_STREAM_H
#define CERTTAP_DISSECT_QUIC_STREAM_H

#include "base/pool.h"

enum {
    QUIC_STREAM_MOST = 64 << 10, /* bytes of handshake of one end */
    QUIC_PIECES_MOST = 1024,     /* that wait at once; some clients send a byte a frame */
};

struct quic_piece;

/* Zeroed, but for the pool, it is a valid empty one. */
struct quic_stream {
    struct pool *pool; /* borrowed */
    uint64_t next;     /* offset of the next byte to hand out */
    struct bytes ready;
    struct quic_piece *waiting; /* by offset, none overlapping */
    struct quic_piece *given;   /* the one that was handed out last */
    size_t pieces;
};

/* Takes the data of a frame. quic_stream_next() must then be asked until it has no more, while
 * `data` is valid. False when it cannot be kept: too far ahead, too many pieces, no room. */
bool quic_stream_take(struct quic_stream *stream, uint64_t offset, struct bytes data);

/* The next bytes in order, borrowed until the next call for this stream; empty: none. */
struct bytes quic_stream_next(struct quic_stream *stream);

/* Do bytes wait for others before them? */
bool quic_stream_has_gap(const struct quic_stream *stream);

/* Forgets all and begins at 0 again. */
void quic_stream_reset(struct quic_stream *stream);

#endif
