/* SPDX-License-Identifier: Apache-2.0
 *
 * The protection of Initial packets (RFC 9001 section 5). It hides nothing from an observer: the
 * keys follow from the connection id that the client's first packet was sent to.
 */
#ifndef CERTTAP_DISSECT_QUIC_KEYS_H
#define CERTTAP_DISSECT_QUIC_KEYS_H

#include "dissect/quic_packet.h"

enum { QUIC_KEY = 16, QUIC_IV = 12, QUIC_TAG = 16 };

struct quic_keys {
    uint8_t key[QUIC_KEY], iv[QUIC_IV], header[QUIC_KEY];
};

/* What one thread needs to derive keys and to open packets: asking the library for an algorithm
 * costs more than a packet does, so it is asked once. */
struct quic_opener;

struct quic_opener *quic_opener_new(void);
void quic_opener_free(struct quic_opener *opener); /* NULL is fine */

/* The keys of both ends for the first destination id of the client, by enum role. False when the
 * library refuses. */
bool quic_keys_derive(struct quic_opener *opener, const struct quic_version *version,
    struct bytes id, struct quic_keys keys[2]);

/* Takes the protection off an Initial packet. `largest` is the largest packet number seen of that
 * end (none: UINT64_MAX) and is kept up to date. The frames are valid until the next call. False:
 * other keys, or damaged. */
bool quic_packet_open(struct quic_opener *opener, const struct quic_keys *keys,
    const struct quic_packet *packet, uint64_t *largest, struct bytes *frames);

/* The number that is nearest to the one expected (RFC 9000 appendix A.3): `largest` is the largest
 * seen (none: UINT64_MAX), `low` are the bytes of it that are on the wire. */
uint64_t quic_whole_number(uint64_t largest, uint64_t low, size_t bytes);

#endif
