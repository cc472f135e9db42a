/* SPDX-License-Identifier: Apache-2.0
 *
 * The keys of one connection's Initial packets: those that opened something are kept, and new ones
 * are tried as versions and ids change, by a Retry or in the server's answer (RFC 9368).
 *
 * The client is known by this alone: its first packet opens with the id that it is sent to, and no
 * other packet does.
 */
#ifndef CERTTAP_DISSECT_QUIC_OPENINGS_H
#define CERTTAP_DISSECT_QUIC_OPENINGS_H

#include "capture/flow.h"
#include "dissect/quic_keys.h"

enum { QUIC_OPENINGS_MOST = 3 };

/* Keys that opened something, and what they follow from. */
struct quic_initial_keys {
    uint32_t version;
    uint8_t id_len;
    uint8_t id[QUIC_ID_MOST];
    struct quic_keys keys[2]; /* client, server */
};

struct quic_openings {
    struct quic_opener *opener; /* borrowed */
    unsigned len;
    struct quic_initial_keys at[QUIC_OPENINGS_MOST]; /* the latest first */
    enum side client;                                /* a guess until something was opened */
    uint64_t largest[2];                             /* packet numbers, by side */
};

void quic_openings_begin(struct quic_openings *openings, struct quic_opener *opener);

enum quic_opened {
    QUIC_CLOSED, /* no key fits, or the packet is cut */
    QUIC_OPENED,
    QUIC_OPENED_ANEW, /* the client began (again), to another id */
};

/* `heard`: a packet was opened before; then only the client begins anew. The frames are valid until
 * the next call. */
enum quic_opened quic_openings_try(struct quic_openings *openings, enum side from, bool heard,
    const struct quic_packet *packet, struct bytes *frames);

#endif
