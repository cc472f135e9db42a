/* SPDX-License-Identifier: Apache-2.0
 *
 * What waits for keys: pieces of records, or whole packets, of both sides in the order they came.
 * Bounded; the beginning is what matters, so once it is full what comes later is not kept.
 */
#ifndef CERTTAP_DISSECT_KEYS_SEALED_QUEUE_H
#define CERTTAP_DISSECT_KEYS_SEALED_QUEUE_H

#include "base/pool.h"
#include "capture/flow.h"
#include "dissect/tls_record.h"

enum { SEALED_MOST = 64 << 10 }; /* bytes of one connection that wait */

struct sealed {
    struct sealed *next;
    enum side from;
    int mark;                  /* the owner's own */
    struct record_piece piece; /* of a record; only its bytes are set for packets */
    size_t size;               /* taken */
    uint8_t bytes[];
};

/* Zeroed, with a pool, it is a valid empty one. */
struct sealed_queue {
    struct pool *pool; /* borrowed */
    struct sealed *first, *last;
    size_t bytes;
    bool full;
};

/* Keeps a copy. False, and from then on, when there is no more room. */
bool sealed_add(
    struct sealed_queue *queue, enum side from, int mark, const struct record_piece *piece);

/* The oldest, which the caller gives back; NULL: none. */
struct sealed *sealed_take(struct sealed_queue *queue);
void sealed_give(struct sealed_queue *queue, struct sealed *sealed);

void sealed_drop(struct sealed_queue *queue); /* all of them */

#endif
