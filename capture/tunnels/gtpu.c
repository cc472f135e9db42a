/* SPDX-License-Identifier: Apache-2.0
 *
 * GTP-U version 1, 3GPP TS 29.281 section 5: an IP packet of a mobile subscriber, in UDP. Only the
 * message that carries one (T-PDU, 255) is a tunnel; echoes and the like stay UDP. The length in
 * the header has to be right to the byte, that of the packet inside does not: some taps shorten it.
 */
#include "capture/layer.h"

enum {
    VERSION_AND_TYPE = 0xf8, /* version 1, GTP and not GTP', a spare bit */
    VERSION_1 = 0x30,
    OPTIONAL_FIELDS = 0x07, /* extension, sequence number, N-PDU number: one is there, all are */
    MESSAGE_T_PDU = 255,
    EXTENSIONS_MOST = 8,
};

/* Each extension: its length in units of 4 bytes, so much less two bytes, the type of the next. */
static bool
read_extensions(struct reader *r, uint8_t type)
{
    for (unsigned i = 0; type && i < EXTENSIONS_MOST; i++) {
        size_t len = (size_t)read_u8(r) * 4;
        if (len == 0)
            return false;
        read_bytes(r, len - 2);
        type = read_u8(r);
    }
    return type == 0 && !r->bad;
}

enum peel_result
peel_gtpu(struct peeling *p)
{
    struct reader r = reader_over(p->rest);
    uint8_t flags = read_u8(&r);
    uint8_t message = read_u8(&r);
    size_t len = read_u16(&r);
    uint32_t endpoint = read_u32(&r);
    bool believed = !r.bad && (flags & VERSION_AND_TYPE) == VERSION_1 && message == MESSAGE_T_PDU &&
                    len == reader_left(&r) + p->missing;
    if (flags & OPTIONAL_FIELDS) {
        read_u24(&r); /* sequence number, N-PDU number */
        uint8_t extension = read_u8(&r);
        believed &= read_extensions(&r, extension);
    }
    struct bytes rest = reader_rest(&r);
    struct reader inner = reader_over(rest);
    uint8_t version = read_u8(&inner) >> 4;
    if (!believed || r.bad || (version != 4 && version != 6))
        return PEEL_MALFORMED;
    return layer_tunnel(p, "gtpu", endpoint, rest, UNDER_LINK, LINK_RAW);
}
