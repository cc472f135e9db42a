/* SPDX-License-Identifier: Apache-2.0
 *
 * Serial lines and what sounds like them: PPP (RFC 1661), in HDLC-like framing (RFC 1662) or bare,
 * with Ethernet below it (RFC 2516) or in it (RFC 3518), and Cisco's HDLC.
 */
#include "capture/layer.h"

/* Protocol numbers are odd in their last byte and even in their first, so that a first byte that is
 * odd is a number of its own (RFC 1661 section 6.5). */
static enum peel_result
peel_ppp_protocol(struct peeling *p, struct reader *r)
{
    uint16_t protocol = read_u8(r);
    if ((protocol & 1) == 0)
        protocol = (uint16_t)(protocol << 8 | read_u8(r));
    if (r->bad)
        return layer_short(p);
    p->rest = reader_rest(r);
    return layer_next(p, UNDER_PPP, protocol);
}

/* Address and control (ff 03) may be left out. Where they are 0f or 8f and 00 it is Cisco's HDLC.
 */
enum peel_result
peel_ppp(struct peeling *p)
{
    struct reader whole = reader_over(p->rest);
    struct reader r = whole;
    uint16_t address_and_control = read_u16(&r);
    if (address_and_control == 0xff03)
        return peel_ppp_protocol(p, &r);
    if (address_and_control == 0x0f00 || address_and_control == 0x8f00)
        return peel_cisco_hdlc(p);
    return peel_ppp_protocol(p, &whole);
}

/* Where the capture put the direction, instead of the address or before it. */
enum peel_result
peel_ppp_directed(struct peeling *p)
{
    struct reader r = reader_over(p->rest);
    read_u8(&r);
    struct bytes behind = reader_rest(&r);
    struct reader control = reader_over(behind);
    if (r.bad)
        return layer_short(p);
    if (read_u8(&control) == 0x03)
        return peel_ppp_protocol(p, &control);
    p->rest = behind;
    return peel_ppp(p);
}

/* RFC 3518 section 4.2: flags and padding, the kind of MAC, more padding for some, the frame. */
enum peel_result
peel_ppp_bridged(struct peeling *p)
{
    struct reader r = reader_over(p->rest);
    read_u8(&r);
    uint8_t mac = read_u8(&r);
    if (r.bad)
        return layer_short(p);
    if (mac != 1)
        return PEEL_NOT_IP;
    p->rest = reader_rest(&r);
    return layer_next(p, UNDER_LINK, LINK_ETHERNET);
}

enum peel_result
peel_pppoe(struct peeling *p)
{
    struct reader r = reader_over(p->rest);
    uint8_t version_and_type = read_u8(&r);
    uint8_t code = read_u8(&r);
    read_u16(&r); /* session */
    uint16_t len = read_u16(&r);
    if (r.bad)
        return layer_short(p);
    if (version_and_type != 0x11)
        return PEEL_MALFORMED;
    if (code != 0)
        return PEEL_NOT_IP; /* discovery */
    p->rest = reader_rest(&r);
    if (len < p->rest.len)
        layer_limit(p, len);
    return peel_ppp(p);
}

enum peel_result
peel_cisco_hdlc(struct peeling *p)
{
    struct reader r = reader_over(p->rest);
    read_u16(&r); /* address and control */
    uint16_t type = read_u16(&r);
    if (r.bad)
        return layer_short(p);
    p->rest = reader_rest(&r);
    return layer_next(p, UNDER_ETHERTYPE, type);
}

enum peel_result
peel_cisco_hdlc_directed(struct peeling *p)
{
    p->rest = bytes_skip(p->rest, 1);
    return peel_cisco_hdlc(p);
}
