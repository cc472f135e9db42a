/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/quic_stream.h"

#include <assert.h>

struct quic_piece {
    struct quic_piece *next;
    uint64_t offset;
    size_t len;
    uint8_t bytes[];
};

static void
give_back(struct quic_stream *stream, struct quic_piece *piece)
{
    if (piece)
        pool_give(stream->pool, piece, sizeof *piece + piece->len);
}

static bool
insert(struct quic_stream *stream, struct quic_piece **at, uint64_t offset, struct bytes data)
{
    if (stream->pieces >= QUIC_PIECES_MOST)
        return false;
    struct quic_piece *piece = pool_take(stream->pool, sizeof *piece + data.len);
    if (!piece)
        return false;
    piece->offset = offset;
    piece->len = data.len;
    memcpy(piece->bytes, data.at, data.len);
    piece->next = *at;
    *at = piece;
    stream->pieces++;
    return true;
}

/* Puts what of `data` is new into the holes between the pieces. */
static bool
keep(struct quic_stream *stream, uint64_t offset, struct bytes data)
{
    struct quic_piece **at = &stream->waiting;
    while (data.len) {
        struct quic_piece *piece = *at;
        if (piece && piece->offset + piece->len <= offset) {
            at = &piece->next;
            continue;
        }
        size_t hole = data.len;
        if (piece && piece->offset < offset + data.len)
            hole = piece->offset > offset ? (size_t)(piece->offset - offset) : 0;
        if (hole) {
            if (!insert(stream, at, offset, bytes_first(data, hole)))
                return false;
        } else {
            hole = (size_t)(piece->offset + piece->len - offset);
        }
        offset += hole;
        data = bytes_skip(data, hole);
    }
    return true;
}

bool
quic_stream_take(struct quic_stream *stream, uint64_t offset, struct bytes data)
{
    assert(!stream->ready.len);
    if (offset > QUIC_STREAM_MOST || data.len > QUIC_STREAM_MOST - offset)
        return false;
    if (offset < stream->next) {
        data = bytes_skip(data, (size_t)(stream->next - offset));
        offset = stream->next;
    }
    if (data.len == 0)
        return true;
    bool alone = !stream->waiting || stream->waiting->offset >= offset + data.len;
    if (offset > stream->next || !alone)
        return keep(stream, offset, data);
    stream->ready = data;
    return true;
}

struct bytes
quic_stream_next(struct quic_stream *stream)
{
    struct bytes ready = stream->ready;
    struct quic_piece *piece = stream->waiting;
    give_back(stream, stream->given);
    stream->given = NULL;
    if (ready.len) {
        stream->ready = (struct bytes){0};
        stream->next += ready.len;
        return ready;
    }
    if (!piece || piece->offset != stream->next)
        return (struct bytes){0};
    stream->waiting = piece->next;
    stream->pieces--;
    stream->given = piece;
    stream->next += piece->len;
    return bytes_of(piece->bytes, piece->len);
}

bool
quic_stream_has_gap(const struct quic_stream *stream)
{
    return stream->waiting && stream->waiting->offset > stream->next;
}

void
quic_stream_reset(struct quic_stream *stream)
{
    give_back(stream, stream->given);
    while (stream->waiting) {
        struct quic_piece *piece = stream->waiting;
        stream->waiting = piece->next;
        give_back(stream, piece);
    }
    *stream = (struct quic_stream){.pool = stream->pool};
}
