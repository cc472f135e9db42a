/* SPDX-License-Identifier: Apache-2.0
 *
 * IP in IP: RFC 2003 (4 in 4), RFC 4213 (6 in 4), RFC 2473 (either in 6). There is no header; what
 * carries what gives the tunnel its name.
 */
#include "capture/layer.h"

#include <netinet/in.h>

enum peel_result
peel_ipip(struct peeling *p)
{
    static const char *const names[2][2] = {{"ipip", "6in4"}, {"4in6", "6in6"}};
    bool outer_v6 = !address_is_v4(&p->packet->from);
    bool inner_v6 = p->value == IPPROTO_IPV6;
    uint16_t type = inner_v6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4;
    return layer_tunnel(p, names[outer_v6][inner_v6], 0, p->rest, UNDER_ETHERTYPE, type);
}
