/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/proof_parts.h"

#include "dissect/certificate_store.h"
#include "dissect/message.h"

#include <stdlib.h>

enum {
    ROOM_KEPT = 64 << 10, /* between two proofs */
    OWN_MOST = 256 << 10, /* bytes of keys that stand outside of chains */
};

static const char too_many[] = "there were too many at once";

struct prover *
prover_new(void)
{
    struct prover *prover = calloc(1, sizeof *prover);
    if (!prover)
        abort();
    prover->verifier = verifier_new();
    prover->pool.limit = OWN_MOST;
    return prover;
}

void
prover_free(struct prover *prover)
{
    if (!prover)
        return;
    verifier_free(prover->verifier);
    text_free(&prover->said);
    text_free(&prover->claim);
    free(prover);
}

struct prover_counts
prover_counts(const struct prover *prover)
{
    return prover->counts;
}

void
prover_tick(struct prover *prover, int64_t now_ns)
{
    verifier_tick(prover->verifier, now_ns);
}

/* ---- How versions sign. */

/* Drafts of TLS 1.3 sign as it does from 19 on. */
static const struct {
    uint16_t first, last;
    enum signing signing;
    bool datagram; /* messages are hashed with the headers that DTLS gives them */
} versions[] = {
    {0x0300, 0x0300, SIGNING_SSL3, false},
    {0x0301, 0x0302, SIGNING_IMPLIED, false},
    {0x0303, 0x0303, SIGNING_NAMED, false},
    {0x0304, 0x0304, SIGNING_CONTEXT, false},
    {0x7f13, 0x7f1c, SIGNING_CONTEXT, false},
    {0xfefc, 0xfefc, SIGNING_CONTEXT, false}, /* RFC 9147 section 5.2 */
    {0xfefd, 0xfefd, SIGNING_NAMED, true},
    {0xfeff, 0xfeff, SIGNING_IMPLIED, true},
};

static void
find_signing(struct question *q)
{
    uint16_t version = q->handshake->session.version;
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++)
        if (version >= versions[i].first && version <= versions[i].last) {
            q->signing = versions[i].signing;
            q->datagram = versions[i].datagram;
        }
}

/* ---- Signatures. */

const char *
proof_check(struct question *q, const struct certificate *key, bool named, uint16_t code,
    struct bytes what, struct bytes signature)
{
    struct signature_scheme scheme;
    bool known =
        named ? signature_scheme_find(code, &scheme) : signature_scheme_implied(key, &scheme);
    if (!known)
        return "this kind of signature cannot be checked";
    q->result = signature_check(q->prover->verifier, key, &scheme, what, signature);
    if (q->result == SIGNATURE_UNABLE)
        return "this kind of key cannot be checked";
    return q->result == SIGNATURE_SKIPPED ? too_many : NULL;
}

void
proof_add_said(struct text *out, const struct said *said, bool datagram)
{
    uint8_t prefix[TRANSCRIPT_PREFIX];
    struct bytes piece;
    text_add(out, bytes_of(prefix, transcript_header(said, datagram, prefix)));
    for (size_t i = 0; transcript_piece(said, i, prefix, &piece); i++)
        text_add(out, piece);
}

const char *
proof_order(struct question *q, struct transcript_order *order)
{
    struct transcript_how how = {
        .client = q->handshake->session.client_side,
        .tls13 = q->signing == SIGNING_CONTEXT,
        .datagram = q->datagram,
    };
    return transcript_before(&q->handshake->transcript, &how, q->role, order);
}

/* ---- Conclusions. */

/* Why a signature may seem wrong that is not. To call somebody a forger takes certainty; that a
 * signature fits needs no more. */
static const char *
doubt(const struct question *q)
{
    const struct handshake *h = q->handshake;
    bool hello_hidden = h->session.hello.encrypted_client_hello && q->signing == SIGNING_CONTEXT;
    if (h->ambiguous)
        return "the capture holds two versions of what was said";
    if (hello_hidden)
        return "the hello may be another than the one in the clear";
    if (transcript_find(&h->transcript, ORIGINATOR, MESSAGE_COMPRESSED_CERTIFICATE) ||
        transcript_find(&h->transcript, RESPONDER, MESSAGE_COMPRESSED_CERTIFICATE))
        return "the compressed certificate may come with another key";
    return NULL;
}

static void
note(struct question *q, const char *why)
{
    struct session *s = &q->handshake->session;
    struct prover_counts *counts = &q->prover->counts;
    if (!why && q->result == SIGNATURE_WRONG)
        why = doubt(q);
    s->unproven[q->role] = why;
    if (why) {
        *(why == too_many ? &counts->skipped : &counts->unable) += 1;
    } else if (q->result == SIGNATURE_GOOD) {
        s->possession[q->role] = POSSESSION_VERIFIED;
        counts->verified++;
    } else {
        s->possession[q->role] = POSSESSION_FAILED;
        counts->failed++;
    }
}

/* The buffers are as large as the largest handshake was; few are large. */
static void
let_go(struct text *text)
{
    if (text->room > ROOM_KEPT)
        text_free(text);
}

void
session_prove(struct prover *prover, struct session *session, enum role role)
{
    const struct chain *chain = &session->chain[role];
    bool shown = chain->visibility == VISIBLE_CLEAR || chain->visibility == VISIBLE_DECRYPTED;
    bool asked = session->unproven[role] && session->unproven[role] != too_many;
    if (!chain->len || !shown || asked || session->possession[role] != POSSESSION_UNCHECKED)
        return;

    struct question q = {
        .prover = prover,
        .handshake = handshake_of(session),
        .role = role,
        .leaf = chain->at[0],
        .result = SIGNATURE_UNABLE,
    };
    find_signing(&q);
    const char *why = "this version cannot be checked";
    if (q.signing == SIGNING_CONTEXT)
        why = proof_13(&q);
    else if (q.signing != SIGNING_UNKNOWN)
        why = role == CLIENT ? proof_client_12(&q) : proof_server_12(&q);
    note(&q, why);
    let_go(&prover->said);
    let_go(&prover->claim);
}
