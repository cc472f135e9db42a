/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/quic_packet.h"

enum {
    LONG_HEADER = 0x80,
    FIXED_BIT = 0x40, /* clear only where a transport parameter allowed it (RFC 9287) */
};

/* Versions are looked up for every first packet of a flow, so the common ones come first. The
 * numbers: RFC 9000, RFC 9369, the drafts' 0xff0000NN, and what others registered for theirs. */
static const struct quic_version versions[] = {
    {0x00000001, 0x00000001,
        {0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c,
            0xad, 0xcc, 0xbb, 0x7f, 0x0a},
        false},
    {0x6b3343cf, 0x6b3343cf,
        {0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26, 0x9d,
            0xcb, 0xf9, 0xbd, 0x2e, 0xd9},
        true},
    {0xff000021, 0xff000022, /* drafts 33 and 34 are version 1 in all but number */
        {0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c,
            0xad, 0xcc, 0xbb, 0x7f, 0x0a},
        false},
    {0xff00001d, 0xff000020, /* drafts 29 to 32 */
        {0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97, 0x86, 0xf1, 0x9c, 0x61, 0x11,
            0xe0, 0x43, 0x90, 0xa8, 0x99},
        false},
    {0xff000017, 0xff00001c, /* drafts 23 to 28 */
        {0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb, 0x5a, 0x11, 0xa7, 0xd2, 0x43, 0x2b, 0xb4, 0x63,
            0x65, 0xbe, 0xf9, 0xf5, 0x02},
        false},
    {0xff000016, 0xff000016, /* draft 22, the first with these headers */
        {0x7f, 0xbc, 0xdb, 0x0e, 0x7c, 0x66, 0xbb, 0xe9, 0x19, 0x3a, 0x96, 0xcd, 0x21, 0x51, 0x9e,
            0xbd, 0x7a, 0x02, 0x64, 0x4a},
        false},
    {0xfaceb001, 0xfaceb001, /* mvfst, as draft 22 */
        {0x7f, 0xbc, 0xdb, 0x0e, 0x7c, 0x66, 0xbb, 0xe9, 0x19, 0x3a, 0x96, 0xcd, 0x21, 0x51, 0x9e,
            0xbd, 0x7a, 0x02, 0x64, 0x4a},
        false},
    {0xfaceb002, 0xfaceb00f, /* mvfst, as draft 23 */
        {0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb, 0x5a, 0x11, 0xa7, 0xd2, 0x43, 0x2b, 0xb4, 0x63,
            0x65, 0xbe, 0xf9, 0xf5, 0x02},
        false},
    {0x54303530, 0x54303530, /* "T050": Google's, with TLS */
        {0x7f, 0xf5, 0x79, 0xe5, 0xac, 0xd0, 0x72, 0x91, 0x55, 0x80, 0x30, 0x4c, 0x43, 0xa2, 0x36,
            0x7c, 0x60, 0x48, 0x83, 0x10},
        false},
    {0x54303531, 0x54303531, /* "T051" */
        {0x7a, 0x4e, 0xde, 0xf4, 0xe7, 0xcc, 0xee, 0x5f, 0xa4, 0x50, 0x6c, 0x19, 0x12, 0x4f, 0xc8,
            0xcc, 0xda, 0x6e, 0x03, 0x3d},
        false},
    {0x709a50c4, 0x709a50c4, /* drafts of version 2 */
        {0xa7, 0x07, 0xc2, 0x03, 0xa5, 0x9b, 0x47, 0x18, 0x4a, 0x1d, 0x62, 0xca, 0x57, 0x04, 0x06,
            0xea, 0x7a, 0xe3, 0xe5, 0xd3},
        true},
};

static bool
is_reserved(uint32_t version)
{
    return (version & 0x0f0f0f0f) == 0x0a0a0a0a;
}

const struct quic_version *
quic_version_find(uint32_t version, unsigned nth)
{
    static const uint32_t behind_reserved[] = {0x00000001, 0xff00001d, 0xff00001c};
    if (is_reserved(version)) {
        if (nth >= sizeof behind_reserved / sizeof *behind_reserved)
            return NULL;
        version = behind_reserved[nth];
        nth = 0;
    }
    if (nth > 0)
        return NULL;
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++)
        if (version >= versions[i].first && version <= versions[i].last)
            return &versions[i];
    return NULL;
}

uint64_t
quic_read_integer(struct reader *r)
{
    uint64_t value = read_u8(r);
    size_t more = ((size_t)1 << (value >> 6)) - 1;
    return (value & 0x3f) << 8 * more | read_big_endian(r, more);
}

/* The two bits behind the fixed one; version 2 turned them by one (RFC 9369 section 3.2). */
static enum quic_kind
kind_of(const struct quic_version *version, uint8_t first)
{
    static const enum quic_kind kinds[] = {QUIC_INITIAL, QUIC_ZERO_RTT, QUIC_HANDSHAKE, QUIC_RETRY};
    unsigned bits = first >> 4 & 3;
    return kinds[version->second ? (bits + 3) % 4 : bits];
}

/* What follows the connection ids of a packet whose kind has a length. */
static void
read_length(struct reader *r, struct bytes datagram, struct quic_packet *packet)
{
    if (packet->kind == QUIC_INITIAL) {
        uint64_t token = quic_read_integer(r);
        packet->token = read_bytes(r, token < datagram.len ? (size_t)token : datagram.len);
    }
    uint64_t length = quic_read_integer(r);
    size_t left = reader_left(r);
    packet->header = bytes_first(datagram, datagram.len - left);
    packet->cut = length > left;
    packet->body = read_bytes(r, packet->cut ? left : (size_t)length);
}

bool
quic_packet_next(struct bytes *datagram, struct quic_packet *packet)
{
    struct reader r = reader_over(*datagram);
    *packet = (struct quic_packet){.kind = QUIC_SHORT, .first = read_u8(&r)};
    if (r.bad)
        return false;
    if (!(packet->first & LONG_HEADER)) {
        *datagram = (struct bytes){0};
        return packet->first & FIXED_BIT;
    }
    packet->version = read_u32(&r);
    packet->to = read_vec8(&r);
    packet->from = read_vec8(&r);
    if (r.bad)
        return false;

    const struct quic_version *version = quic_version_find(packet->version, 0);
    if (!version) {
        packet->kind = packet->version ? QUIC_UNKNOWN : QUIC_NEGOTIATION;
        *datagram = (struct bytes){0};
        return true;
    }
    if (packet->to.len > QUIC_ID_MOST || packet->from.len > QUIC_ID_MOST)
        return false;
    packet->kind = kind_of(version, packet->first);
    if (packet->kind == QUIC_RETRY)
        reader_rest(&r);
    else
        read_length(&r, *datagram, packet);
    if (r.bad)
        return false;
    *datagram = bytes_skip(*datagram, datagram->len - reader_left(&r));
    return true;
}
