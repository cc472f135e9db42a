/* SPDX-License-Identifier: Apache-2.0
 *
 * Link types that are no link: headers that capture systems make up for interfaces without one
 * (the tcpdump group describes each), or no header at all.
 */
#include "capture/layer.h"

enum {
    FAMILY_IPV4 = 2,
    HARDWARE_NETLINK = 824,
    HARDWARE_RADIOTAP = 803,
    HARDWARE_GRE = 778,
    LINK_RADIOTAP = 127,
    NFLOG_PAYLOAD = 9,
};

/* IP; its first four bits tell which. */
enum peel_result
peel_raw(struct peeling *p)
{
    struct reader r = reader_over(p->rest);
    uint8_t version = read_u8(&r) >> 4;
    if (r.bad)
        return layer_short(p);
    if (version == 4)
        return layer_next(p, UNDER_ETHERTYPE, ETHERTYPE_IPV4);
    return version == 6 ? layer_next(p, UNDER_ETHERTYPE, ETHERTYPE_IPV6) : PEEL_NOT_IP;
}

static enum peel_result
peel_raw_behind(struct peeling *p, size_t header_len)
{
    if (p->rest.len < header_len)
        return layer_short(p);
    p->rest = bytes_skip(p->rest, header_len);
    return layer_next(p, UNDER_LINK, LINK_RAW);
}

/* An address family as the capturing system numbers it, in its byte order. Systems differ in the
 * number of IPv6: 10, 24, 28 or 30. */
static bool
family_is_ip(uint32_t family)
{
    static const uint8_t ip[] = {FAMILY_IPV4, 10, 24, 28, 30};
    for (size_t i = 0; i < sizeof ip; i++)
        if (family == ip[i])
            return true;
    return false;
}

enum peel_result
peel_null(struct peeling *p)
{
    struct reader big = reader_over(p->rest);
    struct reader little = big;
    bool ip = family_is_ip(read_u32(&big)) || family_is_ip(read_u32le(&little));
    if (big.bad)
        return layer_short(p);
    return ip ? peel_raw_behind(p, 4) : PEEL_NOT_IP;
}

/* What a Linux cooked header carries depends on the kind of device. */
static enum peel_result
peel_cooked_rest(struct peeling *p, uint16_t hardware, uint16_t protocol)
{
    if (hardware == HARDWARE_NETLINK)
        return PEEL_NOT_IP;
    if (hardware == HARDWARE_RADIOTAP)
        return layer_next(p, UNDER_LINK, LINK_RADIOTAP);
    if (hardware == HARDWARE_GRE)
        return layer_next(p, UNDER_GRE, protocol);
    if (protocol == 1)
        return PEEL_NOT_IP; /* 802.3 without LLC */
    return protocol == 4 ? peel_llc(p) : layer_next(p, UNDER_ETHERTYPE, protocol);
}

static void
note_sender(struct path *path, uint16_t len, struct bytes address)
{
    memset(path->vlan, 0, sizeof path->vlan);
    memset(path->l2, 0, sizeof path->l2);
    if (len == sizeof path->l2[0])
        memcpy(path->l2[0], address.at, sizeof path->l2[0]);
}

enum peel_result
peel_linux_cooked(struct peeling *p)
{
    struct reader r = reader_over(p->rest);
    read_u16(&r); /* direction */
    uint16_t hardware = read_u16(&r);
    uint16_t address_len = read_u16(&r);
    struct bytes address = read_bytes(&r, 8);
    uint16_t protocol = read_u16(&r);
    if (r.bad)
        return layer_short(p);
    note_sender(&p->packet->path, address_len, address);
    p->rest = reader_rest(&r);
    return peel_cooked_rest(p, hardware, protocol);
}

enum peel_result
peel_linux_cooked2(struct peeling *p)
{
    struct reader r = reader_over(p->rest);
    uint16_t protocol = read_u16(&r);
    read_u16(&r); /* reserved */
    read_u32(&r); /* interface */
    uint16_t hardware = read_u16(&r);
    read_u8(&r); /* direction */
    uint16_t address_len = read_u8(&r);
    struct bytes address = read_bytes(&r, 8);
    if (r.bad)
        return layer_short(p);
    note_sender(&p->packet->path, address_len, address);
    p->rest = reader_rest(&r);
    return peel_cooked_rest(p, hardware, protocol);
}

/* Attributes in the byte order of the host that wrote them, which only their sizes tell. */
enum peel_result
peel_nflog(struct peeling *p)
{
    struct reader r = reader_over(p->rest);
    read_u32(&r); /* family, version, resource */
    while (reader_more(&r)) {
        struct reader attribute = r;
        size_t len = read_u16le(&attribute);
        uint16_t type = read_u16le(&attribute);
        if (len < 4 || len > reader_left(&r) + p->missing) {
            struct reader swapped = r;
            len = read_u16(&swapped);
            type = read_u16(&swapped);
            attribute = swapped;
        }
        if (attribute.bad || len < 4)
            break;
        if ((type & 0x7fff) == NFLOG_PAYLOAD) {
            p->rest = reader_rest(&attribute);
            layer_limit(p, len - 4);
            return layer_next(p, UNDER_LINK, LINK_RAW);
        }
        read_bytes(&r, (len + 3) / 4 * 4);
    }
    return r.bad ? layer_short(p) : PEEL_NOT_IP;
}

/* A header that begins with its own length, without the padding to a multiple of 4. */
enum peel_result
peel_pflog(struct peeling *p)
{
    struct reader r = reader_over(p->rest);
    size_t len = read_u8(&r);
    if (r.bad)
        return layer_short(p);
    return len < 4 ? PEEL_MALFORMED : peel_raw_behind(p, (len + 3) / 4 * 4);
}

/* Family, index of the security association, flags: 12 bytes. */
enum peel_result
peel_enc(struct peeling *p)
{
    return peel_raw_behind(p, 12);
}

enum peel_result
peel_ipnet(struct peeling *p)
{
    return peel_raw_behind(p, 24);
}
