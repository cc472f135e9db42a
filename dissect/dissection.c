/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/dissection.h"

#include "base/hash.h"
#include "dissect/certificate_message.h"
#include "dissect/conversation.h"
#include "dissect/dtls.h"
#include "dissect/eap_8021x.h"
#include "dissect/eap_radius.h"
#include "dissect/fetched.h"
#include "dissect/openvpn.h"
#include "dissect/quic.h"
#include "dissect/quic_keys.h"

#include <assert.h>
#include <netinet/in.h>
#include <stdlib.h>

enum {
    CERTIFICATES_MOST = 1 << 16,
    DATAGRAMS_MOST = 64,    /* of a flow in which a handshake may still begin, */
    SEARCH_MOST = 32 << 10, /* and their bytes */
};
static const int64_t SETTLE_NS = INT64_C(10) * 1000000000; /* to see what the server makes of it */

struct dissection *
dissection_new(struct pool *pool, struct session_listener listener)
{
    struct dissection *d = calloc(1, sizeof *d);
    if (!d)
        abort();
    d->pool = pool;
    d->listener = listener;
    d->store = certificate_store_new(pool, CERTIFICATES_MOST);
    d->fingerprinter = fingerprinter_new(pool);
    d->quic_opener = quic_opener_new();
    d->prover = prover_new();
    return d;
}

void
dissection_free(struct dissection *d)
{
    dissection_finish(d, 0);
    assert(!d->oldest);
    prover_free(d->prover);
    quic_opener_free(d->quic_opener);
    keyring_free(d->keys);
    fingerprinter_free(d->fingerprinter);
    certificate_store_free(d->store);
    free(d);
}

void
dissection_use_keys(struct dissection *d, const struct key_options *options)
{
    assert(!d->keys);
    d->keys = keyring_new(options);
}

void
dissection_round(struct dissection *d, uint64_t round)
{
    if (d->keys)
        d->keys->round = round;
}

void
dissection_set_proving(struct dissection *d, enum proving proving)
{
    d->proving = proving;
}

struct dissection_counts
dissection_counts(const struct dissection *d)
{
    struct dissection_counts counts = d->counts;
    if (d->keys)
        counts.keys = d->keys->counts;
    counts.proofs = prover_counts(d->prover);
    return counts;
}

struct certificate_store_counts
dissection_store_counts(const struct dissection *d)
{
    return certificate_store_counts(d->store);
}

/* Base 62 of a hash over what makes a connection this one, so that every run gives it the same. */
static void
make_uid(const struct flow *flow, char out[UID_TEXT])
{
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    enum { HALF = (UID_TEXT - 2) / 2 };
    struct {
        struct address address[2];
        uint64_t first_frame;
        int64_t first_ns;
        uint16_t port[2];
        uint32_t protocol;
    } what = {
        .address = {flow->address[0], flow->address[1]},
        .first_frame = flow->first_frame,
        .first_ns = flow->first_ns,
        .port = {flow->port[0], flow->port[1]},
        .protocol = flow->protocol,
    };
    char *at = out;
    *at++ = 'C';
    for (unsigned half = 0; half < 2; half++) {
        struct hash_key fixed = {.low = UINT64_C(0x6365727474617000) + half, .high = 1};
        uint64_t value = hash_bytes(fixed, bytes_of(&what, sizeof what));
        for (unsigned i = 0; i < HALF; i++, value /= 62)
            *at++ = digits[value % 62];
    }
    *at = '\0';
}

struct handshake *
handshake_new(struct dissection *d, struct flow *flow)
{
    struct handshake *h = pool_take(d->pool, sizeof *h);
    if (!h)
        return NULL;
    h->arena.pool = d->pool;
    h->store = d->store;
    h->fingerprinter = d->fingerprinter;
    h->keys = d->keys;
    h->flow = flow;
    h->transport = JA4_TCP;
    h->session.ts_ns = flow->last_ns;
    h->session.last_alert = NO_ALERT;
    h->session.client_side = ORIGINATOR;
    return h;
}

static void
fill_endpoints(struct session *s, const struct flow *flow)
{
    s->first_frame = flow->first_frame;
    s->protocol = flow->protocol;
    s->path = flow->path;
    for (int side = 0; side < 2; side++) {
        s->address[side] = flow->address[side];
        s->port[side] = flow->port[side];
    }
    make_uid(flow, s->uid);
}

void
handshake_tell(
    struct dissection *d, struct handshake *h, bool over, enum flow_end why, uint64_t frame)
{
    if (!handshake_worth_telling(h)) {
        session_release(&h->session);
        return;
    }
    handshake_conclude(h, over, why, frame);
    if (d->proving != PROVE_NEVER)
        session_prove(d->prover, &h->session, CLIENT);
    if (d->proving == PROVE_ALL)
        session_prove(d->prover, &h->session, SERVER);
    fill_endpoints(&h->session, h->flow);
    h->session.trace = h->flow->trace;
    h->flow->trace = NULL;
    h->flow = NULL;
    d->counts.sessions++;
    if (d->keys)
        d->keys->counts.sessions += h->session.keys_used;
    d->counts.certificates += h->session.chain[CLIENT].len + h->session.chain[SERVER].len;
    d->listener.told(d->listener.owner, &h->session);
}

/* As many certificates as a chain may have. */
static bool
take_fetched(struct dissection *d, struct handshake *h, struct bytes certificates)
{
    struct chain *chain = &h->session.chain[SERVER];
    const struct certificate **kept = arena_take(&h->arena, CHAIN_MOST * sizeof *kept);
    struct bytes der;
    if (!kept)
        return false;
    *chain = (struct chain){.at = kept, .seen = true};
    for (; fetched_next(&certificates, &der); chain->sent++) {
        if (chain->len == CHAIN_MOST)
            continue;
        kept[chain->len] = certificate_find(d->store, der);
        if (!kept[chain->len])
            return false;
        chain->len++;
    }
    return true;
}

static bool
take_aside(struct dissection *d, struct handshake *h, enum ocsp_source source, struct bytes der)
{
    bool ok = false;
    if (source == FETCHED_CERTIFICATES)
        return take_fetched(d, h, der);
    h->session.ocsp_der = arena_copy(&h->arena, der, &ok);
    return ok;
}

void
ocsp_tell(struct dissection *d, struct flow *flow, enum ocsp_source source, struct bytes der,
    unsigned nth)
{
    struct handshake *h = handshake_new(d, flow);
    if (!h || !take_aside(d, h, source, der)) {
        d->counts.shed++;
        if (h)
            session_release(&h->session);
        return;
    }
    struct session *s = &h->session;
    s->ocsp = source;
    s->frame = flow->frame;
    s->end_ns = flow->last_ns;
    s->nth = nth;
    fill_endpoints(s, flow);
    h->flow = NULL;
    d->listener.told(d->listener.owner, s);
}

void
session_release(struct session *session)
{
    struct handshake *h = handshake_of(session);
    struct pool *pool = h->arena.pool;
    trace_free(session->trace);
    for (int role = 0; role < 2; role++)
        for (size_t i = 0; i < session->chain[role].len; i++)
            certificate_unref(h->store, session->chain[role].at[i]);
    arena_empty(&h->arena);
    pool_give(pool, h, sizeof *h);
}

static struct conversation *
conversation_of(struct dissection *d, struct flow *flow)
{
    if (!flow->dissection && !flow->quiet) {
        flow->dissection = conversation_new(d, flow);
        if (!flow->dissection) {
            d->counts.shed++;
            flow->quiet = true;
        }
    }
    return flow->dissection;
}

static void
hear_bytes(void *owner, struct flow *flow, enum side from, struct bytes data)
{
    struct conversation *c = conversation_of(owner, flow);
    if (c)
        conversation_hear(c, from, data);
}

static void
hear_gap(void *owner, struct flow *flow, enum side from, uint64_t missing)
{
    struct conversation *c = conversation_of(owner, flow);
    if (c)
        conversation_gap(c, from, missing);
}

static const struct talk_kind *const datagram_kinds[] = {
    &quic_talk, &dtls_talk, &eap_radius_talk, &eap_8021x_talk, &openvpn_talk};

/* Most datagrams are of no interest; until one is, nothing is kept of their flow. */
static struct talk *
find_talk(struct dissection *d, struct flow *flow, struct bytes data, uint32_t missing)
{
    enum look best = LOOK_NOT_MINE;
    for (size_t i = 0; i < sizeof datagram_kinds / sizeof *datagram_kinds; i++) {
        enum look mine = datagram_kinds[i]->look(flow, data, missing);
        if (mine > best)
            best = mine;
        if (mine != LOOK_MINE)
            continue;
        struct talk *talk = datagram_kinds[i]->begin(d, flow);
        d->counts.shed += !talk;
        flow->quiet = !talk;
        return talk;
    }
    bool enough = flow->packets[0] + flow->packets[1] >= DATAGRAMS_MOST ||
                  flow->payload[0] + flow->payload[1] >= SEARCH_MOST;
    flow->quiet = enough && best == LOOK_NOT_MINE;
    return NULL;
}

static void
hear_datagram(void *owner, struct flow *flow, enum side from, struct bytes data, uint32_t missing)
{
    if (!flow->dissection)
        flow->dissection = find_talk(owner, flow, data, missing);
    struct talk *talk = flow->dissection;
    if (talk)
        talk->kind->datagram(talk, from, data, missing);
}

static void
hear_end(void *owner, struct flow *flow, enum flow_end why)
{
    (void)owner;
    struct talk *talk = flow->dissection;
    talk->kind->end(talk, true, why, flow->frame);
}

struct flow_listener
dissection_listener(struct dissection *d)
{
    return (struct flow_listener){
        .owner = d,
        .bytes = hear_bytes,
        .gap = hear_gap,
        .datagram = hear_datagram,
        .end = hear_end,
    };
}

static void
retry_all(struct dissection *d, uint64_t frame)
{
    uint64_t latest = key_store_latest(d->keys->options.store, d->keys->round);
    if (latest == d->keys_tried)
        return;
    d->keys_tried = latest;
    for (struct talk *next, *talk = d->oldest_waiting; talk; talk = next) {
        next = talk->newer_waiting;
        talk->kind->retry(talk, false, frame);
    }
}

void
dissection_finish(struct dissection *d, uint64_t frame)
{
    while (d->oldest_waiting)
        d->oldest_waiting->kind->retry(d->oldest_waiting, true, frame);
}

void
dissection_tick(struct dissection *d, int64_t now_ns, uint64_t frame)
{
    prover_tick(d->prover, now_ns);
    if (d->oldest_waiting)
        retry_all(d, frame);
    while (d->oldest_waiting && d->oldest_waiting->wait_ns + d->keys->options.wait_ns <= now_ns)
        d->oldest_waiting->kind->retry(d->oldest_waiting, true, frame);
    while (d->oldest && d->oldest->settle_ns + SETTLE_NS <= now_ns)
        d->oldest->kind->end(d->oldest, false, FLOW_OVER, frame);
}
