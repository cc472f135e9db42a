/* SPDX-License-Identifier: Apache-2.0
 *
 * The records of one TLS 1.3 connection, opened with the secrets that were given (RFC 8446 section
 * 5.2): each side's handshake with its handshake secret and, where its traffic secret is known too,
 * what of a handshake comes later among the data. Data itself is never decrypted: of each record
 * behind the handshake only the byte that says what it is is looked at.
 *
 * A side that cannot be opened any further stops, and nothing is made up for it.
 */
#ifndef CERTTAP_DISSECT_KEYS_TLS_OPENING_H
#define CERTTAP_DISSECT_KEYS_TLS_OPENING_H

#include "dissect/handshake.h"
#include "dissect/keys/keyring.h"
#include "dissect/tls_record.h"

struct tls_opening;

/* For a handshake whose hellos are known. NULL: no secret of it is there, or no room. */
struct tls_opening *tls_opening_new(
    struct keyring *ring, struct pool *pool, struct handshake *handshake);

void tls_opening_free(struct tls_opening *opening); /* wipes its secrets; NULL is fine */

enum opened {
    OPENED_NOTHING, /* the record is not whole yet, is data, or stays closed */
    OPENED_HANDSHAKE,
    OPENED_ALERT,
};

/* Takes a piece of a record from behind the encryption. The text is valid until the next call. */
enum opened tls_opening_take(struct tls_opening *opening, enum side from,
    const struct record_piece *piece, struct bytes *text);

/* What was opened is heard: keys change where its messages say so. */
void tls_opening_heard(struct tls_opening *opening, enum side from);

/* Is either side listened to behind its handshake? */
bool tls_opening_follows(const struct tls_opening *opening);

/* What comes now is another handshake's. */
void tls_opening_go_on(struct tls_opening *opening, struct handshake *handshake);

enum opening_gap {
    GAP_INSIDE,      /* of the record that is being taken, of which more will come, */
    GAP_ENDS_RECORD, /* or will not */
    GAP_ANYWHERE,    /* where the next record begins is unknown */
};

/* Bytes are missing. */
void tls_opening_gap(struct tls_opening *opening, enum side from, enum opening_gap where);

#endif
