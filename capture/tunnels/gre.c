/* SPDX-License-Identifier: Apache-2.0
 *
 * GRE: version 0 (RFC 1701 with its routing, RFC 2784, RFC 2890 with key and sequence number), and
 * version 1, which PPTP uses for PPP (RFC 2637 section 4.1). Version 0 also comes in UDP (RFC
 * 8086).
 */
#include "capture/layer.h"

enum {
    FLAG_CHECKSUM = 0x8000,
    FLAG_ROUTING = 0x4000,
    FLAG_KEY = 0x2000,
    FLAG_SEQUENCE = 0x1000,
    FLAG_ACKNOWLEDGE = 0x0080, /* version 1 */
    VERSION = 0x0007,

    ROUTES_MOST = 16,
    TYPE_PPP = 0x880b,
};

/* Source routes: family, offset, length, so many bytes; the last has neither family nor length. */
static bool
read_routes(struct reader *r)
{
    for (unsigned i = 0; i < ROUTES_MOST && !r->bad; i++) {
        uint16_t family = read_u16(r);
        read_u8(r); /* offset */
        uint8_t len = read_u8(r);
        read_bytes(r, len);
        if (family == 0 && len == 0)
            return !r->bad;
    }
    return false;
}

/* The fields that the flags announce, but for routes. The key, or 0. */
static uint32_t
read_options(struct reader *r, uint16_t flags)
{
    uint32_t key = 0;
    if (flags & (FLAG_CHECKSUM | FLAG_ROUTING))
        read_u32(r); /* checksum and offset */
    if (flags & FLAG_KEY)
        key = read_u32(r);
    if (flags & FLAG_SEQUENCE)
        read_u32(r);
    return key;
}

static enum peel_result
peel_version_0(struct peeling *p, struct reader *r, uint16_t flags, uint16_t type)
{
    uint32_t key = read_options(r, flags);
    if ((flags & FLAG_ROUTING) && !read_routes(r) && !r->bad)
        return PEEL_MALFORMED;
    if (r->bad)
        return layer_short(p);
    p->detail = flags;
    return layer_tunnel(p, "gre", key, reader_rest(r), UNDER_GRE, type);
}

/* Without a sequence number there is no payload: it only acknowledges. */
static enum peel_result
peel_version_1(struct peeling *p, struct reader *r, uint16_t flags, uint16_t type)
{
    if (!(flags & FLAG_KEY) || type != TYPE_PPP)
        return PEEL_MALFORMED;
    uint16_t len = read_u16(r);
    uint16_t call = read_u16(r);
    if (flags & FLAG_SEQUENCE)
        read_u32(r);
    if (flags & FLAG_ACKNOWLEDGE)
        read_u32(r);
    if (r->bad)
        return layer_short(p);
    if (!(flags & FLAG_SEQUENCE) || len == 0)
        return PEEL_NOT_IP;
    p->detail = flags;
    return layer_tunnel(p, "pptp", call, reader_rest(r), UNDER_GRE, type);
}

enum peel_result
peel_gre(struct peeling *p)
{
    struct reader r = reader_over(p->rest);
    uint16_t flags = read_u16(&r);
    uint16_t type = read_u16(&r);
    if (r.bad)
        return layer_short(p);
    switch (flags & VERSION) {
    case 0:
        return peel_version_0(p, &r, flags, type);
    case 1:
        return peel_version_1(p, &r, flags, type);
    default:
        return PEEL_MALFORMED;
    }
}

enum peel_result
peel_gre_udp(struct peeling *p)
{
    struct reader r = reader_over(p->rest);
    uint16_t flags = read_u16(&r);
    uint16_t type = read_u16(&r);
    uint32_t key = read_options(&r, flags);
    struct bytes rest = reader_rest(&r);
    if (r.bad || (flags & ~(FLAG_CHECKSUM | FLAG_KEY | FLAG_SEQUENCE)) ||
        !carried_plausible(p, type, rest))
        return PEEL_MALFORMED;
    return layer_tunnel(p, "gre-udp", key, rest, UNDER_ETHERTYPE, type);
}
