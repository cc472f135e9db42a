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

enum {
    MESSAGE_HEADER_LEN = 4,
    EMPTY_CERTIFICATE = MESSAGE_HEADER_LEN + 1 + 3, /* no request context, no entries */
    VERIFY_HEAD = MESSAGE_HEADER_LEN + 2 + 2,       /* algorithm, length of the signature */
    CHAIN_LEAST = 200,                              /* no certificate is shorter, with its entry */
    CHAIN_MOST = 1 << 17,
    TAG = 16,
    TAG_CCM_8 = 8,
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
struct suite {
    size_t overhead;
    size_t finished;
};

static struct suite
suite_of(uint16_t cipher)
{
    enum { AES_256_GCM_SHA384 = 0x1302, AES_128_CCM_8_SHA256 = 0x1305, SHA256 = 32, SHA384 = 48 };
    return (struct suite){
        .overhead = 1U + (cipher == AES_128_CCM_8_SHA256 ? TAG_CCM_8 : TAG),
        .finished = MESSAGE_HEADER_LEN + (cipher == AES_256_GCM_SHA384 ? SHA384 : SHA256),
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
    struct suite suite;
    unsigned at;
};

/* False at the end, or where a record is too short to hide anything. */
static bool
walk_next(struct walk *walk, size_t *hidden)
{
    *hidden = 0;
    while (walk->at < walk->flight->count && walk->at < FLIGHT_RECORDS) {
        size_t length = walk->flight->lengths[walk->at++];
        if (length <= walk->suite.overhead)
            return false;
        *hidden += length - walk->suite.overhead;
        if (length - walk->suite.overhead != RECORD_FULL)
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

/* The client's Certificate begins the record that hides `first`. */
static struct inferred
infer_sent(struct walk *walk, size_t first)
{
    const size_t finished = walk->suite.finished;
    size_t second;
    size_t third;
    bool has_second = walk_next(walk, &second);
    bool has_third = has_second && walk_next(walk, &third);
    size_t chain = entries_of(first);

    if (chain && has_third && is_verify(second) && third == finished)
        return sent(chain, 0); /* Certificate | CertificateVerify | Finished */
    if (chain && has_second && second > finished && is_verify(second - finished))
        return sent(chain, 0); /* Certificate | CertificateVerify Finished */
    if (chain && has_second && second == finished)
        return sent(0, chain); /* Certificate CertificateVerify | Finished */
    if (chain && first > finished + VERIFY_HEAD && entries_of(first - finished))
        return sent(0, chain - finished); /* all in one */
    return (struct inferred){0};
}

static struct inferred
infer_client(const struct flight *flight, struct suite suite)
{
    struct walk walk = {.flight = flight, .suite = suite};
    size_t first;
    if (!walk_next(&walk, &first))
        return (struct inferred){0};
    if (first == suite.finished)
        return (struct inferred){.presence = PRESENCE_NOT_REQUESTED};
    if (first == EMPTY_CERTIFICATE + suite.finished)
        return (struct inferred){.presence = PRESENCE_DECLINED};
    if (first == EMPTY_CERTIFICATE) {
        size_t second;
        bool done = walk_next(&walk, &second) && second == suite.finished;
        return (struct inferred){.presence = done ? PRESENCE_DECLINED : PRESENCE_UNKNOWN};
    }
    return infer_sent(&walk, first);
}

/* Where each of the server's messages has a record of its own: the Certificate stands before a
 * CertificateVerify and a Finished. Records that came before: EncryptedExtensions, and with a
 * second one the request for a client certificate. */
static struct inferred
infer_server(const struct flight *flight, struct suite suite, enum tristate *requested)
{
    struct walk walk = {.flight = flight, .suite = suite};
    size_t before[2] = {0};
    size_t hidden;
    for (unsigned count = 0; walk_next(&walk, &hidden); count++) {
        size_t chain = entries_of(before[0]);
        if (count >= 3 && chain && hidden == suite.finished && is_verify(before[1])) {
            *requested = count == 3 ? NO : count == 4 ? YES : UNKNOWN;
            return sent(chain, 0);
        }
        before[0] = before[1];
        before[1] = hidden;
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

void
inference_conclude(struct handshake *h)
{
    struct session *s = &h->session;
    enum side client = s->client_side;
    enum tristate requested = UNKNOWN;
    if (!wholly_seen(h))
        return;
    struct suite suite = suite_of(s->answer.cipher);
    s->inferred[SERVER] = infer_server(&h->side[other_side(client)].flight, suite, &requested);
    s->inferred[CLIENT] = infer_client(&h->side[client].flight, suite);
    /* One that offers to be asked later may be, where no size tells of it (section 4.6.2). */
    if (s->hello.post_handshake_auth && s->inferred[CLIENT].presence != PRESENCE_SENT)
        s->inferred[CLIENT] = (struct inferred){0};
    switch (s->inferred[CLIENT].presence) {
    case PRESENCE_UNKNOWN:
        requested = s->hello.post_handshake_auth ? UNKNOWN : requested;
        break;
    case PRESENCE_NOT_REQUESTED:
        requested = NO;
        break;
    case PRESENCE_DECLINED:
    case PRESENCE_SENT:
        requested = YES;
        break;
    }
    if (s->client_cert_requested == UNKNOWN)
        s->client_cert_requested = requested;
}
