/* SPDX-License-Identifier: Apache-2.0
 *
 * What one side says behind its ChangeCipherSpec (DTLS up to 1.2): of each record only the length,
 * and mostly the type, can be known. Datagrams overtake each other, so it may come too early.
 */
#ifndef CERTTAP_DISSECT_DTLS_HIDDEN_H
#define CERTTAP_DISSECT_DTLS_HIDDEN_H

#include "dissect/dtls_record.h"
#include "dissect/handshake.h"

struct dtls_hidden {
    bool finished;          /* its first message behind the encryption was seen, … */
    size_t finished_length; /* … which had so many bytes */
    unsigned ahead;         /* encrypted records that came before its ChangeCipherSpec, … */
    unsigned ahead_data;    /* and those of them that were data */
};

/* `changed`: the side's ChangeCipherSpec was told. */
void dtls_hidden_hear(struct dtls_hidden *hidden, bool changed, struct handshake *handshake,
    enum side from, const struct dtls_record *record);

/* No more will come: what came too early counts after all. */
void dtls_hidden_end(const struct dtls_hidden *hidden, struct handshake *handshake, enum side from);

/* Did the side say less than it must have? Nothing stands in the place of a datagram that is lost,
 * but what follows it gives it away. */
bool dtls_hidden_tells_loss(const struct handshake *handshake, enum side side);

#endif
