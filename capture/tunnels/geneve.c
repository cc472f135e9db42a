/* SPDX-License-Identifier: Apache-2.0
 *
 * GENEVE, RFC 8926: an Ethernet frame or an IP packet behind a header with options, in UDP.
 */
#include "capture/layer.h"

enum { OPTION_WORDS = 0x3f, VERSION = 0xc0, RESERVED_FLAGS = 0x3f };

enum peel_result
peel_geneve(struct peeling *p)
{
    struct reader r = reader_over(p->rest);
    uint8_t version_and_words = read_u8(&r);
    uint8_t flags = read_u8(&r);
    uint16_t type = read_u16(&r);
    uint32_t network = read_u24(&r);
    uint8_t reserved = read_u8(&r);
    read_bytes(&r, (size_t)(version_and_words & OPTION_WORDS) * 4);
    struct bytes rest = reader_rest(&r);
    if (r.bad || (version_and_words & VERSION) || (flags & RESERVED_FLAGS) || reserved ||
        !carried_plausible(p, type, rest))
        return PEEL_MALFORMED;
    return layer_tunnel(p, "geneve", network, rest, UNDER_ETHERTYPE, type);
}
