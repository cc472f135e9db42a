/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of proof share: proof.c asks and concludes, proof_12.c and proof_13.c know how the
 * versions sign.
 */
#ifndef CERTTAP_DISSECT_PROOF_PARTS_H
#define CERTTAP_DISSECT_PROOF_PARTS_H

#include "base/text.h"
#include "dissect/handshake.h"
#include "dissect/proof.h"
#include "dissect/signature.h"

struct prover {
    struct verifier *verifier;
    struct prover_counts counts;
    struct text said;  /* what goes before a signature, and */
    struct text claim; /* what is signed */
    struct pool pool;
};

enum signing {
    SIGNING_UNKNOWN,
    SIGNING_SSL3,    /* as the next, but the client with the master secret too */
    SIGNING_IMPLIED, /* the key says with what */
    SIGNING_NAMED,   /* the signature says with what */
    SIGNING_CONTEXT, /* over a hash of what was said (RFC 8446 section 4.4.3) */
};

/* What is asked of a handshake. */
struct question {
    struct prover *prover;
    struct handshake *handshake;
    enum role role;
    const struct certificate *leaf;
    enum signing signing;
    bool datagram;
    enum signature_result result; /* when it could be checked */
};

/* Each says why the proof cannot be checked; NULL: it was, and the question's result says what came
 * of it. */
const char *proof_server_12(struct question *q);
const char *proof_client_12(struct question *q);
const char *proof_13(struct question *q);

/* Checks one signature over `what`. The scheme is named by `code`, or else follows from the key. */
const char *proof_check(struct question *q, const struct certificate *key, bool named,
    uint16_t code, struct bytes what, struct bytes signature);

/* What was said up to the signature. */
const char *proof_order(struct question *q, struct transcript_order *order);

/* A message as it is signed, with its header. */
void proof_add_said(struct text *out, const struct said *said, bool datagram);

#endif
