/* SPDX-License-Identifier: Apache-2.0
 *
 * The handshake of DTLS 1.3 behind its hellos (RFC 9147 section 4): the records of epoch 2, opened
 * with the handshake secrets that were given. Records may be lost, and come in any order.
 */
#ifndef CERTTAP_DISSECT_KEYS_DTLS_OPENING_H
#define CERTTAP_DISSECT_KEYS_DTLS_OPENING_H

#include "dissect/dtls_record.h"
#include "dissect/keys/tls_opening.h"

enum { DTLS_EPOCH_HANDSHAKE = 2 };

struct dtls_opening;

/* For a handshake whose hellos are known. NULL: no secret of it is there, or no room. */
struct dtls_opening *dtls_opening_new(
    struct keyring *ring, struct pool *pool, struct handshake *handshake);

void dtls_opening_free(struct dtls_opening *opening); /* wipes its secrets; NULL is fine */

/* A record of epoch 2. The text (of a handshake: fragments) is valid until the next call. */
enum opened dtls_opening_take(struct dtls_opening *opening, enum side from,
    const struct dtls_record *record, struct bytes *text);

#endif
