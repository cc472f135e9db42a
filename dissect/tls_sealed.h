/* SPDX-License-Identifier: Apache-2.0
 *
 * What a TLS stream says behind its encryption: opened where there are keys, kept where they may
 * come, and told to the handshake like anything else.
 */
#ifndef CERTTAP_DISSECT_TLS_SEALED_H
#define CERTTAP_DISSECT_TLS_SEALED_H

#include "dissect/handshake.h"
#include "dissect/keys/sealed_queue.h"
#include "dissect/keys/tls_opening.h"

struct tls_stream;
struct tls12_opening;

struct tls_sealed {
    struct tls_opening *opening; /* TLS 1.3; NULL while nothing is opened, as the next */
    struct tls12_opening *old;   /* before it */
    bool closed;                 /* nothing can be opened, unless keys come */
    bool waits;                  /* for them */
    struct sealed_queue queue;   /* meanwhile */

    /* Who listens to what comes behind the first handshake, set by whoever begins the stream: a
     * renegotiation begins, and its handshake is wanted. NULL: nobody does, and keys are not waited
     * for either. The answer may be NULL for lack of room. */
    struct handshake *(*anew)(void *owner);
    void *owner;
};

/* A piece of a record that is sealed. Only for handshakes with keys. */
void tls_sealed_hear(struct tls_stream *stream, enum side from, const struct record_piece *piece);

void tls_sealed_gap(struct tls_stream *stream, enum side from, enum opening_gap where);

/* For a stream that waits for keys: are they there now? `last`: it will not be asked again, and
 * half of them is better than nothing. What was kept is then heard, and the stream waits no longer.
 */
void tls_sealed_retry(struct tls_stream *stream, bool last);

/* May handshakes still come behind the one that was heard, and would they be seen? */
bool tls_sealed_follows(const struct tls_stream *stream);

/* What comes now is another handshake's. */
void tls_sealed_go_on(struct tls_stream *stream, struct handshake *handshake);

void tls_sealed_end(struct tls_stream *stream);

#endif
