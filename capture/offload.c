/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/offload.h"

enum { CHECKSUM_AT = 16 }; /* in the TCP header, RFC 9293 section 3.1 */

/* One's complement sum (RFC 1071) of the 16-bit words of an address. An IPv4 address is kept with
 * a prefix whose sum is zero there. */
static uint32_t
address_sum(const struct address *address)
{
    uint32_t sum = 0;
    struct reader r = reader_over(bytes_of(address->at, sizeof address->at));
    while (reader_more(&r))
        sum += read_u16(&r);
    return sum;
}

static uint16_t
folded(uint32_t sum)
{
    while (sum > UINT16_MAX)
        sum = (sum & UINT16_MAX) + (sum >> 16);
    return (uint16_t)sum;
}

bool
packet_checksum_partial(const struct packet *packet)
{
    struct reader r = reader_over(bytes_skip(packet->segment, CHECKSUM_AT));
    uint16_t found = read_u16(&r);
    uint32_t len = (uint32_t)packet->segment.len;
    uint32_t sum = address_sum(&packet->from) + address_sum(&packet->to) + packet->protocol;
    if (r.bad)
        return false;
    return found == 0 || found == UINT16_MAX || found == folded(sum) ||
           found == folded(sum + (len & UINT16_MAX) + (len >> 16));
}
