/* SPDX-License-Identifier: Apache-2.0
 *
 * The flights, RFC 8446 section 2:
 *
 *   server:  EncryptedExtensions, CertificateRequest*, Certificate, CertificateVerify, Finished
 *   client:  Certificate*, CertificateVerify*, Finished
 *
 * Most stacks put each message into a record of its own; some put several into one. A Finished has
 * one length for each cipher suite, an empty Certificate has one length at all, and a
 * CertificateVerify has one of few, so that each way to cut a flight is told from the others.
 */
#include "dissect/inference.h"
#include "dissect/keys/suite.h"
#include "dissect/message.h"

enum {
    EMPTY_CERTIFICATE = MESSAGE_HEADER + 1 + 3, /* no request context, no entries */
    VERIFY_HEAD = MESSAGE_HEADER + 2 + 2,       /* algorithm, length of the signature */
    CHAIN_LEAST = 200,                          /* no certificate is shorter, with its entry */
    CHAIN_MOST = 1 << 17,
    RECORD_FULL = 1 << 14, /* what a record holds at most */
};

/* Lengths of signatures: a range where the encoding varies (ECDSA's integers are as short as they
 * can be). */
static const struct {
    uint16_t least, most;
} signatures[] = {
    {64, 64},     /* Ed25519 */
    {66, 72},     /* ECDSA on P-256, SM2 */
    {98, 104},    /* on P-384 */
    {114, 114},   /* Ed448 */
    {128, 128},   /* RSA with 1024 bits */
    {132, 141},   /* ECDSA on P-521; RSA with 1056 to 1128 bits does not occur */
    {256, 256},   /* RSA with 2048 bits, */
    {384, 384},   /* 3072, */
    {512, 512},   /* 4096 */
    {2420, 2420}, /* ML-DSA-44, */
    {3309, 3309}, /* 65, */
    {4627, 4627}, /* 87 */
};

/* What each record of this connection hides beside messages, and how long its Finished is. */
struct overhead {
    size_t tag;
    size_t padding;
    size_t finished;
};

/* JSSE puts this much behind each of its messages, and so ends each of its records. */
enum { JSSE_PADDING = 16 };

/* A suite that nobody knows is taken for one like most. */
static struct overhead
overhead_of(uint16_t cipher)
{
    enum { TAG = 16, SHA256 = 32 };
    const struct suite *suite = suite_find(cipher);
    return (struct overhead){
        .tag = suite ? suite->tag : TAG,
        .finished = MESSAGE_HEADER + (suite ? suite->hash : SHA256),
    };
}

void
flight_add(struct flight *flight, size_t length)
{
    if (flight->count < FLIGHT_RECORDS)
        flight->lengths[flight->count] = (uint16_t)length;
    if (flight->count <= FLIGHT_RECORDS)
        flight->count++;
}

/* Is this the length of a CertificateVerify? */
static bool
is_verify(size_t message)
{
    for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++)
        if (message >= VERIFY_HEAD + (size_t)signatures[i].least &&
            message <= VERIFY_HEAD + (size_t)signatures[i].most)
            return true;
    return false;
}

/* Goes through a flight: what each record hides, in order; one that is full goes on in the next. */
struct walk {
    const struct flight *flight;
    struct overhead overhead;
    unsigned at;
};

static unsigned
heard(const struct flight *flight)
{
    return flight->count < FLIGHT_RECORDS ? flight->count : FLIGHT_RECORDS;
}

/* False at the end, or where a record is too short to hide anything. */
static bool
walk_next(struct walk *walk, size_t *hidden)
{
    const size_t beside = walk->overhead.tag + 1 + walk->overhead.padding;
    *hidden = 0;
    while (walk->at < heard(walk->flight)) {
        size_t length = walk->flight->lengths[walk->at++];
        if (length <= beside)
            return false;
        *hidden += length - beside;
        if (length - beside != RECORD_FULL - walk->overhead.padding)
            return true;
    }
    return false;
}

/* The entries of a Certificate message: each certificate and five bytes. 0: too few or many. */
static size_t
entries_of(size_t certificate)
{
    bool plausible = certificate >= EMPTY_CERTIFICATE + CHAIN_LEAST && certificate <= CHAIN_MOST;
    return plausible ? certificate - EMPTY_CERTIFICATE : 0;
}

static struct inferred
sent(size_t chain, size_t with_proof)
{
    return (struct inferred){
        .presence = PRESENCE_SENT, .chain = (uint32_t)chain, .with_proof = (uint32_t)with_proof};
}

/* Each message begins a record of its own, and the Certificate may take several: all but the last
 * as long as this stack makes them. */
static struct inferred
infer_split(const struct flight *flight, struct overhead overhead)
{
    struct walk walk = {.flight = flight, .overhead = overhead};
    size_t first;
    size_t hidden;
    size_t next;
    if (!walk_next(&walk, &first))
        return (struct inferred){0};
    if (first == overhead.finished)
        return (struct inferred){.presence = PRESENCE_NOT_REQUESTED};
    if (first == EMPTY_CERTIFICATE) {
        bool done = walk_next(&walk, &hidden) && hidden == overhead.finished;
        return (struct inferred){.presence = done ? PRESENCE_DECLINED : PRESENCE_UNKNOWN};
    }
    for (size_t certificate = hidden = first; walk_next(&walk, &next); hidden = next) {
        struct walk ahead = walk;
        size_t last;
        if (is_verify(next) && walk_next(&ahead, &last) && last == overhead.finished)
            return entries_of(certificate) ? sent(entries_of(certificate), 0)
                                           : (struct inferred){0};
        if (hidden != first || next > first)
            break;
        certificate += next;
    }
    return (struct inferred){0};
}

/* Messages share records. */
static struct inferred
infer_shared(const struct flight *flight, struct overhead overhead)
{
    struct walk walk = {.flight = flight, .overhead = overhead};
    const size_t finished = overhead.finished;
    size_t first;
    size_t second;
    if (!walk_next(&walk, &first))
        return (struct inferred){0};
    if (first == EMPTY_CERTIFICATE + finished)
        return (struct inferred){.presence = PRESENCE_DECLINED};
    size_t chain = entries_of(first);
    if (!chain || !walk_next(&walk, &second))
        second = 0;
    if (chain && second > finished && is_verify(second - finished))
        return sent(chain, 0); /* Certificate | CertificateVerify Finished */
    if (chain && second == finished)
        return sent(0, chain); /* Certificate CertificateVerify | Finished */
    return (struct inferred){0};
}

/* The Finished is still to come: some servers (Go) answer before they have it. What stands behind
 * the Certificate may be data then, so that its length is in doubt. */
static struct inferred
infer_unfinished(const struct flight *flight, struct overhead overhead)
{
    struct walk walk = {.flight = flight, .overhead = overhead};
    size_t first;
    size_t second;
    size_t third;
    if (!walk_next(&walk, &first) || !walk_next(&walk, &second) || walk_next(&walk, &third) ||
        !entries_of(first) || !is_verify(second))
        return (struct inferred){0};
    struct inferred inferred = sent(entries_of(first), 0);
    inferred.uncertain = true;
    return inferred;
}

/* Is each record of a length that stacks pad to? Where a first record says all, this is asked of it
 * and of those behind it. */
static bool
padded(const struct flight *flight, struct overhead overhead)
{
    enum { LEAST_BLOCK = 16 };
    for (unsigned i = 0; i < heard(flight); i++)
        if ((flight->lengths[i] - overhead.tag) % LEAST_BLOCK != 0)
            return false;
    return true;
}

/* May this be all that a record of this stack can hold (RFC 6066 section 4, RFC 8449: the byte for
 * the type is counted or not)? */
static bool
is_limit(size_t hidden)
{
    enum { LEAST_LIMIT = 512 };
    return hidden + 1 >= LEAST_LIMIT && (!(hidden & (hidden - 1)) || !(hidden & (hidden + 1)));
}

/* The whole flight is in the first record. It begins with a certificate, for it is longer than
 * without one, unless it is padded. */
static struct inferred
infer_one_record(const struct flight *flight, struct overhead overhead)
{
    struct walk walk = {.flight = flight, .overhead = overhead};
    size_t first;
    if (!walk_next(&walk, &first) || first <= overhead.finished + VERIFY_HEAD ||
        !entries_of(first - overhead.finished) || padded(flight, overhead))
        return (struct inferred){0};
    return is_limit(first) ? sent(0, 0) : sent(0, entries_of(first) - overhead.finished);
}

static struct overhead
with_jsse(struct overhead overhead)
{
    overhead.padding = JSSE_PADDING;
    return overhead;
}

static struct inferred
infer_client(const struct flight *flight, struct overhead overhead)
{
    struct inferred inferred = infer_split(flight, overhead);
    if (!inferred.presence)
        inferred = infer_split(flight, with_jsse(overhead));
    if (!inferred.presence)
        inferred = infer_shared(flight, overhead);
    if (!inferred.presence)
        inferred = infer_unfinished(flight, overhead);
    if (!inferred.presence)
        inferred = infer_unfinished(flight, with_jsse(overhead));
    if (!inferred.presence)
        inferred = infer_one_record(flight, overhead);
    return inferred;
}

/* Where each of the server's messages has a record of its own: the Certificate stands before a
 * CertificateVerify and a Finished. Records that came before: EncryptedExtensions, and with a
 * second one the request for a client certificate. */
static struct inferred
infer_server(const struct flight *flight, struct overhead overhead, enum tristate *requested)
{
    struct walk walk = {.flight = flight, .overhead = overhead};
    size_t before[3] = {0};
    size_t hidden;
    for (unsigned count = 0; walk_next(&walk, &hidden); count++) {
        size_t chain = entries_of(before[1]);
        if (count >= 3 && chain && hidden == overhead.finished && is_verify(before[2])) {
            if (is_limit(before[0]))
                return sent(0, 0); /* it may begin there */
            *requested = count == 3 ? NO : count == 4 ? YES : UNKNOWN;
            return sent(chain, 0);
        }
        before[0] = before[1];
        before[1] = before[2];
        before[2] = hidden;
    }
    return (struct inferred){0};
}

/* Are the records those of one whole handshake, and nothing but it? Early data would come first. */
static bool
wholly_seen(const struct handshake *h)
{
    const struct session *s = &h->session;
    return handshake_hides(h) && !s->answer.retry && !s->resumed && s->has_hello &&
           !s->hello.early_data && h->transport == JA4_TCP && s->established &&
           h->side[0].trouble == REASON_SEEN && h->side[1].trouble == REASON_SEEN &&
           !h->side[0].keyed && !h->side[1].keyed;
}

/* What each side's flight tells. */
static void
infer(struct session *s, const struct flight *client, const struct flight *server,
    enum tristate *requested)
{
    struct overhead overhead = overhead_of(s->answer.cipher);
    s->inferred[CLIENT] = infer_client(client, overhead);
    s->inferred[SERVER] = infer_server(server, overhead, requested);
    if (!s->inferred[SERVER].presence)
        s->inferred[SERVER] = infer_server(server, with_jsse(overhead), requested);
    s->inferred[CLIENT].uncertain |= s->hello.compressed_certificates;
    s->inferred[SERVER].uncertain |=
        s->hello.compressed_certificates || s->hello.certificate_extras;
}

void
inference_conclude(struct handshake *h)
{
    struct session *s = &h->session;
    enum side client = s->client_side;
    enum tristate requested = UNKNOWN;
    if (!wholly_seen(h))
        return;
    infer(s, &h->side[client].flight, &h->side[other_side(client)].flight, &requested);
    switch (s->inferred[CLIENT].presence) {
    case PRESENCE_UNKNOWN:
        requested = s->hello.post_handshake_auth ? UNKNOWN : requested;
        break;
    case PRESENCE_NOT_REQUESTED:
        requested = s->hello.post_handshake_auth ? UNKNOWN : NO;
        break;
    case PRESENCE_DECLINED:
    case PRESENCE_SENT:
        requested = YES;
        break;
    }
    /* One that offers to be asked later may be, where no size tells of it (section 4.6.2). */
    if (s->hello.post_handshake_auth && s->inferred[CLIENT].presence != PRESENCE_SENT)
        s->inferred[CLIENT] = (struct inferred){0};
    if (s->client_cert_requested == UNKNOWN)
        s->client_cert_requested = requested;
}
