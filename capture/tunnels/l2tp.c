/* SPDX-License-Identifier: Apache-2.0
 *
 * L2TP version 2, RFC 2661 section 3.1: PPP in UDP. Control messages stay UDP.
 */
#include "capture/layer.h"

enum {
    FLAG_CONTROL = 0x8000,
    FLAG_LENGTH = 0x4000,
    FLAG_SEQUENCE = 0x0800,
    FLAG_OFFSET = 0x0200,
    RESERVED = 0x34f0,
    VERSION = 0x000f,
};

/* True when PPP with a protocol that we know, or one of its control protocols, comes next. */
static bool
ppp_plausible(const struct layer_index *index, struct bytes b)
{
    struct reader r = reader_over(b);
    uint16_t protocol = read_u16(&r);
    if (protocol == 0xff03)
        protocol = read_u16(&r);
    return !r.bad && (protocol >> 12 == 0xc || layer_find(index, UNDER_PPP, protocol));
}

enum peel_result
peel_l2tp(struct peeling *p)
{
    struct reader r = reader_over(p->rest);
    uint16_t flags = read_u16(&r);
    size_t len = flags & FLAG_LENGTH ? read_u16(&r) : 0;
    uint32_t tunnel = read_u16(&r);
    uint32_t session = read_u16(&r);
    if (flags & FLAG_SEQUENCE)
        read_u32(&r);
    if (flags & FLAG_OFFSET)
        read_vec16(&r);
    struct bytes rest = reader_rest(&r);
    if (r.bad || (flags & (FLAG_CONTROL | RESERVED)) || (flags & VERSION) != 2 ||
        len > p->rest.len + p->missing || !ppp_plausible(p->index, rest))
        return PEEL_MALFORMED;
    return layer_tunnel(p, "l2tp", tunnel << 16 | session, rest, UNDER_GRE, 0x880b);
}
