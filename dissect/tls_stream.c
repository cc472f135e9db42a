/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/tls_stream.h"

enum { ALERTS_MOST = 4 }; /* bytes of an alert record in the clear: two alerts */

/* An SSL 2.0 record that can only be a CLIENT-HELLO: its lengths fit (SSL 2.0 draft section 2.5).
 */
static enum look
look_sslv2(struct bytes data)
{
    struct reader r = reader_over(data);
    uint16_t header = read_u16(&r);
    uint8_t type = read_u8(&r);
    uint16_t version = read_u16(&r);
    uint16_t ciphers = read_u16(&r);
    uint16_t session_id = read_u16(&r);
    uint16_t challenge = read_u16(&r);
    if (!(bytes_at(data, 0) & 0x80))
        return LOOK_NOT_MINE;
    if (r.bad)
        return data.len < 3 || bytes_at(data, 2) == 1 ? LOOK_MAYBE : LOOK_NOT_MINE;
    bool known = version == 2 || version >> 8 == 3;
    bool fits = (header & 0x7fff) == 9 + ciphers + session_id + challenge;
    return type == 1 && known && fits && ciphers && ciphers % 3 == 0 && challenge >= 16 &&
                   challenge <= 32
               ? LOOK_MINE
               : LOOK_NOT_MINE;
}

static bool
begins_like_record(struct bytes data)
{
    static const uint8_t tls[] = {RECORD_HANDSHAKE, 3};
    static const uint8_t tlcp[] = {RECORD_HANDSHAKE, 1, 1};
    struct bytes of_tls = bytes_of(tls, sizeof tls);
    struct bytes of_tlcp = bytes_of(tlcp, sizeof tlcp);
    return bytes_start_with(bytes_first(data, 2), bytes_first(of_tls, data.len)) ||
           bytes_start_with(bytes_first(data, 3), bytes_first(of_tlcp, data.len));
}

/* Empty records may come first: endpoints take them, and what follows tells. */
static struct bytes
skip_empty_records(struct bytes data)
{
    while (data.len > RECORD_HEADER && record_plausible(data) && bytes_at(data, 3) == 0 &&
           bytes_at(data, 4) == 0)
        data = bytes_skip(data, RECORD_HEADER);
    return data;
}

enum look
tls_look(struct bytes data, bool anywhere)
{
    enum { ENOUGH = RECORD_HEADER + MESSAGE_HEADER };
    if (data.len == 0)
        return LOOK_MAYBE;
    if (!begins_like_record(data))
        return look_sslv2(data);
    data = skip_empty_records(data);
    if (data.len < RECORD_HEADER + 1)
        return begins_like_record(data) ? LOOK_MAYBE : LOOK_NOT_MINE;

    struct reader r = reader_over(bytes_skip(data, 3));
    uint16_t length = read_u16(&r);
    uint8_t type = read_u8(&r);
    bool hello = type == MESSAGE_CLIENT_HELLO || type == MESSAGE_SERVER_HELLO;
    if (!record_plausible(data) || (!hello && !anywhere))
        return LOOK_NOT_MINE;
    size_t enough = hello ? ENOUGH : ENOUGH + 7;
    if (length >= enough - RECORD_HEADER && data.len < enough)
        return LOOK_MAYBE;
    return record_begins_message(data, type) ? LOOK_MINE : LOOK_NOT_MINE;
}

void
tls_stream_begin(struct tls_stream *stream, struct handshake *handshake, struct pool *pool)
{
    *stream = (struct tls_stream){.handshake = handshake};
    stream->side[ORIGINATOR].collector.pool = pool;
    stream->side[RESPONDER].collector.pool = pool;
    stream->sealed.queue.pool = pool;
}

void
tls_stream_end(struct tls_stream *stream)
{
    message_reset(&stream->side[ORIGINATOR].collector);
    message_reset(&stream->side[RESPONDER].collector);
    tls_sealed_end(stream);
}

/* A hello that could not be kept is told all the same. */
static void
pass_over(struct handshake *h, enum side from, uint8_t type, enum visibility_reason why)
{
    if (type == MESSAGE_CLIENT_HELLO)
        handshake_begin(h, from);
    handshake_lose(h, from, why);
}

void
tls_stream_hear_messages(struct tls_stream *stream, enum side from, struct bytes data)
{
    struct handshake *h = stream->handshake;
    struct tls_side *side = &stream->side[from];
    for (;;) {
        uint8_t type;
        struct bytes body;
        switch (message_next(&side->collector, &data, &type, &body)) {
        case MESSAGE_NONE:
            if (side->collector.header[0] == MESSAGE_CLIENT_HELLO &&
                message_unfinished(&side->collector) &&
                side->collector.header_len == MESSAGE_HEADER)
                handshake_begin(h, from);
            return;
        case MESSAGE_WHOLE:
            handshake_hear(h, from, type, body);
            break;
        case MESSAGE_TOO_LARGE:
            pass_over(h, from, type, REASON_TOO_LARGE);
            break;
        case MESSAGE_NO_ROOM:
            pass_over(h, from, type, REASON_SHED);
            break;
        }
    }
}

void
tls_stream_hear_alerts(struct tls_stream *stream, enum side from, struct bytes data)
{
    struct tls_side *side = &stream->side[from];
    struct reader r = reader_over(data);
    while (reader_more(&r)) {
        side->alert[side->alert_len++] = read_u8(&r);
        if (side->alert_len == sizeof side->alert) {
            handshake_alert(stream->handshake, from, side->alert[0], side->alert[1]);
            side->alert_len = 0;
        }
    }
}

/* Behind a gap a record may begin in the middle of a message: only what looks like the beginning of
 * one is taken for it. */
static bool
aligned(struct tls_side *side, const struct record_piece *piece)
{
    if (!side->unaligned)
        return true;
    if (!piece->first || !message_plausible(piece->bytes))
        return false;
    side->unaligned = false;
    return true;
}

static bool
hidden(const struct tls_stream *stream, enum side from, uint8_t record_type)
{
    const struct handshake *h = stream->handshake;
    bool change = record_type == RECORD_CHANGE_CIPHER_SPEC;
    if (handshake_hides(h) && record_type == RECORD_APPLICATION_DATA)
        return true;
    if (stream->side[from].sealed) /* so is a second change of ciphers; it matters with keys only */
        return !change || stream->sealed.old;
    return h->side[from].encrypted && !change;
}

static void
hear_piece(struct tls_stream *stream, enum side from, const struct record_piece *piece)
{
    struct handshake *h = stream->handshake;
    struct tls_side *side = &stream->side[from];
    if (hidden(stream, from, piece->type)) {
        if (h->keys)
            tls_sealed_hear(stream, from, piece);
        if (piece->last) /* the handshake may be another by now */
            handshake_ciphertext(stream->handshake, from, piece->type, piece->length);
        return;
    }
    switch (piece->type) {
    case RECORD_HANDSHAKE:
        if (aligned(side, piece))
            tls_stream_hear_messages(stream, from, piece->bytes);
        break;
    case RECORD_CHANGE_CIPHER_SPEC:
        if (piece->last)
            handshake_change_cipher(h, from);
        side->sealed = h->side[from].encrypted && !handshake_hides(h);
        break;
    case RECORD_ALERT:
        if (piece->length <=
            ALERTS_MOST) /* a longer one is encrypted, though the turn to it was lost */
            tls_stream_hear_alerts(stream, from, piece->bytes);
        break;
    case RECORD_HEARTBEAT:
        if (piece->last)
            handshake_heartbeat(h, from);
        break;
    default:
        break; /* application data in the clear says nothing */
    }
}

/* SSL 2.0 records (draft section 1.1): two bytes of length, then the record. The collector's header
 * holds the length, its body the record. False when what came is no such record, or finds no room.
 */
static bool
collect_sslv2(struct message_collector *c, struct bytes *data, struct bytes *record)
{
    struct bytes part = bytes_first(*data, (size_t)(2 - c->header_len));
    memcpy(c->header + c->header_len, part.at, part.len);
    c->header_len = (uint8_t)(c->header_len + part.len);
    *data = bytes_skip(*data, part.len);
    if (c->header_len < 2)
        return true;

    size_t whole = (size_t)(c->header[0] & 0x7f) << 8 | c->header[1];
    if (!(c->header[0] & 0x80) || whole == 0 || whole > SSLV2_RECORD_MOST)
        return false;
    if (!c->body && !(c->body = pool_take(c->pool, whole)))
        return false;
    c->room = whole;
    part = bytes_first(*data, whole - c->have);
    if (part.len)
        memcpy(c->body + c->have, part.at, part.len);
    c->have += part.len;
    *data = bytes_skip(*data, part.len);
    if (c->have == whole)
        *record = bytes_of(c->body, whole);
    return true;
}

static void
hear_sslv2(struct tls_stream *stream, enum side from, struct bytes *data)
{
    struct tls_side *side = &stream->side[from];
    const struct session *s = &stream->handshake->session;
    while (data->len && side->sslv2 && !side->framer.lost) {
        struct bytes record = {0};
        side->framer.lost = !collect_sslv2(&side->collector, data, &record);
        if (!record.len)
            continue;
        handshake_hear_sslv2(stream->handshake, from, record);
        message_reset(&side->collector);
        /* A hello that offers more than SSL 2.0 is answered, and followed, in TLS records. */
        side->sslv2 = s->has_answer && s->answer.sslv2;
        side->begun = side->sslv2;
    }
}

static void
look_at_beginning(struct tls_stream *stream, enum side from, struct bytes data)
{
    struct tls_side *side = &stream->side[from];
    bool other_is_v2 = stream->handshake->session.hello.sslv2;
    if (side->framer.header_len || data.len == 0)
        return;
    side->begun = true;
    side->sslv2 =
        bytes_at(data, 0) & 0x80 && (other_is_v2 || !stream->handshake->session.has_hello);
    /* The last words of a preamble, when the other side's TLS was captured before them. */
    side->searching = !side->sslv2 && data.len >= RECORD_HEADER && !record_plausible(data);
}

/* Continues at the next handshake record that can be nothing else. What begins with any plausible
 * record right at the front of what came behind the gap is taken too. */
static bool
find_way(struct tls_stream *stream, enum side from, struct bytes *data)
{
    struct tls_side *side = &stream->side[from];
    bool front = data->len >= RECORD_HEADER && record_plausible(*data);
    size_t at = front ? 0 : record_find_handshake(*data);
    if (at == SIZE_MAX)
        return false;
    *data = bytes_skip(*data, at);
    side->searching = false;
    side->unaligned = true;
    side->framer = (struct record_framer){0};
    message_reset(&side->collector);
    return data->len > 0;
}

void
tls_stream_hear(struct tls_stream *stream, enum side from, struct bytes data)
{
    struct tls_side *side = &stream->side[from];
    struct record_piece piece;

    if (!side->begun)
        look_at_beginning(stream, from, data);
    if (side->sslv2)
        hear_sslv2(stream, from, &data);
    if (side->searching && !find_way(stream, from, &data))
        return;
    while (record_next(&side->framer, &data, &piece))
        hear_piece(stream, from, &piece);
    if (side->framer.lost && stream->handshake->any_message)
        handshake_lose(stream->handshake, from, REASON_MALFORMED);
}

void
tls_stream_gap(struct tls_stream *stream, enum side from, uint64_t missing)
{
    struct tls_side *side = &stream->side[from];
    struct handshake *h = stream->handshake;
    bool clear = side->framer.inside ? !hidden(stream, from, side->framer.type)
                                     : !h->side[from].encrypted && !side->sealed;
    bool kept = record_skip(&side->framer, missing);
    enum opening_gap where = !kept                 ? GAP_ANYWHERE
                             : side->framer.inside ? GAP_INSIDE
                                                   : GAP_ENDS_RECORD;
    tls_sealed_gap(stream, from, where);

    if (clear)
        handshake_lose(h, from, h->flow->cut ? REASON_CUT : REASON_GAP);
    if (!clear && kept)
        return; /* in the middle of ciphertext: nothing that could have been read */
    message_reset(&side->collector);
    side->alert_len = 0;
    side->unaligned = true;
    side->searching = !kept;
    side->sslv2 = false;
    side->begun = true;
}

bool
tls_stream_lost(const struct tls_stream *stream)
{
    return stream->side[ORIGINATOR].framer.lost && stream->side[RESPONDER].framer.lost;
}
