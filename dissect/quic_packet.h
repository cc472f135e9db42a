/* SPDX-License-Identifier: Apache-2.0
 *
 * QUIC packets out of datagrams: the long headers of version 1 (RFC 9000 section 17.2), version 2
 * (RFC 9369) and the drafts from 22 on. What is behind a header is still protected.
 */
#ifndef CERTTAP_DISSECT_QUIC_PACKET_H
#define CERTTAP_DISSECT_QUIC_PACKET_H

#include "base/bytes.h"

enum { QUIC_ID_MOST = 20 }; /* bytes of a connection id */

enum quic_kind {
    QUIC_INITIAL,
    QUIC_ZERO_RTT,
    QUIC_HANDSHAKE,
    QUIC_RETRY,
    QUIC_NEGOTIATION, /* Version Negotiation */
    QUIC_SHORT,       /* everything behind the handshake */
    QUIC_UNKNOWN,     /* a long header of a version that we do not know */
};

struct quic_packet {
    enum quic_kind kind;
    uint8_t first;
    uint32_t version;      /* long headers only, as the ids */
    struct bytes to, from; /* destination and source connection id */
    struct bytes token;    /* QUIC_INITIAL */
    struct bytes header;   /* up to the packet number */
    struct bytes body;     /* packet number and payload, both protected */
    bool cut;              /* the datagram ends before the packet does */
};

/* How Initial packets of a version are protected (RFC 9001 section 5.2). */
struct quic_version {
    uint32_t first, last; /* numbers of the versions that do it so */
    uint8_t salt[20];
    bool second; /* the packet types and labels of version 2 */
};

/* The ways of a version, to be tried in turn: `nth` counts from 0. NULL: there are no more, or the
 * version is not one of ours. Most have one way. Numbers that are reserved to force a negotiation
 * (RFC 9000 section 15) say nothing of it: clients do as in the versions that they speak. */
const struct quic_version *quic_version_find(uint32_t version, unsigned nth);

/* A variable-length integer (RFC 9000 section 16). */
uint64_t quic_read_integer(struct reader *r);

/* Takes the next packet off the front of `datagram`; packets may be coalesced. False when there is
 * none: the datagram is empty, or what is left is no QUIC packet. Slices are of the datagram. */
bool quic_packet_next(struct bytes *datagram, struct quic_packet *packet);

#endif
