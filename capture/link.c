/* SPDX-License-Identifier: Apache-2.0
 *
 * Ethernet and what is peculiar to it: Ethernet II and 802.3 with LLC and SNAP (IEEE 802.2, RFC
 * 1042), VLAN tags (IEEE 802.1Q and 802.1ad), port extender tags (VNTAG, IEEE 802.1BR), backbones
 * that carry frames in frames (IEEE 802.1ah, FabricPath), and 802.1X, which is not IP but carries
 * TLS all the same.
 */
#include "capture/layer.h"

#include <endian.h>

enum { LENGTHS = 0x600 }; /* below this, an EtherType is a length (IEEE 802.3 section 3.2.6) */

struct ethernet_header {
    uint8_t to[6], from[6];
    uint16_t type;
};

struct vlan_header {
    uint16_t tag;
    uint16_t type;
};

_Static_assert(sizeof(struct ethernet_header) == 14, "as on the wire");
_Static_assert(sizeof(struct vlan_header) == 4, "as on the wire");

/* Reads up to the EtherType behind an LLC header; 0 when there is none. */
static uint16_t
read_llc(struct reader *r)
{
    uint32_t saps_and_control = read_u24(r);
    if (saps_and_control == 0x060603)
        return ETHERTYPE_IPV4;
    if (saps_and_control != 0xaaaa03)
        return 0;
    uint32_t organization = read_u24(r);
    uint16_t type = read_u16(r);
    /* RFC 1042, and the bridge tunnel of IEEE 802.1H */
    return (uint16_t)(organization == 0 || organization == 0x0000f8 ? type : 0);
}

enum peel_result
peel_llc(struct peeling *p)
{
    struct reader r = reader_over(p->rest);
    uint16_t type = read_llc(&r);
    if (r.bad)
        return layer_short(p);
    if (type < LENGTHS)
        return PEEL_NOT_IP;
    p->rest = reader_rest(&r);
    return layer_next(p, UNDER_ETHERTYPE, type);
}

enum peel_result
layer_ethertype(struct peeling *p, uint16_t type)
{
    if (type >= LENGTHS)
        return layer_next(p, UNDER_ETHERTYPE, type);
    if (type < p->rest.len + p->missing)
        layer_limit(p, type);
    return peel_llc(p);
}

bool
ethernet_plausible(const struct layer_index *index, struct bytes b)
{
    struct reader r = reader_over(b);
    read_bytes(&r, 12);
    uint16_t type = read_u16(&r);
    if (type < LENGTHS)
        type = read_llc(&r);
    if (r.bad)
        return false;
    return type == ETHERTYPE_ARP || layer_find(index, UNDER_ETHERTYPE, type);
}

enum peel_result
peel_ethernet(struct peeling *p)
{
    struct ethernet_header header;
    struct path *path = &p->packet->path;
    if (!layer_take(p, &header, sizeof header))
        return layer_short(p);
    memcpy(path->l2[0], header.from, sizeof header.from);
    memcpy(path->l2[1], header.to, sizeof header.to);
    memset(path->vlan, 0, sizeof path->vlan);
    return layer_ethertype(p, be16toh(header.type));
}

/* An Ethernet frame that an EtherType announces. */
enum peel_result
peel_bridged(struct peeling *p)
{
    return layer_next(p, UNDER_LINK, LINK_ETHERNET);
}

/* Identifier 0 is a priority without a VLAN. Of more tags than are kept, the outer ones are. */
enum peel_result
peel_vlan(struct peeling *p)
{
    struct vlan_header header;
    uint16_t *vlan = p->packet->path.vlan;
    if (!layer_take(p, &header, sizeof header))
        return layer_short(p);
    for (size_t i = 0; i < PACKET_VLANS; i++)
        if (vlan[i] == 0) {
            vlan[i] = be16toh(header.tag) & 0xfff;
            break;
        }
    return layer_ethertype(p, be16toh(header.type));
}

/* Skips a tag that says nothing of use, up to the EtherType behind it. */
static enum peel_result
peel_tag(struct peeling *p, size_t len)
{
    struct reader r = reader_over(p->rest);
    read_bytes(&r, len);
    uint16_t type = read_u16(&r);
    if (r.bad)
        return layer_short(p);
    p->rest = reader_rest(&r);
    return layer_ethertype(p, type);
}

enum peel_result
peel_vntag(struct peeling *p)
{
    return peel_tag(p, 4);
}

enum peel_result
peel_etag(struct peeling *p)
{
    return peel_tag(p, 6);
}

/* The tag of a backbone service instance, then the customer's frame. */
enum peel_result
peel_pbb(struct peeling *p)
{
    struct reader r = reader_over(p->rest);
    read_u8(&r); /* priority and flags */
    uint32_t service = read_u24(&r);
    if (r.bad)
        return layer_short(p);
    return layer_tunnel(p, "pbb", service, reader_rest(&r), UNDER_LINK, LINK_ETHERNET);
}

enum peel_result
peel_fabricpath(struct peeling *p)
{
    struct reader r = reader_over(p->rest);
    read_u16(&r); /* tree and hops */
    if (r.bad)
        return layer_short(p);
    p->rest = reader_rest(&r);
    return layer_next(p, UNDER_LINK, LINK_ETHERNET);
}

/* IEEE 802.1X section 11.3: version, type, length, body. What follows is padding. */
enum peel_result
peel_eapol(struct peeling *p)
{
    struct packet *packet = p->packet;
    struct reader r = reader_over(p->rest);
    read_u16(&r); /* version, type */
    size_t len = 4 + (size_t)read_u16(&r);
    if (r.bad)
        return layer_short(p);
    layer_limit(p, len);
    packet->from = (struct address){0};
    packet->to = (struct address){0};
    packet->from_port = 0;
    packet->to_port = 0;
    packet->link_protocol = ETHERTYPE_EAPOL;
    packet->checksum = CHECKSUM_UNKNOWN;
    packet->payload = p->rest;
    packet->payload_missing = (uint32_t)p->missing;
    return layer_next(p, UNDER_NOTHING, 0);
}
