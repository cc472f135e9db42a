/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/dtls.h"

#include "dissect/conversation.h"
#include "dissect/dtls_fragment.h"
#include "dissect/dtls_hidden.h"
#include "dissect/dtls_sealed.h"
#include "dissect/message.h"
#include "dissect/tls_record.h"

enum {
    RANDOM = 32,
    SESSIONS_MOST = 8,
};

struct dtls_side {
    struct dtls_messages messages;
    bool changed;    /* its ChangeCipherSpec was told, or … */
    bool change_due; /* … waits for messages before it */
    struct dtls_hidden hidden;
};

/* Which handshake this is: a hello that is sent again says the same. */
struct random {
    bool known;
    uint8_t at[RANDOM];
};

struct dtls {
    struct talk talk;
    struct handshake *handshake; /* NULL between two sessions */
    struct dtls_side side[2];
    struct random random[2]; /* by role, of the latest session */
    unsigned sessions;
    struct dtls_sealed sealed; /* of the handshake */
};

/* ICE may go on for long before DTLS begins. */
static enum look
look(const struct flow *flow, struct bytes datagram, uint32_t missing)
{
    (void)flow;
    struct bytes data = dtls_unwrap(datagram, &missing);
    if (dtls_begins_handshake(data, missing))
        return LOOK_MINE;
    return datagram_is_stun(datagram) ? LOOK_MAYBE : LOOK_NOT_MINE;
}

static bool
begin_session(struct dtls *d)
{
    struct dissection *dissection = d->talk.dissection;
    d->handshake = handshake_new(dissection, d->talk.flow);
    if (!d->handshake) {
        dissection->counts.shed++;
        return false;
    }
    d->handshake->transport = JA4_DTLS;
    d->handshake->session.carrier = "udp";
    d->random[CLIENT] = d->random[SERVER] = (struct random){0};
    d->sessions++;
    return true;
}

static struct talk *
begin(struct dissection *dissection, struct flow *flow)
{
    struct dtls *d = pool_take(dissection->pool, sizeof *d);
    if (!d)
        return NULL;
    d->talk = (struct talk){.kind = &dtls_talk, .dissection = dissection, .flow = flow};
    d->side[ORIGINATOR].messages.pool = dissection->pool;
    d->side[RESPONDER].messages.pool = dissection->pool;
    d->sealed.queue.pool = dissection->pool;
    if (begin_session(d))
        return &d->talk;
    pool_give(dissection->pool, d, sizeof *d);
    return NULL;
}

/* ---- The end of a session. */

static void
tell_change(struct dtls *d, enum side from)
{
    struct dtls_side *side = &d->side[from];
    if (!side->change_due || dtls_messages_pending(&side->messages))
        return;
    side->change_due = false;
    side->changed = true;
    handshake_change_cipher(d->handshake, from);
}

static void
tell_messages(struct dtls *d, enum side from, bool flush)
{
    struct dtls_messages *messages = &d->side[from].messages;
    uint8_t type;
    struct bytes body;
    while (dtls_messages_next(messages, flush, &type, &body))
        handshake_hear_numbered(d->handshake, from, type, (uint16_t)(messages->next - 1), body);
    tell_change(d, from);
}

/* No more will come: what waited for its turn is told, and what was lost is noted. */
static void
flush(struct dtls *d, enum side from)
{
    struct dtls_side *side = &d->side[from];
    if (dtls_messages_pending(&side->messages))
        handshake_lose(d->handshake, from, REASON_GAP);
    tell_messages(d, from, true);
    dtls_hidden_end(&side->hidden, d->handshake, from);
    dtls_messages_reset(&side->messages);
    *side = (struct dtls_side){.messages = side->messages};
}

static void
tell_session(struct dtls *d, bool over, enum flow_end why, uint64_t frame)
{
    struct handshake *h = d->handshake;
    h->opened = d->sealed.opening; /* what waits for its turn was behind the encryption */
    flush(d, ORIGINATOR);
    flush(d, RESPONDER);
    h->opened = false;
    dtls_sealed_end(&d->sealed);
    if (h->side[ORIGINATOR].encrypted && h->side[RESPONDER].encrypted)
        h->session.established = true;
    for (enum side side = ORIGINATOR; side <= RESPONDER; side++)
        if (dtls_hidden_tells_loss(h, side))
            handshake_lose(h, side, REASON_GAP);
    handshake_tell(d->talk.dissection, h, over, why, frame);
    d->handshake = NULL;
}

/* False when it waits for keys, and ends later. */
static bool
end_session(struct dtls *d, bool over, enum flow_end why, uint64_t frame)
{
    talk_unsettle(&d->talk);
    if (!d->handshake)
        return true;
    if (talk_put_off(&d->talk, over, why)) {
        d->handshake->flow = d->talk.flow;
        return false;
    }
    tell_session(d, over, why, frame);
    return true;
}

static void
end(struct talk *talk, bool over, enum flow_end why, uint64_t frame)
{
    struct dtls *d = (struct dtls *)talk;
    if (!end_session(d, over, why, frame) || !over)
        return;
    talk_leave(talk);
    pool_give(talk->dissection->pool, d, sizeof *d);
}

/* ---- Messages. */

static bool
same_random(const struct random *random, struct bytes bytes)
{
    return bytes_equal(bytes_of(random->at, RANDOM), bytes);
}

/* Does this hello begin another handshake than the one that is under way, or was told? A server may
 * be heard alone, but one that answers a hello we heard begins nothing. */
static bool
begins_another(const struct dtls *d, const struct dtls_fragment *part, struct bytes random)
{
    enum role role = part->type == MESSAGE_CLIENT_HELLO ? CLIENT : SERVER;
    if (d->random[role].known)
        return !same_random(&d->random[role], random) &&
               (role == CLIENT ? part->seq == 0 : !d->handshake || !d->random[CLIENT].known);
    return role == CLIENT ? !d->handshake || d->random[SERVER].known : !d->handshake;
}

static bool try_keys(struct dtls *d, bool last);

/* False when the message is of no session that we follow. */
static bool
find_session(struct dtls *d, const struct dtls_fragment *part)
{
    bool hello = part->type == MESSAGE_CLIENT_HELLO || part->type == MESSAGE_SERVER_HELLO;
    struct bytes random = bytes_first(bytes_skip(part->body, 2), RANDOM); /* behind the version */
    if (!hello || part->offset || random.len < RANDOM || random_is_retry(random))
        return d->handshake;
    if (begins_another(d, part, random)) {
        try_keys(d, true);
        end_session(d, false, FLOW_REUSED, d->talk.flow->frame);
        if (d->sessions == SESSIONS_MOST || !begin_session(d)) {
            d->talk.flow->quiet = true;
            return false;
        }
    }
    struct random *known = &d->random[part->type == MESSAGE_CLIENT_HELLO ? CLIENT : SERVER];
    if (d->handshake && !known->known) {
        known->known = true;
        memcpy(known->at, random.at, RANDOM);
    }
    return d->handshake;
}

static void
hear_fragment(struct dtls *d, enum side from, const struct dtls_fragment *part)
{
    if (!find_session(d, part))
        return;
    struct handshake *h = d->handshake;
    struct dtls_messages *messages = &d->side[from].messages;
    if (part->body.len == part->whole && part->seq == messages->next && !messages->first) {
        messages->next++;
        handshake_hear_numbered(h, from, part->type, part->seq, part->body);
        return;
    }
    switch (dtls_messages_take(messages, part)) {
    case DTLS_OLD:
        return;
    case DTLS_TOO_LARGE:
        handshake_lose(h, from, REASON_TOO_LARGE);
        break;
    case DTLS_NO_ROOM:
        handshake_lose(h, from, REASON_SHED);
        break;
    case DTLS_TAKEN:
        if (part->type == MESSAGE_CLIENT_HELLO)
            handshake_begin(h, from);
        if (part->body.len < part->length)
            handshake_lose(h, from, REASON_CUT);
        break;
    }
    tell_messages(d, from, false);
}

/* ---- Records. */

static void
hear_handshake(struct dtls *d, enum side from, const struct dtls_record *record)
{
    struct reader r = reader_over(record->body);
    size_t cut = record->length - record->body.len;
    struct dtls_fragment part;
    while (reader_more(&r) && dtls_fragment_next(&r, cut, &part))
        hear_fragment(d, from, &part);
}

static void
hear_clear(struct dtls *d, enum side from, const struct dtls_record *record)
{
    struct reader r = reader_over(record->body);
    if (record->type == RECORD_HANDSHAKE) {
        hear_handshake(d, from, record);
    } else if (!d->handshake) {
        return; /* it was told */
    } else if (record->type == RECORD_CHANGE_CIPHER_SPEC) {
        d->side[from].change_due = !d->side[from].changed;
        tell_change(d, from);
    } else if (record->type == RECORD_ALERT) {
        uint8_t level = read_u8(&r);
        uint8_t description = read_u8(&r);
        if (!r.bad)
            handshake_alert(d->handshake, from, level, description);
    } else if (record->type == RECORD_HEARTBEAT) {
        handshake_heartbeat(d->handshake, from);
    }
}

static void
hear_fragments(struct dtls *d, enum side from, struct bytes text)
{
    struct reader r = reader_over(text);
    struct dtls_fragment part;
    while (reader_more(&r) && dtls_fragment_next(&r, 0, &part))
        if (part.type != MESSAGE_CLIENT_HELLO && part.type != MESSAGE_SERVER_HELLO)
            hear_fragment(d, from, &part);
}

static void
hear_opened(struct dtls *d, enum side from, enum opened opened, struct bytes text)
{
    struct handshake *h = d->handshake;
    if (opened == OPENED_NOTHING)
        return;
    h->opened = true;
    h->session.keys_used = true;
    if (opened == OPENED_HANDSHAKE)
        hear_fragments(d, from, text);
    else
        handshake_alert(h, from, bytes_at(text, 0), bytes_at(text, 1));
    h->opened = false;
}

static void
hear_sealed(struct dtls *d, enum side from, const struct dtls_record *record)
{
    struct bytes text;
    enum opened opened = dtls_sealed_hear(&d->sealed, d->handshake, from, record, &text);
    hear_opened(d, from, opened, text);
}

/* False while it goes on waiting. */
static bool
try_keys(struct dtls *d, bool last)
{
    enum side from;
    enum opened opened;
    struct bytes text;
    if (!d->sealed.waits)
        return true;
    dtls_sealed_retry(&d->sealed, d->handshake, last);
    if (d->sealed.waits)
        return false;
    talk_unwait(&d->talk);
    while (dtls_sealed_next(&d->sealed, d->handshake, &from, &opened, &text))
        hear_opened(d, from, opened, text);
    return true;
}

/* Epochs of DTLS 1.3 (RFC 9147 section 6.1): early data, handshake, data; later ones are data. */
static void
hear_unified(struct dtls *d, enum side from, const struct dtls_record *record)
{
    enum { EARLY = 1, HANDSHAKE = 2 };
    uint8_t type = record->epoch == HANDSHAKE ? RECORD_HANDSHAKE : RECORD_APPLICATION_DATA;
    if (record->epoch == HANDSHAKE && d->handshake->keys && handshake_hides(d->handshake))
        hear_sealed(d, from, record);
    if (record->epoch != EARLY && handshake_hides(d->handshake))
        handshake_ciphertext(d->handshake, from, type, record->length);
}

static void
hear_record(struct dtls *d, enum side from, const struct dtls_record *record)
{
    if (!record->unified && record->epoch == 0)
        hear_clear(d, from, record);
    else if (!d->handshake)
        return;
    else if (record->unified)
        hear_unified(d, from, record);
    else
        dtls_hidden_hear(&d->side[from].hidden, d->side[from].changed, d->handshake, from, record);
}

/* Each side says in its hello what the other is to put into its records. */
static int
id_length_of(const struct dtls *d, enum side from)
{
    const struct handshake *h = d->handshake;
    if (!h || !h->session.hello.has_connection_id || !h->session.answer.has_connection_id)
        return CONNECTION_ID_UNKNOWN;
    return handshake_role(h, from) == CLIENT ? h->session.answer.connection_id_length
                                             : h->session.hello.connection_id_length;
}

static void
hear(struct talk *talk, enum side from, struct bytes datagram, uint32_t missing)
{
    struct dtls *d = (struct dtls *)talk;
    struct bytes data = dtls_unwrap(datagram, &missing);
    struct dtls_record record;
    while (!talk->flow->quiet && dtls_record_next(&data, missing, id_length_of(d, from), &record))
        hear_record(d, from, &record);
    if (!d->handshake)
        return;
    if (d->sealed.waits)
        talk_wait(talk);
    if (handshake_settled(d->handshake))
        end_session(d, false, FLOW_OVER, talk->flow->frame);
    else if (d->handshake->session.established)
        talk_settle(talk);
}

/* The session is told when its end has come meanwhile, or comes with what is read now. */
static void
retry(struct talk *talk, bool last, uint64_t frame)
{
    struct dtls *d = (struct dtls *)talk;
    if (!try_keys(d, last))
        return;
    if (talk->over || handshake_settled(d->handshake))
        end(talk, talk->over, talk->over ? talk->why : FLOW_OVER, frame);
    else if (d->handshake->session.established)
        talk_settle(talk);
}

const struct talk_kind dtls_talk = {
    .look = look, .begin = begin, .datagram = hear, .end = end, .retry = retry};
