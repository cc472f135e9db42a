/* SPDX-License-Identifier: Apache-2.0
 *
 * TLS for tests, as two endpoints would say it: talks of several turns, put together from messages
 * and records, and the handshakes that most tests begin with.
 */
#ifndef CERTTAP_TESTS_SUPPORT_TLS_H
#define CERTTAP_TESTS_SUPPORT_TLS_H

#include "base/text.h"
#include "dissect/session.h"

enum { TURNS_MOST = 16 };

/* What two sides say to each other, turn by turn. A zeroed talk is a valid empty one. */
struct talk {
    struct turn {
        enum side from;
        struct text said;
    } turn[TURNS_MOST];
    size_t len;
};

/* The text of a new turn, to be filled. */
struct text *talk_turn(struct talk *talk, enum side from);

/* A new turn in annotated hexadecimal. */
void talk_say(struct talk *talk, enum side from, const char *annotated);
void talk_free(struct talk *talk);

void tls_hex(struct text *out, const char *annotated);
void tls_message(struct text *out, uint8_t type, struct bytes body);
void tls_record(struct text *out, uint8_t type, struct bytes content);
void tls_record_hex(struct text *out, uint8_t type, const char *annotated);

/* A Certificate message of these certificates. */
void tls_certificates(struct text *out, const struct bytes *certificates, size_t count);

/* ClientHello and ServerHello in a record each. The client names the server "subject"; the answer
 * chooses TLS 1.2 and ECDHE-RSA, or TLS 1.3. */
void tls_client_hello(struct text *out);
void tls_server_hello(struct text *out);
void tls_server_hello_13(struct text *out);

/* Whole handshakes from the originator's hello on, with data of both sides at their ends. The
 * first: TLS 1.2, `count` certificates of the server, and as many of the client when `mutual`. */
void talk_tls12(struct talk *talk, const struct bytes *certificates, size_t count, bool mutual);
void talk_tls13(struct talk *talk, bool retry);

/* All a session says that its bytes decide, one "name=value" a line; times, frames and uid are left
 * out. */
void session_describe(const struct session *session, struct text *out);

#endif
