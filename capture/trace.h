/* SPDX-License-Identifier: Apache-2.0
 *
 * Door: the frames of one flow, kept as they were captured while its handshake goes on, so that an
 * alert can show what it is about. Only where evidence is wanted.
 */
#ifndef CERTTAP_CAPTURE_TRACE_H
#define CERTTAP_CAPTURE_TRACE_H

#include "base/pool.h"
#include "capture/packet.h"

struct trace_frame {
    struct trace_frame *next;
    int64_t ts_ns;
    uint32_t wire_len;
    uint32_t len; /* what was captured */
    uint8_t at[];
};

struct trace {
    struct pool *pool; /* borrowed */
    struct trace_frame *first, *last;
    size_t bytes;  /* of all frames */
    uint16_t link; /* LINKTYPE_ of all of them */
    bool cut;      /* frames came that are not here: there was no room for more */
};

/* Keeps the packet's frame, if it is one; `most` bytes at most. `*trace` is made when it is NULL.
 * Traces never take more than half of what the pool has. */
void trace_add(struct trace **trace, struct pool *pool, size_t most, const struct packet *packet);

void trace_free(struct trace *trace); /* NULL is fine */

#endif
