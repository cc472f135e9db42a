/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/keys/sealed_queue.h"

bool
sealed_add(struct sealed_queue *queue, enum side from, int mark, const struct record_piece *piece)
{
    size_t size = sizeof(struct sealed) + piece->bytes.len;
    struct sealed *sealed = NULL;
    if (!queue->full && queue->bytes + size <= SEALED_MOST)
        sealed = pool_take(queue->pool, size);
    if (!sealed) {
        queue->full = true;
        return false;
    }
    *sealed = (struct sealed){.from = from, .mark = mark, .piece = *piece, .size = size};
    if (piece->bytes.len)
        memcpy(sealed->bytes, piece->bytes.at, piece->bytes.len);
    sealed->piece.bytes = bytes_of(sealed->bytes, piece->bytes.len);
    *(queue->last ? &queue->last->next : &queue->first) = sealed;
    queue->last = sealed;
    queue->bytes += size;
    return true;
}

struct sealed *
sealed_take(struct sealed_queue *queue)
{
    struct sealed *sealed = queue->first;
    if (!sealed)
        return NULL;
    queue->first = sealed->next;
    if (!queue->first)
        queue->last = NULL;
    queue->bytes -= sealed->size;
    return sealed;
}

void
sealed_give(struct sealed_queue *queue, struct sealed *sealed)
{
    pool_give(queue->pool, sealed, sealed->size);
}

void
sealed_drop(struct sealed_queue *queue)
{
    struct sealed *sealed;
    while ((sealed = sealed_take(queue)))
        sealed_give(queue, sealed);
}
