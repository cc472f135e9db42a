/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/tracked.h"

#include <assert.h>
#include <netinet/in.h>

enum {
    AGE_SHIFT = 30,     /* the lists by age are sorted to 2^30 ns, about a second */
    PORTS_SERVED = 1024 /* below these, services; clients are above */
};

struct stream_context
tracked_context(struct tracker *tracker, struct tracked *tracked, enum side side)
{
    return (struct stream_context){
        .options = tracker->options,
        .listener = &tracker->listener,
        .pool = tracker->pool,
        .counts = &tracker->counts,
        .flow = &tracked->flow,
        .side = side,
        .hold = tracked->proposed,
    };
}

/* ---- Beginning. */

/* Which side is the sender of a flow's first packet? */
static enum side
guess_sender(const struct packet *packet, bool *guessed)
{
    bool served = packet->from_port < PORTS_SERVED && packet->to_port >= PORTS_SERVED;
    *guessed = packet->protocol == IPPROTO_TCP && !(packet->tcp_flags & TCP_SYN);
    if (packet->protocol == IPPROTO_TCP && packet->tcp_flags & TCP_SYN)
        return packet->tcp_flags & TCP_ACK ? RESPONDER : ORIGINATOR;
    if (!packet->protocol || !served)
        return ORIGINATOR;
    *guessed = true;
    return RESPONDER;
}

static void
describe(struct tracker *tracker, struct tracked *f, const struct packet *packet)
{
    struct flow *flow = &f->flow;
    enum side from = guess_sender(packet, &flow->guessed);
    enum side to = other_side(from);
    flow->first_frame = packet->frame;
    flow->frame = packet->frame;
    flow->first_ns = packet->ts_ns;
    flow->last_ns = tracker->clock_ns;
    flow->address[from] = packet->from;
    flow->address[to] = packet->to;
    flow->port[from] = packet->from_port;
    flow->port[to] = packet->to_port;
    flow->protocol = packet->protocol;
    flow->link_protocol = packet->link_protocol;
    flow->path = packet->path;
    memcpy(flow->path.l2[from], packet->path.l2[0], sizeof packet->path.l2[0]);
    memcpy(flow->path.l2[to], packet->path.l2[1], sizeof packet->path.l2[1]);
}

/* Gives up the flow that is missed least, but not `keep`. False when there is none. */
static bool
shed(struct tracker *tracker, const struct tracked *keep)
{
    for (unsigned list = 0; list < FLOW_LISTS; list++) {
        uint32_t number = tracker->table.oldest[list];
        if (keep && number == keep->number)
            number = keep->newer;
        if (!number)
            continue;
        struct tracked *f = flow_table_at(&tracker->table, number);
        tracker->counts.shed += !f->ended && !f->proposed;
        tracked_remove(tracker, f, FLOW_SHED);
        return true;
    }
    return false;
}

static struct tracked *
take(struct tracker *tracker, const struct tracked *keep)
{
    struct tracked *f = flow_table_take(&tracker->table);
    while (!f && shed(tracker, keep))
        f = flow_table_take(&tracker->table);
    return f;
}

static void
count_begun(struct tracker *tracker, const struct tracked *f)
{
    tracker->open++;
    tracker->counts.flows++;
    tracker->counts.tcp_flows += f->flow.protocol == IPPROTO_TCP;
    tracker->counts.udp_flows += f->flow.protocol == IPPROTO_UDP;
}

struct tracked *
tracked_begin(struct tracker *tracker, const struct packet *packet, uint32_t tag)
{
    struct tracked *f = take(tracker, NULL);
    if (!f)
        return NULL;
    describe(tracker, f, packet);
    f->tag = tag;
    flow_table_insert(&tracker->table, f);
    flow_table_append(&tracker->table, f, LIST_OPENING);
    count_begun(tracker, f);
    return f;
}

struct tracked *
tracked_propose(struct tracker *tracker, struct tracked *tracked, const struct packet *packet)
{
    assert(!tracked->rival);
    struct tracked *rival = take(tracker, tracked);
    if (!rival)
        return NULL;
    const struct flow *old = &tracked->flow;
    if (packet) {
        describe(tracker, rival, packet);
    } else {
        rival->flow = *old;
        rival->flow.dissection = NULL;
        rival->flow.quiet = false;
        memset(rival->flow.packets, 0, sizeof old->packets);
        memset(rival->flow.payload, 0, sizeof old->payload);
        memset(rival->flow.missing, 0, sizeof old->missing);
    }
    rival->tag = tracked->tag;
    rival->proposed = true;
    rival->rival = tracked->number;
    tracked->rival = rival->number;
    flow_table_append(&tracker->table, rival, LIST_OPENING);
    return rival;
}

void
tracked_confirm(struct tracker *tracker, struct tracked *rival)
{
    assert(rival->proposed);
    tracked_remove(tracker, flow_table_at(&tracker->table, rival->rival), FLOW_REUSED);
    for (enum side side = ORIGINATOR; side <= RESPONDER; side++) {
        struct stream_context context = tracked_context(tracker, rival, side);
        stream_release(&context, &rival->stream[side]);
    }
}

/* ---- Ending. */

static void
drop_streams(struct tracker *tracker, struct tracked *f)
{
    stream_drop(tracker->pool, &f->stream[ORIGINATOR]);
    stream_drop(tracker->pool, &f->stream[RESPONDER]);
}

void
tracked_end(struct tracker *tracker, struct tracked *tracked, enum flow_end why)
{
    struct flow *flow = &tracked->flow;
    if (tracked->ended)
        return;
    tracked->ended = true;
    tracker->open--;
    flow->frame = tracker->frame;
    for (enum side side = ORIGINATOR; side <= RESPONDER && !flow->quiet; side++) {
        struct stream_context context = tracked_context(tracker, tracked, side);
        stream_finish(&context, &tracked->stream[side]);
    }
    drop_streams(tracker, tracked);
    if (flow->dissection)
        tracker->listener.end(
            tracker->listener.owner, flow, tracked->closing ? (enum flow_end)tracked->why : why);
    flow->dissection = NULL;
}

void
tracked_remove(struct tracker *tracker, struct tracked *tracked, enum flow_end why)
{
    struct flow_table *table = &tracker->table;
    struct tracked *rival = tracked->rival ? flow_table_at(table, tracked->rival) : NULL;

    if (tracked->proposed)
        drop_streams(tracker, tracked);
    else
        tracked_end(tracker, tracked, why);
    flow_table_unlink(table, tracked);
    if (rival)
        rival->rival = 0;
    if (rival && !tracked->proposed) {
        /* Nothing is left that the rival could be mistaken for. */
        flow_table_replace(table, tracked, rival);
        rival->proposed = false;
        count_begun(tracker, rival);
    } else if (!tracked->proposed) {
        flow_table_remove(table, tracked);
    }
    flow_table_give(table, tracked);
}

/* ---- In between. */

bool
tracked_expired(const struct tracker *tracker, const struct tracked *tracked)
{
    const struct tracker_options *o = tracker->options;
    const int64_t timeouts[FLOW_LISTS] = {
        [LIST_OPENING] = o->opening_timeout_ns,
        [LIST_CLOSED] = o->closed_timeout_ns,
        [LIST_QUIET] = o->idle_timeout_ns,
        [LIST_OPEN] = o->idle_timeout_ns,
    };
    assert(tracked->list < FLOW_LISTS);
    uint64_t silent = (uint64_t)tracker->clock_ns - (uint64_t)tracked->flow.last_ns;
    return silent >= (uint64_t)timeouts[tracked->list];
}

static enum flow_list
list_of(const struct tracked *f)
{
    if (f->closing || f->ended)
        return LIST_CLOSED;
    if (!f->flow.packets[ORIGINATOR] || !f->flow.packets[RESPONDER] || f->proposed)
        return LIST_OPENING;
    return f->flow.quiet ? LIST_QUIET : LIST_OPEN;
}

void
tracked_count(
    struct tracker *tracker, struct tracked *tracked, const struct packet *packet, enum side from)
{
    struct flow *flow = &tracked->flow;
    bool later = flow->last_ns >> AGE_SHIFT != tracker->clock_ns >> AGE_SHIFT;
    flow->frame = packet->frame;
    flow->last_ns = tracker->clock_ns;
    flow->packets[from]++;
    flow->payload[from] += packet->payload.len + packet->payload_missing;
    if (later) {
        enum flow_list list = (enum flow_list)tracked->list;
        flow_table_unlink(&tracker->table, tracked);
        flow_table_append(&tracker->table, tracked, list);
    }
}

void
tracked_settle(struct tracker *tracker, struct tracked *tracked)
{
    enum flow_list list = list_of(tracked);
    if (tracked->flow.quiet)
        drop_streams(tracker, tracked);
    if (list == tracked->list)
        return;
    flow_table_unlink(&tracker->table, tracked);
    flow_table_append(&tracker->table, tracked, list);
}

static void
swap(void *a, void *b, size_t size)
{
    uint8_t was[sizeof(struct stream)];
    assert(size <= sizeof was);
    memcpy(was, a, size);
    memcpy(a, b, size);
    memcpy(b, was, size);
}

void
tracked_turn(struct tracked *tracked)
{
    struct flow *flow = &tracked->flow;
    swap(&flow->address[0], &flow->address[1], sizeof flow->address[0]);
    swap(&flow->port[0], &flow->port[1], sizeof flow->port[0]);
    swap(&flow->packets[0], &flow->packets[1], sizeof flow->packets[0]);
    swap(&flow->payload[0], &flow->payload[1], sizeof flow->payload[0]);
    swap(&flow->missing[0], &flow->missing[1], sizeof flow->missing[0]);
    swap(flow->path.l2[0], flow->path.l2[1], sizeof flow->path.l2[0]);
    swap(&tracked->stream[0], &tracked->stream[1], sizeof tracked->stream[0]);
    bool sound = tracked->sound_originator;
    tracked->sound_originator = tracked->sound_responder;
    tracked->sound_responder = sound;
}
