/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificates that an OCSP response called revoked, whether it was stapled to a handshake or went
 * by in clear HTTP: remembered, as far as there is room, so that whoever shows one later is found.
 * They are known by their serial number and hashes of their issuer (RFC 6960 section 4.1.1).
 */
#ifndef CERTTAP_RULES_REVOKED_H
#define CERTTAP_RULES_REVOKED_H

#include "dissect/ocsp.h"
#include "dissect/session.h"

struct revocations;

/* What a response said of a certificate. */
struct revocation {
    int64_t at; /* seconds since 1970 */
    bool has_reason;
    uint8_t reason;
    bool stapled; /* to the very session that is looked at; else seen before, in `source` */
    bool checked; /* its signature was, and is right */
    bool refused; /* or wrong */
    enum ocsp_source source;
};

/* NULL is an empty one, which is made when something is first remembered. */
void revocations_free(struct revocations *revocations);

/* Takes what the session's OCSP message says. */
void revocations_observe(struct revocations **revocations, const struct session *session);

/* Was that certificate of the session called revoked? */
bool revocations_find(struct revocations *revocations, const struct session *session,
    enum role role, size_t index, struct revocation *revocation);

#endif
