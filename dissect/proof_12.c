/* SPDX-License-Identifier: Apache-2.0
 *
 * Proofs up to TLS 1.2: a server signs its share of the key exchange (RFC 5246 section 7.4.3), a
 * client all that was said (section 7.4.8).
 */
#include "dissect/key_exchange.h"
#include "dissect/message.h"
#include "dissect/proof_parts.h"

enum { RANDOM = 32 };

/* The challenge of an SSL 2.0 hello is a random with its first bytes left out (RFC 5246 appendix
 * E.2). */
static void
add_random(struct text *out, struct bytes random)
{
    for (size_t i = random.len; i < RANDOM; i++)
        text_add_char(out, 0);
    text_add(out, random);
}

const char *
proof_server_12(struct question *q)
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
    return proof_check(q, q->leaf, named, exchange.scheme, text_bytes(claim), exchange.signature);
}

const char *
proof_client_12(struct question *q)
{
    struct transcript_order order;
    struct text *claim = &q->prover->claim;
    bool named = q->signing == SIGNING_NAMED;
    if (q->signing == SIGNING_SSL3)
        return "in SSL 3.0 it takes the master secret to check it";
    const char *why = proof_order(q, &order);
    if (why)
        return why;
    struct reader r = reader_over(order.signature->body);
    uint16_t scheme = named ? read_u16(&r) : 0;
    struct bytes signature = read_vec16(&r);
    if (!reader_finished(&r))
        return "the signature cannot be read";
    text_clear(claim);
    for (size_t i = 0; i < order.len; i++)
        proof_add_said(claim, order.at[i], q->datagram);
    return proof_check(q, q->leaf, named, scheme, text_bytes(claim), signature);
}
