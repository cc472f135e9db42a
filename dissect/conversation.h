/* SPDX-License-Identifier: Apache-2.0
 *
 * One flow's way to a session: its first bytes are looked at, a preamble may be heard, TLS is found
 * and followed, the session is told, and the flow goes quiet.
 */
#ifndef CERTTAP_DISSECT_CONVERSATION_H
#define CERTTAP_DISSECT_CONVERSATION_H

#include "dissect/carried.h"
#include "dissect/dissection.h"
#include "dissect/preamble.h"
#include "dissect/talk.h"
#include "dissect/tls_stream.h"

struct dissection {
    struct pool *pool;
    struct session_listener listener;
    struct certificate_store *store;
    struct fingerprinter *fingerprinter;
    struct quic_opener *quic_opener;
    struct keyring *keys; /* NULL: none were given */
    struct prover *prover;
    enum proving proving;
    struct dissection_counts counts;
    struct talk *oldest; /* of those that are established and wait to be told */
    struct talk *newest;
    struct talk *oldest_waiting; /* of those that wait for keys */
    struct talk *newest_waiting;
    uint64_t keys_tried; /* the last round that brought some, and was tried */
};

enum stage {
    STAGE_LOOKING,  /* undecided: the first bytes of both sides are kept */
    STAGE_PREAMBLE, /* clear text that may come to TLS */
    STAGE_CARRIED,  /* TLS in packets of another protocol */
    STAGE_TLS,
    STAGE_SEARCHING, /* nothing that is known; TLS may still begin at some segment */
};

struct head {
    uint8_t *at;
    size_t len;
};

struct conversation {
    struct talk talk;
    enum stage stage;
    unsigned upgrades; /* preambles that were passed */
    const char *carrier;
    bool lossy; /* bytes were lost while looking */
    bool has_spoken;
    enum side first_side; /* who spoke first in this stage */
    struct head head[2];
    const struct preamble *preamble;
    void *state; /* of the preamble */
    bool has_client_address;
    struct address client_address;
    uint64_t searched[2];        /* bytes that were looked at without finding anything */
    struct handshake *handshake; /* NULL until TLS was found */
    struct tls_stream tls;
    struct carried carried; /* STAGE_CARRIED's */
};

/* NULL when there is no room. When it ends it is freed, and its flow goes quiet. */
struct conversation *conversation_new(struct dissection *dissection, struct flow *flow);

void conversation_hear(struct conversation *c, enum side from, struct bytes data);
void conversation_gap(struct conversation *c, enum side from, uint64_t missing);

/* A handshake for a flow of this dissection. NULL when there is no room. */
struct handshake *handshake_new(struct dissection *dissection, struct flow *flow);

/* A handshake for what may come behind this one, on the same connection: the same hellos and
 * server. NULL when there is no room. */
struct handshake *handshake_sequel(struct dissection *dissection, const struct handshake *before);

/* Tells the handshake's session, or forgets it when there is nothing to tell. */
void handshake_tell(struct dissection *dissection, struct handshake *h, bool over,
    enum flow_end why, uint64_t frame);

/* Tells an OCSP message in clear HTTP, a revocation list, or certificates as fetched_certificates()
 * gives them: the `nth` of its flow. */
void ocsp_tell(struct dissection *dissection, struct flow *flow, enum ocsp_source source,
    struct bytes der, unsigned nth);

#endif
