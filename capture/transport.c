/* SPDX-License-Identifier: Apache-2.0
 *
 * TCP (RFC 9293) and UDP (RFC 768): where peeling ends, unless a UDP datagram is a tunnel.
 */
#include "capture/layer.h"

#include <endian.h>
#include <netinet/in.h>

struct tcp_header {
    uint16_t from_port, to_port;
    uint32_t seq, ack;
    uint8_t words; /* length of the header in its upper half */
    uint8_t flags;
    uint16_t window, checksum, urgent;
};

struct udp_header {
    uint16_t from_port, to_port;
    uint16_t len;
    uint16_t checksum;
};

_Static_assert(sizeof(struct tcp_header) == 20, "as on the wire");
_Static_assert(sizeof(struct udp_header) == 8, "as on the wire");

static enum packet_checksum
checksum_of(const struct peeling *p)
{
    return p->missing || p->rerouted ? CHECKSUM_UNKNOWN : CHECKSUM_UNTRIED;
}

/* A header whose options were cut off still tells how much payload there was. */
enum peel_result
peel_tcp(struct peeling *p)
{
    struct tcp_header header;
    struct packet *packet = p->packet;
    struct bytes segment = p->rest;
    size_t on_wire = segment.len + p->missing;
    if (!layer_take(p, &header, sizeof header))
        return layer_short(p);
    size_t header_len = (size_t)(header.words >> 4) * 4;
    if (header_len < sizeof header || header_len > on_wire)
        return PEEL_MALFORMED;

    packet->protocol = IPPROTO_TCP;
    packet->from_port = be16toh(header.from_port);
    packet->to_port = be16toh(header.to_port);
    packet->tcp_flags = header.flags;
    packet->seq = be32toh(header.seq);
    packet->ack = be32toh(header.ack);
    packet->checksum = (uint8_t)checksum_of(p);
    packet->segment = segment;
    packet->payload = bytes_skip(segment, header_len);
    packet->payload_missing = (uint32_t)(on_wire - header_len - packet->payload.len);
    return layer_next(p, UNDER_NOTHING, 0);
}

/* Goes into the tunnel that is known on this port, if that is what it is. */
static bool
enter_tunnel(struct peeling *p, uint16_t port, enum peel_result *result)
{
    const struct layer *tunnel = layer_find(p->index, UNDER_UDP, port);
    if (!tunnel)
        return false;
    *result = tunnel->peel(p);
    return *result == PEELED || *result == PEEL_TOO_DEEP;
}

/* A length of zero is what cards that segment leave: the datagram is then as long as the packet.
 * One that is longer than its packet is dropped by every receiver. */
enum peel_result
peel_udp(struct peeling *p)
{
    struct udp_header header;
    struct packet *packet = p->packet;
    struct bytes segment = p->rest;
    size_t on_wire = segment.len + p->missing;
    if (!layer_take(p, &header, sizeof header))
        return layer_short(p);
    size_t len = header.len ? be16toh(header.len) : on_wire;
    if (len < sizeof header || len > on_wire)
        return PEEL_MALFORMED;

    layer_limit(p, len - sizeof header);
    packet->from_port = be16toh(header.from_port);
    packet->to_port = be16toh(header.to_port);
    enum peel_result result;
    if (enter_tunnel(p, packet->to_port, &result) || enter_tunnel(p, packet->from_port, &result) ||
        enter_tunnel(p, ANY_PORT, &result))
        return result;

    packet->protocol = IPPROTO_UDP;
    packet->checksum = (uint8_t)checksum_of(p);
    packet->segment = bytes_first(segment, len);
    packet->payload = p->rest;
    packet->payload_missing = (uint32_t)p->missing;
    return layer_next(p, UNDER_NOTHING, 0);
}
