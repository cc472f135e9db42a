/* SPDX-License-Identifier: Apache-2.0
 *
 * What each message of a handshake says: the table messages[].
 */
#include "dissect/certificate_compression.h"
#include "dissect/certificate_message.h"
#include "dissect/extensions.h"
#include "dissect/handshake_parts.h"
#include "dissect/message.h"
#include "dissect/names.h"
#include "dissect/ocsp.h"
#include "dissect/visibility.h"

enum {
    FROM_CLIENT = 1 << CLIENT,
    FROM_SERVER = 1 << SERVER,
    FROM_ANYONE = FROM_CLIENT | FROM_SERVER,
};

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
    handshake_settle_roles(h, from);
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
    handshake_settle_roles(h, other_side(from));
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
    handshake_settle_roles(h, other_side(from));
}

static void
hear_verify_request(struct handshake *h, enum side from, struct bytes body)
{
    (void)body;
    handshake_settle_roles(h, other_side(from));
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
    handshake_note_first_sign(h);
    bool expected =
        message && (message->from & 1U << handshake_role(h, from) || message->from == FROM_ANYONE);
    if (expected && message->hear)
        message->hear(h, from, body);
    record(h, from, (struct said){.type = type, .seq = seq, .body = body});

    char letter = message ? message->letter : 'z';
    if (type == MESSAGE_SERVER_HELLO && h->session.answer.retry)
        letter = 'j';
    handshake_add_history(h, from, letter);
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
    handshake_note_first_sign(h);
    if (type == V2_CLIENT_HELLO && !s->has_hello) {
        handshake_settle_roles(h, from);
        struct bytes kept = keep(h, from, body);
        s->has_hello = client_hello_parse_sslv2(kept, &s->hello);
        record(h, from, (struct said){.type = MESSAGE_CLIENT_HELLO, .bare = true, .body = body});
        handshake_add_history(h, from, 'c');
    } else if (type == V2_SERVER_HELLO && !s->has_answer) {
        struct server_hello answer;
        struct bytes kept = keep(h, from, body);
        if (!server_hello_parse_sslv2(kept, &answer)) {
            handshake_lose(h, from, REASON_MALFORMED);
            return;
        }
        handshake_settle_roles(h, other_side(from));
        take_answer(h, &answer);
        s->resumed = answer.sslv2_resumed;
        s->resumed_by = s->resumed ? REASON_SESSION_ID : REASON_SEEN;
        handshake_add_history(h, from, 's');
        if (answer.sslv2_certificate.len && !certificate_message_add(answer.sslv2_certificate,
                                                &h->arena, h->store, &s->chain[SERVER]))
            handshake_lose(h, from, REASON_SHED);
    } else if (type == V2_CLIENT_MASTER_KEY && s->has_answer) {
        uint32_t cipher = read_u24(&r);
        if (!r.bad)
            s->answer.sslv2_cipher = cipher;
        s->established = true;
    }
}
