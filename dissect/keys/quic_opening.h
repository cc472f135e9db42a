/* SPDX-License-Identifier: Apache-2.0
 *
 * The Handshake packets of one QUIC connection (RFC 9001 section 4.1.4), opened with the handshake
 * secrets that were given: what stands in TLS behind the hellos. Packets that come before their
 * keys wait.
 */
#ifndef CERTTAP_DISSECT_KEYS_QUIC_OPENING_H
#define CERTTAP_DISSECT_KEYS_QUIC_OPENING_H

#include "dissect/handshake.h"
#include "dissect/keys/keyring.h"
#include "dissect/quic_packet.h"

struct quic_opening;

struct quic_opening *quic_opening_new(struct keyring *ring, struct pool *pool); /* NULL: no room */

/* A whole Handshake packet. */
void quic_opening_take(
    struct quic_opening *opening, enum side from, const struct quic_packet *packet);

/* Both hellos are known: looks for the keys, unless they were found or given up, and hears what
 * waited. `version` decides what keys are called. True: they are waited for. `last`: they are not,
 * and half of them is better than nothing.
 */
bool quic_opening_find(
    struct quic_opening *opening, struct handshake *handshake, uint32_t version, bool last);

/* Nothing more will be heard. */
bool quic_opening_done(const struct quic_opening *opening);

/* Notes what is missing, wipes the keys, and is gone. */
void quic_opening_end(struct quic_opening *opening);

#endif
