/* SPDX-License-Identifier: Apache-2.0
 *
 * TLS over a byte stream: both sides' records and messages, told to a handshake. Where bytes are
 * missing it finds its way again, as far as that can be done without guessing.
 */
#ifndef CERTTAP_DISSECT_TLS_STREAM_H
#define CERTTAP_DISSECT_TLS_STREAM_H

#include "dissect/handshake.h"
#include "dissect/message.h"
#include "dissect/tls_record.h"
#include "dissect/tls_sealed.h"

enum { SSLV2_RECORD_MOST = 16384 };

struct tls_side {
    struct record_framer framer;
    struct message_collector collector;
    uint8_t alert[2]; /* of an alert that is not whole yet */
    uint8_t alert_len;
    bool begun;     /* the first bytes were looked at */
    bool sslv2;     /* its records are SSL 2.0's */
    bool searching; /* behind a gap: looking for the next record */
    bool unaligned; /* the next record may begin in the middle of a message */
    bool sealed;    /* up to TLS 1.2: it changed to encryption */
};

struct tls_stream {
    struct handshake *handshake; /* borrowed */
    struct tls_side side[2];
    struct tls_sealed sealed;
};

/* Does `data` begin TLS? `length` of data that is needed to be sure is small: with fewer bytes the
 * answer may be MAYBE. `anywhere` also takes the middle of a handshake (nothing of the beginning
 * was captured). */
enum look { LOOK_NOT_MINE, LOOK_MAYBE, LOOK_MINE };
enum look tls_look(struct bytes data, bool anywhere);

void tls_stream_begin(struct tls_stream *stream, struct handshake *handshake, struct pool *pool);
void tls_stream_hear(struct tls_stream *stream, enum side from, struct bytes data);
void tls_stream_gap(struct tls_stream *stream, enum side from, uint64_t missing);

/* Neither side will be understood any more. */
bool tls_stream_lost(const struct tls_stream *stream);

/* Messages and alerts of a side that were opened. */
void tls_stream_hear_messages(struct tls_stream *stream, enum side from, struct bytes data);
void tls_stream_hear_alerts(struct tls_stream *stream, enum side from, struct bytes data);

/* Gives back what messages that are not whole hold. */
void tls_stream_end(struct tls_stream *stream);

#endif
