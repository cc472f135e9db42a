/* SPDX-License-Identifier: Apache-2.0
 *
 * MPLS in UDP, RFC 7510. Believed when IP or a known frame stands below the labels.
 */
#include "capture/layer.h"

enum peel_result
peel_mpls_udp(struct peeling *p)
{
    struct peeling tried = *p;
    if (peel_mpls(&tried) != PEELED)
        return PEEL_MALFORMED;
    return layer_tunnel(p, "mpls-udp", 0, p->rest, UNDER_ETHERTYPE, ETHERTYPE_MPLS);
}
