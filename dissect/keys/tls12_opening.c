/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/keys/tls12_opening.h"

#include "dissect/keys/old_suite.h"
#include "dissect/keys/record_buffer.h"

#include <openssl/crypto.h>

enum {
    RANDOM = 32,
    BLOCK_MOST = 16,
    KEY_BLOCK = 2 * (SUITE_HASH_MOST + SUITE_KEY_MOST + BLOCK_MOST),
    EXPLICIT_NONCE = 8,
    HEADER = 13, /* what is authenticated beside the text: number, type, version, length */
    TLS_10 = 0x0301,
    TLS_12 = 0x0303,
    EXTENSION_ENCRYPT_THEN_MAC = 22,
};

/* The keys of one direction. */
struct old_sealing {
    const struct old_suite *suite; /* NULL: they are not known */
    uint16_t version;
    bool encrypt_then_mac; /* RFC 7366 */
    uint8_t key[SUITE_KEY_MOST];
    uint8_t mac[SUITE_HASH_MOST];
    uint8_t iv[BLOCK_MOST]; /* TLS 1.0: the last block of the record before */
};

struct old_side {
    struct old_sealing sealing;
    uint64_t seq;
    bool broken; /* bytes of the record that is being taken are missing */
    struct record_buffer record;
};

struct tls12_opening {
    struct keyring *ring;
    struct pool *pool;
    struct old_side side[2];
};

/* ---- Keys. */

static bool
has_extension(struct bytes extensions, uint16_t wanted)
{
    struct reader r = reader_over(extensions);
    while (reader_more(&r)) {
        uint16_t type = read_u16(&r);
        read_vec16(&r);
        if (type == wanted && !r.bad)
            return true;
    }
    return false;
}

/* Both directions' keys in one block (RFC 5246 section 6.3). */
static bool
make_key_block(struct keyring *ring, const struct session *s, const struct old_suite *suite,
    const struct secret *secret, uint8_t block[KEY_BLOCK])
{
    static const char label[] = "key expansion";
    enum { LABEL = sizeof label - 1 };
    uint8_t seed[LABEL + 2 * RANDOM];
    if (s->hello.random.len != RANDOM || s->answer.random.len != RANDOM)
        return false;
    memcpy(seed, label, LABEL);
    memcpy(seed + LABEL, s->answer.random.at, RANDOM);
    memcpy(seed + LABEL + RANDOM, s->hello.random.at, RANDOM);
    return opener_prf(ring->opener, s->version < TLS_12 ? "MD5-SHA1" : suite->prf,
        bytes_of(secret->at, secret->len), bytes_of(seed, sizeof seed), block, KEY_BLOCK);
}

static void
take_keys(struct old_sealing *sealing, const struct session *s, const struct old_suite *suite,
    const uint8_t *block, enum role role)
{
    const uint8_t *mac = block + (role == CLIENT ? 0 : suite->mac_key);
    const uint8_t *keys = block + 2 * suite->mac_key;
    const uint8_t *ivs = keys + 2 * suite->key;
    *sealing = (struct old_sealing){
        .suite = suite,
        .version = s->version,
        .encrypt_then_mac = has_extension(s->answer.extensions, EXTENSION_ENCRYPT_THEN_MAC),
    };
    memcpy(sealing->mac, mac, suite->mac_key);
    memcpy(sealing->key, keys + (role == CLIENT ? 0 : suite->key), suite->key);
    memcpy(sealing->iv, ivs + (role == CLIENT ? 0 : suite->iv), suite->iv);
}

/* The keys of this direction that follow from a handshake. */
static bool
find_keys(
    struct keyring *ring, const struct handshake *h, enum side from, struct old_sealing *sealing)
{
    const struct session *s = &h->session;
    const struct old_suite *suite = old_suite_find(s->answer.cipher);
    struct secret secret;
    uint8_t block[KEY_BLOCK];
    bool known = s->has_hello && s->has_answer && !s->answer.compression && s->version >= TLS_10 &&
                 s->version <= TLS_12;
    if (!known || !suite || !keyring_find(ring, s->hello.random, SECRET_MASTER, &secret))
        return false;
    bool good = make_key_block(ring, s, suite, &secret, block);
    if (good)
        take_keys(sealing, s, suite, block, handshake_role(h, from));
    OPENSSL_cleanse(&secret, sizeof secret);
    OPENSSL_cleanse(block, sizeof block);
    return good;
}

struct tls12_opening *
tls12_opening_new(struct keyring *ring, struct pool *pool, struct handshake *h)
{
    struct tls12_opening *o = ring->options.follow ? pool_take(pool, sizeof *o) : NULL;
    if (!o)
        return NULL;
    o->ring = ring;
    o->pool = pool;
    bool any = find_keys(ring, h, ORIGINATOR, &o->side[ORIGINATOR].sealing);
    any |= find_keys(ring, h, RESPONDER, &o->side[RESPONDER].sealing);
    if (any)
        return o;
    tls12_opening_free(o);
    return NULL;
}

static void
close_side(struct tls12_opening *o, enum side from)
{
    struct old_side *side = &o->side[from];
    record_buffer_drop(&side->record, o->pool);
    OPENSSL_cleanse(side, sizeof *side);
}

void
tls12_opening_free(struct tls12_opening *o)
{
    if (!o)
        return;
    close_side(o, ORIGINATOR);
    close_side(o, RESPONDER);
    pool_give(o->pool, o, sizeof *o);
}

/* ---- Opening. */

/* What is authenticated beside the text, whose length this is. */
static struct bytes
header_of(const struct old_side *side, const struct record_piece *piece, size_t length,
    uint8_t header[HEADER])
{
    for (size_t i = 0; i < 8; i++)
        header[i] = (uint8_t)(side->seq >> (56 - 8 * i));
    header[8] = piece->type;
    header[9] = (uint8_t)(piece->version >> 8);
    header[10] = (uint8_t)piece->version;
    header[11] = (uint8_t)(length >> 8);
    header[12] = (uint8_t)length;
    return bytes_of(header, HEADER);
}

static bool
open_aead(struct opener *opener, struct old_side *side, const struct record_piece *piece,
    struct bytes record, struct bytes *text)
{
    const struct old_suite *suite = side->sealing.suite;
    uint8_t nonce[SUITE_NONCE], header[HEADER];
    memcpy(nonce, side->sealing.iv, suite->iv);
    if (suite->mode == SUITE_CHACHA) {
        for (size_t i = 0; i < 8; i++)
            nonce[SUITE_NONCE - 1 - i] ^= (uint8_t)(side->seq >> 8 * i);
    } else {
        if (record.len < EXPLICIT_NONCE)
            return false;
        memcpy(nonce + suite->iv, record.at, EXPLICIT_NONCE);
        record = bytes_skip(record, EXPLICIT_NONCE);
    }
    if (record.len < suite->tag)
        return false;
    struct aead how = {suite->cipher, suite->mode, side->sealing.key, nonce, suite->tag};
    struct bytes beside = header_of(side, piece, record.len - suite->tag, header);
    return opener_aead(opener, &how, beside, record, text);
}

static bool
mac_is_right(struct opener *opener, const struct old_side *side, const struct record_piece *piece,
    struct bytes covered, struct bytes mac)
{
    const struct old_suite *suite = side->sealing.suite;
    uint8_t header[HEADER], expected[SUITE_HASH_MOST];
    return mac.len == suite->mac_key &&
           opener_hmac(opener, suite->mac, bytes_of(side->sealing.mac, suite->mac_key),
               header_of(side, piece, covered.len, header), covered, expected) &&
           bytes_equal(mac, bytes_of(expected, suite->mac_key));
}

/* Takes the padding off the end: its last byte says its length, as all of it does. */
static bool
strip_padding(struct bytes *text)
{
    if (text->len == 0)
        return false;
    size_t padding = bytes_at(*text, text->len - 1);
    if (padding + 1 > text->len)
        return false;
    for (size_t i = 0; i < padding; i++)
        if (bytes_at(*text, text->len - 2 - i) != padding)
            return false;
    *text = bytes_first(*text, text->len - padding - 1);
    return true;
}

static bool
strip_mac(const struct old_suite *suite, struct bytes *text, struct bytes *mac)
{
    if (text->len < suite->mac_key)
        return false;
    *mac = bytes_skip(*text, text->len - suite->mac_key);
    *text = bytes_first(*text, text->len - suite->mac_key);
    return true;
}

static bool
open_cbc(struct opener *opener, const struct old_side *side, const struct record_piece *piece,
    struct bytes record, struct bytes *text)
{
    const struct old_sealing *sealing = &side->sealing;
    const struct old_suite *suite = sealing->suite;
    struct bytes mac = {0}, iv = bytes_of(sealing->iv, suite->block);
    if (sealing->encrypt_then_mac &&
        (!strip_mac(suite, &record, &mac) || !mac_is_right(opener, side, piece, record, mac)))
        return false;
    if (sealing->version > TLS_10) {
        iv = bytes_first(record, suite->block);
        record = bytes_skip(record, suite->block);
    }
    if (record.len % suite->block ||
        !opener_cbc(opener, suite->cipher, sealing->key, iv.at, record, text) ||
        !strip_padding(text))
        return false;
    return sealing->encrypt_then_mac ||
           (strip_mac(suite, text, &mac) && mac_is_right(opener, side, piece, *text, mac));
}

/* The chain of TLS 1.0 goes on from the last block of each record, whatever it is. */
static void
remember_block(struct old_side *side, struct bytes record)
{
    struct old_sealing *sealing = &side->sealing;
    size_t block = sealing->suite->block;
    size_t mac = sealing->encrypt_then_mac ? sealing->suite->mac_key : 0;
    if (!block || sealing->version > TLS_10 || record.len < mac + block)
        return;
    memcpy(sealing->iv, bytes_skip(record, record.len - mac - block).at, block);
}

static enum opened
open_record(struct tls12_opening *o, enum side from, const struct record_piece *piece,
    struct bytes record, struct bytes *text)
{
    struct old_side *side = &o->side[from];
    bool cbc = side->sealing.suite->block;
    bool wanted = piece->type == RECORD_HANDSHAKE || piece->type == RECORD_ALERT;
    bool good = true;
    if (wanted)
        good = cbc ? open_cbc(o->ring->opener, side, piece, record, text)
                   : open_aead(o->ring->opener, side, piece, record, text);
    remember_block(side, record);
    side->seq++;
    if (!good) {
        o->ring->counts.failed++;
        close_side(o, from);
        return OPENED_NOTHING;
    }
    o->ring->counts.opened += wanted;
    return !wanted                           ? OPENED_NOTHING
           : piece->type == RECORD_HANDSHAKE ? OPENED_HANDSHAKE
                                             : OPENED_ALERT;
}

/* Must the record be whole? Data is only counted, but where the next record's keys depend on it. */
static bool
collects(const struct old_side *side, const struct record_piece *piece)
{
    return piece->type != RECORD_APPLICATION_DATA ||
           (side->sealing.suite->block && side->sealing.version <= TLS_10);
}

enum opened
tls12_opening_take(
    struct tls12_opening *o, enum side from, const struct record_piece *piece, struct bytes *text)
{
    struct old_side *side = &o->side[from];
    struct bytes record = {0};
    if (!side->sealing.suite)
        return OPENED_NOTHING;
    if (piece->first)
        side->broken = false;
    if (side->broken || !collects(side, piece)) {
        side->seq += piece->last;
        return OPENED_NOTHING;
    }
    switch (record_buffer_take(&side->record, o->pool, piece, &record)) {
    case BUFFERED_PART:
        return OPENED_NOTHING;
    case BUFFERED_NO_ROOM:
        close_side(o, from);
        return OPENED_NOTHING;
    case BUFFERED_WHOLE:
        break;
    }
    enum opened kind = open_record(o, from, piece, record, text);
    record_buffer_drop(&side->record, o->pool);
    return kind;
}

void
tls12_opening_change(struct tls12_opening *o, enum side from, struct handshake *next)
{
    struct old_side *side = &o->side[from];
    struct old_sealing sealing;
    bool followed = side->sealing.suite && find_keys(o->ring, next, from, &sealing);
    close_side(o, from);
    if (followed)
        side->sealing = sealing;
    OPENSSL_cleanse(&sealing, sizeof sealing);
}

void
tls12_opening_gap(struct tls12_opening *o, enum side from, enum opening_gap where)
{
    struct old_side *side = &o->side[from];
    if (!side->sealing.suite)
        return;
    bool chained = side->sealing.suite->block && side->sealing.version <= TLS_10;
    if (where == GAP_ANYWHERE || chained) {
        close_side(o, from);
        return;
    }
    record_buffer_drop(&side->record, o->pool);
    side->broken = where == GAP_INSIDE;
    side->seq += where == GAP_ENDS_RECORD;
}

bool
tls12_opening_reads(const struct tls12_opening *o, enum side from)
{
    return o->side[from].sealing.suite;
}

bool
tls12_opening_follows(const struct tls12_opening *o)
{
    return tls12_opening_reads(o, ORIGINATOR) || tls12_opening_reads(o, RESPONDER);
}
