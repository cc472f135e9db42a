/* SPDX-License-Identifier: Apache-2.0
 *
 * IPv4 (RFC 791) and IPv6 with its extension headers (RFC 8200), and the authentication header of
 * either (RFC 4302).
 *
 * The checksum of the IPv4 header is not verified: cards that segment or offload leave it wrong in
 * captures, and what it protects is checked here by making sense. A total length of zero is such a
 * card's too: the packet is then as long as the frame. So are packets of more than 64 KiB, which a
 * card or the kernel puts together out of many: IPv6 tells their length in an option (RFC 2675).
 */
#include "capture/layer.h"

#include <endian.h>

enum {
    IPV4_MORE = 0x2000,
    IPV4_OFFSET = 0x1fff, /* in units of 8 bytes */
    IPV6_MORE = 0x0001,
    IPV6_OFFSET = 0xfff8, /* in bytes */
    IP_HOP_BY_HOP = 0,
    OPTION_PAD = 0,
    OPTION_JUMBO = 0xc2,
    NO_NEXT_HEADER = 59,
};

struct ipv4_header {
    uint8_t version_and_words;
    uint8_t service;
    uint16_t total_len;
    uint16_t id;
    uint16_t fragment;
    uint8_t hops;
    uint8_t protocol;
    uint16_t checksum;
    uint8_t from[4], to[4];
};

struct ipv6_header {
    uint32_t version_and_flow;
    uint16_t payload_len;
    uint8_t next;
    uint8_t hops;
    uint8_t from[16], to[16];
};

_Static_assert(sizeof(struct ipv4_header) == 20, "as on the wire");
_Static_assert(sizeof(struct ipv6_header) == 40, "as on the wire");

static enum peel_result
join(struct peeling *p, const struct fragment *fragment)
{
    struct joined_packet joined;
    switch (fragments_take(p->fragments, fragment, &joined)) {
    case FRAGMENT_KEPT:
        return PEEL_FRAGMENT;
    case FRAGMENT_BAD:
        return PEEL_MALFORMED;
    case FRAGMENT_WHOLE:
        break;
    }
    p->joined = true;
    p->rest = joined.bytes;
    p->missing = joined.missing;
    return layer_next(p, UNDER_IP, joined.protocol);
}

static enum peel_result
join_ipv4(struct peeling *p, const struct ipv4_header *header)
{
    uint16_t field = be16toh(header->fragment);
    struct fragment fragment = {
        .packet = p->packet,
        .id = be16toh(header->id),
        .offset = (uint32_t)(field & IPV4_OFFSET) * 8,
        .more = field & IPV4_MORE,
        .key_protocol = header->protocol,
        .next_protocol = header->protocol,
        .bytes = p->rest,
        .missing = p->missing,
    };
    return join(p, &fragment);
}

enum peel_result
peel_ipv4(struct peeling *p)
{
    struct ipv4_header header;
    size_t on_wire = p->rest.len + p->missing;
    if (!layer_take(p, &header, sizeof header))
        return layer_short(p);
    size_t header_len = (size_t)(header.version_and_words & 0xf) * 4;
    size_t total_len = header.total_len ? be16toh(header.total_len) : on_wire;
    if (header.version_and_words >> 4 != 4 || header_len < sizeof header || total_len < header_len)
        return PEEL_MALFORMED;

    layer_limit(p, total_len - sizeof header);
    size_t options_len = header_len - sizeof header;
    if (p->rest.len < options_len)
        return layer_short(p);
    if (options_len)
        p->rest = bytes_skip(p->rest, options_len);
    p->packet->from = address_v4(bytes_of(header.from, sizeof header.from));
    p->packet->to = address_v4(bytes_of(header.to, sizeof header.to));
    p->rerouted = false;
    if (be16toh(header.fragment) & (IPV4_MORE | IPV4_OFFSET))
        return join_ipv4(p, &header);
    return layer_next(p, UNDER_IP, header.protocol);
}

/* The payload's length as an option of the hop-by-hop header tells it; 0: it does not. */
static size_t
jumbo_length(struct bytes payload)
{
    struct reader r = reader_over(payload);
    read_u8(&r); /* next header */
    size_t len = 8 + (size_t)read_u8(&r) * 8;
    struct reader options = reader_over(bytes_skip(bytes_first(payload, len), 2));
    while (reader_more(&options)) {
        uint8_t kind = read_u8(&options);
        if (kind == OPTION_PAD)
            continue;
        struct reader value = reader_over(read_vec8(&options));
        if (kind != OPTION_JUMBO || options.bad)
            continue;
        size_t jumbo = read_u32(&value);
        return value.bad || jumbo < len ? 0 : jumbo;
    }
    return 0;
}

enum peel_result
peel_ipv6(struct peeling *p)
{
    struct ipv6_header header;
    if (!layer_take(p, &header, sizeof header))
        return layer_short(p);
    if (be32toh(header.version_and_flow) >> 28 != 6)
        return PEEL_MALFORMED;
    if (header.payload_len)
        layer_limit(p, be16toh(header.payload_len));
    else if (header.next == NO_NEXT_HEADER)
        layer_limit(p, 0);
    else if (header.next == IP_HOP_BY_HOP && jumbo_length(p->rest))
        layer_limit(p, jumbo_length(p->rest));
    p->packet->from = address_v6(bytes_of(header.from, sizeof header.from));
    p->packet->to = address_v6(bytes_of(header.to, sizeof header.to));
    p->rerouted = false;
    return layer_next(p, UNDER_IP, header.next);
}

/* An extension header of IPv6 that begins as all do: what is next, and how long it is in units of 8
 * bytes, the first not counted. */
enum peel_result
peel_ipv6_options(struct peeling *p)
{
    struct reader r = reader_over(p->rest);
    uint8_t next = read_u8(&r);
    uint8_t eights = read_u8(&r);
    read_bytes(&r, 6 + (size_t)eights * 8);
    if (address_is_v4(&p->packet->from))
        return PEEL_OTHER_PROTOCOL;
    if (r.bad)
        return layer_short(p);
    p->rest = reader_rest(&r);
    return layer_next(p, UNDER_IP, next);
}

/* With segments left, the receiver is an intermediate one, and the checksum is made with the last.
 */
enum peel_result
peel_ipv6_routing(struct peeling *p)
{
    struct reader r = reader_over(p->rest);
    read_u24(&r); /* next header, length, type */
    uint8_t segments_left = read_u8(&r);
    p->rerouted |= segments_left > 0;
    return peel_ipv6_options(p);
}

enum peel_result
peel_ipv6_fragment(struct peeling *p)
{
    struct reader r = reader_over(p->rest);
    uint8_t next = read_u8(&r);
    read_u8(&r); /* reserved */
    uint16_t field = read_u16(&r);
    uint32_t id = read_u32(&r);
    if (address_is_v4(&p->packet->from))
        return PEEL_OTHER_PROTOCOL;
    if (r.bad)
        return layer_short(p);
    p->rest = reader_rest(&r);
    if (!(field & (IPV6_MORE | IPV6_OFFSET)))
        return layer_next(p, UNDER_IP, next); /* whole in itself: RFC 6946 */
    struct fragment fragment = {
        .packet = p->packet,
        .id = id,
        .offset = field & IPV6_OFFSET,
        .more = field & IPV6_MORE,
        .next_protocol = next,
        .bytes = p->rest,
        .missing = p->missing,
    };
    return join(p, &fragment);
}

/* Its length counts in units of 4 bytes, the first two not counted. */
enum peel_result
peel_authentication(struct peeling *p)
{
    struct reader r = reader_over(p->rest);
    uint8_t next = read_u8(&r);
    uint8_t words = read_u8(&r);
    read_bytes(&r, 6 + (size_t)words * 4);
    if (r.bad)
        return layer_short(p);
    p->rest = reader_rest(&r);
    return layer_next(p, UNDER_IP, next);
}

bool
ip_plausible(struct bytes b, size_t missing)
{
    struct reader r = reader_over(b);
    uint8_t first = read_u8(&r);
    size_t on_wire = b.len + missing;
    if (first >> 4 == 4) {
        size_t header_len = (size_t)(first & 0xf) * 4;
        read_u8(&r);
        uint16_t total_len = read_u16(&r);
        return !r.bad && header_len >= sizeof(struct ipv4_header) && total_len >= header_len &&
               total_len <= on_wire && b.len >= sizeof(struct ipv4_header);
    }
    read_u24(&r);
    size_t payload_len = read_u16(&r);
    return !r.bad && first >> 4 == 6 && payload_len + sizeof(struct ipv6_header) <= on_wire &&
           b.len >= sizeof(struct ipv6_header);
}
