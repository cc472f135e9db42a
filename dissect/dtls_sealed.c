/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/dtls_sealed.h"

static bool
find_keys(struct dtls_sealed *sealed, struct handshake *h, bool half)
{
    if (half || keyring_complete(h->keys, h->session.hello.random, false))
        sealed->opening = dtls_opening_new(h->keys, sealed->queue.pool, h);
    return sealed->opening;
}

/* The first record behind the encryption decides: are there keys for it, or may they come? */
static void
look_for_keys(struct dtls_sealed *sealed, struct handshake *h)
{
    if (sealed->opening || sealed->closed || h->session.answer.retry)
        return;
    bool expects = h->session.has_hello && keyring_expects(h->keys);
    sealed->closed = true;
    sealed->waits = !find_keys(sealed, h, !expects) && expects;
}

/* The record as it stood in its datagram. What its header means follows from where its number is,
 * which is what is marked. One that was cut, or whose number is not known, cannot be opened. */
static void
keep(struct dtls_sealed *sealed, enum side from, const struct dtls_record *record)
{
    if (!record->number_len || record->body.len < record->length)
        return;
    size_t len = record->header.len + record->body.len; /* one behind the other */
    struct record_piece piece = {.bytes = bytes_of(record->header.at, len)};
    sealed_add(&sealed->queue, from, (int)record->number_at, &piece);
}

enum opened
dtls_sealed_hear(struct dtls_sealed *sealed, struct handshake *h, enum side from,
    const struct dtls_record *record, struct bytes *text)
{
    look_for_keys(sealed, h);
    if (sealed->opening)
        return dtls_opening_take(sealed->opening, from, record, text);
    if (sealed->waits)
        keep(sealed, from, record);
    return OPENED_NOTHING;
}

/* What came when there was no more room is missing. */
static void
lose_what_was_not_kept(const struct dtls_sealed *sealed, struct handshake *h)
{
    for (enum side side = ORIGINATOR; side <= RESPONDER && sealed->queue.full; side++)
        if (h->side[side].keyed && !h->side[side].finished)
            handshake_lose(h, side, REASON_SHED);
}

void
dtls_sealed_retry(struct dtls_sealed *sealed, struct handshake *h, bool last)
{
    if (!sealed->waits || (!find_keys(sealed, h, last) && !last))
        return;
    if (!sealed->opening)
        sealed_drop(&sealed->queue);
    sealed->waits = false;
}

bool
dtls_sealed_next(struct dtls_sealed *sealed, struct handshake *h, enum side *from,
    enum opened *opened, struct bytes *text)
{
    struct sealed *kept = sealed->opening ? sealed_take(&sealed->queue) : NULL;
    struct dtls_record record;
    if (!kept) {
        lose_what_was_not_kept(sealed, h);
        sealed->queue.full = false;
        return false;
    }
    struct bytes datagram = kept->piece.bytes;
    *from = kept->from;
    *opened = OPENED_NOTHING;
    if (dtls_record_next(&datagram, 0, kept->mark - 1, &record))
        *opened = dtls_opening_take(sealed->opening, kept->from, &record, text);
    sealed_give(&sealed->queue, kept); /* the text is the opener's own */
    return true;
}

void
dtls_sealed_end(struct dtls_sealed *sealed)
{
    dtls_opening_free(sealed->opening);
    sealed_drop(&sealed->queue);
    *sealed = (struct dtls_sealed){.queue.pool = sealed->queue.pool};
}
