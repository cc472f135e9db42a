/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/trace.h"

static bool
fits(const struct trace *trace, size_t most, const struct packet *packet, size_t size)
{
    const struct pool *pool = trace->pool;
    bool first = !trace->first;
    return (first || trace->link == packet->link) && trace->bytes + packet->whole.len <= most &&
           pool->used + size <= pool->limit / 2;
}

void
trace_add(struct trace **place, struct pool *pool, size_t most, const struct packet *packet)
{
    struct bytes whole = packet->whole;
    size_t size = sizeof(struct trace_frame) + whole.len;
    struct trace *trace = *place;
    if (!whole.len || (trace && trace->cut))
        return;
    if (!trace)
        trace = *place = pool_take(pool, sizeof *trace);
    if (!trace)
        return;
    trace->pool = pool;
    struct trace_frame *frame = fits(trace, most, packet, size) ? pool_take(pool, size) : NULL;
    if (!frame) {
        trace->cut = true;
        return;
    }
    frame->ts_ns = packet->ts_ns;
    frame->wire_len = packet->wire_len;
    frame->len = (uint32_t)whole.len;
    memcpy(frame->at, whole.at, whole.len);
    if (trace->last)
        trace->last->next = frame;
    else
        trace->first = frame;
    trace->last = frame;
    trace->link = packet->link;
    trace->bytes += whole.len;
}

void
trace_free(struct trace *trace)
{
    if (!trace)
        return;
    struct pool *pool = trace->pool;
    while (trace->first) {
        struct trace_frame *frame = trace->first;
        trace->first = frame->next;
        pool_give(pool, frame, sizeof *frame + frame->len);
    }
    pool_give(pool, trace, sizeof *trace);
}
