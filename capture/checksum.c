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

/* 64 bits are added at a time: what is carried out of them counts for one in one's complement. */
struct sum {
    uint64_t words, carries;
};

static inline void
add_word(struct sum *sum, uint64_t word)
{
    sum->words += word;
    sum->carries += sum->words < word;
}

static inline uint64_t
narrowed(const struct sum *sum)
{
    return (sum->words >> 32) + (sum->words & UINT32_MAX) + sum->carries;
}

/* The sum of 16-bit words as they lie in memory, not yet folded. Two sums side by side, so that one
 * need not wait for the other. */
static uint64_t
sum_of(struct bytes bytes)
{
    struct sum even = {0};
    struct sum odd = {0};
    uint64_t words[2];
    size_t whole = bytes.len / sizeof words;
    for (size_t i = 0; i < whole; i++) {
        memcpy(words, bytes.at + i * sizeof words, sizeof words);
        add_word(&even, words[0]);
        add_word(&odd, words[1]);
    }
    struct bytes last = bytes_skip(bytes, whole * sizeof words);
    if (last.len) {
        memset(words, 0, sizeof words);
        memcpy(words, last.at, last.len);
        add_word(&even, words[0]);
        add_word(&odd, words[1]);
    }
    return narrowed(&even) + narrowed(&odd);
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
