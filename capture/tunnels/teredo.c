/* SPDX-License-Identifier: Apache-2.0
 *
 * Teredo, RFC 4380 section 5.1.1: an IPv6 packet in UDP, behind an authentication header, an origin
 * indication, both or neither.
 */
#include "capture/layer.h"

enum { AUTHENTICATION = 0x0001, ORIGIN = 0x0000 };

/* Takes off what stands before the IPv6 packet. */
static void
read_indications(struct reader *r)
{
    struct reader first = *r;
    if (read_u16(&first) == AUTHENTICATION) {
        uint8_t client_len = read_u8(&first);
        uint8_t value_len = read_u8(&first);
        read_bytes(&first, (size_t)client_len + value_len + 8 + 1); /* … nonce, confirmation */
        *r = first;
    }
    struct reader second = *r;
    if (read_u16(&second) == ORIGIN) {
        read_bytes(&second, 6); /* port and address */
        *r = second;
    }
}

enum peel_result
peel_teredo(struct peeling *p)
{
    struct reader r = reader_over(p->rest);
    read_indications(&r);
    struct bytes rest = reader_rest(&r);
    struct reader inner = reader_over(rest);
    if (r.bad || read_u8(&inner) >> 4 != 6 || !ip_plausible(rest, p->missing))
        return PEEL_MALFORMED;
    return layer_tunnel(p, "teredo", 0, rest, UNDER_ETHERTYPE, ETHERTYPE_IPV6);
}
