/* SPDX-License-Identifier: Apache-2.0
 *
 * A TLS 1.3 connection whose secrets are known: each side seals what it says, and the secrets stand
 * in a store.
 */
#ifndef CERTTAP_TESTS_SUPPORT_KEYED_H
#define CERTTAP_TESTS_SUPPORT_KEYED_H

#include "dissect/keys/keyring.h"
#include "dissect/session.h"
#include "tests/support/scene.h"
#include "tests/support/seal.h"

struct keyed {
    struct key_store *store;
    struct opener *opener;
    const struct suite *suite;
    struct secret secret[SECRET_LABELS];
    struct sealing sealing[2]; /* by role, as the next */
    uint64_t seq[2];
};

/* Secrets for the client that tls_client_hello() says; none is in the store yet. */
void keyed_begin(struct keyed *keyed, uint16_t cipher);
void keyed_end(struct keyed *keyed);

/* Puts one into the store, as from the beginning on. */
void keyed_give(struct keyed *keyed, enum secret_label label);
void keyed_give_all(struct keyed *keyed);

/* All of them come late: with this round, which is over so long after the packets. */
void keyed_come(struct keyed *keyed, struct scene *scene, uint64_t round, int64_t after_ns);

/* Which keys a side seals with from now on. */
void keyed_turn(struct keyed *keyed, enum role role, enum secret_label label);
void keyed_update(struct keyed *keyed, enum role role); /* the secret after its present one */

/* A record of that side. */
void keyed_say(
    struct keyed *keyed, struct text *out, enum role role, uint8_t type, struct bytes content);

/* A record with one handshake message. */
void keyed_message(
    struct keyed *keyed, struct text *out, enum role role, uint8_t type, struct bytes body);

/* The body of a TLS 1.3 Certificate message. */
void keyed_certificates(struct text *out, const struct bytes *certificates, size_t count);

/* ServerHello of the suite, and the server's flight up to Finished; `asks` for a certificate. */
void keyed_server_flight(struct keyed *keyed, struct text *out, const struct bytes *certificates,
    size_t count, bool asks);

/* The client's flight: `certificates` may be NULL (none was asked for). */
void keyed_client_flight(
    struct keyed *keyed, struct text *out, const struct bytes *certificates, size_t count);

#endif
