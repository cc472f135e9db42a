/* SPDX-License-Identifier: Apache-2.0
 *
 * Teredo, RFC 4380 section 5.1.1: an IPv6 packet in UDP, behind an authentication header, an origin
 * indication, both or neither.
 *
 * Two clients that found each other speak from whatever ports their address translators gave them:
 * there the packet is believed by its length and by the prefix of Teredo's addresses.
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

static bool
is_teredo(struct bytes address)
{
    struct reader r = reader_over(address);
    return read_u32(&r) == 0x20010000 && !r.bad;
}

enum peel_result
peel_teredo_direct(struct peeling *p)
{
    struct reader r = reader_over(p->rest);
    if (read_u8(&r) >> 4 != 6)
        return PEEL_MALFORMED;
    read_u24(&r);
    size_t len = read_u16(&r);
    read_u16(&r); /* next header, hops */
    struct bytes from = read_bytes(&r, 16);
    struct bytes to = read_bytes(&r, 16);
    if (r.bad || len != reader_left(&r) + p->missing || (!is_teredo(from) && !is_teredo(to)))
        return PEEL_MALFORMED;
    return layer_tunnel(p, "teredo", 0, p->rest, UNDER_ETHERTYPE, ETHERTYPE_IPV6);
}
