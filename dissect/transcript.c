/* SPDX-License-Identifier: Apache-2.0 */
#include "dissect/transcript.h"

#include "dissect/message.h"

void
transcript_lose(struct transcript *transcript, const char *why)
{
    if (!transcript->lost && !transcript->closed)
        transcript->lost = why;
}

/* Copies what is not lent; false when there is no room for it. */
static bool
keep_body(struct transcript *transcript, struct arena *arena, struct said *said)
{
    bool ok = true;
    if (said->body.len > TRANSCRIPT_MOST - transcript->copied)
        return false;
    said->body = arena_copy(arena, said->body, &ok);
    transcript->copied += said->body.len;
    return ok;
}

void
transcript_add(struct transcript *transcript, struct arena *arena, enum side from,
    const struct said *said, bool lent)
{
    if (transcript->closed || transcript->lost)
        return;
    struct said *kept =
        transcript->count < TRANSCRIPT_MESSAGES ? arena_take(arena, sizeof *kept) : NULL;
    if (!kept) {
        transcript_lose(transcript, "there was no room to keep the handshake");
        return;
    }
    *kept = *said;
    kept->next = NULL;
    if (!lent && !keep_body(transcript, arena, kept)) {
        transcript_lose(transcript, "there was no room to keep the handshake");
        return;
    }
    if (transcript->last[from])
        transcript->last[from]->next = kept;
    else
        transcript->first[from] = kept;
    transcript->last[from] = kept;
    transcript->count++;
    transcript->done |= said->type == MESSAGE_SERVER_HELLO_DONE;
    transcript->signed_for |= said->type == MESSAGE_CERTIFICATE_VERIFY;
    transcript->closed = transcript->done && transcript->signed_for;
}

void
transcript_go_on(
    struct transcript *transcript, struct arena *arena, const struct transcript *before)
{
    if (before->lost)
        transcript_lose(transcript, before->lost);
    for (enum side side = ORIGINATOR; side <= RESPONDER; side++)
        for (const struct said *said = before->first[side]; said; said = said->next) {
            transcript_add(transcript, arena, side, said, false);
            if (said->type == MESSAGE_FINISHED)
                break;
        }
}

const struct said *
transcript_find(const struct transcript *transcript, enum side from, uint8_t type)
{
    const struct said *said = transcript->first[from];
    while (said && said->type != type)
        said = said->next;
    return said;
}

/* ---- Order. */

static void
put(struct transcript_order *order, const struct said *said)
{
    order->at[order->len++] = said; /* as many as are kept have room */
}

/* A HelloRequest is hashed by nobody (RFC 5246 section 7.4.1.1). */
static const struct said *
skip_requests(const struct said *said)
{
    while (said && said->type == MESSAGE_HELLO_REQUEST)
        said = said->next;
    return said;
}

/* Puts what stands from `said` on up to the next of this type, which is returned. NULL: there is
 * none, or, in DTLS, a message before it is missing. */
static const struct said *
put_until(struct transcript_order *order, const struct said *said, uint8_t type, bool datagram)
{
    while (said && said->type != type) {
        const struct said *next = skip_requests(said->next);
        if (next && datagram && next->seq != (uint16_t)(said->seq + 1))
            return NULL;
        put(order, said);
        said = next;
    }
    return said;
}

static const struct said *
next_hello(const struct said *said)
{
    return said->next && said->next->type == MESSAGE_CLIENT_HELLO ? said->next : NULL;
}

/* What signatures up to TLS 1.2 begin with. DTLS has the client say its hello again with a cookie,
 * and only the last counts (RFC 6347 section 4.2.1). */
static const char *
begin(struct transcript_order *order, const struct said **client, const struct said **server,
    bool datagram)
{
    while (datagram && *server && (*server)->type == MESSAGE_HELLO_VERIFY_REQUEST)
        *server = (*server)->next;
    while (datagram && *client && next_hello(*client))
        *client = next_hello(*client);
    *server = skip_requests(*server);
    if (!*client || (*client)->type != MESSAGE_CLIENT_HELLO)
        return "the client's hello was not seen";
    if (!*server || (*server)->type != MESSAGE_SERVER_HELLO)
        return "the server's hello was not seen";
    if (next_hello(*client))
        return "there were two hellos";
    put(order, *client);
    return NULL;
}

/* RFC 5246 section 7.4.8: all from the hello on, without the signature itself. */
static const char *
before_client_12(struct transcript_order *order, const struct said *client,
    const struct said *server, bool datagram)
{
    const char *why = begin(order, &client, &server, datagram);
    if (why)
        return why;
    const struct said *done = put_until(order, server, MESSAGE_SERVER_HELLO_DONE, datagram);
    if (!done)
        return "the server's messages were not all seen";
    put(order, done);

    const struct said *rest = skip_requests(client->next);
    if (!rest || (datagram && rest->seq != (uint16_t)(client->seq + 1)))
        return "the client's messages were not all seen";
    size_t from = order->len;
    order->signature = put_until(order, rest, MESSAGE_CERTIFICATE_VERIFY, datagram);
    if (!order->signature)
        return "no signature was seen";
    bool exchanged = false;
    for (size_t i = from; i < order->len; i++)
        exchanged |= order->at[i]->type == MESSAGE_CLIENT_KEY_EXCHANGE;
    return exchanged ? NULL : "the client's messages were not all seen";
}

/* RFC 8446 section 4.4.1: a retry leaves of the hello before it a hash. Whether a ServerHello is
 * one is for its random to say, which whoever hears it knows; here the second tells. */
static const char *
begin_13(struct transcript_order *order, const struct said **client, const struct said **server)
{
    if (!*client || (*client)->type != MESSAGE_CLIENT_HELLO)
        return "the client's hello was not seen";
    if (!*server || (*server)->type != MESSAGE_SERVER_HELLO)
        return "the server's hello was not seen";
    bool retried = (*server)->next && (*server)->next->type == MESSAGE_SERVER_HELLO;
    if (retried) {
        order->retried = *client;
        *client = next_hello(*client);
        put(order, *server);
        *server = (*server)->next;
        if (!*client)
            return "the client's second hello was not seen";
    }
    if (next_hello(*client))
        return "there were too many hellos";
    put(order, *client);
    return NULL;
}

/* The request that a Certificate behind the handshake answers: both begin with the same context. */
static const struct said *
find_request(const struct said *server, const struct said *certificate)
{
    struct reader r = reader_over(certificate->body);
    struct bytes context = read_vec8(&r);
    for (; server; server = server->next) {
        struct reader request = reader_over(server->body);
        if (server->type == MESSAGE_CERTIFICATE_REQUEST &&
            bytes_equal(read_vec8(&request), context))
            return server;
    }
    return NULL;
}

/* RFC 8446 section 4.4: behind the handshake only the request and the certificate are added to it.
 */
static const char *
before_late_client_13(
    struct transcript_order *order, const struct said *client, const struct said *server)
{
    const struct said *certificate = client->next;
    put(order, client);
    if (!certificate || certificate->type != MESSAGE_CERTIFICATE || !certificate->next ||
        certificate->next->type != MESSAGE_CERTIFICATE_VERIFY)
        return "no signature was seen";
    const struct said *request = find_request(server, certificate);
    if (!request)
        return "the server's request was not seen";
    put(order, request);
    put(order, certificate);
    order->signature = certificate->next;
    return NULL;
}

static const char *
before_13(struct transcript_order *order, const struct said *client, const struct said *server,
    enum role role)
{
    const char *why = begin_13(order, &client, &server);
    if (why)
        return why;
    if (role == SERVER) {
        order->signature = put_until(order, server, MESSAGE_CERTIFICATE_VERIFY, false);
        return order->signature ? NULL : "no signature was seen";
    }
    const struct said *finished = put_until(order, server, MESSAGE_FINISHED, false);
    if (!finished)
        return "the server's messages were not all seen";
    put(order, finished);
    for (client = client->next; client; client = client->next) {
        if (client->type == MESSAGE_FINISHED)
            return before_late_client_13(order, client, finished->next);
        if (client->type == MESSAGE_CERTIFICATE_VERIFY) {
            order->signature = client;
            return NULL;
        }
        put(order, client);
    }
    return "no signature was seen";
}

const char *
transcript_before(const struct transcript *transcript, const struct transcript_how *how,
    enum role role, struct transcript_order *order)
{
    const struct said *client = transcript->first[how->client];
    const struct said *server = transcript->first[other_side(how->client)];
    *order = (struct transcript_order){0};
    if (transcript->lost)
        return transcript->lost;
    if (how->tls13)
        return before_13(order, client, server, role);
    return before_client_12(order, client, server, how->datagram);
}

/* ---- Bytes. */

static size_t
put_number(uint8_t *out, size_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        out[i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
    return bytes;
}

enum { LENGTH = 3 }; /* bytes of a length in a list of certificates, and of the list's own */

static size_t
list_length(const struct chain *chain)
{
    size_t len = 0;
    for (size_t i = 0; i < chain->len; i++)
        len += LENGTH + chain->at[i]->der.len;
    return len;
}

/* DTLS counts a message as if it had come in one fragment (RFC 6347 section 4.2.6). */
size_t
transcript_header(const struct said *said, bool datagram, uint8_t header[TRANSCRIPT_PREFIX])
{
    size_t length = said->chain ? LENGTH + list_length(said->chain) : said->body.len;
    size_t at = 0;
    if (said->bare)
        return 0;
    at += put_number(header + at, said->type, 1);
    at += put_number(header + at, length, 3);
    if (datagram) {
        at += put_number(header + at, said->seq, 2);
        at += put_number(header + at, 0, 3);
        at += put_number(header + at, length, 3);
    }
    return at;
}

bool
transcript_piece(
    const struct said *said, size_t nth, uint8_t prefix[TRANSCRIPT_PREFIX], struct bytes *piece)
{
    const struct chain *chain = said->chain;
    if (!chain) {
        *piece = said->body;
        return nth == 0;
    }
    if (nth == 0) {
        *piece = bytes_of(prefix, put_number(prefix, list_length(chain), LENGTH));
        return true;
    }
    size_t index = (nth - 1) / 2;
    if (index >= chain->len)
        return false;
    struct bytes der = chain->at[index]->der;
    *piece = nth % 2 ? bytes_of(prefix, put_number(prefix, der.len, LENGTH)) : der;
    return true;
}
