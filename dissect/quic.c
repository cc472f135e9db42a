/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/quic.h"

#include "dissect/conversation.h"
#include "dissect/keys/quic_opening.h"
#include "dissect/message.h"
#include "dissect/quic_frames.h"
#include "dissect/quic_kept.h"
#include "dissect/quic_openings.h"
#include "dissect/quic_stream.h"

enum {
    DATAGRAMS_MOST = 64, /* of a flow in which hellos may still come */
    PACKETS_MOST = 8,    /* coalesced in one; each may cost the making of keys */
};

struct quic_side {
    struct quic_stream stream;
    struct message_collector collector;
    bool initials; /* it sent Initial packets, whether or not they could be opened */
    bool further;  /* and what only comes after its hello */
    bool cut;      /* the capture holds only the beginning of one */
};

struct quic {
    struct talk talk;
    struct handshake *handshake; /* NULL until a packet was opened */
    unsigned datagrams;
    struct quic_openings openings;
    bool refused; /* its version, by a Version Negotiation packet */
    bool over;    /* what comes will tell no more */
    struct quic_side side[2];
    struct quic_kept kept;       /* Initial packets that wait for their keys */
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
    q->kept.pool = dissection->pool;
    quic_openings_begin(&q->openings, dissection->quic_opener);
    for (int side = 0; side < 2; side++) {
        q->side[side].stream.pool = dissection->pool;
        q->side[side].collector.pool = dissection->pool;
    }
    return &q->talk;
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
        bool client = side == (int)q->openings.client;
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
    q->openings.client = is_server ? other_side(sender) : sender;
    handshake_begin(q->handshake, q->openings.client);
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
    quic_kept_drop(&q->kept);
    talk_leave(talk);
    pool_give(d->pool, q, sizeof *q);
}

/* ---- Messages. */

/* In the clear there are two: all others would have been forged. */
static void
hear_message(struct quic *q, enum side from, uint8_t type, struct bytes body)
{
    uint8_t expected = from == q->openings.client ? MESSAGE_CLIENT_HELLO : MESSAGE_SERVER_HELLO;
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
            if (from == q->openings.client && message_unfinished(collector))
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
    if (from == q->openings.client)
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

/* The client began anew, to an id that the server chose in its Retry: its stream does too. */
static void
begin_anew(struct quic *q)
{
    for (int side = 0; side < 2; side++) {
        quic_stream_reset(&q->side[side].stream);
        message_reset(&q->side[side].collector);
    }
}

/* ---- Packets. */

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
    bool again = q->refused && packet->version != q->openings.at[0].version;
    enum quic_opened opened =
        quic_openings_try(&q->openings, from, q->handshake != NULL, packet, &frames);
    if (opened == QUIC_CLOSED)
        return false;
    if (opened == QUIC_OPENED_ANEW && q->handshake)
        begin_anew(q);
    if (again && from == q->openings.client)
        forget_refused(q);
    if (ensure_handshake(q))
        hear_frames(q, from, frames);
    return true;
}

/* Packets may have overtaken the one that their keys follow from. */
static void
hear_kept(struct quic *q)
{
    struct quic_packet packet;
    struct quic_kept_packet *kept;
    while (!q->over && (kept = quic_kept_take(&q->kept))) {
        struct bytes bytes = bytes_of(kept->bytes, kept->len);
        if (quic_packet_next(&bytes, &packet))
            hear_initial(q, kept->from, &packet);
        quic_kept_give(&q->kept, kept);
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
    unsigned before = q->openings.len;
    switch (packet->kind) {
    case QUIC_INITIAL:
        side->initials = true;
        side->cut = side->cut || packet->cut;
        if (!hear_initial(q, from, packet) && !packet->cut)
            quic_kept_add(&q->kept, from, packet);
        else if (q->openings.len > before)
            hear_kept(q);
        break;
    case QUIC_HANDSHAKE:
        side->further = true;
        hear_handshake(q, from, packet);
        break;
    case QUIC_NEGOTIATION:
        q->refused = q->openings.len && from != q->openings.client;
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
        quic_opening_find(q->behind, q->handshake, q->openings.at[0].version, false))
        talk_wait(talk);
    if (q->over || heard_all(q) || ++q->datagrams >= DATAGRAMS_MOST)
        end(talk, false, FLOW_OVER, talk->flow->frame);
}

static void
retry(struct talk *talk, bool last, uint64_t frame)
{
    struct quic *q = (struct quic *)talk;
    if (quic_opening_find(q->behind, q->handshake, q->openings.at[0].version, last))
        return;
    talk_unwait(talk);
    if (talk->put_off || heard_all(q))
        end(talk, talk->over, talk->why, frame);
}

const struct talk_kind quic_talk = {
    .look = look, .begin = begin, .datagram = hear, .end = end, .retry = retry};
