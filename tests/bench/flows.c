/* SPDX-License-Identifier: Apache-2.0
 *
 * What an open TCP connection costs the tracker: bytes taken from its pool, by connection, while
 * somebody listens to it and once nobody does. What the listener itself keeps is not counted.
 */
#include "capture/flow.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>

static void
hear_bytes(void *owner, struct flow *flow, enum side from, struct bytes data)
{
    const bool *goes_quiet = owner;
    (void)from, (void)data;
    flow->quiet = *goes_quiet;
}

static void
hear_gap(void *owner, struct flow *flow, enum side from, uint64_t missing)
{
    (void)owner, (void)flow, (void)from, (void)missing;
}

static void
hear_datagram(void *owner, struct flow *flow, enum side from, struct bytes data, uint32_t missing)
{
    (void)owner, (void)flow, (void)from, (void)data, (void)missing;
}

static void
hear_end(void *owner, struct flow *flow, enum flow_end why)
{
    (void)owner, (void)flow, (void)why;
}

static void
send_packet(struct tracker *tracker, uint32_t client, bool up, uint8_t flags, const char *data)
{
    struct packet packet = {
        .frame = 1,
        .protocol = IPPROTO_TCP,
        .from_port = up ? 40000 : 443,
        .to_port = up ? 443 : 40000,
        .tcp_flags = flags,
        .seq = flags & TCP_SYN ? 1 : 2,
        .ack = flags & TCP_ACK ? 2 : 0,
        .payload = bytes_from_string(data),
    };
    memcpy(up ? packet.from.at : packet.to.at, &client, sizeof client);
    const struct packet *one = &packet;
    tracker_take(tracker, &one, 1);
}

static double
bytes_a_flow(uint32_t flows, bool goes_quiet)
{
    struct pool pool = {.limit = SIZE_MAX};
    struct tracker_options options = {.stream_bytes = 1 << 18, .flows = UINT32_MAX};
    struct flow_listener listener = {&goes_quiet, hear_bytes, hear_gap, hear_datagram, hear_end};
    struct tracker *tracker = tracker_new(&pool, &options, listener);
    for (uint32_t i = 1; i <= flows; i++) {
        send_packet(tracker, i, true, TCP_SYN, "");
        send_packet(tracker, i, false, TCP_SYN | TCP_ACK, "");
        send_packet(tracker, i, true, TCP_ACK, "hello");
    }
    double used = (double)pool.used / flows;
    tracker_free(tracker);
    return used;
}

int
main(int argc, char **argv)
{
    uint32_t flows = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1000000;
    printf("%u flows: %.0f bytes each while listened to, %.0f when quiet\n", flows,
        bytes_a_flow(flows, false), bytes_a_flow(flows, true));
    return 0;
}
