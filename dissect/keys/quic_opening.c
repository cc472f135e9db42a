/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/keys/quic_opening.h"

#include "dissect/keys/sealed_queue.h"
#include "dissect/message.h"
#include "dissect/quic_frames.h"
#include "dissect/quic_keys.h"
#include "dissect/quic_stream.h"

#include <openssl/crypto.h>

enum {
    HEADER_MOST = 64, /* of a Handshake packet, its number included */
    NUMBER_MOST = 4,
};

enum state {
    STATE_EARLY, /* the hellos are not known yet */
    STATE_WAITS, /* for keys */
    STATE_OPEN,
    STATE_CLOSED, /* there are none */
};

struct quic_opened {
    struct sealing sealing; /* its suite is NULL when there is no secret */
    uint64_t largest;
    bool any;        /* packet was opened, */
    uint64_t failed; /* or was not */
    struct quic_stream stream;
    struct message_collector collector;
};

struct quic_opening {
    struct keyring *ring;
    struct pool *pool;
    struct handshake *handshake; /* once it is known */
    enum state state;
    bool over; /* an end was closed */
    struct quic_opened side[2];
    struct sealed_queue queue;
};

struct quic_opening *
quic_opening_new(struct keyring *ring, struct pool *pool)
{
    struct quic_opening *o = pool_take(pool, sizeof *o);
    if (!o)
        return NULL;
    o->ring = ring;
    o->pool = pool;
    o->queue.pool = pool;
    for (int side = 0; side < 2; side++) {
        o->side[side].largest = UINT64_MAX;
        o->side[side].stream.pool = pool;
        o->side[side].collector.pool = pool;
    }
    return o;
}

/* ---- Packets. */

/* The header as it was before it was protected, and the number in it. */
static bool
bare_header(struct quic_opening *o, const struct quic_opened *side,
    const struct quic_packet *packet, uint8_t header[HEADER_MOST], size_t *len, uint64_t *number)
{
    uint8_t mask[NUMBER_MASK];
    struct bytes sample = bytes_first(bytes_skip(packet->body, NUMBER_MOST), NUMBER_SAMPLE);
    if (packet->header.len + NUMBER_MOST > HEADER_MOST ||
        !opener_number_mask(o->ring->opener, &side->sealing, sample, mask))
        return false;
    memcpy(header, packet->header.at, packet->header.len);
    header[0] = (uint8_t)(packet->first ^ (mask[0] & 0x0f));
    size_t number_len = (header[0] & 3U) + 1;
    uint64_t low = 0;
    for (size_t i = 0; i < number_len; i++) {
        uint8_t byte = (uint8_t)(bytes_at(packet->body, i) ^ mask[i + 1]);
        header[packet->header.len + i] = byte;
        low = low << 8 | byte;
    }
    *len = packet->header.len + number_len;
    *number = quic_whole_number(side->largest, low, number_len);
    return true;
}

static bool
open_packet(struct quic_opening *o, struct quic_opened *side, const struct quic_packet *packet,
    struct bytes *frames)
{
    uint8_t header[HEADER_MOST];
    size_t len;
    uint64_t number;
    if (!bare_header(o, side, packet, header, &len, &number))
        return false;
    struct bytes sealed = bytes_skip(packet->body, len - packet->header.len);
    if (!opener_open(
            o->ring->opener, &side->sealing, number, bytes_of(header, len), sealed, frames))
        return false;
    if (side->largest == UINT64_MAX || number > side->largest)
        side->largest = number;
    side->any = true;
    return true;
}

static void
hear_messages(struct quic_opening *o, enum side from, struct bytes data)
{
    struct message_collector *collector = &o->side[from].collector;
    uint8_t type;
    struct bytes body;
    for (;;) {
        switch (message_next(collector, &data, &type, &body)) {
        case MESSAGE_NONE:
            return;
        case MESSAGE_WHOLE:
            handshake_hear(o->handshake, from, type, body);
            break;
        case MESSAGE_TOO_LARGE:
            handshake_lose(o->handshake, from, REASON_TOO_LARGE);
            break;
        case MESSAGE_NO_ROOM:
            handshake_lose(o->handshake, from, REASON_SHED);
            break;
        }
    }
}

static void
hear_crypto(struct quic_opening *o, enum side from, const struct quic_frame *frame)
{
    struct quic_stream *stream = &o->side[from].stream;
    if (!quic_stream_take(stream, frame->offset, frame->data)) {
        bool far =
            frame->offset > QUIC_STREAM_MOST || frame->data.len > QUIC_STREAM_MOST - frame->offset;
        handshake_lose(o->handshake, from, far ? REASON_TOO_LARGE : REASON_SHED);
    }
    for (;;) {
        struct bytes next = quic_stream_next(stream);
        if (next.len == 0)
            return;
        hear_messages(o, from, next);
    }
}

static void
hear_frames(struct quic_opening *o, enum side from, struct bytes frames)
{
    enum { CRYPTO_ERROR = 0x100, FATAL = 2 };
    struct handshake *h = o->handshake;
    struct reader r = reader_over(frames);
    struct quic_frame frame;
    h->opened = true;
    h->session.keys_used = true;
    while (!o->over && quic_frame_next(&r, &frame)) {
        if (frame.kind == QUIC_CRYPTO) {
            hear_crypto(o, from, &frame);
        } else {
            if (frame.error >> 8 == CRYPTO_ERROR >> 8)
                handshake_alert(h, from, FATAL, (uint8_t)frame.error);
            o->over = true;
        }
    }
    h->opened = false;
    if (h->side[ORIGINATOR].finished && h->side[RESPONDER].finished)
        h->session.established = true;
}

static void
hear_packet(struct quic_opening *o, enum side from, const struct quic_packet *packet)
{
    struct quic_opened *side = &o->side[from];
    struct bytes frames;
    if (!side->sealing.suite)
        return;
    if (open_packet(o, side, packet, &frames)) {
        o->ring->counts.opened++;
        hear_frames(o, from, frames);
    } else {
        o->ring->counts.failed++;
        side->failed++;
    }
}

void
quic_opening_take(struct quic_opening *o, enum side from, const struct quic_packet *packet)
{
    struct bytes whole = bytes_of(packet->header.at, packet->header.len + packet->body.len);
    if (o->state == STATE_OPEN)
        hear_packet(o, from, packet);
    else if (o->state != STATE_CLOSED)
        sealed_add(&o->queue, from, 0, &(struct record_piece){.bytes = whole});
}

/* ---- Keys. */

static bool
begin_side(struct quic_opening *o, enum side from, const struct suite *suite, enum key_names names)
{
    struct handshake *h = o->handshake;
    bool client = handshake_role(h, from) == CLIENT;
    struct secret secret;
    if (!keyring_find(o->ring, h->session.hello.random,
            client ? SECRET_CLIENT_HANDSHAKE : SECRET_SERVER_HANDSHAKE, &secret))
        return false;
    struct bytes bytes = bytes_of(secret.at, secret.len);
    bool good = sealing_derive(o->ring->opener, suite, names, bytes, &o->side[from].sealing);
    if (!good)
        o->side[from].sealing.suite = NULL;
    OPENSSL_cleanse(&secret, sizeof secret);
    h->side[from].keyed = good;
    return good;
}

static bool
begin(struct quic_opening *o, uint32_t number)
{
    const struct suite *suite = suite_find(o->handshake->session.answer.cipher);
    const struct quic_version *version = quic_version_find(number, 0);
    enum key_names names = version && version->second ? KEYS_QUIC2 : KEYS_QUIC;
    bool any = suite && begin_side(o, ORIGINATOR, suite, names);
    return suite && (begin_side(o, RESPONDER, suite, names) || any);
}

static void
replay(struct quic_opening *o)
{
    struct sealed *sealed;
    while ((sealed = sealed_take(&o->queue))) {
        struct quic_packet packet;
        struct bytes bytes = sealed->piece.bytes;
        if (!o->over && quic_packet_next(&bytes, &packet))
            hear_packet(o, sealed->from, &packet);
        sealed_give(&o->queue, sealed);
    }
}

bool
quic_opening_find(struct quic_opening *o, struct handshake *h, uint32_t version, bool last)
{
    o->handshake = h;
    if (o->state == STATE_OPEN || o->state == STATE_CLOSED)
        return false;
    bool complete = keyring_complete(o->ring, h->session.hello.random, false);
    if (!complete && !last && keyring_expects(o->ring)) {
        o->state = STATE_WAITS;
        return true;
    }
    o->state = begin(o, version) ? STATE_OPEN : STATE_CLOSED;
    if (o->state == STATE_OPEN)
        replay(o);
    sealed_drop(&o->queue);
    return false;
}

static bool
side_done(const struct quic_opening *o, enum side side)
{
    return !o->side[side].sealing.suite || o->handshake->side[side].finished ||
           o->handshake->side[side].trouble != REASON_SEEN;
}

bool
quic_opening_done(const struct quic_opening *o)
{
    if (o->over || o->state == STATE_CLOSED)
        return true;
    return o->state == STATE_OPEN && side_done(o, ORIGINATOR) && side_done(o, RESPONDER);
}

void
quic_opening_end(struct quic_opening *o)
{
    struct pool *pool = o->pool;
    for (enum side side = ORIGINATOR; side <= RESPONDER; side++) {
        struct quic_opened *opened = &o->side[side];
        bool open = o->state == STATE_OPEN && opened->sealing.suite;
        if (open && !opened->any && opened->failed)
            handshake_lose(o->handshake, side, REASON_UNOPENED);
        else if (open && quic_stream_has_gap(&opened->stream))
            handshake_lose(o->handshake, side, REASON_GAP);
        quic_stream_reset(&opened->stream);
        message_reset(&opened->collector);
    }
    sealed_drop(&o->queue);
    OPENSSL_cleanse(o, sizeof *o);
    pool_give(pool, o, sizeof *o);
}
