/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/handshake_parts.h"

#include "dissect/inference.h"
#include "dissect/visibility.h"

enum role
handshake_role(const struct handshake *h, enum side side)
{
    return side == h->session.client_side ? CLIENT : SERVER;
}

struct handshake *
handshake_of(struct session *session)
{
    return (struct handshake *)(void *)((char *)session - offsetof(struct handshake, session));
}

bool
handshake_hides(const struct handshake *h)
{
    return h->session.has_answer && version_hides_certificates(h->session.version);
}

void
handshake_note_first_sign(struct handshake *h)
{
    if (!h->any_message)
        h->session.ts_ns = h->flow->last_ns;
    h->any_message = true;
}

void
handshake_add_history(struct handshake *h, enum side from, char letter)
{
    if (h->session.established || h->opened || h->history_len + 1 >= HISTORY_TEXT)
        return; /* it tells what everybody could see, as Zeek's does */
    bool client = handshake_role(h, from) == CLIENT;
    h->session.history[h->history_len++] = (char)(client ? letter - 'a' + 'A' : letter);
}

void
handshake_settle_roles(struct handshake *h, enum side client)
{
    if (h->client_known)
        return;
    h->client_known = true;
    h->session.client_side = client;
    if (client == RESPONDER && !h->session.established && h->history_len + 1 < HISTORY_TEXT)
        h->session.history[h->history_len++] = '^';
}

void
handshake_begin(struct handshake *h, enum side client)
{
    if (!h->any_message && !h->half_hello)
        h->session.ts_ns = h->flow->last_ns;
    h->half_hello = true;
    handshake_settle_roles(h, client);
}

void
handshake_lose(struct handshake *h, enum side from, enum visibility_reason why)
{
    transcript_lose(&h->transcript, "not all of the handshake was seen");
    if (h->side[from].trouble == REASON_SEEN)
        h->side[from].trouble = why;
}

bool
handshake_due(const struct handshake *h)
{
    return h->session.established && (!h->sequel || handshake_worth_telling(h));
}

bool
handshake_worth_telling(const struct handshake *h)
{
    const struct session *s = &h->session;
    if (h->sequel) /* behind TLS 1.3 the server is who it was */
        return s->chain[CLIENT].seen || (s->chain[SERVER].seen && !handshake_hides(h));
    return s->has_hello || s->has_answer || s->chain[CLIENT].seen || s->chain[SERVER].seen ||
           (h->half_hello && (h->side[0].trouble || h->side[1].trouble));
}

void
handshake_conclude(struct handshake *h, bool over, enum flow_end end, uint64_t frame)
{
    struct session *s = &h->session;
    s->frame = frame;
    s->end_ns = h->flow->last_ns;
    h->ambiguous = h->flow->ambiguous;
    s->missed_bytes = h->flow->missing[0] + h->flow->missing[1];
    if (h->judged != OUTCOME_UNKNOWN)
        s->outcome = h->judged;
    else if (handshake_accepted(h))
        s->outcome = OUTCOME_ACCEPTED;
    else if (h->refused || (!s->established && (s->refused[CLIENT] || s->refused[SERVER])))
        s->outcome = OUTCOME_REJECTED;

    inference_conclude(h);
    s->went_on = handshake_went_on(h);
    visibility_conclude(h, over, end);
    const struct chain *server = &s->chain[SERVER];
    if (server->len && !server->at[0]->raw_key && s->hello.server_name.len)
        s->sni_matches = certificate_names_host(server->at[0], s->hello.server_name) ? YES : NO;
    if (s->has_hello)
        fingerprint_client(h->fingerprinter, &s->hello, h->transport, s->ja3, s->ja4);
    if (s->has_answer)
        fingerprint_ja3s(h->fingerprinter, &s->answer, s->ja3s);
}
