/* SPDX-License-Identifier: Apache-2.0
 *
 * What DTLS 1.3 says in its handshake's epoch, behind the hellos: opened where there are keys, and
 * kept where they may come. The secrets of the handshake are all that it takes.
 */
#ifndef CERTTAP_DISSECT_DTLS_SEALED_H
#define CERTTAP_DISSECT_DTLS_SEALED_H

#include "dissect/keys/dtls_opening.h"
#include "dissect/keys/sealed_queue.h"

/* Zeroed, with a pool in its queue, it waits for the first record. */
struct dtls_sealed {
    struct dtls_opening *opening; /* NULL while nothing is opened */
    bool closed;                  /* nothing can be opened, unless keys come */
    bool waits;                   /* for them */
    struct sealed_queue queue;    /* meanwhile */
};

/* A record of that epoch. The text is valid until the next call. Nothing is opened, too, of a
 * record that is kept. */
enum opened dtls_sealed_hear(struct dtls_sealed *sealed, struct handshake *handshake,
    enum side from, const struct dtls_record *record, struct bytes *text);

/* While it waits: are the keys there now? `last`: it will not be asked again, and half of them is
 * better than nothing. Once it waits no longer what was kept comes out of the next. */
void dtls_sealed_retry(struct dtls_sealed *sealed, struct handshake *handshake, bool last);

/* The next record that was kept and is opened now; false: there is none. */
bool dtls_sealed_next(struct dtls_sealed *sealed, struct handshake *handshake, enum side *from,
    enum opened *opened, struct bytes *text);

void dtls_sealed_end(struct dtls_sealed *sealed); /* for the next handshake */

#endif
