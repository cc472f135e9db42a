/* SPDX-License-Identifier: Apache-2.0
 *
 * Keeps each certificate once: a new one is hashed and read, one that was seen is recognised by an
 * exact comparison, which is a hundred times cheaper. Bounded: the one unused longest goes first.
 * One thread owns a store and counts the references.
 */
#ifndef CERTTAP_DISSECT_CERTIFICATE_STORE_H
#define CERTTAP_DISSECT_CERTIFICATE_STORE_H

#include "base/pool.h"
#include "dissect/certificate.h"

struct certificate_store;

/* `pool` is borrowed; it is the budget of all that is kept. */
struct certificate_store *certificate_store_new(struct pool *pool, size_t most);

/* The certificate in `der`; the caller owns a reference. NULL: no room even after letting go of
 * what nobody uses. Never NULL because of what the bytes are. */
const struct certificate *certificate_find(struct certificate_store *store, struct bytes der);

void certificate_unref(struct certificate_store *store, const struct certificate *certificate);

struct certificate_store_counts {
    uint64_t hits, misses, broken, evicted;
    size_t kept;
};
struct certificate_store_counts certificate_store_counts(const struct certificate_store *store);

/* All references must have been given back. */
void certificate_store_free(struct certificate_store *store);

/* Reads one certificate outside any store, for lists and tools: all it says is allocated from
 * `arena`. NULL only when the arena has no room. */
const struct certificate *certificate_read(struct arena *arena, struct bytes der);

/* A DER Name as certificates print theirs, allocated likewise; empty when it is none. */
struct bytes name_read(struct arena *arena, struct bytes der);

#endif
