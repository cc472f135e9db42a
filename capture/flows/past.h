/* SPDX-License-Identifier: Apache-2.0
 *
 * The latest bytes that were told of a stream, so that what is sent again can be compared with
 * them: whoever forges a segment that comes before the true one is found out by the true one.
 */
#ifndef CERTTAP_CAPTURE_FLOWS_PAST_H
#define CERTTAP_CAPTURE_FLOWS_PAST_H

#include "base/pool.h"

enum { PAST_BYTES = 4096 };

/* Most sides of most flows say little before nobody listens any more: a past begins small. */
struct past {
    struct past *next; /* on the shelf */
    uint32_t end_seq;  /* behind the latest byte */
    uint32_t len, room;
    uint8_t bytes[];
};

/* Pasts of the full size that nobody has any more, for those who need one next: fetching memory,
 * and clearing it, costs more than all else about them. */
struct past_shelf {
    struct pool *pool; /* borrowed */
    struct past *first;
    unsigned len;
};

/* Remembers `data`, which ends before `end_seq`. Where there is no room for a past there is none.
 */
void past_add(struct past **past, uint32_t end_seq, struct bytes data, struct past_shelf *shelf);

/* Is some byte of `data`, which begins at `seq`, known to have been another one? */
bool past_differs(const struct past *past, uint32_t seq, struct bytes data);

void past_drop(struct past **past, struct past_shelf *shelf);

void past_shelf_clear(struct past_shelf *shelf);

#endif
