/* SPDX-License-Identifier: Apache-2.0
 *
 * What comes behind a handshake on its connection: a renegotiation, which is a handshake of its own
 * (RFC 5246 section 7.4.1.1), or post-handshake authentication in TLS 1.3 (RFC 8446 section 4.6.2),
 * where the client shows its certificate to a server that is known already.
 */
#include "dissect/conversation.h"

static bool
copy_hellos(struct handshake *h, const struct handshake *before)
{
    bool hello, answer;
    struct session *s = &h->session;
    h->hello = arena_copy(&h->arena, before->hello, &hello);
    h->answer = arena_copy(&h->arena, before->answer, &answer);
    if (!hello || !answer)
        return false;
    client_hello_parse(h->hello, &s->hello);
    server_hello_parse(h->answer, &s->answer);
    s->has_hello = before->session.has_hello;
    s->has_answer = before->session.has_answer;
    s->answer.has_alpn = before->session.answer.has_alpn;
    s->answer.alpn = arena_copy(&h->arena, before->session.answer.alpn, &answer);
    return answer;
}

/* The server is who it was. */
static bool
copy_chain(struct handshake *h, const struct chain *before)
{
    struct chain *chain = &h->session.chain[SERVER];
    const struct certificate **at = arena_take(&h->arena, before->len * sizeof *at);
    *chain = *before;
    chain->at = at;
    chain->len = 0;
    if (before->len && !at)
        return false;
    for (; chain->len < before->len; chain->len++)
        if (!(at[chain->len] = certificate_find(h->store, before->at[chain->len]->der)))
            return false;
    return true;
}

struct handshake *
handshake_sequel(struct dissection *d, const struct handshake *before)
{
    const struct session *was = &before->session;
    struct handshake *h = handshake_new(d, before->flow);
    if (!h)
        return NULL;
    struct session *s = &h->session;
    h->sequel = true;
    h->transport = before->transport;
    h->client_known = before->client_known;
    s->client_side = was->client_side;
    s->keys_used = true;
    if (!handshake_hides(before))
        return h;
    for (int side = 0; side < 2; side++) {
        h->side[side].encrypted = true;
        h->side[side].keyed = before->side[side].keyed;
    }
    s->version = was->version;
    s->has_curve = was->has_curve;
    s->curve = was->curve;
    s->resumed = was->resumed;
    s->resumed_by = was->resumed_by;
    s->established = true;
    memcpy(s->history, was->history, sizeof s->history);
    if (copy_hellos(h, before) && copy_chain(h, &was->chain[SERVER])) {
        transcript_go_on(&h->transcript, &h->arena, &before->transcript);
        return h;
    }
    session_release(s);
    return NULL;
}
