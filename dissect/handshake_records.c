/* SPDX-License-Identifier: Apache-2.0
 *
 * What can be seen of a handshake once it is encrypted, and how far that shows that it went:
 * changes of ciphers, alerts, records of which only type and length are known.
 */
#include "dissect/handshake_parts.h"
#include "dissect/inference.h"
#include "dissect/keys/suite.h"
#include "dissect/message.h"
#include "dissect/tls_record.h"
#include "dissect/visibility.h"

/* Does this change of ciphers come so early that it can only be a resumption's? A full handshake
 * has ServerHelloDone before it, and the client's key exchange. */
static bool
is_resumption(const struct handshake *h, enum side from)
{
    const struct session *s = &h->session;
    if (!s->has_answer || h->side[from].trouble != REASON_SEEN)
        return false;
    if (handshake_role(h, from) == SERVER)
        return !h->hello_done && !s->chain[SERVER].seen;
    return s->hello.ticket.len && !s->hello.session_id.len && !h->client_key_exchange;
}

void
handshake_change_cipher(struct handshake *h, enum side from)
{
    handshake_note_first_sign(h);
    handshake_add_history(h, from, 'i');
    /* In TLS 1.3 it means nothing, and a client may send it before the server has answered. */
    bool may_be_13 = !h->session.has_answer && h->session.hello.supported_versions.len;
    if (handshake_hides(h) || may_be_13)
        return;
    h->side[from].encrypted = true;
    if (is_resumption(h, from) && !h->session.resumed) {
        h->session.resumed = true;
        h->session.resumed_by = h->session.hello.ticket.len ? REASON_TICKET : REASON_SESSION_ID;
    }
}

bool
handshake_accepted(const struct handshake *h)
{
    enum side client = h->session.client_side;
    if (!h->session.established || h->refused)
        return false;
    if (handshake_hides(h))
        return h->answered_client;
    return h->side[client].data_records && h->side[other_side(client)].data_records;
}

/* What either thinks of the other's certificate comes behind the encryption in TLS 1.3, and in a
 * renegotiation. */
static void
hear_opened_alert(struct handshake *h, enum side from, uint8_t level, uint8_t description)
{
    enum { CLOSE_NOTIFY = 0, USER_CANCELED = 90 };
    bool good_bye = description == CLOSE_NOTIFY || description == USER_CANCELED;
    enum { WARNING = 1 };
    bool done = handshake_role(h, from) == SERVER ? h->answered_client : h->side[from].finished;
    if (!handshake_hides(h))
        done = level == WARNING || handshake_accepted(h);
    if (done || good_bye)
        return;
    h->session.last_alert = description;
    h->session.refused[handshake_role(h, from)] = true;
    h->refused = true;
}

/* Is it an alert that ends a handshake? Some send what they think of a certificate as a warning,
 * and hang up (RFC 5246 section 7.2.2). */
static bool
refuses(uint8_t level, uint8_t description)
{
    enum { FATAL = 2, BAD_CERTIFICATE = 42, UNKNOWN_CA = 48 };
    return level == FATAL || (description >= BAD_CERTIFICATE && description <= UNKNOWN_CA);
}

void
handshake_alert(struct handshake *h, enum side from, uint8_t level, uint8_t description)
{
    handshake_note_first_sign(h);
    handshake_add_history(h, from, 'l');
    if (h->opened) {
        hear_opened_alert(h, from, level, description);
    } else if (!h->session.established) {
        h->session.last_alert = description;
        h->session.refused[handshake_role(h, from)] |= refuses(level, description);
    }
}

void
handshake_data(struct handshake *h, enum side from)
{
    if (handshake_role(h, from) != SERVER)
        return;
    h->server_data = true;
    h->answered_client |= h->side[other_side(from)].finished;
}

void
handshake_heartbeat(struct handshake *h, enum side from)
{
    handshake_note_first_sign(h);
    handshake_add_history(h, from, 'b');
}

/* Are this side's messages read behind the encryption? */
static bool
follows(const struct handshake *h, enum side side)
{
    return h->side[side].keyed && h->side[side].trouble == REASON_SEEN;
}

/* Is it as long as the client's Finished alone? */
static bool
may_be_finished(const struct handshake *h, size_t length)
{
    enum { INNER_TYPE = 1 };
    const struct suite *suite = suite_find(h->session.answer.cipher);
    return suite && length == (size_t)MESSAGE_HEADER + suite->hash + INNER_TYPE + suite->tag;
}

/* Has the client said what ends its handshake? Early data comes before that, and before the
 * server's flight, which is no answer to it: there only a Finished counts, behind the server's
 * first word. DTLS has an epoch of its own for early data, which is not heard at all. */
static void
note_client_turn(struct handshake *h, enum side from, size_t length)
{
    bool early = h->session.hello.early_data && h->transport != JA4_DTLS;
    if (!early || (h->side[other_side(from)].data_records && may_be_finished(h, length)))
        h->client_spoke = true;
}

static void
hear_ciphertext_13(struct handshake *h, enum side from, uint8_t record_type, size_t length)
{
    enum { ALERT_RECORD = 2 + 1 + 16 }; /* an alert, its type and the tag */
    if (record_type != RECORD_APPLICATION_DATA && record_type != RECORD_HANDSHAKE)
        return;
    h->side[from].encrypted = true;
    if (record_type == RECORD_HANDSHAKE)
        return; /* DTLS 1.3: its epoch says so */
    h->side[from].data_records++;
    flight_add(&h->side[from].flight, length);
    bool server = handshake_role(h, from) == SERVER;
    if (!server)
        note_client_turn(h, from, length);
    bool spoke =
        follows(h, other_side(from)) ? h->side[other_side(from)].finished : h->client_spoke;
    if (!server || !spoke || length <= ALERT_RECORD)
        return;
    h->answered_client = true;
    if (!h->session.answered && length <= UINT16_MAX)
        h->session.answered = (uint16_t)length;
}

static void
hear_ciphertext_12(struct handshake *h, enum side from, uint8_t record_type)
{
    struct spoken *side = &h->side[from];
    if (record_type == RECORD_APPLICATION_DATA) {
        side->data_records++;
    } else if (record_type == RECORD_HANDSHAKE) {
        side->hidden_messages++;
        /* The first is Finished; any more come of a renegotiation. */
        if (h->session.established && side->hidden_messages > 1 && !side->keyed)
            h->renegotiated = true;
    }
}

void
handshake_ciphertext(struct handshake *h, enum side from, uint8_t record_type, size_t length)
{
    h->side[from].ciphertexts++;
    if (handshake_hides(h))
        hear_ciphertext_13(h, from, record_type, length);
    else if (h->side[from].encrypted)
        hear_ciphertext_12(h, from, record_type);
    if (h->side[ORIGINATOR].encrypted && h->side[RESPONDER].encrypted)
        h->session.established = true;
}

bool
handshake_settled(const struct handshake *h)
{
    enum side client = h->session.client_side;
    if (!handshake_accepted(h))
        return false;
    if (handshake_hides(h) && handshake_issuing(h))
        return false;
    return !handshake_hides(h) || follows(h, client) || h->side[client].data_records > 1;
}
