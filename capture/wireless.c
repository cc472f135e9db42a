/* SPDX-License-Identifier: Apache-2.0
 *
 * IEEE 802.11 data frames that are not encrypted, bare or behind what capture systems put before
 * them: radiotap, Prism, AVS or PPI headers. Fragments of frames are not joined, and of an
 * aggregate (A-MSDU) the first part is taken.
 */
#include "capture/layer.h"

#include <endian.h>

enum {
    TYPE_AND_VERSION = 0x0f,
    TYPE_DATA = 0x08,
    SUBTYPE_NO_DATA = 0x40,
    SUBTYPE_QOS = 0x80,

    FLAG_TO_DS = 0x01,
    FLAG_FROM_DS = 0x02,
    FLAG_MORE_FRAGMENTS = 0x04,
    FLAG_PROTECTED = 0x40,
    FLAG_ORDER = 0x80,

    QOS_AGGREGATE = 0x80,
    FRAGMENT_NUMBER = 0x000f,

    RADIOTAP_TIME = 1u << 0,
    RADIOTAP_FLAGS = 1u << 1,
    RADIOTAP_PADDED = 0x20,
};

struct mac {
    uint8_t at[6];
};

static struct mac
read_mac(struct reader *r)
{
    struct mac mac = {0};
    struct bytes bytes = read_bytes(r, sizeof mac.at);
    if (bytes.len)
        memcpy(mac.at, bytes.at, sizeof mac.at);
    return mac;
}

static void
note_stations(struct path *path, struct mac from, struct mac to)
{
    memset(path->vlan, 0, sizeof path->vlan);
    memcpy(path->l2[0], from.at, sizeof from.at);
    memcpy(path->l2[1], to.at, sizeof to.at);
}

/* An 802.11 data frame, whose header was `padded` to a multiple of 4 bytes or not. */
static enum peel_result
peel_data(struct peeling *p, bool padded)
{
    struct reader r = reader_over(p->rest);
    uint8_t control = read_u8(&r);
    uint8_t flags = read_u8(&r);
    read_u16(&r); /* duration */
    struct mac one = read_mac(&r);
    struct mac two = read_mac(&r);
    struct mac three = read_mac(&r);
    uint16_t sequence = read_u16le(&r);
    bool four_addresses = (flags & FLAG_TO_DS) && (flags & FLAG_FROM_DS);
    struct mac four = four_addresses ? read_mac(&r) : two;
    uint8_t qos = 0;
    if (control & SUBTYPE_QOS) {
        qos = read_u8(&r);
        read_bytes(&r, flags & FLAG_ORDER ? 5 : 1);
    }
    if (padded)
        read_bytes(&r, (p->rest.len - reader_left(&r)) % 4 ? 2 : 0);
    if (r.bad)
        return layer_short(p);

    struct mac from = flags & FLAG_FROM_DS ? three : two;
    struct mac to = flags & FLAG_TO_DS ? three : one;
    note_stations(&p->packet->path, four_addresses ? four : from, to);
    if ((flags & FLAG_MORE_FRAGMENTS) || (sequence & FRAGMENT_NUMBER))
        return PEEL_NOT_IP;
    if (qos & QOS_AGGREGATE) {
        to = read_mac(&r);
        from = read_mac(&r);
        read_u16(&r); /* length */
        if (r.bad)
            return layer_short(p);
        note_stations(&p->packet->path, from, to);
    }
    p->rest = reader_rest(&r);
    return peel_llc(p);
}

static enum peel_result
peel_frame(struct peeling *p, bool padded)
{
    struct reader r = reader_over(p->rest);
    uint8_t control = read_u8(&r);
    uint8_t flags = read_u8(&r);
    if (r.bad)
        return layer_short(p);
    if ((control & TYPE_AND_VERSION) != TYPE_DATA || (control & SUBTYPE_NO_DATA) ||
        (flags & FLAG_PROTECTED))
        return PEEL_NOT_IP;
    return peel_data(p, padded);
}

enum peel_result
peel_80211(struct peeling *p)
{
    return peel_frame(p, false);
}

/* Of its fields only the flags matter; the words that say which fields there are come first, and
 * each but the last has its highest bit set. */
enum peel_result
peel_radiotap(struct peeling *p)
{
    struct reader r = reader_over(p->rest);
    read_u16(&r); /* version, padding */
    size_t len = read_u16le(&r);
    uint32_t present = read_u32le(&r);
    if (r.bad || len > p->rest.len)
        return layer_short(p);
    if (len < 8)
        return PEEL_MALFORMED;

    struct reader fields = reader_over(bytes_first(p->rest, len));
    read_u32(&fields);
    while (reader_more(&fields) && (uint32_t)read_little_endian(&fields, 4) >> 31)
        continue;
    if (present & RADIOTAP_TIME) {
        size_t done = len - reader_left(&fields);
        read_bytes(&fields, (8 - done % 8) % 8 + 8);
    }
    bool padded = (present & RADIOTAP_FLAGS) && (read_u8(&fields) & RADIOTAP_PADDED);
    p->rest = bytes_skip(p->rest, len);
    return peel_frame(p, padded);
}

static enum peel_result
peel_frame_behind(struct peeling *p, size_t header_len)
{
    if (p->rest.len < header_len)
        return layer_short(p);
    p->rest = bytes_skip(p->rest, header_len);
    return peel_frame(p, false);
}

/* Big-endian: a magic number (80 21 10 and a version), then the length of the header. */
enum peel_result
peel_avs(struct peeling *p)
{
    struct reader r = reader_over(p->rest);
    bool magic = read_u24(&r) == 0x802110;
    read_u8(&r);
    uint32_t len = read_u32(&r);
    if (r.bad)
        return layer_short(p);
    return magic && len >= 8 ? peel_frame_behind(p, len) : PEEL_MALFORMED;
}

/* In the byte order of the host: a message code and the length. Some write AVS under this name. */
enum peel_result
peel_prism(struct peeling *p)
{
    struct reader r = reader_over(p->rest);
    bool avs = read_u24(&r) == 0x802110;
    read_u8(&r);
    struct bytes len = read_bytes(&r, 4);
    struct reader little = reader_over(len);
    struct reader big = reader_over(len);
    if (r.bad)
        return layer_short(p);
    if (avs)
        return peel_avs(p);
    uint32_t header_len = read_u32le(&little);
    if (header_len > UINT16_MAX)
        header_len = read_u32(&big);
    return header_len < 8 ? PEEL_MALFORMED : peel_frame_behind(p, header_len);
}

/* Version, flags, length, and the link type of what follows. */
enum peel_result
peel_ppi(struct peeling *p)
{
    struct reader r = reader_over(p->rest);
    read_u16(&r);
    size_t len = read_u16le(&r);
    uint32_t link = read_u32le(&r);
    if (r.bad || len > p->rest.len)
        return layer_short(p);
    if (len < 8 || link > UINT16_MAX)
        return PEEL_MALFORMED;
    p->rest = bytes_skip(p->rest, len);
    return layer_next(p, UNDER_LINK, (uint16_t)link);
}
