/* SPDX-License-Identifier: Apache-2.0
 *
 * Door: bytes of flows in, sessions out. A dissection finds TLS by what the bytes are, follows the
 * handshakes of its flows and tells each once.
 */
#ifndef CERTTAP_DISSECT_DISSECTION_H
#define CERTTAP_DISSECT_DISSECTION_H

#include "base/pool.h"
#include "capture/flow.h"
#include "dissect/certificate_store.h"
#include "dissect/keys/keyring.h"
#include "dissect/proof.h"
#include "dissect/session.h"

struct dissection_counts {
    uint64_t sessions;     /* told */
    uint64_t shed;         /* handshakes given up for lack of room */
    uint64_t certificates; /* entries of Certificate messages */
    struct key_counts keys;
    struct prover_counts proofs;
};

/* Whose proofs of possession are checked in every handshake. */
enum proving { PROVE_CLIENTS, PROVE_ALL, PROVE_NEVER };

struct dissection;

/* `pool` is the budget of handshakes and certificates; borrowed. */
struct dissection *dissection_new(struct pool *pool, struct session_listener listener);

/* Handshakes are opened with the keys in a store, as far as it has them. Before the first flow. */
void dissection_use_keys(struct dissection *dissection, const struct key_options *options);

/* What comes next is of this round: see key_store.h. */
void dissection_round(struct dissection *dissection, uint64_t round);

/* PROVE_CLIENTS, unless it is said. */
void dissection_set_proving(struct dissection *dissection, enum proving proving);

/* What the tracker tells. Valid until dissection_free. */
struct flow_listener dissection_listener(struct dissection *dissection);

/* Time goes on: tells sessions whose handshake is done and whose outcome will not get clearer. */
void dissection_tick(struct dissection *dissection, int64_t now_ns, uint64_t frame);

/* The flows of a capture are over: tells sessions that wait for keys still. */
void dissection_finish(struct dissection *dissection, uint64_t frame);

struct dissection_counts dissection_counts(const struct dissection *dissection);
struct certificate_store_counts dissection_store_counts(const struct dissection *dissection);

/* After the tracker that told it of flows is gone, and all sessions are released. */
void dissection_free(struct dissection *dissection);

#endif
