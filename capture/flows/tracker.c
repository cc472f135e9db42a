/* SPDX-License-Identifier: Apache-2.0
 *
 * The tracker finds the flow of each packet, and ends flows. What happens inside a TCP connection
 * is in tcp.c.
 */
#include "capture/flows/tracker.h"

#include <assert.h>
#include <netinet/in.h>
#include <stdlib.h>

enum { BATCH = 128, SHED_LOOK = 64 };

struct tracker *
tracker_new(struct pool *pool, const struct tracker_options *options, struct flow_listener listener)
{
    struct tracker *tracker = calloc(1, sizeof *tracker);
    if (!tracker)
        abort();
    tracker->pool = pool;
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
    return tracker->table.ages[LIST_OPENING].count + tracker->table.ages[LIST_OPEN].count;
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
}

void
tracker_remove(struct tracker *tracker, uint32_t place, enum flow_end why)
{
    tracker_end_flow(tracker, flow_at(&tracker->table, place), why);
    flow_table_remove(&tracker->table, place);
}

static enum flow_end
why_timed_out(const struct tracked *t)
{
    if (t->reset)
        return FLOW_RESET;
    return t->fins[ORIGINATOR] && t->fins[RESPONDER] ? FLOW_CLOSED : FLOW_IDLE;
}

static int64_t
timeout_of(const struct tracker *tracker, unsigned list)
{
    switch ((enum age_list)list) {
    case LIST_OPENING:
        return tracker->options->opening_timeout_ns;
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
            tracker_remove(tracker, place, why_timed_out(t));
        }
    }
}

/* Makes room for one flow: first of what matters least. */
static bool
shed_one(struct tracker *tracker)
{
    struct flow_table *table = &tracker->table;
    uint32_t place = table->ages[LIST_OPENING].oldest;
    if (!place)
        place = table->ages[LIST_CLOSED].oldest;
    if (!place) {
        place = table->ages[LIST_OPEN].oldest;
        uint32_t quiet = place;
        for (int i = 0; quiet && i < SHED_LOOK && !flow_at(table, quiet)->flow.quiet; i++)
            quiet = flow_at(table, quiet)->newer;
        if (quiet && flow_at(table, quiet)->flow.quiet)
            place = quiet;
    }
    if (!place)
        return false;
    tracker->counts.shed++;
    tracker_remove(tracker, place, FLOW_SHED);
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

uint32_t
tracker_begin_flow(struct tracker *tracker, const struct packet *packet, uint32_t tag, bool higher)
{
    uint32_t place;
    while (!(place = flow_table_add(&tracker->table, tag, tracker->now_ns)))
        if (!shed_one(tracker))
            return 0;
    struct tracked *t = flow_at(&tracker->table, place);
    bool guessed;
    bool forward = sender_is_originator(packet, &guessed);
    fill_flow(&t->flow, packet, forward);
    t->flow.guessed = guessed;
    t->swapped = higher == forward;
    tracker->counts.flows++;
    if (packet->protocol == IPPROTO_TCP) {
        tracker->counts.tcp_flows++;
        if (!tcp_begin(tracker, t)) {
            flow_table_remove(&tracker->table, place);
            return 0;
        }
    } else if (packet->protocol == IPPROTO_UDP) {
        tracker->counts.udp_flows++;
    }
    return place;
}

static void
count_packet(
    struct tracker *tracker, struct tracked *t, enum side from, const struct packet *packet)
{
    struct flow *flow = &t->flow;
    flow->packets[from]++;
    flow->payload[from] += packet->payload.len + packet->payload_missing;
    flow->frame = packet->frame;
    if (packet->ts_ns > flow->last_ns)
        flow->last_ns = packet->ts_ns;
    (void)tracker;
}

static void
keep_age(struct tracker *tracker, uint32_t place, struct tracked *t, bool answered)
{
    if (t->list == LIST_OPENING && answered)
        flow_table_move(&tracker->table, place, LIST_OPEN, tracker->now_ns);
    else if (t->list != LIST_CLOSED && tracker->now_ns - t->linked_ns > slack_of(tracker, t->list))
        flow_table_move(&tracker->table, place, t->list, tracker->now_ns);
}

static enum side
side_of(const struct tracked *t, bool higher)
{
    return higher == t->swapped ? ORIGINATOR : RESPONDER;
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
    enum side from = side_of(t, higher);
    if (packet->protocol == IPPROTO_TCP) {
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
        place = tcp_renew(tracker, place, packet, tag, higher);
        if (!place)
            return;
        t = flow_at(&tracker->table, place);
        from = side_of(t, higher);
    } else {
        tracker->counts.analysed++;
    }
    count_packet(tracker, t, from, packet);
    keep_age(tracker, place, t, packet->payload.len || (t->flow.packets[0] && t->flow.packets[1]));
    if (packet->protocol == IPPROTO_TCP)
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
            enum flow_end why = why_timed_out(flow_at(table, place));
            tracker_remove(tracker, place, why == FLOW_IDLE ? FLOW_OVER : why);
        }
    tracker->now_ns = 0;
}

void
tracker_free(struct tracker *tracker)
{
    tracker_finish(tracker);
    flow_table_close(&tracker->table);
    free(tracker);
}
