/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/carried.h"

#include "dissect/conversation.h"

void
carried_open(struct carried *c, struct talk *talk, const char *carrier)
{
    *c = (struct carried){.talk = talk, .carrier = carrier};
}

void
carried_end(struct carried *c, bool over, enum flow_end why, uint64_t frame)
{
    struct handshake *h = c->handshake;
    talk_unsettle(c->talk);
    if (!h)
        return;
    tls_stream_end(&c->tls);
    c->handshake = NULL;
    c->told = true;
    handshake_tell(c->talk->dissection, h, over, why, frame);
}

void
carried_begin(struct carried *c)
{
    carried_end(c, false, FLOW_REUSED, c->talk->flow->frame);
    c->told = false;
}

static bool
ensure_handshake(struct carried *c)
{
    if (c->handshake || c->told)
        return c->handshake;
    c->handshake = handshake_new(c->talk->dissection, c->talk->flow);
    if (!c->handshake) {
        c->talk->dissection->counts.shed++;
        c->told = true;
        return false;
    }
    c->handshake->session.carrier = c->carrier;
    c->handshake->session.has_client_address = c->has_client_address;
    c->handshake->session.client_address = c->client_address;
    tls_stream_begin(&c->tls, c->handshake, c->talk->dissection->pool);
    return true;
}

void
carried_hear(struct carried *c, enum side from, struct bytes data)
{
    if (!data.len || !ensure_handshake(c))
        return;
    tls_stream_hear(&c->tls, from, data);
    bool clear_enough = handshake_settled(c->handshake) && !c->judged;
    if (clear_enough || tls_stream_lost(&c->tls))
        carried_end(c, false, FLOW_OVER, c->talk->flow->frame);
    else if (c->handshake->session.established)
        talk_settle(c->talk);
}

void
carried_gap(struct carried *c, enum side from, uint64_t missing)
{
    if (ensure_handshake(c))
        tls_stream_gap(&c->tls, from, missing);
}

void
carried_judge(struct carried *c, enum outcome outcome)
{
    if (c->handshake)
        c->handshake->judged = outcome;
    carried_end(c, true, FLOW_CLOSED, c->talk->flow->frame);
}
