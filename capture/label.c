/* SPDX-License-Identifier: Apache-2.0
 *
 * Labels that networks put before packets: MPLS (RFC 3032), with IP or an Ethernet pseudowire (RFC
 * 4448) below the labels, and the network service header (RFC 8300).
 *
 * Nothing in MPLS says what the labels carry: the routers at the ends know, we have to guess from
 * the bytes. Labels differ between the two directions, so they are not part of a packet's path.
 */
#include "capture/layer.h"

enum { LABELS_MOST = 8 };

/* Reads labels up to the one at the bottom of the stack. */
static bool
read_labels(struct reader *r)
{
    for (unsigned i = 0; i < LABELS_MOST && !r->bad; i++) {
        read_u16(r); /* label, upper part */
        uint8_t bottom = read_u8(r) & 1;
        read_u8(r); /* hops */
        if (bottom)
            return !r->bad;
    }
    return false;
}

/* IP, else a frame behind a control word (its first four bits are zero), else a frame. */
static enum peel_result
peel_below_labels(struct peeling *p)
{
    struct reader r = reader_over(p->rest);
    if (ip_plausible(p->rest, p->missing))
        return layer_next(p, UNDER_LINK, LINK_RAW);
    bool control_word = read_u8(&r) >> 4 == 0;
    read_u24(&r);
    struct bytes behind = reader_rest(&r);
    if (control_word && ethernet_plausible(p->index, behind)) {
        p->rest = behind;
        return layer_next(p, UNDER_LINK, LINK_ETHERNET);
    }
    if (ethernet_plausible(p->index, p->rest))
        return layer_next(p, UNDER_LINK, LINK_ETHERNET);
    return p->missing ? PEEL_CUT : PEEL_NOT_IP;
}

enum peel_result
peel_mpls(struct peeling *p)
{
    struct reader r = reader_over(p->rest);
    if (!read_labels(&r))
        return r.bad ? layer_short(p) : PEEL_TOO_DEEP;
    p->rest = reader_rest(&r);
    return peel_below_labels(p);
}

/* By next protocol of the service header. */
static const struct {
    uint8_t protocol;
    enum under under;
    uint16_t value;
} services[] = {
    {1, UNDER_ETHERTYPE, ETHERTYPE_IPV4},
    {2, UNDER_ETHERTYPE, ETHERTYPE_IPV6},
    {3, UNDER_LINK, LINK_ETHERNET},
    {4, UNDER_ETHERTYPE, ETHERTYPE_NSH},
    {5, UNDER_ETHERTYPE, ETHERTYPE_MPLS},
};

enum peel_result
peel_nsh(struct peeling *p)
{
    struct reader r = reader_over(p->rest);
    uint16_t base = read_u16(&r);
    read_u8(&r); /* metadata type */
    uint8_t protocol = read_u8(&r);
    size_t len = (size_t)(base & 0x3f) * 4;
    if (r.bad || base >> 14 != 0 || len < 8)
        return r.bad ? layer_short(p) : PEEL_MALFORMED;
    read_bytes(&r, len - 4);
    if (r.bad)
        return layer_short(p);
    p->rest = reader_rest(&r);
    for (size_t i = 0; i < sizeof services / sizeof *services; i++)
        if (services[i].protocol == protocol)
            return layer_next(p, services[i].under, services[i].value);
    return PEEL_NOT_IP;
}
