/* SPDX-License-Identifier: Apache-2.0
 *
 * A control packet (see "OpenVPN wire protocol", its authors' draft, section 3): opcode and key in
 * a byte, the sender's session, with tls-auth an HMAC and a number and time against replay, the
 * numbers of the packets that it acknowledges and the session they were from, its own number, and
 * TLS.
 *
 * How long the HMAC is was agreed elsewhere. The packet that begins a session says nothing else
 * but a few zeros in known places, so that only one length fits.
 */
#include "dissect/openvpn.h"

#include "dissect/conversation.h"

enum opcode {
    HARD_RESET_CLIENT_1 = 1,
    HARD_RESET_SERVER_1 = 2,
    SOFT_RESET = 3,
    CONTROL = 4,
    ACKNOWLEDGE = 5,
    HARD_RESET_CLIENT_2 = 7,
    HARD_RESET_SERVER_2 = 8,
};

enum {
    KEY_BITS = 3,
    KEY_MASK = 7,
    REPLAY = 8, /* a number and a time, with an HMAC */
    ACKNOWLEDGED_MOST = 8,
};

/* Bytes of the HMAC: none, SHA-1 (the default), SHA-256, SHA-512, MD5, SHA-224, SHA-384. */
static const uint8_t layouts[] = {0, 20, 32, 64, 16, 28, 48};
enum { LAYOUTS = sizeof layouts / sizeof *layouts };

struct control {
    enum opcode opcode;
    uint8_t key;
    struct bytes session;
    unsigned acknowledged;
    uint32_t acknowledges[ACKNOWLEDGED_MOST];
    uint32_t number;
    struct bytes tls;
};

/* ---- Packets. */

bool
openvpn_controls(uint8_t first)
{
    unsigned opcode = first >> KEY_BITS;
    return (opcode >= HARD_RESET_CLIENT_1 && opcode <= ACKNOWLEDGE) ||
           opcode == HARD_RESET_CLIENT_2 || opcode == HARD_RESET_SERVER_2;
}

static bool
is_hard_reset(enum opcode opcode)
{
    return opcode == HARD_RESET_CLIENT_1 || opcode == HARD_RESET_SERVER_1 ||
           opcode == HARD_RESET_CLIENT_2 || opcode == HARD_RESET_SERVER_2;
}

static bool
read_control(struct bytes packet, size_t layout, struct control *control)
{
    struct reader r = reader_over(packet);
    uint8_t first = read_u8(&r);
    *control = (struct control){
        .opcode = (enum opcode)(first >> KEY_BITS),
        .key = first & KEY_MASK,
        .session = read_bytes(&r, OPENVPN_SESSION),
    };
    if (layouts[layout])
        read_bytes(&r, (size_t)(layouts[layout] + REPLAY));
    unsigned acknowledged = read_u8(&r);
    if (acknowledged > ACKNOWLEDGED_MOST)
        return false;
    for (unsigned i = 0; i < acknowledged; i++)
        control->acknowledges[i] = read_u32(&r);
    control->acknowledged = acknowledged;
    read_bytes(&r, acknowledged ? OPENVPN_SESSION : 0);
    if (control->opcode != ACKNOWLEDGE)
        control->number = read_u32(&r);
    bool good = !r.bad;
    control->tls = reader_rest(&r);
    return good;
}

/* A reset has number 0 and nothing behind it, a client's nothing to acknowledge; another packet
 * fits when a hello is in it. */
static bool
layout_fits(struct bytes packet, size_t layout)
{
    struct control c;
    if (!read_control(packet, layout, &c))
        return false;
    if (c.opcode == CONTROL)
        return tls_look(c.tls, false) == LOOK_MINE;
    if (!is_hard_reset(c.opcode) && c.opcode != SOFT_RESET)
        return false;
    return c.number == 0 && c.tls.len == 0 && c.acknowledged <= 1 &&
           (c.acknowledged == 0 || c.acknowledges[0] == 0);
}

static bool
find_layout(struct bytes packet, size_t *layout)
{
    for (size_t i = 0; i < LAYOUTS; i++)
        if (layout_fits(packet, i)) {
            *layout = i;
            return true;
        }
    return false;
}

bool
openvpn_begins(struct bytes packet)
{
    size_t layout;
    uint8_t first = bytes_at(packet, 0);
    unsigned opcode = first >> KEY_BITS;
    if (!openvpn_controls(first) || opcode == ACKNOWLEDGE || opcode == SOFT_RESET)
        return false;
    if (opcode != CONTROL && first & KEY_MASK)
        return false; /* a hard reset is for the first key */
    return find_layout(packet, &layout);
}

/* ---- Packets in the order of their numbers. */

static void
empty_slot(struct openvpn_waiting *slot, struct pool *pool)
{
    pool_give(pool, slot->at, slot->len);
    *slot = (struct openvpn_waiting){0};
}

static void
drop_waiting(struct openvpn_side *side, struct pool *pool)
{
    for (size_t i = 0; i < OPENVPN_WINDOW; i++)
        empty_slot(&side->waiting[i], pool);
}

static struct openvpn_waiting *
slot_of(struct openvpn_side *side, uint32_t number)
{
    return &side->waiting[number % OPENVPN_WINDOW];
}

static void
tell(struct openvpn *vpn, struct carried *tls, enum side from, struct bytes data, bool cut)
{
    vpn->talked = vpn->talked || data.len;
    carried_hear(tls, from, data);
    if (cut) {
        tls->talk->flow->cut = true;
        carried_gap(tls, from, MISSING_UNKNOWN);
    }
}

/* The packet whose turn it is: told, if it is there, or missed. */
static void
tell_next(struct openvpn *vpn, struct carried *tls, enum side from)
{
    struct openvpn_side *side = &vpn->side[from];
    struct openvpn_waiting *slot = slot_of(side, side->next);
    if (slot->what == SLOT_KEPT)
        tell(vpn, tls, from, bytes_of(slot->at, slot->len), slot->cut);
    else
        carried_gap(tls, from, MISSING_UNKNOWN);
    empty_slot(slot, tls->talk->dissection->pool);
    side->next++;
}

static bool
anything_waits(const struct openvpn_side *side)
{
    for (size_t i = 0; i < OPENVPN_WINDOW; i++)
        if (side->waiting[i].what == SLOT_KEPT)
            return true;
    return false;
}

/* An acknowledgment may overtake its packet on the way to the sensor: what it says is lost is
 * believed when something waits behind it. */
static void
tell_ready(struct openvpn *vpn, struct carried *tls, enum side from)
{
    struct openvpn_side *side = &vpn->side[from];
    while (slot_of(side, side->next)->what == SLOT_KEPT ||
           (slot_of(side, side->next)->what == SLOT_LOST && anything_waits(side)))
        tell_next(vpn, tls, from);
}

static void
flush_side(struct openvpn *vpn, struct carried *tls, enum side from)
{
    while (anything_waits(&vpn->side[from]))
        tell_next(vpn, tls, from);
    drop_waiting(&vpn->side[from], tls->talk->dissection->pool);
}

void
openvpn_flush(struct openvpn *vpn, struct carried *tls)
{
    flush_side(vpn, tls, ORIGINATOR);
    flush_side(vpn, tls, RESPONDER);
}

void
openvpn_release(struct openvpn *vpn, struct pool *pool)
{
    drop_waiting(&vpn->side[ORIGINATOR], pool);
    drop_waiting(&vpn->side[RESPONDER], pool);
}

static void
keep(struct openvpn_side *side, const struct control *c, bool cut, struct pool *pool)
{
    struct openvpn_waiting *slot = slot_of(side, c->number);
    if (slot->what == SLOT_KEPT)
        return; /* sent again */
    *slot = (struct openvpn_waiting){.what = SLOT_LOST};
    if (c->tls.len > OPENVPN_CONTROL_MOST)
        return;
    if (c->tls.len && !(slot->at = pool_take(pool, c->tls.len)))
        return;
    slot->what = SLOT_KEPT;
    slot->len = c->tls.len;
    slot->cut = cut;
    if (c->tls.len)
        memcpy(slot->at, c->tls.at, c->tls.len);
}

/* Numbers go round. */
static bool
is_old(const struct openvpn_side *side, uint32_t number)
{
    return (int32_t)(number - side->next) < 0;
}

static void
hear_numbered(
    struct openvpn *vpn, struct carried *tls, enum side from, const struct control *c, bool cut)
{
    struct openvpn_side *side = &vpn->side[from];
    if (!side->begun) {
        side->begun = true;
        side->next = c->number;
    }
    if (is_old(side, c->number))
        return;
    if (c->number - side->next >= 2 * OPENVPN_WINDOW) { /* too many at once are missing */
        flush_side(vpn, tls, from);
        carried_gap(tls, from, MISSING_UNKNOWN);
        side->next = c->number;
    }
    while (c->number - side->next >= OPENVPN_WINDOW)
        tell_next(vpn, tls, from);
    if (c->number == side->next) {
        empty_slot(slot_of(side, side->next), tls->talk->dissection->pool);
        side->next++;
        tell(vpn, tls, from, c->tls, cut);
    } else {
        keep(side, c, cut, tls->talk->dissection->pool);
    }
    tell_ready(vpn, tls, from);
}

/* What the other side acknowledges it has: if we have not, it will not be sent again. */
static void
hear_acknowledged(struct openvpn *vpn, struct carried *tls, enum side from, uint32_t number)
{
    struct openvpn_side *side = &vpn->side[from];
    if (!side->begun || is_old(side, number) || number - side->next >= OPENVPN_WINDOW)
        return;
    struct openvpn_waiting *slot = slot_of(side, number);
    if (slot->what == SLOT_EMPTY)
        slot->what = SLOT_LOST;
    tell_ready(vpn, tls, from);
}

/* ---- Sessions. */

static void
begin_side(struct openvpn_side *side, struct pool *pool)
{
    drop_waiting(side, pool);
    *side = (struct openvpn_side){0};
}

/* A handshake begins anew: what was said before belongs to the one before it. */
static void
begin_anew(struct openvpn *vpn, struct carried *tls, uint8_t key)
{
    openvpn_flush(vpn, tls);
    begin_side(&vpn->side[ORIGINATOR], tls->talk->dissection->pool);
    begin_side(&vpn->side[RESPONDER], tls->talk->dissection->pool);
    vpn->key = key;
    vpn->talked = false;
    carried_begin(tls);
}

static void
hear_reset(struct openvpn *vpn, struct carried *tls, enum side from, const struct control *c)
{
    struct openvpn_side *side = &vpn->side[from];
    bool same =
        side->has_session && bytes_equal(bytes_of(side->session, OPENVPN_SESSION), c->session);
    if (c->opcode == SOFT_RESET) {
        if (c->key != vpn->key)
            begin_anew(vpn, tls, c->key);
    } else if (!same && vpn->talked) {
        begin_anew(vpn, tls, 0);
    } else if (!same) {
        begin_side(side, tls->talk->dissection->pool); /* the partner's may be before it */
        vpn->key = 0;
    }
}

static bool
choose_layout(struct openvpn *vpn, struct bytes packet)
{
    if (!vpn->has_layout)
        vpn->has_layout = find_layout(packet, &vpn->layout);
    return vpn->has_layout;
}

void
openvpn_hear(
    struct openvpn *vpn, struct carried *tls, enum side from, struct bytes packet, uint32_t missing)
{
    struct openvpn_side *side = &vpn->side[from];
    struct control c;
    if (!openvpn_controls(bytes_at(packet, 0)) || !choose_layout(vpn, packet) ||
        !read_control(packet, vpn->layout, &c))
        return;
    if (is_hard_reset(c.opcode) || c.opcode == SOFT_RESET)
        hear_reset(vpn, tls, from, &c);
    if (c.key != vpn->key)
        return; /* of the handshake before, which goes on for a while */
    if (!side->has_session) {
        side->has_session = true;
        memcpy(side->session, c.session.at, OPENVPN_SESSION);
    } else if (!bytes_equal(bytes_of(side->session, OPENVPN_SESSION), c.session)) {
        return;
    }
    for (unsigned i = 0; i < c.acknowledged; i++)
        hear_acknowledged(vpn, tls, other_side(from), c.acknowledges[i]);
    if (c.opcode != ACKNOWLEDGE)
        hear_numbered(vpn, tls, from, &c, missing > 0);
}
