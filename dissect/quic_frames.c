/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/quic_frames.h"

#include "dissect/quic_packet.h"

enum frame_type {
    FRAME_PADDING = 0x00,
    FRAME_PING = 0x01,
    FRAME_ACK = 0x02,
    FRAME_ACK_ECN = 0x03,
    FRAME_CRYPTO = 0x06,
    FRAME_GOOGLE_CRYPTO = 0x08, /* T050; nothing else has these in an Initial packet */
    FRAME_CONNECTION_CLOSE = 0x1c,
    FRAME_GOOGLE_ACK = 0x40, /* and the 63 after it, whose bits say how it is laid out */
    FRAME_GOOGLE_ACK_LAST = 0x7f,
};

static void
skip_integers(struct reader *r, uint64_t count)
{
    for (uint64_t i = 0; i < count && !r->bad; i++)
        quic_read_integer(r);
}

static void
skip_ack(struct reader *r, bool ecn)
{
    skip_integers(r, 2); /* the largest number, the delay */
    uint64_t ranges = quic_read_integer(r);
    skip_integers(r, 1);
    skip_integers(r, 2 * ranges);
    if (ecn)
        skip_integers(r, 3);
}

/* 01ntllmm: more ranges follow (n), size of the largest number (l) and of ranges (m). */
static void
skip_google_ack(struct reader *r, uint8_t type)
{
    static const size_t sizes[] = {1, 2, 4, 6};
    enum { MORE_RANGES = 0x20, DELAY = 2, GAP = 1, FIRST_STAMP = 5, STAMP = 3 };
    size_t number = sizes[type >> 2 & 3], range = sizes[type & 3];
    read_bytes(r, number + DELAY);
    size_t ranges = type & MORE_RANGES ? read_u8(r) : 0;
    read_bytes(r, range + ranges * (GAP + range));
    size_t stamps = read_u8(r);
    read_bytes(r, stamps ? FIRST_STAMP + (stamps - 1) * STAMP : 0);
}

static bool
read_crypto(struct reader *r, struct quic_frame *frame)
{
    uint64_t offset = quic_read_integer(r);
    uint64_t length = quic_read_integer(r);
    struct bytes data = read_bytes(r, length < SIZE_MAX ? (size_t)length : SIZE_MAX);
    *frame = (struct quic_frame){.kind = QUIC_CRYPTO, .offset = offset, .data = data};
    return !r->bad;
}

static bool
read_close(struct reader *r, struct quic_frame *frame)
{
    *frame = (struct quic_frame){.kind = QUIC_CLOSE, .error = quic_read_integer(r)};
    bool good = !r->bad;
    reader_rest(r); /* nothing counts behind it */
    return good;
}

bool
quic_frame_next(struct reader *r, struct quic_frame *frame)
{
    while (reader_more(r)) {
        uint8_t type = read_u8(r);
        if (type >= FRAME_GOOGLE_ACK && type <= FRAME_GOOGLE_ACK_LAST) {
            skip_google_ack(r, type);
            continue;
        }
        switch (type) {
        case FRAME_PADDING:
        case FRAME_PING:
            break;
        case FRAME_ACK:
            skip_ack(r, false);
            break;
        case FRAME_ACK_ECN:
            skip_ack(r, true);
            break;
        case FRAME_CRYPTO:
        case FRAME_GOOGLE_CRYPTO:
            return read_crypto(r, frame);
        case FRAME_CONNECTION_CLOSE:
            return read_close(r, frame);
        default:
            return false;
        }
    }
    return false;
}
