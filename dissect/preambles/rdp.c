/* SPDX-License-Identifier: Apache-2.0
 *
 * RDP (MS-RDPBCGR section 2.2.1): an X.224 connection request and its confirmation, each in a TPKT
 * packet (RFC 1006). When the confirmation chooses TLS or CredSSP, TLS follows.
 */
#include "dissect/gather.h"
#include "dissect/preamble.h"

enum {
    TPKT = 3,
    TPKT_HEADER = 4,
    CONNECTION_REQUEST = 0xe0,
    CONNECTION_CONFIRM = 0xd0,
    X224_HEADER = 7,
    NEGOTIATION_RESPONSE = 2,
};

struct rdp {
    struct gather side[2];
    bool asked;
};

static enum look
look_rdp(struct bytes originator, struct bytes responder)
{
    (void)responder;
    struct reader r = reader_over(originator);
    uint8_t version = read_u8(&r);
    uint8_t reserved = read_u8(&r);
    uint16_t length = read_u16(&r);
    uint8_t x224 = read_u8(&r);
    uint8_t type = read_u8(&r);
    if (!originator.len)
        return LOOK_MAYBE;
    if (bytes_at(originator, 0) != TPKT || bytes_at(originator, 1) != 0)
        return LOOK_NOT_MINE;
    if (r.bad)
        return LOOK_MAYBE;
    return version == TPKT && reserved == 0 && type == CONNECTION_REQUEST &&
                   length == TPKT_HEADER + 1 + x224 && length < GATHER_MOST
               ? LOOK_MINE
               : LOOK_NOT_MINE;
}

static bool
take_packet(struct gather *g, struct bytes *data, struct bytes *packet, bool *broken)
{
    if (!gather(g, data, TPKT_HEADER))
        return false;
    struct reader r = reader_over(bytes_skip(gathered(g), 2));
    size_t length = read_u16(&r);
    *broken = bytes_at(gathered(g), 0) != TPKT || length < TPKT_HEADER || length > GATHER_MOST;
    if (*broken || !gather(g, data, length))
        return false;
    *packet = gathered(g);
    return true;
}

/* Does the confirmation choose a protocol that is TLS? Without a negotiation response it is RDP's
 * own security. */
static bool
chooses_tls(struct bytes packet)
{
    struct reader r = reader_over(bytes_skip(packet, TPKT_HEADER));
    read_u8(&r); /* length */
    uint8_t type = read_u8(&r);
    read_bytes(&r, X224_HEADER - 2);
    uint8_t kind = read_u8(&r);
    read_bytes(&r, 3); /* flags, length */
    uint32_t protocol = (uint32_t)read_little_endian(&r, 4);
    return !r.bad && type == CONNECTION_CONFIRM && kind == NEGOTIATION_RESPONSE && protocol != 0;
}

static enum preamble_step
hear_rdp(void *state, enum side from, struct bytes *data)
{
    struct rdp *rdp = state;
    struct bytes packet;
    bool broken = false;
    while (data->len) {
        if (from == ORIGINATOR && rdp->asked && tls_look(*data, false) == LOOK_MINE)
            return PREAMBLE_UPGRADED;
        if (!take_packet(&rdp->side[from], data, &packet, &broken))
            return broken ? PREAMBLE_NEVER : PREAMBLE_TALKING;
        gather_next(&rdp->side[from], 0);
        if (from == RESPONDER)
            return chooses_tls(packet) ? PREAMBLE_UPGRADED : PREAMBLE_NEVER;
        rdp->asked = true;
    }
    return PREAMBLE_TALKING;
}

const struct preamble rdp_preamble = {
    .carrier = "rdp",
    .look = look_rdp,
    .state_size = sizeof(struct rdp),
    .hear = hear_rdp,
};
