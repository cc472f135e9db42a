/* SPDX-License-Identifier: Apache-2.0
 *
 * OpenVPN over TCP: the packets of its control channel and of its data, each behind two bytes of
 * length.
 */
#include "dissect/openvpn.h"

#include "dissect/conversation.h"
#include "dissect/preamble.h"

enum { LENGTH = 2, SHORTEST = 14, LONGEST_RESET = 256 };

struct stream {
    struct openvpn vpn;
    struct stream_side {
        uint8_t header[LENGTH + 1]; /* the length, and the packet's first byte */
        uint8_t header_len;
        uint8_t *packet; /* NULL: of no interest, or one that is passed over */
        size_t have;
        size_t left; /* bytes of the packet still to come */
        size_t room;
    } side[2];
};

static enum look
look_at(struct bytes begun)
{
    struct reader r = reader_over(begun);
    size_t length = read_u16(&r);
    uint8_t first = read_u8(&r);
    if (!begun.len || (begun.len < LENGTH && bytes_at(begun, 0) == 0))
        return LOOK_MAYBE;
    if (begun.len < LENGTH || length < SHORTEST || length > LONGEST_RESET)
        return LOOK_NOT_MINE;
    if (r.bad)
        return LOOK_MAYBE;
    if (!openvpn_controls(first))
        return LOOK_NOT_MINE;
    struct bytes packet = bytes_first(bytes_skip(begun, LENGTH), length);
    if (packet.len < length)
        return LOOK_MAYBE;
    return openvpn_begins(packet) ? LOOK_MINE : LOOK_NOT_MINE;
}

static enum look
look_openvpn(struct bytes originator, struct bytes responder)
{
    return look_at(originator.len ? originator : responder);
}

/* False: what came is no packet. */
static bool
begin_packet(struct stream_side *side, struct pool *pool)
{
    struct reader r = reader_over(bytes_of(side->header, sizeof side->header));
    size_t length = read_u16(&r);
    uint8_t first = read_u8(&r);
    side->header_len = 0;
    if (length == 0)
        return false;
    side->left = length - 1;
    if (!openvpn_controls(first) || length > OPENVPN_CONTROL_MOST)
        return true;
    side->packet = pool_take(pool, length);
    side->room = length;
    if (side->packet)
        side->packet[side->have++] = first;
    return true;
}

static void
drop_packet(struct stream_side *side, struct pool *pool)
{
    pool_give(pool, side->packet, side->room);
    side->packet = NULL;
    side->have = side->left = side->room = 0;
}

static void
hear_packet(struct stream *s, struct carried *tls, enum side from, struct bytes *data)
{
    struct stream_side *side = &s->side[from];
    struct bytes piece = bytes_first(*data, side->left);
    *data = bytes_skip(*data, piece.len);
    side->left -= piece.len;
    if (side->packet && piece.len) {
        memcpy(side->packet + side->have, piece.at, piece.len);
        side->have += piece.len;
    }
    if (side->left)
        return;
    if (side->packet)
        openvpn_hear(&s->vpn, tls, from, bytes_of(side->packet, side->have), 0);
    drop_packet(side, tls->talk->dissection->pool);
}

static bool
carry(void *state, struct carried *tls, enum side from, struct bytes data)
{
    struct stream *s = state;
    struct stream_side *side = &s->side[from];
    while (data.len) {
        if (side->left) {
            hear_packet(s, tls, from, &data);
            continue;
        }
        side->header[side->header_len++] = bytes_at(data, 0);
        data = bytes_skip(data, 1);
        if (side->header_len == sizeof side->header &&
            !begin_packet(side, tls->talk->dissection->pool))
            return false;
        if (side->packet && !side->left)
            hear_packet(s, tls, from, &data);
    }
    return true;
}

/* Numbers and acknowledgments tell which packets of the control channel are missing. Behind a gap
 * that is longer than its packet the next segment is taken for the beginning of one. */
static bool
carry_gap(void *state, struct carried *tls, enum side from, uint64_t missing)
{
    struct stream *s = state;
    struct stream_side *side = &s->side[from];
    size_t left = side->left > missing ? side->left - (size_t)missing : 0;
    drop_packet(side, tls->talk->dissection->pool);
    side->left = left;
    side->header_len = 0;
    return true;
}

static void
finish(void *state, struct carried *tls)
{
    struct stream *s = state;
    struct pool *pool = tls->talk->dissection->pool;
    openvpn_flush(&s->vpn, tls);
    openvpn_release(&s->vpn, pool);
    drop_packet(&s->side[ORIGINATOR], pool);
    drop_packet(&s->side[RESPONDER], pool);
}

const struct preamble openvpn_preamble = {
    .carrier = "openvpn",
    .look = look_openvpn,
    .state_size = sizeof(struct stream),
    .carry = carry,
    .carry_gap = carry_gap,
    .repeats = true,
    .finish = finish,
};
