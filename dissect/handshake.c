/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/handshake.h"

#include "dissect/certificate_compression.h"
#include "dissect/certificate_message.h"
#include "dissect/extensions.h"
#include "dissect/inference.h"
#include "dissect/message.h"
#include "dissect/names.h"
#include "dissect/ocsp.h"
#include "dissect/tls_record.h"
#include "dissect/visibility.h"

enum {
    FROM_CLIENT = 1 << CLIENT,
    FROM_SERVER = 1 << SERVER,
    FROM_ANYONE = FROM_CLIENT | FROM_SERVER,
};

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

static void
note_first_sign(struct handshake *h)
{
    if (!h->any_message)
        h->session.ts_ns = h->flow->last_ns;
    h->any_message = true;
}

/* Zeek's ssl_history: a letter a message, the client's in capitals, until it is established. */
static void
add_history(struct handshake *h, enum side from, char letter)
{
    if (h->session.established || h->opened || h->history_len + 1 >= HISTORY_TEXT)
        return; /* it tells what everybody could see, as Zeek's does */
    bool client = handshake_role(h, from) == CLIENT;
    h->session.history[h->history_len++] = (char)(client ? letter - 'a' + 'A' : letter);
}

/* The sender of a ClientHello is the client, whoever opened the connection. */
static void
settle_roles(struct handshake *h, enum side client)
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
    settle_roles(h, client);
}

static struct bytes
keep(struct handshake *h, enum side from, struct bytes body)
{
    bool ok;
    struct bytes copy = arena_copy(&h->arena, body, &ok);
    if (!ok)
        handshake_lose(h, from, REASON_SHED);
    h->lent = copy;
    return copy;
}

static void
hear_client_hello(struct handshake *h, enum side from, struct bytes body)
{
    settle_roles(h, from);
    if (h->session.has_hello)
        return; /* the second one after a retry, or in a clear renegotiation: the first counts */
    struct bytes kept = keep(h, from, body);
    h->hello = kept;
    client_hello_parse(kept, &h->session.hello);
    h->session.has_hello = kept.len > 0;
    h->half_hello |= kept.len == 0; /* no room for it: told all the same */
}

static void
take_answer(struct handshake *h, const struct server_hello *answer)
{
    struct session *s = &h->session;
    s->answer = *answer;
    s->has_answer = true;
    s->version = answer->version;
    if (answer->has_group) {
        s->has_curve = true;
        s->curve = answer->group;
    }
    if (version_hides_certificates(answer->version)) {
        if (answer->has_psk && s->hello.has_psk) {
            s->resumed = true;
            s->resumed_by = REASON_PSK;
        }
    } else if (s->hello.session_id.len && bytes_equal(s->hello.session_id, answer->session_id)) {
        s->resumed = true;
        s->resumed_by = s->hello.ticket.len ? REASON_TICKET : REASON_SESSION_ID;
    }
}

static void
hear_server_hello(struct handshake *h, enum side from, struct bytes body)
{
    struct server_hello answer;
    settle_roles(h, other_side(from));
    if (h->session.has_answer && !h->session.answer.retry)
        return;
    struct bytes kept = keep(h, from, body);
    h->answer = kept;
    bool good = server_hello_parse(kept, &answer);
    if (good || answer.random.len)
        take_answer(h, &answer);
}

/* Drafts of TLS 1.3 before 19 had a message of its own for it: version, group, no random. */
static void
hear_retry_request(struct handshake *h, enum side from, struct bytes body)
{
    (void)body;
    settle_roles(h, other_side(from));
}

static void
hear_verify_request(struct handshake *h, enum side from, struct bytes body)
{
    (void)body;
    settle_roles(h, other_side(from));
}

/* Does this side show a key in place of a certificate, as the server's hello says? */
static bool
shows_key(const struct handshake *h, enum side from)
{
    enum { RAW_PUBLIC_KEY = 2 }; /* RFC 7250 section 3 */
    const struct server_hello *answer = &h->session.answer;
    return RAW_PUBLIC_KEY == (handshake_role(h, from) == CLIENT ? answer->client_certificate_type
                                                                : answer->server_certificate_type);
}

static enum certificates_read
read_certificates(struct handshake *h, enum side from, struct bytes body, struct chain *chain)
{
    if (handshake_hides(h))
        return certificate_message_read_13(body, &h->arena, h->store, chain);
    if (shows_key(h, from))
        return certificate_message_read_key(body, &h->arena, h->store, chain);
    enum certificates_read read = certificate_message_read(body, &h->arena, h->store, chain);
    if (read == CERTIFICATES_READ && chain->len == chain->sent)
        h->lent_chain = chain; /* they are the message, and the store keeps them */
    return read;
}

/* The server's proof that its certificate was not revoked: kept as it came, the first of them. */
static void
keep_stapled(struct handshake *h, struct bytes response)
{
    enum { STAPLED_MOST = 64 << 10 };
    bool ok;
    if (!response.len || response.len > STAPLED_MOST || h->session.ocsp != OCSP_UNSEEN)
        return;
    h->session.ocsp_der = arena_copy(&h->arena, response, &ok);
    if (ok)
        h->session.ocsp = OCSP_IN_HANDSHAKE;
}

static void
hear_certificate_status(struct handshake *h, enum side from, struct bytes body)
{
    (void)from;
    keep_stapled(h, ocsp_of_certificate_status(body));
}

static void
hear_certificate(struct handshake *h, enum side from, struct bytes body)
{
    struct chain *chain = &h->session.chain[handshake_role(h, from)];
    if (chain->seen)
        return; /* in one handshake a side has one chain */
    enum certificates_read read = read_certificates(h, from, body, chain);
    chain->opened = h->opened;
    if (handshake_hides(h) && handshake_role(h, from) == SERVER)
        keep_stapled(h, certificate_message_stapled(body));
    switch (read) {
    case CERTIFICATES_READ:
        break;
    case CERTIFICATES_MALFORMED:
        handshake_lose(h, from, REASON_MALFORMED);
        break;
    case CERTIFICATES_NO_ROOM:
        handshake_lose(h, from, REASON_SHED);
        break;
    }
}

static void
hear_compressed_certificate(struct handshake *h, enum side from, struct bytes body)
{
    struct pool *pool = h->arena.pool;
    uint8_t *message;
    size_t len;
    if (!h->opened)
        return; /* in the clear there is none: it is a message of TLS 1.3 */
    switch (certificate_unpack(body, pool, &message, &len)) {
    case UNPACKED:
        hear_certificate(h, from, bytes_of(message, len));
        pool_give(pool, message, len);
        break;
    case UNPACKED_TOO_LARGE:
        handshake_lose(h, from, REASON_TOO_LARGE);
        break;
    case UNPACKED_NO_ROOM:
        handshake_lose(h, from, REASON_SHED);
        break;
    case UNPACKED_MALFORMED:
        handshake_lose(h, from, REASON_MALFORMED);
        break;
    }
}

/* The named curve of the server's ephemeral key (RFC 8422 section 5.4). */
static void
hear_server_key_exchange(struct handshake *h, enum side from, struct bytes body)
{
    enum { NAMED_CURVE = 3 };
    char buffer[NAME_BUFFER];
    (void)from;
    if (!h->session.has_answer || !strstr(cipher_name(h->session.answer.cipher, buffer), "ECDH"))
        return;
    struct reader r = reader_over(body);
    uint8_t kind = read_u8(&r);
    uint16_t curve = read_u16(&r);
    if (!r.bad && kind == NAMED_CURVE) {
        h->session.has_curve = true;
        h->session.curve = curve;
    }
}

static void
hear_certificate_request(struct handshake *h, enum side from, struct bytes body)
{
    (void)from;
    (void)body;
    if (h->sequel)
        h->session.ts_ns = h->flow->last_ns;
    h->session.client_cert_requested = YES;
}

static void
hear_hello_done(struct handshake *h, enum side from, struct bytes body)
{
    (void)from;
    (void)body;
    h->hello_done = true;
    if (h->session.client_cert_requested == UNKNOWN && h->side[from].trouble == REASON_SEEN)
        h->session.client_cert_requested = NO;
    if (h->session.client_cert_requested == NO)
        h->transcript.closed = true; /* the client will sign nothing */
}

/* What the server chose, behind the encryption (RFC 8446 section 4.3.1). */
static void
hear_encrypted_extensions(struct handshake *h, enum side from, struct bytes body)
{
    struct server_hello *answer = &h->session.answer;
    struct reader r = reader_over(keep(h, from, body));
    struct server_hello chosen = {0};
    if (!h->opened || !server_extensions_parse(read_vec16(&r), &chosen))
        return;
    answer->has_alpn = chosen.has_alpn;
    answer->alpn = chosen.alpn;
    answer->client_certificate_type = chosen.client_certificate_type;
    answer->server_certificate_type = chosen.server_certificate_type;
}

static void
hear_finished(struct handshake *h, enum side from, struct bytes body)
{
    (void)body;
    if (!h->opened || !handshake_hides(h))
        return;
    h->side[from].finished = true;
    bool asked = h->session.client_cert_requested != UNKNOWN;
    if (handshake_role(h, from) == SERVER && !asked && h->side[from].trouble == REASON_SEEN)
        h->session.client_cert_requested = NO;
}

static void
hear_key_update(struct handshake *h, enum side from, struct bytes body)
{
    (void)body;
    h->side[from].key_updates += h->opened;
}

static void
hear_client_key_exchange(struct handshake *h, enum side from, struct bytes body)
{
    (void)from;
    (void)body;
    h->client_key_exchange = true;
}

static const struct message {
    uint8_t type;
    char letter; /* in ssl_history */
    unsigned from;
    void (*hear)(struct handshake *h, enum side from, struct bytes body); /* NULL: only counted */
} messages[] = {
    {MESSAGE_HELLO_REQUEST, 'h', FROM_ANYONE, NULL},
    {MESSAGE_CLIENT_HELLO, 'c', FROM_ANYONE, hear_client_hello},
    {MESSAGE_SERVER_HELLO, 's', FROM_ANYONE, hear_server_hello},
    {MESSAGE_HELLO_VERIFY_REQUEST, 'v', FROM_ANYONE, hear_verify_request},
    {MESSAGE_NEW_SESSION_TICKET, 't', FROM_SERVER, handshake_hear_ticket},
    {MESSAGE_END_OF_EARLY_DATA, 'e', FROM_CLIENT, NULL},
    {MESSAGE_HELLO_RETRY_REQUEST, 'j', FROM_ANYONE, hear_retry_request},
    {MESSAGE_ENCRYPTED_EXTENSIONS, 'o', FROM_SERVER, hear_encrypted_extensions},
    {MESSAGE_CERTIFICATE, 'x', FROM_ANYONE, hear_certificate},
    {MESSAGE_SERVER_KEY_EXCHANGE, 'k', FROM_SERVER, hear_server_key_exchange},
    {MESSAGE_CERTIFICATE_REQUEST, 'r', FROM_SERVER, hear_certificate_request},
    {MESSAGE_SERVER_HELLO_DONE, 'n', FROM_SERVER, hear_hello_done},
    {MESSAGE_CERTIFICATE_VERIFY, 'y', FROM_ANYONE, NULL},
    {MESSAGE_CLIENT_KEY_EXCHANGE, 'g', FROM_CLIENT, hear_client_key_exchange},
    {MESSAGE_FINISHED, 'f', FROM_ANYONE, hear_finished},
    {MESSAGE_CERTIFICATE_URL, 'w', FROM_CLIENT, NULL},
    {MESSAGE_CERTIFICATE_STATUS, 'u', FROM_SERVER, hear_certificate_status},
    {MESSAGE_SUPPLEMENTAL_DATA, 'a', FROM_ANYONE, NULL},
    {MESSAGE_KEY_UPDATE, 'p', FROM_ANYONE, hear_key_update},
    {MESSAGE_COMPRESSED_CERTIFICATE, 'z', FROM_ANYONE, hear_compressed_certificate},
    {MESSAGE_HASH, 'm', FROM_ANYONE, NULL},
};

static const struct message *
message_find(uint8_t type)
{
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++)
        if (messages[i].type == type)
            return &messages[i];
    return NULL;
}

static void
record(struct handshake *h, enum side from, struct said said)
{
    bool lent = h->lent_chain || (h->lent.len && h->lent.len == said.body.len);
    if (h->lent_chain)
        said.body = (struct bytes){0};
    else if (lent)
        said.body = h->lent;
    said.chain = h->lent_chain;
    transcript_add(&h->transcript, &h->arena, from, &said, lent);
    h->lent = (struct bytes){0};
    h->lent_chain = NULL;
}

void
handshake_hear(struct handshake *h, enum side from, uint8_t type, struct bytes body)
{
    handshake_hear_numbered(h, from, type, 0, body);
}

void
handshake_hear_numbered(
    struct handshake *h, enum side from, uint8_t type, uint16_t seq, struct bytes body)
{
    const struct message *message = message_find(type);
    note_first_sign(h);
    bool expected =
        message && (message->from & 1U << handshake_role(h, from) || message->from == FROM_ANYONE);
    if (expected && message->hear)
        message->hear(h, from, body);
    record(h, from, (struct said){.type = type, .seq = seq, .body = body});

    char letter = message ? message->letter : 'z';
    if (type == MESSAGE_SERVER_HELLO && h->session.answer.retry)
        letter = 'j';
    add_history(h, from, letter);
}

void
handshake_hear_sslv2(struct handshake *h, enum side from, struct bytes body)
{
    enum { V2_CLIENT_HELLO = 1, V2_CLIENT_MASTER_KEY = 2, V2_SERVER_HELLO = 4 };
    struct session *s = &h->session;
    struct reader r = reader_over(body);
    uint8_t type = read_u8(&r);
    if (r.bad)
        return;
    note_first_sign(h);
    if (type == V2_CLIENT_HELLO && !s->has_hello) {
        settle_roles(h, from);
        struct bytes kept = keep(h, from, body);
        s->has_hello = client_hello_parse_sslv2(kept, &s->hello);
        record(h, from, (struct said){.type = MESSAGE_CLIENT_HELLO, .bare = true, .body = body});
        add_history(h, from, 'c');
    } else if (type == V2_SERVER_HELLO && !s->has_answer) {
        struct server_hello answer;
        struct bytes kept = keep(h, from, body);
        if (!server_hello_parse_sslv2(kept, &answer)) {
            handshake_lose(h, from, REASON_MALFORMED);
            return;
        }
        settle_roles(h, other_side(from));
        take_answer(h, &answer);
        s->resumed = answer.sslv2_resumed;
        s->resumed_by = s->resumed ? REASON_SESSION_ID : REASON_SEEN;
        add_history(h, from, 's');
        if (answer.sslv2_certificate.len && !certificate_message_add(answer.sslv2_certificate,
                                                &h->arena, h->store, &s->chain[SERVER]))
            handshake_lose(h, from, REASON_SHED);
    } else if (type == V2_CLIENT_MASTER_KEY && s->has_answer) {
        s->established = true;
    }
}

void
handshake_lose(struct handshake *h, enum side from, enum visibility_reason why)
{
    transcript_lose(&h->transcript, "not all of the handshake was seen");
    if (h->side[from].trouble == REASON_SEEN)
        h->side[from].trouble = why;
}

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
    note_first_sign(h);
    add_history(h, from, 'i');
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
    note_first_sign(h);
    add_history(h, from, 'l');
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
    note_first_sign(h);
    add_history(h, from, 'b');
}

/* Are this side's messages read behind the encryption? */
static bool
follows(const struct handshake *h, enum side side)
{
    return h->side[side].keyed && h->side[side].trouble == REASON_SEEN;
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
    bool spoke = follows(h, other_side(from)) ? h->side[other_side(from)].finished
                                              : h->side[other_side(from)].data_records;
    if (server && spoke && length > ALERT_RECORD)
        h->answered_client = true;
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
