/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/proof.h"

#include "base/text.h"
#include "dissect/certificate_store.h"
#include "dissect/credential.h"
#include "dissect/handshake.h"
#include "dissect/key_exchange.h"
#include "dissect/message.h"
#include "dissect/signature.h"

#include <stdlib.h>

enum {
    RANDOM = 32,
    SPACES = 64,          /* before what TLS 1.3 signs */
    ROOM_KEPT = 64 << 10, /* between two proofs */
    OWN_MOST = 256 << 10, /* bytes of keys that stand outside of chains */
};

struct prover {
    struct verifier *verifier;
    struct prover_counts counts;
    struct text said;  /* what goes before a signature, and */
    struct text claim; /* what is signed */
    struct pool pool;
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

enum signing {
    SIGNING_UNKNOWN,
    SIGNING_SSL3,    /* as the next, but the client with the master secret too */
    SIGNING_IMPLIED, /* the key says with what */
    SIGNING_NAMED,   /* the signature says with what */
    SIGNING_CONTEXT, /* over a hash of what was said (RFC 8446 section 4.4.3) */
};

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

/* What is asked of a handshake. */
struct question {
    struct prover *prover;
    struct handshake *handshake;
    enum role role;
    const struct certificate *leaf;
    enum signing signing;
    bool datagram;
    enum signature_result result; /* when it could be checked */
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

static const char *
check(struct question *q, const struct certificate *key, bool named, uint16_t code,
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

static void
add_said(struct text *out, const struct said *said, bool datagram)
{
    uint8_t prefix[TRANSCRIPT_PREFIX];
    struct bytes piece;
    text_add(out, bytes_of(prefix, transcript_header(said, datagram, prefix)));
    for (size_t i = 0; transcript_piece(said, i, prefix, &piece); i++)
        text_add(out, piece);
}

/* ---- Up to TLS 1.2. */

/* The challenge of an SSL 2.0 hello is a random with its first bytes left out (RFC 5246 appendix
 * E.2). */
static void
add_random(struct text *out, struct bytes random)
{
    for (size_t i = random.len; i < RANDOM; i++)
        text_add_char(out, 0);
    text_add(out, random);
}

static const char *
prove_server_12(struct question *q)
{
    const struct handshake *h = q->handshake;
    const struct session *s = &h->session;
    struct text *claim = &q->prover->claim;
    bool named = q->signing == SIGNING_NAMED;
    struct key_exchange exchange;
    if (!s->has_hello || !s->has_answer || s->answer.sslv2)
        return "the hellos were not both seen";
    const struct said *said =
        transcript_find(&h->transcript, other_side(s->client_side), MESSAGE_SERVER_KEY_EXCHANGE);
    if (!said)
        return "no signature was seen";
    const char *why = key_exchange_read(said->body, s->answer.cipher, named, &exchange);
    if (why)
        return why;
    text_clear(claim);
    add_random(claim, s->hello.random);
    add_random(claim, s->answer.random);
    text_add(claim, exchange.params);
    return check(q, q->leaf, named, exchange.scheme, text_bytes(claim), exchange.signature);
}

static const char *
order_of(struct question *q, struct transcript_order *order)
{
    struct transcript_how how = {
        .client = q->handshake->session.client_side,
        .tls13 = q->signing == SIGNING_CONTEXT,
        .datagram = q->datagram,
    };
    return transcript_before(&q->handshake->transcript, &how, q->role, order);
}

static const char *
prove_client_12(struct question *q)
{
    struct transcript_order order;
    struct text *claim = &q->prover->claim;
    bool named = q->signing == SIGNING_NAMED;
    if (q->signing == SIGNING_SSL3)
        return "in SSL 3.0 it takes the master secret to check it";
    const char *why = order_of(q, &order);
    if (why)
        return why;
    struct reader r = reader_over(order.signature->body);
    uint16_t scheme = named ? read_u16(&r) : 0;
    struct bytes signature = read_vec16(&r);
    if (!reader_finished(&r))
        return "the signature cannot be read";
    text_clear(claim);
    for (size_t i = 0; i < order.len; i++)
        add_said(claim, order.at[i], q->datagram);
    return check(q, q->leaf, named, scheme, text_bytes(claim), signature);
}

/* ---- TLS 1.3. */

/* RFC 8446 section 4.4.3: what is signed begins with a word of what it is for, so that nobody can
 * be made to sign one thing for another. */
static void
begin_claim(struct text *claim, const char *context)
{
    text_clear(claim);
    for (int i = 0; i < SPACES; i++)
        text_add_char(claim, ' ');
    text_add_string(claim, context);
    text_add_char(claim, 0);
}

/* The hash of a handshake is that of its cipher suite (RFC 8446 appendix B.4, RFC 8998). */
static const char *
hash_of(uint16_t cipher)
{
    static const struct {
        uint16_t cipher;
        const char *digest;
    } hashes[] = {
        {0x00c6, "SM3"},
        {0x00c7, "SM3"},
        {0x1301, "SHA256"},
        {0x1302, "SHA384"},
        {0x1303, "SHA256"},
        {0x1304, "SHA256"},
        {0x1305, "SHA256"},
    };
    for (size_t i = 0; i < sizeof hashes / sizeof *hashes; i++)
        if (hashes[i].cipher == cipher)
            return hashes[i].digest;
    return NULL;
}

/* A hello that was asked for again counts as a message of its hash (RFC 8446 section 4.4.1). */
static void
add_retried(struct question *q, const struct said *hello, const char *digest)
{
    struct text *claim = &q->prover->claim;
    struct said hashed = {.type = MESSAGE_HASH};
    uint8_t hash[HASH_MOST];
    text_clear(claim);
    add_said(claim, hello, false);
    hashed.body =
        bytes_of(hash, signature_hash(q->prover->verifier, digest, text_bytes(claim), hash));
    add_said(&q->prover->said, &hashed, false);
}

/* The hash of all that goes before the signature. */
static struct bytes
hash_said(struct question *q, const struct transcript_order *order, uint8_t out[HASH_MOST])
{
    struct text *said = &q->prover->said;
    const char *digest = hash_of(q->handshake->session.answer.cipher);
    if (!digest)
        return (struct bytes){0};
    text_clear(said);
    if (order->retried)
        add_retried(q, order->retried, digest);
    for (size_t i = 0; i < order->len; i++)
        add_said(said, order->at[i], false);
    return bytes_of(out, signature_hash(q->prover->verifier, digest, text_bytes(said), out));
}

/* Was the credential given out by the leaf's key (RFC 9345 section 4)? */
static const char *
check_credential(struct question *q, const struct credential *credential)
{
    struct text *claim = &q->prover->claim;
    begin_claim(claim, q->role == CLIENT ? "TLS, client delegated credentials"
                                         : "TLS, server delegated credentials");
    text_add(claim, q->leaf->der);
    text_add(claim, credential->delegated);
    return check(q, q->leaf, true, credential->scheme, text_bytes(claim), credential->signature);
}

static const char *
check_verify(struct question *q, const struct certificate *key,
    const struct transcript_order *order, const uint16_t *wanted_scheme)
{
    struct text *claim = &q->prover->claim;
    uint8_t hash[HASH_MOST];
    struct reader r = reader_over(order->signature->body);
    uint16_t scheme = read_u16(&r);
    struct bytes signature = read_vec16(&r);
    if (!reader_finished(&r))
        return "the signature cannot be read";
    if (wanted_scheme && *wanted_scheme != scheme) {
        q->result = SIGNATURE_WRONG;
        return NULL;
    }
    struct bytes hashed = hash_said(q, order, hash);
    if (!hashed.len)
        return "the hash of this cipher suite is not known";
    begin_claim(claim, q->role == CLIENT ? "TLS 1.3, client CertificateVerify"
                                         : "TLS 1.3, server CertificateVerify");
    text_add(claim, hashed);
    return check(q, key, true, scheme, text_bytes(claim), signature);
}

static const char *
prove_by_credential(
    struct question *q, const struct transcript_order *order, const struct credential *credential)
{
    const char *why = check_credential(q, credential);
    if (why || q->result != SIGNATURE_GOOD)
        return why;
    struct arena arena = {.pool = &q->prover->pool};
    const struct certificate *key = certificate_read(&arena, credential->spki);
    why = key ? check_verify(q, key, order, &credential->verify_scheme)
              : "there was no room for its key";
    arena_empty(&arena);
    return why;
}

static const char *
prove_13(struct question *q)
{
    struct transcript_order order;
    struct credential credential;
    const char *why = order_of(q, &order);
    if (why)
        return why;
    const struct said *certificate = order.at[order.len - 1];
    enum credential_step step = CREDENTIAL_NONE;
    if (certificate->type == MESSAGE_CERTIFICATE)
        step = credential_find(certificate->body, &credential);
    if (step == CREDENTIAL_MALFORMED)
        return "the certificate's message cannot be read";
    return step == CREDENTIAL_READ ? prove_by_credential(q, &order, &credential)
                                   : check_verify(q, q->leaf, &order, NULL);
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
        why = prove_13(&q);
    else if (q.signing != SIGNING_UNKNOWN)
        why = role == CLIENT ? prove_client_12(&q) : prove_server_12(&q);
    note(&q, why);
    let_go(&prover->said);
    let_go(&prover->claim);
}
