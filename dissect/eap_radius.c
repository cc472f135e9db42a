/* SPDX-License-Identifier: Apache-2.0
 *
 * One flow carries the conversations of many supplicants at once. An answer belongs to the request
 * with its identifier (RFC 2865 section 3); the next request repeats the State of the answer
 * (section 5.24). Where packets are missing, the supplicant's own address and name, or the EAP
 * identifiers, which most servers count upwards, bring together what belongs together.
 *
 * A proxy hands the packets on in a flow of its own, which is told as well.
 */
#include "dissect/eap_radius.h"

#include "base/hash.h"
#include "dissect/conversation.h"
#include "dissect/eap.h"

enum {
    HEADER = 20,
    RADIUS_MOST = 4096,
    IDENTIFIERS = 256,

    ACCESS_REQUEST = 1,
    ACCESS_ACCEPT = 2,
    ACCESS_REJECT = 3,
    ACCESS_CHALLENGE = 11,

    USER_NAME = 1,
    NAS_PORT = 5,
    STATE = 24,
    CALLING_STATION = 31,
    NAS_IDENTIFIER = 32,
    EAP_MESSAGE = 79,
};

/* A packet, as far as it is of use. */
struct radius_packet {
    uint8_t code;
    uint8_t identifier;
    uint64_t authenticator; /* these three are hashes; 0: not there */
    uint64_t state;
    uint64_t station; /* who asks, as the attributes say */
    bool has_hardware;
    uint8_t hardware[6]; /* the supplicant's address */
    bool has_eap;
    uint8_t eap[RADIUS_MOST];
    size_t eap_len;
    uint32_t missing; /* bytes of attributes that were not captured */
};

struct conversation_of_radius {
    struct eap eap; /* first, so that the list can hold it */
    uint64_t state; /* of the latest answer */
    uint64_t station;
};

struct radius {
    struct talk talk;
    struct eap_list list;
    struct pending {
        struct conversation_of_radius *asker;
        uint64_t authenticator;
    } pending[IDENTIFIERS]; /* the latest request with each identifier */
};

/* ---- Reading. */

/* Stands for bytes that are only compared. Never 0. */
static uint64_t
mark_of(struct bytes bytes)
{
    static const struct hash_key fixed = {.low = UINT64_C(0x7261646975730000), .high = 1};
    return hash_bytes(fixed, bytes) | 1;
}

static bool
access_code(uint8_t code)
{
    return code == ACCESS_REQUEST || code == ACCESS_ACCEPT || code == ACCESS_REJECT ||
           code == ACCESS_CHALLENGE;
}

/* "00-11-22-AA-BB-CC", with whatever parts the digits, and perhaps the network's name behind it
 * (RFC 3580 section 3.21). */
static void
read_station(struct radius_packet *packet, struct bytes value)
{
    char digits[2 * sizeof packet->hardware];
    size_t count = 0;
    size_t len;
    for (size_t i = 0; i < value.len && count < sizeof digits; i++) {
        uint8_t c = bytes_at(value, i);
        if (c != '-' && c != ':' && c != '.')
            digits[count++] = (char)c;
    }
    packet->has_hardware =
        count == sizeof digits &&
        bytes_from_hex(bytes_of(digits, count), packet->hardware, sizeof packet->hardware, &len);
}

static void
read_attribute(struct radius_packet *packet, uint8_t type, struct bytes value)
{
    switch (type) {
    case STATE:
        packet->state = mark_of(value);
        break;
    case CALLING_STATION:
        read_station(packet, value);
        packet->station += mark_of(value);
        break;
    case USER_NAME:
    case NAS_PORT:
    case NAS_IDENTIFIER:
        packet->station += mark_of(value) + type;
        break;
    case EAP_MESSAGE:
        packet->has_eap = true;
        if (value.len)
            memcpy(packet->eap + packet->eap_len, value.at, value.len);
        packet->eap_len += value.len;
        break;
    default:
        break;
    }
}

/* The fixed part; `attributes` are what there is of the rest. */
static bool
read_header(
    struct bytes datagram, uint32_t *missing, struct radius_packet *packet, struct reader *rest)
{
    enum { AUTHENTICATOR = 16, ATTRIBUTE_HEADER = 2 };
    struct reader r = reader_over(datagram);
    packet->code = read_u8(&r);
    packet->identifier = read_u8(&r);
    size_t length = read_u16(&r);
    struct bytes authenticator = read_bytes(&r, AUTHENTICATOR);
    if (r.bad || !access_code(packet->code) || length > RADIUS_MOST ||
        length < HEADER + ATTRIBUTE_HEADER || length > datagram.len + *missing)
        return false;
    packet->authenticator = mark_of(authenticator);
    struct bytes attributes = bytes_first(bytes_skip(datagram, HEADER), length - HEADER);
    *missing = (uint32_t)(length - HEADER - attributes.len);
    *rest = reader_over(attributes);
    return true;
}

/* All attributes must fit together (RFC 2865 section 5): what else begins with such a number does
 * not. */
static bool
read_packet(struct bytes datagram, uint32_t missing, struct radius_packet *packet)
{
    struct reader r;
    *packet = (struct radius_packet){0};
    if (!read_header(datagram, &missing, packet, &r))
        return false;
    while (reader_more(&r)) {
        uint8_t type = read_u8(&r);
        size_t length = read_u8(&r);
        if (type == 0 || length < 2 || (reader_left(&r) < length - 2 && !missing))
            return false;
        size_t there = reader_left(&r);
        struct bytes value = read_bytes(&r, length - 2 < there ? length - 2 : there);
        read_attribute(packet, type, value);
    }
    packet->missing = missing;
    return !r.bad || missing;
}

static bool
is_from_client(const struct radius_packet *packet)
{
    return packet->code == ACCESS_REQUEST;
}

/* ---- Whose packet is it? */

static struct conversation_of_radius *
next_of(struct conversation_of_radius *c)
{
    return (struct conversation_of_radius *)(void *)c->eap.older; /* newest first */
}

static struct conversation_of_radius *
newest_of(const struct radius *radius)
{
    return (struct conversation_of_radius *)(void *)radius->list.newest;
}

static void
end_conversation(struct radius *radius, struct conversation_of_radius *c, enum flow_end why)
{
    for (size_t i = 0; i < IDENTIFIERS; i++)
        if (radius->pending[i].asker == c)
            radius->pending[i].asker = NULL;
    eap_end(&radius->list, &c->eap, why, radius->talk.flow->frame);
}

static struct conversation_of_radius *
begin_conversation(struct radius *radius, enum side client)
{
    struct eap *stale;
    while ((stale = eap_stale(&radius->list, &radius->talk)))
        end_conversation(radius, (struct conversation_of_radius *)(void *)stale, FLOW_IDLE);
    struct conversation_of_radius *c = (struct conversation_of_radius *)(void *)eap_begin(
        &radius->list, &radius->talk, client, "eap-radius");
    return c;
}

/* What a packet tells of its conversation, so that later ones are recognised. */
static void
learn(struct conversation_of_radius *c, const struct radius_packet *packet)
{
    if (packet->has_hardware)
        memcpy(c->eap.flow.path.l2[ORIGINATOR], packet->hardware, sizeof packet->hardware);
    if (is_from_client(packet))
        c->station = packet->station;
    else if (packet->state)
        c->state = packet->state;
}

/* A first request has no State, as a rule. */
static struct conversation_of_radius *
find_asker(struct radius *radius, const struct radius_packet *packet, enum side client)
{
    struct pending *pending = &radius->pending[packet->identifier];
    if (pending->asker && pending->authenticator == packet->authenticator)
        return pending->asker; /* sent again */
    struct conversation_of_radius *found = NULL;
    for (struct conversation_of_radius *c = newest_of(radius); c && packet->state; c = next_of(c)) {
        if (c->state == packet->state) {
            found = c;
            break;
        }
        if (!found && c->station && c->station == packet->station)
            found = c;
    }
    if (!found)
        found = begin_conversation(radius, client);
    *pending = (struct pending){found, packet->authenticator};
    return found;
}

/* The one whose EAP identifiers this packet continues; NULL when there are several. */
static struct conversation_of_radius *
find_continued(struct radius *radius, uint8_t id)
{
    struct conversation_of_radius *found = NULL;
    for (struct conversation_of_radius *c = newest_of(radius); c; c = next_of(c)) {
        const struct eap_side *side = c->eap.side;
        bool continued = (side[RESPONDER].spoken && (uint8_t)(side[RESPONDER].id + 1) == id) ||
                         (side[ORIGINATOR].spoken && (uint8_t)(side[ORIGINATOR].id + 1) == id);
        if (continued && found)
            return NULL;
        if (continued)
            found = c;
    }
    return found;
}

static struct conversation_of_radius *
find_asked(struct radius *radius, const struct radius_packet *packet, enum side client)
{
    struct eap_header header;
    struct conversation_of_radius *found = radius->pending[packet->identifier].asker;
    if (found || !eap_header_read(bytes_of(packet->eap, packet->eap_len), &header) ||
        header.code != EAP_REQUEST)
        return found;
    found = find_continued(radius, header.id);
    return found ? found : begin_conversation(radius, client);
}

/* ---- The talk. */

static enum look
look_inside(struct bytes datagram, uint32_t missing)
{
    struct radius_packet packet;
    if (!read_packet(datagram, missing, &packet))
        return LOOK_NOT_MINE;
    struct eap_header header;
    bool eap =
        packet.has_eap &&
        (packet.eap_len == 0 || eap_header_read(bytes_of(packet.eap, packet.eap_len), &header));
    return eap ? LOOK_MINE : LOOK_MAYBE;
}

static enum look
look(const struct flow *flow, struct bytes datagram, uint32_t missing)
{
    bool may_be = flow->protocol && access_code(bytes_at(datagram, 0));
    return may_be ? look_inside(datagram, missing) : LOOK_NOT_MINE;
}

static struct talk *
begin(struct dissection *dissection, struct flow *flow)
{
    struct radius *radius = pool_take(dissection->pool, sizeof *radius);
    if (!radius)
        return NULL;
    radius->talk = (struct talk){.kind = &eap_radius_talk, .dissection = dissection, .flow = flow};
    radius->list.size = sizeof(struct conversation_of_radius);
    return &radius->talk;
}

/* The code says how it came out, even where the EAP packet was left out. */
static void
judge(struct radius *radius, struct conversation_of_radius *c, uint8_t code)
{
    carried_judge(&c->eap.tls, code == ACCESS_ACCEPT ? OUTCOME_ACCEPTED : OUTCOME_REJECTED);
    end_conversation(radius, c, FLOW_CLOSED);
}

static void
hear(struct talk *talk, enum side from, struct bytes datagram, uint32_t missing)
{
    struct radius *radius = (struct radius *)talk;
    struct radius_packet packet;
    if (!read_packet(datagram, missing, &packet))
        return;
    enum side client = is_from_client(&packet) ? from : other_side(from);
    bool last = packet.code == ACCESS_ACCEPT || packet.code == ACCESS_REJECT;
    if (!packet.has_eap && !last)
        return;
    struct conversation_of_radius *c = is_from_client(&packet)
                                           ? find_asker(radius, &packet, client)
                                           : find_asked(radius, &packet, client);
    if (!c)
        return;
    eap_heard(&radius->list, &c->eap);
    learn(c, &packet);
    struct bytes eap = bytes_of(packet.eap, packet.eap_len);
    if (!eap_hear(&c->eap, talk, eap, packet.missing))
        end_conversation(radius, c, FLOW_CLOSED);
    else if (last)
        judge(radius, c, packet.code);
}

static void
end(struct talk *talk, bool over, enum flow_end why, uint64_t frame)
{
    struct radius *radius = (struct radius *)talk;
    (void)over;
    eap_end_all(&radius->list, why, frame);
    talk->flow->dissection = NULL;
    talk->flow->quiet = true;
    pool_give(talk->dissection->pool, radius, sizeof *radius);
}

const struct talk_kind eap_radius_talk = {
    .look = look, .begin = begin, .datagram = hear, .end = end};
