/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/keys/record_buffer.h"

enum { FIRST_ROOM = 2048 };

void
record_buffer_drop(struct record_buffer *buffer, struct pool *pool)
{
    pool_give(pool, buffer->at, buffer->room);
    *buffer = (struct record_buffer){0};
}

static bool
make_room(struct record_buffer *buffer, struct pool *pool, size_t need, size_t whole)
{
    size_t room = buffer->room ? buffer->room : FIRST_ROOM;
    while (room < need)
        room *= 2;
    if (room > whole)
        room = whole;
    if (room <= buffer->room)
        return true;
    uint8_t *grown = pool_resize(pool, buffer->at, buffer->room, room);
    if (!grown)
        return false;
    buffer->at = grown;
    buffer->room = room;
    return true;
}

enum buffered
record_buffer_take(struct record_buffer *buffer, struct pool *pool,
    const struct record_piece *piece, struct bytes *record)
{
    if (piece->first)
        record_buffer_drop(buffer, pool);
    if (piece->first && piece->last) {
        *record = piece->bytes;
        return BUFFERED_WHOLE;
    }
    if (!make_room(buffer, pool, buffer->have + piece->bytes.len, piece->length))
        return BUFFERED_NO_ROOM;
    if (piece->bytes.len) {
        memcpy(buffer->at + buffer->have, piece->bytes.at, piece->bytes.len);
        buffer->have += piece->bytes.len;
    }
    *record = bytes_of(buffer->at, buffer->have);
    return piece->last ? BUFFERED_WHOLE : BUFFERED_PART;
}
