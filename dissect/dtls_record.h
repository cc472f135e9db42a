/* SPDX-License-Identifier: Apache-2.0
 *
 * DTLS records out of a datagram: the header of thirteen bytes (RFC 6347 section 4.1), the short
 * one of DTLS 1.3 ciphertext (RFC 9147 section 4), and records with a connection id (RFC 9146).
 * Several may stand in one datagram, and the datagram may come wrapped: WebRTC relays its DTLS in
 * STUN and TURN (RFC 8656 sections 11 and 12), access points theirs behind a CAPWAP preamble (RFC
 * 5415 section 4.2).
 */
#ifndef CERTTAP_DISSECT_DTLS_RECORD_H
#define CERTTAP_DISSECT_DTLS_RECORD_H

#include "base/bytes.h"

enum {
    DTLS_RECORD_HEADER = 13,
    DTLS_UNIFIED_MOST = 5 + 255, /* of DTLS 1.3, with a connection id of any length */
};

struct dtls_record {
    uint8_t type;        /* enum record_type; meaningless when `unified` */
    bool unified;        /* a ciphertext of DTLS 1.3 */
    uint16_t epoch;      /* 0: in the clear; of a unified one only the lowest two bits are known */
    struct bytes header; /* of a unified one; borrowed, as the body */
    size_t number_at, number_len; /* where in it its number is; 0: that is not known */
    size_t length;                /* on the wire */
    struct bytes body;            /* shorter than that when the capture cut it; borrowed */
};

/* What stands inside the datagram's wrapping; the datagram itself when it has none. `missing`
 * becomes what is missing of that. */
struct bytes dtls_unwrap(struct bytes datagram, uint32_t *missing);

enum { CONNECTION_ID_UNKNOWN = -1 };

/* Takes the next record off the front of an unwrapped datagram, of which `missing` bytes were cut
 * off. `id_length` is how many bytes a connection id of its sender has: while that is not known the
 * rest of the datagram behind one counts as a single ciphertext. False when there is no more, or
 * what is left is no record. */
bool dtls_record_next(
    struct bytes *data, uint32_t missing, int id_length, struct dtls_record *record);

/* Can this unwrapped datagram only be the beginning of a DTLS handshake, or a later part of it that
 * is still in the clear? */
bool dtls_begins_handshake(struct bytes data, uint32_t missing);

/* Has this datagram to do with ICE, so that DTLS may well follow (RFC 7983)? */
bool datagram_is_stun(struct bytes datagram);

#endif
