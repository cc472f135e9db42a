/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/keys/tls_opening.h"

#include "dissect/keys/record_buffer.h"

#include <openssl/crypto.h>

enum {
    PASSED_OVER_MOST = 256, /* records of early data, which has keys of its own */
    DRAFT = 0x7f,
    FACEBOOK = 0xfb,
    DRAFT_20 = 20, /* first with the names of keys as they are now */
    DRAFT_25 = 25, /* first whose tag covers the record's header */
};

enum phase {
    PHASE_CLOSED,    /* no secret for it, or it was given up */
    PHASE_HANDSHAKE, /* under the handshake secret */
    PHASE_DATA,      /* under a traffic secret */
};

struct opened_side {
    enum phase phase;
    struct sealing sealing;
    uint64_t seq;
    struct secret traffic; /* its `len` is 0 when it was not given */
    unsigned key_updates;  /* that were followed */
    unsigned passed_over;
    bool any;    /* something was opened */
    bool broken; /* bytes of the record that is being taken are missing */
    struct record_buffer record;
};

struct tls_opening {
    struct keyring *ring;
    struct pool *pool;
    struct handshake *handshake;
    const struct suite *suite;
    enum key_names names;
    bool bare; /* drafts: the tag does not cover the record's header */
    struct opened_side side[2];
};

/* ---- Secrets. */

/* The number of the draft; 255 for what is none any more. */
static unsigned
draft_of(uint16_t version)
{
    unsigned high = version >> 8;
    return high == DRAFT || high == FACEBOOK ? version & 0xff : 255;
}

static bool
begin_side(struct tls_opening *o, enum side from)
{
    struct opened_side *side = &o->side[from];
    bool client = handshake_role(o->handshake, from) == CLIENT;
    struct bytes random = o->handshake->session.hello.random;
    struct secret secret;
    if (!keyring_find(
            o->ring, random, client ? SECRET_CLIENT_HANDSHAKE : SECRET_SERVER_HANDSHAKE, &secret))
        return false;
    bool good = sealing_derive(
        o->ring->opener, o->suite, o->names, bytes_of(secret.at, secret.len), &side->sealing);
    OPENSSL_cleanse(&secret, sizeof secret);
    if (!good)
        return false;
    side->phase = PHASE_HANDSHAKE;
    o->handshake->side[from].keyed = true;
    return true;
}

struct tls_opening *
tls_opening_new(struct keyring *ring, struct pool *pool, struct handshake *h)
{
    const struct suite *suite = suite_find(h->session.answer.cipher);
    if (!suite || !h->session.has_hello)
        return NULL;
    struct tls_opening *o = pool_take(pool, sizeof *o);
    if (!o)
        return NULL;
    unsigned draft = draft_of(h->session.version);
    *o = (struct tls_opening){
        .ring = ring,
        .pool = pool,
        .handshake = h,
        .suite = suite,
        .names = draft < DRAFT_20 ? KEYS_TLS_DRAFT : KEYS_TLS,
        .bare = draft < DRAFT_25,
    };
    bool any = begin_side(o, ORIGINATOR);
    any |= begin_side(o, RESPONDER);
    if (any)
        return o;
    tls_opening_free(o);
    return NULL;
}

static void
drop_record(struct tls_opening *o, struct opened_side *side)
{
    record_buffer_drop(&side->record, o->pool);
    side->broken = false;
}

void
tls_opening_free(struct tls_opening *o)
{
    if (!o)
        return;
    for (int side = 0; side < 2; side++)
        drop_record(o, &o->side[side]);
    struct pool *pool = o->pool;
    OPENSSL_cleanse(o, sizeof *o);
    pool_give(pool, o, sizeof *o);
}

static void
close_side(struct tls_opening *o, enum side from)
{
    struct opened_side *side = &o->side[from];
    drop_record(o, side);
    OPENSSL_cleanse(&side->sealing, sizeof side->sealing);
    OPENSSL_cleanse(&side->traffic, sizeof side->traffic);
    side->phase = PHASE_CLOSED;
    side->traffic.len = 0;
}

static void
give_up(struct tls_opening *o, enum side from, enum visibility_reason why)
{
    close_side(o, from);
    handshake_lose(o->handshake, from, why);
}

/* ---- Records. */

static struct bytes
header_of(
    const struct tls_opening *o, const struct record_piece *piece, uint8_t header[RECORD_HEADER])
{
    header[0] = piece->type;
    header[1] = (uint8_t)(piece->version >> 8);
    header[2] = (uint8_t)piece->version;
    header[3] = (uint8_t)(piece->length >> 8);
    header[4] = (uint8_t)piece->length;
    return bytes_of(header, o->bare ? 0 : RECORD_HEADER);
}

/* The type that stands behind the content, and what stands before it, without the padding. */
static uint8_t
split(struct bytes *text)
{
    while (text->len && bytes_at(*text, text->len - 1) == 0)
        text->len--;
    uint8_t type = bytes_at(bytes_skip(*text, text->len ? text->len - 1 : 0), 0);
    *text = bytes_first(*text, text->len ? text->len - 1 : 0);
    return type;
}

static enum opened
kind_of(uint8_t type)
{
    return type == RECORD_HANDSHAKE ? OPENED_HANDSHAKE
           : type == RECORD_ALERT   ? OPENED_ALERT
                                    : OPENED_NOTHING;
}

static bool
unseal(struct tls_opening *o, struct opened_side *side, const struct record_piece *piece,
    struct bytes record, struct bytes *text)
{
    uint8_t header[RECORD_HEADER];
    if (!opener_open(
            o->ring->opener, &side->sealing, side->seq, header_of(o, piece, header), record, text))
        return false;
    side->seq++;
    side->any = true;
    o->ring->counts.opened++;
    return true;
}

/* Early data comes under other keys and has numbers of its own, whether the server takes it or not:
 * what does not open before anything of the client's has is passed over. */
static bool
may_be_early(const struct tls_opening *o, enum side from)
{
    const struct opened_side *side = &o->side[from];
    return o->handshake->session.hello.early_data && !side->any &&
           side->passed_over < PASSED_OVER_MOST && handshake_role(o->handshake, from) == CLIENT;
}

static enum opened
open_handshake(struct tls_opening *o, enum side from, const struct record_piece *piece,
    struct bytes record, struct bytes *text)
{
    struct opened_side *side = &o->side[from];
    if (unseal(o, side, piece, record, text))
        return kind_of(split(text));
    if (may_be_early(o, from)) {
        side->passed_over++;
        return OPENED_NOTHING;
    }
    o->ring->counts.failed++;
    give_up(o, from, REASON_UNOPENED);
    return OPENED_NOTHING;
}

/* Behind the handshake a record is told by its type alone, and opened when it is no data. */
static enum opened
open_among_data(struct tls_opening *o, enum side from, const struct record_piece *piece,
    struct bytes record, struct bytes *text)
{
    struct opened_side *side = &o->side[from];
    uint8_t type;
    if (side->broken) {
        side->seq++;
        return OPENED_NOTHING;
    }
    if (!opener_peek(o->ring->opener, &side->sealing, side->seq, record, &type)) {
        close_side(o, from);
        return OPENED_NOTHING;
    }
    if (kind_of(type) == OPENED_NOTHING) {
        side->seq++;
        if (type == RECORD_APPLICATION_DATA)
            handshake_data(o->handshake, from);
        else
            close_side(o, from); /* other keys */
        return OPENED_NOTHING;
    }
    if (unseal(o, side, piece, record, text))
        return kind_of(split(text));
    o->ring->counts.failed++;
    close_side(o, from);
    return OPENED_NOTHING;
}

enum opened
tls_opening_take(
    struct tls_opening *o, enum side from, const struct record_piece *piece, struct bytes *text)
{
    struct opened_side *side = &o->side[from];
    struct bytes record = {0};
    if (side->phase == PHASE_CLOSED || piece->type != RECORD_APPLICATION_DATA)
        return OPENED_NOTHING;
    if (piece->first)
        drop_record(o, side);
    enum buffered buffered = side->broken
                                 ? (piece->last ? BUFFERED_WHOLE : BUFFERED_PART)
                                 : record_buffer_take(&side->record, o->pool, piece, &record);
    if (buffered == BUFFERED_NO_ROOM)
        give_up(o, from, REASON_SHED);
    if (buffered != BUFFERED_WHOLE)
        return OPENED_NOTHING;
    enum opened kind = side->phase == PHASE_HANDSHAKE
                           ? open_handshake(o, from, piece, record, text)
                           : open_among_data(o, from, piece, record, text);
    drop_record(o, side);
    return kind;
}

/* ---- Changes of keys. */

static void
find_traffic_secret(struct tls_opening *o, enum side from)
{
    bool client = handshake_role(o->handshake, from) == CLIENT;
    if (o->ring->options.follow)
        keyring_find(o->ring, o->handshake->session.hello.random,
            client ? SECRET_CLIENT_TRAFFIC : SECRET_SERVER_TRAFFIC, &o->side[from].traffic);
}

static void
enter_data(struct tls_opening *o, enum side from)
{
    struct opened_side *side = &o->side[from];
    bool good =
        side->traffic.len && sealing_derive(o->ring->opener, o->suite, o->names,
                                 bytes_of(side->traffic.at, side->traffic.len), &side->sealing);
    if (!good) {
        close_side(o, from);
        return;
    }
    side->phase = PHASE_DATA;
    side->seq = 0;
}

static void
follow_update(struct tls_opening *o, enum side from)
{
    struct opened_side *side = &o->side[from];
    side->key_updates++;
    if (side->traffic.len == o->suite->hash &&
        secret_advance(o->ring->opener, o->suite, o->names, side->traffic.at))
        enter_data(o, from);
    else
        close_side(o, from);
}

void
tls_opening_heard(struct tls_opening *o, enum side from)
{
    struct opened_side *side = &o->side[from];
    const struct spoken *spoken = &o->handshake->side[from];
    if (side->phase == PHASE_HANDSHAKE && spoken->finished) {
        find_traffic_secret(o, from);
        enter_data(o, from);
    } else if (side->phase == PHASE_DATA && spoken->key_updates != side->key_updates)
        follow_update(o, from);
}

bool
tls_opening_follows(const struct tls_opening *o)
{
    return o->side[ORIGINATOR].phase == PHASE_DATA || o->side[RESPONDER].phase == PHASE_DATA;
}

void
tls_opening_go_on(struct tls_opening *o, struct handshake *handshake)
{
    o->handshake = handshake;
    for (int side = 0; side < 2; side++)
        o->side[side].key_updates = handshake->side[side].key_updates;
}

void
tls_opening_gap(struct tls_opening *o, enum side from, enum opening_gap where)
{
    struct opened_side *side = &o->side[from];
    if (side->phase == PHASE_HANDSHAKE)
        give_up(o, from, o->handshake->flow->cut ? REASON_CUT : REASON_GAP);
    if (side->phase != PHASE_DATA)
        return;
    drop_record(o, side);
    side->broken = where == GAP_INSIDE;
    if (where == GAP_ENDS_RECORD)
        side->seq++;
    else if (where == GAP_ANYWHERE)
        close_side(o, from);
}
