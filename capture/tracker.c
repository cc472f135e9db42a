/* SPDX-License-Identifier: Apache-2.0
 *
 * Packets in, flows out: finds the flow of each packet, refuses what no endpoint would take, and
 * hands the rest to TCP or, as datagrams, to the listener.
 *
 * Most packets are of flows that the listener has heard enough of. Those are found and counted.
 * As finding is waiting for memory, packets are looked up in batches: first all slots are asked
 * for, then all flows, and when the first packet is worked on, its flow is there.
 */
#include "capture/offload.h"
#include "capture/tcp.h"

#include <netinet/in.h>
#include <stdlib.h>

enum { BATCH = 32 };

struct tracker *
tracker_new(struct pool *pool, const struct tracker_options *options, struct flow_listener listener)
{
    struct tracker *tracker = malloc(sizeof *tracker);
    if (!tracker)
        return NULL;
    *tracker = (struct tracker){
        .pool = pool,
        .options = options,
        .listener = listener,
        .table = {.pool = pool,
            .key = hash_key_random(),
            .by_path = options->by_path,
            .most = options->flows},
        .clock_ns = INT64_MIN,
    };
    return tracker;
}

/* ---- Checksums. */

enum checksum { CHECKSUM_PASSED_OVER, CHECKSUM_RIGHT, CHECKSUM_TO_COME, CHECKSUM_WRONG };

/* Would an endpoint take the packet? A sender whose segments all lack their checksum leaves it to
 * its card; `tracked` may be NULL. */
static enum checksum
judge_checksum(const struct tracker *t, const struct tracked *tracked, const struct packet *packet,
    enum side from)
{
    bool control = packet->tcp_flags & (TCP_SYN | TCP_FIN | TCP_RST);
    bool matters = control || packet->payload.len || (tracked && tracked->rival);
    if (packet->protocol != IPPROTO_TCP || t->options->no_checksums || !matters)
        return CHECKSUM_PASSED_OVER;
    if (packet->checksum != CHECKSUM_UNTRIED)
        return CHECKSUM_PASSED_OVER;
    if (packet_checksum_good(packet))
        return CHECKSUM_RIGHT;
    if (tracked && (from == ORIGINATOR ? tracked->sound_originator : tracked->sound_responder))
        return CHECKSUM_WRONG;
    return packet_checksum_partial(packet) ? CHECKSUM_TO_COME : CHECKSUM_WRONG;
}

/* ---- Packets. */

static void
hear(struct tracker *t, struct tracked *f, const struct packet *packet, enum side from)
{
    struct flow *flow = &f->flow;
    if (packet->protocol == IPPROTO_TCP)
        tcp_hear(t, f, packet, from);
    else if (!flow->quiet && (packet->payload.len || packet->payload_missing))
        t->listener.datagram(
            t->listener.owner, flow, from, packet->payload, packet->payload_missing);
    tracked_settle(t, f);
    /* What closes makes way for a connection that was only proposed. */
    if (f->rival && !f->proposed && (f->closing || f->ended))
        tracked_confirm(t, flow_table_at(&t->table, f->rival));
}

/* The flow of a packet, which may begin with it. NULL when there is no room for it. */
static struct tracked *
flow_of(struct tracker *t, struct tracked *f, const struct packet *packet, uint32_t tag,
    enum side *from)
{
    if (f)
        return packet->protocol == IPPROTO_TCP ? tcp_flow(t, f, packet, from) : f;
    f = tracked_begin(t, packet, tag);
    if (f)
        *from = flow_table_side(f, packet);
    return f;
}

/* The end of a connection of which nothing else was seen: there is nothing to begin. */
static bool
ends_nothing(const struct packet *packet)
{
    bool ends = packet->tcp_flags & TCP_RST ||
                (packet->tcp_flags & TCP_FIN && !packet->payload.len && !packet->payload_missing);
    return packet->protocol == IPPROTO_TCP && ends && !(packet->tcp_flags & TCP_SYN);
}

static void
take_on(
    struct tracker *t, struct tracked *f, const struct packet *packet, uint32_t tag, enum side from)
{
    enum checksum checksum = judge_checksum(t, f, packet, from);
    if (checksum == CHECKSUM_WRONG) {
        t->counts.bad_checksum++;
        return;
    }
    bool alone = !f && ends_nothing(packet);
    if (!alone)
        f = flow_of(t, f, packet, tag, &from);
    if (!alone && !f) {
        t->counts.no_flow++;
        return;
    }
    t->counts.offloaded += checksum == CHECKSUM_TO_COME;
    t->counts.analysed += checksum != CHECKSUM_TO_COME;
    if (alone)
        return;
    f->sound_originator |= checksum == CHECKSUM_RIGHT && from == ORIGINATOR;
    f->sound_responder |= checksum == CHECKSUM_RIGHT && from == RESPONDER;
    tracked_count(t, f, packet, from);
    hear(t, f, packet, from);
}

static void
take_packet(struct tracker *t, const struct packet *packet, uint32_t tag)
{
    enum side from = ORIGINATOR;
    struct tracked *f;

    t->counts.packets++;
    t->frame = packet->frame;
    if (packet->ts_ns > t->clock_ns)
        t->clock_ns = packet->ts_ns;
    while ((f = flow_table_find(&t->table, tag, packet, &from)) && tracked_expired(t, f))
        tracked_remove(t, f, FLOW_IDLE);

    bool control = packet->tcp_flags & (TCP_SYN | TCP_FIN | TCP_RST);
    if (f && (f->flow.quiet || f->ended) && !f->rival && !control) {
        t->counts.analysed++;
        tracked_count(t, f, packet, from);
        tracked_settle(t, f);
        return;
    }
    take_on(t, f, packet, tag, from);
}

static void
take_batch(struct tracker *t, const struct packet *const *packets, size_t count)
{
    uint32_t tags[BATCH];
    for (size_t i = 0; i < count; i++) {
        tags[i] = flow_table_tag(&t->table, packets[i]);
        flow_table_prefetch_slot(&t->table, tags[i]);
    }
    for (size_t i = 0; i < count; i++)
        flow_table_prefetch_flow(&t->table, tags[i]);
    for (size_t i = 0; i < count; i++)
        take_packet(t, packets[i], tags[i]);
}

void
tracker_take(struct tracker *tracker, const struct packet *const *packets, size_t count)
{
    for (size_t done = 0; done < count; done += BATCH)
        take_batch(tracker, packets + done, count - done < BATCH ? count - done : BATCH);
}

/* ---- Time. */

void
tracker_tick(struct tracker *tracker, int64_t now_ns, uint64_t frame)
{
    if (now_ns > tracker->clock_ns)
        tracker->clock_ns = now_ns;
    tracker->frame = frame;
    for (unsigned list = 0; list < FLOW_LISTS; list++)
        while (tracker->table.oldest[list]) {
            struct tracked *f = flow_table_at(&tracker->table, tracker->table.oldest[list]);
            if (!tracked_expired(tracker, f))
                break;
            tracked_remove(tracker, f, FLOW_IDLE);
        }
}

struct tracker_counts
tracker_counts(const struct tracker *tracker)
{
    return tracker->counts;
}

uint64_t
tracker_open_flows(const struct tracker *tracker)
{
    return tracker->open;
}

/* The flow that was silent for longest, over all lists; NULL when there is none. */
static struct tracked *
oldest_flow(const struct flow_table *table)
{
    struct tracked *oldest = NULL;
    for (unsigned list = 0; list < FLOW_LISTS; list++) {
        struct tracked *f = table->oldest[list] ? flow_table_at(table, table->oldest[list]) : NULL;
        if (f && (!oldest || f->flow.last_ns < oldest->flow.last_ns))
            oldest = f;
    }
    return oldest;
}

void
tracker_free(struct tracker *tracker)
{
    struct tracked *f;
    while ((f = oldest_flow(&tracker->table)))
        tracked_remove(tracker, f, FLOW_OVER);
    flow_table_empty(&tracker->table);
    free(tracker);
}
