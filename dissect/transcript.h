/* SPDX-License-Identifier: Apache-2.0
 *
 * What both sides said in a handshake, as the signatures in it need it: each is made over all that
 * was said before (RFC 8446 section 4.4.1, RFC 5246 section 7.4.8).
 *
 * Few handshakes hold a signature that is checked, so keeping must cost next to nothing: messages
 * that are kept anyway are lent, and nothing is hashed before it is asked for. Each side's messages
 * stand in a list of their own, because a capture may hold the two directions in any order: which
 * of the other side's messages come before one follows from the protocol.
 */
#ifndef CERTTAP_DISSECT_TRANSCRIPT_H
#define CERTTAP_DISSECT_TRANSCRIPT_H

#include "base/pool.h"
#include "dissect/session.h"

enum {
    TRANSCRIPT_MESSAGES = 32,    /* that are kept of one handshake; a flight has no ten */
    TRANSCRIPT_MOST = 256 << 10, /* bytes that are copied for it */
    TRANSCRIPT_PREFIX = 4 + 8,   /* the longest header of a message */
};

/* One message as it was said. */
struct said {
    struct said *next; /* of the same side */
    uint8_t type;      /* enum message_type */
    bool bare;         /* of an SSL 2.0 record, which is hashed without a header */
    uint16_t seq;      /* DTLS: its number */
    struct bytes body;
    const struct chain *chain; /* instead of `body`: a list of these certificates and no more */
};

/* Zeroed it is a valid empty one. */
struct transcript {
    struct said *first[2], *last[2]; /* by enum side */
    unsigned count;
    size_t copied;
    bool done;       /* ServerHelloDone was said, up to TLS 1.2 the server's last word before … */
    bool signed_for; /* … the client's CertificateVerify, which was too */
    bool closed;     /* no signature will come for which more were needed */
    const char *lost; /* static: why it is not whole; NULL while it is */
};

/* Adds what a side said. With `lent` what `said` points to stays until the arena is emptied, else
 * the body is copied. */
void transcript_add(struct transcript *transcript, struct arena *arena, enum side from,
    const struct said *said, bool lent);

/* It is not whole; the first reason counts, and none once it is closed. */
void transcript_lose(struct transcript *transcript, const char *why);

/* What is signed behind a handshake of TLS 1.3 begins with that handshake: up to both its ends. */
void transcript_go_on(
    struct transcript *transcript, struct arena *arena, const struct transcript *before);

/* What goes before a signature, in the order of the protocol. */
struct transcript_order {
    const struct said *at[TRANSCRIPT_MESSAGES];
    size_t len;
    const struct said *retried;   /* TLS 1.3: the hello before a retry, of which a hash counts */
    const struct said *signature; /* the CertificateVerify itself */
};

/* How a handshake's messages are put together. */
struct transcript_how {
    enum side client;
    bool tls13;    /* or DTLS 1.3 */
    bool datagram; /* DTLS up to 1.2: headers have numbers, and hellos may be sent back */
};

/* NULL when everything before the CertificateVerify of `role` is there; else why not, static. */
const char *transcript_before(const struct transcript *transcript, const struct transcript_how *how,
    enum role role, struct transcript_order *order);

/* The header of a message as signatures count it; returns its length, which may be 0. */
size_t transcript_header(const struct said *said, bool datagram, uint8_t header[TRANSCRIPT_PREFIX]);

/* The body of a message, piece by piece: of a chain there are two to each certificate and one
 * before. False when there are no more. `prefix` holds lengths that stand nowhere else. */
bool transcript_piece(
    const struct said *said, size_t nth, uint8_t prefix[TRANSCRIPT_PREFIX], struct bytes *piece);

/* The first message of this type that a side said; NULL: none. */
const struct said *transcript_find(
    const struct transcript *transcript, enum side from, uint8_t type);

#endif
