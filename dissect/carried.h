/* SPDX-License-Identifier: Apache-2.0
 *
 * TLS that another protocol carries in packets of its own: EAP, OpenVPN, TDS. Whoever takes those
 * packets apart tells here what of TLS was in them: a side's bytes in order, that some of them are
 * missing, that a handshake begins anew, how it came out. Each handshake is told once, as a session
 * of its own.
 */
#ifndef CERTTAP_DISSECT_CARRIED_H
#define CERTTAP_DISSECT_CARRIED_H

#include "dissect/talk.h"
#include "dissect/tls_stream.h"

struct carried {
    struct talk *talk;       /* whose flow it is; borrowed */
    const char *carrier;     /* as ssl.log has it; static */
    bool has_client_address; /* a PROXY header named the real client */
    struct address client_address;
    bool judged;                 /* the carrier says in the end whether the client was let in */
    bool told;                   /* the latest handshake was: what follows is its data */
    struct handshake *handshake; /* NULL before the first byte, and when it was told */
    struct tls_stream tls;
};

void carried_open(struct carried *c, struct talk *talk, const char *carrier);

/* What follows belongs to a new handshake. The one under way is told, as it stands. */
void carried_begin(struct carried *c);

void carried_hear(struct carried *c, enum side from, struct bytes data);

/* Bytes of this side were lost. */
void carried_gap(struct carried *c, enum side from, uint64_t missing);
static const uint64_t MISSING_UNKNOWN = UINT64_MAX; /* nobody knows how many */

/* What the carrier says of the client in the end. Nothing more will come of this handshake. */
void carried_judge(struct carried *c, enum outcome outcome);

/* Tells the handshake that is under way, if there is one. `over`: the flow has ended. */
void carried_end(struct carried *c, bool over, enum flow_end why, uint64_t frame);

#endif
