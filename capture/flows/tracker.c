/* SPDX-License-Identifier: Apache-2.0
 *
 * The tracker finds the flow of each packet, and ends flows. What happens inside a TCP connection
 * is in tcp.c and its neighbours.
 */
#include "capture/flows/tracker.h"

#include <assert.h>
#include <netinet/in.h>
#include <stdlib.h>

enum {
    BATCH = 128,
    SHED_LOOK = 64, /* how many of the oldest are looked at for one that went quiet */
    SHED_MOST = 16, /* flows given up for one */
};

struct tracker *
tracker_new(struct pool *pool, const struct tracker_options *options, struct flow_listener listener)
{
    struct tracker *tracker = calloc(1, sizeof *tracker);
    if (!tracker)
        abort();
    tracker->pool = pool;
    tracker->pasts.pool = pool;
    tracker->options = options;
    tracker->listener = listener;
    flow_table_open(&tracker->table, pool, options->flows, options->by_path);
    return tracker;
}

struct tracker_counts
tracker_counts(const struct tracker *tracker)
{
    return tracker->counts;
}

uint64_t
tracker_open_flows(const struct tracker *tracker)
{
    const struct age *ages = tracker->table.ages;
    return ages[LIST_OPENING].count + ages[LIST_ALONE].count + ages[LIST_OPEN].count;
}

/* Tells the end once; the flow may stay for a while to catch late packets. */
void
tracker_end_flow(struct tracker *tracker, struct tracked *t, enum flow_end why)
{
    if (t->ended)
        return;
    if (!t->flow.quiet)
        tcp_finish(tracker, t);
    tcp_drop(tracker, t);
    t->ended = true;
    if (t->flow.dissection)
        tracker->listener.end(tracker->listener.owner, &t->flow, why);
    t->flow.quiet = true;
    trace_free(t->flow.trace);
    t->flow.trace = NULL;
}

void
tracker_remove(struct tracker *tracker, uint32_t place, enum flow_end why)
{
    struct tracked *t = flow_at(&tracker->table, place);
    tracker_end_flow(tracker, t, why);
    renewal_drop(tracker, t);
    flow_table_remove(&tracker->table, place);
}

static int64_t
timeout_of(const struct tracker *tracker, unsigned list)
{
    switch ((enum age_list)list) {
    case LIST_OPENING:
        return tracker->options->opening_timeout_ns;
    case LIST_ALONE:
    case LIST_OPEN:
        return tracker->options->idle_timeout_ns;
    case LIST_CLOSED:
    case LISTS:
        break;
    }
    return tracker->options->closed_timeout_ns;
}

/* Lists are in the order of linking, and a flow is linked anew only when an eighth of its timeout
 * has passed: so the oldest is surely idle when nine eighths have. */
static int64_t
slack_of(const struct tracker *tracker, unsigned list)
{
    return timeout_of(tracker, list) / 8;
}

void
tracker_tick(struct tracker *tracker, int64_t now_ns, uint64_t frame)
{
    if (now_ns > tracker->now_ns)
        tracker->now_ns = now_ns;
    for (unsigned list = 0; list < LISTS; list++) {
        int64_t patience = timeout_of(tracker, list) + slack_of(tracker, list);
        uint32_t place;
        while ((place = tracker->table.ages[list].oldest)) {
            struct tracked *t = flow_at(&tracker->table, place);
            if (tracker->now_ns - t->linked_ns < patience)
                break;
            t->flow.frame = frame;
            tracker_remove(tracker, place, ending_or(t, FLOW_IDLE));
        }
    }
}

/* The flow that matters least: one that nobody answered, that is over, that one side made up alone;
 * of the others one that nobody listens to. The oldest of them. */
static uint32_t
least_of(const struct flow_table *table)
{
    static const enum age_list order[] = {LIST_OPENING, LIST_CLOSED, LIST_ALONE};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (table->ages[order[i]].oldest)
            return table->ages[order[i]].oldest;
    uint32_t place = table->ages[LIST_OPEN].oldest;
    uint32_t oldest = place;
    for (int i = 0; place && i < SHED_LOOK; i++) {
        if (flow_at(table, place)->flow.quiet)
            return place;
        place = flow_at(table, place)->newer;
    }
    return oldest;
}

/* Makes room for a flow that begins with this packet. */
static bool
shed_one(struct tracker *tracker, const struct packet *packet)
{
    uint32_t place = least_of(&tracker->table);
    if (!place)
        return false;
    struct tracked *t = flow_at(&tracker->table, place);
    tracker->counts.shed++;
    t->flow.frame = packet->frame;
    tracker_remove(tracker, place, ending_or(t, FLOW_SHED));
    return true;
}

/* Who opened it? The sender of the first SYN; without one, the side that looks less like a server.
 */
static bool
sender_is_originator(const struct packet *packet, bool *guessed)
{
    bool syn = packet->protocol == IPPROTO_TCP && packet->tcp_flags & TCP_SYN;
    *guessed = !syn && packet->protocol == IPPROTO_TCP;
    if (syn)
        return !(packet->tcp_flags & TCP_ACK);
    if (packet->protocol == IPPROTO_TCP && packet->from_port < 1024 && packet->to_port >= 1024)
        return false;
    return true;
}

static void
fill_flow(struct flow *flow, const struct packet *packet, bool forward)
{
    flow->address[forward ? ORIGINATOR : RESPONDER] = packet->from;
    flow->address[forward ? RESPONDER : ORIGINATOR] = packet->to;
    flow->port[forward ? ORIGINATOR : RESPONDER] = packet->from_port;
    flow->port[forward ? RESPONDER : ORIGINATOR] = packet->to_port;
    flow->protocol = packet->protocol;
    flow->link_protocol = packet->link_protocol;
    flow->first_frame = packet->frame;
    flow->first_ns = packet->ts_ns;
    flow->last_ns = packet->ts_ns;
    flow->path = packet->path;
    if (!forward) {
        memcpy(flow->path.l2[ORIGINATOR], packet->path.l2[1], sizeof flow->path.l2[0]);
        memcpy(flow->path.l2[RESPONDER], packet->path.l2[0], sizeof flow->path.l2[0]);
    }
}

static uint32_t
add_flow(struct tracker *tracker, const struct packet *packet, uint32_t tag)
{
    uint32_t place = flow_table_add(&tracker->table, tag, tracker->now_ns);
    if (!place || packet->protocol != IPPROTO_TCP)
        return place;
    if (tcp_begin(tracker, flow_at(&tracker->table, place)))
        return place;
    flow_table_remove(&tracker->table, place);
    return 0;
}

uint32_t
tracker_begin_flow(struct tracker *tracker, const struct packet *packet, uint32_t tag, bool higher)
{
    uint32_t place = add_flow(tracker, packet, tag);
    for (int i = 0; !place && i < SHED_MOST && shed_one(tracker, packet); i++)
        place = add_flow(tracker, packet, tag);
    if (!place)
        return 0;
    struct tracked *t = flow_at(&tracker->table, place);
    bool guessed;
    bool forward = sender_is_originator(packet, &guessed);
    fill_flow(&t->flow, packet, forward);
    t->flow.guessed = guessed;
    t->swapped = higher == forward;
    tracker->counts.flows++;
    tracker->counts.tcp_flows += packet->protocol == IPPROTO_TCP;
    tracker->counts.udp_flows += packet->protocol == IPPROTO_UDP;
    return place;
}

void
tracker_swap(struct tracked *t)
{
    struct tracked was = *t;
    for (int i = 0; i < 2; i++) {
        int o = 1 - i;
        t->flow.address[i] = was.flow.address[o];
        t->flow.port[i] = was.flow.port[o];
        t->flow.packets[i] = was.flow.packets[o];
        t->flow.payload[i] = was.flow.payload[o];
        memcpy(t->flow.path.l2[i], was.flow.path.l2[o], sizeof was.flow.path.l2[o]);
        t->fins[i] = was.fins[o];
        t->resets[i] = was.resets[o];
    }
    struct tcp_side side = t->tcp->side[0];
    t->tcp->side[0] = t->tcp->side[1];
    t->tcp->side[1] = side;
    t->swapped = !was.swapped;
}

static void
count_packet(struct tracked *t, enum side from, const struct packet *packet)
{
    struct flow *flow = &t->flow;
    flow->packets[from]++;
    flow->payload[from] += packet->payload.len + packet->payload_missing;
    flow->frame = packet->frame;
    if (packet->ts_ns > flow->last_ns)
        flow->last_ns = packet->ts_ns;
}

static void
keep_age(struct tracker *tracker, uint32_t place, struct tracked *t, bool data)
{
    bool answered = t->flow.packets[ORIGINATOR] && t->flow.packets[RESPONDER];
    enum age_list list = answered ? LIST_OPEN : data ? LIST_ALONE : LIST_OPENING;
    if (t->list < list)
        flow_table_move(&tracker->table, place, list, tracker->now_ns);
    else if (t->list != LIST_CLOSED && tracker->now_ns - t->linked_ns > slack_of(tracker, t->list))
        flow_table_move(&tracker->table, place, t->list, tracker->now_ns);
}

static void
hear_datagram(
    struct tracker *tracker, struct tracked *t, enum side from, const struct packet *packet)
{
    if (packet->protocol == 0)
        t->flow.path = packet->path; /* who speaks, and to whom, stands there alone */
    if (!t->flow.quiet && (packet->payload.len || packet->payload_missing))
        tracker->listener.datagram(
            tracker->listener.owner, &t->flow, from, packet->payload, packet->payload_missing);
}

/* A flow that went quiet has no use for its frames any more. */
static void
keep_frame(struct tracker *tracker, struct tracked *t, const struct packet *packet)
{
    if (!t->flow.quiet) {
        trace_add(&t->flow.trace, tracker->pool, tracker->options->trace_bytes, packet);
        return;
    }
    trace_free(t->flow.trace);
    t->flow.trace = NULL;
}

/* Most packets: nobody listens to the flow any more, and this neither ends it nor begins another.
 */
static bool
only_counts(const struct tracked *t, const struct packet *packet)
{
    return !t->tcp && !t->renewal && !t->flow.trace && t->list != LIST_CLOSED &&
           !(packet->tcp_flags & (TCP_SYN | TCP_FIN | TCP_RST));
}

static void
take_one(struct tracker *tracker, const struct packet *packet, const struct flow_key *key,
    uint32_t tag, bool higher)
{
    tracker->counts.packets++;
    if (packet->ts_ns > tracker->now_ns)
        tracker->now_ns = packet->ts_ns;
    uint32_t place = flow_table_find(&tracker->table, key, tag);
    if (!place)
        place = tracker_begin_flow(tracker, packet, tag, higher);
    if (!place) {
        tracker->counts.no_flow++;
        return;
    }
    struct tracked *t = flow_at(&tracker->table, place);
    enum side from = tracked_side(t, higher);
    bool tcp = packet->protocol == IPPROTO_TCP;
    if (tcp && only_counts(t, packet)) {
        tracker->counts.analysed++;
        count_packet(t, from, packet);
        keep_age(tracker, place, t, packet->payload.len);
        return;
    }
    if (tcp) {
        switch (tcp_check(tracker, t, from, packet)) {
        case TCP_REFUSED:
            tracker->counts.bad_checksum++;
            return;
        case TCP_OFFLOADED:
            tracker->counts.offloaded++;
            break;
        case TCP_GOOD:
            tracker->counts.analysed++;
            break;
        }
        place = renewal_look(tracker, place, packet, tag, higher);
        if (!place)
            return;
        t = flow_at(&tracker->table, place);
        beginning_orient(t, tracked_side(t, higher), packet);
        from = tracked_side(t, higher);
    } else {
        tracker->counts.analysed++;
    }
    count_packet(t, from, packet);
    keep_age(tracker, place, t, packet->payload.len);
    if (tracker->options->trace_bytes)
        keep_frame(tracker, t, packet);
    if (tcp)
        tcp_hear(tracker, place, t, from, packet);
    else
        hear_datagram(tracker, t, from, packet);
}

static void
take_batch(struct tracker *tracker, const struct packet *const *packets, size_t count)
{
    struct flow_key keys[BATCH];
    uint32_t tags[BATCH];
    bool higher[BATCH];
    for (size_t i = 0; i < count; i++) {
        higher[i] = flow_key_of(&tracker->table, packets[i], &keys[i]);
        tags[i] = flow_key_tag(&tracker->table, &keys[i]);
        flow_table_prefetch(&tracker->table, tags[i]);
    }
    for (size_t i = 0; i < count; i++)
        flow_table_prefetch_flow(&tracker->table, tags[i]);
    for (size_t i = 0; i < count; i++)
        take_one(tracker, packets[i], &keys[i], tags[i], higher[i]);
}

void
tracker_take(struct tracker *tracker, const struct packet *const *packets, size_t count)
{
    for (size_t i = 0; i < count; i += BATCH)
        take_batch(tracker, packets + i, count - i < BATCH ? count - i : BATCH);
}

void
tracker_finish(struct tracker *tracker)
{
    struct flow_table *table = &tracker->table;
    for (unsigned list = 0; list < LISTS; list++)
        while (table->ages[list].oldest) {
            uint32_t place = table->ages[list].oldest;
            tracker_remove(tracker, place, ending_or(flow_at(table, place), FLOW_OVER));
        }
    tracker->now_ns = 0;
}

void
tracker_free(struct tracker *tracker)
{
    tracker_finish(tracker);
    past_shelf_clear(&tracker->pasts);
    flow_table_close(&tracker->table);
    free(tracker);
}
