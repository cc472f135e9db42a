/* SPDX-License-Identifier: Apache-2.0
 *
 * The requests are the server's, the responses the supplicant's; each request has an identifier,
 * and its response repeats it (RFC 3748 section 4.1). A packet whose identifier is the latest's was
 * sent again. Where an identifier has no partner a packet was lost, and what was under way says
 * whether it can have held TLS: a message that goes on is only acknowledged (RFC 5216 section
 * 2.1.5).
 */
#include "dissect/eap.h"

#include "dissect/conversation.h"

enum {
    HEADER = 4,
    EXPANDED = 254, /* RFC 3748 section 5.7 */
    TLS = 13,
    TTLS = 21,
    PEAP = 25,
    FAST = 43,
    TEAP = 55,

    LENGTH_INCLUDED = 0x80,
    MORE_FRAGMENTS = 0x40,
    START = 0x20,
    OUTER_INCLUDED = 0x10, /* TEAP: the length of what stands behind the TLS data */

    CONVERSATIONS_MOST = 64, /* of a flow */
};
static const int64_t IDLE_NS = INT64_C(60) * 1000000000;

/* ---- The list. */

static void
unlink_eap(struct eap_list *list, struct eap *eap)
{
    *(eap->older ? &eap->older->newer : &list->oldest) = eap->newer;
    *(eap->newer ? &eap->newer->older : &list->newest) = eap->older;
}

static void
link_newest(struct eap_list *list, struct eap *eap)
{
    eap->older = list->newest;
    eap->newer = NULL;
    *(list->newest ? &list->newest->newer : &list->oldest) = eap;
    list->newest = eap;
}

void
eap_heard(struct eap_list *list, struct eap *eap)
{
    unlink_eap(list, eap);
    link_newest(list, eap);
}

void
eap_end(struct eap_list *list, struct eap *eap, enum flow_end why, uint64_t frame)
{
    struct pool *pool = eap->talk.dissection->pool;
    carried_end(&eap->tls, true, why, frame);
    unlink_eap(list, eap);
    list->count--;
    pool_give(pool, eap, list->size);
}

void
eap_end_all(struct eap_list *list, enum flow_end why, uint64_t frame)
{
    while (list->oldest)
        eap_end(list, list->oldest, why, frame);
}

/* ---- A conversation. */

/* It has waited long enough for what the server makes of the client. */
static void
settle(struct talk *talk, bool over, enum flow_end why, uint64_t frame)
{
    carried_end(&((struct eap *)talk)->tls, over, why, frame);
}

static const struct talk_kind kind = {.end = settle};

static void
fill_flow(struct flow *flow, const struct flow *outer, enum side client)
{
    *flow = (struct flow){
        .first_frame = outer->frame,
        .first_ns = outer->last_ns,
        .protocol = outer->protocol,
        .link_protocol = outer->link_protocol,
        .path = outer->path,
        .guessed = true,
    };
    for (int side = 0; side < 2; side++) {
        enum side theirs = side == ORIGINATOR ? client : other_side(client);
        flow->address[side] = outer->address[theirs];
        flow->port[side] = outer->port[theirs];
        memcpy(flow->path.l2[side], outer->path.l2[theirs], sizeof flow->path.l2[side]);
    }
}

struct eap *
eap_stale(const struct eap_list *list, const struct talk *outer)
{
    struct eap *oldest = list->oldest;
    bool idle = oldest && outer->flow->last_ns - oldest->flow.last_ns > IDLE_NS;
    return idle || list->count >= CONVERSATIONS_MOST ? oldest : NULL;
}

struct eap *
eap_begin(struct eap_list *list, const struct talk *outer, enum side client, const char *carrier)
{
    struct eap *eap = pool_take(outer->dissection->pool, list->size);
    if (!eap) {
        outer->dissection->counts.shed++;
        return NULL;
    }
    fill_flow(&eap->flow, outer->flow, client);
    eap->talk = (struct talk){.kind = &kind, .dissection = outer->dissection, .flow = &eap->flow};
    carried_open(&eap->tls, &eap->talk, carrier);
    eap->tls.judged = true;
    link_newest(list, eap);
    list->count++;
    return eap;
}

/* ---- Packets. */

bool
eap_header_read(struct bytes packet, struct eap_header *header)
{
    struct reader r = reader_over(packet);
    *header = (struct eap_header){.code = read_u8(&r), .id = read_u8(&r), .length = read_u16(&r)};
    bool typed = header->code == EAP_REQUEST || header->code == EAP_RESPONSE;
    if (typed)
        header->type = read_u8(&r);
    if (r.bad || header->code < EAP_REQUEST || header->code > EAP_FAILURE)
        return false;
    return typed ? header->length > HEADER && header->type > 0 : header->length == HEADER;
}

static void
note_packet(struct eap *eap, const struct flow *outer, enum side from, const struct bytes *packet)
{
    struct flow *flow = &eap->flow;
    flow->packets[from]++;
    flow->payload[from] += packet->len;
    flow->frame = outer->frame;
    flow->last_ns = outer->last_ns;
}

/* Was a packet lost that stood between this one and the other side's latest? The other side's turn
 * was the one that is not there. */
static bool
turn_lost(const struct eap *eap, enum side from, uint8_t id)
{
    enum side other = other_side(from);
    if (!eap->method || !eap->side[from].spoken || eap->side[from].more)
        return false;
    return from == RESPONDER ? !eap->answered
                             : eap->side[other].spoken && eap->side[other].id != id;
}

static bool
carries_tls(uint8_t type)
{
    return type == TLS || type == TTLS || type == PEAP || type == FAST || type == TEAP;
}

/* The type, where an expanded one says the same in eight bytes. */
static uint8_t
read_type(struct reader *r)
{
    enum { LARGEST = 255 };
    uint8_t type = read_u8(r);
    if (type != EXPANDED)
        return type;
    uint32_t vendor = read_u24(r);
    uint32_t vendor_type = read_u32(r);
    return (uint8_t)(vendor == 0 && vendor_type < LARGEST ? vendor_type : EXPANDED);
}

/* A piece of a side's TLS message, and whether it ends it. */
static void
hear_piece(struct eap *eap, enum side from, struct bytes data, bool more, bool cut)
{
    struct eap_side *side = &eap->side[from];
    side->have += (uint32_t)data.len;
    bool short_of = !more && side->total > side->have && !cut;
    if (short_of)
        carried_gap(&eap->tls, from, MISSING_UNKNOWN); /* a fragment before this one */
    carried_hear(&eap->tls, from, data);
    if (cut) {
        eap->flow.cut = true;
        carried_gap(&eap->tls, from, MISSING_UNKNOWN);
    }
    side->more = more;
    if (!more)
        side->total = side->have = 0;
}

static void
hear_method(struct eap *eap, enum side from, uint8_t type, struct reader *r, uint32_t missing)
{
    struct eap_side *side = &eap->side[from];
    uint8_t flags = read_u8(r);
    if (r->bad)
        return;
    if (flags & START && from == RESPONDER) {
        carried_begin(&eap->tls);
        eap->method = type;
        eap->flow.guessed = false;
        eap->side[ORIGINATOR].more = eap->side[RESPONDER].more = false;
        return; /* what FAST says of its authority here is no TLS */
    }
    eap->method = type;
    uint32_t total = flags & LENGTH_INCLUDED ? read_u32(r) : 0;
    size_t outer = type == TEAP && flags & OUTER_INCLUDED ? read_u32(r) : 0;
    if (!side->more)
        side->total = total;
    size_t left = reader_left(r);
    outer = outer > missing ? outer - missing : 0;
    struct bytes data = read_bytes(r, left > outer ? left - outer : 0);
    if (data.len || side->more)
        hear_piece(eap, from, data, flags & MORE_FRAGMENTS, missing > 0);
}

/* A request or a response. */
static void
hear_turn(struct eap *eap, enum side from, struct bytes packet, uint32_t missing)
{
    struct reader r = reader_over(packet);
    struct eap_side *side = &eap->side[from];
    read_u8(&r); /* code */
    uint8_t id = read_u8(&r);
    read_u16(&r); /* length */
    if (side->spoken && side->id == id)
        return; /* sent again */
    uint8_t type = read_type(&r);
    if (type == EAP_IDENTITY)
        eap->flow.guessed = false;
    if (turn_lost(eap, from, id))
        carried_gap(&eap->tls, other_side(from), MISSING_UNKNOWN);
    side->spoken = true;
    side->id = id;
    eap->answered = from == ORIGINATOR;
    if (carries_tls(type) && !r.bad)
        hear_method(eap, from, type, &r, missing);
}

bool
eap_hear(struct eap *eap, const struct talk *outer, struct bytes packet, uint32_t missing)
{
    struct eap_header header;
    if (!eap_header_read(packet, &header))
        return true;
    enum side from = header.code == EAP_RESPONSE ? ORIGINATOR : RESPONDER;
    size_t there = packet.len;
    packet = bytes_first(packet, header.length); /* padding may follow */
    if (there + missing < header.length)
        return true; /* what its sender left out is not there either */
    missing = (uint32_t)(header.length - packet.len);
    note_packet(eap, outer->flow, from, &packet);
    if (header.code == EAP_SUCCESS || header.code == EAP_FAILURE) {
        carried_judge(&eap->tls, header.code == EAP_SUCCESS ? OUTCOME_ACCEPTED : OUTCOME_REJECTED);
        return false;
    }
    hear_turn(eap, from, packet, missing);
    return true;
}
