/* SPDX-License-Identifier: Apache-2.0
 *
 * A sorted array of digests of one length, each with eight bytes of what it belongs to: exact,
 * small (the digest, eight bytes and about two more) and quick to say no.
 *
 * A miss, which is nearly every question, costs one look into an index; a hit one more, at its row.
 */
#ifndef CERTTAP_RULES_SETS_DIGEST_SET_H
#define CERTTAP_RULES_SETS_DIGEST_SET_H

#include "base/pool.h"
#include "rules/sets/line_index.h"

struct digest_set {
    size_t digest_len;       /* 16, 20 or 32 */
    struct pool *pool;       /* borrowed */
    uint8_t *rows;           /* digest, meta and line (both big-endian), one after another */
    size_t len, room;        /* in rows */
    struct line_index index; /* of no lines: there is none */
    uint8_t *index_memory;   /* where it lies, aligned */
};

/* What stands behind a digest: for the caller to understand. */
struct digest_row {
    uint32_t meta;
    uint32_t line;
    uint32_t place; /* for the caller's own use; not kept */
};

struct digest_set digest_set_new(struct pool *pool, size_t digest_len);
void digest_set_free(struct digest_set *set);

/* False when there is no room. Not after digest_set_finish. */
bool digest_set_add(struct digest_set *set, const uint8_t *digest, struct digest_row row);

/* Sorts, and drops a row whose digest and meta are those of another one: the lowest line stays.
 * `dropped` is told of each. */
void digest_set_finish(
    struct digest_set *set, void *owner, void (*dropped)(void *owner, struct digest_row row));

/* This will be asked for in a moment: what that needs is on its way from memory meanwhile. */
void digest_set_expect(const struct digest_set *set, const uint8_t *digest);

/* False: it has no row. True: it may, which is on its way. */
bool digest_set_may_have(const struct digest_set *set, const uint8_t *digest);

/* How many rows have `digest`, and where the first one stands. */
size_t digest_set_find(const struct digest_set *set, const uint8_t *digest, size_t *first);
const uint8_t *digest_set_at(const struct digest_set *set, size_t index);
struct digest_row digest_set_row(const struct digest_set *set, size_t index);

#endif
