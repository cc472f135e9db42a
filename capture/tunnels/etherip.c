/* SPDX-License-Identifier: Apache-2.0
 *
 * EtherIP, RFC 3378: version 3, twelve zero bits, an Ethernet frame.
 */
#include "capture/layer.h"

enum peel_result
peel_etherip(struct peeling *p)
{
    struct reader r = reader_over(p->rest);
    uint16_t version_and_zeros = read_u16(&r);
    if (r.bad)
        return layer_short(p);
    if (version_and_zeros != 0x3000)
        return PEEL_MALFORMED;
    return layer_tunnel(p, "etherip", 0, reader_rest(&r), UNDER_LINK, LINK_ETHERNET);
}
