/* SPDX-License-Identifier: Apache-2.0 */
#include "capture/flows/offload.h"

#include <netinet/in.h>

static uint32_t
add_words(uint32_t sum, struct bytes bytes)
{
    struct reader r = reader_over(bytes);
    while (reader_left(&r) >= 2)
        sum += read_u16(&r);
    return sum;
}

bool
packet_checksum_left_out(const struct packet *packet)
{
    size_t field_at = packet->protocol == IPPROTO_TCP ? 16 : 6;
    struct reader r = reader_over(bytes_skip(packet->segment, field_at));
    uint16_t field = read_u16(&r);
    if (r.bad)
        return false;
    uint32_t sum = packet->protocol + (uint32_t)packet->segment.len;
    bool v4 = address_is_v4(&packet->from);
    size_t skip = v4 ? 12 : 0;
    sum = add_words(sum, bytes_skip(bytes_of(packet->from.at, 16), skip));
    sum = add_words(sum, bytes_skip(bytes_of(packet->to.at, 16), skip));
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return field == sum;
}
