/* SPDX-License-Identifier: Apache-2.0
 *
 * VXLAN with a generic protocol extension, draft-ietf-nvo3-vxlan-gpe: VXLAN that says what it
 * carries.
 */
#include "capture/layer.h"

enum {
    FLAG_NETWORK = 0x08,
    FLAG_PROTOCOL = 0x04,
    FLAG_BROADCAST = 0x02,
};

/* By next protocol. */
static const struct carried {
    uint8_t protocol;
    enum under under;
    uint16_t value;
} carried[] = {
    {1, UNDER_ETHERTYPE, ETHERTYPE_IPV4},
    {2, UNDER_ETHERTYPE, ETHERTYPE_IPV6},
    {3, UNDER_LINK, LINK_ETHERNET},
    {4, UNDER_ETHERTYPE, ETHERTYPE_NSH},
    {5, UNDER_ETHERTYPE, ETHERTYPE_MPLS},
};

enum peel_result
peel_vxlan_gpe(struct peeling *p)
{
    struct reader r = reader_over(p->rest);
    uint8_t flags = read_u8(&r);
    uint16_t reserved = read_u16(&r);
    uint8_t protocol = read_u8(&r);
    uint32_t network = read_u24(&r);
    reserved |= read_u8(&r);
    struct bytes rest = reader_rest(&r);
    if (r.bad || reserved || (flags & ~FLAG_BROADCAST) != (FLAG_NETWORK | FLAG_PROTOCOL))
        return PEEL_MALFORMED;
    for (size_t i = 0; i < sizeof carried / sizeof *carried; i++)
        if (carried[i].protocol == protocol)
            return layer_tunnel(p, "vxlan-gpe", network, rest, carried[i].under, carried[i].value);
    return PEEL_MALFORMED;
}
