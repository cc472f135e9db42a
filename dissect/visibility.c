/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/visibility.h"

#include "dissect/names.h"

static const char *const visibilities[VISIBILITIES] = {
    [VISIBLE_CLEAR] = "clear",
    [VISIBLE_DECRYPTED] = "decrypted",
    [VISIBLE_INHERITED] = "inherited",
    [VISIBLE_INFERRED] = "inferred",
    [HIDDEN_ENCRYPTED] = "encrypted",
    [HIDDEN_NONE] = "none",
    [HIDDEN_RESUMED] = "resumed",
    [HIDDEN_MISSED] = "missed",
};

static const struct {
    const char *name;
    enum visibility visibility; /* what a side is called for this reason */
} reasons[REASONS] = {
    [REASON_SEEN] = {"seen", VISIBLE_CLEAR},
    [REASON_KEYS] = {"keys", VISIBLE_DECRYPTED},
    [REASON_TLS13] = {"tls13", HIDDEN_ENCRYPTED},
    [REASON_RENEGOTIATION] = {"renegotiation", HIDDEN_ENCRYPTED},
    [REASON_UNOPENED] = {"unopened", HIDDEN_ENCRYPTED},
    [REASON_SIZES] = {"sizes", VISIBLE_INFERRED},
    [REASON_SIZES_NOT_REQUESTED] = {"sizes-not-requested", HIDDEN_NONE},
    [REASON_SIZES_DECLINED] = {"sizes-declined", HIDDEN_NONE},
    [REASON_SESSION_ID] = {"session-id", HIDDEN_RESUMED},
    [REASON_TICKET] = {"ticket", HIDDEN_RESUMED},
    [REASON_PSK] = {"psk", HIDDEN_RESUMED},
    [REASON_ANONYMOUS] = {"anonymous", HIDDEN_NONE},
    [REASON_NOT_REQUESTED] = {"not-requested", HIDDEN_NONE},
    [REASON_DECLINED] = {"declined", HIDDEN_NONE},
    [REASON_ENDED_BEFORE] = {"ended-before", HIDDEN_NONE},
    [REASON_ONE_WAY] = {"one-way", HIDDEN_MISSED},
    [REASON_MIDSTREAM] = {"midstream", HIDDEN_MISSED},
    [REASON_GAP] = {"gap", HIDDEN_MISSED},
    [REASON_CAPTURE_OVER] = {"capture-over", HIDDEN_MISSED},
    [REASON_CUT] = {"cut", HIDDEN_MISSED},
    [REASON_SHED] = {"shed", HIDDEN_MISSED},
    [REASON_TOO_LARGE] = {"too-large", HIDDEN_MISSED},
    [REASON_MALFORMED] = {"malformed", HIDDEN_MISSED},
};

const char *
visibility_name(enum visibility visibility)
{
    return visibilities[visibility];
}

const char *
visibility_reason_name(enum visibility_reason reason)
{
    return reasons[reason].name;
}

const char *
possession_name(enum possession possession)
{
    static const char *const names[] = {"unchecked", "verified", "failed"};
    return names[possession];
}

enum possession
session_possession(const struct session *session)
{
    return session->possession[session->chain[CLIENT].len ? CLIENT : SERVER];
}

enum outcome
session_outcome(const struct session *session, enum role role)
{
    bool by_other = session->refused[role == CLIENT ? SERVER : CLIENT];
    if (session->outcome == OUTCOME_REJECTED && session->refused[role] && !by_other)
        return OUTCOME_UNKNOWN; /* it gave up itself */
    return session->outcome;
}

const char *
outcome_name(enum outcome outcome)
{
    static const char *const names[] = {"unknown", "accepted", "rejected"};
    return names[outcome];
}

const char *
role_name(enum role role)
{
    return role == CLIENT ? "client" : "server";
}

/* Suites in which the server shows no certificate (RFC 4279, RFC 5054, RFC 5246 appendix A.5). */
static bool
suite_has_no_certificate(uint16_t cipher)
{
    static const char *const marks[] = {"_ANON_", "TLS_KRB5_", "TLS_PSK_", "TLS_DHE_PSK_",
        "TLS_ECDHE_PSK_", "TLS_SRP_SHA_WITH", "TLS_NULL_WITH_NULL", "ECCPWD"};
    char buffer[NAME_BUFFER];
    const char *name = cipher_name(cipher, buffer);
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (strstr(name, marks[i]))
            return true;
    return false;
}

/* Why a certificate that may have been sent was not seen: the fault lies with the capture, or the
 * handshake did not come so far. */
static enum visibility_reason
why_unseen(const struct handshake *h, enum side side, bool over, enum flow_end end)
{
    const struct flow *flow = h->flow;
    /* What one side does depends on what the other said: trouble with either leaves it open. */
    enum visibility_reason trouble = h->side[side].trouble;
    if (trouble == REASON_SEEN)
        trouble = h->side[other_side(side)].trouble;
    if (flow->packets[ORIGINATOR] == 0 || flow->packets[RESPONDER] == 0)
        return REASON_ONE_WAY;
    if (trouble != REASON_SEEN)
        return trouble;
    if (over && end == FLOW_SHED)
        return REASON_SHED;
    if (flow->guessed && h->side[side].ciphertexts)
        return REASON_MIDSTREAM;
    if (flow->guessed && !h->session.has_hello)
        return REASON_MIDSTREAM;
    if (over && (end == FLOW_OVER || end == FLOW_IDLE) && h->session.last_alert == NO_ALERT)
        return REASON_CAPTURE_OVER;
    return REASON_ENDED_BEFORE;
}

/* A chain of which only some certificates could be kept is not called clear. */
static enum visibility_reason
seen_reason(const struct handshake *h, const struct chain *chain, enum side side)
{
    if (chain->len == chain->sent)
        return !chain->len ? REASON_DECLINED : chain->opened ? REASON_KEYS : REASON_SEEN;
    enum visibility_reason trouble = h->side[side].trouble;
    return trouble != REASON_SEEN ? trouble : REASON_TOO_LARGE;
}

/* What the sizes of the client's records tell. REASON_TLS13: nothing. */
static enum visibility_reason
size_reason(const struct session *session)
{
    switch (session->inferred[CLIENT].presence) {
    case PRESENCE_UNKNOWN:
        break;
    case PRESENCE_NOT_REQUESTED:
        return REASON_SIZES_NOT_REQUESTED;
    case PRESENCE_DECLINED:
        return REASON_SIZES_DECLINED;
    case PRESENCE_SENT:
        return REASON_SIZES;
    }
    return REASON_TLS13;
}

/* TLS 1.3, and no chain was seen: with keys it is known why, as if there were no encryption. */
static enum visibility_reason
why_hidden(const struct handshake *h, enum side side, bool over, enum flow_end end)
{
    const struct session *s = &h->session;
    const struct spoken *spoken = &h->side[side];
    if (s->resumed)
        return s->resumed_by;
    bool client = handshake_role(h, side) == CLIENT;
    if (client && s->inferred[CLIENT].presence != PRESENCE_UNKNOWN)
        return size_reason(s);
    bool all_said = spoken->finished && spoken->trouble == REASON_SEEN;
    /* A client that is asked answers, if only with an empty list. */
    if (client &&
        (s->client_cert_requested == NO || (s->client_cert_requested == UNKNOWN && all_said)))
        return REASON_NOT_REQUESTED;
    if (!spoken->keyed)
        return REASON_TLS13;
    if (all_said)
        return REASON_MALFORMED; /* there must have been one */
    return spoken->trouble != REASON_SEEN ? spoken->trouble : why_unseen(h, side, over, end);
}

static enum visibility_reason
server_reason(const struct handshake *h, bool over, enum flow_end end)
{
    const struct session *s = &h->session;
    const struct chain *chain = &s->chain[SERVER];
    if (chain->seen)
        return seen_reason(h, chain, other_side(s->client_side));
    if (handshake_hides(h) && !s->answer.retry)
        return why_hidden(h, other_side(s->client_side), over, end);
    if (s->resumed)
        return s->resumed_by;
    if (s->has_answer && suite_has_no_certificate(s->answer.cipher))
        return REASON_ANONYMOUS;
    return why_unseen(h, other_side(s->client_side), over, end);
}

static enum visibility_reason
client_reason(const struct handshake *h, bool over, enum flow_end end)
{
    const struct session *s = &h->session;
    const struct chain *chain = &s->chain[CLIENT];
    if (chain->seen)
        return seen_reason(h, chain, s->client_side);
    if (handshake_hides(h) && !s->answer.retry)
        return why_hidden(h, s->client_side, over, end);
    if (h->renegotiated)
        return REASON_RENEGOTIATION;
    if (s->resumed)
        return s->resumed_by;
    /* A client speaks of its certificate before its key exchange, or not at all. */
    if (s->client_cert_requested == NO)
        return REASON_NOT_REQUESTED;
    if (h->client_key_exchange && h->side[s->client_side].trouble == REASON_SEEN)
        return s->client_cert_requested == YES ? REASON_DECLINED : REASON_NOT_REQUESTED;
    return why_unseen(h, s->client_side, over, end);
}

static void
conclude(struct chain *chain, enum visibility_reason reason)
{
    chain->reason = reason;
    chain->visibility = reasons[reason].visibility;
}

void
visibility_conclude(struct handshake *h, bool over, enum flow_end end)
{
    conclude(&h->session.chain[SERVER], server_reason(h, over, end));
    conclude(&h->session.chain[CLIENT], client_reason(h, over, end));
}
