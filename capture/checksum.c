/* SPDX-License-Identifier: Apache-2.0
 *
 * The Internet checksum (RFC 1071) of TCP and UDP over the pseudo header of IPv4 (RFC 9293 section
 * 3.1) or IPv6 (RFC 8200 section 8.1).
 *
 * An IPv4 address is kept as ::ffff:a.b.c.d. The ffff that is added for each address is zero in
 * one's complement, so that one pseudo header does for both.
 */
#include "capture/packet.h"

#include <endian.h>
#include <netinet/in.h>

/* The sum of 16-bit words as they lie in memory, not yet folded. Two 32-bit words at a time: 2^32
 * of them fit into 64 bits. */
static uint64_t
sum_of(struct bytes bytes)
{
    uint64_t sum = 0;
    uint64_t word;
    struct reader r = reader_over(bytes);
    while (reader_left(&r) >= sizeof word) {
        memcpy(&word, read_bytes(&r, sizeof word).at, sizeof word);
        sum += (word & UINT32_MAX) + (word >> 32);
    }
    struct bytes last = reader_rest(&r);
    word = 0;
    if (last.len)
        memcpy(&word, last.at, last.len);
    return sum + (word & UINT32_MAX) + (word >> 32);
}

static uint16_t
folded(uint64_t sum)
{
    while (sum > UINT16_MAX)
        sum = (sum & UINT16_MAX) + (sum >> 16);
    return (uint16_t)sum;
}

static bool
has_no_checksum(const struct packet *packet)
{
    struct reader r = reader_over(bytes_skip(packet->segment, 6));
    return packet->protocol == IPPROTO_UDP && read_u16(&r) == 0;
}

bool
packet_checksum_good(const struct packet *packet)
{
    if (has_no_checksum(packet))
        return true;
    uint64_t sum = sum_of(bytes_of(packet->from.at, sizeof packet->from.at));
    sum += sum_of(bytes_of(packet->to.at, sizeof packet->to.at));
    sum += htobe16((uint16_t)packet->segment.len);
    sum += htobe16((uint16_t)(packet->segment.len >> 16));
    sum += htobe16(packet->protocol);
    sum += sum_of(packet->segment);
    return folded(sum) == UINT16_MAX;
}
