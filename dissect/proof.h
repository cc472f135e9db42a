/* SPDX-License-Identifier: Apache-2.0
 *
 * Door: does who shows a certificate hold its key? A client proves it by its CertificateVerify, a
 * server by signing its share of the key exchange, in TLS 1.3 by a CertificateVerify too. A
 * certificate alone proves nothing: it is no secret.
 */
#ifndef CERTTAP_DISSECT_PROOF_H
#define CERTTAP_DISSECT_PROOF_H

#include "dissect/session.h"

/* What one thread needs to check proofs. */
struct prover;

struct prover_counts {
    uint64_t verified, failed;
    uint64_t unable;  /* something was missing, or is nothing that can be checked */
    uint64_t skipped; /* because there were too many at once */
};

struct prover *prover_new(void);
void prover_free(struct prover *prover); /* NULL is fine */
struct prover_counts prover_counts(const struct prover *prover);

/* Packet time goes on; with it comes time for more. */
void prover_tick(struct prover *prover, int64_t now_ns);

/* Checks the proof of that side, unless it was, and notes what came of it in the session, which a
 * dissection has told and which was not released. */
void session_prove(struct prover *prover, struct session *session, enum role role);

#endif
