/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/tls_sealed.h"

#include "dissect/keys/tls12_opening.h"
#include "dissect/tls_stream.h"

/* What waits for keys: pieces of records, and gaps, of enum opening_gap. */
enum { SEALED_PIECE, SEALED_GAP };

/* ---- Keys. */

static bool
find_keys(struct tls_stream *stream, bool half)
{
    struct handshake *h = stream->handshake;
    if (half || keyring_complete(h->keys, h->session.hello.random, true))
        stream->sealed.opening = tls_opening_new(h->keys, stream->sealed.queue.pool, h);
    return stream->sealed.opening;
}

/* The first record behind the encryption decides: are there keys for it, or may they come? Up to
 * TLS 1.2 nothing that is missed before a renegotiation is worth waiting for. */
static void
look_for_keys(struct tls_stream *stream)
{
    struct tls_sealed *sealed = &stream->sealed;
    struct handshake *h = stream->handshake;
    if (sealed->opening || sealed->old || sealed->closed || h->session.answer.retry)
        return;
    sealed->closed = true;
    if (!handshake_hides(h)) {
        if (sealed->anew)
            sealed->old = tls12_opening_new(h->keys, sealed->queue.pool, h);
        return;
    }
    bool expects = sealed->anew && h->session.has_hello && keyring_expects(h->keys);
    sealed->waits = !find_keys(stream, !expects) && expects;
}

/* ---- Records. */

static void
hear_opened(struct tls_stream *stream, enum side from, enum opened opened, struct bytes text)
{
    struct handshake *h = stream->handshake;
    h->opened = true;
    h->session.keys_used = true;
    if (opened == OPENED_HANDSHAKE)
        tls_stream_hear_messages(stream, from, text);
    else
        tls_stream_hear_alerts(stream, from, text);
    h->opened = false;
}

static void
hear_13(struct tls_stream *stream, enum side from, const struct record_piece *piece)
{
    struct bytes text;
    enum opened opened = tls_opening_take(stream->sealed.opening, from, piece, &text);
    if (opened == OPENED_NOTHING)
        return;
    hear_opened(stream, from, opened, text);
    tls_opening_heard(stream->sealed.opening, from);
}

/* A ClientHello where there was one before: a renegotiation, which is another handshake. */
static bool
begins_anew(const struct tls_stream *stream, enum side from, struct bytes text)
{
    const struct handshake *h = stream->handshake;
    return bytes_at(text, 0) == MESSAGE_CLIENT_HELLO && h->session.has_hello &&
           handshake_role(h, from) == CLIENT && !message_unfinished(&stream->side[from].collector);
}

static void
hear_12(struct tls_stream *stream, enum side from, const struct record_piece *piece)
{
    struct tls_sealed *sealed = &stream->sealed;
    struct bytes text;
    enum opened opened = tls12_opening_take(sealed->old, from, piece, &text);
    if (opened == OPENED_HANDSHAKE && begins_anew(stream, from, text)) {
        struct handshake *next = sealed->anew(sealed->owner);
        if (!next)
            return;
        stream->handshake = next;
    }
    if (opened != OPENED_NOTHING)
        hear_opened(stream, from, opened, text);
    stream->handshake->side[from].keyed = tls12_opening_reads(sealed->old, from);
    if (piece->type != RECORD_CHANGE_CIPHER_SPEC || !piece->last)
        return;
    stream->handshake->opened = true;
    handshake_change_cipher(stream->handshake, from);
    stream->handshake->opened = false;
    tls12_opening_change(sealed->old, from, stream->handshake);
}

void
tls_sealed_hear(struct tls_stream *stream, enum side from, const struct record_piece *piece)
{
    struct tls_sealed *sealed = &stream->sealed;
    look_for_keys(stream);
    if (sealed->opening)
        hear_13(stream, from, piece);
    else if (sealed->old)
        hear_12(stream, from, piece);
    else if (sealed->waits)
        sealed_add(&sealed->queue, from, SEALED_PIECE, piece);
}

void
tls_sealed_gap(struct tls_stream *stream, enum side from, enum opening_gap where)
{
    struct tls_sealed *sealed = &stream->sealed;
    if (sealed->opening)
        tls_opening_gap(sealed->opening, from, where);
    else if (sealed->old)
        tls12_opening_gap(sealed->old, from, where);
    else if (sealed->waits)
        sealed_add(&sealed->queue, from, SEALED_GAP + (int)where, &(struct record_piece){0});
}

/* ---- Waiting, and what comes later. */

static void
replay(struct tls_stream *stream)
{
    struct sealed_queue *queue = &stream->sealed.queue;
    struct tls_opening *opening = stream->sealed.opening;
    struct sealed *sealed;
    while ((sealed = sealed_take(queue))) {
        if (sealed->mark == SEALED_PIECE)
            hear_13(stream, sealed->from, &sealed->piece);
        else
            tls_opening_gap(opening, sealed->from, (enum opening_gap)(sealed->mark - SEALED_GAP));
        sealed_give(queue, sealed);
    }
    for (enum side side = ORIGINATOR; side <= RESPONDER && queue->full; side++)
        tls_opening_gap(opening, side, GAP_ANYWHERE);
}

void
tls_sealed_retry(struct tls_stream *stream, bool last)
{
    struct tls_sealed *sealed = &stream->sealed;
    if (!sealed->waits || (!find_keys(stream, last) && !last))
        return;
    if (sealed->opening)
        replay(stream);
    sealed_drop(&sealed->queue);
    sealed->waits = false;
}

bool
tls_sealed_follows(const struct tls_stream *stream)
{
    const struct tls_sealed *sealed = &stream->sealed;
    return sealed->anew && ((sealed->opening && tls_opening_follows(sealed->opening)) ||
                               (sealed->old && tls12_opening_follows(sealed->old)));
}

void
tls_sealed_go_on(struct tls_stream *stream, struct handshake *handshake)
{
    stream->handshake = handshake;
    if (stream->sealed.opening)
        tls_opening_go_on(stream->sealed.opening, handshake);
}

void
tls_sealed_end(struct tls_stream *stream)
{
    tls_opening_free(stream->sealed.opening);
    tls12_opening_free(stream->sealed.old);
    sealed_drop(&stream->sealed.queue);
    stream->sealed.opening = NULL;
    stream->sealed.old = NULL;
}
