/* SPDX-License-Identifier: Apache-2.0
 *
 * Tickets that a server gives out to resume the session by, and what shows that both sides went on
 * behind a handshake: only what they agreed upon is remembered.
 */
#include "dissect/handshake.h"

/* The server gave the client a ticket. Kept is a copy; more than TICKETS_MOST are passed over. */
static void
issue(struct handshake *h, struct bytes ticket, uint32_t lifetime)
{
    struct session *s = &h->session;
    bool ok;
    if (!ticket.len || s->issued_len == TICKETS_MOST)
        return;
    if (!s->issued_len)
        h->client_then = h->side[s->client_side].data_records;
    struct bytes kept = arena_copy(&h->arena, ticket, &ok);
    if (ok)
        s->issued[s->issued_len++] = (struct issued_ticket){kept, lifetime};
}

void
handshake_hear_ticket(struct handshake *h, enum side from, struct bytes body)
{
    (void)from;
    bool hides = handshake_hides(h);
    struct reader r = reader_over(body);
    uint32_t lifetime = read_u32(&r);
    if (hides) {
        read_u32(&r);  /* what disguises its age */
        read_vec8(&r); /* a nonce */
    }
    struct bytes ticket = read_vec16(&r);
    if (hides)
        read_vec16(&r); /* extensions */
    bool expected = hides ? h->session.keys_used : h->session.answer.has_ticket;
    if (reader_finished(&r) && expected)
        issue(h, ticket, lifetime);
}

bool
handshake_issuing(const struct handshake *h)
{
    const struct session *s = &h->session;
    return s->issued_len && !h->server_data &&
           h->side[s->client_side].data_records == h->client_then;
}

bool
handshake_went_on(const struct handshake *h)
{
    const struct flow *flow = h->flow;
    if (!h->session.established || flow->ambiguous)
        return false;
    if (h->side[ORIGINATOR].trouble != REASON_SEEN || h->side[RESPONDER].trouble != REASON_SEEN)
        return false;
    return handshake_accepted(h) ||
           (flow->acknowledged[ORIGINATOR] && flow->acknowledged[RESPONDER]);
}
