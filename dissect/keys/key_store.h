/* SPDX-License-Identifier: Apache-2.0
 *
 * Door: the secrets that were given, by the client random they belong to. One store for all shards:
 * the reader adds, workers look up, and a lock stands between them, which is asked once or twice a
 * handshake.
 *
 * What a lookup finds must not depend on how far the reader is ahead. So each secret carries the
 * round from which it counts and, once it was let go of, the round from which it no longer does;
 * who looks says in which round they are.
 */
#ifndef CERTTAP_DISSECT_KEYS_KEY_STORE_H
#define CERTTAP_DISSECT_KEYS_KEY_STORE_H

#include "dissect/keys/key_log.h"

struct key_store;

/* `limit`: bytes that secrets may take; the oldest are let go of beyond that. `rounds`: how many
 * rounds may be under way at once. */
struct key_store *key_store_new(size_t limit, uint64_t rounds);
void key_store_free(struct key_store *store); /* wipes what it held; NULL is fine */

/* The reader: a secret that counts from this round on. Rounds never go back. */
void key_store_add(struct key_store *store, const struct secret *secret, uint64_t round);

/* The reader: from this round on more secrets may come after the packets that they open. */
void key_store_expect(struct key_store *store, uint64_t round);

/* A worker: false when there is none. The copy is the caller's to wipe. */
bool key_store_find(struct key_store *store, struct bytes random, enum secret_label label,
    uint64_t round, struct secret *secret);

/* A worker: may secrets still come? */
bool key_store_expects(struct key_store *store, uint64_t round);

/* A worker: the last round up to this one that brought secrets. */
uint64_t key_store_latest(struct key_store *store, uint64_t round);

struct key_store_counts {
    uint64_t secrets; /* added, without those that were there already */
    uint64_t let_go;  /* of these, for lack of room */
    size_t kept;
    size_t bytes; /* that they take */
};
struct key_store_counts key_store_counts(struct key_store *store);

#endif
