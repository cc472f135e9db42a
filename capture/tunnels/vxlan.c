/* SPDX-License-Identifier: Apache-2.0
 *
 * VXLAN, RFC 7348: an Ethernet frame behind eight bytes of UDP payload. Group policy
 * (draft-smith-vxlan-group-policy) uses some of the reserved bits.
 */
#include "capture/layer.h"

enum {
    FLAG_NETWORK = 0x08,  /* there is a VNI */
    FLAG_PROTOCOL = 0x04, /* the protocol extension, which some send to this port too */
    FLAG_POLICY = 0x80,
    POLICY_FLAGS = 0x48, /* do not learn; was applied */
};

enum peel_result
peel_vxlan(struct peeling *p)
{
    struct reader r = reader_over(p->rest);
    uint8_t flags = read_u8(&r);
    if (flags & FLAG_PROTOCOL)
        return peel_vxlan_gpe(p);
    uint8_t policy_flags = read_u8(&r);
    uint16_t policy = read_u16(&r);
    uint32_t network = read_u24(&r);
    uint8_t reserved = read_u8(&r);
    struct bytes frame = reader_rest(&r);
    bool with_policy = flags & FLAG_POLICY;
    bool believed = !r.bad && (flags & ~FLAG_POLICY) == FLAG_NETWORK && reserved == 0 &&
                    (policy_flags & ~POLICY_FLAGS) == 0 &&
                    (with_policy || (policy_flags == 0 && policy == 0));
    if (!believed || !ethernet_plausible(p->index, frame))
        return PEEL_MALFORMED;
    return layer_tunnel(p, "vxlan", network, frame, UNDER_LINK, LINK_ETHERNET);
}
