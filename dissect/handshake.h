/* SPDX-License-Identifier: Apache-2.0
 *
 * What was seen so far of one TLS handshake (RFC 8446 section 4, RFC 5246 section 7.3), whatever
 * carries it: TLS records, DTLS fragments or QUIC CRYPTO frames. Whoever frames the messages tells
 * them here; when it is over, session_tell() makes a session of it.
 *
 * Everything a handshake holds is taken from its arena and goes over to the session it becomes.
 */
#ifndef CERTTAP_DISSECT_HANDSHAKE_H
#define CERTTAP_DISSECT_HANDSHAKE_H

#include "dissect/certificate_store.h"
#include "dissect/session.h"
#include "dissect/transcript.h"

/* The lengths of a side's first encrypted records, in order. */
enum { FLIGHT_RECORDS = 20 };
struct flight {
    uint16_t lengths[FLIGHT_RECORDS];
    uint8_t count; /* one more than fit: there were more */
};

/* What is known of one side of the flow. */
struct spoken {
    bool encrypted;           /* its records are ciphertext from here on */
    uint32_t ciphertexts;     /* such records, and of them: */
    uint32_t hidden_messages; /* handshake messages (TLS up to 1.2) */
    uint32_t data_records;    /* application data, which in TLS 1.3 hides messages too */
    bool keyed;               /* what it says behind the encryption is, or was to be, opened */
    bool finished;            /* and its Finished was seen with it */
    unsigned key_updates;     /* likewise */
    struct flight flight;     /* TLS 1.3 */
    enum visibility_reason
        trouble; /* the first thing that kept us from seeing all; REASON_SEEN: none */
};

struct handshake {
    struct arena arena;
    struct certificate_store *store; /* borrowed, as the next two */
    struct fingerprinter *fingerprinter;
    struct flow *flow;
    struct session session; /* what is known so far */
    enum ja4_transport transport;
    bool client_known; /* session.client_side is no guess */
    bool any_message;  /* something that only TLS says was seen */
    bool half_hello;   /* the beginning of a ClientHello was */
    bool hello_done;   /* ServerHelloDone */
    bool client_key_exchange;
    bool renegotiated;    /* messages went by behind the encryption */
    enum outcome judged;  /* what the carrier said of the client in the end (EAP) */
    bool server_data;     /* TLS 1.3, opened: the server sent data */
    uint32_t client_then; /* the client's data records when the first ticket was given */
    bool client_spoke;    /* TLS 1.3: ciphertext from the client that is no early data */
    bool answered_client; /* TLS 1.3: ciphertext from the server after the client's */
    bool opened;          /* the message that is being heard was behind the encryption */
    bool sequel;          /* behind another handshake: told only when it shows a certificate */
    bool refused;         /* TLS 1.3: an alert in place of what was due */
    struct keyring *keys; /* borrowed; NULL: none were given */
    struct bytes hello, answer; /* the bodies of the hellos that count */
    size_t history_len;
    struct spoken side[2]; /* by enum side */
    struct transcript transcript;
    bool ambiguous;                 /* its flow was, while it was heard */
    struct bytes lent;              /* what is kept anyway of the message that is being heard, */
    const struct chain *lent_chain; /* or all of it, as certificates */
};

/* A whole message, in the clear or, with `opened` set, decrypted. `body` is borrowed; what is kept
 * of it is copied. One side's messages come in their order; those of the other may come before or
 * after. */
void handshake_hear(struct handshake *h, enum side from, uint8_t type, struct bytes body);

/* The same for DTLS, where messages have numbers, over which signatures are made too. */
void handshake_hear_numbered(
    struct handshake *h, enum side from, uint8_t type, uint16_t seq, struct bytes body);

/* A NewSessionTicket: up to TLS 1.2 in the clear, from a server that announced it (RFC 5077 section
 * 3.3); in TLS 1.3 only where keys opened it (RFC 8446 section 4.6.1). */
void handshake_hear_ticket(struct handshake *h, enum side from, struct bytes body);

/* TLS 1.3, opened: the server gave a ticket, and may be about to give more. */
bool handshake_issuing(const struct handshake *h);

/* Data went both ways: the server took what the client showed it. */
bool handshake_accepted(const struct handshake *h);

/* Whoever answers what the other side said has read it. Data in both directions shows it, and so do
 * TCP's acknowledgements of all that was said up to the end of the handshake. */
bool handshake_went_on(const struct handshake *h);

/* A message that was passed over: why it was not kept. */
void handshake_lose(struct handshake *h, enum side from, enum visibility_reason why);

void handshake_change_cipher(struct handshake *h, enum side from);
void handshake_alert(struct handshake *h, enum side from, uint8_t level, uint8_t description);
void handshake_heartbeat(struct handshake *h, enum side from);

/* A record of which only type and length can be seen. */
void handshake_ciphertext(struct handshake *h, enum side from, uint8_t record_type, size_t length);

/* A record of application data, as its opened type says. */
void handshake_data(struct handshake *h, enum side from);

/* Hellos that came in SSL 2.0 records; `body` is the record without its length. */
void handshake_hear_sslv2(struct handshake *h, enum side from, struct bytes body);

/* The beginning of a ClientHello was seen; should the rest be missing, it is told all the same. */
void handshake_begin(struct handshake *h, enum side client);

/* Nothing that comes later will make the session clearer. */
bool handshake_settled(const struct handshake *h);

/* It came so far that it is told, if nothing makes it clearer for a while. */
bool handshake_due(const struct handshake *h);

/* Does the server's version hide certificates? False while it is not known. */
bool handshake_hides(const struct handshake *h);

/* The handshake that a told session is a part of. */
struct handshake *handshake_of(struct session *session);

enum role handshake_role(const struct handshake *h, enum side side);

/* Was anything seen that deserves to be told? */
bool handshake_worth_telling(const struct handshake *h);

/* Finishes the session: visibility and its reasons, outcome, fingerprints, uid. `end` says how the
 * flow stands; `over` that it has ended. What the session holds then belongs to whoever is told. */
void handshake_conclude(struct handshake *h, bool over, enum flow_end end, uint64_t frame);

#endif
