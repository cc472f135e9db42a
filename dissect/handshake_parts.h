/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files that follow a handshake share: handshake.c begins and concludes it,
 * handshake_messages.c hears its messages, handshake_records.c its records that cannot be read.
 */
#ifndef CERTTAP_DISSECT_HANDSHAKE_PARTS_H
#define CERTTAP_DISSECT_HANDSHAKE_PARTS_H

#include "dissect/handshake.h"

/* Something that only TLS says was seen: the session begins with the first of it. */
void handshake_note_first_sign(struct handshake *h);

/* Zeek's ssl_history: a letter a message, the client's in capitals, until it is established. */
void handshake_add_history(struct handshake *h, enum side from, char letter);

/* The sender of a ClientHello is the client, whoever opened the connection. */
void handshake_settle_roles(struct handshake *h, enum side client);

#endif
