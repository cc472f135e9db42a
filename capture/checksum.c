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

/* The sum of 16-bit words as they lie in memory, not yet folded. Four 32-bit words at a time, each
 * into a sum of its own, so that the processor can add them side by side. */
static uint64_t
sum_of(struct bytes bytes)
{
    uint64_t sums[4] = {0};
    uint32_t words[4];
    size_t whole = bytes.len / sizeof words;
    for (size_t i = 0; i < whole; i++) {
        memcpy(words, bytes.at + i * sizeof words, sizeof words);
        for (int k = 0; k < 4; k++)
            sums[k] += words[k];
    }
    struct bytes last = bytes_skip(bytes, whole * sizeof words);
    memset(words, 0, sizeof words);
    if (last.len)
        memcpy(words, last.at, last.len);
    for (int k = 0; k < 4; k++)
        sums[k] += words[k];
    return sums[0] + sums[1] + sums[2] + sums[3];
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
