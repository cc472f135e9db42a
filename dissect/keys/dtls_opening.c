/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/keys/dtls_opening.h"

#include "dissect/quic_keys.h"

#include <openssl/crypto.h>

struct dtls_opened {
    struct sealing sealing; /* its suite is NULL when there is no secret */
    uint64_t largest;       /* number that was opened; none: UINT64_MAX */
};

struct dtls_opening {
    struct keyring *ring;
    struct pool *pool;
    struct handshake *handshake;
    struct dtls_opened side[2];
};

static bool
begin_side(struct dtls_opening *o, enum side from, const struct suite *suite)
{
    struct handshake *h = o->handshake;
    struct sealing *sealing = &o->side[from].sealing;
    bool client = handshake_role(h, from) == CLIENT;
    struct secret secret;
    o->side[from].largest = UINT64_MAX;
    if (!keyring_find(o->ring, h->session.hello.random,
            client ? SECRET_CLIENT_HANDSHAKE : SECRET_SERVER_HANDSHAKE, &secret))
        return false;
    bool good =
        sealing_derive(o->ring->opener, suite, KEYS_DTLS, bytes_of(secret.at, secret.len), sealing);
    if (!good)
        sealing->suite = NULL;
    OPENSSL_cleanse(&secret, sizeof secret);
    h->side[from].keyed = good;
    return good;
}

struct dtls_opening *
dtls_opening_new(struct keyring *ring, struct pool *pool, struct handshake *h)
{
    const struct suite *suite = suite_find(h->session.answer.cipher);
    struct dtls_opening *o = suite && h->session.has_hello ? pool_take(pool, sizeof *o) : NULL;
    if (!o)
        return NULL;
    *o = (struct dtls_opening){.ring = ring, .pool = pool, .handshake = h};
    bool any = begin_side(o, ORIGINATOR, suite);
    any |= begin_side(o, RESPONDER, suite);
    if (any)
        return o;
    dtls_opening_free(o);
    return NULL;
}

void
dtls_opening_free(struct dtls_opening *o)
{
    if (!o)
        return;
    struct pool *pool = o->pool;
    OPENSSL_cleanse(o, sizeof *o);
    pool_give(pool, o, sizeof *o);
}

/* The header with the number as it was before it was hidden (RFC 9147 section 4.2.3). */
static bool
bare_header(struct dtls_opening *o, const struct dtls_opened *side,
    const struct dtls_record *record, uint8_t header[DTLS_UNIFIED_MOST], uint64_t *number)
{
    uint8_t mask[NUMBER_MASK];
    uint64_t low = 0;
    struct bytes sample = bytes_first(record->body, NUMBER_SAMPLE);
    if (record->header.len > DTLS_UNIFIED_MOST ||
        !opener_number_mask(o->ring->opener, &side->sealing, sample, mask))
        return false;
    memcpy(header, record->header.at, record->header.len);
    for (size_t i = 0; i < record->number_len; i++) {
        header[record->number_at + i] ^= mask[i];
        low = low << 8 | header[record->number_at + i];
    }
    *number = quic_whole_number(side->largest, low, record->number_len);
    return true;
}

/* The type that stands behind the content, and what stands before it, without the padding. */
static uint8_t
split(struct bytes *text)
{
    while (text->len && bytes_at(*text, text->len - 1) == 0)
        text->len--;
    uint8_t type = text->len ? bytes_at(*text, text->len - 1) : 0;
    *text = bytes_first(*text, text->len ? text->len - 1 : 0);
    return type;
}

enum opened
dtls_opening_take(
    struct dtls_opening *o, enum side from, const struct dtls_record *record, struct bytes *text)
{
    struct dtls_opened *side = &o->side[from];
    uint8_t header[DTLS_UNIFIED_MOST];
    uint64_t number;
    if (!side->sealing.suite || !record->number_len || record->body.len < record->length)
        return OPENED_NOTHING;
    struct bytes beside = bytes_of(header, record->header.len);
    if (!bare_header(o, side, record, header, &number) ||
        !opener_open(o->ring->opener, &side->sealing, number, beside, record->body, text)) {
        o->ring->counts.failed++;
        if (side->largest == UINT64_MAX) /* nothing ever opened: other keys */
            handshake_lose(o->handshake, from, REASON_UNOPENED);
        return OPENED_NOTHING;
    }
    o->ring->counts.opened++;
    if (side->largest == UINT64_MAX || number > side->largest)
        side->largest = number;
    uint8_t type = split(text);
    return type == RECORD_HANDSHAKE ? OPENED_HANDSHAKE
           : type == RECORD_ALERT   ? OPENED_ALERT
                                    : OPENED_NOTHING;
}
