/* SPDX-License-Identifier: Apache-2.0
 *
 * ERSPAN: the frames that a switch mirrors, in GRE (draft-foschiano-erspan-03). Type I has no
 * header of its own and is known by the lack of a sequence number in the GRE header; types II and
 * III say their version in the first four bits.
 *
 * It is the same tunnel as the GRE around it, under its own name.
 */
#include "capture/layer.h"

enum {
    GRE_SEQUENCE = 0x1000,
    GRE_TYPE_III = 0x22eb,
    SESSION = 0x03ff,
    HAS_SUBHEADER = 0x0001,
    FRAME_TYPE = 0x7c00,
    FRAME_TYPE_IP = 2 << 10,
};

static enum peel_result
mirrored(struct peeling *p, struct bytes frame, uint32_t session, uint16_t link)
{
    struct path *path = &p->packet->path;
    path->tunnel = "erspan";
    path->tunnel_id = session;
    p->rest = frame;
    return layer_next(p, UNDER_LINK, link);
}

static enum peel_result
peel_type_3(struct peeling *p, struct reader *r, uint16_t session)
{
    read_u32(r); /* timestamp */
    read_u16(r); /* security group */
    uint16_t flags = read_u16(r);
    if (flags & HAS_SUBHEADER)
        read_u64(r);
    if (r->bad)
        return layer_short(p);
    uint16_t link = (flags & FRAME_TYPE) == FRAME_TYPE_IP ? LINK_RAW : LINK_ETHERNET;
    return mirrored(p, reader_rest(r), session, link);
}

enum peel_result
peel_erspan(struct peeling *p)
{
    struct reader r = reader_over(p->rest);
    if (p->value != GRE_TYPE_III && !(p->detail & GRE_SEQUENCE))
        return mirrored(p, p->rest, 0, LINK_ETHERNET);

    uint8_t version = (uint8_t)(read_u16(&r) >> 12);
    uint16_t session = read_u16(&r) & SESSION;
    if (r.bad)
        return layer_short(p);
    if (version == 2)
        return peel_type_3(p, &r, session);
    if (version != 1)
        return PEEL_MALFORMED;
    read_u32(&r); /* index of the port */
    return r.bad ? layer_short(p) : mirrored(p, reader_rest(&r), session, LINK_ETHERNET);
}
