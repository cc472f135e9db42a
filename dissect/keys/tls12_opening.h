/* SPDX-License-Identifier: Apache-2.0
 *
 * What is behind the encryption of a connection up to TLS 1.2, opened with its master secret: a
 * renegotiation is a whole handshake there, with certificates of its own. Servers that want a
 * client certificate for part of what they serve ask for it so.
 *
 * Records of handshakes and alerts are opened; those of data are counted, and nothing more.
 */
#ifndef CERTTAP_DISSECT_KEYS_TLS12_OPENING_H
#define CERTTAP_DISSECT_KEYS_TLS12_OPENING_H

#include "dissect/keys/tls_opening.h"

struct tls12_opening;

/* For a handshake whose hellos are known, before its first record behind the encryption. NULL: no
 * secret of it is there, its suite is none that is opened, or no room. */
struct tls12_opening *tls12_opening_new(
    struct keyring *ring, struct pool *pool, struct handshake *handshake);

void tls12_opening_free(struct tls12_opening *opening); /* wipes its secrets; NULL is fine */

/* As tls_opening_take(). A ChangeCipherSpec is no message: it is told by tls12_opening_change(). */
enum opened tls12_opening_take(struct tls12_opening *opening, enum side from,
    const struct record_piece *piece, struct bytes *text);

/* This side seals with the keys of another handshake from now on. */
void tls12_opening_change(struct tls12_opening *opening, enum side from, struct handshake *next);

void tls12_opening_gap(struct tls12_opening *opening, enum side from, enum opening_gap where);

/* Is what this side says read, from its next record on? */
bool tls12_opening_reads(const struct tls12_opening *opening, enum side from);

bool tls12_opening_follows(const struct tls12_opening *opening);

#endif
