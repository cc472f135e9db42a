/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/quic.h"

#include "dissect/conversation.h"
#include "dissect/keys/quic_opening.h"
#include "dissect/message.h"
#include "dissect/quic_frames.h"
#include "dissect/quic_keys.h"
#include "dissect/quic_stream.h"

enum {
    DATAGRAMS_MOST = 64, /* of a flow in which hellos may still come */
    PACKETS_MOST = 8,    /* coalesced in one; each may cost the making of keys */
    KEPT_MOST = 4,       /* Initial packets that wait for their keys */
    KEPT_LONGEST = 2048,
    OPENINGS_MOST = 3,
};

/* Keys that opened something, and what they follow from. The id changes with a Retry; the version
 * may change when the server answers (RFC 9368). */
struct opening {
    uint32_t version;
    uint8_t id_len;
    uint8_t id[QUIC_ID_MOST];
    struct quic_keys keys[2]; /* by enum role */
};

struct kept {
    enum side from;
    size_t len;
    uint8_t bytes[];
};

struct quic_side {
    struct quic_stream stream;
    struct message_collector collector;
    uint64_t largest; /* packet number */
    bool initials;    /* it sent Initial packets, whether or not they could be opened */
    bool further;     /* and what only comes after its hello */
    bool cut;         /* the capture holds only the beginning of one */
};

struct quic {
    struct talk talk;
    struct handshake *handshake; /* NULL until a packet was opened */
    unsigned datagrams;
    unsigned openings;
    struct opening opening[OPENINGS_MOST]; /* the latest first */
    enum side client;                      /* a guess until there is a handshake */
    bool refused;                          /* its version, by a Version Negotiation packet */
    bool over;                             /* what comes will tell no more */
    struct quic_side side[2];
    struct kept *kept[KEPT_MOST];
    struct quic_opening *behind; /* the hellos; NULL without keys */
};

/* ---- Beginning and end. */

static enum look
look(const struct flow *flow, struct bytes datagram, uint32_t missing)
{
    enum { LONG_AND_FIXED = 0xc0 };
    struct quic_packet packet;
    (void)flow;
    (void)missing;
    if ((bytes_at(datagram, 0) & LONG_AND_FIXED) != LONG_AND_FIXED)
        return LOOK_NOT_MINE;
    bool good = quic_packet_next(&datagram, &packet) && packet.kind != QUIC_NEGOTIATION &&
                packet.kind != QUIC_UNKNOWN;
    return good ? LOOK_MINE : LOOK_NOT_MINE;
}

static struct talk *
begin(struct dissection *dissection, struct flow *flow)
{
    struct quic *q = pool_take(dissection->pool, sizeof *q);
    if (!q)
        return NULL;
    q->talk = (struct talk){.kind = &quic_talk, .dissection = dissection, .flow = flow};
    for (int side = 0; side < 2; side++) {
        q->side[side].stream.pool = dissection->pool;
        q->side[side].collector.pool = dissection->pool;
        q->side[side].largest = UINT64_MAX;
    }
    return &q->talk;
}

static void
drop_kept(struct quic *q)
{
    for (size_t i = 0; i < KEPT_MOST; i++) {
        if (q->kept[i])
            pool_give(q->talk.dissection->pool, q->kept[i], sizeof *q->kept[i] + q->kept[i]->len);
        q->kept[i] = NULL;
    }
}

static void
close_behind(struct quic *q)
{
    if (q->behind)
        quic_opening_end(q->behind);
    q->behind = NULL;
}

static bool
ensure_handshake(struct quic *q)
{
    if (q->handshake)
        return true;
    q->handshake = handshake_new(q->talk.dissection, q->talk.flow);
    if (!q->handshake) {
        q->talk.dissection->counts.shed++;
        q->over = true;
        return false;
    }
    q->handshake->transport = JA4_QUIC;
    q->handshake->session.carrier = "quic";
    return true;
}

/* Why is a hello that was sent not here? Its side's Initial packets could not be opened, or only
 * what follows them was captured. */
static void
tell_losses(struct quic *q)
{
    for (int side = 0; side < 2; side++) {
        const struct quic_side *s = &q->side[side];
        bool client = side == (int)q->client;
        bool heard = client ? q->handshake->session.has_hello : q->handshake->session.has_answer;
        if (s->cut)
            handshake_lose(q->handshake, side, REASON_CUT);
        else if (!heard && (s->initials || s->further))
            handshake_lose(q->handshake, side, REASON_GAP);
    }
}

/* Nothing could be opened: the client's first packet was not captured, or not all of it. That there
 * was a handshake is told all the same. Whoever sends Initial packets that do not open with the id
 * they are sent to is the server, or answers one. */
static void
tell_blind(struct quic *q)
{
    bool one_way = q->side[ORIGINATOR].initials != q->side[RESPONDER].initials;
    bool any = q->side[ORIGINATOR].initials || q->side[RESPONDER].initials;
    if (q->handshake || !any || !ensure_handshake(q))
        return;
    enum side sender = q->side[ORIGINATOR].initials ? ORIGINATOR : RESPONDER;
    bool is_server = one_way && !q->side[sender].cut;
    q->client = is_server ? other_side(sender) : sender;
    handshake_begin(q->handshake, q->client);
}

static void
end(struct talk *talk, bool over, enum flow_end why, uint64_t frame)
{
    struct quic *q = (struct quic *)talk;
    struct dissection *d = talk->dissection;
    if (talk_put_off(talk, over, why)) {
        q->handshake->flow = talk->flow;
        return;
    }
    tell_blind(q);
    close_behind(q);
    if (q->handshake) {
        tell_losses(q);
        handshake_tell(d, q->handshake, over, why, frame);
    }
    for (int side = 0; side < 2; side++) {
        quic_stream_reset(&q->side[side].stream);
        message_reset(&q->side[side].collector);
    }
    drop_kept(q);
    talk_leave(talk);
    pool_give(d->pool, q, sizeof *q);
}

/* ---- Messages. */

/* In the clear there are two: all others would have been forged. */
static void
hear_message(struct quic *q, enum side from, uint8_t type, struct bytes body)
{
    uint8_t expected = from == q->client ? MESSAGE_CLIENT_HELLO : MESSAGE_SERVER_HELLO;
    if (type == expected) {
        handshake_hear(q->handshake, from, type, body);
    } else {
        handshake_lose(q->handshake, from, REASON_MALFORMED);
        q->over = true;
    }
}

static void
hear_stream(struct quic *q, enum side from, struct bytes data)
{
    struct message_collector *collector = &q->side[from].collector;
    while (!q->over) {
        uint8_t type;
        struct bytes body;
        switch (message_next(collector, &data, &type, &body)) {
        case MESSAGE_NONE:
            if (from == q->client && message_unfinished(collector))
                handshake_begin(q->handshake, from);
            return;
        case MESSAGE_WHOLE:
            hear_message(q, from, type, body);
            break;
        case MESSAGE_TOO_LARGE:
            handshake_lose(q->handshake, from, REASON_TOO_LARGE);
            break;
        case MESSAGE_NO_ROOM:
            handshake_lose(q->handshake, from, REASON_SHED);
            break;
        }
    }
}

static void
hear_crypto(struct quic *q, enum side from, uint64_t offset, struct bytes data)
{
    struct quic_stream *stream = &q->side[from].stream;
    if (!quic_stream_take(stream, offset, data)) {
        bool far = offset > QUIC_STREAM_MOST || data.len > QUIC_STREAM_MOST - offset;
        handshake_lose(q->handshake, from, far ? REASON_TOO_LARGE : REASON_SHED);
    }
    if (from == q->client)
        handshake_begin(q->handshake, from);
    for (;;) {
        struct bytes next = quic_stream_next(stream);
        if (next.len == 0)
            break;
        hear_stream(q, from, next);
    }
}

/* ---- Frames. */

/* An alert of TLS is an error code of QUIC (RFC 9001 section 4.8). */
static void
hear_close(struct quic *q, enum side from, uint64_t error)
{
    enum { CRYPTO_ERROR = 0x100, FATAL = 2 };
    if (error >> 8 == CRYPTO_ERROR >> 8)
        handshake_alert(q->handshake, from, FATAL, (uint8_t)error);
    q->over = true;
}

static void
hear_frames(struct quic *q, enum side from, struct bytes frames)
{
    struct reader r = reader_over(frames);
    struct quic_frame frame;
    while (!q->over && quic_frame_next(&r, &frame)) {
        if (frame.kind == QUIC_CRYPTO)
            hear_crypto(q, from, frame.offset, frame.data);
        else
            hear_close(q, from, frame.error);
    }
}

/* ---- Keys. */

static bool
try_opening(struct quic *q, enum side from, const struct opening *opening,
    const struct quic_packet *packet, struct bytes *frames)
{
    enum role role = from == q->client ? CLIENT : SERVER;
    return quic_packet_open(q->talk.dissection->quic_opener, &opening->keys[role], packet,
        &q->side[from].largest, frames);
}

static void
add_opening(struct quic *q, const struct opening *opening)
{
    for (size_t i = OPENINGS_MOST - 1; i > 0; i--)
        q->opening[i] = q->opening[i - 1];
    q->opening[0] = *opening;
    if (q->openings < OPENINGS_MOST)
        q->openings++;
}

/* Keys of a version for an id, as one of its ways has them, kept when they open the packet. Of a
 * packet that is cut nothing can prove them: they are kept for what may follow. */
static bool
try_new(struct quic *q, enum side from, struct bytes id, const struct quic_packet *packet,
    struct bytes *frames)
{
    struct quic_opener *opener = q->talk.dissection->quic_opener;
    struct opening opening = {.version = packet->version, .id_len = (uint8_t)id.len};
    const struct quic_version *version;
    if (id.len > sizeof opening.id)
        return false;
    if (id.len)
        memcpy(opening.id, id.at, id.len);
    for (unsigned nth = 0; (version = quic_version_find(packet->version, nth)); nth++) {
        if (!quic_keys_derive(opener, version, id, opening.keys))
            return false;
        if (!packet->cut && !try_opening(q, from, &opening, packet, frames))
            continue;
        add_opening(q, &opening);
        return !packet->cut;
    }
    return false;
}

/* The client began anew, to an id that the server chose in its Retry: its stream does too. */
static void
begin_anew(struct quic *q)
{
    for (int side = 0; side < 2; side++) {
        quic_stream_reset(&q->side[side].stream);
        message_reset(&q->side[side].collector);
    }
}

/* The client's first packet opens with the id that it is sent to, and no other packet does. */
static bool
open_first(struct quic *q, enum side from, const struct quic_packet *packet, struct bytes *frames)
{
    enum side client = q->client;
    uint64_t largest = q->side[from].largest;
    q->client = from;
    if (try_new(q, from, packet->to, packet, frames)) {
        if (q->handshake)
            begin_anew(q);
        return true;
    }
    if (!packet->cut)
        q->client = client;
    q->side[from].largest = largest;
    return false;
}

static bool
open_packet(struct quic *q, enum side from, const struct quic_packet *packet, struct bytes *frames)
{
    bool version_known = false;
    if (packet->cut)
        return q->openings == 0 && open_first(q, from, packet, frames);
    for (size_t i = 0; i < q->openings; i++) {
        if (q->opening[i].version != packet->version)
            continue;
        version_known = true;
        if (try_opening(q, from, &q->opening[i], packet, frames))
            return true;
    }
    if (q->openings && !version_known) {
        const struct opening latest = q->opening[0];
        if (try_new(q, from, bytes_of(latest.id, latest.id_len), packet, frames))
            return true;
    }
    return (!q->handshake || from == q->client) && open_first(q, from, packet, frames);
}

/* ---- Packets. */

static void
keep(struct quic *q, enum side from, const struct quic_packet *packet)
{
    struct bytes whole = bytes_of(packet->header.at, packet->header.len + packet->body.len);
    for (size_t i = 0; i < KEPT_MOST && whole.len <= KEPT_LONGEST; i++) {
        if (q->kept[i])
            continue;
        q->kept[i] = pool_take(q->talk.dissection->pool, sizeof *q->kept[i] + whole.len);
        if (!q->kept[i])
            return;
        q->kept[i]->from = from;
        q->kept[i]->len = whole.len;
        memcpy(q->kept[i]->bytes, whole.at, whole.len);
        return;
    }
}

/* The server knows none of the versions, and what the client says next is another connection: the
 * hello that was refused says nothing of it. */
static void
forget_refused(struct quic *q)
{
    q->refused = false;
    close_behind(q);
    if (q->handshake)
        session_release(&q->handshake->session);
    q->handshake = NULL;
    begin_anew(q);
}

/* True when it was opened. */
static bool
hear_initial(struct quic *q, enum side from, const struct quic_packet *packet)
{
    struct bytes frames;
    bool again = q->refused && packet->version != q->opening[0].version;
    if (!open_packet(q, from, packet, &frames))
        return false;
    if (again && from == q->client)
        forget_refused(q);
    if (ensure_handshake(q))
        hear_frames(q, from, frames);
    return true;
}

/* Packets may have overtaken the one that their keys follow from. */
static void
hear_kept(struct quic *q)
{
    for (size_t i = 0; i < KEPT_MOST && !q->over; i++) {
        struct quic_packet packet;
        struct kept *kept = q->kept[i];
        if (!kept)
            continue;
        struct bytes bytes = bytes_of(kept->bytes, kept->len);
        q->kept[i] = NULL;
        if (quic_packet_next(&bytes, &packet))
            hear_initial(q, kept->from, &packet);
        pool_give(q->talk.dissection->pool, kept, sizeof *kept + kept->len);
    }
}

static bool
listens_behind(struct quic *q)
{
    struct keyring *keys = q->talk.dissection->keys;
    if (!q->behind && keys)
        q->behind = quic_opening_new(keys, q->talk.dissection->pool);
    return q->behind;
}

/* Packets behind the hellos: with keys they are opened, or wait for it. */
static void
hear_handshake(struct quic *q, enum side from, const struct quic_packet *packet)
{
    if (!packet->cut && listens_behind(q))
        quic_opening_take(q->behind, from, packet);
}

static void
hear_packet(struct quic *q, enum side from, const struct quic_packet *packet)
{
    struct quic_side *side = &q->side[from];
    unsigned before = q->openings;
    switch (packet->kind) {
    case QUIC_INITIAL:
        side->initials = true;
        side->cut = side->cut || packet->cut;
        if (!hear_initial(q, from, packet) && !packet->cut)
            keep(q, from, packet);
        else if (q->openings > before)
            hear_kept(q);
        break;
    case QUIC_HANDSHAKE:
        side->further = true;
        hear_handshake(q, from, packet);
        break;
    case QUIC_NEGOTIATION:
        q->refused = q->openings && from != q->client;
        break;
    case QUIC_ZERO_RTT:
    case QUIC_RETRY:
    case QUIC_SHORT:
    case QUIC_UNKNOWN:
        break;
    }
}

static bool
both_hellos(const struct quic *q)
{
    const struct handshake *h = q->handshake;
    return h && h->session.has_hello && h->session.has_answer && !h->session.answer.retry;
}

/* Both hellos are there and, with keys, what they say behind them. */
static bool
heard_all(struct quic *q)
{
    if (!both_hellos(q) || q->talk.waiting)
        return false;
    return !q->behind || quic_opening_done(q->behind);
}

static void
hear(struct talk *talk, enum side from, struct bytes datagram, uint32_t missing)
{
    struct quic *q = (struct quic *)talk;
    struct quic_packet packet;
    (void)missing; /* a packet that is cut says so itself */
    if (talk->put_off)
        return;
    for (unsigned i = 0; i < PACKETS_MOST && !q->over && quic_packet_next(&datagram, &packet); i++)
        hear_packet(q, from, &packet);
    if (both_hellos(q) && listens_behind(q) &&
        quic_opening_find(q->behind, q->handshake, q->opening[0].version, false))
        talk_wait(talk);
    if (q->over || heard_all(q) || ++q->datagrams >= DATAGRAMS_MOST)
        end(talk, false, FLOW_OVER, talk->flow->frame);
}

static void
retry(struct talk *talk, bool last, uint64_t frame)
{
    struct quic *q = (struct quic *)talk;
    if (quic_opening_find(q->behind, q->handshake, q->opening[0].version, last))
        return;
    talk_unwait(talk);
    if (talk->put_off || heard_all(q))
        end(talk, talk->over, talk->why, frame);
}

const struct talk_kind quic_talk = {
    .look = look, .begin = begin, .datagram = hear, .end = end, .retry = retry};
